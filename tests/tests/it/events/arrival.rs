//! A test interview's events arrive, signed, once, and say what is documented.

use serde_json::json;
use tests::events::told;
use tests::faults::Operation::{BatchGetItem, GetItem, PutItem};
use tests::{Events, TestServer, WebhookReceiver, body};

#[tokio::test]
async fn both_events_of_a_test_interview_arrive_once_signed_and_as_documented() {
    let (server, endpoint) = (TestServer::start().await, WebhookReceiver::start());
    let events = Events::start(&server).await;
    let company = server.company().create().await;
    let webhook = company.webhook(&endpoint).await;
    let mut asked = body::interview();
    asked["isTest"] = json!(true);
    let interview = company.post("/interviews").json(&asked).answered(201).await;
    endpoint.received(2).await;
    events.published().await;

    let posts = endpoint.posts();
    assert_eq!(posts.len(), 2, "each once");
    for post in &posts {
        post.check();
        assert!(post.is_signed_with(&webhook.secret));
        assert_eq!(post.signatures(), 1);
        assert_eq!(post.headers["content-type"], "application/json");
        let agent = concat!("Greenroom-Webhooks/", env!("CARGO_PKG_VERSION"));
        assert_eq!(post.headers["user-agent"], agent);
        let mut data = json!({
            "interviewId": interview.id(), "candidateId": interview.body["candidateId"],
            "agentId": interview.body["agentId"], "companyId": company.id, "status": "COMPLETED", "isTest": true,
        });
        if post.event() == "analysis.completed" {
            data["analysis"] = interview.body["analysis"].clone();
        }
        let expected = json!({
            "event": post.event(), "timestamp": interview.body["createdAt"], "deliveryId": post.delivery_id(), "data": data,
        });
        assert_eq!(post.json(), expected);
    }
    let told: Vec<_> = told(&posts).into_iter().map(|(_, event, _)| event).collect();
    assert_eq!(told, ["analysis.completed", "interview.completed"]);
}

#[tokio::test]
async fn an_interview_with_a_job_and_a_call_names_both() {
    let (server, endpoint) = (TestServer::start().await, WebhookReceiver::start());
    let _events = Events::start(&server).await;
    let company = server.company().create().await;
    company.webhook(&endpoint).await;
    let asked = json!({
        "candidate": body::candidate(), "agent": body::phone_agent(&company.phone_number().await), "job": body::job(),
        "isTest": true,
    });
    let interview = company.post("/interviews").json(&asked).answered(201).await;
    for post in endpoint.received(2).await {
        post.check();
        let data = &post.json()["data"];
        assert_eq!(data["jobId"], interview.body["jobId"]);
        assert_eq!(data["callAttemptId"], interview.body["callAttempts"][0]["id"]);
    }
}

#[tokio::test]
async fn only_what_is_subscribed_is_announced_and_with_the_webhook_s_own_headers() {
    let (server, endpoint, other) = (TestServer::start().await, WebhookReceiver::start(), WebhookReceiver::start());
    let events = Events::start(&server).await;
    let company = server.company().create().await;
    let body = json!({
        "url": format!("{}?tenant=7", endpoint.url()), "events": ["ANALYSIS_COMPLETED"],
        "headers": [{"name": "Authorization", "value": "Bearer mine"}, {"name": "X-Two", "value": "a b"}],
    });
    company.post("/webhooks").json(&body).answered(201).await;
    let body = json!({"url": other.url(), "events": ["interview.started", "interview.failed", "ping"]});
    company.post("/webhooks").json(&body).answered(201).await;
    company.test_interview().await;
    let posts = endpoint.received(1).await;
    events.published().await;
    assert_eq!(endpoint.posts().len(), 1);
    assert_eq!(posts[0].event(), "analysis.completed");
    assert_eq!(
        (posts[0].path.as_str(), &posts[0].headers["authorization"]),
        ("/hooks?tenant=7", &"Bearer mine".parse().unwrap())
    );
    assert_eq!(posts[0].headers["x-two"], "a b");
    assert_eq!(other.posts().len(), 0);
}

#[tokio::test]
async fn what_did_not_commit_and_what_is_repeated_is_not_announced() {
    let (server, endpoint) = (TestServer::start().await, WebhookReceiver::start());
    let events = Events::start(&server).await;
    let company = server.company().create().await;
    company.webhook(&endpoint).await;
    // Not a test: nothing has happened to it yet.
    company.post("/interviews").json(&body::interview()).answered(201).await;
    let mut asked = body::interview();
    asked["isTest"] = json!(true);
    asked["candidateId"] = json!(server.id());
    asked.as_object_mut().unwrap().remove("candidate");
    company.post("/interviews").json(&asked).answered(404).await;
    company.post("/interviews").json(&json!({"isTest": true})).answered(400).await;

    asked = body::interview();
    asked["isTest"] = json!(true);
    for _ in 0..3 {
        company.post("/interviews").idempotent("one").json(&asked).answered(201).await;
    }
    endpoint.received(2).await;
    events.published().await;
    assert_eq!(endpoint.posts().len(), 2);
}

#[tokio::test]
async fn an_event_costs_one_read_for_its_batch_and_two_reads_and_two_writes_for_each_delivery() {
    let (server, endpoint) = (TestServer::start().await, WebhookReceiver::start());
    let company = server.company().create().await;
    company.webhook(&endpoint).await;
    company.test_interview().await;
    server.faults().take_requests();
    let events = Events::start(&server).await;
    endpoint.received(2).await;
    events.quiet().await;
    let requests = server.faults().take_requests();
    let count = |operation| requests.iter().filter(|made| **made == operation).count();
    assert_eq!((count(BatchGetItem), count(GetItem), count(PutItem), requests.len()), (3, 2, 4, 9));
}

#[tokio::test]
async fn log_lines_of_all_this_hold_no_secret_no_address_and_no_person() {
    let (server, endpoint) = (TestServer::start().await, WebhookReceiver::start());
    let events = Events::start(&server).await;
    let company = server.company().create().await;
    let body = json!({
        "url": format!("{}?token=sesame", endpoint.url()), "events": ["interview.completed"],
        "headers": [{"name": "Authorization", "value": "Bearer top-secret"}],
    });
    let created = company.post("/webhooks").json(&body).answered(201).await;
    endpoint.answers(500);
    company.test_interview().await;
    endpoint.received(1).await;
    events.quiet().await;
    let log = server.log().join("\n");
    assert!(log.contains("\"outcome\":\"BAD_STATUS\"") && log.contains("\"EventsPublished\":2"), "{log}");
    for secret in [created.text_of("signingSecret"), "top-secret", "sesame", "Nováková", "zuzana.novakova"] {
        assert!(!log.contains(secret), "{secret} is in the log");
    }
}
