//! Entities as items.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::Versioned;
use domain::agent::Agent;
use domain::allowance::Allowance;
use domain::api_key::ApiKey;
use domain::candidate::Candidate;
use domain::company::{Ats, Company, Owner};
use domain::delivery::Delivery;
use domain::interview::{Interview, InterviewStatus};
use domain::job::Job;
use domain::phone_number::PhoneNumber;
use domain::time::Timestamp;
use domain::webhook::Webhook;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::StoreError;
use crate::key::{IndexKey, Key, Listing, SparseIndex};

pub(crate) type Item = HashMap<String, AttributeValue>;

/// Counts the writes of an item.
pub(crate) const VERSION: &str = "version";
/// Whose an item is.
pub(crate) const COMPANY_ID: &str = "companyId";
/// The request that created an item: tells an answer that was lost from a repeated request.
pub(crate) const REQUEST_ID: &str = "requestId";
/// What that request was, if it had an idempotency key.
pub(crate) const FINGERPRINT: &str = "fingerprint";

/// A domain type that is stored as an item of its own.
pub(crate) trait Entity: Serialize + DeserializeOwned {
    /// Its `entityType`.
    const TYPE: &'static str;

    /// The indexes that find it.
    fn index_keys(&self) -> Vec<IndexKey>;
}

/// The item of a new entity.
pub(crate) fn new_item<E: Entity>(key: Key, entity: &E) -> Result<Item, StoreError> {
    let mut item: Item = serde_dynamo::to_item(entity).map_err(|error| StoreError::unknown("encode", error))?;
    item.extend(key.into_attributes());
    item.insert("entityType".to_owned(), AttributeValue::S(E::TYPE.to_owned()));
    item.insert(VERSION.to_owned(), AttributeValue::N("1".to_owned()));
    for index in entity.index_keys() {
        item.insert(index.partition_attribute.to_owned(), AttributeValue::S(index.partition));
        item.insert(index.sort_attribute.to_owned(), AttributeValue::S(index.sort));
    }
    Ok(item)
}

/// The entity of a stored item.
pub(crate) fn entity<E: Entity>(item: Item) -> Result<Versioned<E>, StoreError> {
    let version = item.get(VERSION).and_then(|version| version.as_n().ok()).and_then(|digits| digits.parse().ok());
    let version = version.ok_or_else(|| StoreError::unknown("decode", format!("{} without version", E::TYPE)))?;
    let value = serde_dynamo::from_item(item).map_err(|error| StoreError::unknown("decode", error))?;
    Ok(Versioned { version, value })
}

/// What is left of an entity that was deleted.
const TOMBSTONE: &str = "Tombstone";

/// The item that takes the place of a deleted one, until the table drops it: so that a repeat of the request that
/// created it does not create it anew.
pub(crate) fn tombstone(key: Key, version: u64, now: Timestamp) -> Item {
    let mut item = key.into_attributes();
    let expires_at = now.epoch_seconds() + TOMBSTONE_KEPT_SECONDS;
    item.insert("entityType".to_owned(), AttributeValue::S(TOMBSTONE.to_owned()));
    item.insert(VERSION.to_owned(), AttributeValue::N(version.to_string()));
    item.insert("createdAt".to_owned(), AttributeValue::S(now.to_string()));
    item.insert("updatedAt".to_owned(), AttributeValue::S(now.to_string()));
    item.insert("expiresAt".to_owned(), AttributeValue::N(expires_at.to_string()));
    item
}

/// 30 days: nobody repeats a request for longer.
const TOMBSTONE_KEPT_SECONDS: i64 = 30 * 24 * 60 * 60;

/// Whether an item is what is left of a deleted one.
pub(crate) fn is_tombstone(item: &Item) -> bool {
    text(item, "entityType") == Some(TOMBSTONE)
}

/// A text attribute.
pub(crate) fn text<'a>(item: &'a Item, name: &str) -> Option<&'a str> {
    item.get(name)?.as_s().ok().map(String::as_str)
}

impl Entity for Agent {
    const TYPE: &'static str = "Agent";
    fn index_keys(&self) -> Vec<IndexKey> {
        vec![Listing::key(Listing::of_company(self.company_id, "AGENT"), self.created_at, self.id)]
    }
}

impl Entity for Job {
    const TYPE: &'static str = "Job";
    fn index_keys(&self) -> Vec<IndexKey> {
        vec![Listing::key(Listing::of_company(self.company_id, "JOB"), self.created_at, self.id)]
    }
}

impl Entity for Candidate {
    const TYPE: &'static str = "Candidate";
    fn index_keys(&self) -> Vec<IndexKey> {
        vec![Listing::key(Listing::of_company(self.company_id, "CANDIDATE"), self.created_at, self.id)]
    }
}

impl Entity for Interview {
    const TYPE: &'static str = "Interview";
    fn index_keys(&self) -> Vec<IndexKey> {
        let listing = Listing::key(Listing::of_company(self.company_id, "INTERVIEW"), self.created_at, self.id);
        let due =
            (self.status == InterviewStatus::Scheduled).then(|| SparseIndex::due_interview(self.id, self.scheduled_at));
        [Some(listing), due].into_iter().flatten().collect()
    }
}

impl Entity for PhoneNumber {
    const TYPE: &'static str = "PhoneNumber";
    fn index_keys(&self) -> Vec<IndexKey> {
        vec![Listing::key(Listing::of_company(self.company_id, "PHONE"), self.created_at, self.id)]
    }
}

impl Entity for Company {
    const TYPE: &'static str = "Company";
    fn index_keys(&self) -> Vec<IndexKey> {
        vec![Listing::key(Listing::of_companies(), self.created_at, self.id)]
    }
}

impl Entity for Allowance {
    const TYPE: &'static str = "Allowance";
    fn index_keys(&self) -> Vec<IndexKey> {
        Vec::new()
    }
}

impl Entity for Ats {
    const TYPE: &'static str = "Ats";
    fn index_keys(&self) -> Vec<IndexKey> {
        Vec::new()
    }
}

/// Found by its owner's register.
impl Entity for Webhook {
    const TYPE: &'static str = "Webhook";
    fn index_keys(&self) -> Vec<IndexKey> {
        Vec::new()
    }
}

impl Entity for Delivery {
    const TYPE: &'static str = "Delivery";
    fn index_keys(&self) -> Vec<IndexKey> {
        Vec::new()
    }
}

impl Entity for ApiKey {
    const TYPE: &'static str = "ApiKey";
    fn index_keys(&self) -> Vec<IndexKey> {
        let listing = match self.owner {
            Owner::Company(id) => Listing::of_company(id, "KEY"),
            Owner::Ats(id) => Listing::of_ats(id, "KEY"),
        };
        vec![Listing::key(listing, self.created_at, self.id), SparseIndex::api_key(self.id)]
    }
}
