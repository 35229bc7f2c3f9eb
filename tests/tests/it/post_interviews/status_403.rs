use tests::api::Route;

use crate::any_route::callers;

// Foreign resources have a file of their own: `isolation`.

#[tokio::test]
pub async fn a_key_works_from_its_addresses_only() {
    callers::a_key_works_from_its_addresses_only(Route::CreateInterview).await;
}

#[tokio::test]
pub async fn a_missing_scope_is_named() {
    callers::a_missing_scope_is_named(Route::CreateInterview).await;
}

#[tokio::test]
pub async fn the_earliest_stage_at_fault_answers() {
    callers::the_earliest_stage_at_fault_answers(Route::CreateInterview).await;
}
