//! The table's stream, handed to a function as Lambda does.

use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use aws_lambda_events::dynamodb::{Event, EventRecord};
use aws_lambda_events::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use aws_sdk_dynamodb::types::AttributeValue;
use local::dynamodb::{Engine, Stream};
use local::event_source::{EventSource, Filter, StreamMapping};
use store::Store;
use tokio::sync::mpsc;

const TABLE: &str = "greenroom";

/// A table, and the batches that a function is handed.
struct TestTable {
    engine: Engine,
    client: aws_sdk_dynamodb::Client,
}

impl TestTable {
    async fn memory() -> Self {
        Self::of(Engine::memory().unwrap()).await
    }

    async fn file(folder: &Path) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        Self::of(Engine::file_on(&folder.join("engine.db"), listener).unwrap()).await
    }

    async fn of(engine: Engine) -> Self {
        let store = Store::at_endpoint(TABLE, &engine.url(), local::http_client()).await;
        if store.warm_up().await.is_err() {
            store.create_table().await.unwrap();
        }
        let config = aws::at_endpoint(&engine.url(), local::http_client()).await;
        Self { engine, client: aws_sdk_dynamodb::Client::new(&config) }
    }

    async fn put(&self, name: &str, value: &str) {
        let put = self.client.put_item().table_name(TABLE).item("PK", text(name)).item("SK", text("x"));
        put.item("value", text(value)).send().await.unwrap();
    }

    async fn stream(&self) -> Stream {
        Stream::of(&self.engine, TABLE).await.unwrap()
    }

    /// Starts a function with this answer, and returns the receiver of the batches that it is handed.
    async fn start(
        &self,
        answer: impl Fn(&[EventRecord]) -> DynamoDbEventResponse + Send + Sync + 'static,
    ) -> (EventSource, mpsc::UnboundedReceiver<Vec<EventRecord>>) {
        let (sender, batches) = mpsc::unbounded_channel();
        let event_source = EventSource::of_stream(
            self.stream().await,
            [StreamMapping::new(Filter::none(), move |event: Event| {
                let _ = sender.send(event.records.clone());
                let response = answer(&event.records);
                async move { response }
            })],
        );
        (event_source, batches)
    }
}

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

fn all_handled(_: &[EventRecord]) -> DynamoDbEventResponse {
    DynamoDbEventResponse::default()
}

fn fail(response: &mut DynamoDbEventResponse, sequence_number: impl Into<String>) {
    let mut failure = DynamoDbBatchItemFailure::default();
    failure.item_identifier = Some(sequence_number.into());
    response.batch_item_failures.push(failure);
}

/// The names of the items that records are about.
fn names(records: &[EventRecord]) -> Vec<String> {
    let name = |record: &EventRecord| match &record.change.keys["PK"] {
        serde_dynamo::AttributeValue::S(name) => name.clone(),
        other => panic!("{other:?}"),
    };
    records.iter().map(name).collect()
}

/// The names of the next records, however they are cut into batches.
async fn next(batches: &mut mpsc::UnboundedReceiver<Vec<EventRecord>>, count: usize) -> Vec<String> {
    let mut all = Vec::new();
    while all.len() < count {
        all.extend(names(&batches.recv().await.unwrap()));
    }
    all
}

/// The number of records that the stream of a stopped engine holds.
fn records_left(folder: &Path) -> u32 {
    let connection = rusqlite::Connection::open(folder.join("engine.db")).unwrap();
    connection.query_row("SELECT COUNT(*) FROM _stream_records", [], |row| row.get(0)).unwrap()
}

#[tokio::test]
async fn a_record_has_both_images_and_names_itself() {
    let table = TestTable::memory().await;
    table.put("a", "old").await;
    table.put("a", "new").await;
    let (_event_source, mut batches) = table.start(all_handled).await;
    let records = batches.recv().await.unwrap();
    assert_eq!(records.iter().map(|record| record.event_name.as_str()).collect::<Vec<_>>(), ["INSERT", "MODIFY"]);
    let [_, changed] = records.as_slice() else { panic!("{records:?}") };
    let value = |value: &str| serde_dynamo::AttributeValue::S(value.to_owned());
    assert_eq!(changed.change.old_image["value"], value("old"));
    assert_eq!(changed.change.new_image["value"], value("new"));
    assert_eq!(changed.event_source.as_deref(), Some("aws:dynamodb"));
    assert!(changed.event_source_arn.as_ref().unwrap().contains(":table/greenroom/stream/"));
    assert_ne!(records[0].event_id, changed.event_id);
    assert!(records[0].change.sequence_number < changed.change.sequence_number);
}

#[tokio::test]
async fn what_is_written_while_it_runs_is_handed_over_in_order() {
    let table = TestTable::memory().await;
    let (_event_source, mut batches) = table.start(all_handled).await;
    let expected: Vec<_> = (0..250).map(|number| number.to_string()).collect();
    for name in &expected {
        table.put(name, "").await;
    }
    assert_eq!(next(&mut batches, 250).await, expected);
}

#[tokio::test]
async fn no_batch_is_longer_than_a_hundred() {
    let table = TestTable::memory().await;
    for number in 0..101 {
        table.put(&number.to_string(), "").await;
    }
    let (_event_source, mut batches) = table.start(all_handled).await;
    assert_eq!(batches.recv().await.unwrap().len(), 100);
    assert_eq!(batches.recv().await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_was_handled_is_gone_from_the_stream() {
    let folder = tempfile::tempdir().unwrap();
    let table = TestTable::file(folder.path()).await;
    let (event_source, mut batches) = table.start(all_handled).await;
    for number in 0..30 {
        table.put(&number.to_string(), "").await;
    }
    next(&mut batches, 30).await;
    event_source.stop().await;
    table.engine.stop().await;
    assert_eq!(records_left(folder.path()), 0);
}

#[tokio::test]
async fn from_the_first_failure_on_a_batch_is_handed_over_again() {
    let table = TestTable::memory().await;
    for name in ["a", "b", "c"] {
        table.put(name, "").await;
    }
    let first = Mutex::new(true);
    let (_event_source, mut batches) = table
        .start(move |records| {
            let mut response = DynamoDbEventResponse::default();
            if std::mem::take(&mut *first.lock().unwrap()) {
                // The later one first: their order in the answer does not matter.
                for failed in [&records[2], &records[1]] {
                    fail(&mut response, failed.change.sequence_number.clone().unwrap());
                }
            }
            response
        })
        .await;
    assert_eq!(names(&batches.recv().await.unwrap()), ["a", "b", "c"]);
    assert_eq!(names(&batches.recv().await.unwrap()), ["b", "c"]);
}

#[tokio::test]
async fn a_batch_that_crashes_the_function_or_fails_at_nothing_known_is_handed_over_whole() {
    let table = TestTable::memory().await;
    table.put("a", "").await;
    let calls = Arc::new(Mutex::new(0));
    let (_event_source, mut batches) = table
        .start(move |_| {
            let mut calls = calls.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            *calls += 1;
            let mut response = DynamoDbEventResponse::default();
            match *calls {
                1 => fail(&mut response, "nonsense"),
                2 => fail(&mut response, ""),
                _ => {}
            }
            response
        })
        .await;
    for _ in 0..3 {
        assert_eq!(names(&batches.recv().await.unwrap()), ["a"]);
    }
    table.put("b", "").await;
    assert_eq!(names(&batches.recv().await.unwrap()), ["b"]);
}

#[tokio::test]
async fn what_was_not_handled_is_handed_over_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let table = TestTable::file(folder.path()).await;
    let (event_source, mut batches) = table
        .start(|records| {
            let mut response = DynamoDbEventResponse::default();
            if let Some(failed) = records.iter().find(|record| names(&[(*record).clone()]) == ["b"]) {
                fail(&mut response, failed.change.sequence_number.clone().unwrap());
            }
            response
        })
        .await;
    table.put("a", "").await;
    assert_eq!(next(&mut batches, 1).await, ["a"]);
    table.put("b", "").await;
    assert_eq!(next(&mut batches, 1).await, ["b"]);
    event_source.stop().await;
    // Written while nobody reads.
    table.put("c", "").await;
    table.engine.stop().await;

    let table = TestTable::file(folder.path()).await;
    let (_event_source, mut batches) = table.start(all_handled).await;
    table.put("d", "").await;
    assert_eq!(next(&mut batches, 3).await, ["b", "c", "d"]);
}

#[tokio::test]
async fn what_does_not_match_the_filter_passes_by_and_goes() {
    let folder = tempfile::tempdir().unwrap();
    let table = TestTable::file(folder.path()).await;
    let (sender, mut batches) = mpsc::unbounded_channel();
    let filter = Filter::of_template("PublishEventsStream").unwrap();
    let event_source = EventSource::of_stream(
        table.stream().await,
        [StreamMapping::new(filter, move |event: Event| {
            let _ = sender.send(event.records);
            async { DynamoDbEventResponse::default() }
        })],
    );
    table.put("a", "").await;
    let interview = table.client.put_item().table_name(TABLE).item("PK", text("b")).item("SK", text("x"));
    let interview = interview.item("entityType", text("Interview")).item("status", text("COMPLETED"));
    interview.send().await.unwrap();
    assert_eq!(names(&batches.recv().await.unwrap()), ["b"]);
    event_source.stop().await;
    table.engine.stop().await;
    assert_eq!(records_left(folder.path()), 0);
}

/// Each function gets every record, and again only what it has not handled itself.
#[tokio::test]
async fn a_function_that_fails_has_nothing_handed_twice_to_the_other() {
    let table = TestTable::memory().await;
    let (sender, mut batches) = mpsc::unbounded_channel();
    let mapping = |name: &'static str, failures: usize| {
        let (sender, left) = (sender.clone(), AtomicUsize::new(failures));
        StreamMapping::new(Filter::none(), move |event: Event| {
            let mut response = DynamoDbEventResponse::default();
            if left.fetch_update(SeqCst, SeqCst, |left| left.checked_sub(1)).is_ok() {
                fail(&mut response, event.records[0].change.sequence_number.clone().unwrap());
            }
            let _ = sender.send((name, names(&event.records)));
            async move { response }
        })
    };
    let _event_source = EventSource::of_stream(table.stream().await, [mapping("fails", 2), mapping("works", 0)]);
    table.put("a", "").await;
    let mut handed = Vec::new();
    for _ in 0..4 {
        handed.push(batches.recv().await.unwrap().0);
    }
    handed.sort_unstable();
    assert_eq!(handed, ["fails", "fails", "fails", "works"]);
    table.put("b", "").await;
    for _ in 0..2 {
        assert_eq!(batches.recv().await.unwrap().1, ["b"]);
    }
}

#[tokio::test]
async fn a_stream_without_old_images_is_refused() {
    let table = TestTable::memory().await;
    let stream = |enabled, view| {
        use aws_sdk_dynamodb::types::{StreamSpecification, StreamViewType};
        let stream = StreamSpecification::builder().stream_enabled(enabled);
        let stream = if enabled { stream.stream_view_type(StreamViewType::from(view)) } else { stream };
        table.client.update_table().table_name(TABLE).stream_specification(stream.build().unwrap()).send()
    };
    stream(false, "").await.unwrap();
    assert!(Stream::of(&table.engine, TABLE).await.is_err());
    stream(true, "NEW_IMAGE").await.unwrap();
    let error = Stream::of(&table.engine, TABLE).await.err().unwrap();
    assert!(error.to_string().contains("NEW_IMAGE only"), "{error}");
}

/// Prints how long writes take while the stream is read, at the beginning and at the end of 100,000, how late the
/// function is invoked with them, and how many records are left:
/// `cargo test -p local --test it -- --ignored --nocapture writes_stay_as_fast`.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes, and prints figures rather than judging them"]
async fn writes_stay_as_fast_as_they_were() {
    const WRITES: usize = 100_000;
    const SAMPLE: usize = 2_000;
    for read in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let table = TestTable::file(folder.path()).await;
        let committed: Arc<Vec<OnceLock<Instant>>> = Arc::new((0..WRITES).map(|_| OnceLock::new()).collect());
        let (sender, mut batches) = mpsc::unbounded_channel();
        let event_source = match read {
            true => Some(EventSource::of_stream(
                table.stream().await,
                [StreamMapping::new(Filter::none(), move |event: Event| {
                    let _ = sender.send((Instant::now(), names(&event.records)));
                    async { DynamoDbEventResponse::default() }
                })],
            )),
            false => None,
        };
        let filler = "x".repeat(1_000);
        let mut durations = Vec::with_capacity(WRITES);
        for number in 0..WRITES {
            let begun = Instant::now();
            table.put(&number.to_string(), &filler).await;
            committed[number].set(Instant::now()).unwrap();
            durations.push(begun.elapsed());
        }
        let mean =
            |durations: &[Duration]| durations.iter().sum::<Duration>() / u32::try_from(durations.len()).unwrap();
        println!(
            "stream read: {read}; mean time of a write: {:?} of the first {SAMPLE}, {:?} of the last",
            mean(&durations[..SAMPLE]),
            mean(&durations[WRITES - SAMPLE..]),
        );
        if let Some(event_source) = event_source {
            let (mut delays, mut count) = (Vec::new(), 0);
            while count < WRITES {
                let (received, names) = batches.recv().await.unwrap();
                count += names.len();
                for name in names {
                    let at = committed[name.parse::<usize>().unwrap()].wait();
                    delays.push(received.saturating_duration_since(*at));
                }
            }
            delays.sort();
            println!("from commit to function: median {:?}, 99 % {:?}", delays[WRITES / 2], delays[WRITES * 99 / 100]);
            event_source.stop().await;
        }
        table.engine.stop().await;
        let size = folder.path().join("engine.db").metadata().unwrap().len();
        println!("records left: {}; file: {} MB", records_left(folder.path()), size / 1_000_000);
    }
}
