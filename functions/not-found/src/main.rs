//! The Lambda function: wires the handler to the runtime.

use api::{Edge, Request};
use lambda_http::{Error, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let edge = &Edge::of_system();
    run(service_fn(|request: Request| async move { Ok::<_, Error>(not_found::handle(edge, request).await) })).await
}
