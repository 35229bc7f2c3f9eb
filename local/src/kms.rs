//! KMS: the master key under which data keys are sealed, and the operations by which clients reach it. The key never
//! leaves this process.

pub(crate) mod protocol;

use std::{collections::BTreeMap, fs, io::ErrorKind};

use anyhow::{Context as _, Result, anyhow, ensure};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use ring::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    rand::{SecureRandom as _, SystemRandom},
};

use crate::folder::{Folder, write_private};

/// The first byte of every ciphertext: the version of its form, which is the nonce and the output of AES-256-GCM.
const VERSION: u8 = 1;

const MASTER_KEY_SIZE_BYTES: usize = 32;

/// KMS's encryption context: a ciphertext opens only under the same pairs.
pub type EncryptionContext = BTreeMap<String, String>;

/// The context of the text by which another key is noticed.
const CHECK_CONTEXT: EncryptionContext = EncryptionContext::new();

pub struct MasterKey {
    key: LessSafeKey,
    random: SystemRandom,
}

impl MasterKey {
    pub const ID: &str = "00000000-0000-0000-0000-000000000000";

    /// The ARN, in an account and a region that are made up.
    pub const ARN: &str = "arn:aws:kms:local:000000000000:key/00000000-0000-0000-0000-000000000000";

    /// A master key that ends with this process.
    pub fn fresh() -> Result<Self> {
        Self::from_bytes(&random_master_key()?)
    }

    /// The master key of this folder: the one that it keeps, or a new one that it keeps from now on. Fails if it keeps
    /// another one than its secrets were sealed with.
    pub fn of(folder: &Folder) -> Result<Self> {
        let file = folder.master_key();
        let unusable = || format!("{} cannot be used; without it, kept secrets cannot be read", file.display());
        match fs::read_to_string(&file) {
            Ok(text) => {
                let bytes = BASE64_STANDARD.decode(text.trim()).with_context(unusable)?;
                let key = Self::from_bytes(&bytes).with_context(unusable)?;
                key.check(folder)?;
                Ok(key)
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let bytes = random_master_key()?;
                let key = Self::from_bytes(&bytes)?;
                // The check first: if this process is killed in between, both are made anew.
                key.write_check(folder)?;
                write_private(&file, &BASE64_STANDARD.encode(bytes))?;
                Ok(key)
            }
            Err(error) => Err(error).with_context(unusable),
        }
    }

    /// Fails if the folder's check was sealed with another key. A folder of an earlier version has none, and gets one.
    fn check(&self, folder: &Folder) -> Result<()> {
        let (key, check) = (folder.master_key(), folder.master_key_check());
        let text = match fs::read_to_string(&check) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return self.write_check(folder),
            Err(error) => return Err(error).with_context(|| format!("{} cannot be read", check.display())),
        };
        let opened = BASE64_STANDARD.decode(text.trim()).ok().and_then(|sealed| self.open(&sealed, &CHECK_CONTEXT));
        ensure!(
            opened.is_some(),
            "{} is not the key that the secrets of this folder were sealed with, by {}; put back a copy of the right one, \
             remove the folder to begin anew, or choose another with --data",
            key.display(),
            check.display()
        );
        Ok(())
    }

    fn write_check(&self, folder: &Folder) -> Result<()> {
        write_private(&folder.master_key_check(), &BASE64_STANDARD.encode(self.seal(&[], &CHECK_CONTEXT)?))
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let key = UnboundKey::new(&AES_256_GCM, bytes).map_err(|_| anyhow!("not a key of 32 bytes"))?;
        Ok(Self { key: LessSafeKey::new(key), random: SystemRandom::new() })
    }

    /// True for the key's id and its ARN.
    pub fn is_named(id: &str) -> bool {
        id == Self::ID || id == Self::ARN
    }

    pub fn random(&self, size_bytes: usize) -> Result<Vec<u8>> {
        let mut bytes = vec![0; size_bytes];
        self.random.fill(&mut bytes).map_err(|_| no_random())?;
        Ok(bytes)
    }

    pub fn seal(&self, plaintext: &[u8], context: &EncryptionContext) -> Result<Vec<u8>> {
        let mut nonce = [0; NONCE_LEN];
        self.random.fill(&mut nonce).map_err(|_| no_random())?;
        let mut sealed = plaintext.to_vec();
        self.key
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad(context)?, &mut sealed)
            .map_err(|_| anyhow!("too long to be encrypted"))?;
        Ok([&[VERSION], nonce.as_slice(), &sealed].concat())
    }

    /// Decrypts, unless the ciphertext was not sealed with this key under this context.
    pub fn open(&self, ciphertext: &[u8], context: &EncryptionContext) -> Option<Vec<u8>> {
        let (nonce, sealed) = ciphertext.strip_prefix(&[VERSION])?.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut opened = sealed.to_vec();
        let plaintext = self.key.open_in_place(nonce, aad(context).ok()?, &mut opened).ok()?;
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
fn aad(context: &EncryptionContext) -> Result<Aad<Vec<u8>>> {
    Ok(Aad::from(serde_json::to_vec(context)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn context(pairs: [(&str, &str); 2]) -> EncryptionContext {
        pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    #[test]
    fn only_the_same_key_and_context_open_what_was_sealed() {
        let key = MasterKey::fresh().unwrap();
        let here = context([("a", "1"), ("b", "2")]);
        let sealed = key.seal(b"secret", &here).unwrap();
        assert_eq!(key.open(&sealed, &context([("b", "2"), ("a", "1")])).unwrap(), b"secret");
        assert_eq!(key.open(&sealed, &context([("a", "1"), ("b", "3")])), None);
        assert_eq!(key.open(&sealed, &EncryptionContext::new()), None);
        assert_eq!(MasterKey::fresh().unwrap().open(&sealed, &here), None);
    }

    #[test]
    fn a_ciphertext_that_was_touched_does_not_open() {
        let key = MasterKey::fresh().unwrap();
        let sealed = key.seal(b"secret", &EncryptionContext::new()).unwrap();
        for position in 0..sealed.len() {
            let mut touched = sealed.clone();
            touched[position] ^= 1;
            assert_eq!(key.open(&touched, &EncryptionContext::new()), None, "{position}");
            assert_eq!(key.open(&sealed[..position], &EncryptionContext::new()), None, "{position}");
        }
    }

    #[test]
    fn the_same_plaintext_is_never_sealed_to_the_same_ciphertext() {
        let key = MasterKey::fresh().unwrap();
        let seal = || key.seal(b"secret", &EncryptionContext::new()).unwrap();
        assert_ne!(seal(), seal());
    }
}
