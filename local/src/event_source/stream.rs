//! The mappings of a table's stream: each batch is handed over until every function has handled it.

use std::time::Duration;

use anyhow::Result;
use aws_lambda_events::{dynamodb::Event, streams::DynamoDbEventResponse};
use dynoxide::actions::get_records::Record;
use serde_json::json;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use super::{EventSource, Filter};
use crate::dynamodb::Stream;

/// Lambda's default for a stream.
const BATCH_SIZE_MAX: usize = 100;

/// Longest time until a commit is noticed. The engine tells of commits whenever it has nothing else to do, which may be
/// never for a while.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);

/// Time between two tries of a batch that failed: at first, and at most.
const RETRY_DELAY_FIRST: Duration = Duration::from_millis(100);
const RETRY_DELAY_MAX: Duration = Duration::from_secs(5);

/// One function at a stream, with the records that it is invoked with.
pub struct StreamMapping {
    filter: Filter,
    invoke: Box<dyn Fn(Event) -> JoinHandle<DynamoDbEventResponse> + Send + Sync>,
    /// The records at the stream's beginning that it has handled, while others have not.
    handled: usize,
}

impl StreamMapping {
    /// Invokes a function with the records that match the filter. Must be called inside a Tokio runtime.
    pub fn new<F, R>(filter: Filter, invoke: F) -> Self
    where
        F: Fn(Event) -> R + Send + Sync + 'static,
        R: Future<Output = DynamoDbEventResponse> + Send + 'static,
    {
        // A task of its own: a panic is only that batch's.
        Self { filter, invoke: Box::new(move |event| tokio::spawn(invoke(event))), handled: 0 }
    }
}

impl EventSource {
    /// Hands a stream's records to functions. Must be called inside a Tokio runtime.
    ///
    /// Records that do not match a function's filter pass by it. A batch of which a function names failures, or in
    /// which it panics, is handed over to it again from the first failed record on, at growing intervals and for as long as
    /// it takes. A mapping that is dropped ends after the batch that its function is handling.
    pub fn of_stream(stream: Stream, mappings: impl IntoIterator<Item = StreamMapping>) -> Self {
        let mut mappings: Vec<_> = mappings.into_iter().collect();
        Self::start(|mut stop| async move {
            let mut failures = 0;
            // An error means that the engine has stopped.
            while let Ok(batch) = hand_over(&stream, &mut mappings).await {
                failures = if batch == Batch::Failed { failures + 1 } else { 0 };
                let next = async {
                    match batch {
                        Batch::Handled => {}
                        // A commit or the time-out: the next look tells which.
                        Batch::Empty => drop(timeout(LOOK_INTERVAL, stream.committed()).await),
                        Batch::Failed => sleep(retry_delay(failures)).await,
                    }
                };
                tokio::select! {
                    biased;
                    _ = &mut stop => return,
                    () = next => {}
                }
            }
        })
    }
}

/// The outcome of a batch.
#[derive(Debug, PartialEq, Eq)]
enum Batch {
    Handled,
    Empty,
    Failed,
}

/// Hands a batch to each function, without what that has handled before. What all have handled is removed.
async fn hand_over(stream: &Stream, mappings: &mut [StreamMapping]) -> Result<Batch> {
    let records = stream.oldest(BATCH_SIZE_MAX).await?;
    if records.is_empty() {
        return Ok(Batch::Empty);
    }
    let mut invoked = Vec::new();
    for mapping in mappings.iter() {
        let rest = records.get(mapping.handled..).unwrap_or_default();
        invoked.push((event(stream, rest, &mapping.filter)?.map(&mapping.invoke), rest));
    }
    let mut counts = Vec::new();
    for (invoked, rest) in invoked {
        counts.push(match invoked {
            Some(invoked) => invoked.await.map_or(0, |response| handled(rest, &response)),
            None => rest.len(),
        });
    }
    for (mapping, count) in mappings.iter_mut().zip(counts) {
        mapping.handled += count;
    }
    let by_all = mappings.iter().map(|mapping| mapping.handled).min().unwrap_or(0);
    let are_all = mappings.iter().all(|mapping| mapping.handled == records.len());
    if by_all > 0 {
        stream.trim(by_all).await?;
        mappings.iter_mut().for_each(|mapping| mapping.handled -= by_all);
    }
    Ok(if are_all { Batch::Handled } else { Batch::Failed })
}

/// The event with those of the records that match the filter, as Lambda makes it; none without any.
fn event(stream: &Stream, records: &[Record], filter: &Filter) -> Result<Option<Event>> {
    let mut matching = Vec::new();
    for record in records {
        let mut record = serde_json::to_value(record)?;
        if filter.matches(&record) {
            record["eventSourceARN"] = json!(stream.arn());
            matching.push(record);
        }
    }
    if matching.is_empty() {
        return Ok(None);
    }
    Ok(Some(serde_json::from_value(json!({ "Records": matching }))?))
}

/// The number of records before the first that failed. As in Lambda, a failure that names no record of the batch is
/// the whole batch's.
fn handled(records: &[Record], response: &DynamoDbEventResponse) -> usize {
    let position = |failed: &str| records.iter().position(|record| record.dynamodb.sequence_number == failed);
    response
        .batch_item_failures
        .iter()
        .map(|failure| failure.item_identifier.as_deref().and_then(position).unwrap_or(0))
        .min()
        .unwrap_or(records.len())
}

fn retry_delay(failures: u32) -> Duration {
    2_u32
        .checked_pow(failures.saturating_sub(1))
        .map_or(RETRY_DELAY_MAX, |factor| RETRY_DELAY_FIRST.saturating_mul(factor).min(RETRY_DELAY_MAX))
}
