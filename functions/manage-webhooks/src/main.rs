//! The Lambda function: connects the handler with the Lambda runtime, the table, the queue, the vault and the network.

use delivery::WebhookClient;
use domain::webhook::{AddressProof, InvalidAddressProof};
use lambda_http::Error;
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
        address_proof: match std::env::var("WEBHOOK_CHALLENGE") {
            Ok(text) => text.parse().map_err(|error: InvalidAddressProof| format!("WEBHOOK_CHALLENGE {error}"))?,
            Err(_) => AddressProof::default(),
        },
        domain_name: std::env::var("DOMAIN_NAME").ok().filter(|name| !name.is_empty()),
    };
    app.store.warm_up_or_complain().await;
    api::run(|event| manage_webhooks::handle(app, event)).await
}
