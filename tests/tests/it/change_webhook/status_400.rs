use serde_json::json;
use tests::TestServer;
use tests::api::ErrorCode;

#[tokio::test]
pub async fn path_and_body_are_refused_together() {
    let company = TestServer::start().await.company().create().await;
    let body = json!({"isActive": "no", "events": [], "headers": [{"name": "Host", "value": "x"}]});
    let answer = company.patch("/webhooks/1").json(&body).refused(ErrorCode::ValidationFailed).await;
    let expected =
        [("path:id", "uuid"), ("/events", "minItems"), ("/headers/0/name", "reserved"), ("/isActive", "type")];
    assert_eq!(answer.issues(), expected.map(|(pointer, rule)| (pointer.to_owned(), rule.to_owned())));
}
