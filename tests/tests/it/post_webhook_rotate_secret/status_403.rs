use tests::api::ROTATE_WEBHOOK_SECRET;

use crate::any_route::{callers, webhooks};

#[tokio::test]
pub async fn a_key_works_from_its_addresses_only() {
    callers::a_key_works_from_its_addresses_only(ROTATE_WEBHOOK_SECRET).await;
}

#[tokio::test]
pub async fn a_missing_scope_is_named() {
    callers::a_missing_scope_is_named(ROTATE_WEBHOOK_SECRET).await;
}

#[tokio::test]
pub async fn the_earliest_stage_at_fault_answers() {
    webhooks::the_earliest_stage_at_fault_answers(ROTATE_WEBHOOK_SECRET).await;
}

#[tokio::test]
pub async fn somebody_else_s_webhook_is_denied() {
    webhooks::somebody_else_s_webhook_is_denied(ROTATE_WEBHOOK_SECRET).await;
}
