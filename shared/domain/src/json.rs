//! JSON as it was written: members in order, duplicates seen, numbers with all their digits.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;

use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::Violation;

/// Levels of nesting that are read. Our deepest document has 7; the rest leaves room for a clear message about
/// metadata, and bounds the stack and the time that a hostile body can cost.
pub const NESTING_MAX_LEVELS: usize = 32;

/// A JSON value that loses nothing a caller wrote, except white space and escapes.
#[derive(Debug, Clone, PartialEq)]
pub enum Json<'a> {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number's literal text.
    Number(&'a str),
    /// A string, unescaped.
    String(Cow<'a, str>),
    /// An array.
    Array(Vec<Json<'a>>),
    /// An object's members in the order of the text, duplicates included.
    Object(Vec<(Cow<'a, str>, Json<'a>)>),
}

/// The reason why bytes could not be read as JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JsonError {
    /// The bytes are not JSON. Line and column count from 1, the column in bytes.
    Syntax {
        /// Line of the first byte that does not fit.
        line: usize,
        /// The place of that byte on its line.
        column: usize,
    },
    /// Arrays and objects inside each other beyond [`NESTING_MAX_LEVELS`].
    TooDeep,
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax { line, column } => write!(f, "not JSON at line {line}, column {column}"),
            Self::TooDeep => write!(f, "nested more than {NESTING_MAX_LEVELS} levels deep"),
        }
    }
}

impl std::error::Error for JsonError {}

impl<'a> Json<'a> {
    /// Reads one JSON value that fills the whole text.
    ///
    /// # Errors
    /// Names the place of the first fault. A surrogate without its other half is one: it stands for no character.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, JsonError> {
        let text = std::str::from_utf8(bytes).map_err(|error| position(bytes, error.valid_up_to()))?;
        let raw: &RawValue = serde_json::from_str(text).map_err(|error| syntax(text, text, &error))?;
        read(text, raw.get(), NESTING_MAX_LEVELS)
    }

    /// The word by which messages call this kind of value.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Number(_) => "a number",
            Self::String(_) => "a string",
            Self::Array(_) => "an array",
            Self::Object(_) => "an object",
        }
    }
}

/// The double that stands for a number's text: the nearest one, but whole only if the number is. So
/// `180.0000000000000000000000001` is more than 180, and `-1e-400` is less than zero.
pub fn double(number: &str) -> f64 {
    // Every JSON number is a Rust float literal; beyond the range of a double it reads as infinite.
    let nearest: f64 = number.parse().unwrap_or(f64::NAN);
    if nearest.fract() != 0.0 {
        return nearest;
    }
    match (Magnitude::of(number).cmp(&Magnitude::of(&nearest.to_string())), number.starts_with('-')) {
        (Ordering::Equal, _) => nearest,
        (Ordering::Greater, false) | (Ordering::Less, true) => nearest.next_up(),
        (Ordering::Less, false) | (Ordering::Greater, true) => nearest.next_down(),
    }
}

/// Reads a number of 0 to `max` by its value, as JSON Schema does: `30`, `30.0` and `3e1` are the same.
///
/// # Errors
/// A number that is not whole, or beyond the limits.
pub fn whole_number(number: f64, max: u32) -> Result<u32, Violation> {
    if number.is_finite() && number.fract() != 0.0 {
        return Err(Violation::new("type", "must be a whole number"));
    }
    if !(0.0..=f64::from(max)).contains(&number) {
        return Err(Violation::out_of_range(number < 0.0, format!("must be 0 to {max}")));
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within the limits")]
    let number = number as u32;
    Ok(number)
}

/// A number without its sign, exactly: 0.`digits` times ten to the power of `point`.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Magnitude {
    /// The least possible for zero.
    point: i64,
    /// Without zeros at either end.
    digits: String,
}

impl Magnitude {
    fn of(number: &str) -> Self {
        let unsigned = number.trim_start_matches('-');
        let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = format!("{whole}{fraction}");
        let significant = digits.trim_start_matches('0');
        if significant.is_empty() {
            return Self { point: i64::MIN, digits: String::new() };
        }
        // An exponent that is no i64 is beyond any double, in either direction.
        let beyond = if exponent.starts_with('-') { i64::MIN / 2 } else { i64::MAX / 2 };
        let exponent: i64 = exponent.parse().unwrap_or(beyond);
        let zeros = i64::try_from(digits.len() - significant.len()).unwrap_or(i64::MAX / 4);
        let whole = i64::try_from(whole.len()).unwrap_or(i64::MAX / 4);
        let point = exponent.saturating_add(whole - zeros);
        Self { point, digits: significant.trim_end_matches('0').to_owned() }
    }
}

/// `text` is a valid JSON value and a part of `document`; only escapes and nesting can still be at fault.
fn read<'a>(document: &'a str, text: &'a str, levels_left: usize) -> Result<Json<'a>, JsonError> {
    let fault = |error: serde_json::Error| syntax(document, text, &error);
    match text.as_bytes().first() {
        Some(b'{') => {
            let levels_left = levels_left.checked_sub(1).ok_or(JsonError::TooDeep)?;
            let members = serde_json::Deserializer::from_str(text).deserialize_map(Members).map_err(fault)?;
            let read_member =
                |(name, raw): (Cow<'a, str>, &'a RawValue)| Ok((name, read(document, raw.get(), levels_left)?));
            members.into_iter().map(read_member).collect::<Result<_, _>>().map(Json::Object)
        }
        Some(b'[') => {
            let levels_left = levels_left.checked_sub(1).ok_or(JsonError::TooDeep)?;
            let items = serde_json::Deserializer::from_str(text).deserialize_seq(Items).map_err(fault)?;
            let read_item = |raw: &'a RawValue| read(document, raw.get(), levels_left);
            items.into_iter().map(read_item).collect::<Result<_, _>>().map(Json::Array)
        }
        Some(b'"') => {
            if let Some(plain) = text.get(1..text.len() - 1).filter(|inner| !inner.contains('\\')) {
                return Ok(Json::String(Cow::Borrowed(plain)));
            }
            serde_json::from_str(text).map(|unescaped| Json::String(Cow::Owned(unescaped))).map_err(fault)
        }
        Some(b't') => Ok(Json::Bool(true)),
        Some(b'f') => Ok(Json::Bool(false)),
        Some(b'n') => Ok(Json::Null),
        Some(_) | None => Ok(Json::Number(text)),
    }
}

fn syntax(document: &str, part: &str, error: &serde_json::Error) -> JsonError {
    let line_start = part.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum::<usize>();
    let part_start = part.as_ptr() as usize - document.as_ptr() as usize;
    // The column counts the bytes of the line that were taken, the one at fault included; 0 means the line end before.
    position(document.as_bytes(), (part_start + line_start + error.column()).saturating_sub(1))
}

fn position(bytes: &[u8], offset: usize) -> JsonError {
    let before = &bytes[..offset.min(bytes.len())];
    let line_start = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |newline| newline + 1);
    JsonError::Syntax {
        line: 1 + before.iter().filter(|&&byte| byte == b'\n').count(),
        column: 1 + before.len() - line_start,
    }
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Vec<(Cow<'de, str>, &'de RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some((Name(name), raw)) = map.next_entry()? {
            members.push((name, raw));
        }
        Ok(members)
    }
}

struct Name<'a>(Cow<'a, str>);

impl<'de> serde::Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameVisitor;
        impl<'de> Visitor<'de> for NameVisitor {
            type Value = Name<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a member's name")
            }

            fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Self::Value, E> {
                Ok(Name(Cow::Borrowed(name)))
            }

            fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
                Ok(Name(Cow::Owned(name.to_owned())))
            }
        }
        deserializer.deserialize_str(NameVisitor)
    }
}

struct Items;

impl<'de> Visitor<'de> for Items {
    type Value = Vec<&'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut read = Vec::new();
        while let Some(item) = items.next_element()? {
            read.push(item);
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn syntax_at(text: &str) -> (usize, usize) {
        match Json::parse(text.as_bytes()) {
            Err(JsonError::Syntax { line, column }) => (line, column),
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn numbers_keep_their_digits_and_members_their_order() {
        let json = Json::parse(br#" {"b": 1.50e+400, "a": [12345678901234567890123, -0], "b": null} "#).unwrap();
        let Json::Object(members) = json else { panic!() };
        assert_eq!(members[0], (Cow::Borrowed("b"), Json::Number("1.50e+400")));
        assert_eq!(members[1].1, Json::Array(vec![Json::Number("12345678901234567890123"), Json::Number("-0")]));
        assert_eq!(members[2].0, "b");
    }

    #[test]
    fn escapes_are_resolved_in_names_and_values() {
        let json = Json::parse(br#"{"\u0061\n": "\ud83e\udd80"}"#).unwrap();
        assert_eq!(json, Json::Object(vec![("a\n".into(), Json::String("🦀".into()))]));
    }

    #[test]
    fn a_fault_is_named_by_line_and_column_of_the_whole_text() {
        assert_eq!(syntax_at("{\n  \"a\": tru\n}"), (2, 11));
        assert_eq!(syntax_at(""), (1, 1));
        assert_eq!(syntax_at("{} x"), (1, 4));
        let (line, column) = syntax_at("{\n \"a\": [1,\n  \"\\ud800\"]}");
        assert_eq!(line, 3);
        assert!((3..=11).contains(&column), "{column}");
    }

    #[test]
    fn bytes_that_are_not_utf_8_are_a_fault() {
        assert_eq!(Json::parse(b"{\"a\": \"\xff\"}"), Err(JsonError::Syntax { line: 1, column: 8 }));
    }

    #[test]
    fn a_double_is_whole_only_if_the_number_is() {
        for text in ["180", "180.0", "1.8e2", "1800E-1", "0.18e+3", "180000000000000000000000e-21", "18e00000000001"] {
            assert_eq!(double(text), 180.0, "{text}");
        }
        for (text, between) in [
            ("180.0000000000000000000000001", 180.0..181.0),
            ("1800000000000000000000000001e-25", 180.0..181.0),
            ("179.9999999999999999999999999", 179.0..180.0),
            ("0.00000000000000000000000001e-999", 0.0..1.0),
            ("1e-99999999999999999999", 0.0..1.0),
            ("1000000000000.00000000000001", 1e12..1e13),
            ("999999999999.99999999999999", 1e11..1e12),
        ] {
            assert!(between.start < double(text) && double(text) < between.end, "{text}");
            assert_eq!(double(&format!("-{text}")), -double(text), "{text}");
        }
        for text in ["0", "-0", "0.000", "-0e-5", "0e99999999999999999999"] {
            assert_eq!(double(text), 0.0, "{text}");
        }
        assert_eq!(double("1e400"), f64::INFINITY);
        assert_eq!(double("-1e99999999999999999999"), f64::NEG_INFINITY);
        assert_eq!(double("2.50"), 2.5);
    }

    #[test]
    fn nesting_is_bounded() {
        let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert!(Json::parse(nested(NESTING_MAX_LEVELS).as_bytes()).is_ok());
        assert_eq!(Json::parse(nested(NESTING_MAX_LEVELS + 1).as_bytes()), Err(JsonError::TooDeep));
        assert_eq!(Json::parse(nested(100_000).as_bytes()), Err(JsonError::TooDeep));
    }
}
