use tests::api::RESET_WEBHOOK_CIRCUIT;

use crate::any_route::webhooks;

#[tokio::test]
pub async fn an_unknown_webhook_is_not_found() {
    webhooks::an_unknown_webhook_is_not_found(RESET_WEBHOOK_CIRCUIT).await;
}
