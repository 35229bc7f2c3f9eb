//! The Lambda function: connects the handler with the Lambda runtime and the table.

use lambda_http::Error;
use manage_interviews::App;
use runtime::Runtime;
use store::Store;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let app = &App { runtime: Runtime::from_environment()?, store: Store::from_environment().await? };
    app.store.warm_up_or_complain().await;
    api::run(|event| manage_interviews::handle(app, event)).await
}
