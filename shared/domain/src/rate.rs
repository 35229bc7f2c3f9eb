//! Limits of use: how often something may be done in a while of the clock (UTC).

use std::time::Duration;

use crate::time::Timestamp;

/// A minute of the clock.
pub const MINUTE: Duration = Duration::from_secs(60);
/// A day of the clock.
pub const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Most tests of a webhook in a minute. A person who tries an endpoint needs fewer, and each may occupy a function for as
/// long as the endpoint likes.
pub const WEBHOOK_TESTS_PER_MINUTE: u32 = 10;
/// Most tests of a webhook at a time.
pub const WEBHOOK_TESTS_AT_A_TIME: u32 = 1;
/// Time after which a test of a webhook is over, whatever became of it: longer than its function may run (29 s).
pub const WEBHOOK_TEST_MAX: Duration = Duration::from_secs(30);

/// Most test interviews of a company in a day. They are free, and each is announced to up to 100 webhooks.
pub const TEST_INTERVIEWS_PER_DAY: u32 = 1_000;

/// The refusal of what was done too often: nothing of the limit remains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimited {
    /// The limited thing, as it stands after the number: `tests of a webhook in a minute`.
    pub what: &'static str,
    /// The limit.
    pub limit: u32,
    /// The time at which there is room again at the latest.
    pub resets_at: Timestamp,
}
