//! Allowances: the interview time that a company may still use this month.

use std::fmt;
use std::ops::{Add, Sub};

use serde::{Deserialize, Serialize};

use crate::Versioned;
use crate::company::{CompanyId, Plan};
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
    /// The unit that a company is billed in.
    pub enum BillingSystem {
        Minutes = "minutes",
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
    /// The company's plan, which a month that ends is kept with; none where it was not stored yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan: Option<Plan>,
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
    /// Months that were opened before their time and whose counts this month took over, with interviews that still name
    /// them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mended_periods: Vec<Period>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// The books of a company for one month: `remaining + reserved + used = granted`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Books {
    /// The month.
    pub period: Period,
    /// The plan at the end of the month; none where it was not stored yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan: Option<Plan>,
    /// The time that the plan granted.
    pub granted_seconds: Seconds,
    /// The time that was left; below zero by what is beyond the grant.
    pub remaining_seconds: Seconds,
    /// The time held for interviews that had not ended.
    pub reserved_seconds: Seconds,
    /// The time settled for interviews that had ended.
    pub used_seconds: Seconds,
    /// The permission to reserve below zero, which is charged per minute.
    pub overage_allowed: bool,
    /// As in the [`Allowance`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mended_periods: Vec<Period>,
}

/// The books of a month that is over, as they stood when the next one was opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ClosedPeriod {
    pub company_id: CompanyId,
    #[serde(flatten)]
    pub books: Books,
    /// The time at which the next month was opened.
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl Books {
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
}

/// The clocks that tell which month it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clocks {
    /// The clock of the program that asks.
    pub own: Timestamp,
    /// The table's clock, which the dates of its answers tell; none if they have none.
    pub table: Option<Timestamp>,
}

impl Clocks {
    /// The month to use after the stored one.
    ///
    /// The program's clock is believed as far as the month after the stored one. Beyond that it could be wrong, or the
    /// company may have used nothing for long: the month is then the earlier one of both clocks'. A stored month that
    /// is later than both stands, since no month is opened twice.
    pub fn month_after(self, stored: &Period) -> Period {
        let own = Period::of(self.own);
        let next = stored.next();
        if own <= *stored {
            stored.clone()
        } else if next.as_ref().is_some_and(|next| own <= *next) {
            own
        } else {
            let believed = self.table.map(Period::of).or(next).map_or(own.clone(), |believed| own.min(believed));
            believed.max(stored.clone())
        }
    }
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
        /// The version of the allowance that was read, which must still stand.
        read: u64,
        /// The books of the period that is over, which are kept.
        closing: Books,
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

    /// True if another charge does the same in the same period, whatever state it was decided on.
    pub fn is_same_step(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Draw { period, .. }, Self::Draw { period: other, .. }) => period == other,
            (Self::OpenPeriod { to, .. }, Self::OpenPeriod { to: other, .. }) => to == other,
            (Self::Draw { .. }, Self::OpenPeriod { .. }) | (Self::OpenPeriod { .. }, Self::Draw { .. }) => false,
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
            plan: None,
            period: Period::of(now),
            granted_seconds: granted,
            remaining_seconds: granted,
            reserved_seconds: Seconds::ZERO,
            used_seconds: Seconds::ZERO,
            overage_allowed,
            mended_periods: Vec::new(),
            created_at: now,
            updated_at: now,
        }
    }

    /// The allowance as it stands at `now`: if a month has begun since it was written, with everything granted anew.
    pub fn as_of(self, now: Timestamp) -> Self {
        let current = Period::of(now).max(self.period.clone());
        self.in_period(current)
    }

    /// The allowance in that period: if it is another than the stored one, with everything granted anew.
    pub fn in_period(self, period: Period) -> Self {
        if period == self.period {
            return self;
        }
        Self {
            period,
            remaining_seconds: self.granted_seconds,
            reserved_seconds: Seconds::ZERO,
            used_seconds: Seconds::ZERO,
            mended_periods: Vec::new(),
            ..self
        }
    }

    /// The books of the stored period.
    pub fn books(&self) -> Books {
        Books {
            period: self.period.clone(),
            plan: self.plan,
            granted_seconds: self.granted_seconds,
            remaining_seconds: self.remaining_seconds,
            reserved_seconds: self.reserved_seconds,
            used_seconds: self.used_seconds,
            overage_allowed: self.overage_allowed,
            mended_periods: self.mended_periods.clone(),
        }
    }
}

impl Versioned<Allowance> {
    /// Decides on a charge against this state.
    pub fn charge(&self, clocks: Clocks, cost: Seconds) -> Result<Charge, ChargeRefusal> {
        let stored = &self.value;
        if stored.subscription != SubscriptionStatus::Active {
            return Err(ChargeRefusal::SubscriptionInactive);
        }
        let current = stored.clone().in_period(clocks.month_after(&stored.period));
        if current.remaining_seconds < cost && !current.overage_allowed {
            return Err(ChargeRefusal::LimitExceeded {
                required: cost,
                remaining: current.remaining_seconds,
                period: current.period,
            });
        }
        Ok(if current.period == stored.period {
            Charge::Draw { period: current.period, cost }
        } else {
            Charge::OpenPeriod { read: self.version, closing: stored.books(), to: current.period, cost }
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

    /// The decision by clocks that agree.
    fn charge(allowance: Allowance, now: Timestamp) -> Result<Charge, ChargeRefusal> {
        Versioned { version: 7, value: allowance }.charge(Clocks { own: now, table: Some(now) }, COST)
    }

    #[test]
    fn exactly_enough_is_enough_and_a_second_less_is_not() {
        let now = at("2026-11-30T23:59:59.999Z");
        assert!(charge(allowance(300), now).is_ok());
        let refusal = charge(allowance(299), now).unwrap_err();
        let period = Period::of(now);
        assert_eq!(refusal, ChargeRefusal::LimitExceeded { required: COST, remaining: Seconds(299), period });
    }

    #[test]
    fn a_new_month_grants_anew_and_keeps_the_old_one() {
        let state = allowance(0);
        let opened = charge(state.clone(), at("2026-12-01T00:00:00Z")).unwrap();
        let to = Period::of(at("2026-12-01T00:00:00Z"));
        assert_eq!(opened, Charge::OpenPeriod { read: 7, closing: state.books(), to, cost: COST });
    }

    #[test]
    fn a_month_that_another_clock_opened_is_not_reopened() {
        let drawn = charge(allowance(300), at("2026-10-31T23:59:59.999Z")).unwrap();
        assert_eq!(drawn, Charge::Draw { period: Period::of(at("2026-11-01T00:00:00Z")), cost: COST });
    }

    #[test]
    fn a_clock_is_believed_for_one_month_and_further_only_with_the_table_s() {
        // The stored month, the program's clock, the table's, and the month that is used.
        for (stored, own, table, used) in [
            ("2026-11", "2026-11", Some("2026-11"), "2026-11"),
            ("2026-11", "2026-12", Some("2026-11"), "2026-12"),
            ("2026-11", "2026-12", None, "2026-12"),
            // A year without an interview.
            ("2025-11", "2026-11", Some("2026-11"), "2026-11"),
            ("2025-12", "2026-11", Some("2026-12"), "2026-11"),
            // 400 days ahead.
            ("2026-11", "2027-12", Some("2026-11"), "2026-11"),
            ("2026-10", "2027-12", Some("2026-11"), "2026-11"),
            ("2026-11", "2027-12", Some("2026-10"), "2026-11"),
            ("2026-11", "2027-12", None, "2026-12"),
            // Behind, or locked into a month of next year.
            ("2026-11", "2026-10", Some("2026-11"), "2026-11"),
            ("2027-12", "2026-11", Some("2026-11"), "2027-12"),
        ] {
            let month = |text: &str| at(&format!("{text}-15T00:00:00Z"));
            let clocks = Clocks { own: month(own), table: table.map(month) };
            assert_eq!(clocks.month_after(&stored.parse().unwrap()).as_str(), used, "{stored} {own} {table:?}");
        }
    }

    #[test]
    fn overage_is_not_refused_but_a_suspended_subscription_is() {
        let now = at("2026-11-22T00:00:00Z");
        let mut state = allowance(0);
        state.overage_allowed = true;
        assert!(charge(state.clone(), now).is_ok());
        state.subscription = SubscriptionStatus::Suspended;
        assert_eq!(charge(state, now), Err(ChargeRefusal::SubscriptionInactive));
    }

    #[test]
    fn what_is_beyond_the_grant_is_overage_only_if_the_plan_allows_it() {
        for (remaining, beyond) in [(1, 0), (0, 0), (-1, 1), (-90, 90)] {
            let mut books = allowance(remaining).books();
            assert_eq!((books.overage(), books.overdrawn()), (Seconds::ZERO, Seconds(beyond)));
            books.overage_allowed = true;
            assert_eq!((books.overage(), books.overdrawn()), (Seconds(beyond), Seconds::ZERO));
        }
    }

    #[test]
    fn minutes_round_down_and_never_below_zero() {
        assert_eq!(Seconds(119).whole_minutes(), 1);
        assert_eq!(Seconds(-61).whole_minutes(), 0);
    }
}
