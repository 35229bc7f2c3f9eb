//! The bytes of a sealed secret.
//!
//! | bytes | content |
//! |---|---|
//! | 1 | version: 1 |
//! | 2 | length of the wrapped key, most significant byte first |
//! | of that length | the data key, wrapped by KMS |
//! | 12 | nonce |
//! | rest | the content encrypted by AES-256-GCM, and its tag of 16 bytes |

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, MAX_TAG_LEN, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};
use zeroize::Zeroizing;

use crate::VaultError;

const VERSION: u8 = 1;

/// The key of one envelope's content. Overwritten when it is dropped; no `Debug`, so that it can't reach a log.
#[derive(Clone)]
pub(crate) struct DataKey(Zeroizing<[u8; 32]>);

impl DataKey {
    /// The key of these bytes, which are overwritten.
    pub fn new(bytes: Vec<u8>) -> Option<Self> {
        let bytes = Zeroizing::new(bytes);
        bytes.as_slice().try_into().ok().map(|key| Self(Zeroizing::new(key)))
    }

    fn cipher(&self) -> Option<LessSafeKey> {
        UnboundKey::new(&AES_256_GCM, self.0.as_slice()).ok().map(LessSafeKey::new)
    }
}

/// The parts of an envelope, of which nothing is verified yet.
pub(crate) struct Envelope<'a> {
    pub wrapped_key: &'a [u8],
    nonce: [u8; NONCE_LEN],
    content: &'a [u8],
}

impl<'a> Envelope<'a> {
    pub fn parse(bytes: &'a [u8]) -> Option<Self> {
        let (version, rest) = bytes.split_first()?;
        if *version != VERSION {
            return None;
        }
        let (length, rest) = rest.split_first_chunk::<2>()?;
        let (wrapped_key, rest) = rest.split_at_checked(u16::from_be_bytes(*length).into())?;
        let (nonce, content) = rest.split_first_chunk::<NONCE_LEN>()?;
        Some(Self { wrapped_key, nonce: *nonce, content })
    }

    /// The content, if it was sealed with this key in this context.
    pub fn open(&self, key: &DataKey, context: &str) -> Option<Vec<u8>> {
        let mut content = self.content.to_vec();
        let nonce = Nonce::assume_unique_for_key(self.nonce);
        let length = key.cipher()?.open_in_place(nonce, Aad::from(context), &mut content).ok()?.len();
        content.truncate(length);
        Some(content)
    }
}

/// Encrypts the content. Each key is used for one envelope only, so that no nonce can meet it twice; it is random all
/// the same.
pub(crate) fn seal(key: &DataKey, wrapped_key: &[u8], context: &str, plain: &[u8]) -> Result<Vec<u8>, VaultError> {
    let too_long = || VaultError::incomplete("GenerateDataKey");
    let length = u16::try_from(wrapped_key.len()).map_err(|_| too_long())?;
    let mut nonce = [0; NONCE_LEN];
    SystemRandom::new().fill(&mut nonce).map_err(|_| VaultError::Randomness)?;

    let mut content = Vec::with_capacity(plain.len() + MAX_TAG_LEN);
    content.extend_from_slice(plain);
    let cipher = key.cipher().ok_or_else(too_long)?;
    let sealed = cipher.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(context), &mut content);
    sealed.map_err(|_| too_long())?;

    Ok([&[VERSION], &length.to_be_bytes()[..], wrapped_key, &nonce, &content].concat())
}
