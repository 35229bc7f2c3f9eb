//! The shards of an index by time, read side by side, page by page.

use futures_util::future::join_all;

use crate::due::IndexCursor;
use crate::error::StoreError;
use crate::page::Page;
use crate::session::Cost;
use crate::system::SystemSession;

/// The shards that may have more that is due, each with the place where it goes on.
pub struct Shards(Vec<(u8, Option<IndexCursor>)>);

/// Things that are due, from one page of each shard.
pub struct DueThings<T> {
    pub things: Vec<T>,
    /// The cost of reading them.
    pub cost: Cost,
    /// The failures of shards, each of which is read again by the next sweep.
    pub errors: Vec<StoreError>,
}

impl Shards {
    /// All shards, from their beginnings.
    pub fn all() -> Self {
        Self((0..SystemSession::DUE_SHARDS).map(|shard| (shard, None)).collect())
    }

    /// True once every shard was read to its end, or failed.
    pub fn are_done(&self) -> bool {
        self.0.is_empty()
    }

    /// Reads the next page of each shard. `read` reads one, and tells what that cost.
    pub async fn next_pages<T, F>(&mut self, read: impl Fn(u8, Option<IndexCursor>) -> F) -> DueThings<T>
    where
        F: Future<Output = (Result<Page<T, IndexCursor>, StoreError>, Cost)>,
    {
        let pages = self.0.drain(..).map(|(shard, after)| {
            let page = read(shard, after);
            async move { (shard, page.await) }
        });
        let mut due = DueThings { things: Vec::new(), cost: Cost::default(), errors: Vec::new() };
        for (shard, (page, cost)) in join_all(pages.collect::<Vec<_>>()).await {
            due.cost += cost;
            match page {
                Ok(page) => {
                    due.things.extend(page.items);
                    self.0.extend(page.next.map(|next| (shard, Some(next))));
                }
                Err(error) => due.errors.push(error),
            }
        }
        due
    }
}
