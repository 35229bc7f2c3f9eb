use serde_json::{Value, json};
use tests::faults::Operation::{TransactWriteItems, UpdateItem};
use tests::faults::{Fault, FaultScript};
use tests::{Answer, Company, Events, TestServer, WebhookReceiver, body};

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
        (json!({"url": "https://example.com/other"}), json!({"url": "https://example.com/other"})),
        (json!({"events": ["PING", "ping"]}), json!({"events": ["ping"]})),
        (json!({"name": "Another", "isActive": true}), json!({"name": "Another"})),
        (json!({"description": "ž"}), json!({"description": "ž"})),
        (
            json!({"headers": [{"name": "X-A", "value": "1"}, {"name": "X-B", "value": "2"}]}),
            json!({"headers": [{"name": "X-A", "value": "********"}, {"name": "X-B", "value": "********"}]}),
        ),
        (json!({"headers": []}), json!({"headers": []})),
        (json!({"isActive": false}), json!({"isActive": false, "pauseReason": "REQUESTED"})),
        (json!({"isActive": null}), json!({"isActive": true, "pauseReason": null})),
    ] {
        server.pass(std::time::Duration::from_secs(1));
        let changed = company.patch(&path).json(&sent).answered(200).await;
        expected = body::with(body::with(expected, members), json!({"updatedAt": server.now()}));
        expected.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        assert_eq!(changed.body, expected, "{sent}");
        assert_eq!(company.get(&path).answered(200).await.body, expected);
    }
}

/// Each field that may be absent is removed by `null`, and by an empty text or list.
#[tokio::test]
pub async fn null_removes_what_may_be_absent() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    for (member, empty) in [("name", json!("")), ("description", json!("")), ("headers", json!([]))] {
        for removed in [json!(null), empty] {
            let path = format!("/webhooks/{}", created(&company).await.id());
            let mut expected = company.get(&path).answered(200).await.body;
            match member {
                "headers" => expected[member] = json!([]),
                _ => drop(expected.as_object_mut().unwrap().remove(member)),
            }
            let changed = company.patch(&path).json(&json!({member: removed})).answered(200).await;
            assert_eq!(changed.body, expected, "{member} {removed}");
            assert_eq!(company.get(&path).answered(200).await.body, expected);
        }
    }
}

/// Nothing is written by a patch that leaves all as it is, whether it says so or not, and the version stays.
#[tokio::test]
pub async fn a_patch_that_changes_nothing_writes_nothing() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let path = format!("/webhooks/{}", created(&company).await.id());
    let before = company.get(&path).answered(200).await;
    server.pass(std::time::Duration::from_secs(1));
    let headers = json!([{"name": "X-Token", "value": "hush"}]);
    for same in [
        json!({}),
        json!({"name": "Ours", "description": "For the warehouse", "isActive": true, "events": ["INTERVIEW_COMPLETED"]}),
        json!({"headers": headers}),
        json!({"companyId": company.id}),
        json!({"companyId": null, "isActive": null}),
    ] {
        server.faults().take_requests();
        let changed = company.patch(&path).json(&same).answered(200).await;
        let requests = server.faults().take_requests();
        let written = requests.iter().filter(|request| matches!(request, UpdateItem | TransactWriteItems));
        assert_eq!(written.count(), 0, "{same}");
        assert_eq!((&changed.text, changed.header("etag")), (&before.text, before.header("etag")), "{same}");
    }
    let other = json!([{"name": "X-Token", "value": "hushed"}]);
    let changed = company.patch(&path).json(&json!({"headers": other})).answered(200).await;
    assert_ne!(changed.header("etag"), before.header("etag"), "other values behind the same mask");
}

/// The answer to a change was lost after it took effect: the repeat within the request finds it done, also where the
/// change rests on the version that it replaced.
#[tokio::test]
pub async fn a_change_whose_answer_was_lost_is_made_once() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    for change in [json!({"name": "Another"}), json!({"events": ["ping"]}), json!({"headers": []})] {
        let path = format!("/webhooks/{}", created(&company).await.id());
        let tag = company.get(&path).answered(200).await.header("etag").unwrap().to_owned();
        server.pass(std::time::Duration::from_secs(1));
        let lost = [UpdateItem, TransactWriteItems].map(|write| (write, Fault::AnswerLost));
        server.faults().follow(FaultScript::script(lost));
        let changed = company.patch(&path).json(&change).header("if-match", &tag).answered(200).await;
        assert_eq!(changed.body["updatedAt"], json!(server.now()), "{change}");
        assert_eq!(company.get(&path).answered(200).await.body, changed.body, "{change}");
    }
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
    assert_eq!(change(json!({"companyId": null})).answered(200).await.body.get("companyId"), None);
    assert_eq!(change(json!({})).answered(200).await.body.get("companyId"), None);
}

/// A system's webhook that is freed from one company hears of all that the system manages.
#[tokio::test]
pub async fn a_freed_webhook_hears_of_all_companies() {
    let server = TestServer::start().await;
    let events = Events::start(&server).await;
    let (ats, endpoint) = (server.ats().await, WebhookReceiver::start());
    let (first, second) =
        (server.company().managed_by(ats).create().await, server.company().managed_by(ats).create().await);
    let (_, key) = server.ats_key(ats).create().await;
    let confined = json!({"url": endpoint.url(), "events": ["interview.completed"], "companyId": first.id});
    let id = server.post("/webhooks").key(&key).json(&confined).answered(201).await.id();
    second.test_interview().await;
    events.published().await;
    assert_eq!(endpoint.posts().len(), 0);
    let freed = server.request(reqwest::Method::PATCH, &format!("/webhooks/{id}")).key(&key);
    freed.json(&json!({"companyId": null})).answered(200).await;
    second.test_interview().await;
    events.published().await;
    assert_eq!(endpoint.received(1).await[0].json()["data"]["companyId"], json!(second.id));
}
