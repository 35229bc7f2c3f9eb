//! The first of a request's two round trips: who is calling, and everything that the request names.

use std::collections::HashMap;

use domain::Versioned;
use domain::agent::{Agent, AgentId};
use domain::api_key::{ApiKey, ApiKeyHash};
use domain::candidate::{Candidate, CandidateId};
use domain::company::{Company, CompanyId, Owner};
use domain::delivery::{Delivery, DeliveryId};
use domain::job::{Job, JobId};
use domain::phone_number::{PhoneNumber, PhoneNumberId};
use domain::resource::{AccessError, Resource};
use domain::webhook::{Webhook, WebhookId};

use crate::error::StoreError;
use crate::item::{COMPANY_ID, Entity, Item, entity, is_tombstone, text};
use crate::key::Key;
use crate::session::Session;

/// What is to be read.
#[derive(Debug, Clone)]
pub struct Lookup {
    /// The key that the caller showed.
    pub api_key: ApiKeyHash,
    /// The company that the caller wants to act for, if its key does not say.
    pub company: Option<CompanyId>,
    /// What the request's body and path name.
    pub named: Named,
}

/// Resources that a request names.
#[derive(Debug, Clone, Copy, Default)]
pub struct Named {
    /// A candidate.
    pub candidate: Option<CandidateId>,
    /// An agent.
    pub agent: Option<AgentId>,
    /// A job.
    pub job: Option<JobId>,
    /// A telephone number.
    pub phone_number: Option<PhoneNumberId>,
    /// A webhook.
    pub webhook: Option<WebhookId>,
    /// One of that webhook's deliveries.
    pub delivery: Option<DeliveryId>,
}

/// What was read.
pub struct Found {
    /// The caller's key, if it is known.
    pub api_key: Option<ApiKey>,
    /// The company that the caller wants to act for, if it exists. Says nothing of whether it may.
    pub company: Option<Versioned<Company>>,
    /// What the request names, closed until it is known whom the caller acts for.
    pub closed: Closed,
}

/// Items that nothing is known of until they are opened in a company's name.
pub struct Closed(HashMap<Key, Item>);

impl Closed {
    /// Opens the items in the name of a company, once its right to call is established.
    pub fn open(self, company_id: CompanyId) -> Opened {
        Opened { company_id, items: self.0 }
    }

    /// Opens webhooks in the name of who manages them.
    pub fn open_webhooks(self, owner: Owner) -> OpenedWebhooks {
        OpenedWebhooks { owner, items: self.0 }
    }
}

/// Items that can be looked at in one company's name.
pub struct Opened {
    company_id: CompanyId,
    items: HashMap<Key, Item>,
}

/// A named resource can't be used, or its item can't be read.
#[derive(Debug)]
pub enum LookupError {
    /// It is somebody else's, or there is none.
    Access(AccessError),
    /// A defect.
    Store(StoreError),
}

impl Opened {
    /// The candidate, if it is the company's.
    pub fn candidate(&mut self, id: CandidateId) -> Result<Versioned<Candidate>, LookupError> {
        self.take(Key::candidate(id), id.into())
    }

    /// The agent, if it is the company's.
    pub fn agent(&mut self, id: AgentId) -> Result<Versioned<Agent>, LookupError> {
        self.take(Key::agent(id), id.into())
    }

    /// The job, if it is the company's.
    pub fn job(&mut self, id: JobId) -> Result<Versioned<Job>, LookupError> {
        self.take(Key::job(id), id.into())
    }

    /// The telephone number, if it is the company's.
    pub fn phone_number(&mut self, id: PhoneNumberId) -> Result<Versioned<PhoneNumber>, LookupError> {
        self.take(Key::phone_number(id), id.into())
    }

    fn take<E: Entity>(&mut self, key: Key, resource: Resource) -> Result<Versioned<E>, LookupError> {
        let item = there(&mut self.items, &key, resource)?;
        if text(&item, COMPANY_ID) != Some(&self.company_id.to_string()) {
            return Err(LookupError::Access(AccessError::Forbidden(resource)));
        }
        entity(item).map_err(LookupError::Store)
    }
}

/// Items that can be looked at in the name of somebody who manages webhooks.
pub struct OpenedWebhooks {
    owner: Owner,
    items: HashMap<Key, Item>,
}

impl OpenedWebhooks {
    /// The webhook, if the owner manages it.
    pub fn webhook(&mut self, id: WebhookId) -> Result<Versioned<Webhook>, LookupError> {
        let item = there(&mut self.items, &Key::webhook(id), id.into())?;
        let webhook = entity::<Webhook>(item).map_err(LookupError::Store)?;
        if webhook.value.owner == self.owner {
            Ok(webhook)
        } else {
            Err(LookupError::Access(AccessError::Forbidden(id.into())))
        }
    }

    /// A delivery to a webhook that the owner was found to manage.
    pub fn delivery(&mut self, webhook: &Webhook, id: DeliveryId) -> Result<Versioned<Delivery>, LookupError> {
        let item = there(&mut self.items, &Key::delivery(webhook.id, id), id.into())?;
        entity(item).map_err(LookupError::Store)
    }
}

fn there(items: &mut HashMap<Key, Item>, key: &Key, resource: Resource) -> Result<Item, LookupError> {
    let item = items.remove(key).filter(|item| !is_tombstone(item));
    item.ok_or(LookupError::Access(AccessError::NotFound(resource)))
}

impl Session {
    /// Reads the caller's key together with everything that the request names.
    pub async fn look_up(&mut self, lookup: &Lookup) -> Result<Found, StoreError> {
        let Lookup { api_key, company, named } = lookup;
        let key_key = Key::api_key(api_key);
        let company_key = company.map(Key::company);
        let keys = [
            Some(key_key.clone()),
            company_key.clone(),
            named.candidate.map(Key::candidate),
            named.agent.map(Key::agent),
            named.job.map(Key::job),
            named.phone_number.map(Key::phone_number),
            named.webhook.map(Key::webhook),
            named.webhook.zip(named.delivery).map(|(webhook_id, id)| Key::delivery(webhook_id, id)),
        ];
        let mut items = self.get(keys.into_iter().flatten().collect()).await?;
        let api_key = items.remove(&key_key).map(entity::<ApiKey>).transpose()?.map(|key| key.value);
        let company = company_key.and_then(|key| items.remove(&key)).map(entity::<Company>).transpose()?;
        Ok(Found { api_key, company, closed: Closed(items) })
    }

    /// Reads it all again after a write found it changed: a while later, and only while there is time.
    pub async fn look_up_again(&mut self, lookup: &Lookup) -> Result<Found, StoreError> {
        self.pause_or_give_up(StoreError::conflict("TransactWriteItems", "changed since it was read")).await?;
        self.look_up(lookup).await
    }
}
