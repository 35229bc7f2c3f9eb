//! The identity of requests, which tells a repeat from a new request.

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
        // The key, which is not kept, is hashed too: a webhook's secret headers could otherwise be guessed from the
        // hash.
        let fingerprint = Fingerprint::of(&(key.as_str(), command)).map_err(Problem::internal)?;
        Ok(Self { key, fingerprint })
    }

    /// True if the request may be a repeat of one whose resource was deleted. Older tombstones do not tell what it was.
    pub(crate) fn may_repeat(&self, deleted: Option<&Fingerprint>) -> bool {
        deleted.is_none_or(|first| *first == self.fingerprint)
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
