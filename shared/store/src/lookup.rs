//! The first of a request's two round trips: the caller's key, and everything that the request names.

use std::collections::HashMap;

use domain::Versioned;
use domain::allowance::Allowance;
use domain::api_key::{ApiKey, ApiKeyHash};
use domain::company::{Company, CompanyId, Owner};
use domain::delivery::{Delivery, DeliveryId};
use domain::idempotency::IdSecret;
use domain::key_use::Source;
use domain::resource::{AccessError, Resource};
use domain::time::Timestamp;
use domain::webhook::Webhook;

use crate::allowance::AllowanceOf;
use crate::api_key::key_of;
use crate::candidate::is_expired;
use crate::delivery::DeliveryAddress;
use crate::entity::{EntityId, Item, Owned, entity, is_deleted, is_owned_by};
use crate::error::StoreError;
use crate::id_secret::id_secret;
use crate::key::PrimaryKey;
use crate::limits::FoundUses;
use crate::session::Session;

/// The entities that a request names.
#[derive(Debug, Clone, Default)]
pub struct References(Vec<Reference>);

#[derive(Debug, Clone)]
struct Reference {
    key: PrimaryKey,
    resource: Resource,
    /// True if the request means something also when the entity is deleted.
    may_be_deleted: bool,
}

impl References {
    /// Adds an entity, if an id is given.
    pub fn with<I: EntityId>(mut self, id: Option<I>) -> Self {
        self.0.extend(id.map(|id| Reference { key: id.key(), resource: id.into(), may_be_deleted: false }));
        self
    }

    /// Adds an entity that may be deleted, if an id is given.
    pub fn with_deleted<I: EntityId>(mut self, id: Option<I>) -> Self {
        self.0.extend(id.map(|id| Reference { key: id.key(), resource: id.into(), may_be_deleted: true }));
        self
    }

    /// The union of both.
    pub fn and(mut self, others: Self) -> Self {
        self.0.extend(others.0);
        self
    }
}

/// The result of a look-up.
pub struct Lookup {
    /// The caller's key, if it is known.
    pub api_key: Option<ApiKey>,
    /// The company that the caller wants to act for, if it exists. The caller's right to act for it is still to be
    /// checked.
    pub company: Option<Versioned<Company>>,
    /// The secret that the ids of the owner of the caller's key are derived with, if it has one.
    pub owner_secret: Option<IdSecret>,
    /// The same of the company.
    pub company_secret: Option<IdSecret>,
    /// The entities that the request names.
    pub unscoped: Unscoped,
}

/// Entities that can't be looked at before it is known for which tenant.
pub struct Unscoped {
    items: HashMap<PrimaryKey, Item>,
    deleted: HashMap<PrimaryKey, Item>,
}

impl Unscoped {
    /// The entities as a tenant sees them, once the caller's right to act for it is established. Candidates whose data may
    /// not be kept any longer are not among them.
    pub fn scope(self, tenant: Owner, now: Timestamp) -> Scoped {
        let Self { mut items, deleted } = self;
        items.retain(|_, item| !is_expired(item, now));
        Scoped { tenant, items, deleted }
    }
}

/// Entities as one tenant sees them.
pub struct Scoped {
    tenant: Owner,
    items: HashMap<PrimaryKey, Item>,
    /// The items of deleted ones, as far as they are kept.
    deleted: HashMap<PrimaryKey, Item>,
}

/// The reason why a named entity can't be used.
#[derive(Debug)]
pub enum LookupError {
    /// The entity is somebody else's, or does not exist.
    Access(AccessError),
    /// The table can't be read, or the entity's item can't be decoded.
    Store(StoreError),
}

impl From<AccessError> for LookupError {
    fn from(error: AccessError) -> Self {
        Self::Access(error)
    }
}

impl From<StoreError> for LookupError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Scoped {
    /// Nothing, if all these entities are the tenant's.
    ///
    /// # Errors
    /// The first that is somebody else's or does not exist.
    pub fn check(&self, references: &References) -> Result<(), AccessError> {
        references.0.iter().try_for_each(|Reference { key, resource, may_be_deleted }| {
            let is_own = |item: &Item| is_owned_by(item, self.tenant);
            let is_own_deleted = *may_be_deleted && self.deleted.get(key).is_some_and(is_own);
            if is_own_deleted { Ok(()) } else { self.item(key, *resource).map(|_| ()) }
        })
    }

    fn item(&self, key: &PrimaryKey, resource: Resource) -> Result<&Item, AccessError> {
        let item = self.items.get(key).ok_or(AccessError::absent(resource))?;
        if is_owned_by(item, self.tenant) { Ok(item) } else { Err(AccessError::Forbidden(resource)) }
    }

    /// A named entity, if it is the tenant's.
    pub fn get<I: EntityId<Entity: Owned>>(&self, id: I) -> Result<Versioned<I::Entity>, LookupError> {
        Ok(entity(self.item(&id.key(), id.into())?.clone())?)
    }

    /// The allowance of a company that is the tenant's, named beside it.
    pub fn allowance(&self, company: &Company) -> Result<Versioned<Allowance>, StoreError> {
        let item = self.items.get(&AllowanceOf(company.id).key());
        entity(item.ok_or_else(|| StoreError::unknown("BatchGetItem", "a company without allowance"))?.clone())
    }

    /// A named delivery to a webhook, which is the tenant's.
    pub fn delivery(&self, webhook: &Webhook, id: DeliveryId) -> Result<Versioned<Delivery>, LookupError> {
        let key = DeliveryAddress { webhook_id: webhook.id, id }.key();
        let item = self.items.get(&key).ok_or(AccessError::NotFound(id.into()))?;
        Ok(entity(item.clone())?)
    }
}

impl Session {
    /// Reads the caller's key and the company that it wants to act for, together with the entities that the request names.
    pub async fn look_up(
        &mut self,
        api_key: &ApiKeyHash,
        company: Option<CompanyId>,
        references: &References,
    ) -> Result<Lookup, StoreError> {
        Ok(self.read_named(api_key, company, references, None).await?.0)
    }

    /// Reads the same, and the requests of the key so far. A request of a key that this instance knows is counted beside it.
    pub async fn look_up_and_count(
        &mut self,
        api_key: &ApiKeyHash,
        company: Option<CompanyId>,
        references: &References,
        source: Option<Source>,
        now: Timestamp,
    ) -> Result<(Lookup, FoundUses), StoreError> {
        let counter = self.count_ahead(api_key, source, now);
        let (lookup, counted) = self.read_named(api_key, company, references, Some(counter.key.clone())).await?;
        Ok((lookup, self.found_uses(counter, counted.as_ref()).await))
    }

    async fn read_named(
        &mut self,
        api_key: &ApiKeyHash,
        company: Option<CompanyId>,
        references: &References,
        counter: Option<PrimaryKey>,
    ) -> Result<(Lookup, Option<Item>), StoreError> {
        let (key_key, company_key) = (key_of(api_key), company.map(EntityId::key));
        let mut keys = vec![key_key.clone()];
        keys.extend(company_key.clone());
        keys.extend(counter.clone());
        keys.extend(references.0.iter().map(|reference| reference.key.clone()));
        let stored = self.get_with_deleted(keys).await?;
        let (deleted, mut items): (HashMap<_, _>, HashMap<_, _>) =
            stored.into_iter().partition(|(_, item)| is_deleted(item));
        let api_key = items.remove(&key_key);
        let company = company_key.and_then(|key| items.remove(&key));
        let counted = counter.and_then(|key| items.remove(&key));
        let lookup = Lookup {
            owner_secret: api_key.as_ref().map(id_secret).transpose()?.flatten(),
            company_secret: company.as_ref().map(id_secret).transpose()?.flatten(),
            api_key: api_key.map(entity::<ApiKey>).transpose()?.map(|key| key.value),
            company: company.map(entity::<Company>).transpose()?,
            unscoped: Unscoped { items, deleted },
        };
        Ok((lookup, counted))
    }

    /// Reads further entities for the same tenant.
    pub async fn look_up_more(&mut self, references: &References, scoped: &mut Scoped) -> Result<(), StoreError> {
        if !references.0.is_empty() {
            let keys = references.0.iter().map(|reference| reference.key.clone()).collect();
            scoped.items.extend(self.get(keys).await?);
        }
        Ok(())
    }

    /// Reads the same again after a write found something changed: a while later, and only while there is time.
    pub async fn look_up_again(
        &mut self,
        api_key: &ApiKeyHash,
        company: Option<CompanyId>,
        references: &References,
    ) -> Result<Lookup, StoreError> {
        self.pause_after_change().await?;
        self.look_up(api_key, company, references).await
    }
}
