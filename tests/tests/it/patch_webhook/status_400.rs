use serde_json::json;
use tests::TestServer;
use tests::api::{ErrorCode, Route};

use crate::any_route::{bodies, webhooks};

#[tokio::test]
pub async fn a_malformed_id_in_the_path_is_refused() {
    webhooks::a_malformed_id_in_the_path_is_refused(Route::ChangeWebhook).await;
}

#[tokio::test]
pub async fn what_is_no_json_object_is_malformed() {
    bodies::what_is_no_json_object_is_malformed(Route::ChangeWebhook).await;
}

#[tokio::test]
pub async fn deep_nesting_is_refused() {
    bodies::deep_nesting_is_refused(Route::ChangeWebhook).await;
}

#[tokio::test]
pub async fn unknown_and_doubled_fields_are_refused() {
    bodies::unknown_and_doubled_fields_are_refused(Route::ChangeWebhook).await;
}

#[tokio::test]
pub async fn path_and_body_are_refused_together() {
    let company = TestServer::start().await.company().create().await;
    let body = json!({"isActive": "no", "events": [], "headers": [{"name": "Host", "value": "x"}]});
    let answer = company.patch("/webhooks/1").json(&body).refused(ErrorCode::ValidationFailed).await;
    let expected =
        [("path:id", "uuid"), ("/events", "minItems"), ("/headers/0/name", "reserved"), ("/isActive", "type")];
    assert_eq!(answer.issues(), expected.map(|(pointer, rule)| (pointer.to_owned(), rule.to_owned())));
}
