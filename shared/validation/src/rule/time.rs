//! Rules on times, which must lie in the future.

use chrono::{Datelike, NaiveDate, TimeDelta};
use domain::Violation;
use domain::interview::SCHEDULE_MAX_DAYS;
use domain::json::Json;
use domain::time::Timestamp;
use serde_json::{Value, json};

use super::string::as_string;
use super::{Parsed, Rule};
use crate::issue::Issues;

/// A date, in a regular expression.
const DATE: &str = "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])";
/// The rest of RFC 3339, as `Timestamp` reads it: upper case, with a zone, without leap seconds.
const TIME: &str = r"T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]+)?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])";

fn has_passed() -> Violation {
    Violation::new("future", "must be in the future")
}

/// The time at which an interview is to take place.
pub(crate) struct ScheduleTime {
    pub now: Timestamp,
}

impl Rule for ScheduleTime {
    type Value = Timestamp;

    fn read(&self, json: &Json<'_>, issues: &mut Issues) -> Option<Timestamp> {
        let time: Timestamp = issues.accept(as_string(json).and_then(str::parse))?;
        let latest = self.now.checked_add(TimeDelta::days(SCHEDULE_MAX_DAYS));
        if time <= self.now {
            issues.add_expired(has_passed());
        } else if latest.is_some_and(|latest| latest < time) {
            let message = format!("must be at most {SCHEDULE_MAX_DAYS} days ahead");
            issues.add(Violation::new("maxDaysAhead", message));
        }
        Some(time)
    }

    fn schema(&self) -> Value {
        instant_schema()
    }
}

/// An instant, past or future.
pub(crate) fn instant() -> impl Rule<Value = Timestamp> {
    Parsed { parse: |json: &Json<'_>| as_string(json)?.parse(), schema: instant_schema }
}

fn instant_schema() -> Value {
    json!({"type": "string", "format": "date-time", "pattern": format!("^{DATE}{TIME}$")})
}

/// A date in the future, given as a date or as an instant.
pub(crate) struct FutureDate {
    pub now: Timestamp,
}

impl FutureDate {
    /// The date, and whether it lies in the future.
    fn parse(&self, text: &str) -> Result<(NaiveDate, bool), Violation> {
        let fits = |(at, byte): (usize, u8)| if matches!(at, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() };
        let is_date = text.len() == 10 && text.bytes().enumerate().all(fits);
        match (is_date, NaiveDate::parse_from_str(text, "%Y-%m-%d"), text.parse::<Timestamp>()) {
            (true, Ok(date), _) => Ok((date, date > self.now.date())),
            // At the end of 9999, UTC may be in a year that no date of four digits can say.
            (false, _, Ok(instant)) if instant.date().year() <= 9999 => Ok((instant.date(), instant > self.now)),
            (true, Err(_), _) | (false, _, Ok(_) | Err(_)) => {
                let message = "must be an ISO date such as 2027-12-31, or an RFC 3339 date-time";
                Err(Violation::new("date", message))
            }
        }
    }
}

impl Rule for FutureDate {
    type Value = NaiveDate;

    fn read(&self, json: &Json<'_>, issues: &mut Issues) -> Option<NaiveDate> {
        let (date, in_future) = issues.accept(as_string(json).and_then(|text| self.parse(text)))?;
        if !in_future {
            issues.add_expired(has_passed());
        }
        Some(date)
    }

    fn schema(&self) -> Value {
        // One string: generators of clients make a type of its own of alternatives, and no format means both.
        json!({"type": "string", "pattern": format!("^{DATE}({TIME})?$")})
    }
}
