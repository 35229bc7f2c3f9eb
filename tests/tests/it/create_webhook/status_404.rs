use reqwest::Method;
use serde_json::json;
use tests::api::ErrorCode;
use tests::{TestServer, body};

/// A deleted webhook stays deleted: its create is not carried out again under the same key.
#[tokio::test]
pub async fn a_repeat_after_the_webhook_was_deleted_finds_nothing() {
    let company = TestServer::start().await.company().create().await;
    let create = || company.post("/webhooks").json(&body::webhook()).idempotent("k");
    let id = create().answered(201).await.id();
    company.request(Method::DELETE, &format!("/webhooks/{id}")).answered(204).await;
    let answer = create().refused(ErrorCode::ResourceNotFound).await;
    assert_eq!((&answer.body["resourceType"], &answer.body["resourceId"]), (&json!("WEBHOOK"), &json!(id)));
}
