//! The first of a request's two round trips: who is calling, and everything that the request names.

use std::collections::HashMap;

use domain::{
    Agent, AgentId, ApiKey, ApiKeyHash, Candidate, CandidateId, Company, CompanyId, Denied, Job, JobId, PhoneNumber,
    PhoneNumberId, Resource, Versioned,
};

use crate::error::StoreError;
use crate::item::{COMPANY_ID, Entity, Item, entity, text};
use crate::key::Key;
use crate::session::Session;

/// What is to be read.
#[derive(Debug, Clone)]
pub struct Lookup {
    /// The key that the caller showed.
    pub api_key: ApiKeyHash,
    /// The company that the caller wants to act for, if its key does not say.
    pub company: Option<CompanyId>,
    /// What the request's body names.
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
}

/// What was read.
pub struct Found {
    /// The caller's key, if it is known.
    pub api_key: Option<ApiKey>,
    /// The company that the caller wants to act for, if it exists. Says nothing of whether it may.
    pub company: Option<Versioned<Company>>,
    /// What the body names, closed until it is known whom the caller acts for.
    pub sealed: Sealed,
}

/// Items that nothing is known of until they are opened in a company's name.
pub struct Sealed(HashMap<Key, Item>);

impl Sealed {
    /// Opens the items in the name of a company, once its right to call is established.
    pub fn open(self, company_id: CompanyId) -> Opened {
        Opened { company_id, items: self.0 }
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
    Denied(Denied),
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
        let item = self.items.remove(&key).ok_or(LookupError::Denied(Denied::Missing(resource)))?;
        if text(&item, COMPANY_ID) != Some(&self.company_id.to_string()) {
            return Err(LookupError::Denied(Denied::Foreign(resource)));
        }
        entity(item).map_err(LookupError::Store)
    }
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
        ];
        let mut items = self.get(keys.into_iter().flatten().collect()).await?;
        let api_key = items.remove(&key_key).map(entity::<ApiKey>).transpose()?.map(|key| key.value);
        let company = company_key.and_then(|key| items.remove(&key)).map(entity::<Company>).transpose()?;
        Ok(Found { api_key, company, sealed: Sealed(items) })
    }

    /// Reads it all again after a write found it changed: a while later, and only while there is time.
    pub async fn look_up_again(&mut self, lookup: &Lookup) -> Result<Found, StoreError> {
        self.pause_or_give_up(StoreError::conflict("TransactWriteItems", "changed since it was read")).await?;
        self.look_up(lookup).await
    }
}
