//! The documented examples are sent to the real functions. The OpenAPI document shows the answers that they give here.

use std::time::Duration;

use domain::company::{CompanyId, Owner};
use domain::delivery::{AttemptOutcome, AttemptRecord, Delivery, DeliveryId, DeliveryStatus};
use domain::event::EventType;
use domain::interview::InterviewId;
use domain::text::SingleLine;
use domain::time::Timestamp;
use domain::webhook::{
    Circuit, HeaderName, Sealed, SigningSecret, Targets, Webhook, WebhookId, WebhookSecrets, WebhookUrl,
};
use openapi::{Example, ids};
use serde_json::json;
use serde_norway::Value;
use store::{Create as _, Creation, IdempotencyRecord, WriteContext};
use tests::accepted::method;
use tests::{Company, TestServer, WebhookReceiver, body};

/// The signing secret of the document.
const SECRET: &str = "whsec_YW4gZXhhbXBsZSwgYW5kIG5vIG9uZSdzIHNlY3JldCE=";
/// The delivery of a try in the document.
const PING: &str = "01a20297-4dc0-8a07-b6d3-1c925f4e0003";
/// The time that a try takes in the document, if the endpoint takes the ping, and if it does not.
const TRIED_MS: [u64; 2] = [112, 43];

/// A server with everything that the examples refer to.
struct Documented {
    company: Company,
    /// The endpoint of the webhook that works.
    _endpoint: WebhookReceiver,
    /// The documented names of things, each with its name on this server.
    names: Vec<(String, String)>,
}

impl Documented {
    async fn start() -> Documented {
        let server = TestServer::start().await;
        server.set_clock(ids::NOW);
        let company = server.company().id(ids::COMPANY).create().await;
        let other = server.company().id(ids::OTHER_COMPANY).create().await;
        let number = company.phone_number().await;
        let agent = company.agent(&body::agent()).await;
        let generic_agent = company.agent(&body::generic_agent()).await;
        let phone_agent = company.agent(&body::phone_agent(&number)).await;

        let (one_job, jobs) = company.candidate_with_jobs(1).await;
        let without_number = body::without(body::candidate(), "phoneNumber");
        let sent = json!({"candidate": without_number, "agentId": agent, "jobId": jobs[0], "isTest": true});
        let two_jobs = company.created("/interviews", &sent).await.text_of("candidateId").to_owned();
        let sent = json!({"candidateId": two_jobs, "agentId": agent, "job": body::job(), "isTest": true});
        let other_job = company.created("/interviews", &sent).await.text_of("jobId").to_owned();

        let sent = json!({"candidateId": one_job, "agentId": agent, "isTest": true});
        let interview = company.created("/interviews", &sent).await.id();
        let endpoint = WebhookReceiver::start();
        let (working, failing) = (endpoint.url(), "http://127.0.0.1:9/hooks".to_owned());
        store_webhooks(&server, &working, &failing).await;
        store_deliveries(&server, interview.parse().expect("an id")).await;

        let names = [
            (ids::INTERVIEW.to_string(), interview),
            (ids::PHONE_NUMBER.to_string(), number),
            (ids::FOREIGN_PHONE_NUMBER.to_string(), other.phone_number().await),
            (ids::AGENT.to_string(), agent),
            (ids::GENERIC_AGENT.to_string(), generic_agent),
            (ids::PHONE_AGENT.to_string(), phone_agent),
            (ids::FOREIGN_AGENT.to_string(), other.agent(&body::agent()).await),
            (ids::CANDIDATE.to_string(), one_job),
            (ids::CANDIDATE_WITH_TWO_JOBS.to_string(), two_jobs),
            (ids::JOB.to_string(), jobs[0].clone()),
            (ids::OTHER_JOB.to_string(), other_job),
            ("https://hooks.example.com/greenroom".to_owned(), working),
            ("https://failing.example.com/greenroom".to_owned(), failing),
        ];
        Documented { company, _endpoint: endpoint, names: names.into() }
    }

    /// A documented text with the names of this server.
    fn here(&self, text: &str) -> String {
        self.names.iter().fold(text.to_owned(), |text, (documented, here)| text.replace(documented, here))
    }

    /// A text of this server with the documented names.
    fn documented(&self, text: &str) -> String {
        self.names.iter().fold(text.to_owned(), |text, (documented, here)| text.replace(here, documented))
    }
}

fn time(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

/// A webhook like any other, without its secrets.
fn webhook(id: WebhookId, company_id: CompanyId, url: &str, created_at: &str) -> Webhook {
    let created_at = time(created_at);
    Webhook {
        id,
        owner: Owner::Company(company_id),
        only_company_id: None,
        url: WebhookUrl::parse(url, Targets::PublicAndLoopback).expect("an address"),
        events: vec![EventType::InterviewCompleted, EventType::AnalysisCompleted],
        name: None,
        description: None,
        header_names: Vec::new(),
        paused: None,
        circuit: Circuit::default(),
        sealed: Sealed::new(Vec::new()),
        created_at,
        updated_at: created_at,
    }
}

/// Stores the webhooks of the examples: no request makes one that is as old, or has failed for so long.
async fn store_webhooks(server: &TestServer, working: &str, failing: &str) {
    let opened = Circuit {
        consecutive_failures: 27,
        failing_since: Some(time("2026-11-22T07:41:12.318Z")),
        opened_at: Some(time("2026-11-22T08:46:20.004Z")),
        next_probe_at: Some(time("2026-11-22T09:31:20.411Z")),
    };
    let webhooks = [
        Webhook {
            name: Some(SingleLine::parse("Data warehouse").expect("a name")),
            header_names: vec![HeaderName::parse("Authorization").expect("a name")],
            ..webhook(ids::WEBHOOK, ids::COMPANY, working, "2026-10-01T12:00:00Z")
        },
        Webhook { circuit: opened, ..webhook(ids::FAILING_WEBHOOK, ids::COMPANY, failing, "2026-10-05T08:15:30.250Z") },
        webhook(ids::FOREIGN_WEBHOOK, ids::OTHER_COMPANY, "https://other.example.com", "2026-10-07T16:20:00Z"),
    ];
    for webhook in webhooks {
        let secret = SigningSecret::generate().expect("randomness");
        let secrets = WebhookSecrets::new(secret, Vec::new(), webhook.created_at);
        let sealed = delivery::seal(&server.functions().vault, webhook.id, &secrets).await.expect("sealed");
        let webhook = Webhook { sealed, ..webhook };
        let record = IdempotencyRecord { request_id: "documented", fingerprint: None };
        let context = WriteContext { tenant: webhook.owner, managed: None, record, now: webhook.created_at };
        let created = webhook.create(&mut server.store().session(), &context).await.expect("a webhook");
        assert!(matches!(created, Creation::Created(_)), "{created:?}");
    }
}

/// A delivery without an attempt.
fn delivery_of(id: DeliveryId, interview_id: InterviewId, began_at: &str) -> Delivery {
    let began_at = time(began_at);
    Delivery {
        id,
        webhook_id: ids::WEBHOOK,
        event: EventType::InterviewCompleted,
        occurred_at: began_at,
        company_id: Some(ids::COMPANY),
        interview_id: Some(interview_id),
        status: DeliveryStatus::Pending,
        attempts: 0,
        running: None,
        step: 0,
        series_began_at: began_at,
        next_attempt_at: None,
        last_attempt: None,
        message_id: None,
        created_at: began_at,
        updated_at: began_at,
        expires_at: began_at.saturating_add(Duration::from_secs(30 * 24 * 60 * 60)).epoch_seconds(),
    }
}

/// Stores the deliveries of the examples.
async fn store_deliveries(server: &TestServer, interview_id: InterviewId) {
    let went_well = AttemptRecord {
        at: time("2026-11-22T09:20:00.140Z"),
        outcome: AttemptOutcome::Delivered,
        http_status: Some(204),
        duration_ms: 96,
        response_body: None,
    };
    let went_wrong = AttemptRecord {
        at: time("2026-11-21T19:48:31.577Z"),
        outcome: AttemptOutcome::BadStatus,
        http_status: Some(502),
        duration_ms: 1_204,
        response_body: Some("Bad Gateway".to_owned()),
    };
    let deliveries = [
        Delivery {
            event: EventType::AnalysisCompleted,
            status: DeliveryStatus::Succeeded,
            attempts: 1,
            step: 1,
            last_attempt: Some(went_well),
            updated_at: time("2026-11-22T09:20:00.236Z"),
            ..delivery_of(ids::DELIVERY, interview_id, "2026-11-22T09:20:00Z")
        },
        Delivery {
            status: DeliveryStatus::Failed,
            attempts: 10,
            step: 10,
            last_attempt: Some(went_wrong),
            updated_at: time("2026-11-21T19:48:32.781Z"),
            ..delivery_of(ids::FAILED_DELIVERY, interview_id, "2026-11-19T14:05:00Z")
        },
    ];
    for delivery in deliveries {
        server.store().session().write_delivery(None, &delivery).await.expect("a delivery");
    }
}

/// Puts the document's values in place of those that differ each time.
fn without_chance(body: &mut Value) {
    if let Some(secret) = body.get_mut("signingSecret") {
        assert!(secret.as_str().is_some_and(|secret| secret.starts_with("whsec_") && secret.len() == SECRET.len()));
        *secret = SECRET.into();
    }
    if let Some(success) = body.get("success").and_then(Value::as_bool) {
        let [taken, refused] = TRIED_MS;
        assert!(body["deliveryId"].as_str().is_some_and(|id| id.parse::<DeliveryId>().is_ok()));
        assert!(body["durationMs"].is_u64());
        body["deliveryId"] = PING.into();
        body["durationMs"] = if success { taken } else { refused }.into();
    }
}

/// The body of the answer to an example, with the documented names; absent if the answer is a refusal or has no body.
async fn answer_to(example: &Example) -> Option<Value> {
    let Example { name, route, .. } = example;
    let world = Documented::start().await;
    let query = if example.query.is_empty() { String::new() } else { format!("?{}", example.query) };
    let request = world.company.request(method(*route), &world.here(&format!("{}{query}", example.path)));
    let request = match &example.body {
        Some(body) => request.text(world.here(body)),
        None => request,
    };
    let answer = request.idempotent(name).answered(example.status()).await;
    assert_eq!(answer.code(), example.refusal.map(|code| code.as_str()), "{} {name}: {answer}", route.entry().key);
    if example.refusal.is_some() || answer.text.is_empty() {
        return None;
    }
    // JSON is YAML, and this reader keeps the order of members.
    let mut body = serde_norway::from_str(&world.documented(&answer.text)).expect("JSON");
    without_chance(&mut body);
    Some(body)
}

/// Every example has the documented status and code, and those that are carried out are answered as they are recorded.
/// With `UPDATE_EXAMPLES` in the environment, the answers are recorded instead.
#[tokio::test(flavor = "multi_thread")]
async fn each_example_is_answered_as_documented() {
    let mut answers = Value::Null;
    for example in openapi::examples() {
        if let Some(body) = answer_to(&example).await {
            answers[example.route.entry().key][example.name] = body;
        }
    }
    let answers = serde_json::to_string_pretty(&answers).expect("JSON") + "\n";
    if std::env::var_os("UPDATE_EXAMPLES").is_some() {
        std::fs::write(openapi::recorded_path(), answers).expect("a file to write");
        return;
    }
    let mut lines = openapi::RECORDED.lines().zip(answers.lines()).zip(1..);
    let first = lines.find(|((recorded, answered), _)| recorded != answered);
    assert!(
        answers == openapi::RECORDED,
        "{} is stale, at first where {first:?} (recorded, answered, line): run `UPDATE_EXAMPLES=1 cargo test -p tests \
         --test it -- examples`, then `cargo run -p openapi`",
        openapi::recorded_path().display(),
    );
}
