//! Rules on single values: how each is read, and how a JSON Schema says it.

use std::collections::HashSet;
use std::marker::PhantomData;
use std::str::FromStr;

use chrono::{Datelike, NaiveDate, TimeDelta};
use domain::StringEnum;
use domain::agent::DurationMinutes;
use domain::contact::{E164, E164_PATTERN, EMAIL_MAX_BYTES, EMAIL_PATTERN, Email, WEB_URL_MAX_CHARACTERS, WebUrl};
use domain::interview::SCHEDULE_MAX_DAYS;
use domain::job::{Amount, CountryCode, CurrencyCode};
use domain::json::Json;
use domain::metadata::{METADATA_MAX_BYTES, METADATA_MAX_KEYS, METADATA_MAX_LEVELS, Metadata, MetadataError};
use domain::text::{Bounded, TextError};
use domain::time::Timestamp;
use domain::webhook::{
    HEADER_NAME_MAX_CHARACTERS, HEADER_VALUE_MAX_CHARACTERS, HeaderName, HeaderNameError, HeaderValue,
    HeaderValueError, RESERVED_HEADER_PREFIXES, RESERVED_HEADERS, Targets, WebhookHeader, WebhookUrl, WebhookUrlError,
};
use serde_json::{Value, json};

use crate::issue::Issues;

/// What a value must be. Rules are made in this crate only; the trait is public in name for the sake of `Fields`.
pub trait Rule {
    /// What it is once it was read.
    type Value;

    /// The value, or none and at least one issue.
    fn read(&self, json: &Json<'_>, issues: &mut Issues) -> Option<Self::Value>;

    /// The rule, as far as a schema can say it.
    fn schema(&self) -> Value;
}

fn string<'j>(json: &'j Json<'_>, issues: &mut Issues) -> Option<&'j str> {
    match json {
        Json::String(text) => Some(text),
        other => {
            issues.add("type", format!("must be a string, not {}", other.kind()));
            None
        }
    }
}

/// Text of bounded length.
pub(crate) struct TextRule<T>(PhantomData<T>);

pub(crate) fn text<T>() -> TextRule<T> {
    TextRule(PhantomData)
}

/// `char::is_control`, inside a regular expression's brackets.
const CONTROL: &str = r"\u0000-\u001F\u007F-\u009F";
/// The same without tab, line feed and carriage return.
const CONTROL_BUT_LINES: &str = r"\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F";
/// `char::is_whitespace`, less control characters.
const WHITE_SPACE: &str = r"\u0020\u00A0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000";

impl<const MIN: usize, const MAX: usize, const LINES: bool> Rule for TextRule<Bounded<MIN, MAX, LINES>> {
    type Value = Bounded<MIN, MAX, LINES>;

    fn read(&self, json: &Json<'_>, issues: &mut Issues) -> Option<Self::Value> {
        match Bounded::parse(string(json, issues)?) {
            Ok(text) => return Some(text),
            Err(TextError::TooShort) => issues.add("minLength", format!("must have at least {MIN} characters")),
            Err(TextError::TooLong) => issues.add("maxLength", format!("must have at most {MAX} characters")),
            Err(TextError::Blank) => issues.add("blank", "must not be blank"),
            Err(TextError::ControlCharacter) if LINES => {
                issues.add("controlCharacters", "must have no control characters but tabs and line ends");
            }
            Err(TextError::ControlCharacter) => {
                issues.add("controlCharacters", "must have no control characters, such as line ends");
            }
        }
        None
    }

    fn schema(&self) -> Value {
        let (control, lines) = if LINES { (CONTROL_BUT_LINES, r"\t\n\r") } else { (CONTROL, "") };
        let pattern = if MIN > 0 {
            format!("^[^{control}]*[^{control}{lines}{WHITE_SPACE}][^{control}]*$")
        } else {
            format!("^[^{control}]*$")
        };
        json!({"type": "string", "minLength": MIN, "maxLength": MAX, "pattern": pattern})
    }
}

/// One of an enumeration's words.
pub(crate) struct WordRule<E>(PhantomData<E>);

pub(crate) fn word<E: StringEnum>() -> WordRule<E> {
    WordRule(PhantomData)
}

impl<E: StringEnum> Rule for WordRule<E> {
    type Value = E;

    fn read(&self, json: &Json<'_>, issues: &mut Issues) -> Option<E> {
        let value = E::from_request(string(json, issues)?);
        if value.is_none() {
            let words: Vec<&str> = E::ACCEPTED.iter().map(|value| value.as_str()).collect();
            issues.add("enum", format!("must be one of {}", words.join(", ")));
        }
        value
    }

    fn schema(&self) -> Value {
        let words = E::ACCEPTED.iter().map(|value| value.as_str().to_owned());
        let words: Vec<String> = words.chain(E::ACCEPTED.iter().filter_map(|value| value.alias())).collect();
        json!({"type": "string", "enum": words})
    }
}

/// A string that a domain type parses, and the schema of what it accepts.
pub(crate) struct Parsed<T> {
    rule: &'static str,
    parse: fn(&str) -> Result<T, String>,
    schema: fn() -> Value,
}

impl<T> Rule for Parsed<T> {
    type Value = T;

    fn read(&self, json: &Json<'_>, issues: &mut Issues) -> Option<T> {
        (self.parse)(string(json, issues)?).map_err(|message| issues.add(self.rule, message)).ok()
    }

    fn schema(&self) -> Value {
        let mut schema = (self.schema)();
        schema["type"] = json!("string");
        schema
    }
}

fn from_str<T: FromStr<Err: ToString>>(text: &str) -> Result<T, String> {
    text.parse().map_err(|error: T::Err| error.to_string())
}

/// The id of something.
pub(crate) fn id<T: FromStr<Err = domain::id::InvalidId>>() -> Parsed<T> {
    let schema = || json!({"format": "uuid", "pattern": "^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$"});
    Parsed { rule: "uuid", parse: from_str, schema }
}

pub(crate) fn email() -> Parsed<Email> {
    let schema = || json!({"maxLength": EMAIL_MAX_BYTES, "pattern": EMAIL_PATTERN});
    Parsed { rule: "email", parse: from_str, schema }
}

pub(crate) fn telephone_number() -> Parsed<E164> {
    Parsed { rule: "e164", parse: from_str, schema: || json!({"pattern": E164_PATTERN}) }
}

pub(crate) fn web_url() -> Parsed<WebUrl> {
    // Not `format: uri`, which is stricter than browsers are: they take `ž` and `|` in a path.
    let schema = || {
        let pattern = format!("^https?://[^{CONTROL}{WHITE_SPACE}]+$");
        json!({"maxLength": WEB_URL_MAX_CHARACTERS, "pattern": pattern})
    };
    Parsed { rule: "url", parse: from_str, schema }
}

pub(crate) fn country() -> Parsed<CountryCode> {
    let parse =
        |text: &str| CountryCode::parse(text).ok_or("must be a country of ISO 3166-1 alpha-2, for example SK".into());
    Parsed { rule: "enum", parse, schema: || json!({"enum": CountryCode::ALL.as_slice()}) }
}

pub(crate) fn currency() -> Parsed<CurrencyCode> {
    let parse = |text: &str| CurrencyCode::parse(text).ok_or("must be a currency of ISO 4217, for example EUR".into());
    Parsed { rule: "enum", parse, schema: || json!({"enum": CurrencyCode::all().collect::<Vec<_>>()}) }
}

/// `true` or `false`.
pub(crate) struct Boolean;

impl Rule for Boolean {
    type Value = bool;

    fn read(&self, json: &Json<'_>, issues: &mut Issues) -> Option<bool> {
        match json {
            Json::Bool(value) => Some(*value),
            other => {
                issues.add("type", format!("must be true or false, not {}", other.kind()));
                None
            }
        }
    }

    fn schema(&self) -> Value {
        json!({"type": "boolean"})
    }
}

/// Whole minutes.
pub(crate) struct Minutes;

impl Rule for Minutes {
    type Value = DurationMinutes;

    fn read(&self, json: &Json<'_>, issues: &mut Issues) -> Option<DurationMinutes> {
        let number = number(json, issues)?;
        if number.is_finite() && number.fract() != 0.0 {
            issues.add("type", "must be a whole number");
            return None;
        }
        // A number beyond the integers of a double is far beyond the limits, and the cast keeps it there.
        #[expect(clippy::cast_possible_truncation, reason = "saturates")]
        let minutes = DurationMinutes::new(number as i64);
        if minutes.is_none() {
            let (min, max) = (DurationMinutes::MIN, DurationMinutes::MAX);
            let rule = if number < f64::from(min) { "minimum" } else { "maximum" };
            issues.add(rule, format!("must be {min} to {max} minutes"));
        }
        minutes
    }

    fn schema(&self) -> Value {
        json!({"type": "integer", "minimum": DurationMinutes::MIN, "maximum": DurationMinutes::MAX})
    }
}

/// Reads by value, as JSON Schema does: `30`, `30.0` and `3e1` are the same number.
fn number(json: &Json<'_>, issues: &mut Issues) -> Option<f64> {
    match json {
        // Every JSON number is a Rust float literal; beyond the range of a double it reads as infinite.
        Json::Number(digits) => digits.parse().ok(),
        other => {
            issues.add("type", format!("must be a number, not {}", other.kind()));
            None
        }
    }
}

/// An amount of money.
pub(crate) struct Money;

impl Rule for Money {
    type Value = Amount;

    fn read(&self, json: &Json<'_>, issues: &mut Issues) -> Option<Amount> {
        let number = number(json, issues)?;
        let amount = Amount::new(number);
        if amount.is_none() {
            let rule = if number < 0.0 { "minimum" } else { "maximum" };
            issues.add(rule, format!("must be 0 to {}", Amount::MAX));
        }
        amount
    }

    fn schema(&self) -> Value {
        json!({"type": "number", "minimum": 0, "maximum": 1_000_000_000_000_u64})
    }
}

/// A list of so many items.
pub(crate) struct List<R> {
    item: R,
    min: usize,
    max: usize,
}

pub(crate) fn list<R: Rule>(item: R, max: usize) -> List<R> {
    List { item, min: 0, max }
}

/// A list that must not be empty.
pub(crate) fn list_of_some<R: Rule>(item: R, max: usize) -> List<R> {
    List { item, min: 1, max }
}

impl<R: Rule> Rule for List<R> {
    type Value = Vec<R::Value>;

    fn read(&self, json: &Json<'_>, issues: &mut Issues) -> Option<Vec<R::Value>> {
        let Json::Array(items) = json else {
            issues.add("type", format!("must be a list, not {}", json.kind()));
            return None;
        };
        if items.len() < self.min {
            issues.add("minItems", format!("must have at least {} item", self.min));
            return None;
        }
        if items.len() > self.max {
            issues.add("maxItems", format!("must have at most {} items", self.max));
            return None;
        }
        let read_item =
            |(index, item): (usize, _)| issues.below(index.to_string(), |issues| self.item.read(item, issues));
        let read: Vec<Option<R::Value>> = items.iter().enumerate().map(read_item).collect();
        read.into_iter().collect()
    }

    fn schema(&self) -> Value {
        let mut schema = json!({"type": "array", "items": self.item.schema(), "maxItems": self.max});
        if self.min > 0 {
            schema["minItems"] = json!(self.min);
        }
        schema
    }
}

/// The caller's own data.
pub(crate) struct MetadataRule;

impl Rule for MetadataRule {
    type Value = Metadata;

    fn read(&self, json: &Json<'_>, issues: &mut Issues) -> Option<Metadata> {
        let errors = match Metadata::from_json(json) {
            Ok(metadata) => return Some(metadata),
            Err(errors) => errors,
        };
        for error in errors {
            match error {
                MetadataError::NotAnObject => issues.add("type", format!("must be an object, not {}", json.kind())),
                MetadataError::TooLarge => {
                    issues.add("maxBytes", format!("must be at most {METADATA_MAX_BYTES} bytes of compact JSON"));
                }
                MetadataError::TooDeep => {
                    issues.add("maxNesting", format!("must be at most {METADATA_MAX_LEVELS} levels deep"));
                }
                MetadataError::TooManyKeys => {
                    issues.add("maxKeys", format!("must have at most {METADATA_MAX_KEYS} keys over all levels"));
                }
                MetadataError::DuplicateKey(path) => {
                    add_below(issues, &path, "duplicate", "must be given only once".into());
                }
                MetadataError::NumberTooSmall(path) => {
                    add_below(issues, &path, "minimum", format!("must be at least {:e}", f64::MIN));
                }
                MetadataError::NumberTooLarge(path) => {
                    add_below(issues, &path, "maximum", format!("must be at most {:e}", f64::MAX));
                }
            }
        }
        None
    }

    fn schema(&self) -> Value {
        json!({"type": "object", "additionalProperties": true, "maxProperties": METADATA_MAX_KEYS})
    }
}

fn add_below(issues: &mut Issues, path: &[String], rule: &'static str, message: String) {
    match path {
        [] => issues.add(rule, message),
        [step, rest @ ..] => issues.below(step.clone(), |issues| add_below(issues, rest, rule, message)),
    }
}

/// RFC 3339, as `Timestamp` reads it: upper case, with a zone, without leap seconds.
const DATE_TIME_PATTERN: &str =
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-5][0-9](\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})$";
const DATE_PATTERN: &str = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$";

/// When an interview is to take place.
pub(crate) struct ScheduleTime {
    pub now: Timestamp,
}

impl Rule for ScheduleTime {
    type Value = Timestamp;

    fn read(&self, json: &Json<'_>, issues: &mut Issues) -> Option<Timestamp> {
        let time: Timestamp = string(json, issues)?
            .parse()
            .map_err(|error: domain::time::InvalidTimestamp| issues.add("dateTime", error.to_string()))
            .ok()?;
        let latest = self.now.checked_add(TimeDelta::days(SCHEDULE_MAX_DAYS));
        if time <= self.now {
            issues.add_untimely("future", "must be in the future");
        } else if latest.is_some_and(|latest| latest < time) {
            issues.add("maxDaysAhead", format!("must be at most {SCHEDULE_MAX_DAYS} days ahead"));
        }
        Some(time)
    }

    fn schema(&self) -> Value {
        json!({"type": "string", "format": "date-time", "pattern": DATE_TIME_PATTERN})
    }
}

/// A date in the future, given as a date or as an instant.
pub(crate) struct FutureDate {
    pub now: Timestamp,
}

impl Rule for FutureDate {
    type Value = NaiveDate;

    fn read(&self, json: &Json<'_>, issues: &mut Issues) -> Option<NaiveDate> {
        let text = string(json, issues)?;
        let fits = |(at, byte): (usize, u8)| if matches!(at, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() };
        let is_date = text.len() == 10 && text.bytes().enumerate().all(fits);
        let (date, in_future) = match (is_date, NaiveDate::parse_from_str(text, "%Y-%m-%d"), text.parse::<Timestamp>())
        {
            (true, Ok(date), _) => (date, date > self.now.date()),
            // At the end of 9999, UTC may be in a year that no date of four digits can say.
            (false, _, Ok(instant)) if instant.date().year() <= 9999 => (instant.date(), instant > self.now),
            (true, Err(_), _) | (false, _, Ok(_) | Err(_)) => {
                issues.add("date", "must be an ISO date such as 2027-12-31, or an RFC 3339 date-time");
                return None;
            }
        };
        if !in_future {
            issues.add_untimely("future", "must be in the future");
        }
        Some(date)
    }

    fn schema(&self) -> Value {
        json!({
            "type": "string",
            "anyOf": [
                {"format": "date", "pattern": DATE_PATTERN},
                {"format": "date-time", "pattern": DATE_TIME_PATTERN},
            ],
        })
    }
}

/// The address of a webhook.
pub(crate) struct WebhookUrlRule {
    pub targets: Targets,
}

impl Rule for WebhookUrlRule {
    type Value = WebhookUrl;

    fn read(&self, json: &Json<'_>, issues: &mut Issues) -> Option<WebhookUrl> {
        let (rule, message) = match WebhookUrl::parse(string(json, issues)?, self.targets) {
            Ok(url) => return Some(url),
            Err(WebhookUrlError::TooLong) => {
                ("maxLength", format!("must have at most {WEB_URL_MAX_CHARACTERS} characters"))
            }
            Err(WebhookUrlError::NotHttps) => {
                ("https", "must be an https address, for example https://example.com/hooks".into())
            }
            Err(WebhookUrlError::Credentials) => {
                ("credentials", "must have no user name or password; send a header instead".into())
            }
            Err(WebhookUrlError::Fragment) => ("fragment", "must have no fragment (#…)".into()),
        };
        issues.add(rule, message);
        None
    }

    fn schema(&self) -> Value {
        let pattern = format!(r"^https://[^/?#@\\{CONTROL}{WHITE_SPACE}]+([/?][^#\\{CONTROL}{WHITE_SPACE}]*)?$");
        json!({"type": "string", "maxLength": WEB_URL_MAX_CHARACTERS, "pattern": pattern})
    }
}

/// The name of a header that a webhook sends.
pub(crate) struct HeaderNameRule;

impl Rule for HeaderNameRule {
    type Value = HeaderName;

    fn read(&self, json: &Json<'_>, issues: &mut Issues) -> Option<HeaderName> {
        let (rule, message) = match HeaderName::parse(string(json, issues)?) {
            Ok(name) => return Some(name),
            Err(HeaderNameError::TooShort) => ("minLength", "must not be empty".into()),
            Err(HeaderNameError::TooLong) => {
                ("maxLength", format!("must have at most {HEADER_NAME_MAX_CHARACTERS} characters"))
            }
            Err(HeaderNameError::NotAToken) => {
                ("headerName", "must have letters, digits and !#$%&'*+-.^_`|~ only".into())
            }
            Err(HeaderNameError::Reserved) => ("reserved", "must not be a header that Greenroom sets itself".into()),
        };
        issues.add(rule, message);
        None
    }

    fn schema(&self) -> Value {
        let any_case = |name: &str| -> String {
            let letter =
                |c: char| if c.is_ascii_alphabetic() { format!("[{c}{}]", c.to_ascii_uppercase()) } else { c.into() };
            name.chars().map(letter).collect()
        };
        let names = RESERVED_HEADERS.iter().map(|name| format!("{}$", any_case(name)));
        let reserved: Vec<String> = names.chain(RESERVED_HEADER_PREFIXES.iter().map(|name| any_case(name))).collect();
        let pattern = format!("^(?!{})[A-Za-z0-9!#$%&'*+.^_`|~-]+$", reserved.join("|"));
        json!({"type": "string", "minLength": 1, "maxLength": HEADER_NAME_MAX_CHARACTERS, "pattern": pattern})
    }
}

/// The value of a header that a webhook sends.
pub(crate) struct HeaderValueRule;

impl Rule for HeaderValueRule {
    type Value = HeaderValue;

    fn read(&self, json: &Json<'_>, issues: &mut Issues) -> Option<HeaderValue> {
        let (rule, message) = match HeaderValue::parse(string(json, issues)?) {
            Ok(value) => return Some(value),
            Err(HeaderValueError::TooShort) => ("minLength", "must not be empty".into()),
            Err(HeaderValueError::TooLong) => {
                ("maxLength", format!("must have at most {HEADER_VALUE_MAX_CHARACTERS} characters"))
            }
            Err(HeaderValueError::NotAValue) => {
                ("headerValue", "must be visible ASCII, with spaces and tabs only between".into())
            }
        };
        issues.add(rule, message);
        None
    }

    fn schema(&self) -> Value {
        let pattern = r"^[!-~]([ \t!-~]*[!-~])?$";
        json!({"type": "string", "minLength": 1, "maxLength": HEADER_VALUE_MAX_CHARACTERS, "pattern": pattern})
    }
}

/// A list of headers, no two of one name.
pub(crate) struct Distinct<R>(pub R);

impl<R: Rule<Value = Vec<WebhookHeader>>> Rule for Distinct<R> {
    type Value = Vec<WebhookHeader>;

    fn read(&self, json: &Json<'_>, issues: &mut Issues) -> Option<Vec<WebhookHeader>> {
        let headers = self.0.read(json, issues)?;
        let mut names = HashSet::new();
        for (index, header) in headers.iter().enumerate() {
            if !names.insert(header.name.as_str().to_ascii_lowercase()) {
                issues.below(index.to_string(), |issues| {
                    issues.below("name", |issues| {
                        issues.add("duplicate", "must differ from the others, whatever its case")
                    });
                });
            }
        }
        Some(headers)
    }

    fn schema(&self) -> Value {
        self.0.schema()
    }
}
