//! Deliveries, and the changes that the stream tells of.

use std::time::Duration;

use domain::Versioned;
use domain::company::Owner;
use domain::delivery::{AttemptOutcome, AttemptRecord, Delivery, DeliveryJob, ReceivedMessage, RetrySchedule};
use domain::event::Event;
use domain::webhook::{Webhook, WebhookId};
use serde_json::json;
use store::{Changed, Creation, InterviewChange, Record};
use tests::faults::Operation::{BatchGetItem, PutItem, Query};
use tests::faults::{Fault, FaultScript};
use uuid::Uuid;

use crate::samples;
use crate::test_table::{TestTable, now};

fn order(webhook_id: WebhookId, seconds: u64) -> DeliveryJob {
    let at = now().saturating_add(Duration::from_secs(seconds));
    DeliveryJob::new(&Event::ping(webhook_id, Uuid::new_v4(), at).unwrap(), webhook_id)
}

fn failed(delivery: Delivery) -> Delivery {
    let record = AttemptRecord {
        at: now(),
        outcome: AttemptOutcome::BadStatus,
        http_status: Some(500),
        duration_ms: 12,
        response_body: Some("no".to_owned()),
    };
    let message = ReceivedMessage { id: "m", sent_at: now() };
    delivery.after(record, None, message, None, 0.5, &RetrySchedule::STANDARD)
}

async fn webhook(table: &TestTable) -> Webhook {
    let webhook = samples::webhook(Owner::Company(table.company_id));
    let record = Record { request_id: "r", fingerprint: None };
    let created = table.store.session().create_webhook(webhook.clone(), None, record).await.unwrap();
    assert!(matches!(created, Creation::Created(_)));
    webhook
}

#[tokio::test]
async fn a_delivery_is_read_with_its_webhook_and_written_under_its_version() {
    let table = TestTable::start().await;
    let webhook = webhook(&table).await;
    let order = order(webhook.id, 0);
    let mut session = table.store.session();
    table.requests();
    let (found, none) = session.delivery(webhook.id, order.delivery_id).await.unwrap();
    assert_eq!((found.unwrap().value, none), (webhook.clone(), None));
    assert_eq!(table.requests(), [BatchGetItem]);

    let first = failed(Delivery::new(&order, now()));
    assert_eq!(session.write_delivery(None, &first).await.unwrap(), Changed::Done);
    assert_eq!(table.requests(), [PutItem]);
    let (_, stored) = session.delivery(webhook.id, order.delivery_id).await.unwrap();
    assert_eq!(stored, Some(Versioned { version: 1, value: first.clone() }));

    let second = failed(first.clone());
    assert_eq!(session.write_delivery(None, &second).await.unwrap(), Changed::Outdated);
    assert_eq!(session.write_delivery(Some(2), &second).await.unwrap(), Changed::Outdated);
    assert_eq!(session.write_delivery(Some(1), &second).await.unwrap(), Changed::Done);
    assert_eq!(session.write_delivery(Some(1), &first).await.unwrap(), Changed::Outdated);
    let (_, stored) = session.delivery(webhook.id, order.delivery_id).await.unwrap();
    assert_eq!(stored, Some(Versioned { version: 2, value: second }));
}

#[tokio::test]
async fn a_lost_answer_is_no_reason_to_think_that_somebody_else_was_quicker() {
    let table = TestTable::start().await;
    let order = order(webhook(&table).await.id, 0);
    let (first, second) = (Delivery::new(&order, now()), failed(Delivery::new(&order, now())));
    for (read, delivery) in [(None, &first), (Some(1), &second)] {
        table.break_with(FaultScript::script([(PutItem, Fault::AnswerLost)]));
        assert_eq!(table.store.session().write_delivery(read, delivery).await.unwrap(), Changed::Done);
        assert_eq!(table.requests(), [PutItem; 2]);
    }
}

#[tokio::test]
async fn pages_go_from_the_newest_to_the_oldest_and_miss_none() {
    let table = TestTable::start().await;
    let (one, other) = (webhook(&table).await, webhook(&table).await);
    let mut session = table.store.session();
    let mut ids = Vec::new();
    for seconds in 0..7 {
        let order = order(one.id, seconds);
        session.write_delivery(None, &Delivery::new(&order, now())).await.unwrap();
        ids.insert(0, order.delivery_id);
    }
    session.write_delivery(None, &Delivery::new(&order(other.id, 3), now())).await.unwrap();
    table.requests();

    let mut seen = Vec::new();
    let mut after = None;
    for expected in [3, 3, 1] {
        let page = session.deliveries(one.id, after, 3).await.unwrap();
        assert_eq!(page.deliveries.len(), expected);
        seen.extend(page.deliveries.iter().map(|delivery| delivery.id));
        after = page.next;
    }
    assert_eq!((seen, after), (ids, None));
    assert_eq!(table.requests(), [Query; 3]);
    assert_eq!(session.deliveries(WebhookId::new(Uuid::nil()), None, 3).await.unwrap().deliveries, []);
}

#[tokio::test]
async fn the_item_looks_as_documented() {
    let table = TestTable::start().await;
    let webhook = webhook(&table).await;
    let order = order(webhook.id, 0);
    let delivery = failed(Delivery::new(&order, now()));
    table.store.session().write_delivery(None, &delivery).await.unwrap();
    let stored = table.item(&format!("WEBHOOK#{}", webhook.id), &format!("DELIVERY#{}", delivery.id)).await;
    let expected = json!({
        "PK": format!("WEBHOOK#{}", webhook.id), "SK": format!("DELIVERY#{}", delivery.id),
        "entityType": "Delivery", "version": 1,
        "id": delivery.id, "webhookId": webhook.id, "event": "ping", "occurredAt": "2026-11-22T10:00:00.123Z",
        "status": "PENDING", "attempts": 1, "step": 1, "seriesBeganAt": "2026-11-22T10:00:00.123Z",
        "nextAttemptAt": "2026-11-22T10:00:05.135Z", "messageId": "m",
        "lastAttempt": {
            "at": "2026-11-22T10:00:00.123Z", "outcome": "BAD_STATUS", "httpStatus": 500, "durationMs": 12,
            "responseBody": "no",
        },
        "createdAt": "2026-11-22T10:00:00.123Z", "updatedAt": "2026-11-22T10:00:00.135Z",
        "expiresAt": now().epoch_seconds() + 30 * 24 * 60 * 60,
    });
    assert_eq!(stored, expected, "{stored:#}");
}

#[test]
fn a_change_is_read_from_its_images_and_what_is_no_interview_is_none() {
    let company_id = samples::company_id();
    let (candidate, agent) = (samples::bare_candidate(company_id), samples::bare_agent(company_id));
    let interview = samples::full_interview(&candidate, &agent, None);
    let mut item = serde_json::to_value(&interview).unwrap();
    item["entityType"] = json!("Interview");
    item["version"] = json!(3);
    let image = |item: &serde_json::Value| serde_dynamo::to_item::<_, serde_dynamo::Item>(item).unwrap();
    let none = || serde_dynamo::Item::from(std::collections::HashMap::<String, serde_dynamo::AttributeValue>::new());

    let change = InterviewChange::from_images(none(), image(&item)).unwrap().unwrap();
    assert_eq!((change.old, change.new), (None, Versioned { version: 3, value: interview.clone() }));
    let change = InterviewChange::from_images(image(&item), image(&item)).unwrap().unwrap();
    assert_eq!(change.old, Some(interview));

    assert_eq!(InterviewChange::from_images(image(&item), none()).unwrap(), None);
    for other in ["Tombstone", "Candidate", "FromTheFuture"] {
        item["entityType"] = json!(other);
        assert_eq!(InterviewChange::from_images(none(), image(&item)).unwrap(), None, "{other}");
    }
    item["entityType"] = json!("Interview");
    item["status"] = json!("FROM_THE_FUTURE");
    assert!(InterviewChange::from_images(none(), image(&item)).is_err());
}
