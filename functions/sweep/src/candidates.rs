//! Candidates: those whose data may not be kept any longer are deleted, and erasures that do not go on are resumed.

use std::error::Error;
use std::ops::AddAssign;

use futures_util::{StreamExt, stream};
use runtime::chain;
use store::{Cost, DueCandidate, DueOutcome, DueThings, Shards};
use tokio::time::Instant;

use crate::App;

/// Most candidates of a shard that are read at a time.
const CANDIDATES_MAX: u16 = 100;
/// Candidates that are looked at at the same time.
const CANDIDATES_AT_A_TIME: usize = 16;

/// The work on candidates of a sweep.
#[derive(Debug, Default)]
pub(crate) struct CandidatesSwept {
    /// Deletions of those whose data may not be kept any longer.
    pub expired: u64,
    /// Erasures that go on.
    pub resumed: u64,
    pub cost: Cost,
    pub failures: u64,
    pub error: Option<String>,
    /// True if something due was left to the next sweep, for want of time.
    pub is_cut_short: bool,
}

impl CandidatesSwept {
    fn failed(&mut self, error: &(dyn Error + 'static)) {
        self.failures += 1;
        self.error.get_or_insert_with(|| chain(error));
    }
}

impl AddAssign<DueOutcome> for CandidatesSwept {
    fn add_assign(&mut self, outcome: DueOutcome) {
        match outcome {
            DueOutcome::Expired => self.expired += 1,
            DueOutcome::Resumed => self.resumed += 1,
            DueOutcome::NotDue => {}
        }
    }
}

/// Looks at the candidates that are due, until none is left or no time is.
pub(crate) async fn sweep(app: &App, deadline: Instant) -> CandidatesSwept {
    let mut swept = CandidatesSwept::default();
    let (now, mut shards) = (app.runtime.now(), Shards::all());
    while !shards.are_done() {
        let pages = shards.next_pages(|shard, after| async move {
            let mut system = app.store.system();
            (system.due_candidates(shard, now, after, CANDIDATES_MAX).await, system.session.cost())
        });
        let DueThings { things: due, cost, errors } = pages.await;
        swept.cost += cost;
        errors.iter().for_each(|error| swept.failed(error));
        look_at(app, due, deadline, &mut swept).await;
        if swept.is_cut_short {
            return swept;
        }
    }
    swept
}

async fn look_at(app: &App, due: Vec<DueCandidate>, deadline: Instant, swept: &mut CandidatesSwept) {
    let now = app.runtime.now();
    let looks = due.into_iter().map(|candidate| async move {
        if Instant::now() >= deadline {
            return None;
        }
        let mut system = app.store.system();
        let outcome = system.look_at_candidate(&candidate, now).await;
        Some((outcome, system.session.cost()))
    });
    let mut looks = stream::iter(looks.collect::<Vec<_>>()).buffer_unordered(CANDIDATES_AT_A_TIME);
    while let Some(look) = looks.next().await {
        match look {
            None => swept.is_cut_short = true,
            Some((outcome, cost)) => {
                swept.cost += cost;
                match outcome {
                    Ok(outcome) => *swept += outcome,
                    Err(error) => swept.failed(&error),
                }
            }
        }
    }
}
