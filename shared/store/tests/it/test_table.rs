//! A table, a company, and a second way to look at what is stored.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Debug;
use std::future::Future;
use std::thread;

use aws::{ClientTimeouts, HttpClient};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use domain::Versioned;
use domain::allowance::{Allowance, Seconds};
use domain::api_key::{ApiKey, ApiKeyHash};
use domain::company::{Company, CompanyId, Owner};
use domain::history::Operator;
use domain::resource::AccessError;
use domain::time::Timestamp;
use serde_json::{Value, json};
use store::{Create, Creation, IdempotencyRecord, LookupError, References, Scoped, Store, WriteContext};
use tests::faults::Operation::TransactWriteItems;
use tests::faults::{FaultScript, Faults, Operation};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::samples;

/// The variable that names an endpoint to test at, instead of the embedded engine.
pub const ENDPOINT: &str = "STORE_TEST_ENDPOINT";

/// The monthly grant of the company of a [`TestTable`].
pub const GRANTED: Seconds = Seconds(36_000);

/// Primary keys of items, with the items.
pub type Items = BTreeMap<(String, String), Value>;

/// A creation whose outcome can be compared and shown.
pub trait Comparable: Create<Entity: Clone + Debug + PartialEq, Refusal: Debug + PartialEq> {}
impl<C: Create<Entity: Clone + Debug + PartialEq, Refusal: Debug + PartialEq>> Comparable for C {}

pub struct TestTable {
    pub store: Store,
    /// Between the store and the engine; what tests look at themselves does not pass it.
    pub faults: Faults,
    /// An active company with [`GRANTED`] and nothing used.
    pub company_id: CompanyId,
    pub name: String,
    pub endpoint: String,
    client: Client,
}

/// In the middle of a month.
pub fn now() -> Timestamp {
    at("2026-11-22T10:00:00.123Z")
}

pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

impl TestTable {
    pub async fn start() -> Self {
        let endpoint = match std::env::var(ENDPOINT) {
            Ok(endpoint) => endpoint,
            Err(_) => serve_embedded().await,
        };
        let faults = Faults::none();
        // Later than any time of a test, so that it contradicts none.
        faults.set_clock(at("9999-01-15T00:00:00Z"));
        let name = format!("greenroom-test-{}", Uuid::new_v4());
        let config = aws::at_endpoint(&endpoint, faults.client(http_client())).await;
        Store::for_operator(&config, &name, Operator::unknown()).create_table().await.unwrap();
        let store = Store::new(&config, &name);
        let company = samples::company(None);
        let table = Self { store, faults, company_id: company.id, client: client(&endpoint).await, name, endpoint };
        table.add_company(&company).await;
        table.requests();
        table
    }

    /// Stores a company with its allowance.
    pub async fn add_company(&self, company: &Company) {
        self.store
            .create_company(company, &Allowance::new(company.id, GRANTED, false, now()), samples::ID_SECRET)
            .await
            .unwrap();
    }

    /// The company's allowance, as stored.
    pub async fn allowance(&self) -> Allowance {
        self.store.company(self.company_id).await.unwrap().allowance
    }

    /// Sets attributes of the company's allowance, as some other program might have left them.
    pub async fn set_allowance(&self, attributes: Value) {
        self.change(&company_key(self.company_id), "ALLOWANCE#00", attributes).await;
    }

    pub fn owner(&self) -> Owner {
        Owner::Company(self.company_id)
    }

    /// A request of the company's own key.
    pub fn context<'a>(&self, request_id: &'a str) -> WriteContext<'a> {
        let record = IdempotencyRecord { request_id, fingerprint: None };
        WriteContext { tenant: self.owner(), managed: None, record, trace_id: None, now: now() }
    }

    /// A request of an applicant tracking system's key, which has read the company.
    pub async fn managed(&self) -> WriteContext<'static> {
        let company = self.store.company(self.company_id).await.unwrap().company;
        WriteContext { managed: Some(Versioned { version: 1, value: company }), ..self.context("r") }
    }

    pub async fn create<C: Create>(&self, new: &C, context: &WriteContext<'_>) -> Creation<C::Entity, C::Refusal> {
        new.create(&mut self.store.session(), context).await.unwrap()
    }

    /// Creates something that nothing forbids.
    pub async fn created<C: Comparable>(&self, new: &C) -> C::Entity {
        self.created_by(new, &self.context("r")).await
    }

    pub async fn created_by<C: Comparable>(&self, new: &C, context: &WriteContext<'_>) -> C::Entity {
        match self.create(new, context).await {
            Creation::Created(entity) => entity,
            other => panic!("{other:?}"),
        }
    }

    /// The outcomes of requests that run at the same time.
    pub async fn create_all<C: Create<Entity: Send, Refusal: Send> + Send + 'static>(
        &self,
        all: impl IntoIterator<Item = C>,
        context: &WriteContext<'static>,
    ) -> Vec<Creation<C::Entity, C::Refusal>> {
        let create = |new: C| {
            let (store, context) = (self.store.clone(), context.clone());
            async move { new.create(&mut store.session(), &context).await.unwrap() }
        };
        all.into_iter().map(create).collect::<JoinSet<_>>().join_all().await
    }

    /// Fails unless a request finds that something has changed, in one transaction, and changes nothing itself.
    pub async fn assert_changed<C: Comparable>(&self, new: &C, context: &WriteContext<'_>, what: &str) {
        let before = self.items().await;
        self.requests();
        assert_eq!(self.create(new, context).await, Creation::Changed, "{what}");
        assert_eq!(self.requests(), [TransactWriteItems], "{what}");
        assert_eq!(self.items().await, before, "{what}: a refused request changed the table");
    }

    /// Fails unless a request is refused by each change of an item, and by its absence.
    pub async fn assert_guards<C: Comparable>(
        &self,
        new: &C,
        context: &WriteContext<'_>,
        (pk, sk): (&str, &str),
        changes: &[Value],
    ) {
        let good = self.item(pk, sk).await;
        for attributes in changes {
            self.change(pk, sk, attributes.clone()).await;
            self.assert_changed(new, context, &format!("{sk} with {attributes}")).await;
            self.write(good.clone()).await;
        }
        self.remove(pk, sk).await;
        self.assert_changed(new, context, &format!("{sk} absent")).await;
        self.write(good).await;
    }

    /// The references as a tenant sees them.
    pub async fn scoped(&self, tenant: Owner, references: References) -> Scoped {
        let mut session = self.store.session();
        session.look_up(&samples::api_key_hash(), None, &references).await.unwrap().unscoped.scope(tenant, now())
    }

    pub async fn api_key(&self, hash: &ApiKeyHash) -> Option<ApiKey> {
        self.store.session().look_up(hash, None, &References::default()).await.unwrap().api_key
    }

    /// Lets the store's next requests meet these faults, and forgets its earlier ones.
    pub fn break_with(&self, plan: FaultScript) {
        self.faults.follow(plan);
        self.faults.take_requests();
    }

    /// The operations that the store has sent since the last call.
    pub fn requests(&self) -> Vec<Operation> {
        self.faults.take_requests()
    }

    /// Everything stored.
    pub async fn items(&self) -> Items {
        let mut items = Items::new();
        let mut pages = self.client.scan().table_name(&self.name).consistent_read(true).into_paginator().items().send();
        while let Some(item) = pages.next().await {
            let item = to_json(item.unwrap());
            let text = |name: &str| item[name].as_str().unwrap().to_owned();
            items.insert((text("PK"), text("SK")), item);
        }
        items
    }

    /// One item; `null` if there is none.
    pub async fn item(&self, pk: &str, sk: &str) -> Value {
        self.items().await.remove(&(pk.to_owned(), sk.to_owned())).unwrap_or_default()
    }

    /// Stores an item as it is.
    pub async fn write(&self, item: Value) {
        let item: HashMap<_, _> = serde_dynamo::to_item(item).unwrap();
        self.client.put_item().table_name(&self.name).set_item(Some(item)).send().await.unwrap();
    }

    /// Sets attributes of a stored item; `null` removes one.
    pub async fn change(&self, pk: &str, sk: &str, attributes: Value) {
        let request = self.client.get_item().table_name(&self.name).set_key(Some(key(pk, sk))).consistent_read(true);
        let mut item = request.send().await.unwrap().item.unwrap_or_else(|| panic!("there is no {pk} {sk}"));
        item.extend(serde_dynamo::to_item::<_, HashMap<_, _>>(attributes).unwrap());
        item.retain(|_, value| !value.is_null());
        self.client.put_item().table_name(&self.name).set_item(Some(item)).send().await.unwrap();
    }

    pub async fn remove(&self, pk: &str, sk: &str) {
        self.client.delete_item().table_name(&self.name).set_key(Some(key(pk, sk))).send().await.unwrap();
    }

    /// Puts a tombstone in the place of an item.
    pub async fn put_tombstone(&self, pk: &str, sk: &str) {
        let time = now();
        self.write(json!({
            "PK": pk, "SK": sk, "entityType": "Tombstone", "version": 2, "createdAt": time, "updatedAt": time,
            "expiresAt": time.epoch_seconds() + 30 * 24 * 60 * 60,
        }))
        .await;
    }

    /// Fails unless the books of the company are right: nothing is charged that is not reserved for an interview.
    pub async fn assert_books_balance(&self) {
        let allowance = self.allowance().await;
        let spoken_for = allowance.remaining_seconds + allowance.reserved_seconds + allowance.used_seconds;
        assert_eq!(spoken_for, allowance.granted_seconds, "{allowance:?}");
        let reservations = self.items().await.into_values().map(|item| item["reservation"].clone());
        let reserved: i64 = reservations
            .filter(|reservation| reservation["period"] == allowance.period.as_str())
            .map(|reservation| reservation["seconds"].as_i64().unwrap())
            .sum();
        assert_eq!(reserved, allowance.reserved_seconds.0, "reserved, and not for an interview");
    }
}

fn key(pk: &str, sk: &str) -> HashMap<String, AttributeValue> {
    serde_dynamo::to_item(json!({"PK": pk, "SK": sk})).unwrap()
}

/// The reason why an entity can't be used.
pub fn denied<T: Debug>(outcome: Result<T, LookupError>) -> AccessError {
    match outcome {
        Err(LookupError::Access(denied)) => denied,
        other => panic!("{other:?}"),
    }
}

/// An item as JSON can say it: bytes as a list of numbers.
fn to_json(mut item: HashMap<String, AttributeValue>) -> Value {
    for value in item.values_mut() {
        if let AttributeValue::B(bytes) = value {
            let numbers = bytes.as_ref().iter().map(|byte| AttributeValue::N(byte.to_string()));
            *value = AttributeValue::L(numbers.collect());
        }
    }
    serde_dynamo::from_item(item).unwrap()
}

pub fn company_key(id: CompanyId) -> String {
    format!("COMPANY#{id}")
}

/// Asks again until the answer is as expected: AWS updates its indexes a moment after its tables.
pub async fn eventually<T, F: Future<Output = T>>(ask: impl Fn() -> F, expected: impl Fn(&T) -> bool) -> T {
    for _ in 0..1_000 {
        let answer = ask().await;
        if expected(&answer) {
            return answer;
        }
        tokio::task::yield_now().await;
    }
    ask().await
}

impl Drop for TestTable {
    /// Removes the table, unless it ends with its engine anyway.
    fn drop(&mut self) {
        if std::env::var(ENDPOINT).is_err() {
            return;
        }
        let (endpoint, name) = (self.endpoint.clone(), self.name.clone());
        let remove = async move {
            let client = client(&endpoint).await;
            client.update_table().table_name(&name).deletion_protection_enabled(false).send().await.unwrap();
            client.delete_table().table_name(&name).send().await.unwrap();
        };
        // On a thread of its own, as this one is in the middle of the test's runtime.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let removed = thread::spawn(move || runtime.block_on(remove)).join();
        assert!(removed.is_ok() || thread::panicking(), "the test's table {} is left", self.name);
    }
}

async fn serve_embedded() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(dynoxide::server::serve_on(listener, dynoxide::Database::memory().unwrap()));
    format!("http://{address}")
}

/// Plain HTTP to a local engine, HTTPS to AWS.
fn http_client() -> HttpClient {
    aws_smithy_http_client::Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https()
}

async fn client(endpoint: &str) -> Client {
    Client::new(&ClientTimeouts::STANDARD.applied_to(&aws::at_endpoint(endpoint, http_client()).await))
}
