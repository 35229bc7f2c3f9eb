//! Ways to reach somebody: e-mail addresses, telephone numbers, web addresses.

use idna::AsciiDenyList;
use idna::uts46::{DnsLength, Hyphens, Uts46};
use serde::{Deserialize, Serialize};

use crate::Violation;
use crate::text::{INVISIBLE, is_in};

/// Most bytes of an e-mail address, its domain in ASCII: the longest path that SMTP carries (RFC 5321, 4.5.3.1.3, less
/// the brackets).
pub const EMAIL_MAX_BYTES: usize = 254;
/// Most bytes before the `@` (RFC 5321, 4.5.3.1.1).
const EMAIL_LOCAL_MAX_BYTES: usize = 64;
/// The rule of [`Email::parse`] as a regular expression for documents: words joined by single dots (RFC 5322,
/// dot-atom), and at least two labels of a domain, the last of which begins with no digit. Where a label is not ASCII,
/// IDNA decides.
pub const EMAIL_PATTERN: &str = concat!(
    r"^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*",
    r"@([^\u0000-/:-@\[-`{-\u007F]([^\u0000-,./:-@\[-`{-\u007F]{0,61}[^\u0000-/:-@\[-`{-\u007F])?\.)+",
    r"[^\u0000-@\[-`{-\u007F]([^\u0000-,./:-@\[-`{-\u007F]{0,61}[^\u0000-/:-@\[-`{-\u007F])?$",
);
/// The rule of [`E164::parse`] as a regular expression.
pub const E164_PATTERN: &str = "^\\+[1-9][0-9]{1,14}$";
/// Most characters of a web address; browsers and proxies agree on about this much.
pub const WEB_URL_MAX_CHARACTERS: usize = 2_048;

macro_rules! contact {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The text as it was sent.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
    };
}

contact! {
    /// An e-mail address. Its domain may be internationalised.
    Email
}
contact! {
    /// A telephone number in E.164 form: `+`, country code, number; at most 15 digits.
    E164
}
contact! {
    /// An `http` or `https` address with a host.
    WebUrl
}

impl Email {
    /// Accepts what [`EMAIL_PATTERN`] describes, up to [`EMAIL_MAX_BYTES`], if its domain can be one of the DNS.
    pub fn parse(text: &str) -> Result<Self, Violation> {
        let refused = |message| Err(Violation::new("email", message));
        let Some((local, domain)) = text.split_once('@') else {
            return refused("must be an e-mail address, for example jane.doe@example.com");
        };
        if !local.is_ascii() {
            return refused("must be ASCII before the `@`; only the domain may be internationalised");
        }
        let word_ok = |word: &str| {
            let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~-".contains(&byte);
            !word.is_empty() && word.bytes().all(fits)
        };
        if local.len() > EMAIL_LOCAL_MAX_BYTES || !local.split('.').all(word_ok) {
            return refused(
                "must have 1 to 64 letters, digits and !#$%&'*+-/=?^_`{|}~ before the `@`, with single dots between",
            );
        }
        match ascii_domain(domain) {
            Some(ascii) if local.len() + 1 + ascii.len() <= EMAIL_MAX_BYTES => Ok(Self(text.to_owned())),
            Some(_) => refused("must have at most 254 bytes"),
            None if !domain.contains('.') => {
                refused("must have a domain with a dot after the `@`, for example example.com or bücher.example")
            }
            None => refused(
                "must have a domain that can exist after the `@`: between dots 1 to 63 letters, digits and inner \
                 hyphens, the last not beginning with a digit",
            ),
        }
    }
}

/// A domain of at least two labels as the DNS has it; none if it can't be there. IDNA joins the spellings of an
/// internationalised one (UTS #46).
fn ascii_domain(domain: &str) -> Option<String> {
    let label_ok = |label: &str| {
        let fits = |c: char| match c.is_ascii() {
            true => c.is_ascii_alphanumeric() || c == '-',
            // IDNA would drop those that nobody sees.
            false => !is_in(&INVISIBLE, c),
        };
        (1..=63).contains(&label.chars().count())
            && label.chars().all(fits)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    // An address of IPv4 is no domain, in whatever digits: no last label begins with one.
    let named = |domain: &str| {
        let last = domain.rsplit_once('.').map(|(_, last)| last);
        last.is_some_and(|last| !last.starts_with(|c: char| c.is_ascii_digit()))
    };
    if !named(domain) || !domain.split('.').all(label_ok) {
        return None;
    }
    let ascii =
        Uts46::new().to_ascii(domain.as_bytes(), AsciiDenyList::STD3, Hyphens::CheckFirstLast, DnsLength::Verify);
    ascii.ok().filter(|ascii| named(ascii)).map(String::from)
}

impl E164 {
    /// Accepts what [`E164_PATTERN`] describes.
    pub fn parse(text: &str) -> Result<Self, Violation> {
        let digits = text.strip_prefix('+').unwrap_or_default();
        let length_ok = (2..=15).contains(&digits.len());
        if length_ok && digits.bytes().all(|digit| digit.is_ascii_digit()) && !digits.starts_with('0') {
            return Ok(Self(text.to_owned()));
        }
        Err(Violation::new("e164", "must be a telephone number in E.164 form, for example +421901234567"))
    }
}

impl WebUrl {
    /// Accepts an address that browsers would open, spelled with its scheme in lower case and without white space.
    pub fn parse(text: &str) -> Result<Self, Violation> {
        let refused = |message| Err(Violation::new("url", message));
        if text.chars().count() > WEB_URL_MAX_CHARACTERS {
            return Err(Violation::too_long(WEB_URL_MAX_CHARACTERS));
        }
        if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return refused(NO_SPACES);
        }
        if !text.starts_with("https://") && !text.starts_with("http://") {
            return refused("must begin with http:// or https://, for example https://example.com/jobs/1");
        }
        if !url::Url::parse(text).is_ok_and(|url| url.has_host()) {
            return refused(VALID_HOST);
        }
        Ok(Self(text.to_owned()))
    }
}

/// The rule that an address with white space or control characters breaks.
pub(crate) const NO_SPACES: &str = "must have no spaces or control characters: write a space as %20";
/// The rule that an address with an impossible host or port breaks.
pub(crate) const VALID_HOST: &str = "must have a valid host after ://, and a port of at most 65535 if any";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::violation::broken;

    #[test]
    fn emails() {
        let long_local = "a".repeat(64);
        let longest = format!("a@{}{}", "abcdefg.".repeat(31), "e".repeat(4));
        assert_eq!(longest.len(), EMAIL_MAX_BYTES);
        for text in [
            "a@b.co",
            "jane+tag@example.com",
            "o'neil@ex-ample.co.uk",
            "a.b.c@d.e.f1",
            "a@1.2.co",
            "a@r3---sn-x.example",
            "a@bücher.example",
            "a@xn--bcher-kva.example",
            "jane@пример.испытание",
            "jane@例え。テスト.jp",
            "jane@straße.de",
            &format!("{long_local}@example.com"),
            &longest,
        ] {
            assert_eq!(Email::parse(text).map(|email| email.0), Ok(text.to_owned()), "{text}");
        }
        // 63 characters, of which each takes more than one byte in ASCII.
        let long_label = "ž".repeat(63);
        for text in [
            "",
            "a",
            "a@",
            "@b.co",
            "a@b",
            "a@@b.co",
            "a b@c.de",
            ".a@b.cz",
            "a.@b.cz",
            "a..b@c.cz",
            ".@b.cz",
            "\"a b\"@c.cz",
            "a@b..co",
            "a@.co",
            "a@b.co.",
            "a@-b.co",
            "a@b-.co",
            "a@b_c.co",
            "a@1.2.3.4",
            "a@１.２.３.４",
            "a@[1.2.3.4]",
            "a@b.1",
            "a@b.9co",
            "ž@b.co",
            "a@b.co\n",
            "a@\u{200b}.co",
            "a@a\u{200d}b.co",
            "a@b\u{202e}.co",
            "a@xn--a.co",
            "a@xn--.co",
            "a@例え。テスト",
            "a@\u{301}b.co",
            "a@b\u{2f}c.co",
            "a@b／c.co",
            &format!("a@{long_label}.co"),
            &format!("a{long_local}@example.com"),
            &format!("{longest}e"),
        ] {
            assert_eq!(broken(Email::parse(text)), Some("email"), "{text}");
        }
        let told = |text| Email::parse(text).unwrap_err().message;
        assert!(told("ž@b.co").contains("only the domain may be internationalised"));
        assert!(told("a..b@c.cz").contains("single dots"));
        assert!(told("a@1.2.3.4").contains("domain"));
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
        assert_eq!(broken(WebUrl::parse(&format!("{edge}a"))), Some("maxLength"));
        let told = |text| WebUrl::parse(text).unwrap_err().message;
        assert!(told("https://example.com/a b").contains("%20"));
        assert!(told("https://example.com:65536").contains("port"));
        assert!(told("HTTPS://example.com").contains("begin with http"));
    }
}
