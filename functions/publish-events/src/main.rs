//! The Lambda function: connects the handler with the Lambda runtime, the table and the queue.

// The futures of the SDK's clients and the runtime's, one inside the other, are deeper than the compiler looks.
#![recursion_limit = "256"]

use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use publish_events::App;
use queue::Queue;
use runtime::Runtime;
use store::Store;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let app = App {
        runtime: Runtime::from_environment()?,
        store: Store::from_environment().await?,
        queue: Queue::from_environment("DELIVERY_QUEUE_URL").await?,
    };
    let app = &app;
    run(service_fn(
        |event: LambdaEvent<_>| async move { Ok::<_, Error>(publish_events::handle(app, event.payload).await) },
    ))
    .await
}
