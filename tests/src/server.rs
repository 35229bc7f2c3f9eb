//! One test's own server.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use api::Route;
use delivery::WebhookClient;
use domain::company::{Ats, AtsId};
use domain::delivery::RetrySchedule;
use domain::idempotency::IdSecret;
use domain::text::SingleLine;
use domain::time::Timestamp;
use domain::webhook::{AddressProof, Targets};
use local::dynamodb::Engine;
use local::functions::Functions;
use local::http::Serving;
use local::kms::MasterKey;
use local::sqs::{QueueName, Queues};
use local::{api_gateway, services};
use reqwest::Method;
use runtime::Runtime;
use serde_json::{Value, json};
use store::{AuditProgress, Finding, Store};
use uuid::Uuid;
use vault::Vault;

use crate::company::CompanyBuilder;
use crate::faults::Faults;
use crate::request::Request;

/// The table's name in the engine.
pub const TABLE: &str = "greenroom";

/// The time that the clock shows at first: in the middle of a month, and with milliseconds, so that no test relies on
/// the beginning of a month or of a second.
const BEGINNING: &str = "2026-05-15T10:20:30.456Z";

/// The domain that the deployment has besides the host of each request.
pub const DOMAIN_NAME: &str = "api.example.com";
/// The time that the table's clock shows, unless a test sets it: later than any that a test's own clock shows, so that it
/// contradicts none.
const OBJECTS_TO_NONE: &str = "9999-01-15T00:00:00Z";

/// A signature for the engine, which wants to be shown one, but does not check it.
const UNSIGNED: &str = "AWS4-HMAC-SHA256 Credential=local/20260515/local/dynamodb/aws4_request, \
                        SignedHeaders=host, Signature=0";

/// A server on a port of its own: the gateway, the functions behind it, the store, and in memory an engine, queues and
/// a master key. Clones are the same server, which ends with the last of them. The functions at the table's stream and
/// at the queue run in [`Events`](crate::Events), if a test wants them.
#[derive(Clone)]
pub struct TestServer(Arc<Parts>);

struct Parts {
    /// The parts that the functions are built from.
    functions: Functions,
    /// The same table, without faults in between.
    store: Store,
    faults: Faults,
    service_faults: Faults,
    clock: Arc<Mutex<Timestamp>>,
    ids: Arc<Mutex<fastrand::Rng>>,
    log: Arc<Mutex<Vec<String>>>,
    /// False once a test has written past the functions, so that the table may contradict itself.
    is_audited: AtomicBool,
    http: reqwest::Client,
    served: Serving,
    services: Serving,
    queues: Queues,
    engine: Engine,
}

/// At its end, each test fails whose table contradicts itself.
impl Drop for Parts {
    fn drop(&mut self) {
        if !self.is_audited.load(Ordering::Relaxed) || thread::panicking() {
            return;
        }
        let (url, now) = (self.engine.url(), *locked(&self.clock));
        // On a thread of its own: this one is in the middle of the test's runtime.
        let audit = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(audit(&url, now))
        });
        let findings = audit.join().expect("an audit");
        assert!(findings.is_empty(), "the table contradicts itself at the end of the test: {findings:#?}");
    }
}

/// All contradictions in a table at rest.
async fn audit(url: &str, now: Timestamp) -> Vec<Finding> {
    let store = Store::at_endpoint(TABLE, url, local::http_client()).await;
    let mut progress = AuditProgress::new(OBJECTS_TO_NONE.parse().expect("a time"), None);
    let mut findings = Vec::new();
    while let Some(page) = store.audit(&mut progress, now).await.expect("the table") {
        findings.extend(page.findings);
    }
    findings
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn next_id(ids: &Mutex<fastrand::Rng>) -> Uuid {
    uuid::Builder::from_random_bytes(locked(ids).u128(..).to_be_bytes()).into_uuid()
}

/// A port of this machine that nobody listens on.
pub(crate) fn free_port() -> TcpListener {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port")
}

impl TestServer {
    /// Starts a server with an empty table.
    pub async fn start() -> TestServer {
        Self::start_with(AddressProof::Off).await
    }

    /// The same of a deployment with that option.
    pub async fn start_with(address_proof: AddressProof) -> TestServer {
        let engine = Engine::memory().expect("an engine");
        let faults = Faults::none();
        faults.set_clock(OBJECTS_TO_NONE.parse().expect("a time"));
        let store = Store::at_endpoint(TABLE, &engine.url(), local::http_client()).await;
        store.create_table().await.expect("a table");

        let clock = Arc::new(Mutex::new(BEGINNING.parse().expect("a time")));
        // The same ids in every run: a failure that depends on them can be repeated.
        let ids = Arc::new(Mutex::new(fastrand::Rng::with_seed(1)));
        let log = Arc::new(Mutex::new(Vec::new()));
        let runtime = Runtime {
            clock: Arc::new({
                let clock = clock.clone();
                move || *locked(&clock)
            }),
            ids: Arc::new({
                let ids = ids.clone();
                move || next_id(&ids)
            }),
            log: Arc::new({
                let log = log.clone();
                move |line| locked(&log).push(line.to_owned())
            }),
            stack: "tests".into(),
        };
        let queues = Queues::memory(runtime.clock.clone()).expect("queues");
        let master_key = MasterKey::fresh().expect("a master key");
        let services = services::serve(free_port(), queues.clone(), Arc::new(master_key)).expect("services");
        let service_faults = Faults::none();
        let client = || service_faults.client(local::http_client());
        let queue = async |queue: QueueName| queue::Queue::at_endpoint(&queue.url(&services.url()), client()).await;
        let functions = Functions {
            runtime,
            store: Store::at_endpoint(TABLE, &engine.url(), faults.client(local::http_client())).await,
            vault: Vault::at_endpoint(MasterKey::ARN, &services.url(), client()).await,
            queue: queue(QueueName::Deliveries).await,
            dead_letters: queue(QueueName::DeadLetters).await,
            interview_starts: queue(QueueName::InterviewStarts).await,
            interview_results_dead_letters: queue(QueueName::InterviewResultsDeadLetters).await,
            result_grace: domain::interview::RESULT_GRACE,
            webhook_client: WebhookClient::new(Targets::PublicAndLoopback, &[]).expect("a client"),
            schedule: RetrySchedule::STANDARD,
            jitter: Arc::new(|| 0.5),
            address_proof,
            document_url: None,
            domain_name: Some(DOMAIN_NAME.to_owned()),
        };
        let served = Serving::start(free_port(), api_gateway::router(functions.http())).expect("a server");
        let http = reqwest::Client::new();
        TestServer(Arc::new(Parts {
            functions,
            store,
            faults,
            service_faults,
            clock,
            ids,
            log,
            is_audited: AtomicBool::new(true),
            http,
            served,
            queues,
            services,
            engine,
        }))
    }

    /// Lets the table contradict itself: the test writes what no function would.
    pub fn without_audit(&self) {
        self.0.is_audited.store(false, Ordering::Relaxed);
    }

    /// A company to be created.
    pub fn company(&self) -> CompanyBuilder {
        CompanyBuilder::new(self.clone())
    }

    /// Creates an applicant tracking system.
    pub async fn ats(&self) -> AtsId {
        let (id, now) = (AtsId::new(self.id()), self.now());
        let ats = Ats::new(id, SingleLine::parse("A tracking system").expect("a name"), now);
        self.store()
            .create_ats(&ats, IdSecret::generate().expect("randomness"))
            .await
            .expect("an applicant tracking system");
        id
    }

    /// A request without any header, for example to show a key in another way than usual.
    pub fn request(&self, method: Method, path_and_query: &str) -> Request {
        let builder = self.0.http.request(method, format!("{}{path_and_query}", self.url()));
        Request::new(self.clone(), builder)
    }

    /// A `POST` without any header.
    pub fn post(&self, path_and_query: &str) -> Request {
        self.request(Method::POST, path_and_query)
    }

    /// The URL of the API.
    pub fn url(&self) -> String {
        self.0.served.url()
    }

    /// The parts that the functions are built from.
    pub fn functions(&self) -> &Functions {
        &self.0.functions
    }

    /// The URL of SQS and KMS.
    pub fn services_url(&self) -> String {
        self.0.services.url()
    }

    /// The queues, past SQS and the functions.
    pub fn queues(&self) -> &Queues {
        &self.0.queues
    }

    /// The engine, past the store and the functions.
    pub fn engine(&self) -> &Engine {
        &self.0.engine
    }

    /// The store as an operator has it, without faults in between.
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// The faults between the functions' store and the engine, and the record of every request.
    pub fn faults(&self) -> &Faults {
        &self.0.faults
    }

    /// The faults between the functions and SQS and KMS, and the record of every request.
    pub fn service_faults(&self) -> &Faults {
        &self.0.service_faults
    }

    /// The time that the clock shows. The clock stands still unless it is set.
    pub fn now(&self) -> Timestamp {
        *locked(&self.0.clock)
    }

    /// Sets the clock.
    pub fn set_clock(&self, text: &str) {
        *locked(&self.0.clock) = text.parse().expect("a time");
    }

    /// Lets so much time pass on the clock.
    pub fn pass(&self, time: Duration) {
        let mut clock = locked(&self.0.clock);
        *clock = clock.saturating_add(time);
    }

    /// The time so much after the clock's.
    pub fn after(&self, delta: chrono::TimeDelta) -> Timestamp {
        self.now().checked_add(delta).expect("a time within the calendar")
    }

    /// A fresh id, from the source that the functions draw from.
    pub fn id(&self) -> Uuid {
        next_id(&self.0.ids)
    }

    /// The gateway's answer to a request with that event, whose function is that of the event's route.
    pub async fn answer_event(&self, event: &Value) -> reqwest::Response {
        let route = event["routeKey"].as_str().and_then(Route::of_key);
        let answer = api_gateway::answer(&self.functions().http(), route, event.to_string()).await;
        let (head, body) = answer.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.expect("a body");
        axum::http::Response::from_parts(head, body).into()
    }

    /// The number of log lines so far.
    pub(crate) fn log_length(&self) -> usize {
        locked(&self.0.log).len()
    }

    /// The log lines after the first so many.
    pub(crate) fn log_after(&self, count: usize) -> Vec<String> {
        locked(&self.0.log)[count..].to_vec()
    }

    /// Every log line so far.
    pub fn log(&self) -> Vec<String> {
        locked(&self.0.log).clone()
    }

    /// The number of items in the table, which a refused request must not change.
    pub async fn items(&self) -> usize {
        self.all_items().await.len()
    }

    /// Every item of the table but the counters of keys' requests, in DynamoDB's notation.
    pub async fn all_items(&self) -> Vec<Value> {
        let mut items = self.scan(json!({"TableName": TABLE, "ConsistentRead": true})).await;
        items.retain(|item| !is_counter(item));
        items
    }

    /// The counters of keys' requests, in DynamoDB's notation.
    pub async fn counters(&self) -> Vec<Value> {
        let mut items = self.scan(json!({"TableName": TABLE, "ConsistentRead": true})).await;
        items.retain(is_counter);
        items
    }

    /// Every entry of an index, in DynamoDB's notation.
    pub async fn entries(&self, index: &str) -> Vec<Value> {
        self.scan(json!({"TableName": TABLE, "IndexName": index})).await
    }

    async fn scan(&self, mut scan: Value) -> Vec<Value> {
        let mut items = Vec::new();
        loop {
            let mut page = self.dynamodb("Scan", &scan).await;
            if let Value::Array(found) = page["Items"].take() {
                items.extend(found);
            }
            match page["LastEvaluatedKey"].take() {
                Value::Null => return items,
                key => scan["ExclusiveStartKey"] = key,
            }
        }
    }

    /// An item, in DynamoDB's notation; null if there is none.
    pub async fn item(&self, partition_key: &str, sort_key: &str) -> Value {
        let key = json!({"PK": {"S": partition_key}, "SK": {"S": sort_key}});
        self.dynamodb("GetItem", &json!({"TableName": TABLE, "Key": key, "ConsistentRead": true})).await["Item"].take()
    }

    /// Sets attributes of an item, in DynamoDB's notation, past the store.
    pub async fn set_attributes(&self, partition_key: &str, sort_key: &str, attributes: &Value) {
        self.without_audit();
        let mut item = self.item(partition_key, sort_key).await;
        for (name, value) in attributes.as_object().expect("an object of attributes") {
            item[name] = value.clone();
        }
        self.dynamodb("PutItem", &json!({"TableName": TABLE, "Item": item})).await;
    }

    /// Removes an attribute of an item, past the store.
    pub async fn remove_attribute(&self, partition_key: &str, sort_key: &str, name: &str) {
        self.without_audit();
        let mut item = self.item(partition_key, sort_key).await;
        item.as_object_mut().expect("an item").remove(name).expect("the attribute");
        self.dynamodb("PutItem", &json!({"TableName": TABLE, "Item": item})).await;
    }

    /// Deletes an item, past the store.
    pub async fn delete_item(&self, partition_key: &str, sort_key: &str) {
        self.without_audit();
        let key = json!({"PK": {"S": partition_key}, "SK": {"S": sort_key}});
        self.dynamodb("DeleteItem", &json!({"TableName": TABLE, "Key": key})).await;
    }

    /// Writes an item in a transaction, under a condition on it. True if that took effect.
    pub async fn put_in_transaction(&self, item: &Value, condition: &str) -> bool {
        self.without_audit();
        let put = json!({"Put": {"TableName": TABLE, "Item": item, "ConditionExpression": condition}});
        let (status, text) = self.ask_dynamodb("TransactWriteItems", &json!({"TransactItems": [put]})).await;
        assert!(status.is_success() || text.contains("ConditionalCheckFailed"), "{text}");
        status.is_success()
    }

    /// Writes items, past the store.
    pub async fn put_items(&self, items: &[Value]) {
        self.without_audit();
        // As many as DynamoDB takes at a time.
        for chunk in items.chunks(25) {
            let puts: Vec<_> = chunk.iter().map(|item| json!({"PutRequest": {"Item": item}})).collect();
            self.dynamodb("BatchWriteItem", &json!({"RequestItems": {TABLE: puts}})).await;
        }
    }

    /// Sends the engine a request that must succeed, past the store.
    async fn dynamodb(&self, operation: &str, body: &Value) -> Value {
        let (status, text) = self.ask_dynamodb(operation, body).await;
        assert!(status.is_success(), "{operation}: {text}");
        serde_json::from_str(&text).expect("JSON")
    }

    async fn ask_dynamodb(&self, operation: &str, body: &Value) -> (reqwest::StatusCode, String) {
        let request = self
            .0
            .http
            .post(self.0.engine.url())
            .header("x-amz-target", format!("DynamoDB_20120810.{operation}"))
            .header("content-type", "application/x-amz-json-1.0")
            .header("authorization", UNSIGNED)
            .header("x-amz-date", "20260515T102030Z")
            .body(body.to_string());
        let answer = request.send().await.expect("an answer of the engine");
        let status = answer.status();
        (status, answer.text().await.expect("a body"))
    }
}

fn is_counter(item: &Value) -> bool {
    item["entityType"]["S"] == "UseCounter"
}
