//! Trace ids, by which what a request caused is found in all logs.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Longest header that is looked at, in bytes. AWS sends about 70, and with everything that X-Ray defines 200.
const HEADER_MAX_BYTES: usize = 256;
/// Hexadecimal digits of the time.
const TIME_DIGITS: usize = 8;
/// Hexadecimal digits of the unique part: 96 bits.
const UNIQUE_DIGITS: usize = 24;

/// The id of a trace in the form of X-Ray: `1-`, the seconds since 1970, `-`, 96 bits, in lower-case hexadecimal digits.
///
/// API Gateway makes one for each request, but keeps the one of a caller who sends his own. So it is the caller's text,
/// of which nothing is true but its form, and several requests may have the same: it belongs into log lines, and nothing
/// is decided by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceId {
    seconds: u32,
    /// 96 bits.
    unique: u128,
}

/// A text that is no trace id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoTraceId;

impl TraceId {
    /// The trace id in a header `X-Amzn-Trace-Id`: its field `Root`. None if the header is in any other form than AWS
    /// gives it.
    pub fn of_header(header: &str) -> Option<Self> {
        if header.len() > HEADER_MAX_BYTES {
            return None;
        }
        let mut roots = header.split(';').filter_map(|field| field.trim_start_matches(' ').strip_prefix("Root="));
        let root = roots.next()?.parse().ok()?;
        roots.next().is_none().then_some(root)
    }

    /// The trace id at this place of a stored message, if it is one: a message is not refused for its trace id.
    ///
    /// # Errors
    /// Only if the message is no data of its format at all.
    pub fn lenient<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        let value = serde_json::Value::deserialize(deserializer)?;
        Ok(value.as_str().and_then(|text| text.parse().ok()))
    }
}

impl FromStr for TraceId {
    type Err = NoTraceId;

    fn from_str(text: &str) -> Result<Self, NoTraceId> {
        let (seconds, unique) = text.strip_prefix("1-").and_then(|rest| rest.split_once('-')).ok_or(NoTraceId)?;
        let is_hex = |digits: &str, count: usize| {
            digits.len() == count && digits.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'))
        };
        if !is_hex(seconds, TIME_DIGITS) || !is_hex(unique, UNIQUE_DIGITS) {
            return Err(NoTraceId);
        }
        let seconds = u32::from_str_radix(seconds, 16).map_err(|_| NoTraceId)?;
        let unique = u128::from_str_radix(unique, 16).map_err(|_| NoTraceId)?;
        Ok(Self { seconds, unique })
    }
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "1-{:0TIME_DIGITS$x}-{:0UNIQUE_DIGITS$x}", self.seconds, self.unique)
    }
}

impl Serialize for TraceId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "1-5759e988-0d862e3fe1be46a994272793";

    #[test]
    fn the_root_of_a_header_as_aws_sends_it_is_taken() {
        for header in [
            format!("Root={ID}"),
            format!("Root={ID};Sampled=1"),
            format!("Root={ID};Parent=53995c3f42cd8ad8;Sampled=0;Lineage=1:a87bd80c:0"),
            format!("Self=1-67891234-12456789abcdef012345678;Root={ID}"),
            format!("Self=1-67891234-12456789abcdef012345678; Root={ID}"),
        ] {
            assert_eq!(TraceId::of_header(&header).map(|id| id.to_string()).as_deref(), Some(ID), "{header}");
        }
        let zeros = "1-00000000-000000000000000000000000";
        assert_eq!(TraceId::of_header(&format!("Root={zeros}")).unwrap().to_string(), zeros);
    }

    #[test]
    fn a_header_of_any_other_form_is_ignored() {
        let padded = format!("Root={ID};{}", "x".repeat(HEADER_MAX_BYTES));
        for header in [
            "",
            ID,
            "Root=",
            "root=1-5759e988-0d862e3fe1be46a994272793",
            "Root=2-5759e988-0d862e3fe1be46a994272793",
            "Root=1-5759e98-0d862e3fe1be46a994272793",
            "Root=1-5759e9880-d862e3fe1be46a994272793",
            "Root=1-5759e988-0d862e3fe1be46a99427279",
            "Root=1-5759e988-0d862e3fe1be46a9942727930",
            "Root=1-5759E988-0D862E3FE1BE46A994272793",
            "Root=1-5759e988-0d862e3fe1be46a99427279g",
            "Root=1-+759e988-0d862e3fe1be46a994272793",
            "Root=1-5759e988-+d862e3fe1be46a994272793",
            "Root=1-5759e988-0d862e3fe1be46a994272793 ",
            "Root=1-5759e988-0d862e3fe1be46a994272793,Root=1-5759e988-0d862e3fe1be46a994272793",
            "Root=1-5759e988-0d862e3fe1be46a994272793;Root=1-5759e988-0d862e3fe1be46a994272793",
            "Root=1-5759e988-0d862e3fe1be46a994272793;Root=",
            "Root=1-5759e988-0d862e3fe1be46a9942727\u{e9}",
            &padded,
        ] {
            assert_eq!(TraceId::of_header(header), None, "{header}");
        }
    }
}
