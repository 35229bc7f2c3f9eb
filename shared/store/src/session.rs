//! One request's dealings with the table: counted, bounded in time, retried.

use std::collections::HashMap;
use std::future::Future;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::query::QueryOutput;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{
    CancellationReason, ConsumedCapacity, KeysAndAttributes, Put, ReturnConsumedCapacity, TransactWriteItem, Update,
};
use tokio::time::Instant;
use uuid::Uuid;

use crate::error::{FailureKind, StoreError};
use crate::item::Item;
use crate::key::Key;

/// Time for everything that one request does with the table, retries included. The shortest time-out of a function is
/// 10 s; what is left is for starting cold and for answering.
pub(crate) const BUDGET: Duration = Duration::from_secs(6);
/// Most keys of a BatchGetItem: DynamoDB's limit.
pub(crate) const GET_KEYS_MAX: usize = 100;
/// The longest pause before the first retry; it doubles with each.
const BACKOFF_BASE: Duration = Duration::from_millis(20);
/// The longest pause before any retry.
const BACKOFF_MAX: Duration = Duration::from_millis(400);

/// What a request cost.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
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
    /// Time spent with the table, pauses before retries included.
    pub time: Duration,
}

/// One request's dealings with the table.
pub struct Session {
    pub(crate) client: Client,
    pub(crate) table: String,
    deadline: Instant,
    cost: Cost,
    backoff: u32,
}

/// What became of a set of writes.
pub(crate) enum Commit {
    /// All of them took effect.
    Done,
    /// None did. By position: the write whose condition failed, with the item that failed it, if there is one.
    Refused(Vec<Option<Refusal>>),
}

/// A condition that failed.
pub(crate) struct Refusal {
    /// The item as it stands; none if it does not exist.
    pub item: Option<Item>,
}

impl Session {
    pub(crate) fn new(client: Client, table: String) -> Self {
        Self { client, table, deadline: Instant::now() + BUDGET, cost: Cost::default(), backoff: 0 }
    }

    /// Has its whole time again, after something that took time and was not the table's.
    pub fn begin_anew(&mut self) {
        self.deadline = Instant::now() + BUDGET;
        self.backoff = 0;
    }

    /// What was spent so far.
    pub fn cost(&self) -> Cost {
        self.cost
    }

    /// Reads items by their keys, consistently, in one request unless DynamoDB leaves some over.
    pub(crate) async fn get(&mut self, keys: Vec<Key>) -> Result<HashMap<Key, Item>, StoreError> {
        let begun = Instant::now();
        let found = self.get_all(keys).await;
        self.cost.time += begun.elapsed();
        found
    }

    /// Makes all the writes take effect, or none.
    ///
    /// The first write is the one that tells whether the request is a repeat. An answer that was lost is asked for
    /// again with the same token, which makes the writes take effect once.
    pub(crate) async fn commit(&mut self, writes: Vec<TransactWriteItem>) -> Result<Commit, StoreError> {
        let begun = Instant::now();
        let commit = match writes.as_slice() {
            // A write of its own is half the price of a transaction.
            [TransactWriteItem { put: Some(put), .. }] => self.put(put.clone()).await,
            [TransactWriteItem { update: Some(update), .. }] => self.update(update.clone()).await,
            _ => self.transact(writes).await,
        };
        self.cost.time += begun.elapsed();
        commit
    }

    async fn get_all(&mut self, keys: Vec<Key>) -> Result<HashMap<Key, Item>, StoreError> {
        const OPERATION: &str = "BatchGetItem";
        let mut found = HashMap::new();
        let mut left: Vec<_> = keys.into_iter().map(Key::into_attributes).collect();
        while !left.is_empty() {
            let wanted = KeysAndAttributes::builder()
                .set_keys(Some(left.clone()))
                .consistent_read(true)
                .build()
                .map_err(|error| StoreError::unknown(OPERATION, error))?;
            self.cost.requests += 1;
            let request = self
                .client
                .batch_get_item()
                .request_items(&self.table, wanted)
                .return_consumed_capacity(ReturnConsumedCapacity::Total);
            let answer = match self.in_time(OPERATION, request.send()).await? {
                Ok(answer) => answer,
                Err(error) => {
                    self.pause_or_give_up(StoreError::from_sdk(OPERATION, error)).await?;
                    continue;
                }
            };
            self.cost.read_units += units(answer.consumed_capacity());
            for item in answer.responses.into_iter().flatten().flat_map(|(_, items)| items) {
                let key = Key::from_item(&item).ok_or_else(|| StoreError::unknown(OPERATION, "an item without key"))?;
                found.insert(key, item);
            }
            left = answer.unprocessed_keys.into_iter().flatten().flat_map(|(_, rest)| rest.keys).collect();
            if !left.is_empty() {
                self.pause_or_give_up(StoreError::throttled(OPERATION, "keys left unprocessed")).await?;
            }
        }
        Ok(found)
    }

    /// Reads one item by its key, consistently.
    pub(crate) async fn get_one(&mut self, key: Key) -> Result<Option<Item>, StoreError> {
        let begun = Instant::now();
        let found = self.get_single(key).await;
        self.cost.time += begun.elapsed();
        found
    }

    async fn get_single(&mut self, key: Key) -> Result<Option<Item>, StoreError> {
        loop {
            self.cost.requests += 1;
            let request = self
                .client
                .get_item()
                .table_name(&self.table)
                .set_key(Some(key.clone().into_attributes()))
                .consistent_read(true)
                .return_consumed_capacity(ReturnConsumedCapacity::Total);
            match self.in_time("GetItem", request.send()).await? {
                Ok(answer) => {
                    self.cost.read_units += units(answer.consumed_capacity.as_slice());
                    return Ok(answer.item);
                }
                Err(error) => self.pause_or_give_up(StoreError::from_sdk("GetItem", error)).await?,
            }
        }
    }

    /// Reads a page of a query.
    pub(crate) async fn query(&mut self, query: QueryFluentBuilder) -> Result<QueryOutput, StoreError> {
        let begun = Instant::now();
        let page = self.query_page(query).await;
        self.cost.time += begun.elapsed();
        page
    }

    async fn query_page(&mut self, query: QueryFluentBuilder) -> Result<QueryOutput, StoreError> {
        loop {
            self.cost.requests += 1;
            let request = query.clone().return_consumed_capacity(ReturnConsumedCapacity::Total);
            match self.in_time("Query", request.send()).await? {
                Ok(answer) => {
                    self.cost.read_units += units(answer.consumed_capacity.as_slice());
                    return Ok(answer);
                }
                Err(error) => self.pause_or_give_up(StoreError::from_sdk("Query", error)).await?,
            }
        }
    }

    async fn transact(&mut self, writes: Vec<TransactWriteItem>) -> Result<Commit, StoreError> {
        let token = Uuid::new_v4().to_string();
        loop {
            self.cost.requests += 1;
            let request = self
                .client
                .transact_write_items()
                .set_transact_items(Some(writes.clone()))
                .client_request_token(&token)
                .return_consumed_capacity(ReturnConsumedCapacity::Total);
            let error = match self.in_time("TransactWriteItems", request.send()).await? {
                Ok(answer) => {
                    self.cost.write_units += units(answer.consumed_capacity());
                    return Ok(Commit::Done);
                }
                Err(error) => error,
            };
            let error = match error.as_service_error() {
                Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
                    match cancellation(cancelled.cancellation_reasons()) {
                        Cancellation::Refused(refusals) => return Ok(Commit::Refused(refusals)),
                        Cancellation::Conflict => StoreError::conflict("TransactWriteItems", error),
                        Cancellation::Throttled => StoreError::throttled("TransactWriteItems", error),
                        Cancellation::Unknown => StoreError::unknown("TransactWriteItems", error),
                    }
                }
                Some(_) | None => StoreError::from_sdk("TransactWriteItems", error),
            };
            self.pause_or_give_up(error).await?;
        }
    }

    async fn put(&mut self, put: Put) -> Result<Commit, StoreError> {
        loop {
            self.cost.requests += 1;
            let request = self
                .client
                .put_item()
                .table_name(put.table_name())
                .set_item(Some(put.item().clone()))
                .set_condition_expression(put.condition_expression().map(str::to_owned))
                .set_expression_attribute_names(put.expression_attribute_names().cloned())
                .set_expression_attribute_values(put.expression_attribute_values().cloned())
                .set_return_values_on_condition_check_failure(put.return_values_on_condition_check_failure().cloned())
                .return_consumed_capacity(ReturnConsumedCapacity::Total);
            let error = match self.in_time("PutItem", request.send()).await? {
                Ok(answer) => {
                    self.cost.write_units += units(answer.consumed_capacity.as_slice());
                    return Ok(Commit::Done);
                }
                Err(error) => error,
            };
            if let Some(PutItemError::ConditionalCheckFailedException(failed)) = error.as_service_error() {
                return Ok(Commit::Refused(vec![Some(Refusal { item: failed.item.clone() })]));
            }
            self.pause_or_give_up(StoreError::from_sdk("PutItem", error)).await?;
        }
    }

    /// An update is sent again after an answer that was lost, so it must stand under a condition that it breaks itself.
    async fn update(&mut self, update: Update) -> Result<Commit, StoreError> {
        loop {
            self.cost.requests += 1;
            let request = self
                .client
                .update_item()
                .table_name(update.table_name())
                .set_key(Some(update.key().clone()))
                .update_expression(update.update_expression())
                .set_condition_expression(update.condition_expression().map(str::to_owned))
                .set_expression_attribute_names(update.expression_attribute_names().cloned())
                .set_expression_attribute_values(update.expression_attribute_values().cloned())
                .set_return_values_on_condition_check_failure(
                    update.return_values_on_condition_check_failure().cloned(),
                )
                .return_consumed_capacity(ReturnConsumedCapacity::Total);
            let error = match self.in_time("UpdateItem", request.send()).await? {
                Ok(answer) => {
                    self.cost.write_units += units(answer.consumed_capacity.as_slice());
                    return Ok(Commit::Done);
                }
                Err(error) => error,
            };
            if let Some(UpdateItemError::ConditionalCheckFailedException(failed)) = error.as_service_error() {
                return Ok(Commit::Refused(vec![Some(Refusal { item: failed.item.clone() })]));
            }
            self.pause_or_give_up(StoreError::from_sdk("UpdateItem", error)).await?;
        }
    }

    /// Waits for an answer, but not beyond the request's own time: a try that begins late would outlast it.
    async fn in_time<T>(&self, operation: &'static str, answer: impl Future<Output = T>) -> Result<T, StoreError> {
        let late = |_| StoreError::timed_out(operation, "no time is left");
        tokio::time::timeout_at(self.deadline, answer).await.map_err(late)
    }

    /// Waits before the next try: a random time up to a limit that doubles. Gives the failure back if it does not pass
    /// with time, or if there is not enough time left.
    pub(crate) async fn pause_or_give_up(&mut self, error: StoreError) -> Result<(), StoreError> {
        if error.kind == FailureKind::Conflict {
            self.cost.conflicts += 1;
        }
        let limit = BACKOFF_BASE.saturating_mul(1 << self.backoff.min(16)).min(BACKOFF_MAX);
        let pause = limit.mul_f64(fastrand::f64());
        if !error.kind.is_passing() || Instant::now() + pause >= self.deadline {
            return Err(error);
        }
        self.backoff += 1;
        self.cost.retries += 1;
        tokio::time::sleep(pause).await;
        Ok(())
    }
}

enum Cancellation {
    Refused(Vec<Option<Refusal>>),
    Conflict,
    Throttled,
    Unknown,
}

/// A failed condition says more than a conflict beside it: it tells what to do next. Unless the conflict is about the
/// first write, the one that knows a repeat: then a twin of this request may be halfway through, and what failed may
/// be the twin's own doing.
fn cancellation(reasons: &[CancellationReason]) -> Cancellation {
    let has = |code: &str| reasons.iter().any(|reason| reason.code() == Some(code));
    let first = reasons.first().and_then(CancellationReason::code);
    let first_is_judged = matches!(first, None | Some("None" | "ConditionalCheckFailed"));
    if first_is_judged && has("ConditionalCheckFailed") {
        let refusal = |reason: &CancellationReason| {
            (reason.code() == Some("ConditionalCheckFailed")).then(|| Refusal { item: reason.item.clone() })
        };
        Cancellation::Refused(reasons.iter().map(refusal).collect())
    } else if has("TransactionConflict") {
        Cancellation::Conflict
    } else if has("ProvisionedThroughputExceeded") || has("ThrottlingError") {
        Cancellation::Throttled
    } else {
        Cancellation::Unknown
    }
}

fn units(consumed: &[ConsumedCapacity]) -> f64 {
    consumed.iter().filter_map(ConsumedCapacity::capacity_units).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(codes: &[&str]) -> &'static str {
        let reasons: Vec<_> = codes.iter().map(|code| CancellationReason::builder().code(*code).build()).collect();
        match cancellation(&reasons) {
            Cancellation::Refused(refusals) => {
                let failed = |code: &&str| *code == "ConditionalCheckFailed";
                assert!(refusals.iter().map(Option::is_some).eq(codes.iter().map(failed)), "{codes:?}");
                "refused"
            }
            Cancellation::Conflict => "conflict",
            Cancellation::Throttled => "throttled",
            Cancellation::Unknown => "unknown",
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
        // What the first write would have said is not known yet.
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
