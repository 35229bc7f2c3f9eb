use tests::api::Route;

use crate::any_route::callers;

#[tokio::test]
pub async fn malformed_keys_are_refused_without_the_table() {
    callers::malformed_keys_are_refused_without_the_table(Route::ListDeliveries).await;
}

#[tokio::test]
pub async fn an_unknown_key_is_refused() {
    callers::an_unknown_key_is_refused(Route::ListDeliveries).await;
}

#[tokio::test]
pub async fn revoked_and_expired_keys_are_refused() {
    callers::revoked_and_expired_keys_are_refused(Route::ListDeliveries).await;
}

#[tokio::test]
pub async fn a_suspended_key_is_refused() {
    callers::a_suspended_key_is_refused(Route::ListDeliveries).await;
}
