//! Everything that waits does so in the table, one alarm for each webhook, and sweeps send it when it is due.
//!
//! `WAITING_DELIVERIES` says how many deliveries of one company wait beside a neighbour's.

use std::time::Duration;

use domain::delivery::{Delivery, DeliveryJob, QUEUED_WAIT_MAX, RetrySchedule, WAITING_JOB_MAX_BYTES, WAITING_MAX};
use domain::event::Event;
use domain::webhook::{WEBHOOKS_MAX, WebhookId};
use local::sqs::{Counts, QueueName};
use reqwest::Method;
use serde_json::{Value, json};
use tests::events::{Webhook, ping_jobs, set_alarm};
use tests::faults::Operation::{self, DeleteItem, SendMessageBatch};
use tests::faults::{Fault, FaultScript};
use tests::{Company, Events, TestServer, WebhookReceiver};

use crate::events::attempts::{EventSubscription, subscribed};

const MINUTE: u64 = 60;
const QUARTER: u64 = 15 * MINUTE;
const DAY: u64 = 24 * 60 * MINUTE;

/// The items of a type, in DynamoDB's notation.
async fn items(server: &TestServer, entity_type: &str) -> Vec<Value> {
    let mut items = server.all_items().await;
    items.retain(|item| item["entityType"]["S"] == entity_type);
    items
}

async fn waiting(server: &TestServer) -> Vec<Value> {
    items(server, "WaitingDelivery").await
}

/// The one alarm: the time of the next look, and the number of deliveries that wait.
async fn alarm(server: &TestServer) -> (String, i64) {
    let alarms = items(server, "WebhookAlarm").await;
    assert_eq!(alarms.len(), 1, "{alarms:?}");
    let text = |name: &str, kind: &str| alarms[0][name][kind].as_str().expect("text").to_owned();
    (text("dueAt", "S"), text("waiting", "N").parse().expect("a number"))
}

/// The log lines of sweeps.
fn sweeps(server: &TestServer) -> Vec<Value> {
    let lines = server.log().into_iter().map(|line| serde_json::from_str::<Value>(&line).expect("a line in JSON"));
    lines.filter(|line| line["function"] == "sweep").collect()
}

/// The deliveries that all sweeps have sent.
fn swept(server: &TestServer) -> u64 {
    sweeps(server).iter().map(|line| line["DeliveriesSwept"].as_u64().expect("a number")).sum()
}

fn path(webhook: &Webhook) -> String {
    format!("/webhooks/{}", webhook.id)
}

async fn set_active(company: &Company, webhook: &Webhook, is_active: bool) {
    company.patch(&path(webhook)).json(&json!({"isActive": is_active})).answered(200).await;
}

/// Stores deliveries that wait for a webhook for so many seconds from now on, each with its order, and its alarm, with
/// that count.
async fn store_waiting(server: &TestServer, webhook: &str, count: usize, seconds: u64, counted: u64) {
    let id: WebhookId = webhook.parse().expect("an id");
    let due = server.now().saturating_add(Duration::from_secs(seconds));
    let mut written = Vec::new();
    for _ in 0..count {
        let ping = Event::ping(id, server.id(), server.now()).expect("an event");
        let job = DeliveryJob::new(&ping, id);
        let delivery = Delivery { next_attempt_at: Some(due), ..Delivery::new(&job, server.now()) }.in_table();
        let s = |text: String| json!({"S": text});
        let (now, delivery_id) = (server.now().to_string(), job.delivery_id.to_string());
        let gives_up = delivery.gives_up_at(&RetrySchedule::STANDARD).to_string();
        let key = |sort: String| json!({"PK": s(format!("WEBHOOK#{id}")), "SK": s(sort), "version": {"N": "1"}});
        let with = |key: Value, members: Value| tests::body::with(key, members);
        written.push(with(
            key(format!("WAITING#{due}#{delivery_id}")),
            json!({
                "entityType": s("WaitingDelivery".to_owned()), "webhookId": s(id.to_string()),
                "deliveryId": s(delivery_id.clone()), "dueAt": s(due.to_string()), "givesUpAt": s(gives_up),
                "job": s(serde_json::to_string(&job).expect("JSON")), "createdAt": s(now.clone()),
                "updatedAt": s(now.clone()), "expiresAt": {"N": "1900000000"},
            }),
        ));
        written.push(with(
            key(format!("DELIVERY#{delivery_id}")),
            json!({
                "entityType": s("Delivery".to_owned()), "id": s(delivery_id), "webhookId": s(id.to_string()),
                "event": s("ping".to_owned()), "occurredAt": s(now.clone()), "status": s("PENDING".to_owned()),
                "attempts": {"N": "0"}, "step": {"N": "0"}, "seriesBeganAt": s(now.clone()),
                "nextAttemptAt": s(due.to_string()), "createdAt": s(now.clone()), "updatedAt": s(now),
                "expiresAt": {"N": "1900000000"},
            }),
        ));
    }
    server.put_items(&written).await;
    set_alarm(server, id, due, counted).await;
}

/// The posts that arrived for each delivery are one.
fn assert_posted_once(endpoint: &WebhookReceiver, count: usize) {
    let mut ids: Vec<_> = endpoint.posts().iter().map(|post| post.delivery_id()).collect();
    assert_eq!(ids.len(), count);
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count, "posted twice");
}

/// The free way to fill a queue: test interviews, and webhooks that are dead.
#[tokio::test]
async fn free_test_interviews_leave_nothing_in_the_queue_and_pausing_their_webhooks_neither() {
    let (server, endpoint) = (TestServer::start().await, WebhookReceiver::start());
    let events = Events::start(&server).await;
    let company = server.company().create().await;
    endpoint.answers(500);
    let mut webhooks = Vec::new();
    for _ in 0..WEBHOOKS_MAX {
        webhooks.push(company.webhook(&endpoint).await);
    }
    for _ in 0..6 {
        company.test_interview().await;
    }
    let deliveries = 6 * 2 * WEBHOOKS_MAX;
    events.published().await;
    assert_eq!(endpoint.posts().len(), deliveries);
    // The second attempt is five seconds after the first one has ended, which takes real time on a busy machine, and the
    // third five minutes later.
    events.pass(Duration::from_secs(MINUTE)).await;
    assert_eq!(endpoint.posts().len(), 2 * deliveries);
    assert_eq!(events.quiet().await, Counts::default(), "in flight");
    assert_eq!(waiting(&server).await.len(), deliveries);
    assert_eq!(items(&server, "WebhookAlarm").await.len(), WEBHOOKS_MAX);

    for webhook in &webhooks {
        set_active(&company, webhook, false).await;
    }
    events.pass(Duration::from_secs(20 * MINUTE)).await;
    assert_eq!(endpoint.posts().len(), 2 * deliveries);
    assert_eq!(events.quiet().await, Counts::default(), "in flight while paused");
    assert_eq!(waiting(&server).await.len(), deliveries);
}

#[tokio::test]
async fn what_waits_for_a_minute_does_so_in_the_queue_and_longer_in_the_table() {
    let second = Duration::from_secs(1);
    for (wait, in_flight, in_table) in [(QUEUED_WAIT_MAX - second, 1, 0), (QUEUED_WAIT_MAX + second, 0, 1)] {
        let here = subscribed(200).await;
        here.endpoint.reacts(move |number| match number {
            0 => tests::Reaction::Answer(503, "retry-after", wait.as_secs().to_string(), String::new()),
            _ => tests::Reaction::Status(200),
        });
        // An attempt takes some real time, after which the wait begins, and the clock stands still.
        here.first_attempt().await;
        assert_eq!(here.events.quiet().await.in_flight, in_flight, "{wait:?}");
        assert_eq!(waiting(&here.server).await.len(), in_table, "{wait:?}");
        here.events.pass(wait + Duration::from_secs(2)).await;
        assert_eq!(here.endpoint.posts().len(), 2, "{wait:?}");
        assert_eq!(here.delivery().await["status"], "SUCCEEDED");
        assert_eq!((waiting(&here.server).await.len(), items(&here.server, "WebhookAlarm").await.len()), (0, 0));
    }
}

/// Has so many deliveries wait for a webhook whose circuit is open until that many seconds from now.
async fn broken(here: &EventSubscription, count: usize, seconds: u64) {
    let probe = here.server.now().saturating_add(Duration::from_secs(seconds));
    let circuit = json!({"circuit": {"M": {
        "consecutiveFailures": {"N": "20"}, "failingSince": {"S": "2026-05-15T00:00:00.000Z"},
        "openedAt": {"S": "2026-05-15T01:00:00.000Z"}, "nextProbeAt": {"S": probe},
    }}});
    here.server.set_attributes(&format!("WEBHOOK#{}", here.webhook.id), "WEBHOOK", &circuit).await;
    for _ in 0..count {
        here.company.test_interview().await;
    }
    here.events.published().await;
    assert_eq!(here.endpoint.posts().len(), 0);
    assert_eq!(alarm(&here.server).await, (probe.to_string(), i64::try_from(count).unwrap()));
}

#[tokio::test]
async fn of_what_waits_for_a_broken_endpoint_one_delivery_tries_it_out_and_its_success_releases_the_others() {
    let here = subscribed(500).await;
    broken(&here, 5, QUARTER).await;
    here.pass_seconds(QUARTER - 1).await;
    assert_eq!(here.endpoint.posts().len(), 0);
    for probe in 1..=3 {
        here.pass_seconds(if probe == 1 { 1 } else { QUARTER + MINUTE }).await;
        assert_eq!(here.endpoint.posts().len(), probe);
        assert_eq!(here.events.quiet().await, Counts::default(), "one probe, and nothing in flight");
        assert_eq!(alarm(&here.server).await.1, 5);
        // Sweeps in between leave it alone.
        here.events.sweep().await;
        assert_eq!(here.endpoint.posts().len(), probe);
        assert_eq!(swept(&here.server), probe as u64, "the queue gets the probe, and nothing besides");
    }
    here.endpoint.answers(200);
    here.pass_seconds(QUARTER + MINUTE).await;
    assert_eq!(here.endpoint.posts().len(), 4);
    here.events.sweep().await;
    assert_eq!(here.endpoint.posts().len(), 8, "at the next sweep");
    assert_eq!(waiting(&here.server).await.len(), 0);
    assert_eq!(items(&here.server, "WebhookAlarm").await.len(), 0);
}

#[tokio::test]
async fn whoever_mends_resumes_or_reactivates_has_what_waits_sent_by_the_next_sweep() {
    let here = subscribed(200).await;
    broken(&here, 2, 4 * 60 * MINUTE).await;
    here.company.post(&format!("{}/reset-circuit", path(&here.webhook))).answered(200).await;
    here.events.sweep().await;
    assert_eq!(here.endpoint.posts().len(), 2);

    let here = subscribed(500).await;
    here.first_attempt().await;
    here.events.pass(Duration::from_secs(10)).await;
    here.pass_seconds(QUARTER).await;
    let posts = here.endpoint.posts().len();
    here.endpoint.answers(200);
    set_active(&here.company, &here.webhook, false).await;
    here.pass_seconds(60 * MINUTE).await;
    assert_eq!(here.endpoint.posts().len(), posts);
    set_active(&here.company, &here.webhook, true).await;
    here.events.sweep().await;
    assert_eq!(here.endpoint.posts().len(), posts + 1);
    assert_eq!(here.delivery().await["status"], "SUCCEEDED");

    let here = subscribed(200).await;
    here.company.suspend().await;
    let jobs = ping_jobs(&here.server, &here.webhook, 1);
    let ping = serde_json::from_str::<Value>(&jobs[0].body).unwrap();
    let ping = tests::body::with(ping, json!({"companyId": here.company.id}));
    let message = local::sqs::NewMessage {
        body: ping.to_string(),
        group_id: None,
        delay: Duration::ZERO,
        attributes: Default::default(),
    };
    here.server.queues().send(QueueName::Deliveries, vec![message]).await.unwrap();
    here.events.quiet().await;
    here.pass_seconds(QUARTER).await;
    assert_eq!((here.endpoint.posts().len(), here.events.quiet().await), (0, Counts::default()));
    let (store, now) = (here.server.store(), here.server.now());
    store.set_subscription(here.company.id, domain::allowance::SubscriptionStatus::Active, now).await.unwrap();
    here.events.sweep().await;
    assert_eq!(here.endpoint.posts().len(), 1);
}

#[tokio::test]
async fn two_sweeps_at_once_have_each_delivery_posted_once() {
    let here = subscribed(200).await;
    store_waiting(&here.server, &here.webhook.id, 150, 0, 150).await;
    let functions = here.server.functions();
    tokio::join!(functions.clone().sweep(), functions.clone().sweep());
    here.events.quiet().await;
    here.events.sweep().await;
    assert_posted_once(&here.endpoint, 150);
    assert_eq!(waiting(&here.server).await.len(), 0);
    assert_eq!(items(&here.server, "WebhookAlarm").await.len(), 0);
}

/// Sweeps, and kills the sweep at its first request of that kind.
async fn sweep_killed_at(here: &EventSubscription, operation: Operation) {
    here.server.faults().follow(FaultScript::script([(operation, Fault::DelayBefore(Duration::from_secs(3_600)))]));
    let sweep = tokio::spawn(here.server.functions().clone().sweep());
    while here.server.faults().unused() > 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    sweep.abort();
    assert!(sweep.await.unwrap_err().is_cancelled());
    here.server.faults().follow(FaultScript::none());
    here.events.quiet().await;
}

#[tokio::test]
async fn a_sweep_that_dies_between_any_two_steps_leaves_nothing_behind_and_posts_nothing_twice() {
    for operation in [Operation::Query, Operation::BatchGetItem, DeleteItem] {
        let here = subscribed(200).await;
        store_waiting(&here.server, &here.webhook.id, 3, 0, 3).await;
        sweep_killed_at(&here, operation).await;
        here.pass_seconds(MINUTE).await;
        assert_posted_once(&here.endpoint, 3);
        assert_eq!(waiting(&here.server).await.len(), 0, "after {operation:?}");
        here.pass_seconds(MINUTE).await;
        assert_eq!(items(&here.server, "WebhookAlarm").await.len(), 0, "after {operation:?}");
    }
    // What was sent twice, and given up by the first of both, does not begin anew.
    let here = subscribed(200).await;
    store_waiting(&here.server, &here.webhook.id, 1, 0, 1).await;
    set_active(&here.company, &here.webhook, false).await;
    here.server.pass(Duration::from_secs(4 * DAY));
    sweep_killed_at(&here, DeleteItem).await;
    assert_eq!(here.delivery().await["status"], "FAILED");
    set_active(&here.company, &here.webhook, true).await;
    here.pass_seconds(MINUTE).await;
    assert_eq!((here.endpoint.posts().len(), here.delivery().await["status"].clone()), (0, json!("FAILED")));
    assert_eq!(waiting(&here.server).await.len(), 0);
}

#[tokio::test]
async fn a_queue_or_a_table_that_fails_leaves_everything_due() {
    let here = subscribed(200).await;
    store_waiting(&here.server, &here.webhook.id, 3, 0, 3).await;
    here.server.service_faults().follow(FaultScript::script(vec![(SendMessageBatch, Fault::RequestLost); 3]));
    here.events.sweep().await;
    assert_eq!((here.server.service_faults().unused(), waiting(&here.server).await.len()), (0, 3));
    let line = sweeps(&here.server).remove(0);
    assert_eq!((&line["level"], &line["SweepFailures"]), (&json!("ERROR"), &json!(1)));
    assert_eq!(line["failedWebhookId"], json!(here.webhook.id));

    // More than the retries of sixteen shards.
    here.server.faults().follow(FaultScript::script(vec![(Operation::Query, Fault::Unavailable); 5_000]));
    here.events.sweep().await;
    here.server.faults().follow(FaultScript::none());
    assert_eq!((waiting(&here.server).await.len(), here.endpoint.posts().len()), (3, 0));

    here.events.sweep().await;
    assert_posted_once(&here.endpoint, 3);
    assert_eq!(waiting(&here.server).await.len(), 0);
}

#[tokio::test]
async fn a_redelivery_of_what_waits_is_posted_at_once_and_once() {
    let here = subscribed(500).await;
    here.first_attempt().await;
    here.events.pass(Duration::from_secs(10)).await;
    assert_eq!((here.endpoint.posts().len(), waiting(&here.server).await.len()), (2, 1));
    here.endpoint.answers(200);
    let id = here.delivery().await["id"].as_str().unwrap().to_owned();
    here.company.post(&format!("{}/deliveries/{id}/redeliver", path(&here.webhook))).answered(202).await;
    here.endpoint.received(3).await;
    here.events.quiet().await;
    for _ in 0..8 {
        here.pass_seconds(2 * MINUTE).await;
    }
    assert_eq!(here.endpoint.posts().len(), 3);
    assert_eq!((waiting(&here.server).await.len(), here.events.quiet().await), (0, Counts::default()));
    assert_eq!(here.delivery().await["status"], "SUCCEEDED");
}

/// The oldest is given up, visibly, and its dead letter can be sent again.
#[tokio::test]
async fn ten_thousand_may_wait_and_of_one_more_the_oldest_is_given_up() {
    for (counted, given_up) in [(WAITING_MAX, 0), (WAITING_MAX + 1, 1)] {
        let here = subscribed(200).await;
        set_active(&here.company, &here.webhook, false).await;
        store_waiting(&here.server, &here.webhook.id, 1, 0, 0).await;
        let oldest = here.delivery().await["id"].clone();
        here.server.pass(Duration::from_secs(MINUTE));
        store_waiting(&here.server, &here.webhook.id, 2, 0, counted).await;
        here.events.sweep().await;
        let deliveries = here.company.deliveries(&here.webhook.id).await;
        let failed: Vec<_> = deliveries.iter().filter(|delivery| delivery["status"] == "FAILED").collect();
        assert_eq!((failed.len(), here.events.dead_letters().await), (given_up, given_up as u64));
        assert!(failed.iter().all(|delivery| delivery["id"] == oldest));
        assert_eq!(waiting(&here.server).await.len(), 3 - given_up);
        assert_eq!(alarm(&here.server).await.1, 10_000);

        here.server.pass(Duration::from_secs(MINUTE));
        set_active(&here.company, &here.webhook, true).await;
        here.server.queues().redrive(QueueName::DeadLetters, Some(QueueName::Deliveries)).await.unwrap();
        here.events.quiet().await;
        here.events.sweep().await;
        assert_posted_once(&here.endpoint, 3);
    }
}

#[tokio::test]
async fn what_waits_too_long_for_a_paused_webhook_is_given_up() {
    let here = subscribed(200).await;
    store_waiting(&here.server, &here.webhook.id, 2, 0, 2).await;
    set_active(&here.company, &here.webhook, false).await;
    here.pass_seconds(4 * DAY - 1).await;
    assert_eq!((here.events.dead_letters().await, waiting(&here.server).await.len()), (0, 2));
    here.pass_seconds(QUARTER).await;
    assert_eq!((here.events.dead_letters().await, waiting(&here.server).await.len()), (2, 0));
    let deliveries = here.company.deliveries(&here.webhook.id).await;
    assert!(deliveries.iter().all(|delivery| delivery["status"] == "FAILED"), "{deliveries:?}");
    assert_eq!(items(&here.server, "WebhookAlarm").await.len(), 0);
}

#[tokio::test]
async fn of_a_deleted_webhook_nothing_is_left_waiting() {
    let here = subscribed(200).await;
    store_waiting(&here.server, &here.webhook.id, 150, 10 * 60 * MINUTE, 150).await;
    here.company.request(Method::DELETE, &path(&here.webhook)).answered(204).await;
    here.events.sweep().await;
    assert_eq!((waiting(&here.server).await.len(), items(&here.server, "WebhookAlarm").await.len()), (0, 0));
    assert_eq!((here.endpoint.posts().len(), here.events.quiet().await), (0, Counts::default()));
}

/// A message of a version before, which was put off for hours, and one whose order no item can hold.
#[tokio::test]
async fn messages_of_the_version_before_are_put_into_the_table_and_what_is_too_large_stays_in_the_queue() {
    let here = subscribed(500).await;
    here.first_attempt().await;
    let delivery = here.delivery().await;
    let key = format!("DELIVERY#{}", delivery["id"].as_str().unwrap());
    let later = here.server.now().saturating_add(Duration::from_secs(5 * 60 * MINUTE));
    let hours = json!({"nextAttemptAt": {"S": later}});
    here.server.set_attributes(&format!("WEBHOOK#{}", here.webhook.id), &key, &hours).await;
    here.pass_seconds(MINUTE).await;
    assert_eq!((here.endpoint.posts().len(), here.events.quiet().await), (1, Counts::default()));
    assert_eq!(alarm(&here.server).await, (later.to_string(), 1));
    here.endpoint.answers(200);
    here.pass_seconds(5 * 60 * MINUTE).await;
    assert_eq!((here.endpoint.posts().len(), waiting(&here.server).await.len()), (2, 0));

    set_active(&here.company, &here.webhook, false).await;
    for (bytes, in_flight, in_table) in [(WAITING_JOB_MAX_BYTES, 0, 1), (WAITING_JOB_MAX_BYTES + 1, 1, 1)] {
        let mut message = ping_jobs(&here.server, &here.webhook, 1).remove(0);
        let room = bytes - message.body.len() - 6;
        message.body = message.body.replace("\"data\":{}", &format!("\"data\":{{\"a\":\"{}\"}}", "x".repeat(room)));
        assert_eq!(message.body.len(), bytes);
        here.server.queues().send(QueueName::Deliveries, vec![message]).await.unwrap();
        let counts = here.events.quiet().await;
        assert_eq!((counts.in_flight, waiting(&here.server).await.len()), (in_flight, in_table));
    }
}

/// A sweep beside so many deliveries that wait for another company's webhook: the requests of the sweep, once the
/// neighbour's delivery was posted by it.
async fn sweep_beside(count: usize, is_paused: bool) -> (EventSubscription, u64) {
    let here = subscribed(200).await;
    let (crowd, endpoint) = (here.server.company().create().await, WebhookReceiver::start());
    let crowded = crowd.webhook(&endpoint).await;
    if is_paused {
        set_active(&crowd, &crowded, false).await;
    }
    store_waiting(&here.server, &crowded.id, count, 0, u64::try_from(count).unwrap()).await;
    here.server.pass(Duration::from_secs(1));
    store_waiting(&here.server, &here.webhook.id, 1, 0, 1).await;
    here.server.functions().clone().sweep().await;
    here.endpoint.received(1).await;
    let dynamodb = sweeps(&here.server).remove(0)["dynamodb"].clone();
    let count = |name: &str| dynamodb[name].as_u64().expect("a number");
    let requests = count("requests") - count("retries");
    (here, requests)
}

fn many() -> usize {
    std::env::var("WAITING_DELIVERIES").map_or(1_500, |count| count.parse().expect("a number"))
}

#[tokio::test]
async fn what_waits_for_one_company_s_webhook_costs_another_s_delivery_nothing() {
    let (_, few) = sweep_beside(150, true).await;
    let (here, requests) = sweep_beside(many().min(10_000), true).await;
    // The shards of alarms and those of candidates, the webhooks and their companies' suspensions; then for each webhook what is due, for the neighbour's
    // its removal and what else waits, and the move of the alarm.
    assert_eq!((requests, few), (32 + 2 + 2 + 4, 32 + 2 + 2 + 4));
    let line = sweeps(&here.server).remove(0);
    assert_eq!(
        (&line["webhooks"], &line["DeliveriesSwept"], &line["SweepFailures"]),
        (&json!(2), &json!(1), &json!(0))
    );
}

#[tokio::test]
async fn a_sweep_sends_a_thousand_of_what_is_due_for_one_webhook_and_another_s_beside_it() {
    let count = many().clamp(1_500, 10_000);
    let (here, _) = sweep_beside(count, false).await;
    let (line, left) = (sweeps(&here.server).remove(0), waiting(&here.server).await.len());
    // On a machine that is too busy, less is done in the time that there is, or a request takes too long.
    let is_hindered = line["isCutShort"] == true || line["SweepFailures"] != 0 || line["dynamodb"]["retries"] != 0;
    assert!(is_hindered || left == count - 1_000, "{left} wait: {line}");
    assert!(left >= count - 1_000, "{left} wait: {line}");
    // What is left is due, for the next sweep.
    assert!(alarm(&here.server).await.0 <= here.server.now().to_string());
}

/// A hundred webhooks of one company and its system with 10,000 deliveries each, which is as many as may wait: some
/// minutes, most of them to write it all.
#[tokio::test]
#[ignore = "takes minutes"]
async fn beside_a_million_waiting_deliveries_a_neighbour_s_is_sent_by_the_next_sweep() {
    let here = subscribed(200).await;
    let ats = here.server.ats().await;
    let crowd = here.server.company().managed_by(ats).create().await;
    let (_, ats_key) = here.server.ats_key(ats).create().await;
    let total = std::env::var("WAITING_DELIVERIES").map_or(1_000_000, |count| count.parse().expect("a number"));
    let each = total / (2 * WEBHOOKS_MAX);
    for key in [&crowd.key, &ats_key] {
        for _ in 0..WEBHOOKS_MAX {
            let webhook = here.server.webhook_of(key).await;
            here.server
                .request(Method::PATCH, &format!("/webhooks/{webhook}"))
                .key(key)
                .json(&json!({"isActive": false}))
                .answered(200)
                .await;
            store_waiting(&here.server, &webhook, each, 0, u64::try_from(each).unwrap()).await;
        }
    }
    here.server.pass(Duration::from_secs(1));
    store_waiting(&here.server, &here.webhook.id, 1, 0, 1).await;
    here.server.faults().take_requests();
    let began = std::time::Instant::now();
    here.server.functions().clone().sweep().await;
    let took = began.elapsed();
    here.endpoint.received(1).await;
    println!("{} requests in {took:?}", here.server.faults().take_requests().len());
    println!("{}", sweeps(&here.server).remove(0));
}
