//! The stream of a table: what was committed, until it is trimmed.
//!
//! A record that was handled is removed, so the stream holds exactly what is still to be handled, also after a restart,
//! and it stays small.

use anyhow::{Context as _, Result, anyhow, bail};
use dynoxide::actions::{
    describe_stream::DescribeStreamRequest,
    get_records::{GetRecordsRequest, Record},
    get_shard_iterator::GetShardIteratorRequest,
    list_streams::ListStreamsRequest,
};

use super::engine::{Access, Engine};

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
            let request = DescribeStreamRequest { stream_arn: stream.stream_arn, ..DescribeStreamRequest::default() };
            let described = database.describe_stream(request).map_err(|error| anyhow!("{error}"))?;
            Ok(Some(described.stream_description))
        });
        let stream = described.await?.with_context(|| format!("the table {table} has no stream"))?;
        if stream.stream_view_type != "NEW_AND_OLD_IMAGES" {
            bail!("the stream of the table {table} announces {} only", stream.stream_view_type);
        }
        let shard = stream.shards.into_iter().next().with_context(|| format!("the stream of {table} has no shard"))?;
        Ok(Self { engine, table: table.to_owned(), arn: stream.stream_arn, shard_id: shard.shard_id })
    }

    pub(crate) fn arn(&self) -> &str {
        &self.arn
    }

    /// The oldest records, in the order in which they were committed.
    pub(crate) async fn oldest(&self, count_max: usize) -> Result<Vec<Record>> {
        let request = GetShardIteratorRequest {
            stream_arn: self.arn.clone(),
            shard_id: self.shard_id.clone(),
            shard_iterator_type: "TRIM_HORIZON".to_owned(),
            sequence_number: None,
        };
        self.engine
            .run(move |database, _| {
                let iterator = database.get_shard_iterator(request).map_err(|error| anyhow!("{error}"))?;
                let request = GetRecordsRequest {
                    shard_iterator: iterator.shard_iterator.unwrap_or_default(),
                    limit: Some(count_max),
                };
                Ok(database.get_records(request).map_err(|error| anyhow!("{error}"))?.records)
            })
            .await
    }

    /// Removes the oldest records.
    pub(crate) async fn trim(&self, count: usize) -> Result<()> {
        let table = self.table.clone();
        self.engine
            .run(move |_, connection| {
                connection.prepare_cached(TRIM)?.execute(rusqlite::params![table, count])?;
                Ok(())
            })
            .await
    }

    /// Waits until something was committed since the last call. One caller may wait at a time.
    pub(crate) async fn committed(&self) {
        self.engine.committed().await;
    }
}

/// The order is that in which the engine reads; the index is the one that [`super::engine`] adds.
const TRIM: &str = "
    DELETE FROM _stream_records WHERE id IN (
        SELECT id FROM _stream_records WHERE table_name = ?
        ORDER BY CAST(sequence_number AS INTEGER) LIMIT ?
    )
";
