use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use tests::api::Route;
use tests::{Answer, TestServer, body};

use crate::any_route::repeats;

/// A webhook with every field.
pub fn full() -> Value {
    json!({
        "url": "https://hooks.example.com/greenroom?tenant=17",
        "events": ["INTERVIEW_STARTED", "interview.completed", "ping"],
        "name": "Žofia's",
        "description": "For the\nwarehouse.",
        "headers": [{"name": "Authorization", "value": "Bearer hush"}, {"name": "X-Team", "value": "north"}],
    })
}

/// The secret that an answer shows, 32 bytes as Standard Webhooks writes them.
fn secret(answer: &Answer) -> String {
    let secret = answer.text_of("signingSecret");
    let bytes = BASE64_STANDARD.decode(secret.strip_prefix("whsec_").expect("a prefix")).expect("base64");
    assert_eq!(bytes.len(), 32);
    secret.to_owned()
}

#[tokio::test]
pub async fn a_webhook_is_answered_as_it_was_sent_with_its_secret_and_without_its_headers() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let answer = company.created("/webhooks", &full()).await;
    let made = json!({
        "id": answer.id(),
        "companyId": company.id,
        "events": ["interview.started", "interview.completed", "ping"],
        "headers": [{"name": "Authorization", "value": "********"}, {"name": "X-Team", "value": "********"}],
        "isActive": true,
        "circuit": {"state": "CLOSED", "consecutiveFailures": 0},
        "signingSecret": secret(&answer),
        "createdAt": "2026-05-15T10:20:30.456Z",
        "updatedAt": "2026-05-15T10:20:30.456Z",
    });
    assert_eq!(answer.body, body::with(full(), made));
    assert_eq!(answer.header("cache-control"), Some("no-store"));

    let read = company.get(&format!("/webhooks/{}", answer.id())).answered(200).await;
    assert_eq!(read.body, body::without(answer.body, "signingSecret"));
}

#[tokio::test]
pub async fn null_and_empty_text_mean_absent() {
    let company = TestServer::start().await.company().create().await;
    for absent in [json!(null), json!("")] {
        let sent = body::with(body::webhook(), json!({"name": absent, "description": absent, "headers": null}));
        let answer = company.created("/webhooks", &sent).await;
        assert!(answer.body.get("name").is_none() && answer.body.get("description").is_none(), "{answer}");
        assert_eq!(answer.body["headers"], json!([]));
    }
}

#[tokio::test]
pub async fn each_webhook_has_a_secret_of_its_own_and_a_repeat_the_same_until_it_is_replaced() {
    let company = TestServer::start().await.company().create().await;
    let create = |key: &str| company.post("/webhooks").json(&body::webhook()).idempotent(key).answered(201);
    let first = create("one").await;
    assert_ne!(secret(&first), secret(&create("another").await));
    assert_eq!(secret(&create("one").await), secret(&first));
    company.post(&format!("/webhooks/{}/rotate-secret", first.id())).answered(200).await;
    let replay = create("one").await;
    assert!(replay.replayed() && replay.body.get("signingSecret").is_none(), "{replay}");
}

#[tokio::test]
pub async fn a_company_s_key_may_name_its_own_company() {
    let company = TestServer::start().await.company().create().await;
    let named = company.created("/webhooks", &body::with(body::webhook(), json!({"companyId": company.id}))).await;
    assert_eq!(named.body["companyId"], json!(company.id));
}

#[tokio::test]
pub async fn a_system_s_webhook_is_for_all_its_companies_or_for_one() {
    let server = TestServer::start().await;
    let ats = server.ats().await;
    let company = server.company().managed_by(ats).create().await;
    let (_, key) = server.ats_key(ats).create().await;
    let create = |body: &Value| server.post("/webhooks").key(&key).json(body).answered(201);
    let all = create(&body::webhook()).await;
    assert!(all.body.get("companyId").is_none(), "{all}");
    assert_eq!(all.log["atsId"], json!(ats));
    let one = create(&body::with(body::webhook(), json!({"companyId": company.id}))).await;
    assert_eq!(one.body["companyId"], json!(company.id));
}

#[tokio::test]
pub async fn another_spelling_is_the_same_request() {
    let spellings = [
        r#"{"url":"https://example.com","events":["interview.completed","ping"],"headers":[{"name":"X-A","value":"ab"}]}"#,
        r#" { "headers" : [ {"value":"a\u0062", "name":"X-A"} ], "events":["INTERVIEW_COMPLETED","PING"],
            "url":"https://example.com", "name":null } "#,
        r#"{"url":"https://example.com","events":["interview.completed","ping","INTERVIEW_COMPLETED"],
            "headers":[{"name":"X-A","value":"ab"}],"companyId":null}"#,
    ];
    repeats::another_spelling_is_the_same_request(Route::CreateWebhook, &spellings.map(str::to_owned)).await;
}

#[tokio::test]
pub async fn a_key_is_scoped_by_its_owner_company_or_system() {
    let server = TestServer::start().await;
    let ats = server.ats().await;
    let company = server.company().managed_by(ats).create().await;
    let sibling = server.company().managed_by(ats).create().await;
    let keys = [company.key.clone(), sibling.key.clone(), server.ats_key(ats).create().await.1];
    let mut ids = Vec::new();
    for key in &keys {
        let answer = server.post("/webhooks").key(key).json(&body::webhook()).idempotent("k").answered(201).await;
        assert!(!answer.replayed());
        ids.push(answer.id());
    }
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 3);
    // Any key of the same owner repeats the same.
    let other_key = server.ats_key(ats).create().await.1;
    let replay = server.post("/webhooks").key(&other_key).json(&body::webhook()).idempotent("k").answered(201).await;
    assert!(replay.replayed());
}

/// So that whoever stops a key that got out finds what it left behind. Callers are not told.
#[tokio::test]
async fn a_webhook_remembers_the_key_that_created_it_whatever_changes_it_later() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let (id, key) = company.api_key().create().await;
    let body = json!({"url": "https://example.com/hooks", "events": ["interview.completed"]});
    let created = server.post("/webhooks").key(&key).json(&body).answered(201).await;
    let stored = async || server.store().webhook(created.id().parse().unwrap(), None).await.unwrap();
    assert_eq!(stored().await.created_by_key_id, Some(id));
    company.patch(&format!("/webhooks/{}", created.id())).json(&json!({"name": "Ours"})).answered(200).await;
    assert_eq!(stored().await.created_by_key_id, Some(id));
    assert!(created.body.get("createdByKeyId").is_none(), "{created}");
}
