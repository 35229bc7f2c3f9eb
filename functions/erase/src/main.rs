//! The Lambda function: connects the handler with the Lambda runtime and the table.

// The futures of the SDK's clients and the runtime's, one inside the other, are deeper than the compiler looks.
#![recursion_limit = "256"]

use erase::App;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use runtime::Runtime;
use store::Store;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let app = &App { runtime: Runtime::from_environment()?, store: Store::from_environment().await? };
    run(service_fn(|event: LambdaEvent<_>| async move { Ok::<_, Error>(erase::handle(app, event.payload).await) }))
        .await
}
