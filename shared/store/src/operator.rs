//! What an operator does: companies, plans, keys, telephone numbers.

use std::fmt;

use aws_sdk_dynamodb::types::{AttributeValue, ConditionCheck, TransactWriteItem, Update};
use domain::Versioned;
use domain::allowance::{Allowance, Seconds, SubscriptionStatus};
use domain::api_key::{ApiKey, ApiKeyHash, ApiKeyId, ApiKeyStatus};
use domain::company::{Ats, AtsId, Company, CompanyId, Owner, Plan};
use domain::phone_number::PhoneNumber;
use domain::text::SingleLine;
use domain::time::Timestamp;

use crate::Store;
use crate::error::StoreError;
use crate::item::{Entity, VERSION, entity};
use crate::key::{Key, Listing, PK, SparseIndex};
use crate::session::{Commit, GET_KEYS_MAX, Session};
use crate::table::{self, CreateError};
use crate::write::{create, n, s, update};

/// A company with its allowance.
#[derive(Debug, Clone)]
pub struct CompanyStanding {
    /// The company.
    pub company: Company,
    /// What it may still use, as stored: call [`Allowance::as_of`] for the present.
    pub allowance: Allowance,
}

/// A change of what a company pays for. What is not given stays as it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PlanChange {
    /// The plan, in name only: its minutes go into `granted`.
    pub plan: Option<Plan>,
    /// What is granted each month, beginning with this one.
    pub granted: Option<Seconds>,
    /// Whether reserving may go below zero.
    pub overage_allowed: Option<bool>,
}

/// Why an operator's request was not carried out.
#[derive(Debug)]
pub enum OperatorError {
    /// There is nothing of that id. Says what.
    NotFound(&'static str),
    /// A revoked key stays revoked.
    Revoked,
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
            Self::Changed => f.write_str("somebody else changed this at the same time; try again"),
            Self::Table(error) => error.fmt(f),
            Self::Store(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for OperatorError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::NotFound(_) | Self::Revoked | Self::Changed => None,
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

/// Pages of an operator's list are read until the end; a list that is longer than this is a sign of a runaway.
const LIST_PAGES_MAX: usize = 1_000;

impl Store {
    /// Creates the table as `template.yaml` defines it.
    pub async fn create_table(&self) -> Result<(), OperatorError> {
        table::create(&self.client, &self.table).await.map_err(OperatorError::Table)
    }

    /// Creates a company with its allowance.
    pub async fn create_company(&self, company: &Company, allowance: &Allowance) -> Result<(), OperatorError> {
        let table = self.table.as_str();
        let mut writes = vec![
            create(table, Key::company(company.id), company)?,
            create(table, Key::allowance(company.id, allowance.shard), allowance)?,
        ];
        if let Some(ats_id) = company.ats_id {
            writes.push(exists(table, Key::ats(ats_id))?);
        }
        owned(self.session().commit(writes).await?, 2, "applicant tracking system")
    }

    /// Every company, oldest first.
    pub async fn companies(&self) -> Result<Vec<Company>, OperatorError> {
        self.list(Listing::of_companies()).await
    }

    /// A company with its allowance.
    pub async fn company(&self, id: CompanyId) -> Result<CompanyStanding, OperatorError> {
        let (company, allowance) = self.versioned_company(&mut self.session(), id).await?;
        Ok(CompanyStanding { company: company.value, allowance: allowance.value })
    }

    async fn versioned_company(
        &self,
        session: &mut Session,
        id: CompanyId,
    ) -> Result<(Versioned<Company>, Versioned<Allowance>), OperatorError> {
        let keys = (Key::company(id), Key::allowance(id, 0));
        let mut items = session.get(vec![keys.0.clone(), keys.1.clone()]).await?;
        match (items.remove(&keys.0), items.remove(&keys.1)) {
            (Some(company), Some(allowance)) => Ok((entity(company)?, entity(allowance)?)),
            (_, _) => Err(OperatorError::NotFound("company")),
        }
    }

    /// Changes what a company pays for. What is reserved and used this month stays; what remains follows the grant.
    pub async fn set_plan(&self, id: CompanyId, change: PlanChange, now: Timestamp) -> Result<(), OperatorError> {
        let mut session = self.session();
        let (company, allowance) = self.versioned_company(&mut session, id).await?;
        let old = allowance.value.granted_seconds;
        let plan = change.plan.unwrap_or(company.value.plan);
        let granted = change.granted.unwrap_or(old);
        let overage_allowed = change.overage_allowed.unwrap_or(allowance.value.overage_allowed);
        let change_company = Update::builder()
            .table_name(&self.table)
            .set_key(Some(Key::company(id).into_attributes()))
            .condition_expression("#version = :version")
            .update_expression("SET #plan = :plan, #version = :next, #updatedAt = :now")
            .expression_attribute_names("#plan", "plan")
            .expression_attribute_names("#version", VERSION)
            .expression_attribute_names("#updatedAt", "updatedAt")
            .expression_attribute_values(":plan", s(plan))
            .expression_attribute_values(":version", n(company.version))
            .expression_attribute_values(":next", n(company.version + 1))
            .expression_attribute_values(":now", s(now));
        let change_allowance = Update::builder()
            .table_name(&self.table)
            .set_key(Some(Key::allowance(id, 0).into_attributes()))
            .condition_expression("#granted = :old")
            .update_expression(
                "SET #granted = :new, #remaining = #remaining + :more, #overage = :overage, \
                 #version = #version + :one, #updatedAt = :now",
            )
            .expression_attribute_names("#granted", "grantedSeconds")
            .expression_attribute_names("#remaining", "remainingSeconds")
            .expression_attribute_names("#overage", "overageAllowed")
            .expression_attribute_names("#version", VERSION)
            .expression_attribute_names("#updatedAt", "updatedAt")
            .expression_attribute_values(":old", n(old))
            .expression_attribute_values(":new", n(granted))
            .expression_attribute_values(":more", n(granted - old))
            .expression_attribute_values(":overage", AttributeValue::Bool(overage_allowed))
            .expression_attribute_values(":one", n(1))
            .expression_attribute_values(":now", s(now));
        committed(session.commit(vec![update(change_company)?, update(change_allowance)?]).await?)
    }

    /// Suspends or activates a company's subscription.
    pub async fn set_subscription(
        &self,
        id: CompanyId,
        subscription: SubscriptionStatus,
        now: Timestamp,
    ) -> Result<(), OperatorError> {
        let mut session = self.session();
        self.versioned_company(&mut session, id).await?;
        let change = Update::builder()
            .table_name(&self.table)
            .set_key(Some(Key::allowance(id, 0).into_attributes()))
            .condition_expression("attribute_exists(PK)")
            .update_expression("SET #subscription = :subscription, #version = #version + :one, #updatedAt = :now")
            .expression_attribute_names("#subscription", "subscription")
            .expression_attribute_names("#version", VERSION)
            .expression_attribute_names("#updatedAt", "updatedAt")
            .expression_attribute_values(":subscription", s(subscription))
            .expression_attribute_values(":one", n(1))
            .expression_attribute_values(":now", s(now));
        committed(session.commit(vec![update(change)?]).await?)
    }

    /// Creates an applicant tracking system.
    pub async fn create_ats(&self, ats: &Ats) -> Result<(), OperatorError> {
        match self.session().commit(vec![create(&self.table, Key::ats(ats.id), ats)?]).await? {
            Commit::Done => Ok(()),
            Commit::Refused(refusals) => match refusals.into_iter().flatten().find_map(|refusal| refusal.item) {
                // A write of its own has no token: this is it, and its first answer was lost.
                Some(item) if entity::<Ats>(item.clone())?.value == *ats => Ok(()),
                Some(_) | None => Err(OperatorError::Changed),
            },
        }
    }

    /// Creates a key for a company or a system that exists.
    pub async fn create_api_key(&self, key: &ApiKey, hash: &ApiKeyHash) -> Result<(), OperatorError> {
        let (owner, what) = match key.owner {
            Owner::Company(id) => (Key::company(id), "company"),
            Owner::Ats(id) => (Key::ats(id), "applicant tracking system"),
        };
        let writes = vec![create(&self.table, Key::api_key(hash), key)?, exists(&self.table, owner)?];
        owned(self.session().commit(writes).await?, 1, what)
    }

    /// The keys of a company or of a system, oldest first.
    pub async fn api_keys(&self, owner: Owner) -> Result<Vec<ApiKey>, OperatorError> {
        self.list(match owner {
            Owner::Company(id) => Listing::of_company(id, "KEY"),
            Owner::Ats(id) => Listing::of_ats(id, "KEY"),
        })
        .await
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
        let key = self.api_key_address(id).await?.ok_or(OperatorError::NotFound("API key"))?;
        let item = session.get_one(key.clone()).await?.ok_or(OperatorError::NotFound("API key"))?;
        let Versioned { version, value: mut api_key } = entity::<ApiKey>(item)?;
        if api_key.status == ApiKeyStatus::Revoked {
            return if status == ApiKeyStatus::Revoked { Ok(api_key) } else { Err(OperatorError::Revoked) };
        }
        let suspended_at = (status == ApiKeyStatus::Suspended).then_some(now);
        let change = Update::builder()
            .table_name(&self.table)
            .set_key(Some(key.into_attributes()))
            .condition_expression("#version = :version")
            .expression_attribute_names("#version", VERSION)
            .expression_attribute_names("#status", "status")
            .expression_attribute_names("#updatedAt", "updatedAt")
            .expression_attribute_names("#suspendedAt", "suspendedAt")
            .expression_attribute_names("#reason", "suspensionReason")
            .expression_attribute_values(":version", n(version))
            .expression_attribute_values(":next", n(version + 1))
            .expression_attribute_values(":status", s(status))
            .expression_attribute_values(":now", s(now));
        let set = "SET #status = :status, #version = :next, #updatedAt = :now";
        let change = match (suspended_at, &reason) {
            (Some(at), Some(reason)) => change
                .update_expression(format!("{set}, #suspendedAt = :at, #reason = :reason"))
                .expression_attribute_values(":at", s(at))
                .expression_attribute_values(":reason", s(reason)),
            (Some(at), None) => change
                .update_expression(format!("{set}, #suspendedAt = :at REMOVE #reason"))
                .expression_attribute_values(":at", s(at)),
            (None, _) => change.update_expression(format!("{set} REMOVE #suspendedAt, #reason")),
        };
        committed(session.commit(vec![update(change)?]).await?)?;
        api_key.status = status;
        api_key.suspended_at = suspended_at;
        api_key.suspension_reason = reason.filter(|_| suspended_at.is_some());
        api_key.updated_at = now;
        Ok(api_key)
    }

    /// Adds a telephone number to a company that exists.
    pub async fn add_phone_number(&self, number: &PhoneNumber) -> Result<(), OperatorError> {
        let writes = vec![
            create(&self.table, Key::phone_number(number.id), number)?,
            exists(&self.table, Key::company(number.company_id))?,
        ];
        owned(self.session().commit(writes).await?, 1, "company")
    }

    /// The telephone numbers of a company, oldest first.
    pub async fn phone_numbers(&self, company_id: CompanyId) -> Result<Vec<PhoneNumber>, OperatorError> {
        self.list(Listing::of_company(company_id, "PHONE")).await
    }

    /// Whether there is an applicant tracking system of that id.
    pub async fn ats(&self, id: AtsId) -> Result<Ats, OperatorError> {
        let item =
            self.session().get_one(Key::ats(id)).await?.ok_or(OperatorError::NotFound("applicant tracking system"))?;
        Ok(entity(item)?.value)
    }

    async fn api_key_address(&self, id: ApiKeyId) -> Result<Option<Key>, OperatorError> {
        let found = self.query(SparseIndex::INDEX, SparseIndex::PARTITION, SparseIndex::api_key(id).partition).await?;
        Ok(found.into_iter().next())
    }

    /// The entities that an index lists, read consistently from where they live.
    async fn list<E: Entity>(&self, partition: String) -> Result<Vec<E>, OperatorError> {
        let keys = self.query(Listing::INDEX, Listing::PARTITION, partition).await?;
        let mut entities = Vec::new();
        for keys in keys.chunks(GET_KEYS_MAX) {
            let mut items = self.session().get(keys.to_vec()).await?;
            for key in keys {
                entities.extend(items.remove(key).map(entity::<E>).transpose()?.map(|entity| entity.value));
            }
        }
        Ok(entities)
    }

    async fn query(&self, index: &str, attribute: &str, partition: String) -> Result<Vec<Key>, OperatorError> {
        let mut keys = Vec::new();
        let mut from = None;
        for _ in 0..LIST_PAGES_MAX {
            let page = self
                .client
                .query()
                .table_name(&self.table)
                .index_name(index)
                .key_condition_expression("#partition = :partition")
                .expression_attribute_names("#partition", attribute)
                .expression_attribute_values(":partition", s(&partition))
                .set_exclusive_start_key(from)
                .send()
                .await
                .map_err(|error| StoreError::from_sdk("Query", error))?;
            for item in page.items() {
                let key = Key::from_item(item);
                keys.push(key.ok_or_else(|| StoreError::unknown("Query", format!("an entry without {PK}")))?);
            }
            from = page.last_evaluated_key;
            if from.is_none() {
                break;
            }
        }
        Ok(keys)
    }
}

/// What became of writes of which the one at that position demands that an owner of that kind exists.
fn owned(commit: Commit, owner_position: usize, owner: &'static str) -> Result<(), OperatorError> {
    match commit {
        Commit::Refused(refusals) if refusals.get(owner_position).is_some_and(Option::is_some) => {
            Err(OperatorError::NotFound(owner))
        }
        commit @ (Commit::Done | Commit::Refused(_)) => committed(commit),
    }
}

fn committed(commit: Commit) -> Result<(), OperatorError> {
    match commit {
        Commit::Done => Ok(()),
        Commit::Refused(_) => Err(OperatorError::Changed),
    }
}

fn exists(table: &str, key: Key) -> Result<TransactWriteItem, StoreError> {
    let check = ConditionCheck::builder()
        .table_name(table)
        .set_key(Some(key.into_attributes()))
        .condition_expression("attribute_exists(PK)")
        .build()
        .map_err(|error| StoreError::unknown("build", error))?;
    Ok(TransactWriteItem::builder().condition_check(check).build())
}
