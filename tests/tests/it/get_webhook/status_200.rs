use serde_json::json;
use tests::{TestServer, body};

#[tokio::test]
pub async fn a_webhook_is_shown_without_its_secrets() {
    let company = TestServer::start().await.company().create().await;
    let headers = json!([{"name": "Authorization", "value": "Bearer hush-hush"}]);
    let created = company.created("/webhooks", &body::with(body::webhook(), json!({"headers": headers}))).await;
    let shown = company.get(&format!("/webhooks/{}", created.id())).answered(200).await;
    assert_eq!(shown.body, body::without(created.body, "signingSecret"));
    assert_eq!(shown.body["headers"], json!([{"name": "Authorization", "value": "********"}]));
    assert!(!shown.text.contains("hush") && !shown.text.contains("whsec_"), "{shown}");
}
