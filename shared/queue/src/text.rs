//! Escapes for the characters that SQS refuses.

use std::borrow::Cow;
use std::fmt::Write;

/// SQS accepts the characters of XML 1.0.
fn is_accepted(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..='\u{10ffff}')
}

/// The same JSON text with an escape in place of each character that SQS refuses.
///
/// Such a character can only be inside a string of the JSON, where its escape means the same. All refused characters lie
/// below U+10000, so that four digits are enough.
pub(crate) fn escaped(json: &str) -> Cow<'_, str> {
    if json.chars().all(is_accepted) {
        return Cow::Borrowed(json);
    }
    let mut text = String::with_capacity(json.len() + 16);
    for c in json.chars() {
        if is_accepted(c) {
            text.push(c);
        } else {
            // Writing to a string does not fail.
            let _ = write!(text, "\\u{:04x}", u32::from(c));
        }
    }
    Cow::Owned(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_boundary_of_what_sqs_accepts() {
        for (text, expected) in [
            ("\u{0}", "\\u0000"),
            ("\u{8}", "\\u0008"),
            ("\t\n", "\t\n"),
            ("\u{b}", "\\u000b"),
            ("\u{c}", "\\u000c"),
            ("\r", "\r"),
            ("\u{e}", "\\u000e"),
            ("\u{1f}", "\\u001f"),
            (" ", " "),
            ("\u{7f}\u{80}\u{85}\u{9f}", "\u{7f}\u{80}\u{85}\u{9f}"),
            ("\u{d7ff}", "\u{d7ff}"),
            ("\u{e000}", "\u{e000}"),
            ("\u{fdd0}", "\u{fdd0}"),
            ("\u{fffd}", "\u{fffd}"),
            ("\u{fffe}", "\\ufffe"),
            ("\u{ffff}", "\\uffff"),
            ("\u{10000}", "\u{10000}"),
            ("\u{1fffe}", "\u{1fffe}"),
            ("\u{10ffff}", "\u{10ffff}"),
        ] {
            assert_eq!(escaped(text), expected, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn an_escaped_text_means_the_same_and_is_accepted(
            words in prop::collection::vec(any::<String>(), 0..4),
            odd in prop::collection::vec(any::<char>(), 0..20),
        ) {
            let odd: String = odd.into_iter().chain(['\u{ffff}']).collect();
            let value = serde_json::json!({"words": words, "odd": odd});
            let json = value.to_string();
            let text = escaped(&json);
            prop_assert!(text.chars().all(is_accepted));
            prop_assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), value);
        }
    }
}
