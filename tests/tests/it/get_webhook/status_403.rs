use tests::api::Route;

use crate::any_route::{callers, webhooks};

#[tokio::test]
pub async fn a_key_works_from_its_addresses_only() {
    callers::a_key_works_from_its_addresses_only(Route::GetWebhook).await;
}

#[tokio::test]
pub async fn a_missing_scope_is_named() {
    callers::a_missing_scope_is_named(Route::GetWebhook).await;
}

#[tokio::test]
pub async fn the_earliest_stage_at_fault_answers() {
    webhooks::the_earliest_stage_at_fault_answers(Route::GetWebhook).await;
}

#[tokio::test]
pub async fn somebody_else_s_webhook_is_denied() {
    webhooks::somebody_else_s_webhook_is_denied(Route::GetWebhook).await;
}
