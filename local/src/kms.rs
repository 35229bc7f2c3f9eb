//! The master key under which data keys are kept, as KMS has it: it never leaves this process.

pub(crate) mod protocol;

use std::{collections::BTreeMap, fs, io::ErrorKind};

use anyhow::{Context as _, Result, anyhow};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use ring::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    rand::{SecureRandom as _, SystemRandom},
};

use crate::folder::{Folder, write_private};

/// The first byte of every ciphertext: the form that follows, which is the nonce and what AES-256-GCM makes.
const FORM: u8 = 1;

const MASTER_KEY_SIZE_BYTES: usize = 32;

/// What a ciphertext is bound to: it opens only under the same pairs.
pub type Context = BTreeMap<String, String>;

/// A master key.
pub struct Keys {
    master: LessSafeKey,
    random: SystemRandom,
}

impl Keys {
    /// The master key's id.
    pub const KEY_ID: &str = "00000000-0000-0000-0000-000000000000";

    /// The master key's ARN, in an account and a region that are made up.
    pub const KEY_ARN: &str = "arn:aws:kms:local:000000000000:key/00000000-0000-0000-0000-000000000000";

    /// A master key that ends with this process.
    pub fn fresh() -> Result<Self> {
        Self::from_bytes(&random_master_key()?)
    }

    /// The master key of this folder: the one that it keeps, or a new one that it keeps from now on.
    pub fn of(folder: &Folder) -> Result<Self> {
        let file = folder.master_key();
        let unusable = || format!("{} cannot be used; without it, kept secrets cannot be read", file.display());
        match fs::read_to_string(&file) {
            Ok(text) => {
                let bytes = BASE64_STANDARD.decode(text.trim()).with_context(unusable)?;
                Self::from_bytes(&bytes).with_context(unusable)
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let bytes = random_master_key()?;
                write_private(&file, &BASE64_STANDARD.encode(bytes))?;
                Self::from_bytes(&bytes)
            }
            Err(error) => Err(error).with_context(unusable),
        }
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let master = UnboundKey::new(&AES_256_GCM, bytes).map_err(|_| anyhow!("not a key of 32 bytes"))?;
        Ok(Self { master: LessSafeKey::new(master), random: SystemRandom::new() })
    }

    /// Whether this names the master key.
    pub fn is_named(id: &str) -> bool {
        id == Self::KEY_ID || id == Self::KEY_ARN
    }

    /// Random bytes.
    pub fn random(&self, size_bytes: usize) -> Result<Vec<u8>> {
        let mut bytes = vec![0; size_bytes];
        self.random.fill(&mut bytes).map_err(|_| no_random())?;
        Ok(bytes)
    }

    /// Encrypts, bound to a context.
    pub fn seal(&self, plaintext: &[u8], context: &Context) -> Result<Vec<u8>> {
        let mut nonce = [0; NONCE_LEN];
        self.random.fill(&mut nonce).map_err(|_| no_random())?;
        let mut sealed = plaintext.to_vec();
        self.master
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad(context)?, &mut sealed)
            .map_err(|_| anyhow!("too long to be encrypted"))?;
        Ok([&[FORM], nonce.as_slice(), &sealed].concat())
    }

    /// Decrypts; none if it was not sealed here under this context.
    pub fn open(&self, ciphertext: &[u8], context: &Context) -> Option<Vec<u8>> {
        let (nonce, sealed) = ciphertext.strip_prefix(&[FORM])?.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut opened = sealed.to_vec();
        let plaintext = self.master.open_in_place(nonce, aad(context).ok()?, &mut opened).ok()?;
        Some(plaintext.to_vec())
    }
}

fn random_master_key() -> Result<[u8; MASTER_KEY_SIZE_BYTES]> {
    let mut bytes = [0; MASTER_KEY_SIZE_BYTES];
    SystemRandom::new().fill(&mut bytes).map_err(|_| no_random())?;
    Ok(bytes)
}

fn no_random() -> anyhow::Error {
    anyhow!("the system has no random bytes")
}

/// The pairs in the order of their names, so that equal contexts are equal bytes.
fn aad(context: &Context) -> Result<Aad<Vec<u8>>> {
    Ok(Aad::from(serde_json::to_vec(context)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn context(pairs: [(&str, &str); 2]) -> Context {
        pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    #[test]
    fn only_the_same_key_and_context_open_what_was_sealed() {
        let keys = Keys::fresh().unwrap();
        let here = context([("a", "1"), ("b", "2")]);
        let sealed = keys.seal(b"secret", &here).unwrap();
        assert_eq!(keys.open(&sealed, &context([("b", "2"), ("a", "1")])).unwrap(), b"secret");
        assert_eq!(keys.open(&sealed, &context([("a", "1"), ("b", "3")])), None);
        assert_eq!(keys.open(&sealed, &Context::new()), None);
        assert_eq!(Keys::fresh().unwrap().open(&sealed, &here), None);
    }

    #[test]
    fn a_ciphertext_that_was_touched_does_not_open() {
        let keys = Keys::fresh().unwrap();
        let sealed = keys.seal(b"secret", &Context::new()).unwrap();
        for position in 0..sealed.len() {
            let mut touched = sealed.clone();
            touched[position] ^= 1;
            assert_eq!(keys.open(&touched, &Context::new()), None, "{position}");
            assert_eq!(keys.open(&sealed[..position], &Context::new()), None, "{position}");
        }
    }

    #[test]
    fn the_same_plaintext_is_never_sealed_to_the_same_ciphertext() {
        let keys = Keys::fresh().unwrap();
        let seal = || keys.seal(b"secret", &Context::new()).unwrap();
        assert_ne!(seal(), seal());
    }
}
