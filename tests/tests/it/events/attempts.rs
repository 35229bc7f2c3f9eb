//! Attempts: when they are made, when they end, and what begins them anew.

use std::sync::Arc;
use std::time::Duration;

use aws_lambda_events::sqs::SqsEvent;
use domain::delivery::ATTEMPT_MAX;
use local::sqs::{NewMessage, QueueName};
use serde_json::{Value, json};
use tests::events::{Webhook, ping_jobs};
use tests::{Company, Events, Reaction, TestServer, WebhookReceiver};
use tokio::sync::Notify;
use tokio::task::JoinSet;

const HOUR: u64 = 60 * 60;
/// Longer than an attempt takes in reality, which is at most 15 seconds, and shorter than a second message stands by.
const SLACK: u64 = 20;
/// The waits before the attempts of a delivery.
const WAITS: [u64; 10] = [0, 5, 300, 1_800, 2 * HOUR, 5 * HOUR, 10 * HOUR, 12 * HOUR, 12 * HOUR, 12 * HOUR];

pub struct EventSubscription {
    pub server: TestServer,
    pub events: Events,
    pub company: Company,
    pub endpoint: WebhookReceiver,
    pub webhook: Webhook,
}

/// A company with a webhook for `interview.completed` at an endpoint that answers so.
pub async fn subscribed(status: u16) -> EventSubscription {
    let (server, endpoint) = (TestServer::start().await, WebhookReceiver::start());
    let events = Events::start(&server).await;
    let company = server.company().create().await;
    let body = json!({"url": endpoint.url(), "events": ["interview.completed"]});
    let created = company.post("/webhooks").json(&body).answered(201).await;
    let webhook = Webhook { id: created.id(), secret: created.text_of("signingSecret").to_owned() };
    endpoint.answers(status);
    EventSubscription { server, events, company, endpoint, webhook }
}

impl EventSubscription {
    /// Has an event posted once.
    pub async fn first_attempt(&self) {
        let before = self.endpoint.posts().len();
        self.company.test_interview().await;
        self.endpoint.received(before + 1).await;
        self.events.quiet().await;
    }

    /// The one delivery.
    pub async fn delivery(&self) -> Value {
        let deliveries = self.company.deliveries(&self.webhook.id).await;
        assert_eq!(deliveries.len(), 1, "{deliveries:?}");
        deliveries.into_iter().next().unwrap()
    }

    pub async fn pass_seconds(&self, seconds: u64) {
        self.events.pass(Duration::from_secs(seconds)).await;
    }

    /// Lets so much time pass that what is planned in so many seconds has happened: an attempt takes some real time,
    /// after which the wait begins, and the queue counts whole seconds.
    pub async fn pass_wait(&self, seconds: u64) {
        self.pass_seconds(seconds + SLACK).await;
    }
}

#[tokio::test]
async fn a_failing_endpoint_is_tried_ten_times_at_the_documented_times_then_the_order_is_a_dead_letter() {
    let here = subscribed(503).await;
    here.first_attempt().await;
    for (attempts, wait) in WAITS.into_iter().enumerate().skip(1) {
        here.pass_seconds(wait - 1).await;
        assert_eq!(here.endpoint.posts().len(), attempts, "a second before attempt {attempts}");
        here.pass_wait(1).await;
        assert_eq!(here.endpoint.received(attempts + 1).await.len(), attempts + 1);
        here.events.quiet().await;
        let delivery = here.delivery().await;
        assert_eq!(delivery["attempts"], attempts + 1);
        assert_eq!(delivery["lastAttempt"]["httpStatus"], 503);
    }
    let delivery = here.delivery().await;
    assert_eq!((&delivery["status"], &delivery["nextAttemptAt"]), (&json!("FAILED"), &Value::Null));
    assert_eq!(here.events.dead_letters().await, 1);
    assert_eq!(here.events.quiet().await, local::sqs::Counts::default());
    let ids: std::collections::BTreeSet<_> = here.endpoint.posts().iter().map(|post| post.delivery_id()).collect();
    assert_eq!(ids.len(), 1, "the same delivery each time");

    // The operator sends the job to the queue again: a new series, of the same delivery.
    here.endpoint.answers(200);
    here.pass_seconds(60).await;
    here.server.queues().redrive(QueueName::DeadLetters, Some(QueueName::Deliveries)).await.unwrap();
    here.endpoint.received(11).await;
    here.events.quiet().await;
    let delivery = here.delivery().await;
    assert_eq!((&delivery["status"], &delivery["attempts"]), (&json!("SUCCEEDED"), &json!(11)));
    assert_eq!(here.events.dead_letters().await, 0);
}

#[tokio::test]
async fn whatever_is_not_2xx_fails_and_a_redirect_is_not_followed() {
    let here = subscribed(204).await;
    let elsewhere = WebhookReceiver::start();
    let target = elsewhere.url();
    here.endpoint.reacts(move |number| match number {
        0 => Reaction::Answer(302, "location", target.clone(), "over there".to_owned()),
        1 => Reaction::Answer(404, "x-a", "b".to_owned(), "é".repeat(2_000)),
        2 => Reaction::Status(299),
        _ => panic!("no more than three"),
    });
    here.first_attempt().await;
    let attempt = here.delivery().await["lastAttempt"].clone();
    assert_eq!((&attempt["outcome"], &attempt["httpStatus"]), (&json!("REDIRECT"), &json!(302)));
    assert_eq!(attempt["responseBody"], "over there");
    here.pass_wait(5).await;
    let attempt = here.delivery().await["lastAttempt"].clone();
    assert_eq!((&attempt["outcome"], &attempt["httpStatus"]), (&json!("BAD_STATUS"), &json!(404)));
    assert_eq!(attempt["responseBody"], "é".repeat(512), "the first 1,024 bytes");
    here.pass_wait(300).await;
    let delivery = here.delivery().await;
    assert_eq!((&delivery["status"], &delivery["lastAttempt"]["outcome"]), (&json!("SUCCEEDED"), &json!("DELIVERED")));
    assert_eq!(elsewhere.posts().len(), 0);
}

#[tokio::test]
async fn retry_after_is_honoured_up_to_twelve_hours() {
    let here = subscribed(204).await;
    here.endpoint.reacts(|number| match number {
        0 => Reaction::Answer(429, "retry-after", "3600".to_owned(), String::new()),
        1 => Reaction::Answer(503, "retry-after", "1000000".to_owned(), String::new()),
        _ => Reaction::Status(204),
    });
    here.first_attempt().await;
    here.pass_seconds(HOUR - 1).await;
    assert_eq!(here.endpoint.posts().len(), 1);
    here.pass_wait(1).await;
    assert_eq!(here.endpoint.received(2).await.len(), 2);
    here.events.quiet().await;
    here.pass_seconds(12 * HOUR - 1).await;
    assert_eq!(here.endpoint.posts().len(), 2);
    here.pass_wait(1).await;
    here.endpoint.received(3).await;
    here.events.quiet().await;
    assert_eq!(here.delivery().await["status"], "SUCCEEDED");
}

#[tokio::test]
async fn what_has_succeeded_is_not_posted_again_whoever_asks_the_queue_to() {
    let here = subscribed(200).await;
    // Two messages for one delivery, as after a batch of the stream that was published twice.
    let message = |body: String| local::sqs::NewMessage {
        body,
        group_id: None,
        delay: Duration::ZERO,
        attributes: Default::default(),
    };
    here.first_attempt().await;
    let post = here.endpoint.posts().remove(0).json();
    let order = json!({
        "webhookId": here.webhook.id, "deliveryId": post["deliveryId"], "event": post["event"],
        "occurredAt": post["timestamp"], "data": post["data"],
    });
    here.server.queues().send(QueueName::Deliveries, vec![message(order.to_string())]).await.unwrap();
    here.events.quiet().await;
    here.pass_seconds(24 * HOUR).await;
    assert_eq!(here.endpoint.posts().len(), 1);
    assert_eq!(here.events.quiet().await, local::sqs::Counts::default());
}

#[tokio::test]
async fn a_second_message_for_a_delivery_stands_by() {
    let here = subscribed(500).await;
    here.first_attempt().await;
    let post = here.endpoint.posts().remove(0).json();
    let order = json!({
        "webhookId": here.webhook.id, "deliveryId": post["deliveryId"], "event": post["event"],
        "occurredAt": post["timestamp"], "data": post["data"],
    });
    let duplicate = local::sqs::NewMessage {
        body: order.to_string(),
        group_id: None,
        delay: Duration::ZERO,
        attributes: Default::default(),
    };
    here.server.queues().send(QueueName::Deliveries, vec![duplicate]).await.unwrap();
    here.events.quiet().await;
    here.pass_wait(5).await;
    here.endpoint.received(2).await;
    here.events.quiet().await;
    here.pass_seconds(60).await;
    assert_eq!(here.endpoint.posts().len(), 2, "one attempt at each time, not two");
    // The time of the first message, and not yet that of the second one, a minute later.
    here.pass_seconds(300 - 60 + SLACK).await;
    assert_eq!(here.endpoint.received(3).await.len(), 3);
    here.events.quiet().await;
    assert_eq!(here.delivery().await["attempts"], 3);
}

/// A batch of one message with a ping to a webhook.
fn batch(message: &str, ping: &NewMessage) -> SqsEvent {
    let message = json!({"messageId": message, "receiptHandle": "none", "body": ping.body});
    serde_json::from_value(json!({"Records": [message]})).unwrap()
}

#[tokio::test]
async fn while_an_attempt_is_under_way_no_other_is_made_whoever_asks_for_it() {
    let (server, endpoint) = (TestServer::start().await, WebhookReceiver::start());
    let company = server.company().create().await;
    let webhook = company.webhook(&endpoint).await;
    let ping = ping_jobs(&server, &webhook, 1).remove(0);
    let process = |message: &str| server.functions().clone().deliver_webhook(batch(message, &ping));
    let comes_back = async |message: &str| process(message).await.batch_item_failures.len() == 1;

    let answered = Arc::new(Notify::new());
    let hang = answered.clone();
    endpoint.reacts(move |number| if number == 0 { Reaction::Hang(hang.clone(), 500) } else { Reaction::Status(200) });
    let first = tokio::spawn(process("first"));
    endpoint.received(1).await;
    // Another message for the same delivery, and the same one once more, as a queue may deliver it.
    assert!(comes_back("second").await && comes_back("first").await);
    server.pass(Duration::from_secs(1));
    let delivery = company.deliveries(&webhook.id).await.remove(0);
    assert_eq!((&delivery["status"], &delivery["attempts"]), (&json!("PENDING"), &json!(1)));
    let path = format!("/webhooks/{}/deliveries/{}/redeliver", webhook.id, delivery["id"].as_str().unwrap());
    for message in ["third", "fourth", "fifth"] {
        company.post(&path).answered(202).await;
        assert!(comes_back(message).await);
    }
    assert_eq!(endpoint.posts().len(), 1);

    // It fails. Those who asked meanwhile get another at once, and one is enough.
    answered.notify_one();
    assert_eq!(first.await.unwrap().batch_item_failures.len(), 1);
    let delivery = company.deliveries(&webhook.id).await.remove(0);
    assert_eq!((&delivery["status"], &delivery["attempts"]), (&json!("PENDING"), &json!(1)));
    server.pass(Duration::from_secs(20));
    for message in ["first", "third", "fourth", "fifth"] {
        assert!(!comes_back(message).await);
    }
    assert_eq!(endpoint.posts().len(), 2);
    let delivery = company.deliveries(&webhook.id).await.remove(0);
    assert_eq!((&delivery["status"], &delivery["attempts"]), (&json!("SUCCEEDED"), &json!(2)));
}

#[tokio::test]
async fn of_messages_that_come_at_once_one_is_attempted() {
    let (server, endpoint) = (TestServer::start().await, WebhookReceiver::start());
    let company = server.company().create().await;
    let webhook = company.webhook(&endpoint).await;
    let ping = ping_jobs(&server, &webhook, 1).remove(0);
    let mut at_once = JoinSet::new();
    for message in ["a", "a", "b", "c", "d", "e", "f", "g"] {
        at_once.spawn(server.functions().clone().deliver_webhook(batch(message, &ping)));
    }
    at_once.join_all().await;
    assert_eq!(endpoint.posts().len(), 1);
    assert_eq!(company.deliveries(&webhook.id).await[0]["attempts"], 1);
}

/// An attempt that was lost with its function counts, and holds up the next one for as long as a function may run.
#[tokio::test]
async fn after_an_attempt_that_was_lost_another_is_made() {
    let (server, endpoint) = (TestServer::start().await, WebhookReceiver::start());
    let company = server.company().create().await;
    let webhook = company.webhook(&endpoint).await;
    let ping = ping_jobs(&server, &webhook, 1).remove(0);
    let process = |message: &str| server.functions().clone().deliver_webhook(batch(message, &ping));
    endpoint.reacts(|number| if number == 0 { Reaction::Hang(Arc::default(), 200) } else { Reaction::Status(200) });
    let lost = tokio::spawn(process("a"));
    endpoint.received(1).await;
    lost.abort();
    assert!(lost.await.unwrap_err().is_cancelled());

    server.pass(ATTEMPT_MAX - Duration::from_millis(1));
    assert_eq!(process("a").await.batch_item_failures.len(), 1);
    assert_eq!(endpoint.posts().len(), 1);
    server.pass(Duration::from_millis(1));
    assert_eq!(process("a").await.batch_item_failures.len(), 0);
    assert_eq!(endpoint.posts().len(), 2);
    assert_eq!(company.deliveries(&webhook.id).await[0]["attempts"], 2);
}

#[tokio::test]
async fn a_message_that_nobody_can_read_is_a_dead_letter_at_once() {
    let here = subscribed(200).await;
    let message = local::sqs::NewMessage {
        body: "{\"a\":1}".to_owned(),
        group_id: None,
        delay: Duration::ZERO,
        attributes: Default::default(),
    };
    here.server.queues().send(QueueName::Deliveries, vec![message]).await.unwrap();
    here.events.quiet().await;
    assert_eq!(here.events.dead_letters().await, 1);
    assert!(
        here.server.log().iter().any(|line| line.contains("\"level\":\"ERROR\"") && line.contains("no delivery job"))
    );
}
