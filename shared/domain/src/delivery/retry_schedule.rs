//! The times at which attempts are made.

use std::time::Duration;

/// Attempts of a delivery before it is given up.
pub const ATTEMPTS: usize = 10;

/// Longest wait that an endpoint may ask for.
pub const RETRY_AFTER_MAX: Duration = Duration::from_secs(12 * 60 * 60);

/// The greatest distance of a wait from the planned one, as a share of it, so that what failed together is not repeated
/// together.
const JITTER: f64 = 0.1;

/// The waits between attempts, and around them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetrySchedule {
    /// The wait before each attempt, counted from the one before.
    pub waits: [Duration; ATTEMPTS],
    /// The time for which an endpoint must have failed, besides
    /// [`Circuit::FAILURES`](crate::webhook::Circuit::FAILURES) times.
    pub circuit_opens_after: Duration,
    /// The time between two tries of an endpoint whose circuit is open.
    pub probe_every: Duration,
    /// The time between two looks at a paused webhook.
    pub look_after_paused_every: Duration,
    /// The time between two sweeps of what waits in the table.
    pub swept_every: Duration,
    /// The time for which a second message for the same delivery leaves the first one alone.
    pub stand_by: Duration,
    /// The longest time for which a pause or an open circuit keeps a delivery waiting, all attempts included. Less than
    /// the 14 days for which a dead letter is kept, more than all attempts take (54 hours).
    pub give_up_after: Duration,
}

impl RetrySchedule {
    /// The schedule of a deployment.
    pub const STANDARD: Self = {
        const MINUTE: u64 = 60;
        const HOUR: u64 = 60 * MINUTE;
        const WAITS: [u64; ATTEMPTS] =
            [0, 5, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 12 * HOUR, 12 * HOUR, 12 * HOUR];
        Self::of_seconds(WAITS, HOUR, 15 * MINUTE, 15 * MINUTE, MINUTE, MINUTE, 4 * 24 * HOUR)
    };

    /// The schedule for trying things out: whole seconds, because SQS counts in them.
    pub const FAST: Self = Self::of_seconds([0, 1, 1, 2, 2, 3, 3, 4, 4, 5], 10, 3, 2, 5, 1, 60);

    const fn of_seconds(
        waits: [u64; ATTEMPTS],
        circuit_opens_after: u64,
        probe_every: u64,
        look_after_paused_every: u64,
        swept_every: u64,
        stand_by: u64,
        give_up_after: u64,
    ) -> Self {
        let mut durations = [Duration::ZERO; ATTEMPTS];
        let mut attempt = 0;
        while attempt < ATTEMPTS {
            durations[attempt] = Duration::from_secs(waits[attempt]);
            attempt += 1;
        }
        Self {
            waits: durations,
            circuit_opens_after: Duration::from_secs(circuit_opens_after),
            probe_every: Duration::from_secs(probe_every),
            look_after_paused_every: Duration::from_secs(look_after_paused_every),
            swept_every: Duration::from_secs(swept_every),
            stand_by: Duration::from_secs(stand_by),
            give_up_after: Duration::from_secs(give_up_after),
        }
    }
}

/// A planned wait, moved by a random share: `jitter` is a number from 0 to 1.
pub(super) fn jittered(wait: Duration, jitter: f64) -> Duration {
    wait.mul_f64(1.0 + JITTER * (2.0 * jitter.clamp(0.0, 1.0) - 1.0))
}
