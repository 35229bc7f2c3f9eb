//! Limits of use: how often something may be done in a minute, an hour or a day of the clock (UTC).

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::company::Plan;
use crate::time::Timestamp;

/// The most requests of one API key, in a minute and in an hour of the clock (UTC).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UseLimits {
    /// Requests in a minute.
    pub minute: u32,
    /// Requests in an hour.
    pub hour: u32,
}

impl fmt::Display for UseLimits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} a minute, {} an hour", self.minute, self.hour)
    }
}

impl UseLimits {
    /// The limits of the plan scale, of the keys of tracking systems, and of all whose limits are not known.
    pub const SCALE: Self = Self { minute: 600, hour: 30_000 };
}

impl Plan {
    /// The limits of each key of a company on this plan, unless an operator has set others.
    pub fn limits(self) -> UseLimits {
        match self {
            Self::Trial => UseLimits { minute: 30, hour: 500 },
            Self::Starter => UseLimits { minute: 120, hour: 5_000 },
            Self::Business => UseLimits { minute: 300, hour: 15_000 },
            Self::Scale | Self::Enterprise => UseLimits::SCALE,
        }
    }
}

/// The limits that a key has of its own, and those of its owner. The owner's are copied into the key, so that one read of
/// the key decides.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KeyLimits {
    /// The limits that an operator has set for this key alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own_limits: Option<UseLimits>,
    /// The limits of each key of the company; none for keys of systems, and in items of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner_limits: Option<UseLimits>,
}

impl KeyLimits {
    /// The limits that apply.
    pub fn effective(self) -> UseLimits {
        self.own_limits.or(self.owner_limits).unwrap_or(UseLimits::SCALE)
    }
}

/// Requests of a key, in the minute and in the hour of the clock.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Uses {
    /// Requests in this minute.
    pub minute: u32,
    /// Requests in this hour.
    pub hour: u32,
}

impl Uses {
    /// True if nothing is left of one of the limits.
    pub fn have_reached(self, limits: UseLimits) -> bool {
        self.minute >= limits.minute || self.hour >= limits.hour
    }

    /// The same and one more.
    pub fn and_one(self) -> Self {
        Self { minute: self.minute.saturating_add(1), hour: self.hour.saturating_add(1) }
    }
}

/// The use of a key as its caller is told of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UseStatus {
    /// The limits that apply.
    pub limits: UseLimits,
    /// The requests counted, this one included unless it is refused.
    pub uses: Uses,
    /// The time of the request.
    pub now: Timestamp,
}

/// A limit with what is left of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// The most requests.
    pub limit: u32,
    /// The requests that are left.
    pub remaining: u32,
    /// The instant at which counting begins anew.
    pub resets_at: Timestamp,
}

const MINUTE_SECONDS: i64 = 60;
const HOUR_SECONDS: i64 = 60 * 60;

impl UseStatus {
    /// The minute that the request falls into.
    pub fn minute(&self) -> Window {
        self.window(self.limits.minute, self.uses.minute, MINUTE_SECONDS)
    }

    /// The hour that the request falls into.
    pub fn hour(&self) -> Window {
        self.window(self.limits.hour, self.uses.hour, HOUR_SECONDS)
    }

    fn window(&self, limit: u32, used: u32, seconds: i64) -> Window {
        let end = (self.now.epoch_seconds().div_euclid(seconds) + 1) * seconds;
        let resets_at = Timestamp::from_epoch_ms(end.saturating_mul(1_000)).unwrap_or(self.now);
        Window { limit, remaining: limit.saturating_sub(used), resets_at }
    }

    /// The window of which nothing is left; the hour if nothing is left of either, since it takes longer.
    pub fn used_up(&self) -> Option<Window> {
        [self.hour(), self.minute()].into_iter().find(|window| window.remaining == 0)
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    fn status(minute: u32, hour: u32) -> UseStatus {
        let now = "2026-11-27T10:59:59.999Z".parse().unwrap();
        UseStatus { limits: Plan::Trial.limits(), uses: Uses { minute, hour }, now }
    }

    #[test]
    fn a_window_ends_with_the_clock_s_minute_or_hour() {
        let end = "2026-11-27T11:00:00Z".parse().unwrap();
        assert_eq!(status(1, 2).minute(), Window { limit: 30, remaining: 29, resets_at: end });
        assert_eq!(status(1, 2).hour(), Window { limit: 500, remaining: 498, resets_at: end });
        let earlier = UseStatus { now: "2026-11-27T10:58:00Z".parse().unwrap(), ..status(1, 2) };
        assert_eq!(earlier.minute().resets_at, "2026-11-27T10:59:00Z".parse().unwrap());
        assert_eq!(earlier.hour().resets_at, end);
    }

    #[test]
    fn the_hour_counts_before_the_minute() {
        assert_eq!(status(29, 499).used_up(), None);
        assert_eq!(status(30, 499).used_up().map(|window| window.limit), Some(30));
        assert_eq!(status(30, 500).used_up().map(|window| window.limit), Some(500));
    }

    #[test]
    fn limits_of_the_key_come_before_those_of_its_owner() {
        let (own, owner) = (UseLimits { minute: 1, hour: 2 }, Plan::Trial.limits());
        assert_eq!(KeyLimits::default().effective(), UseLimits::SCALE);
        assert_eq!(KeyLimits { own_limits: None, owner_limits: Some(owner) }.effective(), owner);
        assert_eq!(KeyLimits { own_limits: Some(own), owner_limits: Some(owner) }.effective(), own);
    }
}
