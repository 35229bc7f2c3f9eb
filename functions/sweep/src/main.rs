//! The Lambda function: connects the handler with the Lambda runtime, the table and the queue.

// The futures of the SDK's clients and the runtime's, one inside the other, are deeper than the compiler looks.
#![recursion_limit = "256"]

use domain::delivery::RetrySchedule;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use queue::Queue;
use runtime::Runtime;
use serde_json::Value;
use store::Store;
use sweep::App;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let app = App {
        runtime: Runtime::from_environment()?,
        store: Store::from_environment().await?,
        queue: Queue::from_environment("DELIVERY_QUEUE_URL").await?,
        schedule: RetrySchedule::STANDARD,
    };
    let app = &app;
    run(service_fn(|_: LambdaEvent<Value>| async move {
        sweep::handle(app).await;
        Ok::<_, Error>(())
    }))
    .await
}
