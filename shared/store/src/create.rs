//! Creating: the second of a request's two round trips.

use std::future::Future;

use domain::Versioned;
use domain::company::{Company, Owner};
use domain::idempotency::{Fingerprint, IdSecret};
use domain::time::Timestamp;
use domain::trace::TraceId;

use crate::entity::{Entity, EntityId, Item, Owned, encoded, entity, is_deleted, is_owned_by, item_of, s, text};
use crate::error::StoreError;
use crate::id_secret::ID_SECRET;
use crate::session::Session;
use crate::write::Write;

/// The attribute of the request that created an item. It tells an answer that was lost from a repeated request.
pub(crate) const REQUEST_ID: &str = "requestId";
/// The attribute of that request's trace id, if it had one.
pub(crate) const TRACE_ID: &str = "traceId";
/// The attribute of that request's fingerprint, if it had an idempotency key.
const FINGERPRINT: &str = "fingerprint";

/// The tenant for whom a request writes, and the request itself.
#[derive(Debug, Clone)]
pub struct WriteContext<'a> {
    /// The tenant.
    pub tenant: Owner,
    /// The company's item, if the right to act for the company was read from it (an applicant tracking system's key).
    pub managed: Option<Versioned<Company>>,
    /// The request.
    pub record: IdempotencyRecord<'a>,
    /// The trace that the request belongs to.
    pub trace_id: Option<TraceId>,
    /// The time of the request.
    pub now: Timestamp,
}

/// The request that creates something, as kept with what it creates, so that a repeat is recognized.
#[derive(Debug, Clone, Copy)]
pub struct IdempotencyRecord<'a> {
    /// The id of the HTTP request, which no other request has.
    pub request_id: &'a str,
    /// The request's fingerprint, if it may be repeated.
    pub fingerprint: Option<&'a Fingerprint>,
}

/// An entity that an earlier request created under the same identity.
#[derive(Debug, Clone, PartialEq)]
pub struct Existing<T> {
    /// The entity as it stands.
    pub entity: T,
    /// The fingerprint of that request, if it had an idempotency key.
    pub fingerprint: Option<Fingerprint>,
}

/// The outcome of a request to create something.
#[derive(Debug, PartialEq)]
pub enum Creation<T, R> {
    /// The entity is created.
    Created(T),
    /// The entity exists: an earlier request created it.
    Exists(Existing<T>),
    /// The entity existed: an earlier request created it, and it was deleted since. The fingerprint is that of the request,
    /// unless it was deleted before tombstones had it.
    Deleted(Option<Fingerprint>),
    /// Something that the decision was based on has changed: read and decide again.
    Changed,
    /// A rule forbids the creation.
    Refused(R),
}

/// Something that a request creates, with all that becomes visible together with it.
pub trait Create: Sync {
    /// The entity that the request is for.
    type Entity: Entity + Owned;
    /// The reason why a rule may forbid the creation; [`std::convert::Infallible`] where nothing but what was read
    /// decides.
    type Refusal;

    /// Makes everything take effect, or nothing.
    fn create(
        &self,
        session: &mut Session,
        context: &WriteContext<'_>,
    ) -> impl Future<Output = Result<Creation<Self::Entity, Self::Refusal>, StoreError>> + Send;
}

impl WriteContext<'_> {
    /// Creates the entity that the request is for, which is also the record of the request.
    pub(crate) fn create<I: EntityId>(&self, id: I, new: &I::Entity) -> Result<Write, StoreError> {
        Ok(Write::put(self.item(id, new)?, "attribute_not_exists(PK)"))
    }

    /// The same for an entity whose changes the table's stream announces: it keeps the request's trace id as well.
    pub(crate) fn create_announced<I: EntityId>(&self, id: I, new: &I::Entity) -> Result<Write, StoreError> {
        let mut item = self.item(id, new)?;
        item.extend(self.trace_id.map(|trace_id| (TRACE_ID.to_owned(), s(trace_id))));
        Ok(Write::put(item, "attribute_not_exists(PK)"))
    }

    /// The same for a company, with the secret that its ids are derived with.
    pub(crate) fn create_company(&self, new: &Company, secret: IdSecret) -> Result<Write, StoreError> {
        let mut item = self.item(new.id, new)?;
        item.insert(ID_SECRET.to_owned(), s(secret.to_stored()));
        Ok(Write::put(item, "attribute_not_exists(PK)"))
    }

    fn item<I: EntityId>(&self, id: I, new: &I::Entity) -> Result<Item, StoreError> {
        let mut item = item_of(id.key(), new, 1)?;
        item.insert(REQUEST_ID.to_owned(), s(self.record.request_id));
        if let Some(fingerprint) = self.record.fingerprint {
            item.insert(FINGERPRINT.to_owned(), encoded(fingerprint)?);
        }
        Ok(item)
    }

    /// Demands that the company is still managed as it was when that was read.
    pub(crate) fn guard_managed(&self) -> Option<Write> {
        self.managed.as_ref().map(Write::guard_company)
    }

    /// The outcome if the entity is there already: from this very request, whose first answer was lost, or from an
    /// earlier one.
    pub(crate) fn existing<E: Entity, R>(&self, item: Option<Item>) -> Result<Creation<E, R>, StoreError> {
        let item = item.ok_or_else(|| StoreError::unknown("create", "exists, but without an image"))?;
        if is_deleted(&item) {
            return Ok(Creation::Deleted(fingerprint(&item)?));
        }
        let own = text(&item, REQUEST_ID) == Some(self.record.request_id);
        let existing = existing::<E>(item)?;
        Ok(if own { Creation::Created(existing.entity) } else { Creation::Exists(existing) })
    }
}

fn existing<E: Entity>(item: Item) -> Result<Existing<E>, StoreError> {
    let fingerprint = fingerprint(&item)?;
    Ok(Existing { entity: entity(item)?.value, fingerprint })
}

fn fingerprint(item: &Item) -> Result<Option<Fingerprint>, StoreError> {
    let fingerprint = item.get(FINGERPRINT).cloned().map(serde_dynamo::from_attribute_value).transpose();
    fingerprint.map_err(|error| StoreError::unknown("decode", error))
}

/// The outcome of an earlier request under the same identity.
#[derive(Debug, PartialEq)]
pub enum Earlier<T> {
    /// The entity that it created exists.
    Exists(Existing<T>),
    /// The entity that it created was deleted. The fingerprint is that of the request, as in [`Creation::Deleted`].
    Deleted(Option<Fingerprint>),
}

impl Session {
    /// The outcome of the request that created an entity for the tenant, if there was such a request.
    pub async fn earlier<I: EntityId<Entity: Owned>>(
        &mut self,
        tenant: Owner,
        id: I,
    ) -> Result<Option<Earlier<I::Entity>>, StoreError> {
        let Some(item) = self.get_stored(id.key()).await? else { return Ok(None) };
        if is_deleted(&item) {
            // A tombstone names no owner; its id derives from the tenant's secret.
            return Ok(Some(Earlier::Deleted(fingerprint(&item)?)));
        }
        if is_owned_by(&item, tenant) { Ok(Some(Earlier::Exists(existing(item)?))) } else { Ok(None) }
    }
}
