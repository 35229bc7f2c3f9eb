//! The pause before a batch of the table's stream is tried again, which Lambda does at once.

use std::time::Duration;

/// The longest pause. What comes late anyway waits so much longer once all works again, and with pauses of this length 12 hours
/// have some 720 to 900 attempts, fewer than Lambda makes.
const PAUSE_MAX: Duration = Duration::from_secs(60);
/// The part of a pause that is the same for all: the rest is random, so that what failed together does not come back together.
const PAUSE_FIXED: f64 = 0.8;

/// The pause before a batch whose first failed record has waited that long: half as long, up to a minute.
pub fn pause_before_retry(waited: Duration) -> Duration {
    let part = PAUSE_FIXED + (1.0 - PAUSE_FIXED) * fastrand::f64();
    (waited / 2).min(PAUSE_MAX).mul_f64(part)
}
