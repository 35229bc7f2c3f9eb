//! A table, a company, and a second way to look at what is stored.

use std::collections::{BTreeMap, HashMap};
use std::future::Future;
use std::thread;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_dynamodb::types::AttributeValue;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use domain::Versioned;
use domain::allowance::{Allowance, Seconds};
use domain::company::{Company, CompanyId};
use domain::time::Timestamp;
use serde_json::{Value, json};
use store::{Origin, Store};
use tests::faults::{FaultScript, Faults, Operation};
use uuid::Uuid;

use crate::samples;

/// Names the endpoint to test at, instead of the embedded engine.
pub const ENDPOINT: &str = "STORE_TEST_ENDPOINT";

/// What the company of a [`TestTable`] is granted each month.
pub const GRANTED: Seconds = Seconds(36_000);

/// Primary keys of items, with the items.
pub type Items = BTreeMap<(String, String), Value>;

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

pub fn is_aws(endpoint: &str) -> bool {
    endpoint.ends_with(".amazonaws.com")
}

impl TestTable {
    pub async fn start() -> Self {
        let endpoint = match std::env::var(ENDPOINT) {
            Ok(endpoint) => endpoint,
            Err(_) => serve_embedded().await,
        };
        let faults = Faults::none();
        let name = format!("greenroom-test-{}", Uuid::new_v4());
        let store = Store::at_endpoint(&name, &endpoint, faults.client(http_client())).await;
        store.create_table().await.unwrap();
        let mut table =
            Self { store, faults, company_id: samples::company_id(), client: client(&endpoint).await, name, endpoint };
        table.company_id = table.add_company(GRANTED).await;
        table.faults.take_requests();
        table
    }

    /// Stores another company with its allowance.
    pub async fn add_company(&self, granted: Seconds) -> CompanyId {
        let company = samples::company(samples::company_id(), None);
        self.store.create_company(&company, &Allowance::new(company.id, granted, false, now())).await.unwrap();
        company.id
    }

    /// What the company may still use, as stored.
    pub async fn allowance(&self) -> Allowance {
        self.store.company(self.company_id).await.unwrap().allowance
    }

    /// Sets attributes of the company's allowance, as some other program might have left them.
    pub async fn set_allowance(&self, attributes: Value) {
        self.change(&company_key(self.company_id), "ALLOWANCE#00", attributes).await;
    }

    /// A request of the company's own key.
    pub fn origin<'a>(&self, request_id: &'a str) -> Origin<'a> {
        Origin { company_id: self.company_id, managed: None, request_id, fingerprint: None, now: now() }
    }

    /// The company as an applicant tracking system's key reads it.
    pub async fn managed_company(&self) -> Versioned<Company> {
        Versioned { version: 1, value: self.store.company(self.company_id).await.unwrap().company }
    }

    /// Lets the store's next requests meet these faults, and forgets its earlier ones.
    pub fn break_with(&self, plan: FaultScript) {
        self.faults.follow(plan);
        self.faults.take_requests();
    }

    /// What the store has sent since it was last asked.
    pub fn requests(&self) -> Vec<Operation> {
        self.faults.take_requests()
    }

    /// Everything stored.
    pub async fn items(&self) -> Items {
        let mut items = Items::new();
        let mut pages = self.client.scan().table_name(&self.name).consistent_read(true).into_paginator().items().send();
        while let Some(item) = pages.next().await {
            let item: Value = serde_dynamo::from_item(legible(item.unwrap())).unwrap();
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
        let key: HashMap<_, _> = serde_dynamo::to_item(json!({"PK": pk, "SK": sk})).unwrap();
        let found = self.client.get_item().table_name(&self.name).set_key(Some(key)).consistent_read(true).send().await;
        let mut item = found.unwrap().item.unwrap_or_else(|| panic!("there is no {pk} {sk}"));
        let changes: HashMap<_, _> = serde_dynamo::to_item(attributes).unwrap();
        item.extend(changes);
        item.retain(|_, value| !value.is_null());
        self.client.put_item().table_name(&self.name).set_item(Some(item)).send().await.unwrap();
    }

    pub async fn remove(&self, pk: &str, sk: &str) {
        let key: HashMap<_, _> = serde_dynamo::to_item(json!({"PK": pk, "SK": sk})).unwrap();
        self.client.delete_item().table_name(&self.name).set_key(Some(key)).send().await.unwrap();
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

/// An item as JSON can say it: bytes as a list of numbers.
fn legible(item: HashMap<String, AttributeValue>) -> HashMap<String, AttributeValue> {
    let number = |byte: &u8| AttributeValue::N(byte.to_string());
    let legible = |value: AttributeValue| match value {
        AttributeValue::B(bytes) => AttributeValue::L(bytes.as_ref().iter().map(number).collect()),
        other => other,
    };
    item.into_iter().map(|(name, value)| (name, legible(value))).collect()
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
fn http_client() -> SharedHttpClient {
    aws_smithy_http_client::Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https()
}

async fn client(endpoint: &str) -> Client {
    let loader = aws_config::defaults(BehaviorVersion::latest()).http_client(http_client()).endpoint_url(endpoint);
    let loader = if is_aws(endpoint) {
        loader
    } else {
        loader
            .region(Region::from_static("local"))
            .credentials_provider(Credentials::new("local", "local", None, None, "local"))
    };
    Client::new(&loader.load().await)
}
