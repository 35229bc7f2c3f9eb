//! The publisher while the queue or the table is out of reach, by the clock and by the mapping's own bounds.

use std::sync::Arc;
use std::time::Duration;

use aws_lambda_events::dynamodb::Event;
use local::functions::Functions;
use local::sqs::QueueName;
use runtime::Runtime;
use serde_json::{Value, json};
use store::Store;
use tests::beside::Beside;
use tests::faults::Operation::{BatchGetItem, SendMessageBatch};
use tests::faults::{Fault, FaultScript, Faults};
use tests::server::TABLE;
use tests::{TestServer, WebhookReceiver};
use tokio::time::Instant;

use crate::template::template;

use super::Neighbour;

/// The longest pause after an attempt, of which at least four fifths are really waited.
const PAUSE_MAX: Duration = Duration::from_secs(60);

/// More requests than any outage here sees.
const MANY: usize = 20_000;

/// A property of the mapping from the stream.
fn of_mapping(name: &str) -> u64 {
    template()["Resources"]["PublishEventsStream"]["Properties"][name].as_u64().expect("a number")
}

/// A publisher on a paused clock, with faults around it, and a record of one interview that began to wait when the clock
/// was paused.
struct Publisher {
    functions: Functions,
    table: Faults,
    queue: Faults,
    record: Value,
    neighbour: Neighbour,
    began: Instant,
    server: TestServer,
    _beside: Beside,
}

impl Publisher {
    async fn start() -> Self {
        let (server, endpoint) = (TestServer::start().await, WebhookReceiver::start());
        let neighbour = Neighbour::of(&server).await;
        let company = server.company().create().await;
        company.webhook(&endpoint).await;
        let id = company.test_interview().await;
        let image = server.item(&format!("INTERVIEW#{id}"), "INTERVIEW").await;
        let record = json!({
            "eventID": "1", "eventName": "INSERT", "eventSource": "aws:dynamodb", "awsRegion": "local",
            "dynamodb": {
                "ApproximateCreationDateTime": server.now().epoch_seconds(), "Keys": {"PK": image["PK"], "SK": image["SK"]},
                "NewImage": image, "SequenceNumber": "1", "SizeBytes": 1, "StreamViewType": "NEW_AND_OLD_IMAGES",
            },
        });
        let (beside, table, queue) = (Beside::start(), Faults::none(), Faults::none());
        let client = |faults: &Faults| faults.client(beside.client(local::http_client()));
        let store = Store::at_endpoint(TABLE, &server.engine().url(), client(&table)).await;
        let url = QueueName::Deliveries.url(&server.services_url());
        let deliveries = queue::Queue::at_endpoint(&url, client(&queue)).await;
        tokio::time::pause();
        let (began, then) = (Instant::now(), server.now());
        let clock = Arc::new(move || then.saturating_add(began.elapsed()));
        let runtime = Runtime { clock, ..server.functions().runtime.clone() };
        let functions = Functions { runtime, store, queue: deliveries, ..server.functions().clone() };
        Self { functions, table, queue, record, neighbour, began, server, _beside: beside }
    }

    /// One attempt. True if the record was published.
    async fn attempt(&self) -> bool {
        let batch: Event = serde_json::from_value(json!({"Records": [self.record]})).expect("a batch");
        self.functions.clone().publish_events(batch).await.batch_item_failures.is_empty()
    }

    /// The attempts that failed until the record was published, with an outage that ends after that time.
    async fn attempts_until_published(&self, outage: Duration) -> u64 {
        for attempts in 0..=of_mapping("MaximumRetryAttempts") {
            if self.began.elapsed() >= outage {
                self.queue.follow(FaultScript::none());
                self.table.follow(FaultScript::none());
            }
            if attempts == 1 {
                self.assert_others_unharmed().await;
            }
            let begun = Instant::now();
            if self.attempt().await {
                self.assert_others_unharmed().await;
                return attempts;
            }
            let timeout = template()["Resources"]["PublishEventsFunction"]["Properties"]["Timeout"].as_u64();
            let timeout = Duration::from_secs(timeout.expect("seconds"));
            assert!(begun.elapsed() < timeout, "Lambda ends an attempt of {:?}", begun.elapsed());
        }
        panic!("given up after {:?}", self.began.elapsed());
    }

    /// The second company's requests take real time, for a moment.
    async fn assert_others_unharmed(&self) {
        tokio::time::resume();
        self.neighbour.assert_unharmed().await;
        tokio::time::pause();
    }
}

/// Twelve hours less a quarter, of a service that refuses at once: no time is spent but in pauses.
#[tokio::test]
async fn an_outage_of_the_queue_for_hours_is_waited_out() {
    let publisher = Publisher::start().await;
    publisher.queue.follow(FaultScript::script(vec![(SendMessageBatch, Fault::RequestLost); MANY]));
    let outage = Duration::from_secs(of_mapping("MaximumRecordAgeInSeconds")) - Duration::from_secs(15 * 60);
    let attempts = publisher.attempts_until_published(outage).await;
    let late = publisher.began.elapsed() - outage;
    assert!(late <= PAUSE_MAX + Duration::from_secs(20), "published {late:?} after the outage");
    assert!(attempts > 100, "the bound of attempts was not tried: {attempts}");
    assert_eq!(publisher.server.queues().counts(QueueName::Deliveries).await.expect("counts").visible, 2);
}

/// The same for the table, and for a role that has lost its right: that is mended too.
#[tokio::test]
async fn an_outage_of_the_table_is_waited_out_and_a_short_one_costs_seconds() {
    let publisher = Publisher::start().await;
    publisher.table.follow(FaultScript::script(vec![(BatchGetItem, Fault::RequestLost); MANY]));
    let outage = Duration::from_secs(60);
    let attempts = publisher.attempts_until_published(outage).await;
    let late = publisher.began.elapsed() - outage;
    assert!(late <= Duration::from_secs(60), "published {late:?} after the outage");
    assert!((2..40).contains(&attempts), "{attempts} attempts in a minute");
}

/// A record that can't be published itself is given up as fast as Lambda repeats it, however old it is.
#[tokio::test]
async fn a_poison_record_has_no_pauses() {
    let mut publisher = Publisher::start().await;
    publisher.record["dynamodb"]["NewImage"]["status"] = json!({"S": "FROM_THE_FUTURE"});
    tokio::time::advance(Duration::from_secs(6 * 60 * 60)).await;
    let begun = Instant::now();
    for _ in 0..10 {
        assert!(!publisher.attempt().await);
    }
    assert!(begun.elapsed() < Duration::from_millis(100), "{:?} of pauses", begun.elapsed());
    // A crash takes half a second, and a new process: that too ends within minutes.
    let crashes = Duration::from_millis(500) * u32::try_from(of_mapping("MaximumRetryAttempts")).expect("attempts");
    assert!(crashes <= Duration::from_secs(10 * 60), "{crashes:?} of crashes");
}

/// While the queue is out of reach, a poison record does not wait for it.
#[tokio::test]
async fn the_first_record_that_failed_decides() {
    let mut publisher = Publisher::start().await;
    let sound = publisher.record.clone();
    publisher.record["dynamodb"]["NewImage"]["status"] = json!({"S": "FROM_THE_FUTURE"});
    tokio::time::advance(Duration::from_secs(6 * 60 * 60)).await;
    let lost = || FaultScript::script(vec![(SendMessageBatch, Fault::RequestLost); MANY]);
    let pause_of = async |records: [&Value; 2]| {
        publisher.queue.follow(lost());
        let batch: Event = serde_json::from_value(json!({"Records": records})).expect("a batch");
        let begun = Instant::now();
        let response = publisher.functions.clone().publish_events(batch).await;
        assert_eq!(response.batch_item_failures.len(), 1);
        begun.elapsed()
    };
    let poison_first = pause_of([&publisher.record, &sound]).await;
    assert!(poison_first < Duration::from_secs(2), "{poison_first:?}");
    let poison_last = pause_of([&sound, &publisher.record]).await;
    assert!(poison_last >= PAUSE_MAX.mul_f64(0.8), "{poison_last:?}");
}

/// The time of the mapping's records, which the pauses are sized for.
#[test]
fn attempts_with_pauses_last_for_as_long_as_a_record_is_tried() {
    let least = PAUSE_MAX.mul_f64(0.8) * u32::try_from(of_mapping("MaximumRetryAttempts")).expect("attempts");
    assert!(least >= Duration::from_secs(of_mapping("MaximumRecordAgeInSeconds")), "{least:?}");
}
