//! The Lambda function: connects the handler with the Lambda runtime.

use lambda_http::Error;
use not_found::App;
use runtime::Runtime;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let document_url = std::env::var("DOCUMENT_URL").ok().filter(|url| !url.is_empty());
    let app = &App { runtime: Runtime::from_environment()?, document_url };
    api::run(|event| not_found::handle(app, event)).await
}
