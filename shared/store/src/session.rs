//! The requests that one piece of work sends to the table: counted, bounded in time, retried.

use std::collections::HashMap;
use std::error::Error;
use std::future::Future;
use std::ops::AddAssign;
use std::time::Duration;

use aws::FailureKind;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::delete_item::{DeleteItemError, DeleteItemOutput};
use aws_sdk_dynamodb::operation::put_item::{PutItemError, PutItemOutput};
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::operation::update_item::{UpdateItemError, UpdateItemOutput};
use aws_sdk_dynamodb::types::{
    CancellationReason, ConsumedCapacity, KeysAndAttributes, ReturnConsumedCapacity, Select,
};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use domain::allowance::Clocks;
use domain::time::Timestamp;
use futures_util::future::join_all;
use serde::{Serialize, Serializer};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout_at};
use uuid::Uuid;

use crate::client::TableClock;
use crate::entity::{Item, is_deleted, s};
use crate::error::StoreError;
use crate::key::{Index, PK, PrimaryKey, SK};
use crate::limits::{CountAnswer, KnownKeys};
use crate::write::{Action, OLD_IMAGE, Transaction, Write};

/// Time for everything that one piece of work does with the table, retries included. The shortest time-out of a function
/// is 10 s; the rest is for starting cold and for answering.
const BUDGET: Duration = Duration::from_secs(6);
/// Most keys of a BatchGetItem: DynamoDB's limit.
const GET_KEYS_MAX: usize = 100;
/// The longest pause before the first retry; it doubles with each.
const BACKOFF_BASE: Duration = Duration::from_millis(20);
/// The longest pause before any retry.
const BACKOFF_MAX: Duration = Duration::from_millis(400);

/// The cost of a session, as logs show it.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Cost {
    /// Requests sent to DynamoDB, retries included.
    pub requests: u32,
    /// Read capacity units consumed.
    pub read_units: f64,
    /// Write capacity units consumed.
    pub write_units: f64,
    /// Transactions that met another one on the same item.
    pub conflicts: u32,
    /// Requests sent again, for whatever reason.
    pub retries: u32,
    /// Requests of callers that could not be counted, and passed.
    pub count_failures: u32,
    /// Time spent with the table, pauses before retries included.
    #[serde(rename = "durationMs", serialize_with = "milliseconds")]
    pub time: Duration,
}

fn milliseconds<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64((time.as_secs_f64() * 1e6).round() / 1e3)
}

impl AddAssign for Cost {
    fn add_assign(&mut self, other: Self) {
        self.requests += other.requests;
        self.read_units += other.read_units;
        self.write_units += other.write_units;
        self.conflicts += other.conflicts;
        self.retries += other.retries;
        self.count_failures += other.count_failures;
        self.time += other.time;
    }
}

/// The requests that one piece of work sends to the table.
pub struct Session {
    pub(crate) client: Client,
    clock: TableClock,
    pub(crate) table: String,
    deadline: Instant,
    pub(crate) cost: Cost,
    backoff: u32,
    /// The keys that this instance has seen used.
    pub(crate) known_keys: KnownKeys,
    /// The count of the caller's request that is under way.
    pub(crate) counting: Option<JoinHandle<Result<CountAnswer, StoreError>>>,
}

/// The outcome of a transaction.
pub(crate) enum Commit<N> {
    /// All of its writes took effect.
    Done,
    /// No write took effect; the first one whose condition failed, with the item that failed it, if there is one.
    Failed(N, Option<Item>),
}

/// The outcome of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Updated {
    /// The change is made.
    Applied,
    /// The state that the change was based on has changed: read and decide again.
    Outdated,
}

/// The failed conditions of a transaction by position; for each, the item that failed it, if there is one.
type FailedConditions = Vec<Option<FailedCondition>>;

struct FailedCondition {
    item: Option<Item>,
}

/// A page of items of a query, and the key after which the next page begins.
pub(crate) type ItemPage = (Vec<Item>, Option<Item>);

/// A query of one partition, of the table or of an index.
#[derive(Debug, Clone)]
pub(crate) struct Query {
    pub index: Option<Index>,
    pub partition: String,
    pub sort_keys: SortKeys,
    pub newest_first: bool,
    /// True to see all that was written before; no index can do that.
    pub consistent: bool,
}

/// The sort keys that a query looks for.
#[derive(Debug, Clone)]
pub(crate) enum SortKeys {
    All,
    /// Those that begin so.
    Prefix(String),
    /// Those from the first to the second, both included.
    Between(String, String),
}

impl Session {
    pub(crate) fn new(client: Client, clock: TableClock, table: String, known_keys: KnownKeys) -> Self {
        let deadline = Instant::now() + BUDGET;
        Self { client, clock, table, deadline, cost: Cost::default(), backoff: 0, known_keys, counting: None }
    }

    /// Gives the session its whole time again, after work that took time and did not involve the table.
    pub fn restart_budget(&mut self) {
        self.deadline = Instant::now() + BUDGET;
        self.backoff = 0;
    }

    /// The cost so far.
    pub fn cost(&self) -> Cost {
        self.cost
    }

    /// The clocks of a program whose own shows that time, the table's as of its latest answer.
    pub(crate) fn clocks(&self, own: Timestamp) -> Clocks {
        Clocks { own, table: self.clock.time() }
    }

    /// Reads items by their keys, consistently, with as few requests as DynamoDB allows. Deleted ones are left out.
    pub(crate) async fn get(&mut self, keys: Vec<PrimaryKey>) -> Result<HashMap<PrimaryKey, Item>, StoreError> {
        let mut found = self.get_with_deleted(keys).await?;
        found.retain(|_, item| !is_deleted(item));
        Ok(found)
    }

    /// Reads the same, and what remains of deleted ones.
    pub(crate) async fn get_with_deleted(
        &mut self,
        mut keys: Vec<PrimaryKey>,
    ) -> Result<HashMap<PrimaryKey, Item>, StoreError> {
        // DynamoDB refuses a request that has a key twice.
        keys.sort_unstable();
        keys.dedup();
        let mut found = HashMap::new();
        for keys in keys.chunks(GET_KEYS_MAX) {
            self.get_batch(keys, &mut found).await?;
        }
        Ok(found)
    }

    async fn get_batch(
        &mut self,
        keys: &[PrimaryKey],
        found: &mut HashMap<PrimaryKey, Item>,
    ) -> Result<(), StoreError> {
        const OPERATION: &str = "BatchGetItem";
        let mut left: Vec<_> = keys.iter().cloned().map(PrimaryKey::into_attributes).collect();
        while !left.is_empty() {
            let wanted = KeysAndAttributes::builder().set_keys(Some(left)).consistent_read(true).build();
            let wanted = wanted.map_err(|error| StoreError::unknown(OPERATION, error))?;
            let request = self.client.batch_get_item().request_items(&self.table, wanted);
            let request = request.return_consumed_capacity(ReturnConsumedCapacity::Total);
            let answer =
                self.read(OPERATION, || request.clone().send(), |answer| units(answer.consumed_capacity())).await?;
            for item in answer.responses.into_iter().flatten().flat_map(|(_, items)| items) {
                let key = PrimaryKey::from_item(&item)
                    .ok_or_else(|| StoreError::unknown(OPERATION, "an item without key"))?;
                found.insert(key, item);
            }
            left = answer.unprocessed_keys.into_iter().flatten().flat_map(|(_, rest)| rest.keys).collect();
            if !left.is_empty() {
                self.pause(StoreError::new(FailureKind::Throttled, OPERATION, "keys left unprocessed")).await?;
            }
        }
        Ok(())
    }

    /// Reads one item by its key, consistently, if it exists and was not deleted.
    pub(crate) async fn get_one(&mut self, key: PrimaryKey) -> Result<Option<Item>, StoreError> {
        Ok(self.get_stored(key).await?.filter(|item| !is_deleted(item)))
    }

    /// Reads one item by its key, consistently, deleted or not.
    pub(crate) async fn get_stored(&mut self, key: PrimaryKey) -> Result<Option<Item>, StoreError> {
        let request = self.client.get_item().table_name(&self.table).set_key(Some(key.into_attributes()));
        let request = request.consistent_read(true).return_consumed_capacity(ReturnConsumedCapacity::Total);
        let answer = self
            .read("GetItem", || request.clone().send(), |answer| units(answer.consumed_capacity.as_slice()))
            .await?;
        Ok(answer.item)
    }

    /// Reads a page of a query: the items after a key, if one is given, and at most `limit` items, if that is given.
    pub(crate) async fn query(
        &mut self,
        query: &Query,
        after: Option<Item>,
        limit: Option<u16>,
    ) -> Result<ItemPage, StoreError> {
        let (partition, sort) = query.index.map_or((PK, SK), |index| (index.partition_attribute, index.sort_attribute));
        let mut condition = "#partition = :partition".to_owned();
        let mut request = self
            .client
            .query()
            .table_name(&self.table)
            .set_index_name(query.index.map(|index| index.name.to_owned()))
            .expression_attribute_names("#partition", partition)
            .expression_attribute_values(":partition", s(&query.partition))
            .set_exclusive_start_key(after)
            .scan_index_forward(!query.newest_first)
            .consistent_read(query.consistent)
            .set_limit(limit.map(i32::from))
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        match &query.sort_keys {
            SortKeys::All => {}
            SortKeys::Prefix(prefix) => {
                condition.push_str(" AND begins_with(#sort, :sort)");
                request =
                    request.expression_attribute_names("#sort", sort).expression_attribute_values(":sort", s(prefix));
            }
            SortKeys::Between(first, last) => {
                condition.push_str(" AND #sort BETWEEN :first AND :last");
                request = request
                    .expression_attribute_names("#sort", sort)
                    .expression_attribute_values(":first", s(first))
                    .expression_attribute_values(":last", s(last));
            }
        }
        let request = request.key_condition_expression(condition);
        let answer =
            self.read("Query", || request.clone().send(), |answer| units(answer.consumed_capacity.as_slice())).await?;
        Ok((answer.items.unwrap_or_default(), answer.last_evaluated_key))
    }

    /// Reads a page of the whole table, consistently: the items after a key, if one is given, at most a megabyte.
    pub(crate) async fn scan(&mut self, after: Option<Item>) -> Result<ItemPage, StoreError> {
        let request = self.client.scan().table_name(&self.table).consistent_read(true).set_exclusive_start_key(after);
        let request = request.return_consumed_capacity(ReturnConsumedCapacity::Total);
        let answer =
            self.read("Scan", || request.clone().send(), |answer| units(answer.consumed_capacity.as_slice())).await?;
        Ok((answer.items.unwrap_or_default(), answer.last_evaluated_key))
    }

    /// Reads a page of each query, all at once: the items after a key, if one is given, and at most `limit` items of each.
    pub(crate) async fn query_at_once(
        &mut self,
        queries: Vec<(Query, Option<Item>)>,
        limit: u16,
    ) -> Result<Vec<ItemPage>, StoreError> {
        let began = Instant::now();
        let pages = queries.into_iter().map(|(query, after)| {
            let mut session = self.beside();
            async move { (session.query(&query, after, Some(limit)).await, session.cost) }
        });
        let (pages, costs): (Vec<_>, Vec<_>) = join_all(pages.collect::<Vec<_>>()).await.into_iter().unzip();
        // Their time is the same time.
        costs.into_iter().for_each(|cost| self.cost += Cost { time: Duration::ZERO, ..cost });
        self.cost.time += began.elapsed();
        pages.into_iter().collect()
    }

    /// A session with the same deadline, for a request beside others of this one.
    fn beside(&self) -> Self {
        let (client, clock) = (self.client.clone(), self.clock.clone());
        let session = Self::new(client, clock, self.table.clone(), self.known_keys.clone());
        Self { deadline: self.deadline, ..session }
    }

    /// Counts the entries of a partition of an index: those of a page, and the key after which the next one begins.
    pub(crate) async fn count(
        &mut self,
        index: Index,
        partition: &str,
        after: Option<Item>,
    ) -> Result<(u64, Option<Item>), StoreError> {
        let request = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(index.name)
            .key_condition_expression("#partition = :partition")
            .expression_attribute_names("#partition", index.partition_attribute)
            .expression_attribute_values(":partition", s(partition))
            .select(Select::Count)
            .set_exclusive_start_key(after)
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let answer =
            self.read("Query", || request.clone().send(), |answer| units(answer.consumed_capacity.as_slice())).await?;
        Ok((u64::try_from(answer.count).unwrap_or_default(), answer.last_evaluated_key))
    }

    /// Makes all the writes take effect, or none.
    ///
    /// An answer that was lost is asked for again with the same token, which makes the writes take effect once. A
    /// single write has no token, and half the price: it must stand under a condition that it breaks itself.
    pub(crate) async fn commit<N>(&mut self, transaction: Transaction<N>) -> Result<Commit<N>, StoreError> {
        let Transaction { names, writes } = transaction;
        let failed = match writes.as_slice() {
            [Write { action: Action::Put(item), .. }] => self.put(&writes[0], item).await?,
            [Write { action: Action::Update(key, update), .. }] => self.update(&writes[0], key, update).await?,
            [Write { action: Action::Delete(key), .. }] => self.delete(&writes[0], key).await?,
            _ => self.transact(&writes).await?,
        };
        let Some(failed) = failed else { return Ok(Commit::Done) };
        let first = names.into_iter().zip(failed).find_map(|(name, failed)| Some((name, failed?)));
        let (name, failed) =
            first.ok_or_else(|| StoreError::unknown("TransactWriteItems", "cancelled without a reason"))?;
        Ok(Commit::Failed(name, failed.item))
    }

    /// Makes all the writes of a change take effect, or none if any of the conditions fails.
    pub(crate) async fn commit_change(&mut self, transaction: Transaction<()>) -> Result<Updated, StoreError> {
        match self.commit(transaction).await? {
            Commit::Done => Ok(Updated::Applied),
            Commit::Failed((), _) => Ok(Updated::Outdated),
        }
    }

    async fn transact(&mut self, writes: &[Write]) -> Result<Option<FailedConditions>, StoreError> {
        const OPERATION: &str = "TransactWriteItems";
        let items = writes.iter().map(|write| write.in_transaction(&self.table)).collect::<Result<_, _>>()?;
        let request = self
            .client
            .transact_write_items()
            .set_transact_items(Some(items))
            .client_request_token(Uuid::new_v4().to_string())
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let judge = |error: SdkError<TransactWriteItemsError, HttpResponse>| match error.as_service_error() {
            Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
                cancellation(cancelled.cancellation_reasons()).map_err(|kind| StoreError::new(kind, OPERATION, error))
            }
            Some(_) | None => Err(StoreError::from_sdk(OPERATION, error)),
        };
        self.write(OPERATION, || request.clone().send(), |answer| units(answer.consumed_capacity()), judge).await
    }

    async fn put(&mut self, write: &Write, item: &Item) -> Result<Option<FailedConditions>, StoreError> {
        let request = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item.clone()))
            .set_condition_expression(write.condition())
            .set_expression_attribute_names(write.names())
            .set_expression_attribute_values(write.values())
            .return_values_on_condition_check_failure(OLD_IMAGE)
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let judge = |error: SdkError<PutItemError, HttpResponse>| match error.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(failed)) => Ok(only(failed.item.clone())),
            Some(_) | None => Err(StoreError::from_sdk("PutItem", error)),
        };
        let units = |answer: &PutItemOutput| units(answer.consumed_capacity.as_slice());
        self.write("PutItem", || request.clone().send(), units, judge).await
    }

    async fn update(
        &mut self,
        write: &Write,
        key: &PrimaryKey,
        update: &str,
    ) -> Result<Option<FailedConditions>, StoreError> {
        let request = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key.clone().into_attributes()))
            .update_expression(update)
            .set_condition_expression(write.condition())
            .set_expression_attribute_names(write.names())
            .set_expression_attribute_values(write.values())
            .return_values_on_condition_check_failure(OLD_IMAGE)
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let judge = |error: SdkError<UpdateItemError, HttpResponse>| match error.as_service_error() {
            Some(UpdateItemError::ConditionalCheckFailedException(failed)) => Ok(only(failed.item.clone())),
            Some(_) | None => Err(StoreError::from_sdk("UpdateItem", error)),
        };
        let units = |answer: &UpdateItemOutput| units(answer.consumed_capacity.as_slice());
        self.write("UpdateItem", || request.clone().send(), units, judge).await
    }

    async fn delete(&mut self, write: &Write, key: &PrimaryKey) -> Result<Option<FailedConditions>, StoreError> {
        let request = self
            .client
            .delete_item()
            .table_name(&self.table)
            .set_key(Some(key.clone().into_attributes()))
            .set_condition_expression(write.condition())
            .set_expression_attribute_names(write.names())
            .set_expression_attribute_values(write.values())
            .return_values_on_condition_check_failure(OLD_IMAGE)
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let judge = |error: SdkError<DeleteItemError, HttpResponse>| match error.as_service_error() {
            Some(DeleteItemError::ConditionalCheckFailedException(failed)) => Ok(only(failed.item.clone())),
            Some(_) | None => Err(StoreError::from_sdk("DeleteItem", error)),
        };
        let units = |answer: &DeleteItemOutput| units(answer.consumed_capacity.as_slice());
        self.write("DeleteItem", || request.clone().send(), units, judge).await
    }

    async fn read<T, E, F>(
        &mut self,
        operation: &'static str,
        send: impl Fn() -> F,
        units: impl Fn(&T) -> f64,
    ) -> Result<T, StoreError>
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    {
        let meter = |cost: &mut Cost, answer: &T| cost.read_units += units(answer);
        self.attempt(operation, send, meter, |answer| answer, |error| Err(StoreError::from_sdk(operation, error))).await
    }

    async fn write<T, E, F>(
        &mut self,
        operation: &'static str,
        send: impl Fn() -> F,
        units: impl Fn(&T) -> f64,
        judge: impl Fn(SdkError<E, HttpResponse>) -> Result<FailedConditions, StoreError>,
    ) -> Result<Option<FailedConditions>, StoreError>
    where
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    {
        let meter = |cost: &mut Cost, answer: &T| cost.write_units += units(answer);
        self.attempt(operation, send, meter, |_| None, |error| judge(error).map(Some)).await
    }

    /// Sends a request until it has an answer, or a failure that does not pass, or no time is left.
    async fn attempt<T, E, F, R>(
        &mut self,
        operation: &'static str,
        send: impl Fn() -> F,
        meter: impl Fn(&mut Cost, &T),
        accept: impl Fn(T) -> R,
        judge: impl Fn(SdkError<E, HttpResponse>) -> Result<R, StoreError>,
    ) -> Result<R, StoreError>
    where
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    {
        loop {
            self.cost.requests += 1;
            let began = Instant::now();
            // Not beyond the deadline: an attempt that begins late would outlast it.
            let answer = timeout_at(self.deadline, send()).await;
            self.cost.time += began.elapsed();
            let judged = match answer {
                Ok(Ok(answer)) => {
                    meter(&mut self.cost, &answer);
                    return Ok(accept(answer));
                }
                Ok(Err(error)) => judge(error),
                Err(_) => return Err(StoreError::new(FailureKind::TimedOut, operation, "no time is left")),
            };
            match judged {
                Ok(refused) => return Ok(refused),
                Err(error) => self.pause(error).await?,
            }
        }
    }

    /// Waits before the next attempt: a random time up to a limit that doubles. Gives the failure back if it does not
    /// pass with time, or if there is not enough time left.
    pub(crate) async fn pause(&mut self, error: StoreError) -> Result<(), StoreError> {
        if error.kind == FailureKind::Conflict {
            self.cost.conflicts += 1;
        }
        let limit = BACKOFF_BASE.saturating_mul(1 << self.backoff.min(16)).min(BACKOFF_MAX);
        let pause = limit.mul_f64(fastrand::f64());
        if !error.is_passing() || Instant::now() + pause >= self.deadline {
            return Err(error);
        }
        self.backoff += 1;
        self.cost.retries += 1;
        self.cost.time += pause;
        tokio::time::sleep(pause).await;
        Ok(())
    }

    /// Waits before something is read again that a write found changed, and only while there is time.
    pub(crate) async fn pause_after_change(&mut self) -> Result<(), StoreError> {
        self.pause(StoreError::conflict("TransactWriteItems", "changed since it was read")).await
    }
}

/// The failed condition of a single write.
fn only(item: Option<Item>) -> FailedConditions {
    vec![Some(FailedCondition { item })]
}

/// The failed conditions of a cancelled transaction, or the kind of failure if the cancellation tells none.
///
/// A failed condition says more than a conflict beside it: it tells what to do next. Unless the conflict is about the
/// first write, which tells a repeat: then a duplicate of this request may be halfway through, and the failed condition
/// may be the duplicate's own doing.
fn cancellation(reasons: &[CancellationReason]) -> Result<FailedConditions, FailureKind> {
    let has = |code: &str| reasons.iter().any(|reason| reason.code() == Some(code));
    let first = reasons.first().and_then(CancellationReason::code);
    let first_is_judged = matches!(first, None | Some("None" | "ConditionalCheckFailed"));
    if first_is_judged && has("ConditionalCheckFailed") {
        let failed = |reason: &CancellationReason| {
            (reason.code() == Some("ConditionalCheckFailed")).then(|| FailedCondition { item: reason.item.clone() })
        };
        Ok(reasons.iter().map(failed).collect())
    } else if has("TransactionConflict") {
        Err(FailureKind::Conflict)
    } else if has("ProvisionedThroughputExceeded") || has("ThrottlingError") {
        Err(FailureKind::Throttled)
    } else {
        Err(FailureKind::Unknown)
    }
}

pub(crate) fn units(consumed: &[ConsumedCapacity]) -> f64 {
    consumed.iter().filter_map(ConsumedCapacity::capacity_units).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(codes: &[&str]) -> &'static str {
        let reasons: Vec<_> = codes.iter().map(|code| CancellationReason::builder().code(*code).build()).collect();
        match cancellation(&reasons) {
            Ok(failed) => {
                let expected = |code: &&str| *code == "ConditionalCheckFailed";
                assert!(failed.iter().map(Option::is_some).eq(codes.iter().map(expected)), "{codes:?}");
                "refused"
            }
            Err(kind) => kind.as_str(),
        }
    }

    /// The real service gives every operation its own reason; the engines at hand never mix them.
    #[test]
    fn a_cancellation_with_several_reasons_is_told_by_the_one_that_says_most() {
        const FAILED: &str = "ConditionalCheckFailed";
        const CONFLICT: &str = "TransactionConflict";
        assert_eq!(told(&["None", FAILED, CONFLICT]), "refused");
        assert_eq!(told(&["None", CONFLICT, FAILED]), "refused");
        assert_eq!(told(&[FAILED, FAILED, "ThrottlingError"]), "refused");
        // The first write's condition is not decided yet.
        assert_eq!(told(&[CONFLICT, "None", FAILED]), "conflict");
        assert_eq!(told(&["ThrottlingError", FAILED]), "throttled");
        assert_eq!(told(&["ProvisionedThroughputExceeded", FAILED, CONFLICT]), "conflict");
        assert_eq!(told(&["None", "ThrottlingError", CONFLICT]), "conflict");
        assert_eq!(told(&["None", "ProvisionedThroughputExceeded"]), "throttled");
        assert_eq!(told(&["None", "ValidationError"]), "unknown");
        assert_eq!(told(&["ItemCollectionSizeLimitExceeded", FAILED]), "unknown");
        assert_eq!(told(&[]), "unknown");
    }
}
