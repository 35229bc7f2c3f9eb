//! The proof of a webhook's address, where the deployment asks for it: its endpoint answers a test with the challenge that
//! was posted to it.

use std::sync::Arc;

use domain::webhook::AddressProof;
use reqwest::Method;
use serde_json::{Value, json};
use tests::faults::Operation::TransactWriteItems;
use tests::faults::{Fault, FaultScript};
use tests::{Answer, Company, Events, Reaction, ReceivedPost, TestServer, WebhookReceiver, body};
use tokio::sync::Notify;

/// A webhook of a company whose address is to be proven.
struct Unproven {
    server: TestServer,
    company: Company,
    endpoint: WebhookReceiver,
    path: String,
    secret: String,
}

impl Unproven {
    async fn create() -> Self {
        let server = TestServer::start_with(AddressProof::On).await;
        let (company, endpoint) = (server.company().create().await, WebhookReceiver::start());
        let body = body::with(body::webhook(), json!({"url": endpoint.url(), "events": ["interview.completed"]}));
        let created = company.created("/webhooks", &body).await;
        assert_eq!((&created.body["isActive"], &created.body["pauseReason"]), (&json!(false), &json!("UNPROVEN")));
        let (path, secret) = (format!("/webhooks/{}", created.id()), created.text_of("signingSecret").to_owned());
        Self { server, company, endpoint, path, secret }
    }

    /// The same after its endpoint has proven it.
    async fn proven() -> Self {
        let here = Self::create().await;
        here.answers(echo);
        assert_eq!(here.test().await.body["success"], true);
        here
    }

    fn answers(&self, body: BodyOf) {
        self.endpoint.reacts(move |_| Reaction::Reply { until: None, status: 200, body });
    }

    async fn test(&self) -> Answer {
        self.company.post(&format!("{}/test", self.path)).answered(200).await
    }

    async fn change(&self, change: Value) -> Answer {
        self.company.patch(&self.path).json(&change).answered(200).await
    }

    async fn pause_reason(&self) -> Value {
        self.company.get(&self.path).answered(200).await.body["pauseReason"].take()
    }
}

/// The body of an answer to a post.
type BodyOf = fn(&ReceivedPost) -> String;

fn challenge(post: &ReceivedPost) -> String {
    post.json()["data"]["challenge"].as_str().expect("a challenge").to_owned()
}

fn echo(post: &ReceivedPost) -> String {
    challenge(post)
}

/// Without the option, addresses are believed, and no ping has a challenge.
#[tokio::test]
async fn without_the_option_nothing_is_asked() {
    let server = TestServer::start().await;
    let (company, endpoint) = (server.company().create().await, WebhookReceiver::start());
    let body = body::with(body::webhook(), json!({"url": endpoint.url()}));
    let created = company.created("/webhooks", &body).await;
    assert_eq!((&created.body["isActive"], created.body.get("pauseReason")), (&json!(true), None));
    let path = format!("/webhooks/{}", created.id());
    let elsewhere = WebhookReceiver::start();
    let changed = company.patch(&path).json(&json!({"url": elsewhere.url()})).answered(200).await;
    assert_eq!(changed.body["isActive"], true);
    assert_eq!(company.post(&format!("{path}/test")).answered(200).await.body["success"], true);
    assert_eq!(elsewhere.posts()[0].json()["data"], json!({"webhookId": created.id()}));
}

#[tokio::test]
async fn an_endpoint_that_answers_with_the_challenge_makes_its_webhook_active() {
    let here = Unproven::create().await;
    let events = Events::start(&here.server).await;
    here.company.test_interview().await;
    events.published().await;
    assert_eq!(here.endpoint.posts().len(), 0, "nothing is announced before");

    here.answers(|post| format!("  {}\n", challenge(post)));
    let answer = here.test().await;
    assert_eq!((&answer.body["success"], &answer.body["httpStatus"]), (&json!(true), &json!(200)));
    assert_eq!(answer.body["message"], "The endpoint has proven its address: the webhook is active.");
    let posts = here.endpoint.posts();
    posts[0].check();
    assert_eq!((posts[0].event().as_str(), challenge(&posts[0]).len()), ("ping", 32));
    assert!(posts[0].is_signed_with(&here.secret));
    assert_eq!(here.pause_reason().await, Value::Null);

    here.company.test_interview().await;
    events.published().await;
    let posts = here.endpoint.received(2).await;
    assert_eq!(posts[1].event(), "interview.completed");
    // Proven once, it is only tried.
    here.endpoint.answers(204);
    let answer = here.test().await;
    assert_eq!(
        (&answer.body["success"], &answer.body["message"]),
        (&json!(true), &json!("The endpoint took the ping."))
    );
    assert_eq!(here.endpoint.posts()[2].json()["data"].get("challenge"), None);
    assert_eq!(here.pause_reason().await, Value::Null);
}

#[tokio::test]
async fn any_other_answer_proves_nothing() {
    let here = Unproven::create().await;
    let answers: [(u16, BodyOf); 8] = [
        (200, |_| String::new()),
        (200, |_| "0".repeat(32)),
        (200, |post| post.body.clone()),
        (200, |post| json!({"challenge": challenge(post)}).to_string()),
        (200, |post| challenge(post).repeat(40)),
        (200, |post| format!("{}{}", challenge(post), "x".repeat(100_000))),
        (500, echo),
        (307, echo),
    ];
    for (number, (status, body)) in answers.into_iter().enumerate() {
        here.endpoint.reacts(move |_| Reaction::Reply { until: None, status, body });
        let answer = here.test().await;
        assert_eq!((&answer.body["success"], &answer.body["httpStatus"]), (&json!(false), &json!(status)), "{number}");
        if status == 200 {
            let message = "The endpoint took the ping, but its answer was not data.challenge alone.";
            assert_eq!(answer.body["message"], message, "{number}");
        }
        assert_eq!(here.pause_reason().await, "UNPROVEN", "{number}");
    }
    here.server.pass(std::time::Duration::from_secs(60));
    let location = here.endpoint.url();
    here.endpoint.reacts(move |_| Reaction::Answer(302, "location", location.clone(), String::new()));
    assert_eq!(here.test().await.body["success"], false);
    assert_eq!(here.endpoint.posts().len(), 9, "a redirect is not followed");
    assert_eq!(here.pause_reason().await, "UNPROVEN");
}

/// The challenge of an earlier test is worth nothing, although the deliveries show the answer to it.
#[tokio::test]
async fn each_test_has_a_challenge_of_its_own() {
    let here = Unproven::create().await;
    here.endpoint.answers(500);
    here.test().await;
    let first = challenge(&here.endpoint.posts()[0]);
    here.endpoint.reacts(move |_| Reaction::Answer(200, "x-any", "1".to_owned(), first.clone()));
    assert_eq!(here.test().await.body["success"], false);
    assert_eq!(here.pause_reason().await, "UNPROVEN");
    let posts = here.endpoint.posts();
    assert_ne!(challenge(&posts[0]), challenge(&posts[1]));
}

/// Asking for it makes no unproven webhook active, and a pause is not forgotten by another change.
#[tokio::test]
async fn an_unproven_webhook_stays_paused_whatever_is_asked_for() {
    let here = Unproven::create().await;
    for change in [json!({"isActive": true}), json!({"isActive": false}), json!({"name": "Another"}), json!({})] {
        let changed = here.change(change.clone()).await;
        assert_eq!(
            (&changed.body["isActive"], &changed.body["pauseReason"]),
            (&json!(false), &json!("UNPROVEN")),
            "{change}"
        );
    }
    here.company.post(&format!("{}/reset-circuit", here.path)).answered(200).await;
    assert_eq!(here.pause_reason().await, "UNPROVEN");
}

#[tokio::test]
async fn a_changed_address_is_to_be_proven_again() {
    let here = Unproven::proven().await;
    for change in [json!({"name": "Another"}), json!({"url": here.endpoint.url()}), json!({"events": ["ping"]})] {
        assert_eq!(here.change(change.clone()).await.body["isActive"], true, "{change}");
    }
    // A pause that was asked for ends when it is asked for: the address is proven.
    assert_eq!(here.change(json!({"isActive": false})).await.body["pauseReason"], "REQUESTED");
    assert_eq!(here.change(json!({"isActive": true})).await.body["isActive"], true);

    let elsewhere = WebhookReceiver::start();
    let changed = here.change(json!({"url": elsewhere.url(), "isActive": true})).await;
    assert_eq!((&changed.body["isActive"], &changed.body["pauseReason"]), (&json!(false), &json!("UNPROVEN")));
    assert_eq!(here.test().await.body["success"], false, "nobody answers with the challenge there");
    elsewhere.reacts(|_| Reaction::Reply { until: None, status: 200, body: echo });
    assert_eq!(here.test().await.body["success"], true);
    assert_eq!(
        here.change(json!({"url": here.endpoint.url()})).await.body["pauseReason"],
        "UNPROVEN",
        "an earlier address"
    );
}

/// A delivery that waits for a webhook whose address is changed goes to the new address once that is proven, not before.
#[tokio::test]
async fn deliveries_wait_for_the_proof() {
    let here = Unproven::proven().await;
    let events = Events::start(&here.server).await;
    here.endpoint.answers(500);
    here.company.test_interview().await;
    events.published().await;
    here.endpoint.received(2).await;
    events.quiet().await;
    let elsewhere = WebhookReceiver::start();
    here.change(json!({"url": elsewhere.url()})).await;
    events.pass(std::time::Duration::from_secs(3_600)).await;
    events.quiet().await;
    assert_eq!(elsewhere.posts().len(), 0);
    elsewhere.reacts(|_| Reaction::Reply { until: None, status: 200, body: echo_or_nothing });
    assert_eq!(here.test().await.body["success"], true);
    events.pass(std::time::Duration::from_secs(3_600)).await;
    assert_eq!(elsewhere.received(2).await[1].event(), "interview.completed");
}

fn echo_or_nothing(post: &ReceivedPost) -> String {
    post.json()["data"]["challenge"].as_str().unwrap_or_default().to_owned()
}

/// An address is proven by its own endpoint only, though it was another's when the test began.
#[tokio::test]
async fn the_proof_of_an_address_is_none_of_the_next() {
    let here = Unproven::create().await;
    let until = Arc::new(Notify::new());
    let notified = until.clone();
    here.endpoint.reacts(move |_| Reaction::Reply { until: Some(notified.clone()), status: 200, body: echo });
    let test = here.company.post(&format!("{}/test", here.path));
    let test = tokio::spawn(async move { test.answered(200).await });
    here.endpoint.received(1).await;
    let elsewhere = WebhookReceiver::start();
    here.change(json!({"url": elsewhere.url()})).await;
    until.notify_one();
    let answer = test.await.expect("an answer");
    assert_eq!(answer.body["success"], false, "{answer}");
    assert_eq!(answer.body["message"], "The webhook was changed while it was tried: try it again.");
    assert_eq!(here.pause_reason().await, "UNPROVEN");
}

/// Nobody has somebody else's webhook tried, and so none proves it.
#[tokio::test]
async fn another_company_proves_nothing() {
    let here = Unproven::create().await;
    here.answers(echo);
    let other = here.server.company().create().await;
    let test = here.server.request(Method::POST, &format!("{}/test", here.path)).key(&other.key);
    test.refused(api::ErrorCode::ResourceAccessDenied).await;
    assert_eq!((here.endpoint.posts().len(), here.pause_reason().await), (0, json!("UNPROVEN")));
}

/// The change that makes a webhook active may lose its answer, or meet another change.
#[tokio::test]
async fn a_proof_survives_a_lost_answer_and_a_conflict() {
    for fault in [Fault::AnswerAndTokenLost, Fault::ConflictAt(0), Fault::Throttled] {
        let here = Unproven::create().await;
        here.answers(echo);
        here.server
            .faults()
            .follow(FaultScript::script([(TransactWriteItems, Fault::None), (TransactWriteItems, fault)]));
        let answer = here.test().await;
        assert_eq!((here.server.faults().unused(), &answer.body["success"]), (0, &json!(true)), "{fault:?} {answer}");
        assert_eq!(here.pause_reason().await, Value::Null);
    }
}

/// A repeat of the create shows the webhook as it stands, proven or not.
#[tokio::test]
async fn a_repeated_create_neither_proves_nor_forgets() {
    let here = Unproven::create().await;
    let endpoint = WebhookReceiver::start();
    let body = body::with(body::webhook(), json!({"url": endpoint.url()}));
    let create = || here.company.post("/webhooks").json(&body).idempotent("k");
    let created = create().answered(201).await;
    assert_eq!(create().answered(201).await.body["pauseReason"], "UNPROVEN");
    endpoint.reacts(|_| Reaction::Reply { until: None, status: 200, body: echo });
    here.company.post(&format!("/webhooks/{}/test", created.id())).answered(200).await;
    assert_eq!(create().answered(201).await.body["isActive"], true);
}
