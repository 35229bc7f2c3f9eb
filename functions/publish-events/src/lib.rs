//! The table's stream: turns what committed into delivery jobs, one for each event and webhook, and does no more.
//!
//! Changes that are repeated, re-ordered or cut into other batches give the same jobs: the jobs' ids follow from the
//! change.

use std::collections::BTreeSet;

use aws_lambda_events::dynamodb::{Event as StreamEvent, EventRecord};
use aws_lambda_events::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use domain::company::CompanyId;
use domain::delivery::DeliveryJob;
use domain::event::Event;
use queue::{OutgoingMessage, Queue};
use runtime::{LogLine, Runtime, chain};
use serde_json::json;
use store::{Cost, InterviewChange, Store, Subscriptions};

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
            first.into_iter().for_each(|record| published.failed_at(record, &error));
        }
    }
    app.runtime.write(&published.line(app, &batch, system.session.cost()));

    let mut response = DynamoDbEventResponse::default();
    let first_failed = published.first_failed.and_then(|record| batch.records.get(record));
    if let Some(record) = first_failed {
        let mut failure = DynamoDbBatchItemFailure::default();
        failure.item_identifier = record.change.sequence_number.clone();
        response.batch_item_failures.push(failure);
    }
    response
}

/// The outcome of a batch.
#[derive(Default)]
struct Published {
    events: u64,
    jobs: u64,
    first_failed: Option<usize>,
    error: Option<String>,
}

impl Published {
    fn failed_at(&mut self, record: usize, error: &(dyn std::error::Error + 'static)) {
        if self.first_failed.is_none_or(|first| record < first) {
            self.first_failed = Some(record);
            self.error = Some(chain(error));
        }
    }

    fn line(&self, app: &App, batch: &StreamEvent, cost: Cost) -> LogLine {
        let first_failed = self.first_failed.and_then(|record| batch.records.get(record));
        LogLine::new(app.runtime.now())
            .field("function", "publish-events")
            .field("records", batch.records.len())
            .field(
                "dynamodb",
                json!({"requests": cost.requests, "readUnits": cost.read_units, "retries": cost.retries}),
            )
            .field("failedSequenceNumber", first_failed.and_then(|record| record.change.sequence_number.as_ref()))
            .error(self.error.as_deref())
            .count(&[], "EventsPublished", self.events)
            .count(&[], "DeliveriesOrdered", self.jobs)
            .count(&[], "PublishFailures", self.error.is_some().into())
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
                published.failed_at(record, &error);
                continue;
            }
        };
        match Event::of_change(change.old.as_ref(), &change.new) {
            Ok(announced) => {
                events.extend(announced.into_iter().map(|event| (record, event.traced(change.trace_id))));
            }
            Err(error) => published.failed_at(record, &error),
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
                Err(error) => published.failed_at(*record, &error),
            }
        }
    }
    for (record, sent) in records.into_iter().zip(app.queue.send_all(&messages).await) {
        match sent {
            Ok(()) => published.jobs += 1,
            Err(error) => published.failed_at(record, &error),
        }
    }
}
