//! Changes and deletions of resources.

use domain::Versioned;
use domain::resource::{AccessError, Resource};

use crate::create::WriteContext;
use crate::entity::{DELETED_AT, EntityId, Item, Owned, VERSION, is_deleted, n, s};
use crate::key::PrimaryKey;
use crate::lookup::LookupError;
use crate::session::{Commit, Session, Updated};
use crate::write::{Transaction, Write};

/// The entities that an entity uses: each must exist and belong to the same tenant when the entity is written.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Uses(Vec<(PrimaryKey, Resource)>);

impl Uses {
    /// Adds an entity, if an id is given.
    pub fn with<I: EntityId<Entity: Owned>>(mut self, id: Option<I>) -> Self {
        self.0.extend(id.map(|id| (id.key(), id.into())));
        self
    }

    /// The writes that demand them, each with the entity.
    pub(crate) fn demanded(&self, context: &WriteContext<'_>) -> impl Iterator<Item = (Resource, Write)> {
        self.0.iter().map(|(key, resource)| (*resource, Write::owned(context.tenant, key.clone())))
    }
}

/// The writes of a change: of the entity itself and of the company that is acted for, or the demand for what it uses.
enum ChangeWrite {
    Versioned,
    Used(Resource),
}

impl Session {
    /// Changes an entity, unless it has changed since it was read.
    ///
    /// # Errors
    /// Also if something that it uses is not the tenant's, or is not there any more.
    pub async fn change<I: EntityId<Entity: Owned>>(
        &mut self,
        context: &WriteContext<'_>,
        id: I,
        old: &Versioned<I::Entity>,
        new: &I::Entity,
        uses: &Uses,
    ) -> Result<Updated, LookupError> {
        let mut transaction = Transaction::of(ChangeWrite::Versioned, Write::change(id.key(), old, new)?);
        for (used, demand) in uses.demanded(context) {
            transaction.add(ChangeWrite::Used(used), demand);
        }
        self.commit_versioned(context, transaction, |_| false).await
    }

    /// Deletes an entity that interviews name, unless it has changed since it was read. Its content stays for those.
    pub async fn hide<I: EntityId<Entity: Owned>>(
        &mut self,
        context: &WriteContext<'_>,
        id: I,
        old: &Versioned<I::Entity>,
    ) -> Result<Updated, LookupError> {
        let transaction = Transaction::of(ChangeWrite::Versioned, Write::hide(id, old, context.now));
        let (deleted_at, version) = (s(context.now), n(old.version + 1));
        let is_hidden = |item: &Item| item.get(DELETED_AT) == Some(&deleted_at) && item.get(VERSION) == Some(&version);
        self.commit_versioned(context, transaction, is_hidden).await
    }

    async fn commit_versioned(
        &mut self,
        context: &WriteContext<'_>,
        mut transaction: Transaction<ChangeWrite>,
        is_written: impl Fn(&Item) -> bool,
    ) -> Result<Updated, LookupError> {
        if let Some(guard) = context.guard_managed() {
            transaction.add(ChangeWrite::Versioned, guard);
        }
        match self.commit(transaction).await? {
            Commit::Done => Ok(Updated::Applied),
            // A single write has no token: the item is the one that was written, and the first answer was lost.
            Commit::Failed(ChangeWrite::Versioned, Some(item)) if is_written(&item) => Ok(Updated::Applied),
            Commit::Failed(ChangeWrite::Versioned, _) => Ok(Updated::Outdated),
            Commit::Failed(ChangeWrite::Used(used), item) => Err(denied(used, item.as_ref()).into()),
        }
    }
}

/// The reason why something can't be used whose item failed the demand.
fn denied(used: Resource, item: Option<&Item>) -> AccessError {
    match item {
        Some(item) if !is_deleted(item) => AccessError::Forbidden(used),
        Some(_) | None => AccessError::NotFound(used),
    }
}
