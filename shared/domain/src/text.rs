//! Text of bounded length.

use std::fmt;

use icu_properties::CodePointMapData;
use icu_properties::props::{GeneralCategory, GeneralCategoryGroup};
use serde::{Deserialize, Serialize};

use crate::Violation;

/// Characters that nobody sees, besides white space and control characters: Unicode's Default_Ignorable_Code_Point, the
/// Braille pattern without dots, what surrounds annotations between lines, and the musical note without a head. A test
/// compares them with Unicode's data.
pub const INVISIBLE: [(char, char); 19] = [
    ('\u{ad}', '\u{ad}'),
    ('\u{34f}', '\u{34f}'),
    ('\u{61c}', '\u{61c}'),
    ('\u{115f}', '\u{1160}'),
    ('\u{17b4}', '\u{17b5}'),
    ('\u{180b}', '\u{180f}'),
    ('\u{200b}', '\u{200f}'),
    ('\u{202a}', '\u{202e}'),
    ('\u{2060}', '\u{206f}'),
    ('\u{2800}', '\u{2800}'),
    ('\u{3164}', '\u{3164}'),
    ('\u{fe00}', '\u{fe0f}'),
    ('\u{feff}', '\u{feff}'),
    ('\u{ffa0}', '\u{ffa0}'),
    ('\u{fff0}', '\u{fffb}'),
    ('\u{1bca0}', '\u{1bca3}'),
    ('\u{1d159}', '\u{1d159}'),
    ('\u{1d173}', '\u{1d17a}'),
    ('\u{e0000}', '\u{e0fff}'),
];

/// Embeddings, overrides and isolates of text direction, by which a name could show as another one and change the order
/// of what stands around it. Direction marks are not among them: names in Arabic and Hebrew need them.
pub const DIRECTION_CONTROLS: [(char, char); 2] = [('\u{202a}', '\u{202e}'), ('\u{2066}', '\u{2069}')];

/// Unicode's line and paragraph separators, which end a line as the control characters do.
pub const LINE_SEPARATORS: [(char, char); 1] = [('\u{2028}', '\u{2029}')];

pub(crate) fn is_in(ranges: &[(char, char)], c: char) -> bool {
    ranges.iter().any(|(first, last)| (*first..=*last).contains(&c))
}

/// True for an accent, a vowel sign, a ring: for what is written onto another character.
pub(crate) fn is_mark(c: char) -> bool {
    GeneralCategoryGroup::Mark.contains(CodePointMapData::<GeneralCategory>::new().get(c))
}

/// Text of `MIN` to `MAX` characters (Unicode scalar values), kept exactly as it was sent.
///
/// Control characters and [`LINE_SEPARATORS`] are refused, except, if `LINES`, tabs and line ends; and on one line the
/// [`DIRECTION_CONTROLS`]. Text that must not be empty (`MIN` of at least 1) must not be blank either: it has a character
/// that is neither white space nor [`INVISIBLE`], and no mark that only changes the character before it. What is read back from storage is not checked again: it was accepted once, and
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
        let refused = |c: char| match LINES {
            true => c.is_control() && !matches!(c, '\t' | '\n' | '\r'),
            false => c.is_control() || is_in(&LINE_SEPARATORS, c),
        };
        if text.chars().any(refused) {
            let allowed = if LINES { " but tabs and line ends" } else { ", such as line ends" };
            return Err(Violation::new("controlCharacters", format!("must have no control characters{allowed}")));
        }
        if !LINES && text.chars().any(|c| is_in(&DIRECTION_CONTROLS, c)) {
            let message = "must have no embeddings, overrides or isolates of text direction (U+202A to U+202E, U+2066 \
                           to U+2069)";
            return Err(Violation::new("directionControls", message));
        }
        let invisible = |c: char| c.is_whitespace() || c.is_control() || is_in(&INVISIBLE, c) || is_mark(c);
        if MIN > 0 && text.chars().all(invisible) {
            return Err(Violation::new("blank", "must have a character that can be seen"));
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
        for c in ['\n', '\r', '\t', '\u{85}', '\u{2028}', '\u{2029}'] {
            assert_eq!(broken(SingleLine::<0, 9>::parse(format!("a{c}b"))), Some("controlCharacters"), "{c:?}");
        }
        assert!(MultiLine::<0, 9>::parse("a\u{2028}b\u{2029}").is_ok());
    }

    #[test]
    fn what_must_not_be_empty_must_not_be_blank() {
        assert_eq!(broken(SingleLine::<1, 9>::parse(" \u{a0}\u{3000}")), Some("blank"));
        let of_format = ["\u{200b}", "\u{3164}\u{3164}", "\u{2800}", " \u{200d}\u{fe0f} ", "\u{200f}", "\u{e0041}"];
        let of_annotations_and_music = ["\u{fff9}\u{fffa}\u{fffb}", "\u{1d159}"];
        // An acute accent, a Hebrew point, a vowel sign of Devanagari, a ring around the character before.
        let marks = ["\u{301}", "\u{5b4}\u{5bc}", "\u{93e}", "\u{20dd}", " \u{301}", "\u{1d165}"];
        for text in of_format.into_iter().chain(of_annotations_and_music).chain(marks) {
            assert_eq!(broken(SingleLine::<1, 9>::parse(text)), Some("blank"), "{text:?}");
            assert_eq!(broken(MultiLine::<1, 9>::parse(text)), Some("blank"), "{text:?}");
            assert!(SingleLine::<1, 9>::parse(format!("{text}x")).is_ok(), "{text:?}");
            assert!(SingleLine::<0, 9>::parse(text).is_ok(), "{text:?}");
        }
        assert_eq!(broken(MultiLine::<1, 9>::parse("\u{202e}\n")), Some("blank"));
        assert!(MultiLine::<0, 9>::parse("   ").is_ok());
        assert!(MultiLine::<0, 9>::parse("").is_ok());
    }

    #[test]
    fn no_name_turns_the_direction_of_the_text_around_it() {
        for c in ['\u{202a}', '\u{202e}', '\u{2066}', '\u{2069}'] {
            assert_eq!(broken(SingleLine::<1, 9>::parse(format!("a{c}b"))), Some("directionControls"));
            assert_eq!(broken(SingleLine::<0, 9>::parse(c)), Some("directionControls"));
            assert!(MultiLine::<1, 9>::parse(format!("a{c}b")).is_ok());
        }
        for c in ['\u{200e}', '\u{200f}', '\u{61c}', '\u{202f}', '\u{2065}', '\u{206a}'] {
            assert!(SingleLine::<1, 9>::parse(format!("a{c}b")).is_ok(), "{c:?}");
        }
        assert!(SingleLine::<1, 9>::parse("محمد\u{200f}").is_ok());
        assert!(SingleLine::<1, 9>::parse("👩\u{200d}💻").is_ok());
        for name in ["e\u{301}", "दीपा", "נִיר", "ธัญญา", "\u{fffc}", "♪"] {
            assert!(SingleLine::<1, 9>::parse(name).is_ok(), "{name}");
        }
    }

    #[test]
    fn what_nobody_sees_is_what_unicode_says() {
        use icu_properties::CodePointSetData;
        use icu_properties::props::DefaultIgnorableCodePoint;

        let ignorable = CodePointSetData::new::<DefaultIgnorableCodePoint>();
        for c in '\0'..=char::MAX {
            let others = matches!(c, '\u{2800}' | '\u{fff9}'..='\u{fffb}' | '\u{1d159}');
            assert_eq!(is_in(&INVISIBLE, c), ignorable.contains(c) || others, "{c:?}");
        }
    }

    #[test]
    fn stored_text_outside_today_s_limits_stays_readable() {
        let text: SingleLine<1, 2> = serde_json::from_str("\"accepted when the limit was higher\"").unwrap();
        assert_eq!(text.as_str(), "accepted when the limit was higher");
    }
}
