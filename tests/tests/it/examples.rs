//! Each example of the OpenAPI document is answered as the document says.

use domain::delivery::Delivery;
use domain::webhook::{SigningSecret, Targets, Webhook, WebhookSecrets, WebhookUrl};
use openapi::{Example, world};
use serde_json::{Value, json};
use store::Record;
use tests::accepted::method;
use tests::api::Route;
use tests::document::{DOCUMENT, operation};
use tests::{Company, TestServer, WebhookReceiver, body};

/// The world that the examples refer to.
struct Documented {
    company: Company,
    /// Takes what is posted to the webhook that works.
    _endpoint: WebhookReceiver,
    /// What the document calls a thing, and what it is called here.
    ids: Vec<(String, String)>,
}

impl Documented {
    async fn start() -> Documented {
        let server = TestServer::start().await;
        server.set_clock(world::NOW);
        let company = server.company().id(world::COMPANY).create().await;
        let other = server.company().id(world::OTHER_COMPANY).create().await;
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
        let places = [
            ("https://hooks.example.com/greenroom".to_owned(), endpoint.url()),
            ("https://failing.example.com/greenroom".to_owned(), "http://127.0.0.1:9/hooks".to_owned()),
        ];
        store_webhooks(&company, &interview, &places).await;

        let ids = [
            (world::INTERVIEW.uuid(), interview),
            (world::PHONE_NUMBER.uuid(), number),
            (world::FOREIGN_PHONE_NUMBER.uuid(), other.phone_number().await),
            (world::AGENT.uuid(), agent),
            (world::GENERIC_AGENT.uuid(), generic_agent),
            (world::PHONE_AGENT.uuid(), phone_agent),
            (world::FOREIGN_AGENT.uuid(), other.agent(&body::agent()).await),
            (world::CANDIDATE.uuid(), one_job),
            (world::CANDIDATE_WITH_TWO_JOBS.uuid(), two_jobs),
            (world::JOB.uuid(), jobs[0].clone()),
            (world::OTHER_JOB.uuid(), other_job),
        ];
        let ids = ids.map(|(documented, here)| (documented.to_string(), here));
        Documented { company, _endpoint: endpoint, ids: ids.into_iter().chain(places).collect() }
    }

    /// A documented text in the words of this world.
    fn here(&self, text: &str) -> String {
        self.ids.iter().fold(text.to_owned(), |text, (documented, here)| text.replace(documented, here))
    }

    fn answered(&self, text: &str) -> Value {
        let text = self.ids.iter().fold(text.to_owned(), |text, (documented, here)| text.replace(here, documented));
        serde_json::from_str(&text).expect("JSON")
    }
}

/// Stores the webhooks and deliveries of the examples as they are documented, but for where they lead.
async fn store_webhooks(company: &Company, interview: &str, places: &[(String, String)]) {
    let server = company.server();
    let documented = world::world().expect("the document's world");
    let mut session = server.store().session();
    for webhook in documented.webhooks {
        let secret = SigningSecret::generate().expect("randomness");
        let secrets = WebhookSecrets::new(secret, Vec::new(), webhook.created_at);
        let sealed = delivery::seal(&server.functions().vault, webhook.id, &secrets).await.expect("sealed");
        let here = places.iter().find(|(documented, _)| documented == webhook.url.as_str()).map(|(_, here)| here);
        let url = here.map(|here| WebhookUrl::parse(here, Targets::PublicAndLoopback).expect("an address"));
        let webhook = Webhook { sealed, url: url.unwrap_or_else(|| webhook.url.clone()), ..webhook };
        let record = Record { request_id: "documented", fingerprint: None };
        session.create_webhook(webhook, None, record).await.expect("a webhook");
    }
    for delivery in documented.deliveries {
        let delivery = Delivery { interview_id: Some(interview.parse().expect("an id")), ..delivery };
        session.write_delivery(None, &delivery).await.expect("a delivery");
    }
}

/// A body without what is another one each time.
fn without_chance(route: Route, mut body: Value) -> Value {
    if let Some(secret) = body.get_mut("signingSecret") {
        assert!(secret.as_str().is_some_and(|secret| secret.starts_with("whsec_") && secret.len() == 50));
        *secret = json!("a secret");
    }
    if route == Route::TestWebhook && body.get("success").is_some() {
        body["deliveryId"] = json!("an id");
        body["durationMs"] = json!("some time");
    }
    body
}

async fn is_answered_as_documented(example: Example) {
    let Example { name, route, .. } = example;
    let what = format!("{} {name}", route.entry().key);
    let server = Documented::start().await;
    let query = if example.query.is_empty() { String::new() } else { format!("?{}", example.query) };
    let request = server.company.request(method(route), &server.here(&format!("{}{query}", example.path)));
    let request = match &example.body {
        Some(body) => request.text(server.here(body)),
        None => request,
    };
    let status = example.status().expect("a status");
    let answer = request.idempotent(name).answered(status).await;
    assert_eq!(answer.code(), example.refusal.map(|code| code.as_str()), "{what}: {answer}");
    let documented = format!("{}/responses/{status}/content/application~1json/examples/{name}/value", operation(route));
    match (DOCUMENT.pointer(&documented), example.refusal) {
        (Some(documented), None) => {
            let answered = without_chance(route, server.answered(&answer.text));
            assert_eq!(answered, without_chance(route, documented.clone()), "{what}");
        }
        (None, None) => assert_eq!(status, 204, "{what} has no documented answer"),
        (documented, Some(_)) => assert_eq!(documented, None, "{what}"),
    }
}

async fn each_example_is_answered_as_documented(of: impl Fn(Route) -> bool) {
    let examples: Vec<Example> = openapi::examples().into_iter().filter(|example| of(example.route)).collect();
    assert!(examples.len() >= 7, "{examples:?}");
    for example in examples {
        is_answered_as_documented(example).await;
    }
}

#[tokio::test]
async fn each_example_of_an_agent_is_answered_as_documented() {
    each_example_is_answered_as_documented(|route| route == Route::CreateAgent).await;
}

#[tokio::test]
async fn each_example_of_an_interview_is_answered_as_documented() {
    each_example_is_answered_as_documented(|route| route == Route::CreateInterview).await;
}

#[tokio::test]
async fn each_example_of_a_webhook_is_answered_as_documented() {
    each_example_is_answered_as_documented(|route| route.entry().path.starts_with("/webhooks")).await;
}
