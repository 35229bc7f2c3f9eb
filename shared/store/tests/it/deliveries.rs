//! Deliveries, and the changes that the stream tells of.

use std::time::Duration;

use domain::Versioned;
use domain::delivery::{AttemptOutcome, AttemptRecord, Delivery, DeliveryJob, ReceivedMessage, RetrySchedule};
use domain::event::Event;
use domain::webhook::WebhookId;
use serde_json::json;
use store::{DeliveryAddress, DeliveryState, InterviewChange, PageRequest, Updated};
use tests::faults::Operation::{BatchGetItem, PutItem, Query};
use tests::faults::{Fault, FaultScript};
use uuid::Uuid;

use crate::samples::{self, first};
use crate::test_table::{TestTable, now};

/// The job to tell a webhook of an event so many seconds from now.
pub fn job(webhook_id: WebhookId, seconds: u64) -> DeliveryJob {
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
    delivery.attempting(Uuid::new_v4(), message, now()).after(
        record,
        None,
        message,
        None,
        0.5,
        &RetrySchedule::STANDARD,
    )
}

#[tokio::test]
async fn a_delivery_is_read_with_its_webhook_and_written_under_its_version() {
    let table = TestTable::start().await;
    let webhook = table.created(&samples::new_webhook(table.owner())).await;
    let job = job(webhook.id, 0);
    let address = DeliveryAddress { webhook_id: webhook.id, id: job.delivery_id };
    let mut system = table.store.system();
    table.requests();
    let state = DeliveryState { webhook: Some(first(webhook.clone())), delivery: None, is_suspended: false };
    assert_eq!(system.delivery(address, Some(table.company_id)).await.unwrap(), state);
    assert_eq!(table.requests(), [BatchGetItem]);

    let one = failed(Delivery::new(&job, now()));
    assert_eq!(system.session.write_delivery(None, &one).await.unwrap(), Updated::Applied);
    assert_eq!(table.requests(), [PutItem]);
    assert_eq!(system.delivery(address, None).await.unwrap().delivery, Some(first(one.clone())));

    let two = failed(one.clone());
    for (read, delivery, expected) in [
        (None, &two, Updated::Outdated),
        (Some(2), &two, Updated::Outdated),
        (Some(1), &two, Updated::Applied),
        (Some(1), &one, Updated::Outdated),
    ] {
        assert_eq!(system.session.write_delivery(read, delivery).await.unwrap(), expected, "{read:?}");
    }
    assert_eq!(system.delivery(address, None).await.unwrap().delivery, Some(Versioned { version: 2, value: two }));
}

#[tokio::test]
async fn a_lost_answer_is_no_reason_to_think_that_somebody_else_was_quicker() {
    let table = TestTable::start().await;
    let new = Delivery::new(&job(WebhookId::new(Uuid::new_v4()), 0), now());
    for (read, delivery) in [(None, new.clone()), (Some(1), failed(new))] {
        table.break_with(FaultScript::script([(PutItem, Fault::AnswerLost)]));
        assert_eq!(table.store.session().write_delivery(read, &delivery).await.unwrap(), Updated::Applied);
        assert_eq!(table.requests(), [PutItem; 2]);
    }
}

#[tokio::test]
async fn pages_go_from_the_newest_to_the_oldest_and_miss_none() {
    let table = TestTable::start().await;
    let (one, other) = (table.created(&samples::new_webhook(table.owner())).await, samples::webhook(table.owner()));
    let mut session = table.store.session();
    let mut ids = Vec::new();
    for seconds in 0..7 {
        let job = job(one.id, seconds);
        session.write_delivery(None, &Delivery::new(&job, now())).await.unwrap();
        ids.insert(0, job.delivery_id);
    }
    session.write_delivery(None, &Delivery::new(&job(other.id, 3), now())).await.unwrap();
    table.requests();

    let (mut seen, mut cursor) = (Vec::new(), None);
    for expected in [3, 3, 1] {
        let page = session.deliveries(&one, PageRequest { limit: 3, cursor }).await.unwrap();
        assert_eq!(page.items.len(), expected);
        seen.extend(page.items.iter().map(|(id, _)| *id));
        cursor = page.next;
    }
    assert_eq!((seen, cursor), (ids, None));
    assert_eq!(table.requests(), [Query; 3]);
    let none = session.deliveries(&samples::webhook(table.owner()), PageRequest { limit: 3, cursor }).await.unwrap();
    assert_eq!((none.items, none.next), (Vec::new(), None));
}

#[tokio::test]
async fn the_item_looks_as_documented() {
    let table = TestTable::start().await;
    let webhook_id = WebhookId::new(Uuid::new_v4());
    let delivery = failed(Delivery::new(&job(webhook_id, 0), now()));
    table.store.session().write_delivery(None, &delivery).await.unwrap();
    let (pk, sk) = (format!("WEBHOOK#{webhook_id}"), format!("DELIVERY#{}", delivery.id));
    let stored = table.item(&pk, &sk).await;
    let expected = json!({
        "PK": pk, "SK": sk, "entityType": "Delivery", "version": 1,
        "id": delivery.id, "webhookId": webhook_id, "event": "ping", "occurredAt": "2026-11-22T10:00:00.123Z",
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
