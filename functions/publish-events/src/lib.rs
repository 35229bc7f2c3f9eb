//! The table's stream: turns what committed into delivery jobs, one for each event and webhook, and does no more.
//!
//! Changes that are repeated, re-ordered or cut into other batches give the same jobs: the jobs' ids follow from the
//! change.
//!
//! Lambda repeats a batch that fails at once, and so many times. While the table or the queue is out of reach, an
//! attempt therefore ends with a pause that grows with the age of what it could not publish: the attempts then last for
//! the 12 hours for which a record is tried. A record that can't be published itself, or ends the process, has no
//! pauses, and is given up within minutes.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_lambda_events::dynamodb::{Event as StreamEvent, EventRecord};
use aws_lambda_events::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use domain::company::CompanyId;
use domain::delivery::DeliveryJob;
use domain::event::Event;
use domain::time::Timestamp;
use queue::{OutgoingMessage, Queue, QueueError};
use runtime::{LogLine, Runtime, chain, milliseconds, pause_before_retry};
use store::{Cost, InterviewChange, Store, StoreError, Subscriptions};

/// The surroundings of the function.
#[derive(Clone)]
pub struct App {
    /// Clock and log.
    pub runtime: Runtime,
    /// The table: the subscribers.
    pub store: Store,
    /// The queue of delivery jobs.
    pub queue: Queue,
}

/// Publishes a batch. Names the first record that was not published wholly, from which on the batch is to be repeated.
pub async fn handle(app: &App, batch: StreamEvent) -> DynamoDbEventResponse {
    let mut system = app.store.system();
    let mut published = Published::default();
    let changes = read(&batch.records, &mut published);
    let companies: BTreeSet<CompanyId> = changes.iter().filter_map(|(_, event)| event.company_id).collect();
    let companies: Vec<_> = companies.into_iter().collect();
    match system.subscriptions(&companies).await {
        Ok(subscriptions) => send(app, &changes, &subscriptions, &mut published).await,
        Err(error) => {
            let first = changes.first().map(|(record, _)| *record);
            let fault = Fault::of_table(&error);
            first.into_iter().for_each(|record| published.failed_at(record, fault, &error));
        }
    }
    let now = app.runtime.now();
    let pause = published.pause(&batch, now);
    app.runtime.write(&published.line(now, &batch, system.session.cost(), pause));
    tokio::time::sleep(pause).await;

    let mut response = DynamoDbEventResponse::default();
    if let Some(record) = published.first_failed(&batch) {
        let mut failure = DynamoDbBatchItemFailure::default();
        failure.item_identifier = record.change.sequence_number.clone();
        response.batch_item_failures.push(failure);
    }
    response
}

/// The place of the fault for which a record was not published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// The record, or what is stored of its company: it would fail again.
    Record,
    /// The table or the queue, and then all records fail until that is over.
    Service,
}

impl Fault {
    /// The table does not answer, or refuses. What it answered and we can't read is about a company.
    fn of_table(error: &StoreError) -> Self {
        if error.is_passing() || error.answer.is_some() { Self::Service } else { Self::Record }
    }

    fn of_queue(error: &QueueError) -> Self {
        match error {
            QueueError::TooLarge { .. } => Self::Record,
            QueueError::Failed { .. } => Self::Service,
        }
    }
}

/// The first record that was not published.
struct Failed {
    record: usize,
    fault: Fault,
    error: String,
}

/// The outcome of a batch.
#[derive(Default)]
struct Published {
    events: u64,
    jobs: u64,
    first_failed: Option<Failed>,
}

impl Published {
    fn failed_at(&mut self, record: usize, fault: Fault, error: &(dyn std::error::Error + 'static)) {
        if self.first_failed.as_ref().is_none_or(|first| record < first.record) {
            self.first_failed = Some(Failed { record, fault, error: chain(error) });
        }
    }

    /// The first record that was not published wholly.
    fn first_failed<'a>(&self, batch: &'a StreamEvent) -> Option<&'a EventRecord> {
        batch.records.get(self.first_failed.as_ref()?.record)
    }

    /// The pause before Lambda repeats the batch: half as long as the record has waited, up to a bound. None after a
    /// success, nor after a fault of the record.
    fn pause(&self, batch: &StreamEvent, now: Timestamp) -> Duration {
        match (&self.first_failed, self.first_failed(batch)) {
            (Some(Failed { fault: Fault::Service, .. }), Some(record)) => {
                let waited = now.saturating_since(Timestamp::new(record.change.approximate_creation_date_time));
                pause_before_retry(waited)
            }
            (Some(Failed { fault: Fault::Record, .. }), _) | (_, None) | (None, _) => Duration::ZERO,
        }
    }

    fn line(&self, now: Timestamp, batch: &StreamEvent, cost: Cost, pause: Duration) -> LogLine {
        let first_failed = self.first_failed(batch);
        LogLine::new(now)
            .field("function", "publish-events")
            .field("records", batch.records.len())
            .field("dynamodb", cost)
            .field("failedSequenceNumber", first_failed.and_then(|record| record.change.sequence_number.as_ref()))
            .field("pauseMs", first_failed.map(|_| milliseconds(pause)))
            .error(self.first_failed.as_ref().map(|failed| failed.error.as_str()))
            .count(&[], "EventsPublished", self.events)
            .count(&[], "DeliveriesOrdered", self.jobs)
            .count(&[], "PublishFailures", self.first_failed.is_some().into())
    }
}

/// The events of a batch, each with the place of its record.
fn read(records: &[EventRecord], published: &mut Published) -> Vec<(usize, Event)> {
    let mut events = Vec::new();
    for (record, EventRecord { change, .. }) in records.iter().enumerate() {
        let change = match InterviewChange::from_images(change.old_image.clone(), change.new_image.clone()) {
            Ok(Some(change)) => change,
            Ok(None) => continue,
            Err(error) => {
                published.failed_at(record, Fault::Record, &error);
                continue;
            }
        };
        match Event::of_change(change.old.as_ref(), &change.new) {
            Ok(announced) => {
                events.extend(announced.into_iter().map(|event| (record, event.traced(change.trace_id))));
            }
            Err(error) => published.failed_at(record, Fault::Record, &error),
        }
    }
    published.events = events.len() as u64;
    events
}

async fn send(app: &App, events: &[(usize, Event)], subscriptions: &Subscriptions, published: &mut Published) {
    let mut records = Vec::new();
    let mut messages = Vec::new();
    for (record, event) in events {
        let wanting = event.company_id.into_iter().flat_map(|id| subscriptions.wanting(event.r#type, id));
        for webhook_id in wanting {
            match serde_json::to_string(&DeliveryJob::new(event, webhook_id)) {
                Ok(body) => {
                    records.push(*record);
                    messages.push(OutgoingMessage { body, group: webhook_id.to_string() });
                }
                Err(error) => published.failed_at(*record, Fault::Record, &error),
            }
        }
    }
    for (record, sent) in records.into_iter().zip(app.queue.send_all(&messages).await) {
        match sent {
            Ok(()) => published.jobs += 1,
            Err(error) => published.failed_at(record, Fault::of_queue(&error), &error),
        }
    }
}
