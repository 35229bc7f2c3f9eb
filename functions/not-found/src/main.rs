//! The Lambda function: connects the handler with the Lambda runtime.

use lambda_http::{Error, Request, run, service_fn};
use runtime::Runtime;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let runtime = &Runtime::of_system();
    run(service_fn(|request: Request| async move { Ok::<_, Error>(not_found::handle(runtime, request).await) })).await
}
