use std::sync::atomic::{AtomicI64, Ordering};

use chrono::DateTime;
use domain::time::Timestamp;
use serde_json::json;

use super::*;

/// A clock that stands still until it is set.
#[derive(Clone)]
struct Time(Arc<AtomicI64>);

impl Time {
    fn new() -> Self {
        Self(Arc::new(AtomicI64::new(1_772_360_430_456)))
    }

    fn clock(&self) -> Clock {
        let now = self.0.clone();
        Arc::new(move || Timestamp::new(DateTime::from_timestamp_millis(now.load(Ordering::SeqCst)).unwrap()))
    }

    fn pass_ms(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }
}

fn new() -> (Queues, Time) {
    let time = Time::new();
    (Queues::memory(time.clock()).unwrap(), time)
}

fn message(body: &str, group: &str) -> NewMessage {
    NewMessage {
        body: body.to_owned(),
        group_id: Some(group.to_owned()),
        delay: Duration::ZERO,
        attributes: Default::default(),
    }
}

async fn send(queues: &Queues, bodies: &[&str]) {
    queues.send(QueueName::Deliveries, bodies.iter().map(|body| message(body, "a")).collect()).await.unwrap();
}

fn options(count_max: u32, visibility_timeout_ms: u64) -> ReceiveOptions {
    let visibility_timeout = Duration::from_millis(visibility_timeout_ms);
    ReceiveOptions::new(count_max, visibility_timeout)
}

async fn receive_from(queues: &Queues, queue: QueueName, count_max: u32, visibility_timeout_ms: u64) -> Vec<Message> {
    queues.receive(queue, options(count_max, visibility_timeout_ms), Duration::ZERO).await.unwrap()
}

async fn receive(queues: &Queues, count_max: u32, visibility_timeout_ms: u64) -> Vec<Message> {
    receive_from(queues, QueueName::Deliveries, count_max, visibility_timeout_ms).await
}

fn bodies(messages: &[Message]) -> Vec<&str> {
    messages.iter().map(|message| message.body.as_str()).collect()
}

#[tokio::test]
async fn a_message_that_is_not_deleted_in_time_comes_again() {
    let (queues, time) = new();
    send(&queues, &["one"]).await;
    let first = receive(&queues, 10, 1_500).await.remove(0);
    assert_eq!((first.body.as_str(), first.group_id.as_deref(), first.receive_count), ("one", Some("a"), 1));
    time.pass_ms(1_499);
    assert_eq!(receive(&queues, 10, 1_000).await, []);
    time.pass_ms(1);
    let again = receive(&queues, 10, 1_000).await.remove(0);
    assert_ne!(again.receipt_handle, first.receipt_handle);
    let receipt_handle = again.receipt_handle.clone();
    assert_eq!(again, Message { receipt_handle, receive_count: 2, ..first });
}

#[tokio::test]
async fn a_delayed_message_comes_when_its_delay_is_over() {
    let (queues, time) = new();
    let delayed = NewMessage { delay: Duration::from_millis(250), ..message("later", "a") };
    queues.send(QueueName::Deliveries, vec![delayed]).await.unwrap();
    assert_eq!(queues.counts(QueueName::Deliveries).await.unwrap(), Counts { delayed: 1, ..Counts::default() });
    time.pass_ms(249);
    assert_eq!(receive(&queues, 1, 1_000).await, []);
    time.pass_ms(1);
    assert_eq!(bodies(&receive(&queues, 1, 1_000).await), ["later"]);
}

#[tokio::test]
async fn only_the_last_receipt_deletes() {
    let (queues, time) = new();
    send(&queues, &["one"]).await;
    let first = receive(&queues, 1, 100).await.remove(0).receipt_handle;
    time.pass_ms(100);
    let second = receive(&queues, 1, 100).await.remove(0).receipt_handle;
    queues.delete(QueueName::Deliveries, vec![first]).await.unwrap();
    assert_eq!(queues.counts(QueueName::Deliveries).await.unwrap(), Counts { in_flight: 1, ..Counts::default() });
    // Also late: nobody else has received it since.
    time.pass_ms(1_000);
    queues.delete(QueueName::Deliveries, vec![second]).await.unwrap();
    assert_eq!(queues.counts(QueueName::Deliveries).await.unwrap(), Counts::default());
}

#[tokio::test]
async fn only_a_message_in_flight_can_be_postponed() {
    let (queues, time) = new();
    send(&queues, &["one"]).await;
    let postpone = async |receipt_handle: &str, ms| {
        let timeout = Duration::from_millis(ms);
        queues.postpone(QueueName::Deliveries, receipt_handle.to_owned(), timeout).await.unwrap()
    };
    let first = receive(&queues, 1, 100).await.remove(0).receipt_handle;
    assert_eq!(postpone(&first, 10_000).await, Postponed::Done);
    time.pass_ms(9_999);
    assert_eq!(receive(&queues, 1, 100).await, []);
    time.pass_ms(1);
    assert_eq!(postpone(&first, 10_000).await, Postponed::NotInFlight);
    let again = receive(&queues, 1, 100).await.remove(0).receipt_handle;
    assert_eq!(postpone(&first, 10_000).await, Postponed::Unknown);
    assert_eq!(postpone(&again, 0).await, Postponed::Done);
    assert_eq!(bodies(&receive(&queues, 1, 100).await), ["one"]);
}

#[tokio::test]
async fn nobody_keeps_a_message_invisible_for_more_than_twelve_hours() {
    let (queues, time) = new();
    send(&queues, &["one"]).await;
    let receipt_handle = receive(&queues, 1, 120_000).await.remove(0).receipt_handle;
    time.pass_ms(60_000);
    let left = INVISIBLE_MAX - Duration::from_mins(1);
    for (timeout, postponed) in [(left + Duration::from_millis(1), Postponed::TooLong), (left, Postponed::Done)] {
        assert_eq!(queues.postpone(QueueName::Deliveries, receipt_handle.clone(), timeout).await.unwrap(), postponed);
    }
}

#[tokio::test]
async fn the_group_of_which_fewest_messages_are_being_processed_goes_first() {
    let (queues, time) = new();
    let busy = (0..30).map(|number| message(&format!("busy {number}"), "busy")).collect();
    queues.send(QueueName::Deliveries, busy).await.unwrap();
    let quiet = (0..3).map(|number| message(&format!("quiet {number}"), "quiet")).collect();
    time.pass_ms(1);
    queues.send(QueueName::Deliveries, quiet).await.unwrap();

    // No group has a message in processing: the one with the oldest message goes first.
    assert_eq!(bodies(&receive(&queues, 2, 1_000).await), ["busy 0", "busy 1"]);
    assert_eq!(bodies(&receive(&queues, 1, 1_000).await), ["quiet 0"]);
    assert_eq!(bodies(&receive(&queues, 10, 1_000).await), ["quiet 1", "quiet 2"]);
    assert_eq!(receive(&queues, 10, 1_000).await.len(), 10);
}

#[tokio::test]
async fn a_postponed_message_is_not_being_processed() {
    let (queues, _) = new();
    send(&queues, &["one", "two"]).await;
    for received in receive(&queues, 2, 1_000).await {
        queues.postpone(QueueName::Deliveries, received.receipt_handle, Duration::from_mins(1)).await.unwrap();
    }
    queues.send(QueueName::Deliveries, vec![message("first", "b"), message("second", "b")]).await.unwrap();
    assert_eq!(bodies(&receive(&queues, 1, 1_000).await), ["first"]);
    send(&queues, &["three"]).await;
    assert_eq!(bodies(&receive(&queues, 1, 1_000).await), ["three"]);
}

#[tokio::test]
async fn a_group_gets_no_more_than_it_may_have_and_the_next_one_is_asked() {
    let (queues, _) = new();
    send(&queues, &["one", "two", "three"]).await;
    queues.send(QueueName::Deliveries, vec![message("other", "b")]).await.unwrap();
    let receive = async |of_group_max: fn(&str) -> u32| {
        let options = ReceiveOptions { of_group_max: Arc::new(of_group_max), ..options(10, 1_000) };
        let received = queues.receive(QueueName::Deliveries, options, Duration::ZERO).await.unwrap();
        received.into_iter().map(|message| message.body).collect::<Vec<_>>()
    };
    assert_eq!(receive(|group| if group == "b" { 0 } else { 2 }).await, ["one", "two"]);
    assert!(receive(|_| 0).await.is_empty());
    assert_eq!(receive(|group| u32::from(group == "b")).await, ["other"]);
    assert_eq!(receive(|_| 2).await, ["three"]);
}

#[tokio::test]
async fn within_a_group_the_one_that_is_due_longest_goes_first() {
    let (queues, time) = new();
    send(&queues, &["one", "two"]).await;
    let one = receive(&queues, 1, 1_000).await.remove(0);
    queues.postpone(QueueName::Deliveries, one.receipt_handle, Duration::from_millis(500)).await.unwrap();
    time.pass_ms(600);
    send(&queues, &["three"]).await;
    assert_eq!(bodies(&receive(&queues, 10, 1_000).await), ["two", "one", "three"]);
}

#[tokio::test]
async fn a_message_that_is_received_too_often_is_a_dead_letter() {
    let (queues, time) = new();
    send(&queues, &["one"]).await;
    let (_, receive_count_max) = QueueName::Deliveries.redrive().unwrap();
    let mut last = None;
    for _ in 0..receive_count_max {
        last = receive(&queues, 1, 1).await.pop();
        time.pass_ms(1);
    }
    let last = last.unwrap();
    assert_eq!(last.receive_count, receive_count_max);
    assert_eq!(receive(&queues, 1, 1).await, []);
    let dead = receive_from(&queues, QueueName::DeadLetters, 1, 1).await.remove(0);
    assert_eq!((dead.message_id, dead.body, dead.group_id), (last.message_id, last.body, last.group_id));
}

#[tokio::test]
async fn dead_letters_that_are_moved_back_are_new_messages() {
    let (queues, time) = new();
    queues.send(QueueName::DeadLetters, vec![message("one", "a")]).await.unwrap();
    let dead = receive_from(&queues, QueueName::DeadLetters, 1, 1).await.remove(0);
    time.pass_ms(1);
    // It was sent here, so there is nowhere to move it back to by itself.
    assert_eq!(queues.redrive(QueueName::DeadLetters, None).await.unwrap(), 0);
    assert_eq!(queues.redrive(QueueName::DeadLetters, Some(QueueName::Deliveries)).await.unwrap(), 1);
    assert_eq!(queues.counts(QueueName::DeadLetters).await.unwrap(), Counts::default());
    let moved = receive(&queues, 1, 1).await.remove(0);
    assert_eq!((moved.body.as_str(), moved.group_id.as_deref(), moved.receive_count), ("one", Some("a"), 1));
    assert_ne!(moved.message_id, dead.message_id);
    assert_eq!(moved.sent_at_ms, dead.sent_at_ms + 1);
}

#[tokio::test]
async fn a_dead_letter_finds_back_to_the_queue_that_it_came_from() {
    let (queues, time) = new();
    send(&queues, &["one"]).await;
    queues.write(|transaction| transaction.execute("UPDATE messages SET receive_count = 1000", [])).await.unwrap();
    assert_eq!(receive(&queues, 1, 1).await, []);
    assert_eq!(queues.counts(QueueName::DeadLetters).await.unwrap().visible, 1);
    time.pass_ms(1);
    assert_eq!(queues.redrive(QueueName::DeadLetters, None).await.unwrap(), 1);
    assert_eq!(bodies(&receive(&queues, 1, 1).await), ["one"]);
}

#[tokio::test]
async fn a_message_is_kept_for_its_retention_and_no_longer() {
    let (queues, time) = new();
    send(&queues, &["old"]).await;
    time.pass_ms(ms(QueueName::RETENTION));
    send(&queues, &["new"]).await;
    let received = receive(&queues, 10, 1).await;
    assert_eq!(bodies(&received), ["old", "new"]);
    time.pass_ms(ms(RETENTION_CHECK_INTERVAL));
    assert_eq!(bodies(&receive(&queues, 10, 1).await), ["new"]);
}

#[tokio::test]
async fn whoever_waits_gets_what_is_sent_meanwhile() {
    let (queues, _) = new();
    let waiting = tokio::spawn({
        let queues = queues.clone();
        async move { queues.receive(QueueName::Deliveries, options(1, 1_000), Duration::from_secs(60)).await }
    });
    tokio::task::yield_now().await;
    send(&queues, &["one"]).await;
    assert_eq!(bodies(&waiting.await.unwrap().unwrap()), ["one"]);
}

#[tokio::test]
async fn of_many_who_receive_each_gets_others() {
    let (queues, _) = new();
    for batch in 0..20 {
        let messages = (0..10).map(|number| message(&format!("{batch} {number}"), &format!("{}", number % 3)));
        queues.send(QueueName::Deliveries, messages.collect()).await.unwrap();
    }
    let mut receiving = task::JoinSet::new();
    for _ in 0..30 {
        let queues = queues.clone();
        receiving.spawn(async move { receive(&queues, 10, 60_000).await });
    }
    let received = receiving.join_all().await.concat();
    let mut ids: Vec<_> = received.iter().map(|message| &message.message_id).collect();
    ids.sort();
    ids.dedup();
    assert_eq!((received.len(), ids.len()), (200, 200));
}

#[tokio::test]
async fn messages_outlive_the_process_and_those_in_processing_are_visible_again() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("queue.db");
    let time = Time::new();
    let queues = Queues::file(&file, time.clock()).unwrap();
    send(&queues, &["postponed", "processing", "sent"]).await;
    let delayed = NewMessage { delay: Duration::from_mins(1), ..message("delayed", "a") };
    queues.send(QueueName::Deliveries, vec![delayed]).await.unwrap();
    let [postponed, processing] = receive(&queues, 2, 60_000).await.try_into().unwrap();
    queues.postpone(QueueName::Deliveries, postponed.receipt_handle, Duration::from_mins(1)).await.unwrap();
    // Not closed: as if the process had been killed.
    std::mem::forget(queues);

    time.pass_ms(1);
    let queues = Queues::file(&file, time.clock()).unwrap();
    let counts = queues.counts(QueueName::Deliveries).await.unwrap();
    assert_eq!(counts, Counts { visible: 2, in_flight: 1, delayed: 1 });
    let received = receive(&queues, 10, 500).await;
    assert_eq!(bodies(&received), ["sent", "processing"]);
    assert_eq!((received[1].message_id.as_str(), received[1].receive_count), (processing.message_id.as_str(), 2));
}

#[test]
fn a_backlog_is_not_read_to_find_what_comes_next() {
    let connection = Connection::open_in_memory().unwrap();
    connection.execute_batch(SCHEMA).unwrap();
    let plan = |query: &str, parameters: &[(&str, &dyn rusqlite::ToSql)]| -> Vec<String> {
        let mut explain = connection.prepare(&format!("EXPLAIN QUERY PLAN {query}")).unwrap();
        explain.query_map(parameters, |row| row.get("detail")).unwrap().collect::<Result<_, _>>().unwrap()
    };
    let mut steps = plan(GROUPS, named_params! { ":queue": "deliveries", ":now": 1 });
    let of_group = named_params! { ":queue": "deliveries", ":group": "a", ":now": 1, ":count_max": 10 };
    steps.extend(plan(OLDEST, of_group));
    let plan = steps;
    let reads: Vec<_> = plan.iter().filter(|step| step.contains(" messages")).collect();
    assert!(!reads.is_empty(), "{plan:#?}");
    let by_group = |step: &str| step.starts_with("SEARCH messages USING") && step.contains(" messages_by_group ");
    assert!(reads.iter().all(|step| by_group(step)), "{plan:#?}");
    // The only sorting is that of the groups.
    assert_eq!(plan.iter().filter(|step| step.contains("TEMP B-TREE")).count(), 1, "{plan:#?}");
}

#[tokio::test]
async fn a_sender_s_attributes_come_with_the_message_also_in_a_file_of_before() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("queues");
    // A file of a version without attributes.
    let connection = Connection::open(&path).unwrap();
    connection.execute_batch(&SCHEMA.replace(",\n        attributes TEXT", "")).unwrap();
    drop(connection);
    let queues = Queues::file(&path, Time::new().clock()).unwrap();
    let attributes = json!({"reason": {"DataType": "String", "StringValue": "why"}}).as_object().unwrap().clone();
    let sent = NewMessage { attributes: attributes.clone(), ..message("{}", "a") };
    queues.send(QueueName::DeadLetters, vec![sent, message("{}", "b")]).await.unwrap();
    let mut received = Vec::new();
    for _ in 0..2 {
        received.extend(queues.receive(QueueName::DeadLetters, options(10, 1_000), Duration::ZERO).await.unwrap());
    }
    received.sort_by(|a, b| a.group_id.cmp(&b.group_id));
    let found: Vec<_> = received.into_iter().map(|message| message.attributes).collect();
    assert_eq!(found, [attributes, serde_json::Map::new()]);
}
