//! Usage: the interviews of a company that were settled, by day and focus.

use std::collections::BTreeMap;
use std::ops::{Add, RangeInclusive};

use chrono::{Days, NaiveDate};

use crate::Violation;
use crate::agent::Focus;
use crate::allowance::Seconds;

/// Most days that are read at once: a leap year.
pub const USAGE_DAYS_MAX: u64 = 366;

/// Most companies on a page of usage. Each costs a request of at most 46 read units, for 366 days: so many are read within a
/// second.
pub const USAGE_COMPANIES_MAX: u16 = 25;
/// Days that usage is asked for, if no first one is given.
pub const USAGE_DAYS_DEFAULT: u64 = 30;

/// Settled interviews, and the time that they used. Test interviews are none of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Used {
    pub interviews: u64,
    /// The time that they used, each rounded up to a whole second.
    pub seconds: Seconds,
}

impl Add for Used {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        let interviews = self.interviews.saturating_add(other.interviews);
        Self { interviews, seconds: self.seconds + other.seconds }
    }
}

/// Settled interviews by the focus of their agents, as that was when each was handed over.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Usage(BTreeMap<Focus, Used>);

impl Usage {
    /// Adds interviews of a focus; none of them leaves no trace.
    pub fn add(&mut self, focus: Focus, used: Used) {
        if used != Used::default() {
            let sum = self.0.entry(focus).or_default();
            *sum = *sum + used;
        }
    }

    /// Adds another usage.
    pub fn add_all(&mut self, other: &Self) {
        other.by_focus().for_each(|(focus, used)| self.add(focus, used));
    }

    /// The focuses that have settled interviews, each with these, in the order of the enumeration.
    pub fn by_focus(&self) -> impl Iterator<Item = (Focus, Used)> {
        self.0.iter().map(|(focus, used)| (*focus, *used))
    }

    /// The sum over every focus.
    pub fn total(&self) -> Used {
        self.0.values().fold(Used::default(), |sum, used| sum + *used)
    }
}

/// Usage of a company in a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayUsage {
    /// The day (UTC) on which the interviews ended.
    pub date: NaiveDate,
    pub usage: Usage,
}

/// Days that usage is asked for: at least one, and at most [`USAGE_DAYS_MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UsageDays {
    first: NaiveDate,
    last: NaiveDate,
}

impl UsageDays {
    /// The days from the first to the last, both included.
    pub fn new(first: NaiveDate, last: NaiveDate) -> Result<Self, Violation> {
        let longest = first.checked_add_days(Days::new(USAGE_DAYS_MAX - 1)).unwrap_or(NaiveDate::MAX);
        if last < first {
            Err(Violation::new("order", "must not be before start"))
        } else if last > longest {
            Err(Violation::new("range", format!("must be at most {USAGE_DAYS_MAX} days from start, both included")))
        } else {
            Ok(Self { first, last })
        }
    }

    /// The days that are asked for today. The last is today and the first that of [`USAGE_DAYS_DEFAULT`] days, unless they are given.
    pub fn asked(start: Option<NaiveDate>, end: Option<NaiveDate>, today: NaiveDate) -> Result<Self, Violation> {
        let last = end.unwrap_or(today);
        let first = last.checked_sub_days(Days::new(USAGE_DAYS_DEFAULT - 1)).unwrap_or(NaiveDate::MIN);
        Self::new(start.unwrap_or(first), last)
    }

    /// The first and the last day, and those between.
    pub fn dates(self) -> RangeInclusive<NaiveDate> {
        self.first..=self.last
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::violation::broken;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn days_are_at_least_one_and_at_most_366() {
        let days = |first, last| UsageDays::new(date(first), date(last));
        for (first, last) in [("2026-05-15", "2026-05-15"), ("2026-01-01", "2027-01-01"), ("2024-01-01", "2024-12-31")]
        {
            assert_eq!(*days(first, last).unwrap().dates().end(), date(last));
        }
        assert_eq!(broken(days("2026-05-15", "2026-05-14")), Some("order"));
        assert_eq!(broken(days("2026-01-01", "2027-01-02")), Some("range"));
        assert!(UsageDays::new(NaiveDate::MAX, NaiveDate::MAX).is_ok());
    }

    #[test]
    fn without_a_first_or_a_last_day_thirty_end_today() {
        let asked = |start: Option<&str>, end: Option<&str>| {
            let days = UsageDays::asked(start.map(date), end.map(date), date("2026-05-15")).unwrap().dates();
            (days.start().to_string(), days.end().to_string())
        };
        let days = |first: &str, last: &str| (first.to_owned(), last.to_owned());
        assert_eq!(asked(None, None), days("2026-04-16", "2026-05-15"));
        assert_eq!(asked(Some("2026-05-01"), None), days("2026-05-01", "2026-05-15"));
        assert_eq!(asked(None, Some("2026-03-30")), days("2026-03-01", "2026-03-30"));
        let after_today = UsageDays::asked(Some(date("2026-05-16")), None, date("2026-05-15"));
        assert_eq!(broken(after_today), Some("order"));
    }

    #[test]
    fn a_sum_is_that_of_its_parts_and_tells_nothing_of_a_focus_without_interviews() {
        let mut usage = Usage::default();
        usage.add(Focus::Screening, Used { interviews: 1, seconds: Seconds(61) });
        usage.add(Focus::Generic, Used::default());
        let mut sum = usage.clone();
        sum.add(Focus::Outreach, Used { interviews: 1, seconds: Seconds::ZERO });
        sum.add_all(&usage);
        let parts: Vec<_> = sum.by_focus().collect();
        let screening = Used { interviews: 2, seconds: Seconds(122) };
        assert_eq!(
            parts,
            [(Focus::Screening, screening), (Focus::Outreach, Used { interviews: 1, seconds: Seconds(0) })]
        );
        assert_eq!(sum.total(), Used { interviews: 3, seconds: Seconds(122) });
    }
}
