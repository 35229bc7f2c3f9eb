//! Instants, dates and billing periods, all in UTC.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use chrono::{DateTime, Datelike, NaiveDate, SecondsFormat, SubsecRound, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::Violation;

/// An instant with millisecond precision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
pub struct Timestamp(
    #[cfg_attr(feature = "schema", schemars(with = "String", extend("format" = "date-time")))] DateTime<Utc>,
);

impl Timestamp {
    /// Drops what is finer than a millisecond.
    pub fn new(instant: DateTime<Utc>) -> Self {
        Self(instant.trunc_subsecs(3))
    }

    /// The instant so many milliseconds after 1970-01-01T00:00:00Z; none beyond the calendar's ends.
    pub fn from_epoch_ms(milliseconds: i64) -> Option<Self> {
        DateTime::from_timestamp_millis(milliseconds).map(Self)
    }

    /// The UTC calendar date.
    pub fn date(self) -> NaiveDate {
        self.0.date_naive()
    }

    /// The instant that much later, or none beyond the calendar's end.
    pub fn checked_add(self, delta: TimeDelta) -> Option<Self> {
        self.0.checked_add_signed(delta).map(Self)
    }

    /// The instant that much later, or the latest that there is.
    pub fn saturating_add(self, duration: Duration) -> Self {
        let delta = TimeDelta::from_std(duration).unwrap_or(TimeDelta::MAX);
        Self::new(self.0.checked_add_signed(delta).unwrap_or(DateTime::<Utc>::MAX_UTC))
    }

    /// The time since an earlier instant; zero if that is still to come.
    pub fn saturating_since(self, earlier: Self) -> Duration {
        self.0.signed_duration_since(earlier.0).to_std().unwrap_or(Duration::ZERO)
    }

    /// The beginning of the clock's minute, hour or day (UTC) that the instant lies in, by the length of that.
    pub fn start_of(self, window: Duration) -> Self {
        let window = i64::try_from(window.as_millis()).unwrap_or(i64::MAX).max(1);
        Self::from_epoch_ms(self.epoch_ms() - self.epoch_ms().rem_euclid(window)).unwrap_or(self)
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    pub fn epoch_seconds(self) -> i64 {
        self.0.timestamp()
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub fn epoch_ms(self) -> i64 {
        self.0.timestamp_millis()
    }
}

impl FromStr for Timestamp {
    type Err = Violation;

    /// Reads an RFC 3339 date-time with any offset: `T` and `Z` in upper case, no leap second (few systems agree on
    /// what one means, so none is accepted).
    fn from_str(text: &str) -> Result<Self, Violation> {
        let bytes = text.as_bytes();
        // ASCII only: the parser takes U+2212 for the minus of an offset.
        let ascii = text.is_ascii() && bytes.get(10) == Some(&b'T');
        let strict = ascii && !text.ends_with('z') && bytes.get(17) != Some(&b'6');
        let instant = DateTime::parse_from_rfc3339(text).ok().filter(|_| strict);
        instant.map(|instant| Self::new(instant.to_utc())).ok_or_else(|| {
            Violation::new("dateTime", "must be an RFC 3339 date-time with a zone, for example 2026-12-01T09:30:00Z")
        })
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A calendar month in UTC: the time over which a plan grants its minutes. Written `2026-11`, and ordered in time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Period(String);

impl Period {
    /// The period that an instant lies in.
    pub fn of(instant: Timestamp) -> Self {
        Self(format!("{:04}-{:02}", instant.0.year(), instant.0.month()))
    }

    /// The period as it is stored, for example `2026-11`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The period after this one; none for a period that is not a month, and beyond the calendar's end.
    pub fn next(&self) -> Option<Self> {
        self.end().map(Self::of)
    }

    /// The first and the last day; none for a period that is not a month.
    pub fn days(&self) -> Option<(NaiveDate, NaiveDate)> {
        let first = NaiveDate::parse_from_str(&format!("{}-01", self.0), "%Y-%m-%d").ok()?;
        Some((first, self.end()?.date().pred_opt()?))
    }

    /// The first instant after the period, when the next grant begins; none for a period that is not a month.
    pub fn end(&self) -> Option<Timestamp> {
        let first = NaiveDate::parse_from_str(&format!("{}-01", self.0), "%Y-%m-%d").ok()?;
        let next = first.checked_add_months(chrono::Months::new(1))?;
        Some(Timestamp(next.and_time(chrono::NaiveTime::MIN).and_utc()))
    }
}

impl FromStr for Period {
    type Err = Violation;

    /// Reads a year of four digits and a month of two, for example `2026-11`.
    fn from_str(text: &str) -> Result<Self, Violation> {
        let of_first: Option<Self> = format!("{text}-01T00:00:00Z").parse().ok().map(Self::of);
        of_first
            .filter(|period| period.as_str() == text)
            .ok_or_else(|| Violation::new("month", "must be a month, for example 2026-11"))
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::violation::broken;

    #[test]
    fn any_offset_is_read_and_utc_milliseconds_written() {
        let instant: Timestamp = "2026-12-01T10:30:00.123987+01:00".parse().unwrap();
        assert_eq!(instant.to_string(), "2026-12-01T09:30:00.123Z");
    }

    #[test]
    fn what_is_no_rfc_3339_date_time_is_refused() {
        for text in [
            "2026-12-01T10:30:00",
            "2026-12-01 10:30:00Z",
            "2026-12-01t10:30:00Z",
            "2026-12-01T10:30:00z",
            "2026-12-01",
            "2026-12-01T23:59:60Z",
            "2026-12-01T24:00:00Z",
            "2026-02-30T10:00:00Z",
            "2026-12-01T10:30:00.Z",
            "2026-12-01T10:30:00+0100",
            "2026-12-01T10:30:00\u{2212}01:00",
            "2026-12-01T10:30:00+01:0\u{661}",
            "+12026-12-01T10:30:00Z",
            "",
        ] {
            assert_eq!(broken(text.parse::<Timestamp>()), Some("dateTime"), "{text}");
        }
        assert!("9999-12-31T23:59:59Z".parse::<Timestamp>().is_ok());
    }

    #[test]
    fn a_month_has_four_digits_and_two() {
        for text in ["2026-11", "0001-01", "9999-12"] {
            assert_eq!(text.parse::<Period>().unwrap().as_str(), text);
        }
        for text in ["", "2026", "2026-1", "2026-13", "2026-00", "26-11", "2026-11-01", "2026-11 ", "+2026-11"] {
            assert_eq!(broken(text.parse::<Period>()), Some("month"), "{text}");
        }
        assert_eq!("2026-12".parse::<Period>().unwrap().next(), "2027-01".parse().ok());
    }

    #[test]
    fn a_period_ends_where_the_next_month_begins() {
        let december = Period::of("2026-12-31T23:59:59.999Z".parse().unwrap());
        assert_eq!(december.as_str(), "2026-12");
        assert_eq!(december.end().unwrap().to_string(), "2027-01-01T00:00:00.000Z");
        assert!(december < Period::of(december.end().unwrap()));
        let days = Period::of("2028-02-03T00:00:00Z".parse().unwrap()).days().unwrap();
        assert_eq!((days.0.to_string(), days.1.to_string()), ("2028-02-01".to_owned(), "2028-02-29".to_owned()));
    }
}
