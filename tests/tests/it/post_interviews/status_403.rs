use tests::api::CREATE_INTERVIEW;

use crate::any_route::callers;

// Foreign resources have a file of their own: `isolation`.

#[tokio::test]
pub async fn a_key_works_from_its_addresses_only() {
    callers::a_key_works_from_its_addresses_only(CREATE_INTERVIEW).await;
}

#[tokio::test]
pub async fn a_missing_scope_is_named() {
    callers::a_missing_scope_is_named(CREATE_INTERVIEW).await;
}

#[tokio::test]
pub async fn the_earliest_stage_at_fault_answers() {
    callers::the_earliest_stage_at_fault_answers(CREATE_INTERVIEW).await;
}
