//! Envelope encryption of secrets under a key that never leaves KMS. The only crate that knows KMS.
//!
//! A secret is encrypted with a data key of its own (AES-256-GCM), and stored beside that key, which KMS has wrapped. Both
//! are bound to a context, such as the id of the secret's owner; opening them in another context is an error. Unwrapped
//! data keys are cached in memory for a while ([`KEYS_MAX`], [`KEY_MAX_AGE`]), so that not every opening asks KMS; they are
//! overwritten when they are dropped.
//!
//! The crate does not know what is sealed, and logs nothing.
//!
//! ```
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! use vault::Vault;
//!
//! let vault = Vault::from_environment().await?;
//! let sealed = vault.seal("5f1c", b"a secret of webhook 5f1c").await?;
//! assert_eq!(vault.open("5f1c", &sealed).await?, b"a secret of webhook 5f1c");
//! # Ok(())
//! # }
//! # assert!(tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(run()).is_err());
//! ```

mod cache;
mod envelope;
mod error;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws::{ClientTimeouts, ConfigurationError, HttpClient, SdkConfig};
use aws_sdk_kms::Client;
use aws_sdk_kms::primitives::Blob;
use aws_sdk_kms::types::DataKeySpec;
use domain::webhook::Sealed;

use crate::cache::Cache;
use crate::envelope::{DataKey, Envelope};

pub use cache::{KEY_MAX_AGE, KEYS_MAX};
pub use error::{Cause, VaultError};

/// The context's name in KMS's encryption context, and so in its log of who unwrapped what.
const CONTEXT: &str = "webhook";

/// Seals and opens with one key of KMS.
#[derive(Clone)]
pub struct Vault {
    client: Client,
    key_id: String,
    cache: Arc<Mutex<Cache>>,
}

impl Vault {
    /// The vault of the key that `SECRETS_KEY_ID` names, as a function reaches it.
    ///
    /// # Errors
    /// A variable is missing.
    pub async fn from_environment() -> Result<Self, ConfigurationError> {
        Ok(Self::new(&aws::for_function().await?, &aws::variable("SECRETS_KEY_ID")?))
    }

    /// The vault of that key: its ARN or its id.
    pub fn new(config: &SdkConfig, key_id: &str) -> Self {
        let client = Client::new(&ClientTimeouts::STANDARD.applied_to(config));
        Self { client, key_id: key_id.to_owned(), cache: Arc::default() }
    }

    /// The vault of that key on a server that asks for no credentials, through that HTTP client.
    pub async fn at_endpoint(key_id: &str, endpoint_url: &str, http_client: HttpClient) -> Self {
        Self::new(&aws::at_endpoint(endpoint_url, http_client).await, key_id)
    }

    /// Encrypts, for this context only, with a data key of its own: one request to KMS.
    ///
    /// # Errors
    /// KMS gives no data key.
    pub async fn seal(&self, context: &str, plain: &[u8]) -> Result<Sealed, VaultError> {
        const OPERATION: &str = "GenerateDataKey";
        let request = self.client.generate_data_key().key_id(&self.key_id).key_spec(DataKeySpec::Aes256);
        let sent = request.encryption_context(CONTEXT, context).send().await;
        let answer = sent.map_err(|error| VaultError::from_sdk(OPERATION, error))?;
        let (Some(key), Some(wrapped_key)) = (answer.plaintext, answer.ciphertext_blob) else {
            return Err(VaultError::incomplete(OPERATION));
        };
        let key = DataKey::new(key.into_inner()).ok_or_else(|| VaultError::incomplete(OPERATION))?;

        let sealed = envelope::seal(&key, wrapped_key.as_ref(), context, plain)?;
        self.cache().put(context, wrapped_key.as_ref(), key);
        Ok(Sealed::new(sealed))
    }

    /// Decrypts a secret that was sealed in this context: one request to KMS, or none if the data key is in the cache.
    ///
    /// # Errors
    /// [`VaultError::NotOurs`] if the secret was sealed elsewhere or changed since; otherwise, KMS does not unwrap the data
    /// key.
    pub async fn open(&self, context: &str, sealed: &Sealed) -> Result<Vec<u8>, VaultError> {
        let envelope = Envelope::parse(sealed.as_bytes()).ok_or(VaultError::NotOurs)?;
        let cached = self.cache().get(context, envelope.wrapped_key);
        if let Some(key) = cached {
            return envelope.open(&key, context).ok_or(VaultError::NotOurs);
        }
        let key = self.unwrap(context, envelope.wrapped_key).await?;
        let plain = envelope.open(&key, context).ok_or(VaultError::NotOurs)?;
        self.cache().put(context, envelope.wrapped_key, key);
        Ok(plain)
    }

    async fn unwrap(&self, context: &str, wrapped_key: &[u8]) -> Result<DataKey, VaultError> {
        const OPERATION: &str = "Decrypt";
        let request = self.client.decrypt().key_id(&self.key_id).ciphertext_blob(Blob::new(wrapped_key));
        let sent = request.encryption_context(CONTEXT, context).send().await;
        let answer = sent.map_err(|error| VaultError::from_sdk(OPERATION, error))?;
        let key = answer.plaintext.and_then(|key| DataKey::new(key.into_inner()));
        key.ok_or_else(|| VaultError::incomplete(OPERATION))
    }

    fn cache(&self) -> MutexGuard<'_, Cache> {
        // A panic elsewhere leaves at worst one key too few in it.
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
