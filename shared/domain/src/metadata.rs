//! Free data that callers attach to their resources.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::json::Json;
use crate::violation::{PLACES_MAX_BYTES, VIOLATIONS_MAX, Violation};

/// Most bytes of a metadata's compact JSON: 10 KB, which keeps an interview's item at about a dozen write units.
pub const METADATA_MAX_BYTES: usize = 10_240;
/// Most levels of objects and arrays, the metadata itself being the first.
pub const METADATA_MAX_LEVELS: usize = 5;
/// Most keys, counted over all levels.
pub const METADATA_MAX_KEYS: usize = 50;

/// A JSON object of the caller's own, held as compact JSON with sorted keys.
///
/// Numbers keep their digits: `1.0` and `1` are different metadata. Two metadata are equal if they differ in nothing
/// but white space, escapes and the order of keys.
///
/// Every number lies within the range of a double, beyond which JSON readers differ: some refuse the whole document,
/// others read infinity. A number that is nearer to zero than any double is kept as it was sent, since every reader
/// takes it for zero.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Metadata(String);

/// A rule that a part of metadata breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetadataViolation {
    /// The part, by names and indexes from the metadata's root; empty for the whole.
    pub path: Vec<String>,
    /// The broken rule.
    pub violation: Violation,
}

/// The rules that metadata breaks: at most [`VIOLATIONS_MAX`] of its parts, and those of the whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetadataViolations {
    /// In the order of the text.
    pub listed: Vec<MetadataViolation>,
    /// True if more rules are broken than are listed.
    pub truncated: bool,
}

impl Metadata {
    /// Accepts an object, or names the rules that it breaks.
    pub fn from_json(json: &Json<'_>) -> Result<Self, MetadataViolations> {
        let of_whole = |rule, message| MetadataViolation { path: Vec::new(), violation: Violation::new(rule, message) };
        if !matches!(json, Json::Object(_)) {
            let violation = of_whole("type", format!("must be an object, not {}", json.kind()));
            return Err(MetadataViolations { listed: vec![violation], truncated: false });
        }
        let mut writer = Writer::default();
        writer.value(json, 1);
        let mut violations = Vec::new();
        if writer.text.len() > METADATA_MAX_BYTES {
            violations
                .push(of_whole("maxBytes", format!("must be at most {METADATA_MAX_BYTES} bytes of compact JSON")));
        }
        if writer.levels > METADATA_MAX_LEVELS {
            violations.push(of_whole("maxNesting", format!("must be at most {METADATA_MAX_LEVELS} levels deep")));
        }
        if writer.keys > METADATA_MAX_KEYS {
            let message = format!("must have at most {METADATA_MAX_KEYS} keys over all levels");
            violations.push(of_whole("maxKeys", message));
        }
        violations.extend(writer.violations);
        if violations.is_empty() {
            return Ok(Self(writer.text));
        }
        Err(MetadataViolations { listed: violations, truncated: writer.truncated })
    }

    /// The metadata with `"isTest": true`, by which test interviews are marked. A member of that name is replaced.
    pub fn marked_as_test(metadata: Option<&Self>) -> Self {
        let text = metadata.map_or("{}", |metadata| &metadata.0);
        let mut members = match Json::parse(text.as_bytes()) {
            Ok(Json::Object(members)) => members,
            Ok(_) | Err(_) => Vec::new(),
        };
        members.retain(|(name, _)| name != "isTest");
        members.push((Cow::Borrowed("isTest"), Json::Bool(true)));
        let mut writer = Writer::default();
        writer.value(&Json::Object(members), 1);
        Self(writer.text)
    }

    /// The metadata without the mark of a test; none if there is nothing else.
    pub fn without_test_mark(&self) -> Option<Self> {
        let Ok(Json::Object(mut members)) = Json::parse(self.0.as_bytes()) else { return None };
        members.retain(|(name, _)| name != "isTest");
        let mut writer = Writer::default();
        writer.value(&Json::Object(members), 1);
        Some(Self(writer.text)).filter(|own| own.0 != "{}")
    }

    /// Compact JSON.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[derive(Default)]
struct Writer {
    text: String,
    keys: usize,
    levels: usize,
    path: Vec<String>,
    violations: Vec<MetadataViolation>,
    /// The bytes of the violations' paths.
    paths_bytes: usize,
    truncated: bool,
}

impl Writer {
    fn value(&mut self, json: &Json<'_>, level: usize) {
        match json {
            Json::Null => self.text.push_str("null"),
            Json::Bool(value) => self.text.push_str(if *value { "true" } else { "false" }),
            Json::Number(digits) => {
                // Every JSON number is a Rust float literal; beyond the range of a double it reads as infinite.
                if digits.parse().is_ok_and(f64::is_infinite) {
                    let message = format!("must be {:e} to {:e}, the range of a double", f64::MIN, f64::MAX);
                    self.violate(Violation::out_of_range(digits.starts_with('-'), message));
                }
                self.text.push_str(digits);
            }
            Json::String(text) => self.string(text),
            Json::Array(items) => {
                self.levels = self.levels.max(level);
                self.text.push('[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        self.text.push(',');
                    }
                    self.path.push(index.to_string());
                    self.value(item, level + 1);
                    self.path.pop();
                }
                self.text.push(']');
            }
            Json::Object(members) => {
                self.levels = self.levels.max(level);
                self.keys += members.len();
                let mut sorted = BTreeMap::new();
                for (name, value) in members {
                    if sorted.insert(name.as_ref(), value).is_some() {
                        self.path.push(name.to_string());
                        self.violate(Violation::new("duplicate", "must be given only once"));
                        self.path.pop();
                    }
                }
                self.text.push('{');
                for (index, (name, value)) in sorted.into_iter().enumerate() {
                    if index > 0 {
                        self.text.push(',');
                    }
                    self.string(name);
                    self.text.push(':');
                    self.path.push(name.to_owned());
                    self.value(value, level + 1);
                    self.path.pop();
                }
                self.text.push('}');
            }
        }
    }

    /// The part that is being written breaks a rule.
    fn violate(&mut self, violation: Violation) {
        if self.violations.len() >= VIOLATIONS_MAX || self.paths_bytes >= PLACES_MAX_BYTES {
            self.truncated = true;
            return;
        }
        self.paths_bytes += self.path.iter().map(String::len).sum::<usize>();
        self.violations.push(MetadataViolation { path: self.path.clone(), violation });
    }

    fn string(&mut self, text: &str) {
        self.text.push_str(&serde_json::Value::from(text).to_string());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The metadata, or a pointer and the broken rule of each violation.
    fn metadata(text: &str) -> Result<Metadata, Vec<(String, &'static str)>> {
        Metadata::from_json(&Json::parse(text.as_bytes()).unwrap()).map_err(|violations| {
            let told = |violation: MetadataViolation| {
                (violation.path.iter().map(|step| format!("/{step}")).collect(), violation.violation.rule)
            };
            violations.listed.into_iter().map(told).collect()
        })
    }

    fn broken(pointer: &str, rule: &'static str) -> Result<Metadata, Vec<(String, &'static str)>> {
        Err(vec![(pointer.to_owned(), rule)])
    }

    #[test]
    fn digits_are_kept_and_key_order_is_free() {
        let kept = metadata(r#"{ "z": 1.10, "a": 12345678901234567890.0, "\u0062": [ -0, 1E300 ] }"#).unwrap();
        assert_eq!(kept.as_str(), r#"{"a":12345678901234567890.0,"b":[-0,1E300],"z":1.10}"#);
        assert_eq!(kept, metadata(r#"{"b":[-0,1E300],"z":1.10,"a":12345678901234567890.0}"#).unwrap());
        assert_ne!(metadata(r#"{"a":1}"#), metadata(r#"{"a":1.0}"#));
    }

    #[test]
    fn a_byte_beyond_is_too_large() {
        let of = |bytes: usize| metadata(&format!(r#"{{"a":"{}"}}"#, "x".repeat(bytes - 8)));
        assert_eq!(of(METADATA_MAX_BYTES).unwrap().as_str().len(), METADATA_MAX_BYTES);
        assert_eq!(of(METADATA_MAX_BYTES + 1), broken("", "maxBytes"));
    }

    #[test]
    fn a_level_beyond_is_too_deep_and_scalars_are_no_level() {
        assert!(metadata(r#"{"a":{"b":{"c":{"d":{"e":1}}}}}"#).is_ok());
        assert_eq!(metadata(r#"{"a":{"b":{"c":{"d":{"e":{}}}}}}"#), broken("", "maxNesting"));
        assert_eq!(metadata(r#"{"a":[[[[[]]]]]}"#), broken("", "maxNesting"));
    }

    #[test]
    fn a_key_beyond_is_too_many_over_all_levels() {
        let of = |keys: usize| {
            let inner: Vec<String> = (0..keys - 1).map(|key| format!(r#""k{key}":0"#)).collect();
            metadata(&format!(r#"{{"inner":[{{{}}}]}}"#, inner.join(",")))
        };
        assert!(of(METADATA_MAX_KEYS).is_ok());
        assert_eq!(of(METADATA_MAX_KEYS + 1), broken("", "maxKeys"));
    }

    #[test]
    fn duplicates_are_found_at_every_level() {
        assert_eq!(metadata(r#"{"a":[{"b":1,"b":1}]}"#), broken("/a/0/b", "duplicate"));
    }

    #[test]
    fn numbers_lie_within_the_range_of_a_double_and_keep_their_digits_there() {
        let long = format!("{}.{}", "9".repeat(308), "9".repeat(400));
        for number in
            ["1.7976931348623157e308", "-1.7976931348623157E+308", &long, "5e-324", "1e-400", "-1e-4005", "0e4005"]
        {
            let text = format!(r#"{{"a":{number}}}"#);
            assert_eq!(metadata(&text).unwrap().as_str(), text);
        }
        for number in ["1.8e308", "1.1e4005", &"9".repeat(309)] {
            assert_eq!(metadata(&format!(r#"{{"a":[0,{number}]}}"#)), broken("/a/1", "maximum"), "{number}");
            assert_eq!(metadata(&format!(r#"{{"a":[0,-{number}]}}"#)), broken("/a/1", "minimum"), "-{number}");
        }
    }

    #[test]
    fn every_broken_rule_is_named() {
        let text = format!(r#"{{"a":1,"a":[[[[["{}"]]]]],"b":1e400}}"#, "x".repeat(METADATA_MAX_BYTES));
        let broken_rules = [("", "maxBytes"), ("", "maxNesting"), ("/a", "duplicate"), ("/b", "maximum")];
        assert_eq!(metadata(&text), Err(broken_rules.map(|(pointer, rule)| (pointer.to_owned(), rule)).to_vec()));
        assert_eq!(metadata("[]"), broken("", "type"));
    }

    /// Metadata of 256 KiB in which every value breaks a rule, below short names and below a long one.
    #[test]
    fn violations_and_the_bytes_of_their_places_are_bounded() {
        let numbers = |count: usize| vec!["1e999"; count].join(",");
        let beyond = |name: &str, count: usize| {
            let text = format!(r#"{{"{name}":[{}]}}"#, numbers(count));
            Metadata::from_json(&Json::parse(text.as_bytes()).unwrap()).unwrap_err()
        };
        let full = beyond("a", VIOLATIONS_MAX);
        assert_eq!((full.listed.len(), full.truncated), (VIOLATIONS_MAX, false));
        let short = beyond("a", 40_000);
        // That of its size is one of the whole.
        assert_eq!((short.listed.len(), short.truncated), (VIOLATIONS_MAX + 1, true));
        let long = beyond(&"n".repeat(100_000), 20_000);
        assert!(long.truncated);
        let bytes: usize = long.listed.iter().flat_map(|violation| &violation.path).map(String::len).sum();
        assert!(bytes < 2 * PLACES_MAX_BYTES, "{bytes}");
    }

    #[test]
    fn a_test_mark_replaces_a_member_of_its_name() {
        let own = metadata(r#"{"isTest":"no","a":1.0}"#).unwrap();
        assert_eq!(Metadata::marked_as_test(Some(&own)).as_str(), r#"{"a":1.0,"isTest":true}"#);
        assert_eq!(Metadata::marked_as_test(None).as_str(), r#"{"isTest":true}"#);
        let marked = Metadata::marked_as_test(Some(&own));
        assert_eq!(marked.without_test_mark(), metadata(r#"{"a":1.0}"#).ok());
        assert_eq!(Metadata::marked_as_test(None).without_test_mark(), None);
    }
}
