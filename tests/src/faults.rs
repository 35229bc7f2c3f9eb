//! Faults between the AWS SDK and its database.
//!
//! A [`Faults`] wraps the SDK's HTTP client. It records every request and does to it what its [`FaultScript`] says: answers
//! in place of the engine, delays, lets the engine commit and then loses the answer. The rest of the way is real: the
//! SDK signs, times out, retries and parses as it does in production.
//!
//! The embedded engine serialises transactions and so never answers `TransactionConflict`; [`FaultScript::with_conflicts`]
//! does it as the real service would, for exactly the items that are in flight.
//!
//! ```no_run
//! # fn plain_http_client() -> aws_smithy_runtime_api::client::http::SharedHttpClient { unimplemented!() }
//! use tests::faults::{Fault, Faults, Operation::*, FaultScript};
//!
//! let faults = Faults::new(FaultScript::script([(TransactWriteItems, Fault::AnswerLost)]));
//! let http_client = faults.client(plain_http_client());
//! // … hand `http_client` to the store and create something …
//! assert_eq!(faults.take_requests(), [BatchGetItem, TransactWriteItems, TransactWriteItems]);
//! assert_eq!(faults.unused(), 0);
//! ```

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use aws_smithy_types::date_time::{DateTime, Format};
use domain::time::Timestamp;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// The table's key attributes: a `PutItem` names its key only inside the item.
const KEY_ATTRIBUTES: [&str; 2] = ["PK", "SK"];

/// The operation of DynamoDB, SQS or KMS that a request asks for, by its `x-amz-target` header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Operation {
    /// Reads one item.
    GetItem,
    /// Reads up to 100 items by their keys.
    BatchGetItem,
    /// Reads items of one partition key.
    Query,
    /// Writes one item whole.
    PutItem,
    /// Changes one item.
    UpdateItem,
    /// Changes the item that counts a key's requests. Recorded apart from all others, and befallen by scripted faults
    /// only.
    CountUse,
    /// Deletes one item.
    DeleteItem,
    /// Up to 100 writes and condition checks, all or none.
    TransactWriteItems,
    /// Anything else.
    Other,
    /// Sends messages to a queue.
    SendMessageBatch,
    /// Puts off a message.
    ChangeMessageVisibility,
    /// Makes a data key.
    GenerateDataKey,
    /// Unwraps a data key.
    Decrypt,
}

impl Operation {
    fn of(request: &HttpRequest, body: &Value) -> Operation {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        match target.rsplit('.').next().unwrap_or_default() {
            "GetItem" => Operation::GetItem,
            "BatchGetItem" => Operation::BatchGetItem,
            "Query" => Operation::Query,
            "PutItem" => Operation::PutItem,
            "UpdateItem" if body["Key"]["PK"]["S"].as_str().is_some_and(|key| key.starts_with("USES#")) => {
                Operation::CountUse
            }
            "UpdateItem" => Operation::UpdateItem,
            "DeleteItem" => Operation::DeleteItem,
            "TransactWriteItems" => Operation::TransactWriteItems,
            "SendMessageBatch" => Operation::SendMessageBatch,
            "ChangeMessageVisibility" => Operation::ChangeMessageVisibility,
            "GenerateDataKey" => Operation::GenerateDataKey,
            "Decrypt" => Operation::Decrypt,
            _ => Operation::Other,
        }
    }

    fn writes_one_item(self) -> bool {
        matches!(self, Operation::PutItem | Operation::UpdateItem | Operation::DeleteItem)
    }
}

/// A fault that befalls one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// No fault: the entry only takes its place in a script.
    None,
    /// `TransactionConflict` for the operation at this position of a transaction. A write of one item has no
    /// positions and is answered with `TransactionConflictException`.
    ConflictAt(usize),
    /// A transaction cancelled by `ThrottlingError` for the operation at this position.
    ThrottledAt(usize),
    /// `ThrottlingException` in place of the engine's answer.
    Throttled,
    /// `ProvisionedThroughputExceededException` in place of the engine's answer.
    ThroughputExceeded,
    /// `TransactionInProgressException` in place of the engine's answer.
    TransactionInProgress,
    /// `InternalServerError`, status 500, in place of the engine's answer.
    InternalServerError,
    /// `ServiceUnavailable`, status 503, in place of the engine's answer.
    Unavailable,
    /// The engine sees the request late: also when the SDK has given it up meanwhile and perhaps sent it again.
    DelayBefore(Duration),
    /// The engine sees the request once [`Faults::release`] is called.
    HeldBefore,
    /// The engine acts at once, its answer comes late.
    DelayAfter(Duration),
    /// The connection breaks before the engine sees the request.
    RequestLost,
    /// The engine acts, then the connection breaks.
    AnswerLost,
    /// The engine acts on a transaction, then the connection breaks and the engine forgets the request's token: a repeat
    /// is judged by its conditions alone, as DynamoDB does once a token is ten minutes old.
    AnswerAndTokenLost,
    /// The engine acts, and no answer ever comes: the SDK's attempt time-out has to end the attempt.
    AnswerNever,
    /// The last `n` keys of a `BatchGetItem` come back as unprocessed. They must be read with their key attributes.
    Unprocessed(usize),
}

/// The rates of the kinds of faults in a seeded script: probabilities from 0 to 1 for a request that the fault fits,
/// whose sum is at most 1. All are 0 by default.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Rates {
    /// [`Fault::ConflictAt`] any position; writes only.
    pub conflict: f64,
    /// [`Fault::ThrottledAt`] any position for a transaction, otherwise [`Fault::Throttled`] or
    /// [`Fault::ThroughputExceeded`].
    pub throttled: f64,
    /// [`Fault::TransactionInProgress`]; transactions only.
    pub in_progress: f64,
    /// [`Fault::InternalServerError`] or [`Fault::Unavailable`].
    pub server_error: f64,
    /// [`Fault::DelayBefore`] or [`Fault::DelayAfter`], up to [`Rates::delay_max`].
    pub delayed: f64,
    /// Upper bound of a delay.
    pub delay_max: Duration,
    /// [`Fault::RequestLost`].
    pub request_lost: f64,
    /// [`Fault::AnswerLost`].
    pub answer_lost: f64,
    /// [`Fault::AnswerNever`]. Each costs a whole attempt time-out of real time: keep it rare.
    pub answer_never: f64,
    /// [`Fault::Unprocessed`], one key to all; `BatchGetItem` only.
    pub unprocessed: f64,
}

/// The faults that requests meet, as listed or at random.
#[derive(Debug, Clone)]
pub struct FaultScript {
    faults: Source,
    hold: Option<Duration>,
}

#[derive(Debug, Clone)]
enum Source {
    Script(Vec<(Operation, Fault)>),
    Seeded(u64, Rates),
}

impl FaultScript {
    /// No fault at all.
    pub fn none() -> FaultScript {
        FaultScript::script([])
    }

    /// Listed faults. Each entry befalls the next request of its operation that no earlier entry has taken; requests
    /// after the last entry pass.
    pub fn script(faults: impl IntoIterator<Item = (Operation, Fault)>) -> FaultScript {
        FaultScript { faults: Source::Script(faults.into_iter().collect()), hold: None }
    }

    /// Random faults. The fault of the n-th request of an operation depends on the seed and n only, so a run is
    /// repeated by repeating its seed, as far as its callers come in the same order.
    pub fn seeded(seed: u64, rates: Rates) -> FaultScript {
        assert!(rates.sum() <= 1.0, "rates that sum to more than 1: {rates:?}");
        FaultScript { faults: Source::Seeded(seed, rates), hold: None }
    }

    /// Adds the real service's conflicts: a write holds the items of its operations, condition checks included, from
    /// its arrival until it is answered, and a transaction that meets a held item is refused, like any write that
    /// meets one held by a transaction. A transaction that arrives while its own first copy is still running is
    /// answered with `TransactionInProgressException`. Each write takes `hold` longer than the engine needs: the real
    /// service takes some 10 ms for a transaction, the embedded engine less than one.
    pub fn with_conflicts(mut self, hold: Duration) -> FaultScript {
        self.hold = Some(hold);
        self
    }
}

/// Wraps HTTP clients, and keeps the script and the record of all of them. Clones share both.
#[derive(Debug, Clone)]
pub struct Faults(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    plan: FaultScript,
    /// Requests of each operation since the script was set: the n of a seeded script.
    counts: HashMap<Operation, u64>,
    requests: Vec<Operation>,
    arrivals: Vec<Operation>,
    under_way: Vec<Operation>,
    overlaps: u64,
    injected: Vec<(Operation, Fault)>,
    in_flight: Vec<Held>,
    last_ticket: u64,
    /// The release of a held request.
    release: Arc<Notify>,
    /// The date of every answer, in the form of the header; none: the engine's own.
    date: Option<String>,
}

impl Faults {
    /// Faults by this script.
    pub fn new(plan: FaultScript) -> Faults {
        Faults(Arc::new(Mutex::new(State {
            plan,
            counts: HashMap::new(),
            requests: Vec::new(),
            arrivals: Vec::new(),
            under_way: Vec::new(),
            overlaps: 0,
            injected: Vec::new(),
            in_flight: Vec::new(),
            last_ticket: 0,
            release: Arc::default(),
            date: None,
        })))
    }

    /// No faults: requests are only recorded.
    pub fn none() -> Faults {
        Faults::new(FaultScript::none())
    }

    /// Follows another script from the next request on, so that a test can prepare its data undisturbed.
    pub fn follow(&self, plan: FaultScript) {
        let mut state = self.state();
        state.plan = plan;
        state.counts.clear();
    }

    /// Lets the request go on to the engine that is held by [`Fault::HeldBefore`].
    pub fn release(&self) {
        self.state().release.notify_one();
    }

    /// Sets the engine's clock, which stands still from then on: the date of every answer.
    pub fn set_clock(&self, time: Timestamp) {
        let date = DateTime::from_millis(time.epoch_ms()).fmt(Format::HttpDate);
        self.state().date = Some(date.expect("a date of four digits"));
    }

    /// A client for the SDK that sends through `inner`.
    pub fn client(&self, inner: impl HttpClient + 'static) -> SharedHttpClient {
        SharedHttpClient::new(Client { faults: self.clone(), inner: SharedHttpClient::new(inner) })
    }

    /// Takes every request so far, those that count included, in order of arrival.
    pub fn take_arrivals(&self) -> Vec<Operation> {
        std::mem::take(&mut self.state().arrivals)
    }

    /// Takes the number of times that a request was under way, and its answer not yet there, when one that counts was
    /// sent, or the other way round.
    pub fn take_overlaps(&self) -> u64 {
        std::mem::take(&mut self.state().overlaps)
    }

    /// Every request so far but those that count, in order of arrival, the SDK's retries included.
    pub fn requests(&self) -> Vec<Operation> {
        self.state().requests.clone()
    }

    /// Takes every request so far, as [`Faults::requests`] lists them.
    pub fn take_requests(&self) -> Vec<Operation> {
        std::mem::take(&mut self.state().requests)
    }

    /// Every fault that befell a request so far, the model's conflicts included: a test that sees none has shown
    /// nothing.
    pub fn injected(&self) -> Vec<(Operation, Fault)> {
        self.state().injected.clone()
    }

    /// Entries of the script that no request has met yet.
    pub fn unused(&self) -> usize {
        match &self.state().plan.faults {
            Source::Script(entries) => entries.len(),
            Source::Seeded(..) => 0,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records the request and returns its fault; with the conflict model, holds its items.
    fn admit(&self, operation: Operation, body: &Value) -> (Fault, Option<Hold>) {
        let mut state = self.state();
        state.arrivals.push(operation);
        let beside = state
            .under_way
            .iter()
            .filter(|other| (**other == Operation::CountUse) != (operation == Operation::CountUse));
        state.overlaps += beside.count() as u64;
        if operation != Operation::CountUse {
            state.requests.push(operation);
        }
        let count = state.counts.entry(operation).or_default();
        *count += 1;
        let count = *count;

        let planned = match &mut state.plan.faults {
            Source::Script(entries) => match entries.iter().position(|entry| entry.0 == operation) {
                Some(next) => entries.remove(next).1,
                None => Fault::None,
            },
            Source::Seeded(..) if operation == Operation::CountUse => Fault::None,
            Source::Seeded(seed, rates) => rates.choose(*seed, count, operation, body),
        };
        let (fault, hold) = match (planned.reaches_engine(), state.plan.hold) {
            (true, Some(time)) if operation != Operation::CountUse => match state.hold(operation, body) {
                Ok(Some(ticket)) => (planned, Some(Hold { faults: self.clone(), ticket, time })),
                Ok(None) => (planned, None),
                Err(conflict) => (conflict, None),
            },
            _ => (planned, None),
        };
        if fault != Fault::None {
            state.injected.push((operation, fault));
        }
        (fault, hold)
    }
}

impl Fault {
    fn reaches_engine(self) -> bool {
        match self {
            Fault::None
            | Fault::DelayBefore(_)
            | Fault::HeldBefore
            | Fault::DelayAfter(_)
            | Fault::AnswerLost
            | Fault::AnswerAndTokenLost
            | Fault::AnswerNever
            | Fault::Unprocessed(_) => true,
            Fault::ConflictAt(_)
            | Fault::ThrottledAt(_)
            | Fault::Throttled
            | Fault::ThroughputExceeded
            | Fault::TransactionInProgress
            | Fault::InternalServerError
            | Fault::Unavailable
            | Fault::RequestLost => false,
        }
    }

    /// The answer that is given in place of the engine's.
    fn refusal(self, operation: Operation, body: &Value) -> Option<HttpResponse> {
        Some(match self {
            Fault::ConflictAt(_) if operation.writes_one_item() => error(
                400,
                "com.amazonaws.dynamodb.v20120810#TransactionConflictException",
                "Transaction is ongoing for the item",
            ),
            Fault::ConflictAt(position) => cancelled(
                body,
                position,
                json!({"Code": "TransactionConflict", "Message": "Transaction is ongoing for the item"}),
            ),
            Fault::ThrottledAt(position) => cancelled(
                body,
                position,
                json!({"Code": "ThrottlingError", "Message": "Throughput exceeds the current capacity for one or more tables"}),
            ),
            Fault::Throttled => error(
                400,
                "com.amazon.coral.availability#ThrottlingException",
                "Throughput exceeds the current capacity of your table or index",
            ),
            Fault::ThroughputExceeded => error(
                400,
                "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",
                "The level of configured provisioned throughput for the table was exceeded",
            ),
            Fault::TransactionInProgress => error(
                400,
                "com.amazonaws.dynamodb.v20120810#TransactionInProgressException",
                "Transaction is in progress for the given client request token",
            ),
            Fault::InternalServerError => {
                error(500, "com.amazonaws.dynamodb.v20120810#InternalServerError", "Internal server error")
            }
            Fault::Unavailable => {
                error(503, "com.amazon.coral.availability#ServiceUnavailableException", "Service unavailable")
            }
            Fault::None
            | Fault::DelayBefore(_)
            | Fault::HeldBefore
            | Fault::DelayAfter(_)
            | Fault::RequestLost
            | Fault::AnswerLost
            | Fault::AnswerAndTokenLost
            | Fault::AnswerNever
            | Fault::Unprocessed(_) => return None,
        })
    }
}

impl Rates {
    fn sum(&self) -> f64 {
        self.conflict
            + self.throttled
            + self.in_progress
            + self.server_error
            + self.delayed
            + self.request_lost
            + self.answer_lost
            + self.answer_never
            + self.unprocessed
    }

    fn choose(&self, seed: u64, count: u64, operation: Operation, body: &Value) -> Fault {
        // A generator of its own for each request: one more request of one operation moves no other's faults.
        let mut random =
            fastrand::Rng::with_seed(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ (count << 8) ^ operation as u64);
        let transaction = operation == Operation::TransactWriteItems;
        let writes = transaction || operation.writes_one_item();
        let position = random.usize(..operations(body).len().max(1));
        let delay = self.delay_max.mul_f64(random.f64());
        let other = random.bool();

        let choices = [
            (self.conflict, writes, Fault::ConflictAt(position)),
            (
                self.throttled,
                true,
                match (transaction, other) {
                    (true, _) => Fault::ThrottledAt(position),
                    (false, true) => Fault::Throttled,
                    (false, false) => Fault::ThroughputExceeded,
                },
            ),
            (self.in_progress, transaction, Fault::TransactionInProgress),
            (self.server_error, true, if other { Fault::InternalServerError } else { Fault::Unavailable }),
            (self.delayed, true, if other { Fault::DelayBefore(delay) } else { Fault::DelayAfter(delay) }),
            (self.request_lost, true, Fault::RequestLost),
            (self.answer_lost, true, Fault::AnswerLost),
            (self.answer_never, true, Fault::AnswerNever),
            (
                self.unprocessed,
                operation == Operation::BatchGetItem,
                Fault::Unprocessed(1 + random.usize(..batch_keys(body).max(1))),
            ),
        ];
        let mut left = random.f64();
        for (rate, fits, fault) in choices {
            if !fits {
                continue;
            }
            if left < rate {
                return fault;
            }
            left -= rate;
        }
        Fault::None
    }
}

/// The items that a running write holds.
#[derive(Debug)]
struct Held {
    ticket: u64,
    transaction: bool,
    token: Option<String>,
    items: Vec<Item>,
}

type Item = (String, String);

/// The hold of a running write on its items, which ends when it is dropped.
#[derive(Debug)]
struct Hold {
    faults: Faults,
    ticket: u64,
    time: Duration,
}

impl Drop for Hold {
    fn drop(&mut self) {
        let ticket = self.ticket;
        self.faults.state().in_flight.retain(|held| held.ticket != ticket);
    }
}

impl State {
    /// A ticket for the items of a write, none for a read; the conflict if one of them is held.
    fn hold(&mut self, operation: Operation, body: &Value) -> Result<Option<u64>, Fault> {
        let transaction = operation == Operation::TransactWriteItems;
        if !transaction && !operation.writes_one_item() {
            return Ok(None);
        }
        let items: Vec<Item> = operations(body).into_iter().map(item).collect();
        let token = body["ClientRequestToken"].as_str().map(str::to_owned);
        if token.is_some() && self.in_flight.iter().any(|held| held.token == token) {
            return Err(Fault::TransactionInProgress);
        }
        // Two writes of one item each never conflict: the service puts them in order.
        let conflicting = |wanted: &Item| {
            self.in_flight.iter().any(|held| (transaction || held.transaction) && held.items.contains(wanted))
        };
        if let Some(position) = items.iter().position(conflicting) {
            return Err(Fault::ConflictAt(position));
        }
        self.last_ticket += 1;
        self.in_flight.push(Held { ticket: self.last_ticket, transaction, token, items });
        Ok(Some(self.last_ticket))
    }
}

/// The operations of a transaction, or the one write itself.
fn operations(body: &Value) -> Vec<&Value> {
    match body["TransactItems"].as_array() {
        Some(operations) => operations.iter().filter_map(|operation| operation.as_object()?.values().next()).collect(),
        None => vec![body],
    }
}

/// Table and key of the item that an operation is about.
fn item(operation: &Value) -> Item {
    let table = operation["TableName"].as_str().unwrap_or_default();
    let key = match &operation["Key"] {
        Value::Null => key_of(&operation["Item"]),
        key => key_of(key),
    };
    (table.to_owned(), key)
}

fn key_of(item: &Value) -> String {
    KEY_ATTRIBUTES.map(|name| item[name].to_string()).join(" ")
}

fn batch_keys(body: &Value) -> usize {
    let tables = body["RequestItems"].as_object();
    tables
        .into_iter()
        .flat_map(|tables| tables.values())
        .filter_map(|table| table["Keys"].as_array())
        .map(Vec::len)
        .sum()
}

/// Moves the last `n` keys of the request, and their items, from the answer into its `UnprocessedKeys`.
fn leave_unprocessed(request: &Value, answer: &mut Value, n: usize) {
    let mut to_leave = n;
    let mut unprocessed = BTreeMap::new();
    let tables = request["RequestItems"].as_object();
    for (table, wanted) in tables.into_iter().flatten().rev() {
        let keys = wanted["Keys"].as_array().map_or(&[][..], Vec::as_slice);
        let left = keys.split_at(keys.len().saturating_sub(to_leave)).1;
        if left.is_empty() {
            continue;
        }
        to_leave -= left.len();
        if let Some(items) = answer["Responses"][table].as_array_mut() {
            items.retain(|item| !left.iter().any(|key| key_of(key) == key_of(item)));
        }
        let mut rest = wanted.clone();
        rest["Keys"] = json!(left);
        unprocessed.insert(table, rest);
    }
    answer["UnprocessedKeys"] = json!(unprocessed);
}

fn cancelled(body: &Value, position: usize, reason: Value) -> HttpResponse {
    let count = operations(body).len();
    assert!(
        body["TransactItems"].is_array() && position < count,
        "a plan cancels operation {position} of a request with {count}: {body}"
    );
    let mut reasons = vec![json!({"Code": "None"}); count];
    reasons[position] = reason;
    let codes: Vec<&str> = reasons.iter().map(|reason| reason["Code"].as_str().unwrap_or_default()).collect();
    let message =
        format!("Transaction cancelled, please refer cancellation reasons for specific reasons [{}]", codes.join(", "));
    response(
        400,
        &json!({
            "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
            "Message": message,
            "CancellationReasons": reasons,
        }),
    )
}

fn error(status: u16, error_type: &str, message: &str) -> HttpResponse {
    response(status, &json!({"__type": error_type, "message": message}))
}

fn response(status: u16, body: &Value) -> HttpResponse {
    let status = StatusCode::try_from(status).expect("a valid status");
    let mut response = HttpResponse::new(status, SdkBody::from(body.to_string()));
    let headers = response.headers_mut();
    headers.insert("content-type", "application/x-amz-json-1.0");
    headers.insert("x-amzn-requestid", "INJECTED");
    response
}

fn broken_connection() -> ConnectorError {
    ConnectorError::io("the connection was broken on purpose".into())
}

#[derive(Debug)]
struct Client {
    faults: Faults,
    inner: SharedHttpClient,
}

impl HttpClient for Client {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(Connector {
            faults: self.faults.clone(),
            inner: self.inner.http_connector(settings, components),
        })
    }
}

#[derive(Debug)]
struct Connector {
    faults: Faults,
    inner: SharedHttpConnector,
}

/// A request until its answer is there, or until nobody waits for it any more.
struct UnderWay(Faults, Operation);

impl UnderWay {
    fn begin(faults: &Faults, operation: Operation) -> Self {
        faults.state().under_way.push(operation);
        Self(faults.clone(), operation)
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let under_way = &mut self.0.state().under_way;
        if let Some(at) = under_way.iter().position(|operation| *operation == self.1) {
            under_way.remove(at);
        }
    }
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let body = request.body().bytes().unwrap_or_default();
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        let operation = Operation::of(&request, &body);
        let (fault, hold) = self.faults.admit(operation, &body);
        let (date, release) = {
            let state = self.faults.state();
            (state.date.clone(), Arc::clone(&state.release))
        };
        if let Some(refusal) = fault.refusal(operation, &body) {
            return HttpConnectorFuture::ready(Ok(refusal));
        }
        if fault == Fault::RequestLost {
            return HttpConnectorFuture::ready(Err(broken_connection()));
        }

        // On a task of its own: what is on its way to the engine arrives, also after the SDK has stopped waiting.
        let inner = self.inner.clone();
        let request = if fault == Fault::AnswerAndTokenLost { without_token(request, &body) } else { request };
        let call = tokio::spawn(async move {
            if let Fault::DelayBefore(time) = fault {
                tokio::time::sleep(time).await;
            }
            if fault == Fault::HeldBefore {
                release.notified().await;
            }
            let answer = inner.call(request).await;
            if let Some(hold) = hold {
                tokio::time::sleep(hold.time).await;
            }
            answer
        });
        let under_way = UnderWay::begin(&self.faults, operation);
        HttpConnectorFuture::new(async move {
            let _under_way = under_way;
            let mut answer = call.await.map_err(|e| ConnectorError::other(e.into(), None))?;
            if let (Ok(answer), Some(date)) = (&mut answer, date) {
                answer.headers_mut().insert("date", date);
            }
            match fault {
                Fault::DelayAfter(time) => tokio::time::sleep(time).await,
                Fault::AnswerLost | Fault::AnswerAndTokenLost => return Err(broken_connection()),
                Fault::AnswerNever => std::future::pending().await,
                Fault::Unprocessed(n) => return unprocessed(&body, answer?, n).await,
                _ => {}
            }
            answer
        })
    }
}

/// The same request as one of which the engine remembers nothing.
fn without_token(request: HttpRequest, body: &Value) -> HttpRequest {
    let mut body = body.clone();
    if let Some(members) = body.as_object_mut() {
        members.remove("ClientRequestToken");
    }
    let body = body.to_string();
    let mut request = request.map(|_| SdkBody::from(body.clone()));
    request.headers_mut().insert("content-length", body.len().to_string());
    request
}

async fn unprocessed(request: &Value, mut answer: HttpResponse, n: usize) -> Result<HttpResponse, ConnectorError> {
    let bytes = ByteStream::new(answer.take_body()).collect().await.map_err(|e| ConnectorError::io(e.into()))?;
    let mut body: Value =
        serde_json::from_slice(&bytes.into_bytes()).map_err(|e| ConnectorError::other(e.into(), None))?;
    leave_unprocessed(request, &mut body, n);
    Ok(response(answer.status().as_u16(), &body))
}

#[cfg(test)]
mod tests;
