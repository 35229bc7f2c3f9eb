use tests::api::LIST_DELIVERIES;

use crate::any_route::webhooks;

#[tokio::test]
pub async fn an_unknown_webhook_is_not_found() {
    webhooks::an_unknown_webhook_is_not_found(LIST_DELIVERIES).await;
}
