use tests::api::Route;

use crate::any_route::callers;

#[tokio::test]
pub async fn a_key_works_from_its_addresses_only() {
    callers::a_key_works_from_its_addresses_only(Route::ListWebhooks).await;
}

#[tokio::test]
pub async fn a_missing_scope_is_named() {
    callers::a_missing_scope_is_named(Route::ListWebhooks).await;
}
