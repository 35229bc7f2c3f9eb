//! The Lambda function: connects the handler with the Lambda runtime, the table, the queues, the vault and the network.

// The futures of the SDK's clients and the runtime's, one inside the other, are deeper than the compiler looks.
#![recursion_limit = "256"]

use std::sync::Arc;

use deliver_webhook::App;
use delivery::WebhookClient;
use domain::delivery::RetrySchedule;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use queue::Queue;
use runtime::Runtime;
use store::Store;
use vault::Vault;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let app = App {
        runtime: Runtime::from_environment()?,
        store: Store::from_environment().await?,
        queue: Queue::from_environment("DELIVERY_QUEUE_URL").await?,
        dead_letters: Queue::from_environment("DEAD_LETTER_QUEUE_URL").await?,
        vault: Vault::from_environment().await?,
        webhook_client: WebhookClient::from_environment()?,
        schedule: RetrySchedule::STANDARD,
        jitter: Arc::new(fastrand::f64),
    };
    let app = &app;
    run(service_fn(
        |event: LambdaEvent<_>| async move { Ok::<_, Error>(deliver_webhook::handle(app, event.payload).await) },
    ))
    .await
}
