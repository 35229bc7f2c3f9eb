//! The Lambda function: connects the handler with the Lambda runtime, the table and the queue of dead letters.

// The futures of the SDK's clients and the runtime's, one inside the other, are deeper than the compiler looks.
#![recursion_limit = "256"]

use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use queue::Queue;
use record_result::App;
use runtime::Runtime;
use store::Store;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let app = App {
        runtime: Runtime::from_environment()?,
        store: Store::from_environment().await?,
        dead_letters: Queue::from_environment("RESULT_DEAD_LETTER_QUEUE_URL").await?,
    };
    let app = &app;
    run(service_fn(
        |event: LambdaEvent<_>| async move { Ok::<_, Error>(record_result::handle(app, event.payload).await) },
    ))
    .await
}
