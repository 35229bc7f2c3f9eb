//! The one table: its keys, its items and its transactions. The only crate that knows DynamoDB.
//!
//! A request gets a [`Session`], which counts what it costs and bounds the time that it may take. It reads everything
//! that the request names in one round trip ([`Session::look_up`]), and makes everything that the request changes take
//! effect in a second one, or nothing of it ([`Create::create`]). What was read is not trusted: each write stands under
//! the condition that it still holds. A request reads and changes nothing but in a tenant's name; the system's own reads
//! have a session of their own ([`SystemSession`]).
//!
//! A file per noun says where its items are and how they are written. The rest is common to all: entities as items
//! (`entity`), their keys (`key`), conditional writes and transactions (`write`), the one loop of attempts (`session`).
//!
//! What an operator changes stands in the history, by the same transaction (`history`).
//!
//! What a delivery waits for longer than a queue should bear lies in the table too (`waiting`), with one alarm for each
//! webhook.
//!
//! Decides nothing: rules are the domain's, which is asked where a stored state calls for a decision.

mod agent;
mod allowance;
mod analysis;
mod api_key;
mod audit;
mod candidate;
mod change;
mod client;
mod company;
mod conducting;
mod create;
mod delivery;
mod due;
mod entity;
mod erasure;
mod error;
mod history;
mod id_secret;
mod interview;
mod job;
mod key;
mod key_use;
mod limits;
mod list;
mod lookup;
mod migration;
mod operator;
mod page;
mod period;
mod phone_number;
mod search;
mod session;
mod shards;
mod system;
mod table;
mod test_interviews;
mod transcript;
mod usage;
mod waiting;
mod webhook;
mod webhook_tests;
mod write;

use aws::{HttpClient, SdkConfig};
use aws_sdk_dynamodb::Client;
use domain::history::Operator;

pub use allowance::AllowanceOf;
pub use api_key::OldestApiKey;
pub use audit::{AuditPage, AuditProgress, Contradiction, Finding};
pub use aws::{ConfigurationError, FailureKind};
pub use candidate::NewCandidate;
pub use change::Uses;
pub use company::{AtsAccount, CompanyAccount, CreatedCompaniesFull, NewCompany, PlanChange};
pub use conducting::{DueInterview, HandOver, InterviewLook};
pub use create::{Create, Creation, Earlier, Existing, IdempotencyRecord, WriteContext};
pub use delivery::DeliveryAddress;
pub use due::IndexCursor;
pub use entity::{Entity, EntityId, Owned};
pub use erasure::{CandidateData, DueCandidate, DueOutcome, erasure_of_image};
pub use error::{ServiceError, StoreError};
pub use interview::{InterviewChange, InterviewContent, InterviewLimit};
pub use job::NewJob;
pub use key_use::UseOfKey;
pub use limits::FoundUses;
pub use list::{List, Wanted};
pub use lookup::{Lookup, LookupError, References, Scoped, Unscoped};
pub use migration::MigrationProgress;
pub use operator::OperatorError;
pub use page::{ListPosition, NoListPosition, Page, PageRequest};
pub use period::{CompanyUsage, MonthUsage, UsagePages};
pub use search::{NoSearchPosition, SearchPosition};
pub use session::{Cost, Session, Updated};
pub use shards::{DueThings, Shards};
pub use system::SystemSession;
pub use table::{CreateError, TableDescription, TableFeature, TableProperty};
pub use transcript::TranscriptOf;
pub use usage::SettledInterview;
pub use waiting::{DueAlarm, WaitingPage, WebhookState};
pub use webhook::{DeliveryState, NewWebhook, RegistryFull, StoredSecrets, Subscriptions, WebhooksOfKey};

use crate::client::TableClock;
use crate::key::PrimaryKey;
use crate::limits::KnownKeys;

/// The table.
#[derive(Clone)]
pub struct Store {
    client: Client,
    clock: TableClock,
    table: String,
    /// The keys that this instance has seen used.
    known_keys: KnownKeys,
    /// The operator whose changes the history tells of.
    operator: Operator,
}

impl Store {
    /// The table that `TABLE_NAME` names, as a function reaches it.
    ///
    /// # Errors
    /// If a variable is missing.
    pub async fn from_environment() -> Result<Self, ConfigurationError> {
        Ok(Self::new(&aws::for_function().await?, &aws::variable("TABLE_NAME")?))
    }

    /// The table that a configuration leads to, as a function reaches it.
    pub fn new(config: &SdkConfig, table: &str) -> Self {
        let (client, clock) = client::new(config, client::FUNCTION_TIMEOUTS);
        Self { client, clock, table: table.to_owned(), known_keys: KnownKeys::default(), operator: Operator::unknown() }
    }

    /// The table that a configuration leads to, as an operator reaches it.
    pub fn for_operator(config: &SdkConfig, table: &str, operator: Operator) -> Self {
        let (client, clock) = client::new(config, client::OPERATOR_TIMEOUTS);
        Self { client, clock, table: table.to_owned(), known_keys: KnownKeys::default(), operator }
    }

    /// The table in an engine that asks for no credentials, through that HTTP client.
    pub async fn at_endpoint(table: &str, endpoint_url: &str, http_client: HttpClient) -> Self {
        Self::new(&aws::at_endpoint(endpoint_url, http_client).await, table)
    }

    /// A session for one request; its time runs from here.
    pub fn session(&self) -> Session {
        Session::new(self.client.clone(), self.clock.clone(), self.table.clone(), self.known_keys.clone())
    }

    /// A session of the system itself, for one piece of work; its time runs from here.
    pub fn system(&self) -> SystemSession {
        SystemSession { session: self.session() }
    }

    /// Opens the two connections that a request uses at once, one of them to be counted, by looking for an item that does
    /// not exist: so that no caller waits for them.
    pub async fn warm_up(&self) -> Result<(), StoreError> {
        let request = self.client.get_item().table_name(&self.table);
        let request = request.set_key(Some(PrimaryKey::of("NOTHING", "0").into_attributes()));
        let answers = tokio::try_join!(request.clone().send(), request.send());
        answers.map(|_| ()).map_err(|error| StoreError::from_sdk("GetItem", error))
    }

    /// Opens the connections while a function starts. A failure is only printed: the first caller finds out whether it
    /// matters.
    pub async fn warm_up_or_complain(&self) {
        if let Err(error) = self.warm_up().await {
            eprintln!("warming up: {error}");
        }
    }
}
