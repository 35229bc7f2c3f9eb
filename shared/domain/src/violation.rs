//! Rules that values of requests break.

use std::fmt;

/// Most broken rules that are named at once. More are a sign of something that is no request at all, and the answer must
/// stay below what Lambda can return (6 MB).
pub const VIOLATIONS_MAX: usize = 1_000;
/// Bytes of the places of broken rules at which naming them ends: as many as the largest body has. Each place repeats
/// the names of what it is in, so a long name with much in it would be multiplied otherwise.
pub const PLACES_MAX_BYTES: usize = 256 * 1024;

/// A broken rule. The type whose rule it is knows its name and message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The rule's name, which stays the same.
    pub rule: &'static str,
    /// The rule's demand. Never holds the refused value.
    pub message: String,
}

impl Violation {
    /// A rule of that name is broken.
    pub fn new(rule: &'static str, message: impl Into<String>) -> Self {
        Self { rule, message: message.into() }
    }

    /// A text has too many characters.
    pub(crate) fn too_long(characters_max: usize) -> Self {
        Self::new("maxLength", format!("must have at most {characters_max} characters"))
    }

    /// A number is below its least value, or else above its greatest.
    pub(crate) fn out_of_range(below: bool, message: impl Into<String>) -> Self {
        Self::new(if below { "minimum" } else { "maximum" }, message)
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Violation {}

/// The name of the rule that was broken, if one was.
#[cfg(test)]
pub(crate) fn broken<T>(read: Result<T, Violation>) -> Option<&'static str> {
    read.err().map(|violation| violation.rule)
}
