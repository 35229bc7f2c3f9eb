use reqwest::Method;
use serde_json::{Value, json};
use tests::{World, body};

#[tokio::test]
pub async fn an_owner_sees_its_own_webhooks_oldest_first_without_secrets() {
    let world = World::start().await;
    let ats = world.ats().await;
    let company = world.company().managed_by(ats).create().await;
    let sibling = world.company().managed_by(ats).create().await;
    let (_, ats_key) = world.ats_key(ats).create().await;
    let mut owned = Vec::new();
    for key in [&company.key, &sibling.key, &ats_key] {
        let listed = world.request(Method::GET, "/webhooks").key(key).answered(200).await;
        assert_eq!(listed.body, json!({"webhooks": []}));
        let mut created: Vec<Value> = Vec::new();
        for name in ["first", "second", "third"] {
            let headers = json!([{"name": "X-Token", "value": "hush-hush"}]);
            let sent = body::with(body::webhook(), json!({"name": name, "headers": headers}));
            let answer = world.post("/webhooks").key(key).json(&sent).answered(201).await;
            created.push(body::without(answer.body, "signingSecret"));
            world.pass(std::time::Duration::from_millis(1));
        }
        owned.push((key, created));
    }
    for (key, created) in owned {
        for query in ["".to_owned(), format!("?companyId={}", company.id), "?companyId=1&cursor=x".to_owned()] {
            let listed = world.request(Method::GET, &format!("/webhooks{query}")).key(key).answered(200).await;
            assert_eq!(listed.body, json!({"webhooks": created}));
            assert!(!listed.text.contains("hush") && !listed.text.contains("whsec_"), "{listed}");
        }
    }
}

#[tokio::test]
pub async fn what_is_deleted_is_not_listed() {
    let world = World::start().await;
    let company = world.company().create().await;
    let (kept, deleted) = (world.webhook_of(&company.key).await, world.webhook_of(&company.key).await);
    company.request(Method::DELETE, &format!("/webhooks/{deleted}")).answered(204).await;
    let listed = company.get("/webhooks").answered(200).await;
    let ids: Vec<&Value> = listed.body["webhooks"].as_array().expect("a list").iter().map(|one| &one["id"]).collect();
    assert_eq!(ids, [&json!(kept)]);
}
