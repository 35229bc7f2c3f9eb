//! Text of bounded length.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Violation;

/// Text of `MIN` to `MAX` characters (Unicode scalar values), kept exactly as it was sent.
///
/// Control characters are refused, except, if `LINES`, tabs and line ends. Text that must not be empty (`MIN` of at
/// least 1) must not be blank either. What is read back from storage is not checked again: it was accepted once, and
/// stays readable when a limit changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline, description = ""))]
#[serde(transparent)]
pub struct Bounded<const MIN: usize, const MAX: usize, const LINES: bool>(String);

/// Text on one line, such as a name.
pub type SingleLine<const MIN: usize, const MAX: usize> = Bounded<MIN, MAX, false>;

/// Text that may run over several lines, such as a description.
pub type MultiLine<const MIN: usize, const MAX: usize> = Bounded<MIN, MAX, true>;

impl<const MIN: usize, const MAX: usize, const LINES: bool> Bounded<MIN, MAX, LINES> {
    /// Accepts the text, or names the first rule that it breaks.
    pub fn parse(text: impl Into<String>) -> Result<Self, Violation> {
        let text = text.into();
        let length = text.chars().count();
        if length < MIN {
            return Err(Violation::new("minLength", format!("must have at least {MIN} characters")));
        }
        if length > MAX {
            return Err(Violation::too_long(MAX));
        }
        if text.chars().any(|c| c.is_control() && !(LINES && matches!(c, '\t' | '\n' | '\r'))) {
            let allowed = if LINES { " but tabs and line ends" } else { ", such as line ends" };
            return Err(Violation::new("controlCharacters", format!("must have no control characters{allowed}")));
        }
        if MIN > 0 && text.trim().is_empty() {
            return Err(Violation::new("blank", "must not be blank"));
        }
        Ok(Self(text))
    }

    /// The text as it was sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<const MIN: usize, const MAX: usize, const LINES: bool> fmt::Display for Bounded<MIN, MAX, LINES> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::violation::broken;

    #[test]
    fn length_counts_characters_not_bytes() {
        assert!(SingleLine::<2, 3>::parse("žlť").is_ok());
        assert!(SingleLine::<2, 3>::parse("🦀🦀🦀").is_ok());
        assert_eq!(broken(SingleLine::<2, 3>::parse("🦀🦀🦀🦀")), Some("maxLength"));
        assert_eq!(broken(SingleLine::<2, 3>::parse("🦀")), Some("minLength"));
    }

    #[test]
    fn control_characters_are_refused_and_only_text_has_line_ends() {
        for c in ['\0', '\u{1b}', '\u{7f}', '\u{85}'] {
            assert_eq!(broken(MultiLine::<0, 9>::parse(format!("a{c}b"))), Some("controlCharacters"));
        }
        assert!(MultiLine::<0, 9>::parse("a\r\n\tb").is_ok());
        assert_eq!(broken(SingleLine::<0, 9>::parse("a\nb")), Some("controlCharacters"));
    }

    #[test]
    fn what_must_not_be_empty_must_not_be_blank() {
        assert_eq!(broken(SingleLine::<1, 9>::parse(" \u{a0}\u{3000}")), Some("blank"));
        assert!(MultiLine::<0, 9>::parse("   ").is_ok());
        assert!(MultiLine::<0, 9>::parse("").is_ok());
    }

    #[test]
    fn stored_text_outside_today_s_limits_stays_readable() {
        let text: SingleLine<1, 2> = serde_json::from_str("\"accepted when the limit was higher\"").unwrap();
        assert_eq!(text.as_str(), "accepted when the limit was higher");
    }
}
