//! Secrets on the command line, where none belongs: they are recognized, and never shown.

/// The beginnings of secrets: of API keys, and of webhooks' signing secrets.
const PREFIXES: [&str; 2] = ["sk_", "whsec_"];

/// Characters at a secret's end that are shown, so that its owner recognizes it: of an API key, a part of its checksum.
const SHOWN: usize = 4;

/// Letters and digits of an API key after its beginning.
const KEY_LENGTH: usize = 49;

/// True if there is a secret in a text.
pub fn has_secret(text: &str) -> bool {
    start_of_secret(text, None).is_some()
}

/// The text with the secrets in it masked, such as `sk_…jXpq`.
pub fn masked(text: &str) -> String {
    let (mut masked, mut rest) = (String::new(), text);
    while let Some(start) = start_of_secret(rest, masked.chars().next_back()) {
        let (before, secret) = rest.split_at(start);
        let prefix = PREFIXES.into_iter().find(|prefix| secret.starts_with(prefix)).unwrap_or_default();
        let end = secret.find(|c: char| !is_part_of_secret(c)).unwrap_or(secret.len());
        let digits = &secret.as_bytes()[prefix.len()..end];
        // One that was cut off is shown even less of.
        let shown = if digits.len() > 4 * SHOWN { &digits[digits.len() - SHOWN..] } else { &[] };
        masked.push_str(before);
        masked.push_str(prefix);
        masked.push('…');
        masked.extend(shown.iter().copied().map(char::from));
        rest = &secret[end..];
    }
    masked + rest
}

/// Characters of secrets: those of base64 and of names.
fn is_part_of_secret(c: char) -> bool {
    c.is_ascii_alphanumeric() || "+/=_-".contains(c)
}

/// The place where a secret begins: at the beginning of a word, or wherever a whole API key is.
fn start_of_secret(text: &str, before: Option<char>) -> Option<usize> {
    let is_one = |end: usize| text[end..].starts_with(is_part_of_secret);
    let places = PREFIXES
        .iter()
        .flat_map(|prefix| text.match_indices(prefix).filter(|(at, _)| is_one(at + prefix.len())).map(|(at, _)| at));
    let begins_a_word =
        |at: usize| !text[..at].chars().next_back().or(before).is_some_and(|c| c.is_alphanumeric() || c == '_');
    let is_whole = |at: usize| {
        let digits = text.as_bytes()[at..].strip_prefix(b"sk_").and_then(|rest| rest.get(..KEY_LENGTH));
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_alphanumeric))
    };
    places.filter(|at| begins_a_word(*at) || is_whole(*at)).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_masked_wherever_they_stand() {
        const KEY: &str = "sk_GreenroomDemoKeyNotASecret0000000000000000039jXpq";
        for (text, expected) in [
            (KEY.to_owned(), "sk_…jXpq"),
            (format!("'{KEY}', {KEY}."), "'sk_…jXpq', sk_…jXpq."),
            (format!("--name={KEY}"), "--name=sk_…jXpq"),
            (format!("SK_{KEY}"), "SK_sk_…jXpq"),
            ("`sk_…jXpq` is sk_ and 49 characters".to_owned(), "`sk_…jXpq` is sk_ and 49 characters"),
            ("sk_1234567890123456!".to_owned(), "sk_…!"),
            ("sk_12345678901234567!".to_owned(), "sk_…4567!"),
            ("whsec_0123456789abcdef0123456789+/aa== x".to_owned(), "whsec_…aa== x"),
            ("nothing of task_list or ask_me".to_owned(), "nothing of task_list or ask_me"),
            (String::new(), ""),
        ] {
            assert_eq!(masked(&text), expected);
        }
    }
}
