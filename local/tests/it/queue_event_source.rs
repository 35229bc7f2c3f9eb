//! The queue's messages, handed to a function as Lambda does.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use chrono::DateTime;
use domain::time::Timestamp;
use local::event_source::EventSource;
use local::sqs::{Counts, NewMessage, QueueName, Queues};
use tokio::sync::{mpsc, oneshot, watch};

/// Queues whose clock stands still until it is set.
fn queues() -> (Queues, Arc<AtomicI64>) {
    let time = Arc::new(AtomicI64::new(1_772_360_430_456));
    let now = time.clone();
    let clock = move || Timestamp::new(DateTime::from_timestamp_millis(now.load(Ordering::SeqCst)).unwrap());
    (Queues::memory(Arc::new(clock)).unwrap(), time)
}

async fn send(queues: &Queues, group: &str, bodies: impl IntoIterator<Item = String>) {
    let message = |body| NewMessage {
        body,
        group_id: Some(group.to_owned()),
        delay: Duration::ZERO,
        attributes: Default::default(),
    };
    queues.send(QueueName::Deliveries, bodies.into_iter().map(message).collect()).await.unwrap();
}

/// Waits until the queue has these counts.
async fn until(queues: &Queues, expected: Counts) {
    while queues.counts(QueueName::Deliveries).await.unwrap() != expected {
        tokio::task::yield_now().await;
    }
}

fn body(message: &SqsMessage) -> &str {
    message.body.as_deref().unwrap()
}

#[tokio::test]
async fn a_batch_comes_as_lambda_makes_it_and_what_is_handled_is_deleted() {
    let (queues, _) = queues();
    let (sender, mut receiver) = mpsc::unbounded_channel();
    let _event_source = EventSource::of_queue(queues.clone(), QueueName::Deliveries, move |event: SqsEvent| {
        let _ = sender.send(event);
        async { SqsBatchResponse::default() }
    });
    send(&queues, "group-1", (0..100).map(|number| number.to_string())).await;
    let first = receiver.recv().await.unwrap();
    let message = &first.records[0];
    assert_eq!(body(message), "0");
    assert_eq!(message.md5_of_body.as_deref(), Some("cfcd208495d565ef66e7dff9f98764da"));
    assert_eq!(message.attributes["MessageGroupId"], "group-1");
    assert_eq!(message.attributes["ApproximateReceiveCount"], "1");
    assert_eq!(message.attributes["SentTimestamp"], "1772360430456");
    assert_eq!(message.attributes["ApproximateFirstReceiveTimestamp"], "1772360430456");
    assert_eq!(message.event_source.as_deref(), Some("aws:sqs"));
    assert_eq!(message.event_source_arn, Some(QueueName::Deliveries.arn()));
    until(&queues, Counts::default()).await;
    // A group begins with one message at a time.
    let mut sizes = vec![first.records.len()];
    while let Ok(batch) = receiver.try_recv() {
        sizes.push(batch.records.len());
    }
    assert_eq!((sizes[0], sizes.iter().sum::<usize>(), sizes.iter().max()), (1, 100, Some(&10)));
}

#[tokio::test]
async fn what_fails_stays_and_comes_again() {
    let (queues, time) = queues();
    let (sender, mut receiver) = mpsc::unbounded_channel();
    let _event_source = EventSource::of_queue(queues.clone(), QueueName::Deliveries, move |event: SqsEvent| {
        let mut response = SqsBatchResponse::default();
        for message in &event.records {
            if body(message) == "bad" && message.attributes["ApproximateReceiveCount"] == "1" {
                response.add_failure(message.message_id.clone().unwrap());
            }
            let _ = sender.send(body(message).to_owned());
        }
        async move { response }
    });
    send(&queues, "a", ["good", "bad"].map(str::to_owned)).await;
    until(&queues, Counts { in_flight: 1, ..Counts::default() }).await;
    let visibility_timeout_ms = QueueName::Deliveries.visibility_timeout().as_millis();
    time.fetch_add(visibility_timeout_ms.try_into().unwrap(), Ordering::SeqCst);
    until(&queues, Counts::default()).await;
    let mut bodies = Vec::new();
    while let Ok(body) = receiver.try_recv() {
        bodies.push(body);
    }
    assert_eq!(bodies, ["good", "bad", "bad"]);
}

#[tokio::test]
async fn a_batch_that_crashes_the_function_or_fails_at_nothing_known_stays_whole() {
    for unknown in [Some("nonsense"), Some(""), None] {
        let (queues, _) = queues();
        let _event_source = EventSource::of_queue(queues.clone(), QueueName::Deliveries, move |_| async move {
            let mut response = SqsBatchResponse::default();
            response.add_failure(unknown.expect("meant to panic"));
            response
        });
        send(&queues, "a", ["one", "two"].map(str::to_owned)).await;
        until(&queues, Counts { in_flight: 2, ..Counts::default() }).await;
        // What was received is not deleted afterwards either.
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        assert_eq!(queues.counts(QueueName::Deliveries).await.unwrap().in_flight, 2, "{unknown:?}");
    }
}

/// A queue's messages in a function that ends each batch when the test says so, and how: true for success.
struct ByHand(mpsc::UnboundedReceiver<(SqsEvent, oneshot::Sender<bool>)>);

impl ByHand {
    fn start(queues: &Queues) -> (EventSource, Self) {
        let (sender, receiver) = mpsc::unbounded_channel();
        let event_source = EventSource::of_queue(queues.clone(), QueueName::Deliveries, move |event: SqsEvent| {
            let (end, ended) = oneshot::channel::<bool>();
            let ids: Vec<_> = event.records.iter().map(|message| message.message_id.clone().unwrap()).collect();
            let _ = sender.send((event, end));
            async move {
                let mut response = SqsBatchResponse::default();
                if !ended.await.unwrap() {
                    ids.into_iter().for_each(|id| response.add_failure(id));
                }
                response
            }
        });
        (event_source, Self(receiver))
    }

    /// Waits until so many messages are being processed besides, and gives what ends their batches.
    async fn processing(&mut self, count: usize) -> Vec<oneshot::Sender<bool>> {
        let (mut sum, mut ends) = (0, Vec::new());
        while sum < count {
            let (event, end) = self.0.recv().await.unwrap();
            sum += event.records.len();
            ends.push(end);
        }
        assert_eq!(sum, count);
        ends
    }

    /// Fails if a batch comes although each group has its share.
    async fn no_more(&mut self, queues: &Queues) {
        for _ in 0..100 {
            queues.counts(QueueName::Deliveries).await.unwrap();
        }
        assert!(self.0.try_recv().is_err(), "a group has more than its share");
    }
}

#[tokio::test]
async fn a_group_has_more_at_a_time_with_each_success_and_less_with_each_failure() {
    let (queues, _) = queues();
    let (_event_source, mut function) = ByHand::start(&queues);
    send(&queues, "a", (0..1_000).map(|number| number.to_string())).await;
    // Success: one, two, four.
    for count in [1, 2] {
        for end in function.processing(count).await {
            end.send(true).unwrap();
        }
    }
    let four = function.processing(4).await;
    function.no_more(&queues).await;
    // Failure: two, one, and one again.
    for end in four {
        end.send(false).unwrap();
    }
    for count in [2, 1, 1] {
        let ends = function.processing(count).await;
        function.no_more(&queues).await;
        for end in ends {
            end.send(false).unwrap();
        }
    }
}

#[tokio::test]
async fn groups_that_hang_hold_one_message_each_and_do_not_hold_up_the_others() {
    let (queues, _) = queues();
    let (_event_source, mut function) = ByHand::start(&queues);
    for group in 0..100 {
        send(&queues, &format!("hangs-{group}"), (0..20).map(|number| number.to_string())).await;
    }
    let _hanging = function.processing(100).await;
    function.no_more(&queues).await;
    send(&queues, "works", (0..100).map(|number| number.to_string())).await;
    let mut handled = 0;
    while handled < 100 {
        let (event, end) = function.0.recv().await.unwrap();
        assert_eq!(event.records[0].attributes["MessageGroupId"], "works");
        handled += event.records.len();
        end.send(true).unwrap();
    }
    until(&queues, Counts { visible: 1_900, in_flight: 100, delayed: 0 }).await;
}

#[tokio::test]
async fn a_stop_waits_for_what_is_being_handled() {
    let (queues, _) = queues();
    let (go, gone) = watch::channel(false);
    let (sender, mut receiver) = mpsc::unbounded_channel();
    let event_source = EventSource::of_queue(queues.clone(), QueueName::Deliveries, move |_| {
        let mut gone = gone.clone();
        let _ = sender.send(());
        async move {
            let _ = gone.wait_for(|gone| *gone).await;
            SqsBatchResponse::default()
        }
    });
    send(&queues, "a", ["one".to_owned()]).await;
    receiver.recv().await.unwrap();
    let stopping = tokio::spawn(event_source.stop());
    tokio::task::yield_now().await;
    go.send(true).unwrap();
    stopping.await.unwrap();
    assert_eq!(queues.counts(QueueName::Deliveries).await.unwrap(), Counts::default());
    send(&queues, "a", ["two".to_owned()]).await;
    assert!(receiver.recv().await.is_none(), "handled after the stop");
}
