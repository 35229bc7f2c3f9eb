//! The secrets with which ids are derived from idempotency keys: of a company or of an applicant tracking system, in its own
//! item and in those of all its keys, so that the read that admits a caller brings it along.
//!
//! A secret is an attribute of the items and no field of the entities: nothing that shows an entity can show it.

use domain::company::Owner;
use domain::history::HistoryAction;
use domain::idempotency::IdSecret;
use domain::time::Timestamp;

use crate::Store;
use crate::api_key::list;
use crate::company::{ATS, UNKNOWN, ats_key};
use crate::entity::{Entity, EntityId, Item, VERSION, item_of, n, s, text};
use crate::error::StoreError;
use crate::key::{LISTS, PrimaryKey};
use crate::operator::OperatorError;
use crate::session::{Query, SortKeys};
use crate::write::{Transaction, Write};

/// The attribute of the secret.
pub(crate) const ID_SECRET: &str = "idSecret";

/// Most keys that one transaction gives the secret to. A transaction has at most 100 items; the owner and the entry of the
/// history are two.
const KEYS_AT_ONCE: usize = 90;

/// The secret of an item; none if it has none yet.
pub(crate) fn id_secret(item: &Item) -> Result<Option<IdSecret>, StoreError> {
    let secret = |text| IdSecret::from_stored(text).ok_or_else(|| StoreError::unknown("decode", "no secret for ids"));
    text(item, ID_SECRET).map(secret).transpose()
}

/// Creates an entity where there is none, with a secret, if there is one.
pub(crate) fn create_with<E: Entity>(
    key: PrimaryKey,
    entity: &E,
    secret: Option<IdSecret>,
) -> Result<Write, StoreError> {
    let mut item = item_of(key, entity, 1)?;
    item.extend(secret.map(|secret| (ID_SECRET.to_owned(), s(secret.to_stored()))));
    Ok(Write::put(item, "attribute_not_exists(PK)"))
}

/// The key of an owner's own item, and the error that tells of its absence.
pub(crate) fn owner_item(owner: Owner) -> (PrimaryKey, OperatorError) {
    match owner {
        Owner::Company(id) => (id.key(), UNKNOWN),
        Owner::Ats(id) => (ats_key(id), OperatorError::NotFound(ATS)),
    }
}

/// The condition that an owner still exists and has the secret that was read. A secret, once there, stays.
pub(crate) fn guard_secret(
    owner: PrimaryKey,
    unknown: OperatorError,
    read: Option<IdSecret>,
) -> (OperatorError, Write) {
    match read {
        Some(_) => (unknown, Write::exists(owner)),
        None => {
            let condition = "attribute_exists(PK) AND attribute_not_exists(#idSecret)";
            (OperatorError::Changed, Write::check(owner, condition))
        }
    }
}

impl Store {
    /// Gives a company or a system that has no secret this one, and the one that it has to all its keys that lack it.
    /// Returns the number of these keys; none if nothing was to be done.
    ///
    /// The owner and its first 90 keys (`KEYS_AT_ONCE`) get it at once: two keys that derive other ids would not find each
    /// other's repeats.
    pub async fn set_id_secret(
        &self,
        owner: Owner,
        secret: IdSecret,
        now: Timestamp,
    ) -> Result<Option<usize>, OperatorError> {
        let (owner_key, unknown) = owner_item(owner);
        let item = self.session().get_one(owner_key.clone()).await?.ok_or(unknown)?;
        let had = id_secret(&item)?;
        let secret = had.unwrap_or(secret);
        let mut lacking = Vec::new();
        for (key, item) in self.key_items(owner).await? {
            if id_secret(&item)?.is_none() {
                lacking.push(give(key, &item, secret, now)?);
            }
        }
        if had.is_some() && lacking.is_empty() {
            return Ok(None);
        }
        let count = lacking.len();
        let mut own = had.is_none().then(|| give(owner_key, &item, secret, now)).transpose()?;
        let mut lacking = lacking.into_iter().peekable();
        while own.is_some() || lacking.peek().is_some() {
            let mut transaction = Transaction::empty();
            for write in own.take().into_iter().chain(lacking.by_ref().take(KEYS_AT_ONCE)) {
                transaction.add(OperatorError::Changed, write);
            }
            let subject = match owner {
                Owner::Company(id) => id.to_string(),
                Owner::Ats(id) => id.to_string(),
            };
            self.commit(transaction, self.entry(HistoryAction::SetIdSecret, subject, Some(owner), now)).await?;
        }
        Ok(Some(count))
    }

    /// The items of an owner's keys.
    async fn key_items(&self, owner: Owner) -> Result<Vec<(PrimaryKey, Item)>, OperatorError> {
        let partition = list(owner);
        let query =
            Query { index: Some(LISTS), partition, sort_keys: SortKeys::All, newest_first: false, consistent: false };
        let (mut items, mut from) = (Vec::new(), None);
        loop {
            let mut session = self.session();
            let (entries, next) = session.query(&query, from, None).await?;
            items.extend(session.get(entries.iter().filter_map(PrimaryKey::from_item).collect()).await?);
            from = next;
            if from.is_none() {
                return Ok(items);
            }
        }
    }
}

/// Gives an item the secret, unless the item has changed since it was read.
fn give(key: PrimaryKey, item: &Item, secret: IdSecret, now: Timestamp) -> Result<Write, StoreError> {
    let version = item.get(VERSION).cloned().ok_or_else(|| StoreError::unknown("decode", "an item without version"))?;
    let update = "SET #idSecret = :secret, #version = #version + :one, #updatedAt = :now";
    Ok(Write::update(key, update, "#version = :read AND attribute_not_exists(#idSecret)")
        .value(":secret", s(secret.to_stored()))
        .value(":read", version)
        .value(":one", n(1))
        .value(":now", s(now)))
}
