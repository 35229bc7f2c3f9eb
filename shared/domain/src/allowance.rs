//! Allowances: the interview time that a company may still use this month.

use std::fmt;
use std::ops::{Add, Sub};

use serde::{Deserialize, Serialize};

use crate::company::CompanyId;
use crate::string_enum::string_enum;
use crate::time::{Period, Timestamp};

/// An amount of interview time. Below zero only for a remainder that overage has drawn on, or that is overdrawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seconds(pub i64);

impl Seconds {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// The seconds of whole minutes.
    pub fn from_minutes(minutes: u32) -> Self {
        Self(i64::from(minutes) * 60)
    }

    /// The whole minutes in it; zero if the amount is negative.
    pub fn whole_minutes(self) -> u64 {
        u64::try_from(self.0 / 60).unwrap_or(0)
    }
}

impl Add for Seconds {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sub for Seconds {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

string_enum! {
    /// The status of a subscription: with an active one, a company may create what costs money.
    pub enum SubscriptionStatus {
        Active = "ACTIVE",
        Suspended = "SUSPENDED",
    }
}

/// A shard of a company's allowance. In every stored state `remaining + reserved + used = granted`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Allowance {
    pub company_id: CompanyId,
    /// The number of this shard, from 0. Together the shards hold the company's allowance.
    pub shard: u8,
    /// The number of shards.
    pub shards: u8,
    /// The subscription, without which nothing is charged.
    pub subscription: SubscriptionStatus,
    /// The month that the amounts belong to.
    pub period: Period,
    /// The time that the plan grants each month.
    pub granted_seconds: Seconds,
    /// The time that may still be reserved.
    pub remaining_seconds: Seconds,
    /// The time held for interviews that have not ended.
    pub reserved_seconds: Seconds,
    /// The time settled for interviews that have ended.
    pub used_seconds: Seconds,
    /// The permission to reserve below zero, which is charged per minute.
    pub overage_allowed: bool,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// The reason why an allowance does not bear a charge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChargeRefusal {
    /// The subscription is not active.
    SubscriptionInactive,
    /// Less is left than is needed.
    LimitExceeded {
        /// The time that the interview needs.
        required: Seconds,
        /// The time that is left.
        remaining: Seconds,
        /// The month in which nothing more is to be had.
        period: Period,
    },
}

/// A charge as it is written, given the state of the allowance that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Charge {
    /// The stored period is the current one: draw on what remains.
    Draw {
        /// The period that must still stand.
        period: Period,
        /// The time that is reserved.
        cost: Seconds,
    },
    /// The stored period is over: open the new one with a full grant, and draw on that.
    OpenPeriod {
        /// The period that must still stand.
        from: Period,
        /// The period that begins.
        to: Period,
        /// The time that is reserved.
        cost: Seconds,
    },
}

impl Charge {
    /// The charge to try before anything is known of the allowance: it is right unless a month has turned.
    pub fn in_current_period(now: Timestamp, cost: Seconds) -> Self {
        Self::Draw { period: Period::of(now), cost }
    }

    /// The period that the charge belongs to.
    pub fn period(&self) -> &Period {
        match self {
            Self::Draw { period, .. } => period,
            Self::OpenPeriod { to, .. } => to,
        }
    }

    /// The time that is reserved.
    pub fn cost(&self) -> Seconds {
        match self {
            Self::Draw { cost, .. } | Self::OpenPeriod { cost, .. } => *cost,
        }
    }
}

impl Allowance {
    /// The allowance of a new company: everything granted remains.
    pub fn new(company_id: CompanyId, granted: Seconds, overage_allowed: bool, now: Timestamp) -> Self {
        Self {
            company_id,
            shard: 0,
            shards: 1,
            subscription: SubscriptionStatus::Active,
            period: Period::of(now),
            granted_seconds: granted,
            remaining_seconds: granted,
            reserved_seconds: Seconds::ZERO,
            used_seconds: Seconds::ZERO,
            overage_allowed,
            created_at: now,
            updated_at: now,
        }
    }

    /// The allowance as it stands at `now`: if a month has begun since it was written, with everything granted anew.
    pub fn as_of(mut self, now: Timestamp) -> Self {
        let current = Period::of(now);
        if self.period < current {
            self.period = current;
            self.remaining_seconds = self.granted_seconds;
            self.reserved_seconds = Seconds::ZERO;
            self.used_seconds = Seconds::ZERO;
        }
        self
    }

    /// The time beyond the grant that is to be charged per minute: none unless the plan allows it.
    pub fn overage(&self) -> Seconds {
        if self.overage_allowed { self.beyond_grant() } else { Seconds::ZERO }
    }

    /// The time beyond the grant that the plan does not allow: the grant or the permission was taken away after it was
    /// reserved. Nothing more can be reserved, and nothing is charged for it.
    pub fn overdrawn(&self) -> Seconds {
        self.beyond_grant() - self.overage()
    }

    fn beyond_grant(&self) -> Seconds {
        (Seconds::ZERO - self.remaining_seconds).max(Seconds::ZERO)
    }

    /// Decides on a charge against this state.
    ///
    /// A stored period later than `now`'s stands: the other writer's clock was ahead, and a month is never reopened.
    pub fn charge(&self, now: Timestamp, cost: Seconds) -> Result<Charge, ChargeRefusal> {
        if self.subscription != SubscriptionStatus::Active {
            return Err(ChargeRefusal::SubscriptionInactive);
        }
        let current = self.clone().as_of(now);
        if current.remaining_seconds < cost && !self.overage_allowed {
            return Err(ChargeRefusal::LimitExceeded {
                required: cost,
                remaining: current.remaining_seconds,
                period: current.period,
            });
        }
        Ok(if current.period == self.period {
            Charge::Draw { period: current.period, cost }
        } else {
            Charge::OpenPeriod { from: self.period.clone(), to: current.period, cost }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn allowance(remaining: i64) -> Allowance {
        let id = CompanyId::new(uuid::Uuid::nil());
        let mut allowance = Allowance::new(id, Seconds(600), false, at("2026-11-22T00:00:00Z"));
        allowance.remaining_seconds = Seconds(remaining);
        allowance.reserved_seconds = Seconds(600 - remaining);
        allowance
    }

    const COST: Seconds = Seconds(300);

    #[test]
    fn exactly_enough_is_enough_and_a_second_less_is_not() {
        let now = at("2026-11-30T23:59:59.999Z");
        assert!(allowance(300).charge(now, COST).is_ok());
        let refusal = allowance(299).charge(now, COST).unwrap_err();
        let period = Period::of(now);
        assert_eq!(refusal, ChargeRefusal::LimitExceeded { required: COST, remaining: Seconds(299), period });
    }

    #[test]
    fn a_new_month_grants_anew() {
        let charge = allowance(0).charge(at("2026-12-01T00:00:00Z"), COST).unwrap();
        let from = Period::of(at("2026-11-01T00:00:00Z"));
        assert_eq!(charge, Charge::OpenPeriod { from, to: Period::of(at("2026-12-01T00:00:00Z")), cost: COST });
    }

    #[test]
    fn a_month_that_another_clock_opened_is_not_reopened() {
        let charge = allowance(300).charge(at("2026-10-31T23:59:59.999Z"), COST).unwrap();
        assert_eq!(charge, Charge::Draw { period: Period::of(at("2026-11-01T00:00:00Z")), cost: COST });
    }

    #[test]
    fn overage_is_not_refused_but_a_suspended_subscription_is() {
        let now = at("2026-11-22T00:00:00Z");
        let mut state = allowance(0);
        state.overage_allowed = true;
        assert!(state.charge(now, COST).is_ok());
        state.subscription = SubscriptionStatus::Suspended;
        assert_eq!(state.charge(now, COST), Err(ChargeRefusal::SubscriptionInactive));
    }

    #[test]
    fn what_is_beyond_the_grant_is_overage_only_if_the_plan_allows_it() {
        for (remaining, beyond) in [(1, 0), (0, 0), (-1, 1), (-90, 90)] {
            let mut state = allowance(remaining);
            assert_eq!((state.overage(), state.overdrawn()), (Seconds::ZERO, Seconds(beyond)));
            state.overage_allowed = true;
            assert_eq!((state.overage(), state.overdrawn()), (Seconds(beyond), Seconds::ZERO));
        }
    }

    #[test]
    fn minutes_round_down_and_never_below_zero() {
        assert_eq!(Seconds(119).whole_minutes(), 1);
        assert_eq!(Seconds(-61).whole_minutes(), 0);
    }
}
