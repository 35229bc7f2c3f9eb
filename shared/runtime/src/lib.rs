//! The surroundings of every function, with HTTP or without: clock, ids, and the one log line of each piece of work.
//!
//! Does not know HTTP, AWS or the table. A test hands in a clock that stands still and ids that it knows.
//!
//! ```
//! use runtime::LogLine;
//!
//! let now = "2026-11-22T10:00:00Z".parse().unwrap();
//! let line = LogLine::new(now).field("function", "publish-events").count(&[], "EventsPublished", 2);
//! let line: serde_json::Value = serde_json::from_str(&line.of_stack("greenroom")).unwrap();
//! assert_eq!(line["EventsPublished"], 2);
//! assert_eq!(line["stack"], "greenroom");
//! assert_eq!(line["_aws"]["CloudWatchMetrics"][0]["Namespace"], "Greenroom");
//! assert_eq!(line["_aws"]["CloudWatchMetrics"][0]["Dimensions"][0][0], "stack");
//! ```

mod log;
mod retry;

use std::env::VarError;
use std::fmt;
use std::io::Write;
use std::sync::Arc;

use domain::time::Timestamp;
use uuid::Uuid;

pub use log::{LogLine, chain, milliseconds};
pub use retry::pause_before_retry;

/// The source of the present time.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;
/// The source of fresh ids.
pub type Ids = Arc<dyn Fn() -> Uuid + Send + Sync>;
/// The log, which takes one line at a time.
pub type Log = Arc<dyn Fn(&str) + Send + Sync>;

/// Clock, ids and log of a function, and the name of its stack.
#[derive(Clone)]
pub struct Runtime {
    /// The present time.
    pub clock: Clock,
    /// Fresh ids.
    pub ids: Ids,
    /// The log.
    pub log: Log,
    /// The name of the stack, by which all metrics are told from those of another stack in the same region.
    pub stack: Arc<str>,
}

impl Runtime {
    /// The runtime of a deployed function: that of the system, in the stack that `STACK_NAME` names.
    pub fn from_environment() -> Result<Self, NoStackName> {
        Ok(Self::of_system(&std::env::var("STACK_NAME").map_err(NoStackName)?))
    }

    /// The system's clock, random ids, and the standard output, which Lambda takes as the log.
    pub fn of_system(stack: &str) -> Self {
        Self {
            clock: Arc::new(|| Timestamp::new(chrono::Utc::now())),
            ids: Arc::new(Uuid::new_v4),
            // A log that can't be written to can't be complained about either.
            log: Arc::new(|line| drop(writeln!(std::io::stdout().lock(), "{line}"))),
            stack: stack.into(),
        }
    }

    /// The present time.
    pub fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// A fresh id.
    pub fn fresh_id(&self) -> Uuid {
        (self.ids)()
    }

    /// Writes a line to the log.
    pub fn write(&self, line: &LogLine) {
        (self.log)(&line.of_stack(&self.stack));
    }
}

/// The failure of a function that does not know the name of its stack.
#[derive(Debug)]
pub struct NoStackName(VarError);

impl fmt::Display for NoStackName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("STACK_NAME is not set, or no text")
    }
}

impl std::error::Error for NoStackName {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}
