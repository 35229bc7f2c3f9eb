//! Ways to reach somebody: e-mail addresses, telephone numbers, web addresses.

use serde::{Deserialize, Serialize};

use crate::Violation;

/// Most bytes of an e-mail address: the longest path that SMTP carries (RFC 5321, 4.5.3.1.3, less the brackets).
pub const EMAIL_MAX_BYTES: usize = 254;
/// The rule of [`Email::parse`] as a regular expression for documents: what browsers accept in an e-mail field (WHATWG
/// HTML), and a dot in the domain besides.
pub const EMAIL_PATTERN: &str = "^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)+$";
/// The rule of [`E164::parse`] as a regular expression.
pub const E164_PATTERN: &str = "^\\+[1-9][0-9]{1,14}$";
/// Most characters of a web address; browsers and proxies agree on about this much.
pub const WEB_URL_MAX_CHARACTERS: usize = 2_048;

macro_rules! contact {
    ($(#[$doc:meta])* $name:ident, $rule:literal, $demand:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            fn accept(text: &str, fits: bool) -> Result<Self, Violation> {
                if fits { Ok(Self(text.to_owned())) } else { Err(Violation::new($rule, $demand)) }
            }

            /// The text as it was sent.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
    };
}

contact! {
    /// An e-mail address in ASCII.
    Email, "email", "must be an e-mail address, for example jane.doe@example.com"
}
contact! {
    /// A telephone number in E.164 form: `+`, country code, number; at most 15 digits.
    E164, "e164", "must be a telephone number in E.164 form, for example +421901234567"
}
contact! {
    /// An `http` or `https` address with a host.
    WebUrl, "url", "must be an http or https address, for example https://example.com/jobs/1"
}

impl Email {
    /// Accepts what [`EMAIL_PATTERN`] describes, up to [`EMAIL_MAX_BYTES`].
    pub fn parse(text: &str) -> Result<Self, Violation> {
        let (local, domain) = text.split_once('@').unwrap_or_default();
        let local_ok = (1..=64).contains(&local.len())
            && local.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".!#$%&'*+/=?^_`{|}~-".contains(&byte));
        let label_ok = |label: &str| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        let domain_ok = domain.contains('.') && domain.split('.').all(label_ok);
        Self::accept(text, text.len() <= EMAIL_MAX_BYTES && local_ok && domain_ok)
    }
}

impl E164 {
    /// Accepts what [`E164_PATTERN`] describes.
    pub fn parse(text: &str) -> Result<Self, Violation> {
        let digits = text.strip_prefix('+').unwrap_or_default();
        let length_ok = (2..=15).contains(&digits.len());
        Self::accept(text, length_ok && digits.bytes().all(|digit| digit.is_ascii_digit()) && !digits.starts_with('0'))
    }
}

impl WebUrl {
    /// Accepts an address that browsers would open, spelled with its scheme in lower case and without white space.
    pub fn parse(text: &str) -> Result<Self, Violation> {
        let plain = text.starts_with("https://") || text.starts_with("http://");
        let spaced = text.chars().any(|c| c.is_whitespace() || c.is_control());
        let short = text.chars().count() <= WEB_URL_MAX_CHARACTERS;
        Self::accept(text, plain && !spaced && short && url::Url::parse(text).is_ok_and(|url| url.has_host()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::violation::broken;

    #[test]
    fn emails() {
        let long_local = "a".repeat(64);
        for text in ["a@b.co", "jane+tag@example.com", "o'neil@ex-ample.co.uk", &format!("{long_local}@example.com")] {
            assert!(Email::parse(text).is_ok(), "{text}");
        }
        let too_long = format!("a@{}com", "abcdefg.".repeat(32));
        for text in [
            "", "a", "a@", "@b.co", "a@b", "a b@c.de", "a@b..co", "a@-b.co", "a@b-.co", "ž@b.co", "a@b.co\n", &too_long,
        ] {
            assert_eq!(broken(Email::parse(text)), Some("email"), "{text}");
        }
        assert!(Email::parse(&format!("a{long_local}@example.com")).is_err());
    }

    #[test]
    fn telephone_numbers() {
        for text in ["+421901234567", "+12", "+123456789012345"] {
            assert!(E164::parse(text).is_ok(), "{text}");
        }
        for text in
            ["", "+", "+1", "421901234567", "+0421", "+1234567890123456", "+421 901", "+٤٢١٩٠١", "00421901234567"]
        {
            assert_eq!(broken(E164::parse(text)), Some("e164"), "{text}");
        }
    }

    #[test]
    fn web_addresses() {
        for text in ["https://example.com", "http://example.com:8080/a?b#c", "https://xn--bcher-kva.example/ž"] {
            assert!(WebUrl::parse(text).is_ok(), "{text}");
        }
        for text in [
            "",
            "example.com",
            "ftp://example.com",
            "javascript:alert(1)",
            "https://",
            "https:// example.com",
            "https://example.com/\n",
            "HTTPS://example.com",
        ] {
            assert_eq!(broken(WebUrl::parse(text)), Some("url"), "{text}");
        }
        let edge = format!("https://e.co/{}", "a".repeat(WEB_URL_MAX_CHARACTERS - 13));
        assert!(WebUrl::parse(&edge).is_ok());
        assert!(WebUrl::parse(&format!("{edge}a")).is_err());
    }
}
