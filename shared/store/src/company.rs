//! Companies, and the applicant tracking systems that manage them.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::Versioned;
use domain::allowance::{Allowance, Seconds, SubscriptionStatus};
use domain::company::{Ats, AtsId, Company, CompanyId, Plan};
use domain::time::Timestamp;

use crate::Store;
use crate::allowance::allowance_key;
use crate::entity::{Entity, EntityId, entity, n, s};
use crate::error::StoreError;
use crate::key::{IndexKey, PrimaryKey};
use crate::operator::OperatorError;
use crate::session::{Commit, Session};
use crate::write::{Transaction, Write};

/// The list of every company.
const COMPANIES: &str = "COMPANIES";

/// The list of a company's entities of one kind.
pub(crate) fn list_of(company_id: CompanyId, kind: &str) -> String {
    format!("COMPANY#{company_id}#{kind}")
}

impl Entity for Company {
    const TYPE: &'static str = "Company";

    fn index_keys(&self) -> Vec<IndexKey> {
        vec![IndexKey::listed(COMPANIES.to_owned(), self.created_at, self.id)]
    }
}

impl EntityId for CompanyId {
    type Entity = Company;

    fn key(self) -> PrimaryKey {
        PrimaryKey::of("COMPANY", self)
    }
}

impl Entity for Ats {
    const TYPE: &'static str = "Ats";
}

pub(crate) fn ats_key(id: AtsId) -> PrimaryKey {
    PrimaryKey::of("ATS", id)
}

/// A company with its allowance.
#[derive(Debug, Clone)]
pub struct CompanyAccount {
    /// The company.
    pub company: Company,
    /// The allowance as stored: call [`Allowance::as_of`] for the present.
    pub allowance: Allowance,
}

/// A change of what a company pays for. A field that is not given stays as it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PlanChange {
    /// The plan, in name only: its minutes go into `granted`.
    pub plan: Option<Plan>,
    /// The grant of each month, beginning with this one.
    pub granted: Option<Seconds>,
    /// True if reserving may go below zero.
    pub overage_allowed: Option<bool>,
}

impl Store {
    /// Creates a company with its allowance.
    pub async fn create_company(&self, company: &Company, allowance: &Allowance) -> Result<(), OperatorError> {
        let mut transaction = Transaction::of(OperatorError::Changed, Write::create(company.id.key(), company)?);
        let allowance = Write::create(allowance_key(company.id, allowance.shard), allowance)?;
        transaction.add(OperatorError::Changed, allowance);
        if let Some(ats_id) = company.ats_id {
            transaction.add(OperatorError::NotFound("applicant tracking system"), Write::exists(ats_key(ats_id)));
        }
        self.commit(transaction).await
    }

    /// Every company, oldest first.
    pub async fn companies(&self) -> Result<Vec<Company>, OperatorError> {
        self.list(COMPANIES.to_owned()).await
    }

    /// A company with its allowance.
    pub async fn company(&self, id: CompanyId) -> Result<CompanyAccount, OperatorError> {
        let (company, allowance) = read_company(&mut self.session(), id).await?;
        Ok(CompanyAccount { company: company.value, allowance: allowance.value })
    }

    /// Changes what a company pays for. What is reserved and used this month stays; what remains follows the grant.
    pub async fn set_plan(&self, id: CompanyId, change: PlanChange, now: Timestamp) -> Result<(), OperatorError> {
        let (company, allowance) = read_company(&mut self.session(), id).await?;
        let old = allowance.value.granted_seconds;
        let granted = change.granted.unwrap_or(old);
        let overage_allowed = change.overage_allowed.unwrap_or(allowance.value.overage_allowed);
        let update = "SET #plan = :plan, #version = :next, #updatedAt = :now";
        let company_write = Write::update(id.key(), update, "#version = :version")
            .value(":plan", s(change.plan.unwrap_or(company.value.plan)))
            .value(":version", n(company.version))
            .value(":next", n(company.version + 1))
            .value(":now", s(now));
        let update = "SET #grantedSeconds = :new, #remainingSeconds = #remainingSeconds + :more, \
                      #overageAllowed = :overage, #version = #version + :one, #updatedAt = :now";
        let allowance_write = Write::update(allowance_key(id, 0), update, "#grantedSeconds = :old")
            .value(":old", n(old))
            .value(":new", n(granted))
            .value(":more", n(granted - old))
            .value(":overage", AttributeValue::Bool(overage_allowed))
            .value(":one", n(1))
            .value(":now", s(now));
        let mut transaction = Transaction::of(OperatorError::Changed, company_write);
        transaction.add(OperatorError::Changed, allowance_write);
        self.commit(transaction).await
    }

    /// Suspends or activates a company's subscription.
    pub async fn set_subscription(
        &self,
        id: CompanyId,
        subscription: SubscriptionStatus,
        now: Timestamp,
    ) -> Result<(), OperatorError> {
        read_company(&mut self.session(), id).await?;
        let update = "SET #subscription = :subscription, #version = #version + :one, #updatedAt = :now";
        let write = Write::update(allowance_key(id, 0), update, "attribute_exists(PK)")
            .value(":subscription", s(subscription))
            .value(":one", n(1))
            .value(":now", s(now));
        self.commit(Transaction::of(OperatorError::Changed, write)).await
    }

    /// Creates an applicant tracking system.
    pub async fn create_ats(&self, ats: &Ats) -> Result<(), OperatorError> {
        match self.session().commit(Transaction::of((), Write::create(ats_key(ats.id), ats)?)).await? {
            Commit::Done => Ok(()),
            // A single write has no token: the item is the one that was written, and the first answer was lost.
            Commit::Failed((), Some(item)) if entity::<Ats>(item.clone())?.value == *ats => Ok(()),
            Commit::Failed((), _) => Err(OperatorError::Changed),
        }
    }

    /// The applicant tracking system of that id.
    pub async fn ats(&self, id: AtsId) -> Result<Ats, OperatorError> {
        let item = self.session().get_one(ats_key(id)).await?;
        Ok(entity(item.ok_or(OperatorError::NotFound("applicant tracking system"))?)?.value)
    }
}

async fn read_company(
    session: &mut Session,
    id: CompanyId,
) -> Result<(Versioned<Company>, Versioned<Allowance>), OperatorError> {
    let keys = (id.key(), allowance_key(id, 0));
    let mut items = session.get(vec![keys.0.clone(), keys.1.clone()]).await?;
    match (items.remove(&keys.0), items.remove(&keys.1)) {
        (Some(company), Some(allowance)) => Ok((entity(company)?, entity(allowance)?)),
        (_, _) => Err(OperatorError::NotFound("company")),
    }
}

/// A company, if it exists, read by the system itself for no tenant.
pub(crate) async fn company(session: &mut Session, id: CompanyId) -> Result<Option<Company>, StoreError> {
    Ok(session.get_one(id.key()).await?.map(entity::<Company>).transpose()?.map(|company| company.value))
}
