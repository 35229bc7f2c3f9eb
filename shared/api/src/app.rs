//! What a function is built from, once, before its first request.

use std::io::Write;
use std::sync::Arc;

use domain::time::Timestamp;
use store::Store;
use uuid::Uuid;

/// Tells the time.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;
/// Makes fresh ids.
pub type Ids = Arc<dyn Fn() -> Uuid + Send + Sync>;
/// Takes one line of the log.
pub type Log = Arc<dyn Fn(&str) + Send + Sync>;

/// What every function has: the time, fresh ids, a log.
#[derive(Clone)]
pub struct Runtime {
    /// Tells the time.
    pub clock: Clock,
    /// Makes fresh ids.
    pub ids: Ids,
    /// Takes one line of the log.
    pub log: Log,
}

impl Runtime {
    /// The system's clock, random ids, and the standard output, which Lambda takes as the log.
    pub fn of_system() -> Self {
        Self {
            clock: Arc::new(|| Timestamp::new(chrono::Utc::now())),
            ids: Arc::new(Uuid::new_v4),
            // A log that can't be written to can't be complained about either.
            log: Arc::new(|line| drop(writeln!(std::io::stdout().lock(), "{line}"))),
        }
    }
}

/// What a function that uses the table has.
#[derive(Clone)]
pub struct App {
    /// Time, ids, log.
    pub runtime: Runtime,
    /// The table.
    pub store: Store,
}
