//! Rules on values: how each is read, and how a JSON Schema says it.

mod list;
mod number;
mod string;
mod time;

use domain::Violation;
use domain::json::Json;
use domain::metadata::{METADATA_MAX_KEYS, Metadata};
use serde_json::{Value, json};

use crate::issue::Issues;

pub(crate) use list::{Content, Headers, list, list_of_some};
pub(crate) use number::{minutes, money, rating, retries, seconds, used_seconds, version};
pub(crate) use string::{
    constant, country, currency, email, header_name, header_value, id, telephone_number, text, web_url, webhook_url,
    word,
};
pub(crate) use time::{FutureDate, ScheduleTime, instant};

/// The rule of a value. Rules are made in this crate only; the trait is public in name for the sake of `Fields`.
pub trait Rule {
    /// The value once it was read.
    type Value;

    /// The value, or none and at least one issue.
    fn read(&self, json: &Json<'_>, issues: &mut Issues) -> Option<Self::Value>;

    /// The rule, as far as a schema can say it.
    fn schema(&self) -> Value;
}

/// The rule that a type of the domain accepts a value, and the schema of what it accepts.
struct Parsed<P> {
    parse: P,
    schema: fn() -> Value,
}

impl<T, P: Fn(&Json<'_>) -> Result<T, Violation>> Rule for Parsed<P> {
    type Value = T;

    fn read(&self, json: &Json<'_>, issues: &mut Issues) -> Option<T> {
        issues.accept((self.parse)(json))
    }

    fn schema(&self) -> Value {
        (self.schema)()
    }
}

pub(crate) fn wrong_type(expected: &str, json: &Json<'_>) -> Violation {
    Violation::new("type", format!("must be {expected}, not {}", json.kind()))
}

/// `true` or `false`.
pub(crate) fn boolean() -> impl Rule<Value = bool> {
    fn parse(json: &Json<'_>) -> Result<bool, Violation> {
        match json {
            Json::Bool(value) => Ok(*value),
            other => Err(wrong_type("true or false", other)),
        }
    }
    Parsed { parse, schema: || json!({"type": "boolean"}) }
}

/// The caller's own data.
pub(crate) struct MetadataRule;

impl Rule for MetadataRule {
    type Value = Metadata;

    fn read(&self, json: &Json<'_>, issues: &mut Issues) -> Option<Metadata> {
        let violations = match Metadata::from_json(json) {
            Ok(metadata) => return Some(metadata),
            Err(violations) => violations,
        };
        for violation in violations.listed {
            issues.add_below(violation.path, violation.violation);
        }
        if violations.truncated {
            issues.truncate();
        }
        None
    }

    fn schema(&self) -> Value {
        json!({"type": "object", "additionalProperties": true, "maxProperties": METADATA_MAX_KEYS})
    }
}
