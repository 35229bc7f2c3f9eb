//! Rules on numbers.

use domain::Violation;
use domain::agent::DurationMinutes;
use domain::job::Amount;
use domain::json::{Json, double};
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
