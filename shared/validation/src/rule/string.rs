//! Rules on strings.

use std::str::FromStr;

use domain::contact::{E164, E164_PATTERN, EMAIL_MAX_BYTES, EMAIL_PATTERN, Email, WEB_URL_MAX_CHARACTERS, WebUrl};
use domain::job::{CountryCode, CurrencyCode};
use domain::json::Json;
use domain::text::{Bounded, DIRECTION_CONTROLS, INVISIBLE, LINE_SEPARATORS};
use domain::webhook::{
    HEADER_NAME_MAX_CHARACTERS, HEADER_VALUE_MAX_CHARACTERS, HeaderName, HeaderValue, OwnHosts,
    RESERVED_HEADER_PREFIXES, RESERVED_HEADERS, Targets, WebhookPorts, WebhookUrl,
};
use domain::{StringEnum, Violation};
use serde_json::{Value, json};

use super::{Parsed, Rule, wrong_type};
use crate::issue::Issues;

/// `char::is_control`, inside a regular expression's brackets.
const CONTROL: &str = r"\u0000-\u001F\u007F-\u009F";
/// `char::is_control` without tab, line feed and carriage return.
const CONTROL_BUT_LINES: &str = r"\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F";
/// `char::is_whitespace`, less control characters.
const WHITE_SPACE: &str = r"\u0020\u00A0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000";

const UUID_PATTERN: &str = "^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$";

pub(super) fn as_string<'j>(json: &'j Json<'_>) -> Result<&'j str, Violation> {
    match json {
        Json::String(text) => Ok(text),
        other => Err(wrong_type("a string", other)),
    }
}

fn string<T>(parse: impl Fn(&str) -> Result<T, Violation>, schema: fn() -> Value) -> impl Rule<Value = T> {
    Parsed { parse: move |json: &Json<'_>| parse(as_string(json)?), schema }
}

/// Text of bounded length.
pub(crate) fn text<const MIN: usize, const MAX: usize, const LINES: bool>()
-> impl Rule<Value = Bounded<MIN, MAX, LINES>> {
    string(
        |text| Bounded::parse(text),
        || {
            let (refused, lines) = if LINES {
                (CONTROL_BUT_LINES.to_owned(), r"\t\n\r")
            } else {
                (format!("{CONTROL}{}{}", class(&LINE_SEPARATORS), class(&DIRECTION_CONTROLS)), "")
            };
            let pattern = if MIN > 0 {
                let invisible = class(&INVISIBLE);
                format!("^[^{refused}]*[^{refused}{lines}{WHITE_SPACE}{invisible}][^{refused}]*$")
            } else {
                format!("^[^{refused}]*$")
            };
            json!({"type": "string", "minLength": MIN, "maxLength": MAX, "pattern": pattern})
        },
    )
}

/// Characters inside a regular expression's brackets. Those beyond U+FFFF are left out: languages differ in how they
/// write them there.
fn class(ranges: &[(char, char)]) -> String {
    let code = |c: char| format!("\\u{:04X}", u32::from(c));
    let short = ranges.iter().filter(|(_, last)| *last <= '\u{ffff}');
    short
        .map(|(first, last)| if first == last { code(*first) } else { format!("{}-{}", code(*first), code(*last)) })
        .collect()
}

/// A word of an enumeration. The schema has one spelling of each: generators of clients make names of words, and two
/// spellings would make the same name.
pub(crate) fn word<E: StringEnum>() -> impl Rule<Value = E> {
    string(E::parse, || {
        let words: Vec<&str> = E::ACCEPTED.iter().map(|value| value.as_str()).collect();
        json!({"type": "string", "enum": words})
    })
}

/// The one word that is accepted.
pub(crate) fn constant(word: &'static str) -> Constant {
    Constant(word)
}

pub(crate) struct Constant(&'static str);

impl Rule for Constant {
    type Value = ();

    fn read(&self, json: &Json<'_>, issues: &mut Issues) -> Option<()> {
        let expected = |text: &str| match text == self.0 {
            true => Ok(()),
            false => Err(Violation::new("enum", format!("must be {}", self.0))),
        };
        issues.accept(as_string(json).and_then(expected))
    }

    fn schema(&self) -> Value {
        json!({"type": "string", "enum": [self.0]})
    }
}

/// The id of a resource.
pub(crate) fn id<T: FromStr<Err = Violation>>() -> impl Rule<Value = T> {
    string(T::from_str, || json!({"type": "string", "format": "uuid", "pattern": UUID_PATTERN}))
}

pub(crate) fn email() -> impl Rule<Value = Email> {
    string(Email::parse, || json!({"type": "string", "maxLength": EMAIL_MAX_BYTES, "pattern": EMAIL_PATTERN}))
}

pub(crate) fn telephone_number() -> impl Rule<Value = E164> {
    string(E164::parse, || json!({"type": "string", "pattern": E164_PATTERN}))
}

pub(crate) fn web_url() -> impl Rule<Value = WebUrl> {
    // Not `format: uri`, which is stricter than browsers are: they take `ž` and `|` in a path.
    string(WebUrl::parse, || {
        let pattern = format!("^https?://[^{CONTROL}{WHITE_SPACE}]+$");
        json!({"type": "string", "maxLength": WEB_URL_MAX_CHARACTERS, "pattern": pattern})
    })
}

pub(crate) fn country() -> impl Rule<Value = CountryCode> {
    string(CountryCode::parse, || json!({"type": "string", "enum": CountryCode::ALL.as_slice()}))
}

pub(crate) fn currency() -> impl Rule<Value = CurrencyCode> {
    string(CurrencyCode::parse, || json!({"type": "string", "enum": CurrencyCode::all().collect::<Vec<_>>()}))
}

/// The address of a webhook.
pub(crate) fn webhook_url(targets: Targets, ports: WebhookPorts, own_hosts: OwnHosts) -> impl Rule<Value = WebhookUrl> {
    string(
        move |text| WebhookUrl::parse(text, targets)?.at_port(&ports, targets)?.outside(&own_hosts),
        || {
            let pattern = format!(r"^https://[^/?#@\\{CONTROL}{WHITE_SPACE}]+([/?][^#\\{CONTROL}{WHITE_SPACE}]*)?$");
            json!({"type": "string", "maxLength": WEB_URL_MAX_CHARACTERS, "pattern": pattern})
        },
    )
}

/// The name of a header that a webhook sends.
pub(crate) fn header_name() -> impl Rule<Value = HeaderName> {
    string(HeaderName::parse, || {
        let any_case = |name: &str| -> String {
            let letter =
                |c: char| if c.is_ascii_alphabetic() { format!("[{c}{}]", c.to_ascii_uppercase()) } else { c.into() };
            name.chars().map(letter).collect()
        };
        let names = RESERVED_HEADERS.iter().map(|name| format!("{}$", any_case(name)));
        let reserved: Vec<String> = names.chain(RESERVED_HEADER_PREFIXES.iter().map(|name| any_case(name))).collect();
        let pattern = format!("^(?!{})[A-Za-z0-9!#$%&'*+.^_`|~-]+$", reserved.join("|"));
        json!({"type": "string", "minLength": 1, "maxLength": HEADER_NAME_MAX_CHARACTERS, "pattern": pattern})
    })
}

/// The value of a header that a webhook sends.
pub(crate) fn header_value() -> impl Rule<Value = HeaderValue> {
    string(HeaderValue::parse, || {
        let pattern = r"^[!-~]([ \t!-~]*[!-~])?$";
        json!({"type": "string", "minLength": 1, "maxLength": HEADER_VALUE_MAX_CHARACTERS, "pattern": pattern})
    })
}
