use serde_json::{Value, json};
use tests::{Answer, Company, TestServer, body};

async fn created(company: &Company) -> Answer {
    let headers = json!([{"name": "X-Token", "value": "hush"}]);
    let members = json!({"name": "Ours", "description": "For the warehouse", "headers": headers});
    company.created("/webhooks", &body::with(body::webhook(), members)).await
}

#[tokio::test]
pub async fn what_is_given_is_changed_and_the_rest_stays() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let id = created(&company).await.id();
    let path = format!("/webhooks/{id}");
    let mut expected = company.get(&path).answered(200).await.body;
    for (sent, members) in [
        (json!({}), json!({})),
        (json!({"url": "https://example.com/other"}), json!({"url": "https://example.com/other"})),
        (json!({"events": ["PING", "ping"]}), json!({"events": ["ping"]})),
        (json!({"name": "Another", "url": null}), json!({"name": "Another"})),
        (json!({"description": "ž"}), json!({"description": "ž"})),
        (
            json!({"headers": [{"name": "X-A", "value": "1"}, {"name": "X-B", "value": "2"}]}),
            json!({"headers": [{"name": "X-A", "value": "********"}, {"name": "X-B", "value": "********"}]}),
        ),
        (json!({"headers": []}), json!({"headers": []})),
        (json!({"isActive": false}), json!({"isActive": false, "pauseReason": "REQUESTED"})),
        (json!({"companyId": company.id}), json!({})),
    ] {
        server.pass(std::time::Duration::from_secs(1));
        let changed = company.patch(&path).json(&sent).answered(200).await;
        expected = body::with(body::with(expected, members), json!({"updatedAt": server.now()}));
        assert_eq!(changed.body, expected, "{sent}");
        assert_eq!(company.get(&path).answered(200).await.body, expected);
    }
    let resumed =
        company.patch(&path).json(&json!({"isActive": true, "name": "", "description": ""})).answered(200).await;
    for absent in ["pauseReason", "name", "description"] {
        assert_eq!(resumed.body.get(absent), None::<&Value>, "{resumed}");
    }
    assert_eq!(resumed.body["isActive"], true);
}

#[tokio::test]
pub async fn a_system_confines_its_webhook_to_a_company_that_it_manages() {
    let server = TestServer::start().await;
    let ats = server.ats().await;
    let company = server.company().managed_by(ats).create().await;
    let (_, key) = server.ats_key(ats).create().await;
    let path = format!("/webhooks/{}", server.webhook_of(&key).await);
    let change = |body: Value| server.request(reqwest::Method::PATCH, &path).key(&key).json(&body);
    assert_eq!(change(json!({"name": "All"})).answered(200).await.body.get("companyId"), None);
    assert_eq!(change(json!({"companyId": company.id})).answered(200).await.body["companyId"], json!(company.id));
    assert_eq!(change(json!({"name": "One"})).answered(200).await.body["companyId"], json!(company.id));
}
