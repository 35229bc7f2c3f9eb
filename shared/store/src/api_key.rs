//! API keys.

use std::time::Duration;

use domain::Versioned;
use domain::api_key::{ApiKey, ApiKeyHash, ApiKeyId, ApiKeyStatus, RotatedApiKey};
use domain::company::{Ats, Company, Owner};
use domain::history::HistoryAction;
use domain::idempotency::IdSecret;
use domain::limits::{KeyLimits, UseLimits};
use domain::text::SingleLine;
use domain::time::Timestamp;

use crate::Store;
use crate::company::{COMPANIES, SYSTEMS, list_of};
use crate::entity::{Entity, Item, entity};
use crate::id_secret::{create_with, guard_secret, id_secret, owner_item};
use crate::key::{IndexKey, PrimaryKey, SPARSE};
use crate::operator::OperatorError;
use crate::session::{Query, Session, SortKeys};
use crate::write::{Transaction, Write};

impl Entity for ApiKey {
    const TYPE: &'static str = "ApiKey";

    fn index_keys(&self) -> Vec<IndexKey> {
        vec![IndexKey::listed(list(self.owner), self.created_at, self.id), by_id(self.id)]
    }
}

/// The kind of thing that keys are, by which their partitions begin.
const KEY: &str = "KEY";

pub(crate) fn key_of(hash: &ApiKeyHash) -> PrimaryKey {
    PrimaryKey::of(KEY, hash.as_str())
}

/// The hash of the key whose item is there.
pub(crate) fn hash_at(place: &PrimaryKey) -> Option<&str> {
    place.partition().strip_prefix(KEY)?.strip_prefix('#')
}

/// The list of an owner's keys.
pub(crate) fn list(owner: Owner) -> String {
    match owner {
        Owner::Company(id) => list_of(id, "KEY"),
        Owner::Ats(id) => format!("ATS#{id}#KEY"),
    }
}

/// The place in the index at which a key is found by its public id.
fn by_id(id: ApiKeyId) -> IndexKey {
    IndexKey { index: SPARSE, partition: format!("KEYID#{id}"), sort: "KEY".to_owned() }
}

/// Keys of one owner that a search for the oldest looks at. They come in the order of their creation.
const KEYS_LOOKED_AT: u16 = 25;

/// The oldest key that works, as far as was looked.
#[derive(Debug, Clone)]
pub struct OldestApiKey {
    /// The key; none if no key works.
    pub key: Option<ApiKey>,
    /// The number of companies and systems whose keys were looked at.
    pub owners: usize,
    /// True if there are no other keys.
    pub is_complete: bool,
}

impl Store {
    /// Creates a key for a company or a system that exists, with the limits of its owner and the secret that the owner's
    /// ids are derived with. Returns it with these limits.
    pub async fn create_api_key(&self, key: &ApiKey, hash: &ApiKeyHash) -> Result<ApiKey, OperatorError> {
        let inherited = self.inherited(key.owner).await?;
        let key = inherited.limiting(key.clone());
        let place = key_of(hash);
        let mut transaction = Transaction::of(OperatorError::Changed, create_with(place, &key, inherited.secret)?);
        transaction.add(inherited.guard.0, inherited.guard.1);
        let scopes = key.scopes.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        let entry = self.entry(HistoryAction::CreateKey, key.id, Some(key.owner), key.created_at);
        let entry = entry.value("name", None, key.name.as_ref()).value("scopes", None, Some(scopes));
        self.commit(transaction, entry.value("expiresAt", None, key.valid_until)).await?;
        Ok(key)
    }

    /// The keys of a company or of a system, oldest first.
    pub async fn api_keys(&self, owner: Owner) -> Result<Vec<ApiKey>, OperatorError> {
        self.list(list(owner)).await
    }

    /// The oldest key that works at that time, of the oldest companies and systems: `owners_max` of each kind, and
    /// `KEYS_LOOKED_AT` keys of each of them.
    pub async fn oldest_api_key(&self, owners_max: u16, now: Timestamp) -> Result<OldestApiKey, OperatorError> {
        let (companies, more_companies) = self.list_page::<Company>(COMPANIES, None, Some(owners_max)).await?;
        let (systems, more_systems) = self.list_page::<Ats>(SYSTEMS, None, Some(owners_max)).await?;
        let companies = companies.iter().map(|company| Owner::Company(company.id));
        let owners: Vec<_> = companies.chain(systems.iter().map(|ats| Owner::Ats(ats.id))).collect();
        let mut oldest: Option<ApiKey> = None;
        let mut is_complete = more_companies.is_none() && more_systems.is_none();
        for owner in &owners {
            let (keys, more) = self.list_page::<ApiKey>(&list(*owner), None, Some(KEYS_LOOKED_AT)).await?;
            let works = |key: &ApiKey| key.status == ApiKeyStatus::Active && !key.is_over(now);
            let first = keys.into_iter().find(works);
            is_complete &= first.is_some() || more.is_none();
            oldest = oldest.into_iter().chain(first).min_by_key(|key| key.created_at);
        }
        Ok(OldestApiKey { key: oldest, owners: owners.len(), is_complete })
    }

    /// The key of that id.
    pub async fn api_key(&self, id: ApiKeyId) -> Result<ApiKey, OperatorError> {
        Ok(find(&mut self.session(), id).await?.1.value)
    }

    /// The key of that secret.
    pub async fn api_key_by_secret(&self, hash: &ApiKeyHash) -> Result<ApiKey, OperatorError> {
        let item = self.session().get_one(key_of(hash)).await?.ok_or(UNKNOWN)?;
        Ok(entity(item)?.value)
    }

    /// Suspends, activates or revokes a key. One that is in that state already stays as it is, but for another reason
    /// of its suspension.
    pub async fn set_api_key_status(
        &self,
        id: ApiKeyId,
        status: ApiKeyStatus,
        reason: Option<SingleLine<1, 255>>,
        now: Timestamp,
    ) -> Result<ApiKey, OperatorError> {
        let (key, old) = find(&mut self.session(), id).await?;
        let (suspended_at, suspension_reason, action) = match (old.value.status, status) {
            (ApiKeyStatus::Revoked, ApiKeyStatus::Active | ApiKeyStatus::Suspended) => {
                return Err(OperatorError::Revoked);
            }
            (ApiKeyStatus::Suspended, ApiKeyStatus::Suspended) => {
                let reason = reason.or(old.value.suspension_reason.clone());
                (old.value.suspended_at, reason, HistoryAction::SuspendKey)
            }
            (ApiKeyStatus::Active, ApiKeyStatus::Suspended) => (Some(now), reason, HistoryAction::SuspendKey),
            (_, ApiKeyStatus::Active) => (None, None, HistoryAction::ActivateKey),
            (_, ApiKeyStatus::Revoked) => (None, None, HistoryAction::RevokeKey),
        };
        let new = ApiKey { status, suspended_at, suspension_reason, ..old.value.clone() };
        if new == old.value {
            return Ok(new);
        }
        let new = ApiKey { updated_at: now, ..new };
        let entry = self.entry(action, id, Some(new.owner), now);
        let entry = entry.value("status", Some(old.value.status), Some(status)).value(
            "reason",
            old.value.suspension_reason.as_ref(),
            new.suspension_reason.as_ref(),
        );
        self.commit(Transaction::of(OperatorError::Changed, Write::change(key, &old, &new)?), entry).await?;
        Ok(new)
    }

    /// Replaces a key by another with the same rights, whose secret has that hash. The old one works for the grace time
    /// more.
    pub async fn rotate_api_key(
        &self,
        id: ApiKeyId,
        new_id: ApiKeyId,
        hash: &ApiKeyHash,
        grace: Duration,
        now: Timestamp,
    ) -> Result<RotatedApiKey, OperatorError> {
        let (key, read) = find(&mut self.session(), id).await?;
        let mut rotated = read.value.rotate(new_id, grace, now).map_err(OperatorError::NotRotated)?;
        let inherited = self.inherited(rotated.new.owner).await?;
        rotated.new = inherited.limiting(rotated.new);
        let RotatedApiKey { old, new } = &rotated;
        let mut transaction = Transaction::of(OperatorError::Changed, Write::change(key, &read, old)?);
        transaction.add(OperatorError::Changed, create_with(key_of(hash), new, inherited.secret)?);
        transaction.add(inherited.guard.0, inherited.guard.1);
        let entry = self.entry(HistoryAction::RotateKey, id, Some(old.owner), now);
        let entry = entry.value("newKey", None, Some(new_id));
        let entry = entry.value("expiresAt", read.value.valid_until, old.valid_until);
        self.commit(transaction, entry).await?;
        Ok(rotated)
    }
}

const UNKNOWN: OperatorError = OperatorError::NotFound("API key");

/// The things that a new key has from its owner.
struct Inherited {
    /// The limits of each key of the company; none for keys of systems.
    limits: Option<UseLimits>,
    secret: Option<IdSecret>,
    /// The condition that the owner still exists and has the same of them.
    guard: (OperatorError, Write),
}

impl Inherited {
    fn limiting(&self, key: ApiKey) -> ApiKey {
        ApiKey { limits: KeyLimits { owner_limits: self.limits, ..key.limits }, ..key }
    }
}

impl Store {
    async fn inherited(&self, owner: Owner) -> Result<Inherited, OperatorError> {
        let (key, unknown) = owner_item(owner);
        let Some(item) = self.session().get_one(key.clone()).await? else { return Err(unknown) };
        let secret = id_secret(&item)?;
        Ok(match owner {
            Owner::Company(_) => {
                let company = entity::<Company>(item)?;
                let guard = (OperatorError::Changed, Write::guard_version(key, company.version));
                Inherited { limits: Some(company.value.key_limits()), secret, guard }
            }
            Owner::Ats(_) => Inherited { limits: None, secret, guard: guard_secret(key, unknown, secret) },
        })
    }
}

/// The key of that id, with its place.
pub(crate) async fn find(
    session: &mut Session,
    id: ApiKeyId,
) -> Result<(PrimaryKey, Versioned<ApiKey>), OperatorError> {
    let (place, item) = find_item(session, id).await?;
    Ok((place, entity(item)?))
}

/// The item of the key of that id, with its place.
pub(crate) async fn find_item(session: &mut Session, id: ApiKeyId) -> Result<(PrimaryKey, Item), OperatorError> {
    let query = Query {
        index: Some(SPARSE),
        partition: by_id(id).partition,
        sort_keys: SortKeys::All,
        newest_first: false,
        consistent: false,
    };
    let (entries, _) = session.query(&query, None, None).await?;
    let key = entries.first().and_then(PrimaryKey::from_item).ok_or(UNKNOWN)?;
    let item = session.get_one(key.clone()).await?.ok_or(UNKNOWN)?;
    Ok((key, item))
}
