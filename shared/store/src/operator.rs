//! The commands of an operator: failures that say what was wrong, and whole lists.

use std::fmt;

use domain::api_key::RotationRefusal;
use domain::history::HistoryEntry;
use domain::time::Period;

use crate::Store;
use crate::entity::{Entity, Item, entity};
use crate::error::StoreError;
use crate::history::enter;
use crate::key::{LISTS, PrimaryKey};
use crate::session::{Commit, Query, SortKeys};
use crate::table::{self, CreateError};
use crate::write::Transaction;

/// The reason why an operator's request was not carried out.
#[derive(Debug)]
pub enum OperatorError {
    /// No entity of this kind has the id.
    NotFound(&'static str),
    /// A revoked key stays revoked.
    Revoked,
    /// The key can't be replaced by another.
    NotRotated(RotationRefusal),
    /// This machine's clock shows another month than DynamoDB's.
    ClocksDiffer {
        /// The month by this machine.
        own: Period,
        /// The month by DynamoDB.
        table: Period,
    },
    /// Somebody else changed the same thing at the same time.
    Changed,
    /// The table was not created.
    Table(CreateError),
    /// The table could not be read or written.
    Store(StoreError),
}

impl fmt::Display for OperatorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound(what) => write!(f, "there is no such {what}"),
            Self::Revoked => f.write_str("the key is revoked, and stays so; create another"),
            Self::NotRotated(refusal) => refusal.fmt(f),
            Self::ClocksDiffer { own, table } => {
                write!(f, "this machine's clock shows {own} and DynamoDB's {table}; set it right, and try again")
            }
            Self::Changed => f.write_str("somebody else changed this at the same time; try again"),
            Self::Table(error) => error.fmt(f),
            Self::Store(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for OperatorError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::NotFound(_) | Self::Revoked | Self::NotRotated(_) | Self::ClocksDiffer { .. } | Self::Changed => None,
            Self::Table(error) => error.source(),
            Self::Store(error) => error.source(),
        }
    }
}

impl From<StoreError> for OperatorError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Most pages of an operator's list. Lists are read to their end, and one that is longer is a sign of a runaway.
const LIST_PAGES_MAX: usize = 1_000;

impl Store {
    /// Creates the table as `template.yaml` defines it.
    pub async fn create_table(&self) -> Result<(), OperatorError> {
        table::create(&self.client, &self.table).await.map_err(OperatorError::Table)
    }

    /// Commits writes, each with the error that its failed condition means, and the entry that tells of them.
    ///
    /// The entry comes first. No other change has its id: if it is there, this very change was made, and its answer
    /// was lost.
    pub(crate) async fn commit(
        &self,
        changes: Transaction<OperatorError>,
        entry: HistoryEntry,
    ) -> Result<(), OperatorError> {
        let mut transaction = Transaction::of(None, enter(&entry)?);
        for (error, write) in changes.names.into_iter().zip(changes.writes) {
            transaction.add(Some(error), write);
        }
        match self.session().commit(transaction).await? {
            Commit::Done | Commit::Failed(None, _) => Ok(()),
            Commit::Failed(Some(error), _) => Err(error),
        }
    }

    /// The entities of a list, oldest first, each read consistently by its primary key.
    pub(crate) async fn list<E: Entity>(&self, list: String) -> Result<Vec<E>, OperatorError> {
        let (mut entities, mut from) = (Vec::new(), None);
        for _ in 0..LIST_PAGES_MAX {
            let (page, next) = self.list_page(&list, from, None).await?;
            entities.extend(page);
            from = next;
            if from.is_none() {
                break;
            }
        }
        Ok(entities)
    }

    /// A page of a list, in the same order, and the key after which the next one begins: as many entities as the limit
    /// says, if there is one.
    pub(crate) async fn list_page<E: Entity>(
        &self,
        list: &str,
        after: Option<Item>,
        limit: Option<u16>,
    ) -> Result<(Vec<E>, Option<Item>), OperatorError> {
        let partition = list.to_owned();
        let query =
            Query { index: Some(LISTS), partition, sort_keys: SortKeys::All, newest_first: false, consistent: false };
        let mut session = self.session();
        let (entries, next) = session.query(&query, after, limit).await?;
        let keys: Vec<_> = entries.iter().filter_map(PrimaryKey::from_item).collect();
        let mut items = session.get(keys.clone()).await?;
        let items = keys.iter().filter_map(|key| items.remove(key));
        let entities = items.map(|item| Ok(entity::<E>(item)?.value)).collect::<Result<_, StoreError>>()?;
        Ok((entities, next))
    }
}
