//! Primary keys and index keys of the table's items. The file of each noun formats its own keys, by these types, and no
//! other file does.

use std::fmt::Display;

use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::entity::{Item, s};

/// The attribute of the partition key.
pub(crate) const PK: &str = "PK";
/// The attribute of the sort key.
pub(crate) const SK: &str = "SK";

/// The primary key of an item.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PrimaryKey {
    partition: String,
    sort: String,
}

impl PrimaryKey {
    /// The key of an entity alone in its partition.
    pub(crate) fn of(kind: &str, id: impl Display) -> Self {
        Self { partition: format!("{kind}#{id}"), sort: kind.to_owned() }
    }

    /// The key of an item beside this one, in the same partition.
    pub(crate) fn beside(self, sort: String) -> Self {
        Self { sort, ..self }
    }

    /// The key of an item or of an index entry.
    pub(crate) fn from_item(item: &Item) -> Option<Self> {
        let text = |name| item.get(name)?.as_s().ok().cloned();
        Some(Self { partition: text(PK)?, sort: text(SK)? })
    }

    /// The partition that the item lies in.
    pub(crate) fn partition(&self) -> &str {
        &self.partition
    }

    /// The partition key and the sort key, as an operator reads them.
    pub(crate) fn words(&self) -> String {
        format!("{} {}", self.partition, self.sort)
    }

    pub(crate) fn into_attributes(self) -> Item {
        Item::from([(PK.to_owned(), s(self.partition)), (SK.to_owned(), s(self.sort))])
    }
}

/// A secondary index: its name, and the attributes of its keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Index {
    pub name: &'static str,
    pub partition_attribute: &'static str,
    pub sort_attribute: &'static str,
}

/// The index of lists, oldest first. Up to the migration of [decision 47] there was another one over the same attributes, GSI1.
///
/// [decision 47]: ../../../docs/decisions/0047-indexes-hold-keys-only.md
pub(crate) const LISTS: Index = Index { name: "GSI1Keys", partition_attribute: "GSI1PK", sort_attribute: "GSI1SK" };
/// The index of candidates' interviews, and of systems' companies, oldest first. The time of creation is that of lists: one
/// attribute for all three keeps an ordinary interview's item within one kilobyte, which is one write unit.
pub(crate) const OF_CANDIDATE: Index = Index { name: "GSI3", partition_attribute: "GSI3PK", sort_attribute: "GSI1SK" };
/// The index of jobs' interviews, oldest first.
pub(crate) const OF_JOB: Index = Index { name: "GSI4", partition_attribute: "GSI4PK", sort_attribute: "GSI1SK" };
/// The indexes of a company's candidates by first name, last name and e-mail address, as searches compare them. Their partition
/// is that of the list: the attribute is there already.
pub(crate) const BY_FIRST_NAME: Index = Index { name: "GSI5", partition_attribute: "GSI1PK", sort_attribute: "GSI5SK" };
pub(crate) const BY_LAST_NAME: Index = Index { name: "GSI6", partition_attribute: "GSI1PK", sort_attribute: "GSI6SK" };
pub(crate) const BY_EMAIL: Index = Index { name: "GSI7", partition_attribute: "GSI1PK", sort_attribute: "GSI7SK" };
/// The sparse index: items that are looked for by something else than their key.
pub(crate) const SPARSE: Index = Index { name: "GSI2", partition_attribute: "GSI2PK", sort_attribute: "GSI2SK" };

/// The place of an item in a secondary index.
pub struct IndexKey {
    pub(crate) index: Index,
    pub(crate) partition: String,
    pub(crate) sort: String,
}

impl IndexKey {
    /// The place in a list by time of creation.
    pub(crate) fn listed(list: String, created_at: Timestamp, id: impl Display) -> Self {
        Self::in_order(LISTS, list, created_at, id)
    }

    /// The place in a partition of an index, by time of creation.
    pub(crate) fn in_order(index: Index, partition: String, created_at: Timestamp, id: impl Display) -> Self {
        Self { index, partition, sort: format!("{created_at}#{id}") }
    }
}
