//! API keys.

use domain::Versioned;
use domain::api_key::{ApiKey, ApiKeyHash, ApiKeyId, ApiKeyStatus};
use domain::company::Owner;
use domain::text::SingleLine;
use domain::time::Timestamp;

use crate::Store;
use crate::company::{ats_key, list_of};
use crate::entity::{Entity, EntityId, entity};
use crate::key::{IndexKey, PrimaryKey, SPARSE};
use crate::operator::OperatorError;
use crate::session::Query;
use crate::write::{Transaction, Write};

impl Entity for ApiKey {
    const TYPE: &'static str = "ApiKey";

    fn index_keys(&self) -> Vec<IndexKey> {
        vec![IndexKey::listed(list(self.owner), self.created_at, self.id), by_id(self.id)]
    }
}

pub(crate) fn key_of(hash: &ApiKeyHash) -> PrimaryKey {
    PrimaryKey::of("KEY", hash.as_str())
}

/// The list of an owner's keys.
fn list(owner: Owner) -> String {
    match owner {
        Owner::Company(id) => list_of(id, "KEY"),
        Owner::Ats(id) => format!("ATS#{id}#KEY"),
    }
}

/// The place in the index at which a key is found by its public id.
fn by_id(id: ApiKeyId) -> IndexKey {
    IndexKey { index: SPARSE, partition: format!("KEYID#{id}"), sort: "KEY".to_owned() }
}

impl Store {
    /// Creates a key for a company or a system that exists.
    pub async fn create_api_key(&self, key: &ApiKey, hash: &ApiKeyHash) -> Result<(), OperatorError> {
        let (owner, kind) = match key.owner {
            Owner::Company(id) => (id.key(), "company"),
            Owner::Ats(id) => (ats_key(id), "applicant tracking system"),
        };
        let mut transaction = Transaction::of(OperatorError::Changed, Write::create(key_of(hash), key)?);
        transaction.add(OperatorError::NotFound(kind), Write::exists(owner));
        self.commit(transaction).await
    }

    /// The keys of a company or of a system, oldest first.
    pub async fn api_keys(&self, owner: Owner) -> Result<Vec<ApiKey>, OperatorError> {
        self.list(list(owner)).await
    }

    /// Suspends, activates or revokes a key.
    pub async fn set_api_key_status(
        &self,
        id: ApiKeyId,
        status: ApiKeyStatus,
        reason: Option<SingleLine<1, 255>>,
        now: Timestamp,
    ) -> Result<ApiKey, OperatorError> {
        let mut session = self.session();
        let query = Query { index: Some(SPARSE), partition: by_id(id).partition, sort_prefix: "", newest_first: false };
        let (entries, _) = session.query(&query, None, None).await?;
        let key = entries.first().and_then(PrimaryKey::from_item).ok_or(OperatorError::NotFound("API key"))?;
        let item = session.get_one(key.clone()).await?.ok_or(OperatorError::NotFound("API key"))?;
        let old = entity::<ApiKey>(item)?;
        match (old.value.status, status) {
            (ApiKeyStatus::Revoked, ApiKeyStatus::Revoked) => return Ok(old.value),
            (ApiKeyStatus::Revoked, _) => return Err(OperatorError::Revoked),
            (ApiKeyStatus::Active | ApiKeyStatus::Suspended, _) => {}
        }
        let suspended_at = (status == ApiKeyStatus::Suspended).then_some(now);
        let new = ApiKey {
            status,
            suspended_at,
            suspension_reason: reason.filter(|_| suspended_at.is_some()),
            updated_at: now,
            ..old.value.clone()
        };
        let write = Write::change(key, &Versioned { version: old.version, value: old.value }, &new)?;
        self.commit(Transaction::of(OperatorError::Changed, write)).await?;
        Ok(new)
    }
}
