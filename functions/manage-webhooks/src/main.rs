//! The Lambda function: connects the handler with the Lambda runtime, the table, the queue, the vault and the network.

use delivery::WebhookClient;
use lambda_http::{Error, Request, run, service_fn};
use manage_webhooks::App;
use queue::Queue;
use runtime::Runtime;
use store::Store;
use vault::Vault;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let app = &App {
        runtime: Runtime::from_environment()?,
        store: Store::from_environment().await?,
        vault: Vault::from_environment().await?,
        queue: Queue::from_environment("DELIVERY_QUEUE_URL").await?,
        webhook_client: WebhookClient::from_environment()?,
    };
    app.store.warm_up_or_complain().await;
    run(service_fn(|request: Request| async move { Ok::<_, Error>(manage_webhooks::handle(app, request).await) })).await
}
