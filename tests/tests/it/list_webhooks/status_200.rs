use reqwest::Method;
use serde_json::{Value, json};
use tests::{TestServer, body};

#[tokio::test]
pub async fn an_owner_sees_its_own_webhooks_oldest_first_without_secrets() {
    let server = TestServer::start().await;
    let ats = server.ats().await;
    let company = server.company().managed_by(ats).create().await;
    let sibling = server.company().managed_by(ats).create().await;
    let (_, ats_key) = server.ats_key(ats).create().await;
    let mut owned = Vec::new();
    for key in [&company.key, &sibling.key, &ats_key] {
        let listed = server.request(Method::GET, "/webhooks").key(key).answered(200).await;
        assert_eq!(listed.body, json!({"items": []}));
        let mut created: Vec<Value> = Vec::new();
        for name in ["first", "second", "third"] {
            let headers = json!([{"name": "X-Token", "value": "hush-hush"}]);
            let sent = body::with(body::webhook(), json!({"name": name, "headers": headers}));
            let answer = server.post("/webhooks").key(key).json(&sent).answered(201).await;
            created.insert(0, body::without(answer.body, "signingSecret"));
            server.pass(std::time::Duration::from_millis(1));
        }
        owned.push((key, created));
    }
    for (key, created) in owned {
        for query in ["".to_owned(), format!("?companyId={}", company.id), "?companyId=1".to_owned()] {
            let listed = server.request(Method::GET, &format!("/webhooks{query}")).key(key).answered(200).await;
            assert_eq!(listed.body, json!({"items": created}));
            assert!(!listed.text.contains("hush") && !listed.text.contains("whsec_"), "{listed}");
        }
    }
}

#[tokio::test]
pub async fn what_is_deleted_is_not_listed() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let (kept, deleted) = (server.webhook_of(&company.key).await, server.webhook_of(&company.key).await);
    company.request(Method::DELETE, &format!("/webhooks/{deleted}")).answered(204).await;
    let listed = company.get("/webhooks").answered(200).await;
    let ids: Vec<&Value> = listed.body["items"].as_array().expect("a list").iter().map(|one| &one["id"]).collect();
    assert_eq!(ids, [&json!(kept)]);
}
