use tests::api::Route;

use crate::any_route::webhooks;

#[tokio::test]
pub async fn an_unknown_webhook_is_not_found() {
    webhooks::an_unknown_webhook_is_not_found(Route::ChangeWebhook).await;
}
