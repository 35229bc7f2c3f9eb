//! The history of operators' changes.

use std::collections::HashMap;

use domain::company::Owner;
use domain::history::{HistoryAction, HistoryEntry, HistoryEntryId};
use domain::time::Timestamp;
use uuid::Uuid;

use crate::Store;
use crate::company;
use crate::entity::{Entity, entity, s};
use crate::error::StoreError;
use crate::key::{IndexKey, LISTS, PrimaryKey};
use crate::operator::OperatorError;
use crate::page::{Page, PageRequest};
use crate::session::{Query, SortKeys};
use crate::write::{Transaction, Write};

/// An entry is in the list of its owner, in the order of ids, which is that of time.
impl Entity for HistoryEntry {
    const TYPE: &'static str = "HistoryEntry";

    fn index_keys(&self) -> Vec<IndexKey> {
        let place = |owner| IndexKey { index: LISTS, partition: list_of(owner), sort: self.id.to_string() };
        self.owner.map(place).into_iter().collect()
    }
}

/// The one partition of all entries: operators make few changes.
const PARTITION: &str = "OPERATORS";

fn key_of(id: HistoryEntryId) -> PrimaryKey {
    PrimaryKey::of("HISTORY", PARTITION).beside(id.to_string())
}

/// The list of an owner's entries.
fn list_of(owner: Owner) -> String {
    match owner {
        Owner::Company(id) => company::list_of(id, "HISTORY"),
        Owner::Ats(id) => format!("ATS#{id}#HISTORY"),
    }
}

impl Store {
    /// An entry of the history for a change by this store's operator.
    pub(crate) fn entry(
        &self,
        action: HistoryAction,
        subject: impl ToString,
        owner: Option<Owner>,
        now: Timestamp,
    ) -> HistoryEntry {
        let id = HistoryEntryId::at(now, Uuid::new_v4());
        HistoryEntry::new(id, self.operator.clone(), action, subject, owner, now)
    }

    /// Enters the creation of the table, which no transaction can be part of.
    pub async fn enter_table(&self, now: Timestamp) -> Result<(), OperatorError> {
        let entry = self.entry(HistoryAction::CreateTable, &self.table, None, now);
        self.commit(Transaction::empty(), entry).await
    }

    /// The changes by operators, newest first: all of them, or those of an owner.
    pub async fn history(
        &self,
        owner: Option<Owner>,
        page: PageRequest<HistoryEntryId>,
    ) -> Result<Page<HistoryEntry, HistoryEntryId>, OperatorError> {
        let mut session = self.session();
        let (index, partition) = match owner {
            Some(owner) => (Some(LISTS), list_of(owner)),
            None => (None, PrimaryKey::of("HISTORY", PARTITION).partition().to_owned()),
        };
        let after = page.cursor.map(|cursor| {
            let mut after = key_of(cursor).into_attributes();
            if let Some(index) = index {
                after.insert(index.partition_attribute.to_owned(), s(&partition));
                after.insert(index.sort_attribute.to_owned(), s(cursor));
            }
            after
        });
        let query = Query { index, partition, sort_keys: SortKeys::All, newest_first: true, consistent: false };
        let (found, next) = session.query(&query, after, Some(page.limit)).await?;
        let keys: Vec<_> = found.iter().filter_map(PrimaryKey::from_item).collect();
        let mut items: HashMap<_, _> = match owner {
            // The index does not hold all of an entry.
            Some(_) => session.get(keys.clone()).await?,
            None => keys.iter().cloned().zip(found).collect(),
        };
        let items = keys.iter().filter_map(|key| items.remove(key));
        let items = items.map(|item| Ok(entity::<HistoryEntry>(item)?.value));
        let items = items.collect::<Result<Vec<_>, StoreError>>()?;
        Ok(Page { next: items.last().map(|entry| entry.id).filter(|_| next.is_some()), items })
    }
}

/// The write of an entry.
pub(crate) fn enter(entry: &HistoryEntry) -> Result<Write, StoreError> {
    Write::create(key_of(entry.id), entry)
}
