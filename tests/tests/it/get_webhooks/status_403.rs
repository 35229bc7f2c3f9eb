use tests::api::LIST_WEBHOOKS;

use crate::any_route::callers;

#[tokio::test]
pub async fn a_key_works_from_its_addresses_only() {
    callers::a_key_works_from_its_addresses_only(LIST_WEBHOOKS).await;
}

#[tokio::test]
pub async fn a_missing_scope_is_named() {
    callers::a_missing_scope_is_named(LIST_WEBHOOKS).await;
}
