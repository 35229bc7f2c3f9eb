//! Webhooks, as their owners manage them, and who is subscribed to what.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::types::builders::UpdateBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem, Update};
use domain::Versioned;
use domain::company::{Company, CompanyId, Owner};
use domain::time::Timestamp;
use domain::webhook::{EventSubscription, WEBHOOKS_MAX, Webhook, WebhookId};
use serde::{Deserialize, Serialize};

use crate::create::{Creation, Plan, Recorded, existing, recorded};
use crate::error::StoreError;
use crate::item::{Entity, Item, VERSION, entity, is_tombstone, tombstone};
use crate::key::{IndexKey, Key};
use crate::session::{Commit, GET_KEYS_MAX, Refusal, Session};
use crate::write::{OLD_IMAGE, Record, change, create, create_recorded, guard_company, n, replace_item, s, update};

/// The webhooks of one owner with what the publisher needs to know of them: one item, so that an event costs one read
/// however many subscribe, a new webhook misses no event that comes after it, and the limit is kept under any
/// concurrency. With 50 webhooks it has about 10 KB.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Register {
    #[serde(flatten)]
    owner: Owner,
    webhooks: BTreeMap<WebhookId, EventSubscription>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl Entity for Register {
    const TYPE: &'static str = "WebhookRegister";
    fn index_keys(&self) -> Vec<IndexKey> {
        Vec::new()
    }
}

/// There are [`WEBHOOKS_MAX`] webhooks already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RegisterFull;

/// What became of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Changed {
    /// It is made.
    Done,
    /// What it was based on has changed: read and decide again.
    Outdated,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum WebhookPlace {
    Webhook,
    Company,
    Register,
}

impl Session {
    /// Creates a webhook. `managed` is the one company of a system's webhook, which the system must still manage.
    pub async fn create_webhook(
        &mut self,
        webhook: Webhook,
        managed: Option<&Versioned<Company>>,
        record: Record<'_>,
    ) -> Result<Creation<Webhook, RegisterFull>, StoreError> {
        let mut register_exists = true;
        loop {
            let plan = self.plan_webhook(&webhook, managed, record, register_exists)?;
            let refusals = match self.commit(plan.writes).await? {
                Commit::Done => return Ok(Creation::Created(webhook)),
                Commit::Refused(refusals) => Plan::named(plan.places, refusals),
            };
            match refusals.into_iter().next() {
                Some((WebhookPlace::Webhook, refusal)) => return existing(refusal, record),
                Some((WebhookPlace::Company, _)) => return Ok(Creation::Changed),
                Some((WebhookPlace::Register, Refusal { item: None })) if register_exists => register_exists = false,
                Some((WebhookPlace::Register, _)) if register_exists => return Ok(Creation::Refused(RegisterFull)),
                // Somebody else's first webhook came in between.
                Some((WebhookPlace::Register, _)) => register_exists = true,
                None => return Err(StoreError::unknown("TransactWriteItems", "cancelled without a reason")),
            }
        }
    }

    fn plan_webhook(
        &self,
        webhook: &Webhook,
        managed: Option<&Versioned<Company>>,
        record: Record<'_>,
        register_exists: bool,
    ) -> Result<Plan<WebhookPlace>, StoreError> {
        let table = self.table.as_str();
        let mut plan = Plan::new();
        plan.add(WebhookPlace::Webhook, create_recorded(table, Key::webhook(webhook.id), webhook, record)?);
        if let Some(company) = managed {
            plan.add(WebhookPlace::Company, guard_company(table, company)?);
        }
        let register = if register_exists {
            self.enter(webhook, "size(#webhooks) < :max", |update| {
                update.expression_attribute_values(":max", n(WEBHOOKS_MAX))
            })?
        } else {
            let register = Register {
                owner: webhook.owner,
                webhooks: BTreeMap::from([(webhook.id, webhook.subscription())]),
                created_at: webhook.created_at,
                updated_at: webhook.created_at,
            };
            create(table, Key::register(webhook.owner), &register)?
        };
        plan.add(WebhookPlace::Register, register);
        Ok(plan)
    }

    /// Writes a webhook's entry in its owner's register.
    fn enter(
        &self,
        webhook: &Webhook,
        condition: &str,
        with: impl FnOnce(UpdateBuilder) -> UpdateBuilder,
    ) -> Result<TransactWriteItem, StoreError> {
        let entry: AttributeValue = serde_dynamo::to_attribute_value(webhook.subscription())
            .map_err(|error| StoreError::unknown("encode", error))?;
        let change = self
            .update_register(webhook.owner, webhook.id, webhook.updated_at)
            .condition_expression(condition)
            .update_expression("SET #webhooks.#id = :entry, #version = #version + :one, #updatedAt = :now")
            .expression_attribute_values(":entry", entry);
        update(with(change))
    }

    fn update_register(&self, owner: Owner, id: WebhookId, now: Timestamp) -> UpdateBuilder {
        Update::builder()
            .table_name(&self.table)
            .set_key(Some(Key::register(owner).into_attributes()))
            .expression_attribute_names("#webhooks", "webhooks")
            .expression_attribute_names("#id", id.to_string())
            .expression_attribute_names("#version", VERSION)
            .expression_attribute_names("#updatedAt", "updatedAt")
            .expression_attribute_values(":one", n(1))
            .expression_attribute_values(":now", s(now))
            .return_values_on_condition_check_failure(OLD_IMAGE)
    }

    /// Changes a webhook. `managed` is the company that a system's webhook is confined to from now on, if that changes.
    pub async fn change_webhook(
        &mut self,
        old: &Versioned<Webhook>,
        new: &Webhook,
        managed: Option<&Versioned<Company>>,
    ) -> Result<Changed, StoreError> {
        let table = self.table.as_str();
        let mut writes = vec![change(table, Key::webhook(new.id), old, new)?];
        if let Some(company) = managed {
            writes.push(guard_company(table, company)?);
        }
        if old.value.subscription() != new.subscription() {
            writes.push(self.enter(new, "attribute_exists(#webhooks.#id)", |update| update)?);
        }
        // Also after an answer that was lost: two who change the same at the same time can't tell whose change it was.
        self.carry_out(writes).await
    }

    /// Deletes a webhook. Its deliveries can't be reached any more, and the table drops them in time.
    pub async fn delete_webhook(&mut self, old: &Versioned<Webhook>, now: Timestamp) -> Result<Changed, StoreError> {
        let webhook = &old.value;
        let item = tombstone(Key::webhook(webhook.id), old.version + 1, now);
        let register = self
            .update_register(webhook.owner, webhook.id, now)
            .condition_expression("attribute_exists(#webhooks.#id)")
            .update_expression("REMOVE #webhooks.#id SET #version = #version + :one, #updatedAt = :now");
        let writes = vec![replace_item(&self.table, item, old.version)?, update(register)?];
        self.carry_out(writes).await
    }

    async fn carry_out(&mut self, writes: Vec<TransactWriteItem>) -> Result<Changed, StoreError> {
        match self.commit(writes).await? {
            Commit::Done => Ok(Changed::Done),
            Commit::Refused(_) => Ok(Changed::Outdated),
        }
    }

    /// The webhook of that id, if there is one.
    pub async fn webhook(&mut self, id: WebhookId) -> Result<Option<Versioned<Webhook>>, StoreError> {
        let item = self.get_one(Key::webhook(id)).await?.filter(|item| !is_tombstone(item));
        item.map(entity::<Webhook>).transpose()
    }

    /// Reads a webhook again after a write found it changed: a while later, and only while there is time.
    pub async fn webhook_again(&mut self, id: WebhookId) -> Result<Option<Versioned<Webhook>>, StoreError> {
        self.pause_or_give_up(StoreError::conflict("UpdateItem", "changed since it was read")).await?;
        self.webhook(id).await
    }

    /// The webhook of that id, if the owner manages it, with the record of the request that created it.
    pub async fn recorded_webhook(
        &mut self,
        owner: Owner,
        id: WebhookId,
    ) -> Result<Option<Recorded<Webhook>>, StoreError> {
        let item = self.get_one(Key::webhook(id)).await?.filter(|item| !is_tombstone(item));
        let recorded = item.map(recorded::<Webhook>).transpose()?;
        Ok(recorded.filter(|recorded| recorded.resource.owner == owner))
    }

    /// The webhooks that an owner manages, oldest first.
    pub async fn webhooks(&mut self, owner: Owner) -> Result<Vec<Webhook>, StoreError> {
        let Some(item) = self.get_one(Key::register(owner)).await? else { return Ok(Vec::new()) };
        let keys: Vec<_> = entity::<Register>(item)?.value.webhooks.into_keys().map(Key::webhook).collect();
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        // What was deleted in between is no webhook.
        let items = self.get(keys).await?.into_values().filter(|item| !is_tombstone(item));
        let mut webhooks =
            items.map(|item| Ok(entity::<Webhook>(item)?.value)).collect::<Result<Vec<_>, StoreError>>()?;
        webhooks.sort_by_key(|webhook| (webhook.created_at, webhook.id));
        Ok(webhooks)
    }

    /// Who is subscribed to the events of companies: their own webhooks, and those of the systems that manage them now.
    pub async fn subscriptions(&mut self, companies: &[CompanyId]) -> Result<Subscriptions, StoreError> {
        let keys = companies.iter().flat_map(|id| [Key::company(*id), Key::register(Owner::Company(*id))]);
        let mut items = self.get_many(keys.collect()).await?;
        let mut managed = HashMap::new();
        for id in companies {
            let company = items.remove(&Key::company(*id)).map(entity::<Company>).transpose()?;
            managed.extend(company.and_then(|company| Some((*id, company.value.ats_id?))));
        }
        let mut systems: Vec<_> = managed.values().map(|id| Key::register(Owner::Ats(*id))).collect();
        systems.sort_unstable_by(|one, other| one.partition().cmp(other.partition()));
        systems.dedup();
        items.extend(self.get_many(systems).await?);

        let read = |(key, item)| Ok((key, entity::<Register>(item)?.value.webhooks));
        let registers = items.into_iter().map(read).collect::<Result<HashMap<_, _>, StoreError>>()?;
        let subscribed = |id: &CompanyId| {
            let system = managed.get(id).map(|id| Key::register(Owner::Ats(*id)));
            let keys = [Some(Key::register(Owner::Company(*id))), system];
            let found = keys.into_iter().flatten().filter_map(|key| registers.get(&key)).flatten();
            (*id, found.map(|(id, subscribed)| (*id, subscribed.clone())).collect())
        };
        Ok(Subscriptions(companies.iter().map(subscribed).collect()))
    }

    /// Whether a webhook may hear of a company: its owner's own, or one that its owner manages now, and not another than
    /// it is confined to.
    pub async fn hears_of(&mut self, webhook: &Webhook, company_id: CompanyId) -> Result<bool, StoreError> {
        let ats_id = match webhook.owner {
            Owner::Company(own) => return Ok(own == company_id),
            Owner::Ats(id) => id,
        };
        let company = self.get_one(Key::company(company_id)).await?.map(entity::<Company>).transpose()?;
        let manages = company.is_some_and(|company| company.value.ats_id == Some(ats_id));
        Ok(manages && webhook.only_company_id.is_none_or(|only| only == company_id))
    }

    async fn get_many(&mut self, keys: Vec<Key>) -> Result<HashMap<Key, Item>, StoreError> {
        let mut items = HashMap::new();
        for keys in keys.chunks(GET_KEYS_MAX) {
            items.extend(self.get(keys.to_vec()).await?);
        }
        Ok(items)
    }
}

/// Who is subscribed to the events of some companies.
#[derive(Debug, Clone, Default)]
pub struct Subscriptions(HashMap<CompanyId, Vec<(WebhookId, EventSubscription)>>);

impl Subscriptions {
    /// The webhooks that want an event.
    pub fn wanting(&self, event: domain::event::EventType, company_id: CompanyId) -> impl Iterator<Item = WebhookId> {
        let subscribed = self.0.get(&company_id).into_iter().flatten();
        subscribed.filter(move |(_, subscribed)| subscribed.wants(event, company_id)).map(|(id, _)| *id)
    }
}
