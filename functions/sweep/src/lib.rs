//! The alarm clock: each minute, what has waited in the table and is due is sent on its way, and candidates whose data may not be
//! kept any longer are deleted.
//!
//! A sweep sends first and removes then, and moves an alarm on only under the condition that nobody else has changed it. So
//! two sweeps at the same time, or one that ends between any two steps, leave nothing behind that is not looked at again;
//! what is sent twice does no harm, since a message is only a reason to look at a delivery.

mod candidates;
mod deliveries;
mod log;

use std::time::Duration;

use domain::delivery::RetrySchedule;
use queue::Queue;
use runtime::Runtime;
use store::Store;
use tokio::time::Instant;

use crate::log::SweepLog;

/// Time after which a sweep begins with nothing more; the next one goes on. With everything slow at once, what is under way
/// then takes a minute: the table 6 s, the queue 22, the table 24 and 6.
const BEGUN_WITHIN: Duration = Duration::from_secs(25);

/// The surroundings of the function.
#[derive(Clone)]
pub struct App {
    /// Clock and log.
    pub runtime: Runtime,
    /// The table: webhooks, their waiting deliveries and their alarms; candidates.
    pub store: Store,
    /// The queue of delivery jobs.
    pub queue: Queue,
    /// The times of attempts.
    pub schedule: RetrySchedule,
}

/// Sweeps once. What fails is logged, and due at the next sweep.
pub async fn handle(app: &App) {
    let mut log = SweepLog::new(app.runtime.now());
    let deadline = Instant::now() + BEGUN_WITHIN;
    let (candidates, ()) = tokio::join!(candidates::sweep(app, deadline), deliveries::sweep(app, deadline, &mut log));
    log.candidates(candidates);
    app.runtime.write(&log.line());
}
