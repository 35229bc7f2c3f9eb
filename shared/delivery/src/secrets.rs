//! The sealed secrets of a webhook.

use std::fmt;

use domain::webhook::{Sealed, WebhookId, WebhookSecrets};
use vault::{Vault, VaultError};

/// Secrets could not be sealed or opened.
#[derive(Debug)]
pub enum SealingError {
    Vault(VaultError),
    /// The secrets do not have the form in which they are sealed: a defect.
    Unreadable,
}

impl SealingError {
    /// True if the same may succeed later.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Vault(error) => error.is_passing(),
            Self::Unreadable => false,
        }
    }
}

impl fmt::Display for SealingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Vault(_) => "the vault did not seal or open a webhook's secrets",
            // Without a cause, which could quote a secret.
            Self::Unreadable => "a webhook's secrets are not of the form that they are kept in",
        })
    }
}

impl std::error::Error for SealingError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Vault(error) => Some(error),
            Self::Unreadable => None,
        }
    }
}

/// Encrypts the secrets of a webhook, for it alone.
///
/// # Errors
/// The vault can't be reached, or refuses.
pub async fn seal(vault: &Vault, id: WebhookId, secrets: &WebhookSecrets) -> Result<Sealed, SealingError> {
    let plain = serde_json::to_vec(secrets).map_err(|_| SealingError::Unreadable)?;
    vault.seal(&id.to_string(), &plain).await.map_err(SealingError::Vault)
}

/// Decrypts the secrets of a webhook.
///
/// # Errors
/// The vault can't be reached or refuses, or the sealed secrets are not this webhook's.
pub async fn open(vault: &Vault, id: WebhookId, sealed: &Sealed) -> Result<WebhookSecrets, SealingError> {
    let plain = vault.open(&id.to_string(), sealed).await.map_err(SealingError::Vault)?;
    serde_json::from_slice(&plain).map_err(|_| SealingError::Unreadable)
}
