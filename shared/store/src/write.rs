//! Writes of single items, and the transactions that they make up.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{
    AttributeValue, ConditionCheck, Delete, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};
use domain::Versioned;
use domain::company::{Company, Owner};
use domain::time::Timestamp;

use crate::create::{REQUEST_ID, TRACE_ID};
use crate::entity::{
    DELETED_AT, EXPIRES_AT, Entity, EntityId, Item, TOMBSTONE, VERSION, item_of, n, owner_attribute, s, tombstone,
};
use crate::error::StoreError;
use crate::key::PrimaryKey;

/// The request for an item's old image, which tells why a condition failed.
pub(crate) const OLD_IMAGE: ReturnValuesOnConditionCheckFailure = ReturnValuesOnConditionCheckFailure::AllOld;

/// The writes of one request, each with a name by which a failed condition is found.
pub(crate) struct Transaction<N> {
    pub names: Vec<N>,
    pub writes: Vec<Write>,
}

impl<N> Transaction<N> {
    /// A transaction that begins with that write: the one that tells whether the request is a repeat.
    pub fn of(name: N, write: Write) -> Self {
        Self { names: vec![name], writes: vec![write] }
    }

    /// A transaction of writes that are still to be added.
    pub fn empty() -> Self {
        Self { names: Vec::new(), writes: Vec::new() }
    }

    pub fn add(&mut self, name: N, write: Write) {
        self.names.push(name);
        self.writes.push(write);
    }
}

/// A write of one item, mostly under a condition. In its expressions `#name` stands for the attribute `name`.
#[derive(Debug, Clone)]
pub(crate) struct Write {
    pub action: Action,
    /// The condition; empty if there is none.
    condition: String,
    /// Placeholders that stand for an attribute of another name.
    aliases: HashMap<String, String>,
    values: HashMap<String, AttributeValue>,
}

#[derive(Debug, Clone)]
pub(crate) enum Action {
    Put(Item),
    Update(PrimaryKey, String),
    Delete(PrimaryKey),
    Check(PrimaryKey),
}

impl Write {
    fn new(action: Action, condition: &str) -> Self {
        Self { action, condition: condition.to_owned(), aliases: HashMap::new(), values: HashMap::new() }
    }

    pub fn put(item: Item, condition: &str) -> Self {
        Self::new(Action::Put(item), condition)
    }

    pub fn update(key: PrimaryKey, update: impl Into<String>, condition: &str) -> Self {
        Self::new(Action::Update(key, update.into()), condition)
    }

    /// Removes an item without a trace, where `Write::delete` leaves a tombstone, unless it has changed since it was read,
    /// or another was created in its place.
    pub fn remove(key: PrimaryKey, read: u64, created_at: Timestamp) -> Self {
        Self::new(Action::Delete(key), "#version = :version AND #createdAt = :createdAt")
            .value(":version", n(read))
            .value(":createdAt", s(created_at))
    }

    pub fn check(key: PrimaryKey, condition: &str) -> Self {
        Self::new(Action::Check(key), condition)
    }

    /// The attribute that a placeholder stands for, where it has another name.
    pub fn alias(mut self, placeholder: &str, attribute: impl ToString) -> Self {
        self.aliases.insert(placeholder.to_owned(), attribute.to_string());
        self
    }

    /// The value that a placeholder stands for.
    pub fn value(mut self, placeholder: &str, value: AttributeValue) -> Self {
        self.values.insert(placeholder.to_owned(), value);
        self
    }

    /// Creates an entity where there is none.
    pub fn create<E: Entity>(key: PrimaryKey, entity: &E) -> Result<Self, StoreError> {
        Ok(Self::put(item_of(key, entity, 1)?, "attribute_not_exists(PK)"))
    }

    /// Creates an entity where there is none, or where one was deleted.
    pub fn create_again<E: Entity>(key: PrimaryKey, entity: &E) -> Result<Self, StoreError> {
        let condition = "attribute_not_exists(PK) OR #entityType = :tombstone";
        Ok(Self::put(item_of(key, entity, 1)?, condition).value(":tombstone", s(TOMBSTONE)))
    }

    /// Creates an entity where there is none, or where one was deleted, by an update: for a program that may change items
    /// of the partition, and put none in the place of another.
    pub fn create_by_update<E: Entity>(key: PrimaryKey, entity: &E) -> Result<Self, StoreError> {
        let keys = key.clone().into_attributes();
        let mut item = item_of(key.clone(), entity, 1)?;
        item.retain(|name, _| !keys.contains_key(name));
        let set: Vec<String> = item.keys().map(|name| format!("#{name} = :{name}")).collect();
        let update = format!("SET {} REMOVE #{EXPIRES_AT}", set.join(", "));
        let condition = "attribute_not_exists(PK) OR #entityType = :tombstone";
        let write = Self::update(key, update, condition).value(":tombstone", s(TOMBSTONE));
        Ok(item.into_iter().fold(write, |write, (name, value)| write.value(&format!(":{name}"), value)))
    }

    /// Puts an item in the place of the one that was read, unless that has changed.
    pub fn replace(item: Item, read: u64) -> Self {
        Self::put(item, "#version = :version").value(":version", n(read))
    }

    /// Makes an entity's item a tombstone, unless it has changed since it was read. Of the item there remains the fingerprint
    /// of the request that created it: a repeat of that is told from another request under the same key.
    pub fn delete<I: EntityId>(id: I, old: &Versioned<I::Entity>, now: Timestamp) -> Result<Self, StoreError> {
        Self::supersede(id, old, tombstone(id.key(), old.version + 1, now))
    }

    /// Puts a tombstone that says more in the place of an entity's item, as [`Write::delete`] puts one.
    pub fn supersede<I: EntityId>(id: I, old: &Versioned<I::Entity>, after: Item) -> Result<Self, StoreError> {
        let mut before = item_of(id.key(), &old.value, old.version)?;
        before.extend([REQUEST_ID, TRACE_ID].map(|name| (name.to_owned(), s(""))));
        Ok(Self::become_item(id.key(), old.version, before, after))
    }

    /// Makes an item that has the attributes of `before` one that has those of `after`, unless it has changed since it was
    /// read. Attributes of neither stay.
    pub fn become_item(key: PrimaryKey, read: u64, before: Item, after: Item) -> Self {
        let removed: Vec<_> = before.into_keys().filter(|name| !after.contains_key(name)).collect();
        let removed: Vec<String> = removed.iter().map(|name| format!("#{name}")).collect();
        let keys = key.clone().into_attributes();
        let set: Vec<_> = after.into_iter().filter(|(name, _)| !keys.contains_key(name)).collect();
        let names: Vec<String> = set.iter().map(|(name, _)| format!("#{name} = :{name}")).collect();
        let mut update = format!("SET {}", names.join(", "));
        if !removed.is_empty() {
            update = format!("{update} REMOVE {}", removed.join(", "));
        }
        let write = Self::update(key, update, "#version = :read").value(":read", n(read));
        set.into_iter().fold(write, |write, (name, value)| write.value(&format!(":{name}"), value))
    }

    /// Marks an entity as deleted, unless it has changed since it was read, and takes it out of all lists. Its content stays, for
    /// the interviews that name it, and so does the record of the request that created it.
    pub fn hide<I: EntityId>(id: I, old: &Versioned<I::Entity>, now: Timestamp) -> Self {
        let listed = old.value.index_keys().into_iter();
        let removed = listed.flat_map(|key| [key.index.partition_attribute, key.index.sort_attribute]);
        let removed: Vec<String> = removed.map(|name| format!("#{name}")).collect();
        let mut update = format!("SET #{DELETED_AT} = :now, #updatedAt = :now, #{VERSION} = :next");
        if !removed.is_empty() {
            update = format!("{update} REMOVE {}", removed.join(", "));
        }
        Self::update(id.key(), update, "#version = :read")
            .value(":now", s(now))
            .value(":next", n(old.version + 1))
            .value(":read", n(old.version))
    }

    /// Demands that an item exists, is the owner's and was not deleted, at whatever version.
    pub fn owned(owner: Owner, key: PrimaryKey) -> Self {
        let (attribute, id) = owner_attribute(owner);
        Self::check(key, &format!("#{attribute} = :owner AND attribute_not_exists(#{DELETED_AT})"))
            .value(":owner", s(id))
    }

    /// Puts a tombstone where an item is that was not read, and that changes only together with one that was.
    pub fn bury(key: PrimaryKey, now: Timestamp) -> Self {
        let condition = "attribute_not_exists(PK) OR #entityType <> :tombstone";
        Self::put(tombstone(key, 1, now), condition).value(":tombstone", s(TOMBSTONE))
    }

    /// Writes the difference between an entity as it was read and as it shall be, unless it has changed since.
    pub fn change<E: Entity>(key: PrimaryKey, old: &Versioned<E>, new: &E) -> Result<Self, StoreError> {
        let before = item_of(key.clone(), &old.value, old.version)?;
        let after = item_of(key.clone(), new, old.version + 1)?;
        let changed: Vec<_> = after.iter().filter(|(name, value)| before.get(*name) != Some(value)).collect();
        let set: Vec<String> = changed.iter().map(|(name, _)| format!("#{name} = :{name}")).collect();
        let removed = before.keys().filter(|name| !after.contains_key(*name));
        let removed: Vec<String> = removed.map(|name| format!("#{name}")).collect();
        let mut update = format!("SET {}", set.join(", "));
        if !removed.is_empty() {
            update = format!("{update} REMOVE {}", removed.join(", "));
        }
        let write = Self::update(key, update, "#version = :read").value(":read", n(old.version));
        Ok(changed.into_iter().fold(write, |write, (name, value)| write.value(&format!(":{name}"), value.clone())))
    }

    /// Demands that an item still is the owner's, at the version that was read.
    pub fn guard<I: EntityId>(owner: Owner, id: I, read: u64) -> Self {
        Self::check(id.key(), "").owned_by(owner, read)
    }

    /// Demands that a company still is as it was read: a system's right to act for it was told by that.
    pub fn guard_company(read: &Versioned<Company>) -> Self {
        Self::guard_version(read.value.id.key(), read.version)
    }

    /// Demands that an item still is at the version that was read.
    pub fn guard_version(key: PrimaryKey, read: u64) -> Self {
        Self::check(key, "#version = :version").value(":version", n(read))
    }

    /// The same write under the condition that the item still is the owner's, at the version that was read.
    pub fn owned_by(self, owner: Owner, read: u64) -> Self {
        let (attribute, id) = owner_attribute(owner);
        let condition = format!("#{attribute} = :owner AND #{VERSION} = :version");
        Self { condition, ..self }.value(":owner", s(id)).value(":version", n(read))
    }

    /// Demands that an item exists.
    pub fn exists(key: PrimaryKey) -> Self {
        Self::check(key, "attribute_exists(PK)")
    }

    /// The condition, if there is one.
    pub fn condition(&self) -> Option<String> {
        (!self.condition.is_empty()).then(|| self.condition.clone())
    }

    /// The attributes that the expressions name, by their placeholders, if there are any.
    pub fn names(&self) -> Option<HashMap<String, String>> {
        let update = match &self.action {
            Action::Update(_, update) => update.as_str(),
            Action::Put(_) | Action::Delete(_) | Action::Check(_) => "",
        };
        let placeholders = [update, self.condition.as_str()].into_iter().flat_map(|text| text.split('#').skip(1));
        let name = |text: &str| -> String { text.chars().take_while(|c| c.is_ascii_alphanumeric()).collect() };
        let attribute = |name: String| {
            let placeholder = format!("#{name}");
            let attribute = self.aliases.get(&placeholder).cloned().unwrap_or(name);
            (placeholder, attribute)
        };
        let names: HashMap<_, _> = placeholders.map(name).map(attribute).collect();
        (!names.is_empty()).then_some(names)
    }

    /// The values of the placeholders, if there are any.
    pub fn values(&self) -> Option<HashMap<String, AttributeValue>> {
        (!self.values.is_empty()).then(|| self.values.clone())
    }

    /// The write as a part of a transaction on that table.
    pub fn in_transaction(&self, table: &str) -> Result<TransactWriteItem, StoreError> {
        let (condition, names, values) = (self.condition(), self.names(), self.values());
        let write = TransactWriteItem::builder();
        let write = match &self.action {
            Action::Put(item) => {
                let put = Put::builder().table_name(table).set_item(Some(item.clone()));
                let put = put.set_condition_expression(condition).set_expression_attribute_names(names);
                let put = put.set_expression_attribute_values(values);
                put.return_values_on_condition_check_failure(OLD_IMAGE).build().map(|put| write.put(put))
            }
            Action::Update(key, expression) => {
                let update = Update::builder().table_name(table).set_key(Some(key.clone().into_attributes()));
                let update = update.update_expression(expression).set_condition_expression(condition);
                let update = update.set_expression_attribute_names(names).set_expression_attribute_values(values);
                update.return_values_on_condition_check_failure(OLD_IMAGE).build().map(|update| write.update(update))
            }
            Action::Delete(key) => {
                let delete = Delete::builder().table_name(table).set_key(Some(key.clone().into_attributes()));
                let delete = delete.set_condition_expression(condition).set_expression_attribute_names(names);
                let delete = delete.set_expression_attribute_values(values);
                let delete = delete.return_values_on_condition_check_failure(OLD_IMAGE);
                delete.build().map(|delete| write.delete(delete))
            }
            Action::Check(key) => {
                let check = ConditionCheck::builder().table_name(table).set_key(Some(key.clone().into_attributes()));
                let check = check.set_condition_expression(condition).set_expression_attribute_names(names);
                let check = check.set_expression_attribute_values(values);
                let check = check.return_values_on_condition_check_failure(OLD_IMAGE);
                check.build().map(|check| write.condition_check(check))
            }
        };
        write.map(|write| write.build()).map_err(|error| StoreError::unknown("build", error))
    }
}

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};

    use super::*;
    use crate::key::{IndexKey, SPARSE};

    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Task {
        name: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        note: Option<String>,
        is_done: bool,
    }

    impl Entity for Task {
        const TYPE: &'static str = "Task";

        fn index_keys(&self) -> Vec<IndexKey> {
            let due = IndexKey { index: SPARSE, partition: "DUE".to_owned(), sort: self.name.clone() };
            if self.is_done { Vec::new() } else { vec![due] }
        }
    }

    fn sorted<'a>(list: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
        let mut list = Vec::from_iter(list);
        list.sort_unstable();
        list
    }

    #[test]
    fn a_change_sets_what_differs_and_removes_what_is_gone() {
        let old = Task { name: "a".to_owned(), note: Some("n".to_owned()), is_done: false };
        let new = Task { name: "a".to_owned(), note: None, is_done: true };
        let write = Write::change(PrimaryKey::of("TASK", 1), &Versioned { version: 4, value: old }, &new).unwrap();
        let Action::Update(_, update) = &write.action else { panic!("{write:?}") };
        let (set, removed) = update.strip_prefix("SET ").unwrap().split_once(" REMOVE ").unwrap();
        assert_eq!(sorted(set.split(", ")), ["#isDone = :isDone", "#version = :version"]);
        assert_eq!(sorted(removed.split(", ")), ["#GSI2PK", "#GSI2SK", "#note"]);
        assert_eq!(sorted(write.values.keys().map(String::as_str)), [":isDone", ":read", ":version"]);
        assert_eq!(write.condition, "#version = :read");
    }
}
