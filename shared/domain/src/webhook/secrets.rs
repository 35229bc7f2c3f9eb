//! Secrets of a webhook: what its posts are signed with, and what is kept of them.

use std::fmt;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Webhook, WebhookHeader, WebhookId};
use crate::api_key::RandomnessError;
use crate::time::Timestamp;

/// Most secrets that sign at a time. Each is a signature in every post.
pub const LIVE_SECRETS_MAX: usize = 5;

/// The time for which a secret that was replaced goes on signing.
pub const ROTATION_OVERLAP: Duration = Duration::from_secs(24 * 60 * 60);

/// The time for which a repeated create shows its webhook's secret: as long as a caller goes on repeating a request.
pub const SECRET_SHOWN_FOR: Duration = Duration::from_secs(24 * 60 * 60);

const SECRET_PREFIX: &str = "whsec_";

const SECRET_BYTES: usize = 32;

/// A secret by which a webhook's posts are signed: 32 random bytes, written as Standard Webhooks does.
///
/// Neither `Debug` nor `Display` exists, so that it can't reach a log by accident.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SigningSecret(String);

impl SigningSecret {
    /// Draws a new secret from the operating system's randomness.
    pub fn generate() -> Result<Self, RandomnessError> {
        let mut bytes = [0_u8; SECRET_BYTES];
        getrandom::fill(&mut bytes)?;
        Ok(Self(format!("{SECRET_PREFIX}{}", STANDARD.encode(bytes))))
    }

    /// `whsec_` and the bytes in base64: to be shown once, and to sign with.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

/// A secret, and how long it signs.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LiveSecret {
    /// The secret.
    pub secret: SigningSecret,
    /// The time since which it signs.
    pub created_at: Timestamp,
    /// The time until which it signs, if it was replaced.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retires_at: Option<Timestamp>,
}

/// The part of a webhook that is kept encrypted, as [`SealedSecrets`].
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WebhookSecrets {
    /// The secrets by which its posts are signed, newest first.
    pub signing: Vec<LiveSecret>,
    /// The headers that its posts carry besides.
    pub headers: Vec<WebhookHeader>,
}

/// [`LIVE_SECRETS_MAX`] secrets sign already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooManySecrets;

impl WebhookSecrets {
    /// A new webhook's.
    pub fn new(secret: SigningSecret, headers: Vec<WebhookHeader>, now: Timestamp) -> Self {
        Self { signing: vec![LiveSecret { secret, created_at: now, retires_at: None }], headers }
    }

    /// The secrets that sign now, newest first.
    pub fn live(&self, now: Timestamp) -> impl Iterator<Item = &SigningSecret> {
        let lives = move |secret: &&LiveSecret| secret.retires_at.is_none_or(|end| now < end);
        self.signing.iter().filter(lives).map(|live| &live.secret)
    }

    /// Signs with a new secret from now on, and with those of before for [`ROTATION_OVERLAP`] more.
    pub fn rotate(&mut self, secret: SigningSecret, now: Timestamp) -> Result<(), TooManySecrets> {
        self.signing.retain(|live| live.retires_at.is_none_or(|end| now < end));
        if self.signing.len() >= LIVE_SECRETS_MAX {
            return Err(TooManySecrets);
        }
        for live in &mut self.signing {
            live.retires_at.get_or_insert(now.saturating_add(ROTATION_OVERLAP));
        }
        self.signing.insert(0, LiveSecret { secret, created_at: now, retires_at: None });
        Ok(())
    }

    /// The secret that was shown when the webhook was created, for [`SECRET_SHOWN_FOR`], unless another one has taken its
    /// place.
    pub fn first(&self, webhook: &Webhook, now: Timestamp) -> Option<&SigningSecret> {
        let hidden_at = webhook.created_at.saturating_add(SECRET_SHOWN_FOR);
        match self.signing.as_slice() {
            [only] if only.created_at == webhook.created_at && now < hidden_at => Some(&only.secret),
            [] | [_] | [_, _, ..] => None,
        }
    }
}

/// A webhook's [`WebhookSecrets`], encrypted. They lie beside the webhook and are read by nothing but what posts to it or
/// changes them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SealedSecrets {
    pub webhook_id: WebhookId,
    pub sealed: Sealed,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// Encrypted bytes: what a webhook keeps of its secrets.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed(Vec<u8>);

impl Sealed {
    /// Takes what was encrypted.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The encrypted bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed({} bytes)", self.0.len())
    }
}

impl Serialize for Sealed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Sealed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes;
        impl<'de> serde::de::Visitor<'de> for Bytes {
            type Value = Vec<u8>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("bytes")
            }

            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Vec<u8>, E> {
                Ok(bytes.to_vec())
            }

            fn visit_byte_buf<E>(self, bytes: Vec<u8>) -> Result<Vec<u8>, E> {
                Ok(bytes)
            }
        }
        deserializer.deserialize_byte_buf(Bytes).map(Self)
    }
}
