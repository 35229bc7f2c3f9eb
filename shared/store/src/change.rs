//! Changes and deletions of resources.

use domain::Versioned;
use domain::resource::{AccessError, Resource};

use crate::create::WriteContext;
use crate::entity::{EntityId, Item, Owned, is_deleted, is_deletion};
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

/// The writes of a change or a deletion: of the entity itself, and the demands for the company that is acted for and for what
/// the entity uses.
enum ChangeWrite {
    Changed,
    /// With the version that was read.
    Hidden(u64),
    Company,
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
        let mut transaction = Transaction::of(ChangeWrite::Changed, Write::change(id.key(), old, new)?);
        for (used, demand) in uses.demanded(context) {
            transaction.add(ChangeWrite::Used(used), demand);
        }
        self.commit_versioned(context, transaction).await
    }

    /// Deletes an entity that interviews name, unless it has changed since it was read. Its content stays for those.
    pub async fn hide<I: EntityId<Entity: Owned>>(
        &mut self,
        context: &WriteContext<'_>,
        id: I,
        old: &Versioned<I::Entity>,
    ) -> Result<Updated, LookupError> {
        let transaction = Transaction::of(ChangeWrite::Hidden(old.version), Write::hide(id, old, context.now));
        self.commit_versioned(context, transaction).await
    }

    async fn commit_versioned(
        &mut self,
        context: &WriteContext<'_>,
        mut transaction: Transaction<ChangeWrite>,
    ) -> Result<Updated, LookupError> {
        if let Some(guard) = context.guard_managed() {
            transaction.add(ChangeWrite::Company, guard);
        }
        match self.commit(transaction).await? {
            Commit::Done => Ok(Updated::Applied),
            Commit::Failed(ChangeWrite::Hidden(read), Some(item)) if is_deletion(&item, read, context.now) => {
                Ok(Updated::Applied)
            }
            Commit::Failed(ChangeWrite::Changed | ChangeWrite::Hidden(_) | ChangeWrite::Company, _) => {
                Ok(Updated::Outdated)
            }
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
