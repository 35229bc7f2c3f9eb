//! Webhooks, and the registry of each owner's webhooks.

use std::collections::{BTreeMap, HashMap, HashSet};

use aws_sdk_dynamodb::types::AttributeValue;
use domain::Versioned;
use domain::allowance::SubscriptionStatus;
use domain::api_key::{ApiKey, with_predecessors};
use domain::company::{Company, CompanyId, Owner};
use domain::delivery::Delivery;
use domain::event::EventType;
use domain::history::HistoryAction;
use domain::interview::{Interview, InterviewId};
use domain::resource::AccessError;
use domain::time::Timestamp;
use domain::webhook::{ChangedWebhook, EventSubscription, Sealed, SealedSecrets, WEBHOOKS_MAX, Webhook, WebhookId};
use serde::{Deserialize, Serialize};

use crate::Store;
use crate::company::company;
use crate::create::{Create, Creation, WriteContext};
use crate::delivery::DeliveryAddress;
use crate::entity::{Entity, EntityId, Owned, encoded, entity, item_of, n, s};
use crate::error::StoreError;
use crate::history;
use crate::key::PrimaryKey;
use crate::lookup::LookupError;
use crate::operator::OperatorError;
use crate::page::{ListPosition, Page, PageRequest};
use crate::session::{Commit, Session, Updated};
use crate::write::{Transaction, Write};

/// The webhooks that a key has created.
#[derive(Debug, Clone, PartialEq)]
pub struct WebhooksOfKey {
    /// The webhooks, oldest first.
    pub webhooks: Vec<Webhook>,
    /// The number of the owner's other webhooks that do not tell who created them.
    pub of_unknown_keys: usize,
}

/// A webhook is in no index: it is found by its owner's registry.
impl Entity for Webhook {
    const TYPE: &'static str = "Webhook";
}

impl Owned for Webhook {}

impl EntityId for WebhookId {
    type Entity = Webhook;

    fn key(self) -> PrimaryKey {
        PrimaryKey::of("WEBHOOK", self)
    }
}

/// Sealed secrets lie beside their webhook.
impl Entity for SealedSecrets {
    const TYPE: &'static str = "WebhookSecrets";
}

fn secrets_key(id: WebhookId) -> PrimaryKey {
    id.key().beside("SECRETS".to_owned())
}

/// A new webhook, with its secrets.
#[derive(Debug, Clone, PartialEq)]
pub struct NewWebhook {
    /// The webhook.
    pub webhook: Webhook,
    /// The webhook's secrets, encrypted.
    pub sealed: Sealed,
}

impl NewWebhook {
    fn secrets(&self) -> SealedSecrets {
        let Webhook { id, created_at, updated_at, .. } = self.webhook;
        SealedSecrets { webhook_id: id, sealed: self.sealed.clone(), created_at, updated_at }
    }
}

/// A webhook's secrets as they were read.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredSecrets {
    /// The secrets, encrypted.
    pub sealed: Sealed,
    place: SecretsPlace,
}

#[derive(Debug, Clone, PartialEq)]
enum SecretsPlace {
    /// In the webhook's own item, where they are no longer written to.
    WithinWebhook,
    /// In an item of their own.
    Beside { version: u64, created_at: Timestamp },
}

/// The webhooks of one owner with everything that the publisher needs to know of them: one item, so that an event costs
/// one read however many subscribe, a new webhook misses no event that comes after it, and the limit is kept under any
/// concurrency. With 50 webhooks it has about 10 KB.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Registry {
    #[serde(flatten)]
    owner: Owner,
    webhooks: BTreeMap<WebhookId, EventSubscription>,
    /// True while the owner, a company, is suspended: nothing is announced to its webhooks, whatever they are themselves.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    is_suspended: bool,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl Entity for Registry {
    const TYPE: &'static str = "WebhookRegister";
}

fn registry_key(owner: Owner) -> PrimaryKey {
    let owner = match owner {
        Owner::Company(id) => format!("COMPANY#{id}"),
        Owner::Ats(id) => format!("ATS#{id}"),
    };
    PrimaryKey::of("WEBHOOKS", owner).beside("REGISTER".to_owned())
}

/// A webhook and one of its deliveries, as far as they exist.
#[derive(Debug, Clone, PartialEq)]
pub struct DeliveryState {
    /// The webhook.
    pub webhook: Option<Versioned<Webhook>>,
    /// The delivery.
    pub delivery: Option<Versioned<Delivery>>,
    /// True if the company that has the webhook is suspended, and is the one that was asked about.
    pub is_suspended: bool,
}

/// The registry has [`WEBHOOKS_MAX`] webhooks already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RegistryFull;

enum WebhookWrite {
    Webhook,
    Secrets,
    Company,
    Registry,
}

impl Create for NewWebhook {
    type Entity = Webhook;
    type Refusal = RegistryFull;

    async fn create(
        &self,
        session: &mut Session,
        context: &WriteContext<'_>,
    ) -> Result<Creation<Webhook, RegistryFull>, StoreError> {
        let webhook = &self.webhook;
        let mut registry_exists = true;
        loop {
            let mut transaction = Transaction::of(WebhookWrite::Webhook, context.create(webhook.id, webhook)?);
            // A deleted webhook's tombstone may be dropped before the one beside it.
            let secrets = Write::create_again(secrets_key(webhook.id), &self.secrets())?;
            transaction.add(WebhookWrite::Secrets, secrets);
            if let Some(guard) = context.guard_managed() {
                transaction.add(WebhookWrite::Company, guard);
            }
            let registry = if registry_exists {
                enter(webhook, "size(#webhooks) < :max")?.value(":max", n(WEBHOOKS_MAX))
            } else {
                let registry = Registry {
                    owner: webhook.owner,
                    webhooks: BTreeMap::from([(webhook.id, webhook.subscription())]),
                    is_suspended: false,
                    created_at: webhook.created_at,
                    updated_at: webhook.created_at,
                };
                Write::create(registry_key(webhook.owner), &registry)?
            };
            transaction.add(WebhookWrite::Registry, registry);
            match session.commit(transaction).await? {
                Commit::Done => return Ok(Creation::Created(webhook.clone())),
                Commit::Failed(WebhookWrite::Webhook, item) => return context.existing(item),
                Commit::Failed(WebhookWrite::Secrets, _) => {
                    return Err(StoreError::unknown("create", "secrets of a webhook that does not exist"));
                }
                Commit::Failed(WebhookWrite::Company, _) => return Ok(Creation::Changed),
                Commit::Failed(WebhookWrite::Registry, None) if registry_exists => registry_exists = false,
                Commit::Failed(WebhookWrite::Registry, _) if registry_exists => {
                    return Ok(Creation::Refused(RegistryFull));
                }
                // Somebody else's first webhook came in between.
                Commit::Failed(WebhookWrite::Registry, _) => registry_exists = true,
            }
        }
    }
}

/// Writes a webhook's entry in its owner's registry.
fn enter(webhook: &Webhook, condition: &str) -> Result<Write, StoreError> {
    let update = "SET #webhooks.#id = :entry, #version = #version + :one, #updatedAt = :now";
    let entry = encoded(webhook.subscription())?;
    Ok(update_registry(webhook, update, condition, webhook.updated_at).value(":entry", entry))
}

fn update_registry(webhook: &Webhook, update: &str, condition: &str, now: Timestamp) -> Write {
    Write::update(registry_key(webhook.owner), update, condition)
        .alias("#id", webhook.id)
        .value(":one", n(1))
        .value(":now", s(now))
}

/// Holds all webhooks of a company, those that it creates from now on too, or ends that. The webhooks stay as they are,
/// so that an end brings back what was before, a pause by the owner too.
pub(crate) fn set_suspended(id: CompanyId, subscription: SubscriptionStatus, now: Timestamp) -> Write {
    let update = "SET #isSuspended = :suspended, #webhooks = if_not_exists(#webhooks, :none), #companyId = :owner, \
                  #entityType = :type, #createdAt = if_not_exists(#createdAt, :now), \
                  #version = if_not_exists(#version, :zero) + :one, #updatedAt = :now";
    Write::update(registry_key(Owner::Company(id)), update, "attribute_not_exists(PK) OR #entityType = :type")
        .value(":suspended", AttributeValue::Bool(subscription == SubscriptionStatus::Suspended))
        .value(":none", AttributeValue::M(HashMap::new()))
        .value(":owner", s(id))
        .value(":type", s(Registry::TYPE))
        .value(":zero", n(0))
        .value(":one", n(1))
        .value(":now", s(now))
}

/// The writes that change a webhook, and its secrets if others are given. Secrets within the webhook's item move out of it
/// with any change, so that no later read or write of the item pays for them.
fn changing(
    old: &Versioned<Webhook>,
    new: &Webhook,
    secrets: Option<(&StoredSecrets, Sealed)>,
) -> Result<Transaction<()>, StoreError> {
    let new = &Webhook { sealed_within: None, ..new.clone() };
    let mut transaction = Transaction::of((), Write::change(new.id.key(), old, new)?);
    let secrets = secrets.map(|(read, sealed)| (read.place.clone(), sealed));
    let moving = || Some((SecretsPlace::WithinWebhook, old.value.sealed_within.clone()?));
    if let Some((place, sealed)) = secrets.or_else(moving) {
        transaction.add((), write_secrets(place, sealed, new)?);
    }
    if old.value.subscription() != new.subscription() {
        transaction.add((), enter(new, "attribute_exists(#webhooks.#id)")?);
    }
    Ok(transaction)
}

/// Writes a webhook's secrets, unless they have changed since they were read.
fn write_secrets(place: SecretsPlace, sealed: Sealed, webhook: &Webhook) -> Result<Write, StoreError> {
    let (key, webhook_id, updated_at) = (secrets_key(webhook.id), webhook.id, webhook.updated_at);
    match place {
        SecretsPlace::WithinWebhook => {
            let created_at = webhook.created_at;
            Write::create(key, &SealedSecrets { webhook_id, sealed, created_at, updated_at })
        }
        SecretsPlace::Beside { version, created_at } => {
            let secrets = SealedSecrets { webhook_id, sealed, created_at, updated_at };
            Ok(Write::replace(item_of(key, &secrets, version + 1)?, version))
        }
    }
}

/// The writes that delete a webhook with its secrets, which are not read for it: they change with the webhook only, whose
/// version is demanded.
fn deleting(old: &Versioned<Webhook>, now: Timestamp) -> Result<Transaction<()>, StoreError> {
    let webhook = &old.value;
    let mut transaction = Transaction::of((), Write::delete(webhook.id, old, now)?);
    if webhook.sealed_within.is_none() {
        transaction.add((), Write::bury(secrets_key(webhook.id), now));
    }
    let update = "REMOVE #webhooks.#id SET #version = #version + :one, #updatedAt = :now";
    transaction.add((), update_registry(webhook, update, "attribute_exists(#webhooks.#id)", now));
    Ok(transaction)
}

impl Store {
    /// The webhooks that an owner manages, oldest first.
    pub async fn webhooks(&self, owner: Owner) -> Result<Vec<Webhook>, OperatorError> {
        Ok(self.session().webhooks(owner).await?)
    }

    /// The webhooks that a key has created, or one that it replaced, oldest first.
    pub async fn webhooks_of_key(&self, key: &ApiKey) -> Result<WebhooksOfKey, OperatorError> {
        let keys = with_predecessors(key.id, &self.api_keys(key.owner).await?);
        let mut webhooks = self.webhooks(key.owner).await?;
        let of_unknown_keys = webhooks.iter().filter(|webhook| webhook.created_by_key_id.is_none()).count();
        webhooks.retain(|webhook| webhook.created_by_key_id.is_some_and(|id| keys.contains(&id)));
        Ok(WebhooksOfKey { webhooks, of_unknown_keys })
    }

    /// The webhook of that id; if an owner is given, only if it is the owner's.
    pub async fn webhook(&self, id: WebhookId, owner: Option<Owner>) -> Result<Webhook, OperatorError> {
        Ok(find(&mut self.session(), id, owner).await?.value)
    }

    /// Pauses a webhook, or ends its pause, as its owner could. One that is in that state already stays as it is.
    pub async fn set_webhook_active(
        &self,
        id: WebhookId,
        owner: Option<Owner>,
        is_active: bool,
        now: Timestamp,
    ) -> Result<Webhook, OperatorError> {
        let action = if is_active { HistoryAction::ResumeWebhook } else { HistoryAction::PauseWebhook };
        let mut session = self.session();
        loop {
            let old = find(&mut session, id, owner).await?;
            if old.value.is_active() == is_active {
                return Ok(old.value);
            }
            let new = ChangedWebhook { is_active, ..ChangedWebhook::of(&old.value) }.apply(&old.value, None, now);
            let entry = self.entry(action, id, Some(new.owner), now);
            let entry = entry.value("paused", old.value.paused, new.paused);
            let mut transaction = changing(&old, &new, None)?;
            transaction.add((), history::enter(&entry)?);
            match session.commit_change(transaction).await? {
                Updated::Applied => {
                    session.wake_if_released(&old, &new, Updated::Applied, now).await;
                    return Ok(new);
                }
                // An endpoint that fails changes its webhook all the time.
                Updated::Outdated => session.pause_after_change().await?,
            }
        }
    }

    /// Deletes a webhook, as its owner could, and tells what it was.
    pub async fn remove_webhook(
        &self,
        id: WebhookId,
        owner: Option<Owner>,
        now: Timestamp,
    ) -> Result<Webhook, OperatorError> {
        let mut session = self.session();
        loop {
            let old = find(&mut session, id, owner).await?;
            let entry = self.entry(HistoryAction::DeleteWebhook, id, Some(old.value.owner), now);
            // Not its address, which may hold a secret of the receiver's.
            let entry = entry.value("name", old.value.name.as_ref(), None);
            let mut transaction = deleting(&old, now)?;
            transaction.add((), history::enter(&entry)?);
            match session.commit_change(transaction).await? {
                Updated::Applied => {
                    session.wake(id, now).await;
                    return Ok(old.value);
                }
                Updated::Outdated => session.pause_after_change().await?,
            }
        }
    }
}

async fn find(session: &mut Session, id: WebhookId, owner: Option<Owner>) -> Result<Versioned<Webhook>, OperatorError> {
    const UNKNOWN: OperatorError = OperatorError::NotFound("webhook");
    let webhook = entity::<Webhook>(session.get_one(id.key()).await?.ok_or(UNKNOWN)?)?;
    if owner.is_some_and(|owner| owner != webhook.value.owner) { Err(UNKNOWN) } else { Ok(webhook) }
}

impl Session {
    /// Changes a webhook. `managed` is the company that a system's webhook is confined to from now on, if that changes.
    pub async fn change_webhook(
        &mut self,
        old: &Versioned<Webhook>,
        new: &Webhook,
        managed: Option<&Versioned<Company>>,
        now: Timestamp,
    ) -> Result<Updated, StoreError> {
        let updated = self.commit_webhook(changing(old, new, None)?, managed).await?;
        self.wake_if_released(old, new, updated, now).await;
        Ok(updated)
    }

    /// Changes a webhook and its secrets, `read` being those that the new ones were made from.
    pub async fn change_webhook_with_secrets(
        &mut self,
        old: &Versioned<Webhook>,
        new: &Webhook,
        read: &StoredSecrets,
        sealed: Sealed,
        managed: Option<&Versioned<Company>>,
        now: Timestamp,
    ) -> Result<Updated, StoreError> {
        let updated = self.commit_webhook(changing(old, new, Some((read, sealed)))?, managed).await?;
        self.wake_if_released(old, new, updated, now).await;
        Ok(updated)
    }

    async fn wake_if_released(&mut self, old: &Versioned<Webhook>, new: &Webhook, updated: Updated, now: Timestamp) {
        if updated == Updated::Applied && old.value.is_released_by(new) {
            self.wake(new.id, now).await;
        }
    }

    async fn commit_webhook(
        &mut self,
        mut transaction: Transaction<()>,
        managed: Option<&Versioned<Company>>,
    ) -> Result<Updated, StoreError> {
        if let Some(company) = managed {
            transaction.add((), Write::guard_company(company));
        }
        // Outdated also after an answer that was lost: of two callers who change the same at the same time, neither can
        // tell whose change it was.
        self.commit_change(transaction).await
    }

    /// The secrets of a webhook; none if the webhook was deleted since it was read.
    pub async fn webhook_secrets(&mut self, webhook: &Webhook) -> Result<Option<StoredSecrets>, StoreError> {
        if let Some(sealed) = &webhook.sealed_within {
            return Ok(Some(StoredSecrets { sealed: sealed.clone(), place: SecretsPlace::WithinWebhook }));
        }
        let Some(item) = self.get_one(secrets_key(webhook.id)).await? else { return Ok(None) };
        let Versioned { version, value } = entity::<SealedSecrets>(item)?;
        let place = SecretsPlace::Beside { version, created_at: value.created_at };
        Ok(Some(StoredSecrets { sealed: value.sealed, place }))
    }

    /// Deletes a webhook. Its deliveries can't be reached any more, and the table drops them in time; those that wait are
    /// removed by the next sweep.
    pub async fn delete_webhook(&mut self, old: &Versioned<Webhook>, now: Timestamp) -> Result<Updated, StoreError> {
        let updated = self.commit_change(deleting(old, now)?).await?;
        if updated == Updated::Applied {
            self.wake(old.value.id, now).await;
        }
        Ok(updated)
    }

    /// A page of the webhooks that an owner manages, newest first. All of them are read, since the registry tells no times.
    pub async fn webhooks_page(
        &mut self,
        owner: Owner,
        page: &PageRequest<ListPosition>,
    ) -> Result<Page<(ListPosition, Webhook), ListPosition>, StoreError> {
        let place =
            |webhook: Webhook| (ListPosition { created_at: webhook.created_at, id: webhook.id.uuid() }, webhook);
        let newest_first = self.webhooks(owner).await?.into_iter().rev().map(place);
        let mut left = newest_first.filter(|(position, _)| page.cursor.is_none_or(|cursor| *position < cursor));
        let items: Vec<_> = left.by_ref().take(page.limit.into()).collect();
        let next = items.last().map(|(position, _)| *position);
        Ok(Page { items, next: next.filter(|_| left.next().is_some()) })
    }

    /// The webhooks that an owner manages, oldest first.
    pub async fn webhooks(&mut self, owner: Owner) -> Result<Vec<Webhook>, StoreError> {
        let Some(item) = self.get_one(registry_key(owner)).await? else { return Ok(Vec::new()) };
        let ids = entity::<Registry>(item)?.value.webhooks.into_keys();
        let items = self.get(ids.map(EntityId::key).collect()).await?.into_values();
        let webhooks = items.map(|item| Ok(entity::<Webhook>(item)?.value));
        let mut webhooks = webhooks.collect::<Result<Vec<_>, StoreError>>()?;
        webhooks.sort_by_key(|webhook| (webhook.created_at, webhook.id));
        Ok(webhooks)
    }

    /// An interview, if the webhook may be told of its events: it must be the owner's own, or that of a company which
    /// the owner manages now, and of no other company than the webhook is confined to.
    pub async fn interview_heard_by(&mut self, webhook: &Webhook, id: InterviewId) -> Result<Interview, LookupError> {
        let item = self.get_one(id.key()).await?.ok_or(AccessError::NotFound(id.into()))?;
        let interview = entity::<Interview>(item)?.value;
        let may_hear = match webhook.owner {
            Owner::Company(own) => own == interview.company_id,
            Owner::Ats(ats_id) => {
                let company = company(self, interview.company_id).await?;
                let manages = company.is_some_and(|company| company.ats_id == Some(ats_id));
                manages && webhook.only_company_id.is_none_or(|only| only == interview.company_id)
            }
        };
        if may_hear { Ok(interview) } else { Err(AccessError::Forbidden(id.into()).into()) }
    }

    /// Has the next sweep look at all webhooks of a company that waits for none of them any more.
    pub(crate) async fn wake_webhooks_of(&mut self, id: CompanyId, now: Timestamp) -> Result<(), StoreError> {
        let registry = self.get_one(registry_key(Owner::Company(id))).await?.map(entity::<Registry>).transpose()?;
        for webhook_id in registry.into_iter().flat_map(|registry| registry.value.webhooks.into_keys()) {
            self.restart_budget();
            self.wake(webhook_id, now).await;
        }
        Ok(())
    }

    /// True if the webhooks of a company are held, because the company is suspended.
    pub(crate) async fn holds_webhooks(&mut self, id: CompanyId) -> Result<bool, StoreError> {
        let registry = self.get_one(registry_key(Owner::Company(id))).await?.map(entity::<Registry>).transpose()?;
        Ok(registry.is_some_and(|registry| registry.value.is_suspended))
    }

    /// The companies among those owners whose webhooks are held.
    pub(crate) async fn suspended(&mut self, owners: &[Owner]) -> Result<HashSet<CompanyId>, StoreError> {
        let companies = owners.iter().filter_map(|owner| match owner {
            Owner::Company(id) => Some((registry_key(*owner), *id)),
            Owner::Ats(_) => None,
        });
        let companies: HashMap<_, _> = companies.collect();
        let mut suspended = HashSet::new();
        for (key, item) in self.get(companies.keys().cloned().collect()).await? {
            if entity::<Registry>(item)?.value.is_suspended {
                suspended.extend(companies.get(&key));
            }
        }
        Ok(suspended)
    }

    /// A webhook and one of its deliveries, as far as they exist. With a company, also whether that, as the webhook's
    /// owner, is suspended.
    pub(crate) async fn delivery_state(
        &mut self,
        address: DeliveryAddress,
        company: Option<CompanyId>,
    ) -> Result<DeliveryState, StoreError> {
        let (webhook, delivery) = (address.webhook_id.key(), address.key());
        let owner = company.map(Owner::Company);
        let registry = owner.map(registry_key);
        let keys = [webhook.clone(), delivery.clone()].into_iter().chain(registry.clone());
        let mut items = self.get(keys.collect()).await?;
        let webhook = items.remove(&webhook).map(entity::<Webhook>).transpose()?;
        let delivery = items.remove(&delivery).map(entity::<Delivery>).transpose()?;
        let registry = registry.and_then(|key| items.remove(&key)).map(entity::<Registry>).transpose()?;
        let is_own = webhook.as_ref().is_some_and(|webhook| Some(webhook.value.owner) == owner);
        let is_suspended = is_own && registry.is_some_and(|registry| registry.value.is_suspended);
        Ok(DeliveryState { webhook, delivery, is_suspended })
    }

    /// The subscribers to the events of companies: their own webhooks, unless the company is suspended, and those of the
    /// systems that manage them now.
    pub(crate) async fn read_subscriptions(&mut self, companies: &[CompanyId]) -> Result<Subscriptions, StoreError> {
        let own = |id: &CompanyId| registry_key(Owner::Company(*id));
        let keys = companies.iter().flat_map(|id| [id.key(), own(id)]);
        let mut items = self.get(keys.collect()).await?;
        let mut managed = HashMap::new();
        for id in companies {
            let company = items.remove(&id.key()).map(entity::<Company>).transpose()?;
            managed.extend(company.and_then(|company| Some((*id, registry_key(Owner::Ats(company.value.ats_id?))))));
        }
        items.extend(self.get(managed.values().cloned().collect()).await?);

        let read = |(key, item)| {
            let registry = entity::<Registry>(item)?.value;
            Ok((key, if registry.is_suspended { BTreeMap::new() } else { registry.webhooks }))
        };
        let registries = items.into_iter().map(read).collect::<Result<HashMap<_, _>, StoreError>>()?;
        let subscribed = |id: &CompanyId| {
            let keys = [Some(own(id)), managed.get(id).cloned()];
            let found = keys.into_iter().flatten().filter_map(|key| registries.get(&key)).flatten();
            (*id, found.map(|(id, subscribed)| (*id, subscribed.clone())).collect())
        };
        Ok(Subscriptions(companies.iter().map(subscribed).collect()))
    }
}

/// The subscribers to the events of some companies.
#[derive(Debug, Clone, Default)]
pub struct Subscriptions(HashMap<CompanyId, Vec<(WebhookId, EventSubscription)>>);

impl Subscriptions {
    /// The webhooks that want an event.
    pub fn wanting(&self, event: EventType, company_id: CompanyId) -> impl Iterator<Item = WebhookId> {
        let subscribed = self.0.get(&company_id).into_iter().flatten();
        subscribed.filter(move |(_, subscribed)| subscribed.wants(event, company_id)).map(|(id, _)| *id)
    }
}
