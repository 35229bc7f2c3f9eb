//! The Lambda function: wires the handler to the runtime and to the table.

use api::{App, Request, Runtime};
use lambda_http::{Error, run, service_fn};
use store::Store;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let app = App { runtime: Runtime::of_system(), store: Store::from_environment().await? };
    if let Err(error) = app.store.warm_up().await {
        // The first caller will find out whether it matters.
        eprintln!("warming up: {error}");
    }
    let app = &app;
    run(service_fn(|request: Request| async move { Ok::<_, Error>(create_agent::handle(app, request).await) })).await
}
