//! Delivery at least once, whatever breaks: the publisher dies between any two of its steps, batches are repeated,
//! re-ordered and split, the queue takes only a part of what is sent, the deliverer dies before and after it has
//! posted.
//!
//! `STORM_INTERVIEWS` says how many interviews are announced.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use local::functions::Functions;
use local::http::Serving;
use local::sqs::QueueName;
use serde_json::{Value, json};
use tests::{Company, Events, TestServer, WebhookReceiver};

/// Enough to meet every fault many times. `.ci/run` asks for 10,000, which takes some minutes.
const INTERVIEWS: usize = 300;
/// Of so many transactions with an interview, one is cancelled.
const CANCELLED_OF: usize = 10;
/// Most passings of time until everything has arrived. A message that is killed nine times of ten needs fifty
/// receptions to survive one with 99.5 %.
const ROUNDS_MAX: usize = 400;

type Chances = Arc<Mutex<fastrand::Rng>>;

fn chance(chances: &Chances, of: f64) -> bool {
    chances.lock().unwrap().f64() < of
}

/// Work that ends after some of its steps, as if the process had died there.
struct Mortal<F> {
    work: Pin<Box<F>>,
    steps_left: usize,
}

impl<F: Future> Future for Mortal<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        if self.steps_left == 0 {
            resume_unwind(Box::new("killed on purpose"));
        }
        self.steps_left -= 1;
        self.work.as_mut().poll(context)
    }
}

/// Lets work die after a random number of its steps, one time in three.
fn mortal<F: Future>(chances: &Chances, work: F) -> Mortal<F> {
    let steps_left = if chance(chances, 0.33) { chances.lock().unwrap().usize(0..60) } else { usize::MAX };
    Mortal { work: Box::pin(work), steps_left }
}

/// SQS that fails: it loses requests, and answers, and takes only some messages of a batch.
struct Unreliable {
    services: String,
    http: reqwest::Client,
    chances: Chances,
}

async fn forward(State(proxy): State<Arc<Unreliable>>, headers: HeaderMap, body: Bytes) -> Response {
    let target = headers["x-amz-target"].to_str().unwrap().to_owned();
    let mut asked: Value = serde_json::from_slice(&body).unwrap();
    if chance(&proxy.chances, 0.05) {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let mut failed = Vec::new();
    if let Some(entries) = asked["Entries"].as_array_mut() {
        let refused = entries.extract_if(.., |_| chance(&proxy.chances, 0.2));
        failed.extend(refused.map(
            |entry| json!({"Id": entry["Id"], "SenderFault": false, "Code": "InternalError", "Message": "on purpose"}),
        ));
        if entries.is_empty() {
            return answer(json!({"Successful": [], "Failed": failed}));
        }
    }
    let request = proxy.http.post(&proxy.services).header("x-amz-target", target);
    let request = request.header("content-type", "application/x-amz-json-1.0").body(asked.to_string());
    let mut answered: Value = request.send().await.unwrap().json().await.unwrap_or_default();
    if chance(&proxy.chances, 0.05) {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    if !failed.is_empty() {
        answered["Failed"] = json!(failed);
    }
    answer(answered)
}

fn answer(body: Value) -> Response {
    ([("content-type", "application/x-amz-json-1.0")], body.to_string()).into_response()
}

fn unreliable(server: &TestServer, chances: &Chances) -> Serving {
    let proxy = Unreliable { services: server.services_url(), http: reqwest::Client::new(), chances: chances.clone() };
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    Serving::start(listener, Router::new().fallback(forward).with_state(Arc::new(proxy))).unwrap()
}

/// Hands a batch over as no well-behaved stream would: shuffled, in pieces, some of them twice. The failure of a piece
/// is the whole batch's failure.
async fn publish_badly(
    functions: Functions,
    batch: aws_lambda_events::dynamodb::Event,
    chances: Chances,
) -> aws_lambda_events::streams::DynamoDbEventResponse {
    let mut records = batch.records;
    let (pieces, again) = {
        let mut chances = chances.lock().unwrap();
        chances.shuffle(&mut records);
        (chances.usize(1..=4), chances.f64() < 0.3)
    };
    let piece_size = records.len().div_ceil(pieces).max(1);
    let mut failed = false;
    for piece in records.chunks(piece_size) {
        for _ in 0..1 + usize::from(again) {
            let mut part = aws_lambda_events::dynamodb::Event::default();
            part.records = piece.to_vec();
            failed |= !functions.clone().publish_events(part).await.batch_item_failures.is_empty();
        }
    }
    let mut response = aws_lambda_events::streams::DynamoDbEventResponse::default();
    if failed || chance(&chances, 0.1) {
        response.batch_item_failures.push(Default::default());
    }
    response
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_event_arrives_under_one_id_and_nothing_that_did_not_commit() {
    let count = std::env::var("STORM_INTERVIEWS").map_or(INTERVIEWS, |count| count.parse().expect("a number"));
    let chances: Chances = Arc::new(Mutex::new(fastrand::Rng::with_seed(7)));
    let (server, endpoint) = (TestServer::start().await, WebhookReceiver::start());
    let proxy = unreliable(&server, &chances);
    let queue = queue::Queue::at_endpoint(&QueueName::Deliveries.url(&proxy.url()), local::http_client()).await;
    let functions = Functions { queue, ..server.functions().clone() };
    let (publisher_chances, deliverer_chances) = (chances.clone(), chances.clone());
    let events = Events::start_broken(
        &server,
        functions.clone(),
        move |functions, batch| mortal(&publisher_chances, publish_badly(functions, batch, publisher_chances.clone())),
        move |functions, batch| mortal(&deliverer_chances, functions.deliver_webhook(batch)),
    )
    .await;
    let company = server.company().create().await;
    company.webhook(&endpoint).await;
    let committed = commit(&server, &company, count).await;

    let expected: BTreeSet<_> = committed
        .iter()
        .flat_map(|id| ["interview.completed", "analysis.completed"].map(|event| (id.clone(), event.to_owned())))
        .collect();
    for _ in 0..ROUNDS_MAX {
        if arrived(&endpoint).len() >= expected.len() && events.empty().await {
            break;
        }
        // Longer than the visibility time-out, so that the messages of receptions that died come back.
        events.pass(QueueName::Deliveries.visibility_timeout() + Duration::from_secs(1)).await;
    }
    let posts = endpoint.posts().len();
    let ids = arrived(&endpoint);
    assert_eq!(
        ids.keys().cloned().collect::<BTreeSet<_>>(),
        expected,
        "of {} events {} arrived",
        expected.len(),
        ids.len()
    );
    assert!(ids.values().all(|ids| ids.len() == 1), "one deliveryId for each");
    let distinct: BTreeSet<_> = ids.values().flatten().collect();
    assert_eq!(distinct.len(), expected.len(), "and each for one");
    println!("{} events of {count} interviews arrived, in {posts} posts", expected.len());
}

/// The ids under which each event arrived.
fn arrived(endpoint: &WebhookReceiver) -> BTreeMap<(String, String), BTreeSet<String>> {
    let mut ids: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for post in endpoint.posts() {
        ids.entry((post.interview_id(), post.event())).or_default().insert(post.delivery_id());
    }
    ids
}

/// Commits so many test interviews, in transactions that are cancelled now and then. Gives the ids of those that exist.
async fn commit(server: &TestServer, company: &Company, count: usize) -> Vec<String> {
    let first = company.test_interview().await;
    let template = server.item(&format!("INTERVIEW#{first}"), "INTERVIEW").await;
    let mut committed = vec![first];
    let mut number = 0;
    while committed.len() < count {
        number += 1;
        let id = server.id().to_string();
        let mut item = template.clone();
        item["PK"] = json!({"S": format!("INTERVIEW#{id}")});
        item["id"] = json!({"S": id});
        let cancelled = number % CANCELLED_OF == 0;
        let condition = if cancelled { "attribute_exists(PK)" } else { "attribute_not_exists(PK)" };
        if server.put_in_transaction(&item, condition).await {
            committed.push(id);
        } else {
            assert!(cancelled);
        }
    }
    committed
}
