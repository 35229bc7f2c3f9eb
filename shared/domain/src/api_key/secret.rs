//! The secret text of an API key.

use sha2::{Digest, Sha256};

const PREFIX: &str = "sk_";

/// 43 base62 characters carry 256 bits.
const RANDOM_CHARACTERS: usize = 43;

/// 6 base62 characters carry the 32 bits of a CRC32.
const CHECKSUM_CHARACTERS: usize = 6;

const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The secret text of an API key: `sk_`, 43 random base62 characters and 6 that are their checksum.
///
/// Shown once, at creation. Neither `Debug` nor `Display` exists, so that it can't reach a log by accident.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKeySecret(String);

/// No random bits could be had from the operating system.
pub type RandomnessError = getrandom::Error;

impl ApiKeySecret {
    /// Draws a new secret from the operating system's randomness.
    pub fn generate() -> Result<Self, RandomnessError> {
        /// The largest multiple of 62 in a byte: bytes from here on would make some characters likelier.
        const UNBIASED: u8 = 248;
        let mut text = String::from(PREFIX);
        let mut bytes = [0_u8; 64];
        while text.len() < PREFIX.len() + RANDOM_CHARACTERS {
            getrandom::fill(&mut bytes)?;
            let unbiased = bytes.iter().filter(|&&byte| byte < UNBIASED);
            let missing = PREFIX.len() + RANDOM_CHARACTERS - text.len();
            text.extend(unbiased.take(missing).map(|byte| char::from(BASE62[usize::from(byte % 62)])));
        }
        text.push_str(&checksum(&text));
        Ok(Self(text))
    }

    /// Reads a key's text; none if it is not of a key's form or its checksum is wrong.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix(PREFIX)?;
        let well_formed = digits.len() == RANDOM_CHARACTERS + CHECKSUM_CHARACTERS
            && digits.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !well_formed {
            return None;
        }
        let (body, check) = text.split_at(PREFIX.len() + RANDOM_CHARACTERS);
        (checksum(body) == check).then(|| Self(text.to_owned()))
    }

    /// The hash, which is all that is stored of the secret.
    pub fn hash(&self) -> ApiKeyHash {
        ApiKeyHash(hex(&Sha256::digest(&self.0)))
    }

    /// The secret itself, to be shown to its owner once.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

fn checksum(body: &str) -> String {
    let mut crc = crc32fast::hash(body.as_bytes());
    let mut digits = [b'0'; CHECKSUM_CHARACTERS];
    for digit in digits.iter_mut().rev() {
        *digit = BASE62[(crc % 62) as usize];
        crc /= 62;
    }
    digits.iter().copied().map(char::from).collect()
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// SHA-256 of a secret in lower-case hexadecimal: the address of the key's item.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ApiKeyHash(String);

impl ApiKeyHash {
    /// Takes a hash that was stored.
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// The 64 digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
