//! Entities as items.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::Versioned;
use domain::company::Owner;
use domain::resource::Resource;
use domain::time::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::StoreError;
use crate::key::{IndexKey, PrimaryKey};

/// The attributes of an item.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// The attribute that counts an item's writes.
pub(crate) const VERSION: &str = "version";
/// The attribute of the company that owns an item.
pub(crate) const COMPANY_ID: &str = "companyId";
/// The attribute of the applicant tracking system that owns an item.
const ATS_ID: &str = "atsId";
pub(crate) const ENTITY_TYPE: &str = "entityType";

/// A domain type that is stored as an item of its own.
pub trait Entity: Serialize + DeserializeOwned {
    /// The value of the attribute `entityType`.
    const TYPE: &'static str;

    /// The item's places in secondary indexes.
    fn index_keys(&self) -> Vec<IndexKey> {
        Vec::new()
    }
}

/// The id of an entity, which says where its item is.
pub trait EntityId: Copy + Into<Resource> {
    /// The entity.
    type Entity: Entity;

    /// The primary key of its item.
    fn key(self) -> PrimaryKey;
}

/// An entity whose item names its owner, and which is therefore never read or changed but in a tenant's name.
pub trait Owned: Entity {}

/// A text attribute.
pub(crate) fn s(text: impl ToString) -> AttributeValue {
    AttributeValue::S(text.to_string())
}

/// A number attribute.
pub(crate) fn n(number: impl ToString) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

/// The value of a text attribute.
pub(crate) fn text<'a>(item: &'a Item, name: &str) -> Option<&'a str> {
    item.get(name)?.as_s().ok().map(String::as_str)
}

/// The attribute that names an owner, and its value.
pub(crate) fn owner_attribute(owner: Owner) -> (&'static str, String) {
    match owner {
        Owner::Company(id) => (COMPANY_ID, id.to_string()),
        Owner::Ats(id) => (ATS_ID, id.to_string()),
    }
}

/// True if an item belongs to an owner.
pub(crate) fn is_owned_by(item: &Item, owner: Owner) -> bool {
    let (attribute, id) = owner_attribute(owner);
    text(item, attribute) == Some(&id)
}

/// The value of an attribute.
pub(crate) fn encoded(value: impl Serialize) -> Result<AttributeValue, StoreError> {
    serde_dynamo::to_attribute_value(value).map_err(|error| StoreError::unknown("encode", error))
}

/// The item of an entity, at that version.
pub(crate) fn item_of<E: Entity>(key: PrimaryKey, entity: &E, version: u64) -> Result<Item, StoreError> {
    let mut item: Item = serde_dynamo::to_item(entity).map_err(|error| StoreError::unknown("encode", error))?;
    item.extend(key.into_attributes());
    item.insert(ENTITY_TYPE.to_owned(), s(E::TYPE));
    item.insert(VERSION.to_owned(), n(version));
    for IndexKey { index, partition, sort } in entity.index_keys() {
        item.insert(index.partition_attribute.to_owned(), s(partition));
        item.insert(index.sort_attribute.to_owned(), s(sort));
    }
    Ok(item)
}

/// The entity of an item.
pub(crate) fn entity<E: Entity>(item: Item) -> Result<Versioned<E>, StoreError> {
    let version = item.get(VERSION).and_then(|version| version.as_n().ok()).and_then(|digits| digits.parse().ok());
    let version = version.ok_or_else(|| StoreError::unknown("decode", format!("{} without version", E::TYPE)))?;
    let value = serde_dynamo::from_item(item).map_err(|error| StoreError::unknown("decode", error))?;
    Ok(Versioned { version, value })
}

/// The attribute of the time at which the table drops an item.
pub(crate) const EXPIRES_AT: &str = "expiresAt";

/// The type of what was deleted.
pub(crate) const TOMBSTONE: &str = "Tombstone";
/// The time that a tombstone is kept: 30 days, since nobody repeats a request for longer.
const TOMBSTONE_KEPT_SECONDS: i64 = 30 * 24 * 60 * 60;

/// The item that takes the place of a deleted one, until the table drops it: so that a repeat of the request that
/// created it does not create it anew.
pub(crate) fn tombstone(key: PrimaryKey, version: u64, now: Timestamp) -> Item {
    let mut item = key.into_attributes();
    item.insert(ENTITY_TYPE.to_owned(), s(TOMBSTONE));
    item.insert(VERSION.to_owned(), n(version));
    item.insert("createdAt".to_owned(), s(now));
    item.insert("updatedAt".to_owned(), s(now));
    item.insert(EXPIRES_AT.to_owned(), n(now.epoch_seconds() + TOMBSTONE_KEPT_SECONDS));
    item
}

/// The attribute of the time at which an entity was deleted of whose item something stays: content for interviews, or what the books need.
pub(crate) const DELETED_AT: &str = "deletedAt";

/// True if what an item held is deleted: nobody but who conducts an interview sees it.
pub(crate) fn is_deleted(item: &Item) -> bool {
    text(item, ENTITY_TYPE) == Some(TOMBSTONE) || item.contains_key(DELETED_AT)
}

/// True if an item is what a deletion of that time left of the version that was read: the deletion took effect, and its answer
/// was lost. A write of one item has no token by which DynamoDB would recognize it when it is sent again.
pub(crate) fn is_deletion(item: &Item, read: u64, now: Timestamp) -> bool {
    is_deleted(item) && item.get(VERSION) == Some(&n(read + 1)) && item.get("updatedAt") == Some(&s(now))
}
