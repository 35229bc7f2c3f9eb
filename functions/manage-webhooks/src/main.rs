//! The Lambda function: wires the handler to the runtime, to the table, to the queue, to the key and to the world.

use api::{Request, Runtime};
use delivery::WebhookClient;
use lambda_http::{Error, run, service_fn};
use manage_webhooks::App;
use queue::Queue;
use store::Store;
use vault::Vault;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let app = App {
        runtime: Runtime::of_system(),
        store: Store::from_environment().await?,
        vault: Vault::from_environment().await?,
        queue: Queue::from_environment("DELIVERY_QUEUE_URL").await?,
        webhook_client: WebhookClient::from_environment()?,
    };
    if let Err(error) = app.store.warm_up().await {
        // The first caller will find out whether it matters.
        eprintln!("warming up: {error}");
    }
    let app = &app;
    run(service_fn(|request: Request| async move { Ok::<_, Error>(manage_webhooks::handle(app, request).await) })).await
}
