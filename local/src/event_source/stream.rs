//! The part that Lambda plays for a table's stream: reads what was committed, and hands it in batches to a function
//! until the function has taken it.
//!
//! A record that was taken is removed from the stream, so what the stream holds is what is still to be taken, also
//! after a restart, and it stays small.

use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, bail};
use aws_lambda_events::{dynamodb::Event, streams::DynamoDbEventResponse};
use dynoxide::actions::{
    describe_stream::DescribeStreamRequest,
    get_records::{GetRecordsRequest, Record},
    get_shard_iterator::GetShardIteratorRequest,
    list_streams::ListStreamsRequest,
};
use serde_json::json;
use tokio::{
    sync::oneshot,
    task::JoinHandle,
    time::{sleep, timeout},
};

use super::Filter;
use crate::dynamodb::{Access, Engine};

/// Lambda's default for a stream.
const BATCH_SIZE_MAX: usize = 100;

/// The engine tells of commits whenever it has a moment; without one, this is how long a commit waits to be noticed.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);

/// Between two tries of a batch that failed: at first, and at most.
const RETRY_DELAY_FIRST: Duration = Duration::from_millis(100);
const RETRY_DELAY_MAX: Duration = Duration::from_secs(5);

/// How long [`Pump::stop`] waits for the batch that is being handled. As long as a function may take.
const STOP_TIMEOUT: Duration = Duration::from_secs(10);

/// A table's stream.
#[derive(Clone)]
pub struct Stream {
    engine: Access,
    table: String,
    arn: String,
    shard_id: String,
}

impl Stream {
    /// The stream of a table, which must announce the new and the old image of what changes.
    pub async fn of(engine: &Engine, table: &str) -> Result<Self> {
        let engine = engine.access();
        let name = table.to_owned();
        let described = engine.run(move |database, _| {
            let listed = database
                .list_streams(ListStreamsRequest { table_name: Some(name), ..ListStreamsRequest::default() })
                .map_err(|error| anyhow!("{error}"))?;
            let Some(stream) = listed.streams.into_iter().next() else { return Ok(None) };
            let asked = DescribeStreamRequest { stream_arn: stream.stream_arn, ..DescribeStreamRequest::default() };
            let described = database.describe_stream(asked).map_err(|error| anyhow!("{error}"))?;
            Ok(Some(described.stream_description))
        });
        let stream = described.await?.with_context(|| format!("the table {table} has no stream"))?;
        if stream.stream_view_type != "NEW_AND_OLD_IMAGES" {
            bail!("the stream of the table {table} announces {} only", stream.stream_view_type);
        }
        let shard = stream.shards.into_iter().next().with_context(|| format!("the stream of {table} has no shard"))?;
        Ok(Self { engine, table: table.to_owned(), arn: stream.stream_arn, shard_id: shard.shard_id })
    }

    /// The oldest records, in the order in which they were committed.
    async fn first(&self) -> Result<Vec<Record>> {
        let asked = GetShardIteratorRequest {
            stream_arn: self.arn.clone(),
            shard_id: self.shard_id.clone(),
            shard_iterator_type: "TRIM_HORIZON".to_owned(),
            sequence_number: None,
        };
        self.engine
            .run(|database, _| {
                let iterator = database.get_shard_iterator(asked).map_err(|error| anyhow!("{error}"))?;
                let asked = GetRecordsRequest {
                    shard_iterator: iterator.shard_iterator.unwrap_or_default(),
                    limit: Some(BATCH_SIZE_MAX),
                };
                Ok(database.get_records(asked).map_err(|error| anyhow!("{error}"))?.records)
            })
            .await
    }

    /// Removes the oldest records.
    async fn trim(&self, count: usize) -> Result<()> {
        let table = self.table.clone();
        self.engine
            .run(move |_, connection| {
                connection.prepare_cached(TRIM)?.execute(rusqlite::params![table, count])?;
                Ok(())
            })
            .await
    }

    /// The event with those of the records that the filter takes, as Lambda makes it; none without any.
    fn event(&self, records: &[Record], filter: &Filter) -> Result<Option<Event>> {
        let mut taken = Vec::new();
        for record in records {
            let mut record = serde_json::to_value(record)?;
            if filter.takes(&record) {
                record["eventSourceARN"] = json!(self.arn);
                taken.push(record);
            }
        }
        if taken.is_empty() {
            return Ok(None);
        }
        Ok(Some(serde_json::from_value(json!({ "Records": taken }))?))
    }
}

/// In the order of the engine's own reading; the index is that of [`crate::dynamodb`].
const TRIM: &str = "
    DELETE FROM _stream_records WHERE id IN (
        SELECT id FROM _stream_records WHERE table_name = ?
        ORDER BY CAST(sequence_number AS INTEGER) LIMIT ?
    )
";

/// Hands a stream's records to a function, in a task of its own. Dropping it ends it after the batch that is being
/// handled: the rest stays in the stream.
pub struct Pump {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Pump {
    /// Starts. Must be called inside a Tokio runtime.
    ///
    /// Records that the filter does not take pass by the function. A batch of which the function names failures, or in
    /// which it panics, is handed over again from the first failed record on, at growing intervals and for as long as
    /// it takes.
    pub fn start<F, R>(stream: Stream, filter: Filter, invoke: F) -> Self
    where
        F: Fn(Event) -> R + Send + Sync + 'static,
        R: Future<Output = DynamoDbEventResponse> + Send + 'static,
    {
        let (stop, mut asked) = oneshot::channel();
        let task = tokio::spawn(async move {
            let mut failures = 0;
            // An error means that the engine has stopped.
            while let Ok(step) = step(&stream, &filter, &invoke).await {
                failures = if step == Step::Failed { failures + 1 } else { 0 };
                let next = async {
                    match step {
                        Step::Taken => {}
                        // It makes no difference which of the two it was.
                        Step::Empty => drop(timeout(LOOK_INTERVAL, stream.engine.committed()).await),
                        Step::Failed => sleep(retry_delay(failures)).await,
                    }
                };
                tokio::select! {
                    biased;
                    // A pump that was dropped counts as asked.
                    _ = &mut asked => return,
                    () = next => {}
                }
            }
        });
        Self { stop, task }
    }

    /// Waits up to ten seconds for the batch that is being handled, and ends.
    pub async fn stop(self) {
        let _ = self.stop.send(());
        let _ = timeout(STOP_TIMEOUT, self.task).await;
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Step {
    Taken,
    Empty,
    Failed,
}

/// Hands over one batch, if there is something.
async fn step<F, R>(stream: &Stream, filter: &Filter, invoke: &F) -> Result<Step>
where
    F: Fn(Event) -> R,
    R: Future<Output = DynamoDbEventResponse> + Send + 'static,
{
    let records = stream.first().await?;
    if records.is_empty() {
        return Ok(Step::Empty);
    }
    let taken = match stream.event(&records, filter)? {
        // A task of its own: a panic is only that batch's.
        Some(event) => tokio::spawn(invoke(event)).await.map_or(0, |response| taken(&records, &response)),
        None => records.len(),
    };
    if taken > 0 {
        stream.trim(taken).await?;
    }
    Ok(if taken == records.len() { Step::Taken } else { Step::Failed })
}

/// How many records come before the first that failed. As in Lambda, a failure that names no record of the batch is
/// the whole batch's.
fn taken(records: &[Record], response: &DynamoDbEventResponse) -> usize {
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
