//! Rules on numbers.

use domain::Violation;
use domain::agent::DurationMinutes;
use domain::allowance::Seconds;
use domain::analysis::Rating;
use domain::conducting::{CONDUCTED_MAX_SECONDS, MessageVersion, RETRY_NUMBER_MAX, seconds_used};
use domain::job::Amount;
use domain::json::{Json, double, whole_number};
use serde_json::{Value, json};

use super::{Parsed, Rule, wrong_type};

fn number<T>(parse: fn(f64) -> Result<T, Violation>, schema: fn() -> Value) -> impl Rule<Value = T> {
    let parse = move |json: &Json<'_>| match json {
        Json::Number(digits) => parse(double(digits)),
        other => Err(wrong_type("a number", other)),
    };
    Parsed { parse, schema }
}

/// Whole minutes.
pub(crate) fn minutes() -> impl Rule<Value = DurationMinutes> {
    let schema = || json!({"type": "integer", "minimum": DurationMinutes::MIN, "maximum": DurationMinutes::MAX});
    number(DurationMinutes::parse, schema)
}

/// An amount of money.
pub(crate) fn money() -> impl Rule<Value = Amount> {
    number(Amount::new, || json!({"type": "number", "minimum": 0, "maximum": 1_000_000_000_000_u64}))
}

/// The version of a message.
pub(crate) fn version() -> impl Rule<Value = MessageVersion> {
    number(MessageVersion::parse, || json!({"type": "integer", "enum": [MessageVersion::CURRENT]}))
}

/// A rating.
pub(crate) fn rating() -> impl Rule<Value = Rating> {
    number(Rating::parse, || json!({"type": "integer", "minimum": 0, "maximum": Rating::MAX}))
}

/// Time within an interview, in whole seconds.
pub(crate) fn seconds() -> impl Rule<Value = u32> {
    let schema = || json!({"type": "integer", "minimum": 0, "maximum": CONDUCTED_MAX_SECONDS});
    number(|number| whole_number(number, CONDUCTED_MAX_SECONDS), schema)
}

/// Time that was used, in seconds that may have a fraction.
pub(crate) fn used_seconds() -> impl Rule<Value = Seconds> {
    number(seconds_used, || json!({"type": "number", "minimum": 0, "maximum": CONDUCTED_MAX_SECONDS}))
}

/// The number of calls before one.
pub(crate) fn retries() -> impl Rule<Value = u32> {
    let schema = || json!({"type": "integer", "minimum": 0, "maximum": RETRY_NUMBER_MAX});
    number(|number| whole_number(number, RETRY_NUMBER_MAX), schema)
}
