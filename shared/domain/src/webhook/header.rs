//! Headers that a webhook adds to its posts.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Violation;

/// Most headers that a webhook adds.
pub const WEBHOOK_HEADERS_MAX: usize = 50;

/// Most bytes of the names and values of a webhook's headers together: a post must be read by ordinary servers, which take
/// 8 KB of headers, and reading and writing a webhook must cost a few units whatever its headers are.
pub const WEBHOOK_HEADERS_MAX_BYTES: usize = 8_192;

/// Most characters of a header's name.
pub const HEADER_NAME_MAX_CHARACTERS: usize = 255;

/// Most characters of a header's value.
pub const HEADER_VALUE_MAX_CHARACTERS: usize = 4_096;

/// A header that is sent with each post.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookHeader {
    pub name: HeaderName,
    /// The value, which may be a secret.
    pub value: HeaderValue,
}

impl WebhookHeader {
    /// The bytes of its name and its value.
    pub fn bytes(&self) -> usize {
        self.name.0.len() + self.value.0.len()
    }
}

/// A header's name: an RFC 9110 token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
#[serde(transparent)]
pub struct HeaderName(String);

/// Names that a webhook can't set. What begins with `webhook-` or `proxy-` besides.
pub const RESERVED_HEADERS: [&str; 17] = [
    "accept-encoding",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "date",
    "expect",
    "forwarded",
    "host",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "via",
    "x-forwarded-for",
];

/// The header with the id of the delivery that a post is of.
pub const POST_ID_HEADER: &str = "webhook-id";
/// The header with the signatures of a post.
pub const POST_SIGNATURE_HEADER: &str = "webhook-signature";
/// The beginning of the `User-Agent` of posts, whatever their version.
pub const POST_AGENT: &str = "Greenroom-Webhooks/";
/// The `User-Agent` of posts.
pub const POST_USER_AGENT: &str = concat!("Greenroom-Webhooks/", env!("CARGO_PKG_VERSION"));

/// Beginnings of names that a webhook can't set.
pub const RESERVED_HEADER_PREFIXES: [&str; 2] = ["webhook-", "proxy-"];

impl HeaderName {
    /// Reads a name. Its case is kept and does not matter.
    pub fn parse(text: &str) -> Result<Self, Violation> {
        let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        if text.is_empty() {
            return Err(Violation::new("minLength", "must not be empty"));
        }
        if text.chars().count() > HEADER_NAME_MAX_CHARACTERS {
            return Err(Violation::too_long(HEADER_NAME_MAX_CHARACTERS));
        }
        if !text.bytes().all(is_token) {
            let message = "must have letters, digits and !#$%&'*+-.^_`|~ only";
            return Err(Violation::new("headerName", message));
        }
        let lower = text.to_ascii_lowercase();
        let reserved = RESERVED_HEADERS.contains(&lower.as_str())
            || RESERVED_HEADER_PREFIXES.iter().any(|prefix| lower.starts_with(prefix));
        if reserved {
            return Err(Violation::new("reserved", "must not be a header that Greenroom sets itself"));
        }
        Ok(Self(text.to_owned()))
    }

    /// The name as it was sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A header's value: visible ASCII characters, with spaces and tabs between them. Not in `Debug`: it may be a secret.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct HeaderValue(String);

impl HeaderValue {
    /// Reads a value.
    pub fn parse(text: &str) -> Result<Self, Violation> {
        if text.is_empty() {
            return Err(Violation::new("minLength", "must not be empty"));
        }
        if text.chars().count() > HEADER_VALUE_MAX_CHARACTERS {
            return Err(Violation::too_long(HEADER_VALUE_MAX_CHARACTERS));
        }
        let fits = |byte: u8| byte.is_ascii_graphic() || matches!(byte, b' ' | b'\t');
        let padded = text.starts_with([' ', '\t']) || text.ends_with([' ', '\t']);
        if padded || !text.bytes().all(fits) {
            return Err(Violation::new("headerValue", "must be visible ASCII, with spaces and tabs only between"));
        }
        Ok(Self(text.to_owned()))
    }

    /// The value, for the wire only.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for HeaderValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HeaderValue(…)")
    }
}

impl fmt::Debug for WebhookHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: …", self.name.as_str())
    }
}
