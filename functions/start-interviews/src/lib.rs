//! Interviews whose time has come: they start, are handed over to whoever conducts them, and end without a result if nothing is
//! heard of them until their deadline.
//!
//! A schedule looks each minute at what is due ([`sweep`]). Interviews that are to begin at once are started from the table's
//! stream, within seconds, and from there those that have started are handed over ([`follow`]): the transaction that starts one
//! is the outbox. A start that fails is due at the next sweep. A hand-over that fails is tried again with its batch; a message that
//! is sent twice has the same id.

mod follow;
mod hand_over;
mod log;
mod sweep;

use std::time::Duration;

use futures_util::{StreamExt, stream};
use queue::Queue;
use runtime::Runtime;
use store::{Cost, DueInterview, InterviewLook, Store, StoreError};
use tokio::time::Instant;

pub use follow::follow;
pub use sweep::sweep;

/// Interviews that are looked at at the same time. A look is three requests of some milliseconds, so that a minute's sweep
/// starts tens of thousands.
const LOOKS_AT_A_TIME: usize = 32;

/// The surroundings of the function.
#[derive(Clone)]
pub struct App {
    /// Clock and log.
    pub runtime: Runtime,
    /// The table.
    pub store: Store,
    /// The queue of interviews that have started.
    pub starts: Queue,
    /// The time after an interview's duration for which its result is waited for.
    pub result_grace: Duration,
}

/// The outcome of a look, and its cost.
type Looked = (Result<InterviewLook, StoreError>, Cost);

/// Looks at interviews side by side. None of what is left once the deadline has passed.
async fn look_at_all(app: &App, due: Vec<DueInterview>, deadline: Instant) -> Vec<Option<Looked>> {
    let now = app.runtime.now();
    let looks = due.into_iter().map(|interview| async move {
        if Instant::now() >= deadline {
            return None;
        }
        let mut system = app.store.system();
        let look = system.look_at_interview(&interview, app.result_grace, now).await;
        Some((look, system.session.cost()))
    });
    stream::iter(looks.collect::<Vec<_>>()).buffered(LOOKS_AT_A_TIME).collect().await
}
