//! Things to be looked at when their time has come: places in the sparse index, by time.

use domain::time::Timestamp;
use uuid::Uuid;

use crate::entity::Item;
use crate::error::StoreError;
use crate::key::{IndexKey, SPARSE};
use crate::page::Page;
use crate::session::{Query, SortKeys};
use crate::system::SystemSession;

/// Partitions of the index that things of a kind are spread over: one takes 1,000 writes a second, for all companies
/// together.
const SHARDS: u8 = 16;

/// A kind of things that lie in the index by time. Its name begins the names of its partitions.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DueKind(&'static str);

/// Interviews that are to begin, and those whose result is waited for.
pub(crate) const INTERVIEWS: DueKind = DueKind("DUE");
/// Alarms of webhooks for which deliveries wait.
pub(crate) const ALARMS: DueKind = DueKind("ALARM");
/// Candidates by the end of the time for which their data may be kept, and erasures.
pub(crate) const CANDIDATES: DueKind = DueKind("CANDIDATES");

impl DueKind {
    /// The place of a thing in the order of times, within the partition that its id leads to.
    pub fn place(self, id: Uuid, at: Timestamp) -> IndexKey {
        IndexKey { index: SPARSE, partition: self.shard(id.as_bytes()[15]), sort: format!("{at}#{id}") }
    }

    fn shard(self, number: u8) -> String {
        format!("{}#{:02}", self.0, number % SHARDS)
    }
}

/// The place in an index after which a page begins.
#[derive(Debug, Clone)]
pub struct IndexCursor(pub(crate) Item);

impl SystemSession {
    /// The number of shards that each kind of things is spread over.
    pub const DUE_SHARDS: u8 = SHARDS;

    /// A page of the index entries of a kind that are due in a shard, oldest first, and at most `limit`.
    pub(crate) async fn due(
        &mut self,
        kind: DueKind,
        number: u8,
        now: Timestamp,
        after: Option<IndexCursor>,
        limit: u16,
    ) -> Result<Page<Item, IndexCursor>, StoreError> {
        let query = Query {
            index: Some(SPARSE),
            partition: kind.shard(number),
            // Times begin with a digit, and ids are hexadecimal.
            sort_keys: SortKeys::Between("0".to_owned(), format!("{now}~")),
            newest_first: false,
            consistent: false,
        };
        let (items, next) = self.session.query(&query, after.map(|IndexCursor(key)| key), Some(limit)).await?;
        Ok(Page { items, next: next.map(IndexCursor) })
    }
}
