//! Telling a repeated request from a new one.

use domain::idempotency::{Fingerprint, IdempotencyKey};
use serde::Serialize;
use store::Existing;

use crate::problem::Problem;

/// The identity of a request that may be repeated.
#[derive(Debug)]
pub struct Idempotency {
    pub(crate) key: IdempotencyKey,
    pub(crate) fingerprint: Fingerprint,
}

impl Idempotency {
    pub(crate) fn new(key: IdempotencyKey, command: &impl Serialize) -> Result<Self, Problem> {
        // With the key, which is not kept: what a webhook's headers hold could otherwise be guessed from its hash.
        let fingerprint = Fingerprint::of(&(key.as_str(), command)).map_err(Problem::internal)?;
        Ok(Self { key, fingerprint })
    }

    /// The entity that this request created before; a problem if another request under the same key did.
    pub(crate) fn replay<T>(&self, existing: Existing<T>) -> Result<T, Problem> {
        if existing.fingerprint.as_ref() == Some(&self.fingerprint) {
            Ok(existing.entity)
        } else {
            Err(Problem::idempotency_key_reused())
        }
    }
}
