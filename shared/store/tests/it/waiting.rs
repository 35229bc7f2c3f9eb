//! Deliveries that wait, and the alarm of their webhook.

use std::time::Duration;

use domain::Versioned;
use domain::delivery::{Delivery, RetrySchedule, WaitingDelivery, WebhookAlarm};
use domain::time::Timestamp;
use domain::webhook::{Webhook, WebhookId};
use serde_json::Value;
use store::{DueAlarm, SystemSession, Updated, WebhookState};
use tests::faults::Operation::{DeleteItem, PutItem, UpdateItem};
use tests::faults::{Fault, FaultScript};

use crate::deliveries::job;
use crate::samples::{self, first};
use crate::test_table::{TestTable, eventually, now};

fn later(seconds: u64) -> Timestamp {
    now().saturating_add(Duration::from_secs(seconds))
}

/// A delivery that waits until so many seconds from now.
fn waits(webhook_id: WebhookId, seconds: u64) -> WaitingDelivery {
    let job = job(webhook_id, seconds);
    let delivery = Delivery { next_attempt_at: Some(later(seconds)), ..Delivery::new(&job, now()) };
    WaitingDelivery::new(&delivery, serde_json::to_string(&job).unwrap(), now(), &RetrySchedule::STANDARD)
}

async fn alarm(table: &TestTable, id: WebhookId) -> (Value, Value, Value) {
    let item = table.item(&format!("WEBHOOK#{id}"), "ALARM").await;
    (item["dueAt"].clone(), item["waiting"].clone(), item["GSI2SK"].clone())
}

fn is_at(id: WebhookId, seconds: u64, waiting: u64) -> (Value, Value, Value) {
    let due = later(seconds);
    (due.to_string().into(), waiting.into(), format!("{due}#{id}").into())
}

/// All alarms that are due at a time, in the order of their times.
async fn due(system: &mut SystemSession, time: Timestamp) -> Vec<DueAlarm> {
    let mut due = Vec::new();
    for shard in 0..SystemSession::DUE_SHARDS {
        let mut after = None;
        loop {
            let page = system.due_alarms(shard, time, after, 1).await.unwrap();
            due.extend(page.items);
            after = page.next;
            if after.is_none() {
                break;
            }
        }
    }
    due.sort_by_key(|due| due.due_at);
    due
}

/// The one state of a webhook whose alarm is due.
async fn state(system: &mut SystemSession, webhook_id: WebhookId, time: Timestamp) -> WebhookState {
    let states = system.webhooks_of(&[DueAlarm { webhook_id, due_at: time }], time).await.unwrap();
    <[WebhookState; 1]>::try_from(states).unwrap()[0].clone()
}

#[tokio::test]
async fn an_alarm_is_only_moved_to_an_earlier_time_and_counts_what_waits() {
    let table = TestTable::start().await;
    let id = table.created(&samples::new_webhook(table.owner())).await.id;
    let mut session = table.store.session();
    for (at, look_at, expected, requests) in [
        (100, 100, (100, 1), vec![PutItem, UpdateItem]),
        (200, 200, (100, 2), vec![PutItem, UpdateItem, UpdateItem]),
        (50, 50, (50, 3), vec![PutItem, UpdateItem]),
        (10, 900, (50, 4), vec![PutItem, UpdateItem, UpdateItem]),
    ] {
        table.requests();
        session.hold_delivery(&waits(id, at), later(look_at)).await.unwrap();
        assert_eq!(table.requests(), requests);
        assert_eq!(alarm(&table, id).await, is_at(id, expected.0, expected.1));
    }
    let mut system = table.store.system();
    let page = system.waiting(id, Some(later(100)), 10).await.unwrap();
    let found: Vec<_> = page.deliveries.iter().map(|waiting| waiting.value.due_at).collect();
    assert_eq!((found, page.has_more), (vec![later(10), later(50), later(100)], false));
    let page = system.waiting(id, None, 2).await.unwrap();
    assert_eq!((page.deliveries.len(), page.has_more), (2, true));
}

#[tokio::test]
async fn alarms_are_found_from_their_time_on_and_page_by_page() {
    let table = TestTable::start().await;
    let mut session = table.store.session();
    let mut ids = Vec::new();
    for seconds in 1..=40 {
        let id = WebhookId::new(uuid::Uuid::new_v4());
        session.restart_budget();
        session.hold_delivery(&waits(id, seconds), later(seconds)).await.unwrap();
        ids.push(DueAlarm { webhook_id: id, due_at: later(seconds) });
    }
    let mut system = table.store.system();
    // The index follows after a moment, where it is no engine of our own.
    for count in [0, 20, 40] {
        system.session.restart_budget();
        let ask = || async { due(&mut table.store.system(), later(count as u64)).await };
        assert_eq!(eventually(ask, |found| found.len() == count).await, ids[..count]);
    }
}

#[tokio::test]
async fn what_waits_anew_is_not_removed_by_whoever_read_it_before() {
    let table = TestTable::start().await;
    let id = table.created(&samples::new_webhook(table.owner())).await.id;
    let waiting = waits(id, 10);
    let mut system = table.store.system();
    system.session.hold_delivery(&waiting, later(10)).await.unwrap();
    let read = system.waiting(id, None, 10).await.unwrap().deliveries.remove(0);
    assert_eq!(read, first(waiting.clone()));
    let anew = WaitingDelivery { created_at: later(1), updated_at: later(1), ..waiting.clone() };
    system.session.hold_delivery(&anew, later(10)).await.unwrap();
    assert_eq!(alarm(&table, id).await, is_at(id, 10, 1), "it counts once");
    assert!(!system.remove_waiting(&read).await.unwrap());
    let read = system.waiting(id, None, 10).await.unwrap().deliveries.remove(0);
    assert_eq!(read, Versioned { version: 2, value: anew.clone() });
    assert!(system.remove_waiting(&read).await.unwrap());
    assert!(!system.remove_waiting(&read).await.unwrap(), "it is gone");

    // Removed meanwhile, and then there again in its first version.
    system.session.hold_delivery(&waiting, later(10)).await.unwrap();
    let read = system.waiting(id, None, 10).await.unwrap().deliveries.remove(0);
    assert!(system.remove_waiting(&read).await.unwrap());
    system.session.hold_delivery(&anew, later(10)).await.unwrap();
    assert!(!system.remove_waiting(&read).await.unwrap());
    assert_eq!(system.waiting(id, None, 10).await.unwrap().deliveries, [first(anew)]);
}

#[tokio::test]
async fn an_alarm_that_was_set_since_it_was_read_is_not_moved_on() {
    let table = TestTable::start().await;
    let webhook = table.created(&samples::new_webhook(table.owner())).await;
    let id = webhook.id;
    let mut system = table.store.system();
    let hold = async |system: &mut SystemSession, seconds| {
        system.session.restart_budget();
        system.session.hold_delivery(&waits(id, seconds), later(seconds)).await.unwrap();
    };
    hold(&mut system, 10).await;
    let read = state(&mut system, id, later(10)).await;
    assert_eq!((read.webhook, read.is_suspended), (Some(webhook), false));
    // Neither moved nor removed, but what was removed is counted.
    for (seconds, look_at) in [(20, Some(later(60))), (30, None)] {
        let read = state(&mut system, id, later(10)).await.alarm;
        hold(&mut system, seconds).await;
        system.move_alarm(&read, look_at, 1, now()).await.unwrap();
        assert_eq!(alarm(&table, id).await, is_at(id, 10, 1));
    }
    let read = state(&mut system, id, later(10)).await.alarm;
    system.move_alarm(&read, Some(later(60)), 0, now()).await.unwrap();
    assert_eq!(alarm(&table, id).await, is_at(id, 60, 1));
    system.move_alarm(&read, None, 0, now()).await.unwrap();
    assert_eq!(alarm(&table, id).await, is_at(id, 60, 1), "it was moved since");
    let read = state(&mut system, id, later(60)).await.alarm;
    system.move_alarm(&read, None, 1, now()).await.unwrap();
    assert_eq!(table.item(&format!("WEBHOOK#{id}"), "ALARM").await, Value::Null);

    // Another alarm in its place is not the one that was read.
    let anew = WaitingDelivery { updated_at: later(1), ..waits(id, 70) };
    system.session.hold_delivery(&anew, later(70)).await.unwrap();
    let gone = Versioned { version: 1, value: WebhookAlarm { created_at: now(), ..read.value } };
    system.move_alarm(&gone, None, 0, now()).await.unwrap();
    assert_eq!(alarm(&table, id).await, is_at(id, 70, 1));
}

#[tokio::test]
async fn whoever_ends_a_pause_closes_a_circuit_or_deletes_wakes_the_alarm_and_no_other_change_does() {
    let table = TestTable::start().await;
    let mut webhook = first(table.created(&samples::new_webhook(table.owner())).await);
    let id = webhook.value.id;
    let mut session = table.store.session();
    session.hold_delivery(&waits(id, 900), later(900)).await.unwrap();
    let open = domain::webhook::Circuit { opened_at: Some(now()), ..webhook.value.circuit.clone() };
    let closed = webhook.value.circuit.clone();
    let paused = Some(domain::webhook::PauseReason::Requested);
    for (number, (pause, circuit, wakes)) in [
        (paused, &closed, false),
        (paused, &open, false),
        (None, &open, false),
        (None, &closed, true),
        (paused, &closed, false),
        (None, &closed, true),
    ]
    .into_iter()
    .enumerate()
    {
        session.restart_budget();
        let changed = Webhook { paused: pause, circuit: circuit.clone(), ..webhook.value.clone() };
        let at = later(number as u64);
        assert_eq!(session.change_webhook(&webhook, &changed, None, at).await.unwrap(), Updated::Applied);
        webhook = Versioned { version: webhook.version + 1, value: changed };
        let due = if wakes { number as u64 } else { 900 };
        assert_eq!(alarm(&table, id).await, is_at(id, due, 1), "change {number}");
        if wakes {
            let read = state(&mut table.store.system(), id, at).await.alarm;
            table.store.system().move_alarm(&read, Some(later(900)), 0, at).await.unwrap();
        }
    }
    assert_eq!(session.delete_webhook(&webhook, later(7)).await.unwrap(), Updated::Applied);
    assert_eq!(alarm(&table, id).await, is_at(id, 7, 1));
    assert_eq!(state(&mut table.store.system(), id, later(7)).await.webhook, None);
    // Nothing waits for another: there is no alarm to wake.
    let other = first(table.created(&samples::new_webhook(table.owner())).await);
    assert_eq!(session.delete_webhook(&other, now()).await.unwrap(), Updated::Applied);
    assert_eq!(table.item(&format!("WEBHOOK#{}", other.value.id), "ALARM").await, Value::Null);
}

#[tokio::test]
async fn a_change_stands_even_if_its_alarm_can_t_be_woken() {
    let table = TestTable::start().await;
    let webhook = first(table.created(&samples::new_webhook(table.owner())).await);
    let mut session = table.store.session();
    let paused = Webhook { paused: Some(domain::webhook::PauseReason::Gone), ..webhook.value.clone() };
    session.change_webhook(&webhook, &paused, None, now()).await.unwrap();
    let paused = Versioned { version: 2, value: paused };
    let resumed = Webhook { paused: None, ..paused.value.clone() };
    // The first update is that of the webhook: with its registry it is a transaction.
    table.break_with(FaultScript::script(vec![(UpdateItem, Fault::Unavailable); 1_000]));
    assert_eq!(session.change_webhook(&paused, &resumed, None, now()).await.unwrap(), Updated::Applied);
}

#[tokio::test]
async fn an_answer_that_was_lost_has_nothing_wait_twice_nor_removed_twice() {
    let table = TestTable::start().await;
    let id = table.created(&samples::new_webhook(table.owner())).await.id;
    let mut system = table.store.system();
    table.break_with(FaultScript::script([(PutItem, Fault::AnswerLost), (DeleteItem, Fault::AnswerLost)]));
    system.session.hold_delivery(&waits(id, 10), later(10)).await.unwrap();
    let found = system.waiting(id, None, 10).await.unwrap().deliveries;
    assert_eq!(found.len(), 1);
    system.remove_waiting(&found[0]).await.unwrap();
    assert_eq!(system.waiting(id, None, 10).await.unwrap().deliveries, []);
}
