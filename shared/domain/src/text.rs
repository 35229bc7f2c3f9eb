//! Text of bounded length.

use std::fmt;

use serde::{Deserialize, Serialize};

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

/// Which rule a text breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextError {
    /// Fewer characters than the least.
    TooShort,
    /// More characters than the most.
    TooLong,
    /// Nothing but white space.
    Blank,
    /// A control character, such as NUL.
    ControlCharacter,
}

impl<const MIN: usize, const MAX: usize, const LINES: bool> Bounded<MIN, MAX, LINES> {
    /// Accepts the text, or names the first rule that it breaks.
    pub fn parse(text: impl Into<String>) -> Result<Self, TextError> {
        let text = text.into();
        let length = text.chars().count();
        if length < MIN {
            return Err(TextError::TooShort);
        }
        if length > MAX {
            return Err(TextError::TooLong);
        }
        if text.chars().any(|c| c.is_control() && !(LINES && matches!(c, '\t' | '\n' | '\r'))) {
            return Err(TextError::ControlCharacter);
        }
        if MIN > 0 && text.trim().is_empty() {
            return Err(TextError::Blank);
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

    #[test]
    fn length_counts_characters_not_bytes() {
        assert!(SingleLine::<2, 3>::parse("žlť").is_ok());
        assert!(SingleLine::<2, 3>::parse("🦀🦀🦀").is_ok());
        assert_eq!(SingleLine::<2, 3>::parse("🦀🦀🦀🦀"), Err(TextError::TooLong));
        assert_eq!(SingleLine::<2, 3>::parse("🦀"), Err(TextError::TooShort));
    }

    #[test]
    fn control_characters_are_refused_and_only_text_has_line_ends() {
        for c in ['\0', '\u{1b}', '\u{7f}', '\u{85}'] {
            assert_eq!(MultiLine::<0, 9>::parse(format!("a{c}b")), Err(TextError::ControlCharacter));
        }
        assert!(MultiLine::<0, 9>::parse("a\r\n\tb").is_ok());
        assert_eq!(SingleLine::<0, 9>::parse("a\nb"), Err(TextError::ControlCharacter));
    }

    #[test]
    fn what_must_not_be_empty_must_not_be_blank() {
        assert_eq!(SingleLine::<1, 9>::parse(" \u{a0}\u{3000}"), Err(TextError::Blank));
        assert!(MultiLine::<0, 9>::parse("   ").is_ok());
        assert!(MultiLine::<0, 9>::parse("").is_ok());
    }

    #[test]
    fn stored_text_outside_today_s_limits_stays_readable() {
        let text: SingleLine<1, 2> = serde_json::from_str("\"accepted when the limit was higher\"").unwrap();
        assert_eq!(text.as_str(), "accepted when the limit was higher");
    }
}
