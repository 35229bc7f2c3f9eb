//! The Lambda function: connects the handler with the Lambda runtime and the table.

use create_interview::App;
use lambda_http::{Error, Request, run, service_fn};
use runtime::Runtime;
use store::Store;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let app = &App { runtime: Runtime::from_environment()?, store: Store::from_environment().await? };
    app.store.warm_up_or_complain().await;
    run(service_fn(|request: Request| async move { Ok::<_, Error>(create_interview::handle(app, request).await) }))
        .await
}
