//! Companies, and the applicant tracking systems that manage them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use domain::Versioned;
use domain::allowance::{Allowance, Seconds, SubscriptionStatus};
use domain::company::{
    Ats, AtsId, CREATED_COMPANIES_MAX, Company, CompanyId, CompanyName, CompanyProfile, DefaultPlan, Owner, Plan,
};
use domain::history::HistoryAction;
use domain::idempotency::IdSecret;
use domain::time::Timestamp;

use crate::Store;
use crate::allowance::{AllowanceOf, allowance_key};
use crate::create::{Create, Creation, WriteContext};
use crate::entity::{Entity, EntityId, Item, Owned, entity, n, s};
use crate::error::StoreError;
use crate::id_secret::create_with;
use crate::key::{Index, IndexKey, OF_CANDIDATE, PrimaryKey};
use crate::operator::OperatorError;
use crate::period::close;
use crate::session::{Commit, Session};
use crate::webhook::set_suspended;
use crate::write::{Transaction, Write};

/// The list of every company.
pub(crate) const COMPANIES: &str = "COMPANIES";
/// The list of every applicant tracking system that was created since there is the list.
pub(crate) const SYSTEMS: &str = "SYSTEMS";

/// The name of a system in errors.
pub(crate) const ATS: &str = "applicant tracking system";

/// The list of a company's entities of one kind.
pub(crate) fn list_of(company_id: CompanyId, kind: &str) -> String {
    format!("COMPANY#{company_id}#{kind}")
}

impl Entity for Company {
    const TYPE: &'static str = "Company";

    fn index_keys(&self) -> Vec<IndexKey> {
        let listed = IndexKey::listed(COMPANIES.to_owned(), self.created_at, self.id);
        let managed = self.ats_id.map(|id| {
            let (index, partition) = of_system(id);
            IndexKey::in_order(index, partition, self.created_at, self.id)
        });
        [Some(listed), managed].into_iter().flatten().collect()
    }
}

/// A company is the system's that manages it.
impl Owned for Company {}

/// The list of the companies that a system manages.
pub(crate) fn of_system(id: AtsId) -> (Index, String) {
    (OF_CANDIDATE, format!("ATS#{id}"))
}

impl EntityId for CompanyId {
    type Entity = Company;

    fn key(self) -> PrimaryKey {
        PrimaryKey::of("COMPANY", self)
    }
}

impl Entity for Ats {
    const TYPE: &'static str = "Ats";

    fn index_keys(&self) -> Vec<IndexKey> {
        vec![IndexKey::listed(SYSTEMS.to_owned(), self.created_at, self.id)]
    }
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

/// An applicant tracking system with the companies that it manages.
#[derive(Debug, Clone)]
pub struct AtsAccount {
    /// The system.
    pub ats: Ats,
    /// The companies, oldest first.
    pub companies: Vec<Company>,
}

/// A company to be created by the system that will manage it, on the plan that the system's companies have then.
#[derive(Debug, Clone)]
pub struct NewCompany {
    /// The company's id.
    pub id: CompanyId,
    /// The system.
    pub ats_id: AtsId,
    /// The part of it that the system chooses.
    pub profile: CompanyProfile,
    /// The secret that its ids are derived with.
    pub id_secret: IdSecret,
}

/// The system has created [`CREATED_COMPANIES_MAX`] companies already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CreatedCompaniesFull;

enum CompanyWrite {
    Company,
    Allowance,
    /// The system, whose default plan the company gets.
    Ats,
    /// The count of companies that the system has created.
    Count,
}

/// Reads the system first: only the caller's key tells which it is.
impl Create for NewCompany {
    type Entity = Company;
    type Refusal = CreatedCompaniesFull;

    async fn create(
        &self,
        session: &mut Session,
        context: &WriteContext<'_>,
    ) -> Result<Creation<Company, CreatedCompaniesFull>, StoreError> {
        let Self { id, ats_id, profile, id_secret } = self;
        let ats = session.get_one(ats_key(*ats_id)).await?;
        let ats: Versioned<Ats> = entity(ats.ok_or_else(|| StoreError::unknown("create", "a key of no system"))?)?;
        let (company, allowance) = ats.value.new_company(*id, profile.clone(), context.now);
        let mut transaction = Transaction::of(CompanyWrite::Company, context.create_company(&company, *id_secret)?);
        transaction.add(CompanyWrite::Allowance, Write::create(AllowanceOf(*id).key(), &allowance)?);
        transaction.add(CompanyWrite::Ats, Write::guard_version(ats_key(*ats_id), ats.version));
        transaction.add(CompanyWrite::Count, count_created(*ats_id, context.now));
        match session.commit(transaction).await? {
            Commit::Done => Ok(Creation::Created(company)),
            Commit::Failed(CompanyWrite::Company, item) => context.existing(item),
            Commit::Failed(CompanyWrite::Allowance, _) => {
                Err(StoreError::unknown("create", "the allowance of a company that does not exist"))
            }
            Commit::Failed(CompanyWrite::Ats, _) => Ok(Creation::Changed),
            Commit::Failed(CompanyWrite::Count, _) => Ok(Creation::Refused(CreatedCompaniesFull)),
        }
    }
}

/// Counts a company that a system creates, unless it has created as many as it may.
fn count_created(ats_id: AtsId, now: Timestamp) -> Write {
    let update = "SET #count = if_not_exists(#count, :zero) + :one, #version = if_not_exists(#version, :zero) + :one, \
                  #entityType = :type, #atsId = :ats, #createdAt = if_not_exists(#createdAt, :now), #updatedAt = :now";
    let key = ats_key(ats_id).beside("CREATED".to_owned());
    Write::update(key, update, "attribute_not_exists(PK) OR #count < :max")
        .value(":zero", n(0))
        .value(":one", n(1))
        .value(":type", s("CreatedCompanies"))
        .value(":ats", s(ats_id))
        .value(":now", s(now))
        .value(":max", n(CREATED_COMPANIES_MAX))
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
    /// Creates a company with its allowance, which is of the company's plan, and the secret that its ids are derived with.
    pub async fn create_company(
        &self,
        company: &Company,
        allowance: &Allowance,
        id_secret: IdSecret,
    ) -> Result<(), OperatorError> {
        let company_write = create_with(company.id.key(), company, Some(id_secret))?;
        let mut transaction = Transaction::of(OperatorError::Changed, company_write);
        let entry = self.entry(HistoryAction::CreateCompany, company.id, Some(company.id.into()), company.created_at);
        let entry = entry.value("name", None, Some(&company.profile.name)).value("plan", None, Some(company.plan));
        let entry = entry.value("minutes", None, Some(minutes(allowance.granted_seconds)));
        let allowance = Allowance { plan: Some(company.plan), ..allowance.clone() };
        let allowance = Write::create(allowance_key(company.id, allowance.shard), &allowance)?;
        transaction.add(OperatorError::Changed, allowance);
        if let Some(ats_id) = company.ats_id {
            transaction.add(OperatorError::NotFound(ATS), Write::exists(ats_key(ats_id)));
        }
        self.commit(transaction, entry.value("atsId", None, company.ats_id)).await
    }

    /// Every company, oldest first.
    pub async fn companies(&self) -> Result<Vec<Company>, OperatorError> {
        self.list(COMPANIES.to_owned()).await
    }

    /// Every company with its allowance, oldest first.
    pub async fn company_accounts(&self) -> Result<Vec<CompanyAccount>, OperatorError> {
        let companies = self.companies().await?;
        let mut accounts = Vec::new();
        for companies in companies.chunks(ACCOUNTS_READ_AT_ONCE) {
            let keys = companies.iter().map(|company| allowance_key(company.id, 0)).collect();
            let mut allowances = self.session().get(keys).await?;
            for company in companies {
                let allowance = allowances.remove(&allowance_key(company.id, 0)).ok_or(UNKNOWN)?;
                accounts.push(CompanyAccount { company: company.clone(), allowance: entity(allowance)?.value });
            }
        }
        Ok(accounts)
    }

    /// A company with its allowance.
    pub async fn company(&self, id: CompanyId) -> Result<CompanyAccount, OperatorError> {
        let (company, allowance) = read_company(&mut self.session(), id).await?;
        Ok(CompanyAccount { company: company.value, allowance: allowance.value })
    }

    /// Gives a company another name.
    pub async fn rename_company(&self, id: CompanyId, name: CompanyName, now: Timestamp) -> Result<(), OperatorError> {
        let (old, _) = read_company(&mut self.session(), id).await?;
        if old.value.profile.name == name {
            return Ok(());
        }
        let entry = self.entry(HistoryAction::RenameCompany, id, Some(id.into()), now);
        let entry = entry.value("name", Some(&old.value.profile.name), Some(&name));
        let profile = CompanyProfile { name, ..old.value.profile.clone() };
        let new = Company { profile, updated_at: now, ..old.value.clone() };
        let write = Write::change(id.key(), &old, &new)?;
        self.commit(Transaction::of(OperatorError::Changed, write), entry).await
    }

    /// Changes what a company pays for. What is reserved and used this month stays; what remains follows the grant.
    ///
    /// A stored month that is over is closed first, with the terms that it had.
    pub async fn set_plan(&self, id: CompanyId, change: PlanChange, now: Timestamp) -> Result<(), OperatorError> {
        let mut session = self.session();
        let (company, allowance) = read_company(&mut session, id).await?;
        let old = allowance.value.granted_seconds;
        let granted = change.granted.unwrap_or(old);
        let plan = change.plan.unwrap_or(company.value.plan);
        let overage_before = allowance.value.overage_allowed;
        let overage_allowed = change.overage_allowed.unwrap_or(overage_before);

        let terms = Company { plan, updated_at: now, ..company.value.clone() };
        let mut transaction = Transaction::of(OperatorError::Changed, Write::change(id.key(), &company, &terms)?);
        let month = session.clocks(now).month_after(&allowance.value.period);
        if month == allowance.value.period {
            let update = "SET #grantedSeconds = :new, #remainingSeconds = #remainingSeconds + :more, \
                          #overageAllowed = :overage, #plan = :plan, #version = #version + :one, #updatedAt = :now";
            // Not under the version, which changes with each interview.
            let condition = "#grantedSeconds = :old AND #period = :period";
            let write = Write::update(allowance_key(id, 0), update, condition)
                .value(":old", n(old))
                .value(":period", s(month))
                .value(":new", n(granted))
                .value(":more", n(granted - old))
                .value(":overage", AttributeValue::Bool(overage_allowed))
                .value(":plan", s(plan))
                .value(":one", n(1))
                .value(":now", s(now));
            transaction.add(OperatorError::Changed, write);
        } else {
            let granted_terms =
                Allowance { granted_seconds: granted, plan: Some(plan), overage_allowed, ..allowance.value.clone() };
            let opened = Allowance { updated_at: now, ..granted_terms.in_period(month) };
            let write = Write::change(allowance_key(id, 0), &allowance, &opened)?;
            transaction.add(OperatorError::Changed, write);
            transaction.add(OperatorError::Changed, close(id, &allowance.value.books(), now)?);
        }
        let entry = self.entry(HistoryAction::SetPlan, id, Some(id.into()), now);
        let entry = entry.value("plan", Some(company.value.plan), Some(plan));
        let entry = entry.value("minutes", Some(minutes(old)), Some(minutes(granted)));
        self.commit(transaction, entry.value("overageAllowed", Some(overage_before), Some(overage_allowed))).await?;
        self.copy_limits(id, terms.key_limits()).await
    }

    /// Suspends or activates a company's subscription. While it is suspended, its own webhooks are held.
    ///
    /// Under the version of the company's item, which counts operators' changes: the allowance's own changes with each
    /// interview, and a company that creates many must be stopped all the same.
    pub async fn set_subscription(
        &self,
        id: CompanyId,
        subscription: SubscriptionStatus,
        now: Timestamp,
    ) -> Result<(), OperatorError> {
        let mut session = self.session();
        let (company, allowance) = read_company(&mut session, id).await?;
        let old = allowance.value.subscription;
        // Companies that were suspended before that held their webhooks, hold none.
        let held = session.holds_webhooks(id).await?;
        if old == subscription && held == (subscription == SubscriptionStatus::Suspended) {
            return Ok(());
        }
        let touched = Company { updated_at: now, ..company.value.clone() };
        let mut transaction = Transaction::of(OperatorError::Changed, Write::change(id.key(), &company, &touched)?);
        let update = "SET #subscription = :subscription, #version = #version + :one, #updatedAt = :now";
        let write = Write::update(allowance_key(id, 0), update, "#subscription = :old")
            .value(":old", s(old))
            .value(":subscription", s(subscription))
            .value(":one", n(1))
            .value(":now", s(now));
        transaction.add(OperatorError::Changed, write);
        transaction.add(OperatorError::Changed, set_suspended(id, subscription, now));
        let action = match subscription {
            SubscriptionStatus::Active => HistoryAction::ActivateCompany,
            SubscriptionStatus::Suspended => HistoryAction::SuspendCompany,
        };
        let entry = self.entry(action, id, Some(id.into()), now);
        let entry = entry.value("subscription", Some(old), Some(subscription));
        self.commit(transaction, entry).await?;
        if subscription == SubscriptionStatus::Active {
            self.session().wake_webhooks_of(id, now).await?;
        }
        Ok(())
    }

    /// Creates an applicant tracking system, with the secret that its ids are derived with.
    pub async fn create_ats(&self, ats: &Ats, id_secret: IdSecret) -> Result<(), OperatorError> {
        let entry = self.entry(HistoryAction::CreateAts, ats.id, Some(Owner::Ats(ats.id)), ats.created_at);
        let entry = entry.value("name", None, Some(&ats.name));
        let write = create_with(ats_key(ats.id), ats, Some(id_secret))?;
        self.commit(Transaction::of(OperatorError::Changed, write), entry).await
    }

    /// Sets the plan of the companies that a system creates from now on. Those that it has created keep theirs.
    pub async fn set_default_plan(&self, id: AtsId, plan: DefaultPlan, now: Timestamp) -> Result<(), OperatorError> {
        let item = self.session().get_one(ats_key(id)).await?;
        let old: Versioned<Ats> = entity(item.ok_or(OperatorError::NotFound(ATS))?)?;
        let before = old.value.default_plan;
        if before == Some(plan) {
            return Ok(());
        }
        let entry = self.entry(HistoryAction::SetDefaultPlan, id, Some(Owner::Ats(id)), now);
        let entry = entry.value("plan", before.map(|before| before.plan), Some(plan.plan));
        let granted = |plan: DefaultPlan| minutes(plan.granted_seconds);
        let entry = entry.value("minutes", before.map(granted), Some(granted(plan)));
        let new = Ats { default_plan: Some(plan), updated_at: now, ..old.value.clone() };
        let write = Write::change(ats_key(id), &old, &new)?;
        self.commit(Transaction::of(OperatorError::Changed, write), entry).await
    }

    /// The applicant tracking system of that id.
    pub async fn ats(&self, id: AtsId) -> Result<Ats, OperatorError> {
        let item = self.session().get_one(ats_key(id)).await?;
        Ok(entity(item.ok_or(OperatorError::NotFound(ATS))?)?.value)
    }

    /// The applicant tracking system of that id, with its companies.
    pub async fn ats_account(&self, id: AtsId) -> Result<AtsAccount, OperatorError> {
        let ats = self.ats(id).await?;
        let mut companies = self.companies().await?;
        companies.retain(|company| company.ats_id == Some(id));
        Ok(AtsAccount { ats, companies })
    }

    /// Every applicant tracking system with its companies, oldest first. One that was created before there was a list of
    /// them is found by its companies.
    pub async fn ats_accounts(&self) -> Result<Vec<AtsAccount>, OperatorError> {
        let mut systems: Vec<Ats> = self.list(SYSTEMS.to_owned()).await?;
        let mut managed: BTreeMap<AtsId, Vec<Company>> = BTreeMap::new();
        for company in self.companies().await? {
            if let Some(id) = company.ats_id {
                managed.entry(id).or_default().push(company);
            }
        }
        let listed: BTreeSet<_> = systems.iter().map(|ats| ats.id).collect();
        let unlisted = managed.keys().filter(|id| !listed.contains(id)).map(|id| ats_key(*id)).collect();
        for item in self.session().get(unlisted).await?.into_values() {
            systems.push(entity(item)?.value);
        }
        systems.sort_by_key(|ats| (ats.created_at, ats.id));
        let account = |ats: Ats| AtsAccount { companies: managed.remove(&ats.id).unwrap_or_default(), ats };
        Ok(systems.into_iter().map(account).collect())
    }
}

pub(crate) const UNKNOWN: OperatorError = OperatorError::NotFound("company");

/// Allowances of a list that one session reads, so that each has its whole time.
const ACCOUNTS_READ_AT_ONCE: usize = 1_000;

/// Minutes as the history tells them, with what is left of a begun one.
fn minutes(Seconds(seconds): Seconds) -> String {
    if seconds % 60 == 0 { (seconds / 60).to_string() } else { format!("{:.2}", seconds as f64 / 60.0) }
}

pub(crate) async fn read_company(
    session: &mut Session,
    id: CompanyId,
) -> Result<(Versioned<Company>, Versioned<Allowance>), OperatorError> {
    let keys = (id.key(), allowance_key(id, 0));
    let mut items = session.get(vec![keys.0.clone(), keys.1.clone()]).await?;
    match (items.remove(&keys.0), items.remove(&keys.1)) {
        (Some(company), Some(allowance)) => Ok((entity(company)?, entity(allowance)?)),
        (_, _) => Err(UNKNOWN),
    }
}

/// A company, if it exists, read by the system itself for no tenant.
pub(crate) async fn company(session: &mut Session, id: CompanyId) -> Result<Option<Company>, StoreError> {
    Ok(session.get_one(id.key()).await?.map(entity::<Company>).transpose()?.map(|company| company.value))
}

impl Session {
    /// A company with its allowance, for a caller who acts for it.
    pub async fn company_account(&mut self, id: CompanyId) -> Result<Option<CompanyAccount>, StoreError> {
        let mut items = self.get(vec![id.key(), AllowanceOf(id).key()]).await?;
        account(&mut items, id)
    }
}

/// A company with its allowance, taken from what was read, if it exists.
pub(crate) fn account(
    items: &mut HashMap<PrimaryKey, Item>,
    id: CompanyId,
) -> Result<Option<CompanyAccount>, StoreError> {
    let (company, allowance) = (items.remove(&id.key()), items.remove(&AllowanceOf(id).key()));
    let (Some(company), Some(allowance)) = (company, allowance) else { return Ok(None) };
    Ok(Some(CompanyAccount { company: entity(company)?.value, allowance: entity(allowance)?.value }))
}
