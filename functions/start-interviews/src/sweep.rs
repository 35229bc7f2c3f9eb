//! The alarm clock: each minute, interviews that are due start, and those whose deadline has passed end.

use std::time::Duration;

use store::{DueThings, Shards};
use tokio::time::Instant;

use crate::log::StartLog;
use crate::{App, look_at_all};

/// Time after which a sweep begins with nothing more; the next one goes on. What is under way then takes the table at most 6 s.
const BEGUN_WITHIN: Duration = Duration::from_secs(40);
/// Most interviews of a shard that are read at a time.
const INTERVIEWS_MAX: u16 = 100;

/// Looks at the interviews that are due, oldest first, until none is left or no time is. What fails is logged, and due at the
/// next sweep.
pub async fn sweep(app: &App) {
    let (now, deadline, mut shards) = (app.runtime.now(), Instant::now() + BEGUN_WITHIN, Shards::all());
    let mut log = StartLog::new(now, "SCHEDULE");
    while !shards.are_done() && !log.is_cut_short {
        let pages = shards.next_pages(|shard, after| async move {
            let mut system = app.store.system();
            (system.due_interviews(shard, now, after, INTERVIEWS_MAX).await, system.session.cost())
        });
        let DueThings { things: mut due, cost, errors } = pages.await;
        log.cost += cost;
        errors.iter().for_each(|error| log.start_failed(error));
        due.sort_unstable();
        for looked in look_at_all(app, due, deadline).await {
            log.looked(looked);
        }
    }
    app.runtime.write(&log.line());
}
