//! The Lambda function: wires the handler to the runtime.

use api::{Request, Runtime};
use lambda_http::{Error, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let runtime = &Runtime::of_system();
    run(service_fn(|request: Request| async move { Ok::<_, Error>(not_found::handle(runtime, request).await) })).await
}
