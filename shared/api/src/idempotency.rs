//! The identity of requests, which tells a repeat from a new request.

use domain::idempotency::{Fingerprint, IdempotencyKey};
use domain::resource::{AccessError, Resource};
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

    /// The refusal of a request under the key of one whose resource was deleted: a repeat of that, or another request. Older
    /// tombstones do not tell what it was.
    pub(crate) fn deleted(&self, first: Option<&Fingerprint>, resource: Resource) -> Problem {
        match first {
            Some(first) if *first != self.fingerprint => Problem::idempotency_key_reused(),
            Some(_) | None => AccessError::NotFound(resource).into(),
        }
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
