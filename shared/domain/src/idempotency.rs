//! Idempotency by identity: a repeated request derives the same ids, and so meets what it created before.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::api_key::RandomnessError;
use crate::company::Owner;

/// Most characters of an idempotency key.
pub const IDEMPOTENCY_KEY_MAX_CHARACTERS: usize = 255;

/// The caller's name for a request, which makes it safe to repeat: 1–255 visible ASCII characters. A bare one has no
/// comma: API Gateway joins a header that is given twice by commas, and two keys must not pass as a third one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// Reads the header's value: bare, or as a quoted string of RFC 8941. None if it breaks the rule.
    ///
    /// `abc` and `"abc"` are the same key.
    pub fn parse(header: &str) -> Option<Self> {
        let text = match header.strip_prefix('"') {
            Some(quoted) => unquote(quoted)?,
            None if header.contains(',') => return None,
            None => header.to_owned(),
        };
        let visible = text.bytes().all(|byte| byte.is_ascii_graphic());
        (visible && (1..=IDEMPOTENCY_KEY_MAX_CHARACTERS).contains(&text.len())).then_some(Self(text))
    }
}

impl IdempotencyKey {
    /// The key without quotes.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The text after an opening quote, up to the closing one, with `\"` and `\\` resolved.
fn unquote(quoted: &str) -> Option<String> {
    let mut text = String::new();
    let mut characters = quoted.chars();
    loop {
        match characters.next()? {
            '"' => return characters.next().is_none().then_some(text),
            '\\' => text.push(characters.next().filter(|c| matches!(c, '"' | '\\'))?),
            character => text.push(character),
        }
    }
}

/// The secret of a company, or of an applicant tracking system, with which its ids are derived: 128 random bits. Without
/// it nobody can compute an id, and so find out by 403 and 404 whether a key was used.
///
/// `Debug` does not show it, and `Display` does not exist, so that it can't reach a log by accident.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct IdSecret([u8; 16]);

impl IdSecret {
    /// Draws a new secret from the operating system's randomness.
    pub fn generate() -> Result<Self, RandomnessError> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes)?;
        Ok(Self(bytes))
    }

    /// A secret that is known already.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The secret as a key of other things that only its owner can be told.
    pub(crate) fn bytes(self) -> [u8; 16] {
        self.0
    }

    /// The secret as it is stored: 32 hexadecimal digits.
    pub fn to_stored(self) -> String {
        crate::api_key::hex(&self.0)
    }

    /// Reads a stored secret; none if it is not of that form.
    pub fn from_stored(text: &str) -> Option<Self> {
        let is_simple = text.len() == 32;
        Uuid::try_parse(text).ok().filter(|_| is_simple).map(|uuid| Self(uuid.into_bytes()))
    }
}

impl fmt::Debug for IdSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IdSecret(…)")
    }
}

/// The name space of ids that are derived without a secret: a UUID of Greenroom's own, so that nobody else derives the same.
const NAME_SPACE: Uuid = Uuid::from_u128(0x6f1d_3a52_88c4_4b0e_9d27_51e0_c6a9_7b34);

/// The source of a request's new ids.
pub enum IdSource<'a> {
    /// The request has an idempotency key: equal owner, secret, route and key give equal ids.
    Derived {
        /// The tenant: of two kinds, no two have the same id.
        owner: Owner,
        /// The tenant's secret. A tenant that was created before there were secrets has none until it is given one.
        secret: Option<IdSecret>,
        /// The route, for example `POST /interviews`.
        route: &'a str,
        /// The caller's key.
        key: &'a IdempotencyKey,
    },
    /// The request is its own: every id is fresh.
    Fresh(&'a dyn Fn() -> Uuid),
}

impl IdSource<'_> {
    /// An id for the request's one new resource of that kind.
    pub fn id(&self, kind: &str) -> Uuid {
        match self {
            Self::Derived { owner, secret, route, key } => {
                let owner = match owner {
                    Owner::Company(id) => id.uuid(),
                    Owner::Ats(id) => id.uuid(),
                };
                // No part but the last can hold a line end, so no two requests spell the same name.
                let name = format!("{owner}\n{route}\n{kind}\n{}", key.0);
                match secret {
                    // The secret has a fixed length, and half of the hash is left out: nothing can be appended to it.
                    Some(IdSecret(secret)) => {
                        let hash = Sha256::new().chain_update(secret).chain_update(name).finalize();
                        let mut bytes = [0; 16];
                        bytes.copy_from_slice(&hash[..16]);
                        uuid::Builder::from_custom_bytes(bytes).into_uuid()
                    }
                    None => Uuid::new_v5(&NAME_SPACE, name.as_bytes()),
                }
            }
            Self::Fresh(generate) => generate(),
        }
    }
}

/// Tells whether a repeated request is the same: SHA-256 over what was understood of it, in hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// Fingerprints a parsed request. White space, key order, escapes, the case of ids and the offset of times do not
    /// matter, as they are gone from what was parsed.
    ///
    /// # Errors
    /// Only if the value can't be written as JSON, which a defect of ours would be.
    pub fn of(request: &impl Serialize) -> Result<Self, serde_json::Error> {
        serde_json::to_vec(request).map(|bytes| Self(crate::api_key::hex(&Sha256::digest(bytes))))
    }

    /// The 64 hexadecimal digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bare_and_quoted_spellings_are_one_key() {
        assert_eq!(IdempotencyKey::parse("order-1"), IdempotencyKey::parse("\"order-1\""));
        assert_eq!(IdempotencyKey::parse(r#""a\"b\\""#), Some(IdempotencyKey(r#"a"b\"#.into())));
        assert_eq!(IdempotencyKey::parse("\"a,b\""), Some(IdempotencyKey("a,b".into())));
        assert!(IdempotencyKey::parse(&"k".repeat(255)).is_some());
    }

    #[test]
    fn what_breaks_the_rule_is_no_key() {
        let too_long = "k".repeat(256);
        for text in [
            "",
            "\"\"",
            "k,k",
            ",",
            "\"k\",\"k\"",
            "\"k\", \"k\"",
            "a b",
            "ž",
            "\"a",
            "\"a\"b",
            "\"a\\n\"",
            "a\u{7f}",
            &too_long,
        ] {
            assert_eq!(IdempotencyKey::parse(text), None, "{text}");
        }
    }

    #[test]
    fn derived_ids_differ_by_company_secret_route_kind_and_key() {
        let company = |byte| Owner::Company(crate::company::CompanyId::new(Uuid::from_bytes([byte; 16])));
        let id = |secret: Option<u8>, owner, route, key, kind| {
            let secret = secret.map(|byte| IdSecret::from_bytes([byte; 16]));
            IdSource::Derived { owner, secret, route, key: &IdempotencyKey::parse(key).unwrap() }.id(kind)
        };
        for secret in [None, Some(7)] {
            let first = id(secret, company(1), "POST /a", "k", "agent");
            assert_eq!(first, id(secret, company(1), "POST /a", "\"k\"", "agent"));
            let others = [
                id(Some(8), company(1), "POST /a", "k", "agent"),
                id(secret, company(2), "POST /a", "k", "agent"),
                id(secret, company(1), "POST /b", "k", "agent"),
                id(secret, company(1), "POST /a", "l", "agent"),
                id(secret, company(1), "POST /a", "k", "job"),
            ];
            assert!(!others.contains(&first));
            assert_eq!(first.get_version_num(), if secret.is_some() { 8 } else { 5 });
        }
        // Ids of stored items: what was derived once is derived for ever.
        let known = ["f1a05ecf", "0e0a9efa"];
        let ids = [None, Some(7)].map(|secret| id(secret, company(1), "POST /a", "k", "agent").to_string());
        assert_eq!(ids.each_ref().map(|id| &id[..8]), known);
    }

    #[test]
    fn a_secret_is_stored_and_read_back_and_shown_to_nobody() {
        let secret = IdSecret::generate().unwrap();
        assert!(secret != IdSecret::generate().unwrap());
        let stored = secret.to_stored();
        assert_eq!(IdSecret::from_stored(&stored), Some(secret));
        assert!(!format!("{secret:?}").contains(&stored[..4]));
        let hyphenated = Uuid::from_bytes([7; 16]).to_string();
        for text in ["", &stored[1..], &hyphenated, &format!("{stored}0"), &stored.replace(&stored[..1], "g")] {
            assert_eq!(IdSecret::from_stored(text), None, "{text}");
        }
    }
}
