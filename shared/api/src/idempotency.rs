//! Telling a repeated request from a new one.

use domain::idempotency::{Fingerprint, IdempotencyKey};
use serde::Serialize;
use store::Recorded;

use crate::problem::Problem;

/// How a request that may be repeated is told from others.
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

    /// The resource that this request created before; a problem if it was another request under the same key.
    pub fn replay<T>(&self, recorded: Recorded<T>) -> Result<T, Problem> {
        if recorded.fingerprint.as_ref() == Some(&self.fingerprint) {
            Ok(recorded.resource)
        } else {
            Err(Problem::idempotency_key_reused())
        }
    }
}
