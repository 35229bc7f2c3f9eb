//! Counters of a key's requests, and the limits that are copied into keys.
//!
//! One item for each key and hour of the clock, with an attribute for the hour and one for each of its minutes. It is read
//! with the caller's key. It is incremented beside another request: beside that very read where this instance knows the
//! key already, under the condition that nothing is exceeded; else beside whatever comes after.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws::FailureKind;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{ReturnConsumedCapacity, ReturnValue};
use domain::api_key::{ApiKey, ApiKeyHash, ApiKeyId};
use domain::company::{Company, CompanyId, Owner};
use domain::history::HistoryAction;
use domain::limits::{KeyLimits, UseLimits, UseStatus, Uses};
use domain::time::Timestamp;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::Store;
use crate::api_key::{find, list};
use crate::company::read_company;
use crate::entity::{EXPIRES_AT, EntityId, Item, encoded, n, s};
use crate::error::StoreError;
use crate::key::{LISTS, PrimaryKey};
use crate::operator::OperatorError;
use crate::session::{Query, Session, SortKeys, units};
use crate::write::{Action, OLD_IMAGE, Transaction, Write};

/// Time for counting a request. DynamoDB answers a write in some ten milliseconds, and no caller should wait much longer
/// for a count: without it the request passes.
const COUNT_TIMEOUT: Duration = Duration::from_millis(500);
/// The time that a counter is kept after its hour began: its hour, and one more for clocks that differ.
const COUNTER_KEPT_SECONDS: i64 = 2 * HOUR_SECONDS;
const HOUR_SECONDS: i64 = 60 * 60;
/// Most keys that an instance remembers. Each takes some hundred bytes.
const KEYS_REMEMBERED_MAX: usize = 1_000;

/// The attribute of an hour's requests.
const HOUR: &str = "hour";

/// The counter of a key in the hour of a time.
#[derive(Debug, Clone)]
pub(crate) struct Counter {
    pub key: PrimaryKey,
    minute: String,
    expires_at: i64,
}

impl Counter {
    pub fn of(hash: &ApiKeyHash, now: Timestamp) -> Self {
        let seconds = now.epoch_seconds();
        let hour = seconds.div_euclid(HOUR_SECONDS);
        let minute = seconds.rem_euclid(HOUR_SECONDS) / 60;
        Self {
            key: PrimaryKey::of("USES", hash.as_str()).beside(format!("HOUR#{hour:07}")),
            minute: format!("minute{minute:02}"),
            expires_at: hour * HOUR_SECONDS + COUNTER_KEPT_SECONDS,
        }
    }

    /// The requests that the item has counted.
    pub fn uses(&self, item: &Item) -> Uses {
        let count = |name: &str| item.get(name).and_then(|count| count.as_n().ok()?.parse().ok()).unwrap_or(0);
        Uses { minute: count(&self.minute), hour: count(HOUR) }
    }

    /// One request more; with limits, only if it is within them.
    fn increment(&self, limits: Option<UseLimits>) -> Write {
        let update = "ADD #hour :one, #minute :one SET #expiresAt = :expiresAt, #entityType = :type";
        let condition = "(attribute_not_exists(#hour) OR #hour < :hourLimit) AND \
                         (attribute_not_exists(#minute) OR #minute < :minuteLimit)";
        let write = Write::update(self.key.clone(), update, if limits.is_some() { condition } else { "" })
            .alias("#minute", &self.minute)
            .value(":one", n(1))
            .value(&format!(":{EXPIRES_AT}"), n(self.expires_at))
            .value(":type", s("UseCounter"));
        match limits {
            Some(limits) => write.value(":hourLimit", n(limits.hour)).value(":minuteLimit", n(limits.minute)),
            None => write,
        }
    }

    /// Counts a request, once: a count is not worth a second attempt.
    async fn count(self, client: Client, table: String, limits: Option<UseLimits>) -> CountAnswer {
        const OPERATION: &str = "UpdateItem";
        let write = self.increment(limits);
        let Action::Update(key, update) = &write.action else {
            return Err(StoreError::unknown(OPERATION, "no update"));
        };
        let request = client
            .update_item()
            .table_name(table)
            .set_key(Some(key.clone().into_attributes()))
            .update_expression(update)
            .set_condition_expression(limits.map(|_| write.condition.clone()))
            .set_expression_attribute_names(write.names())
            .set_expression_attribute_values(write.values())
            .return_values(ReturnValue::UpdatedNew)
            .return_values_on_condition_check_failure(OLD_IMAGE)
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        match timeout(COUNT_TIMEOUT, request.send()).await {
            Err(_) => Err(StoreError::new(FailureKind::TimedOut, OPERATION, "a count took too long")),
            Ok(Ok(answer)) => {
                let uses = self.uses(answer.attributes.as_ref().unwrap_or(&Item::new()));
                Ok((Counted::Done(uses), units(answer.consumed_capacity.as_slice())))
            }
            Ok(Err(error)) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(failed)) => {
                    Ok((Counted::Refused(self.uses(failed.item().unwrap_or(&Item::new()))), 0.0))
                }
                Some(_) | None => Err(StoreError::from_sdk(OPERATION, error)),
            },
        }
    }
}

pub(crate) type CountAnswer = Result<(Counted, f64), StoreError>;

/// The outcome of a count.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Counted {
    /// The request is counted; the requests with it.
    Done(Uses),
    /// The request is not counted, since it exceeds a limit; the requests without it.
    Refused(Uses),
}

/// The requests of a key as far as its look-up tells.
#[derive(Debug)]
pub struct FoundUses {
    counter: Counter,
    stored: Uses,
    ahead: Ahead,
}

/// The outcome of the count beside the look-up.
#[derive(Debug, Clone, Copy)]
enum Ahead {
    /// There was none: the instance does not know the key, or knows that nothing is left.
    NotTried,
    Counted(Counted),
    Failed,
}

/// The memory of an instance of the keys that were used in it. Limits and use are read again with each request: the memory
/// only decides whether a request is counted beside that read or after it.
#[derive(Debug, Clone, Default)]
pub(crate) struct KnownKeys(Arc<Mutex<HashMap<String, KnownKey>>>);

#[derive(Debug, Clone, Copy)]
struct KnownKey {
    limits: UseLimits,
    /// The time until which nothing is left.
    used_up_until: Option<Timestamp>,
}

impl KnownKeys {
    /// The limits of a key that may be counted for before it is read.
    fn expected(&self, hash: &ApiKeyHash, now: Timestamp) -> Option<UseLimits> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = known.get(hash.as_str()).filter(|key| key.used_up_until.is_none_or(|until| until <= now));
        key.map(|key| key.limits)
    }

    fn remember(&self, hash: &ApiKeyHash, status: &UseStatus) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= KEYS_REMEMBERED_MAX && !known.contains_key(hash.as_str()) {
            known.clear();
        }
        let used_up_until = status.used_up().map(|window| window.resets_at);
        known.insert(hash.as_str().to_owned(), KnownKey { limits: status.limits, used_up_until });
    }

    fn forget(&self, hash: &ApiKeyHash) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(hash.as_str());
    }
}

impl Session {
    /// Begins to count a request of a key that this instance knows, beside what comes next.
    pub(crate) fn count_ahead(&mut self, hash: &ApiKeyHash, now: Timestamp) -> Counter {
        let counter = Counter::of(hash, now);
        if let Some(limits) = self.known_keys.expected(hash, now) {
            self.start_count(counter.clone(), Some(limits));
        }
        counter
    }

    fn start_count(&mut self, counter: Counter, limits: Option<UseLimits>) {
        self.cost.requests += 1;
        self.counting = Some(tokio::spawn(counter.count(self.client.clone(), self.table.clone(), limits)));
    }

    /// The requests of a key: what its item had counted, and what became of the count beside the reading.
    pub(crate) async fn found_uses(&mut self, counter: Counter, item: Option<&Item>) -> FoundUses {
        let stored = item.map(|item| counter.uses(item)).unwrap_or_default();
        let ahead = match self.counting.take() {
            None => Ahead::NotTried,
            Some(counting) => self.counted(counting).await.map_or(Ahead::Failed, Ahead::Counted),
        };
        FoundUses { counter, stored, ahead }
    }

    /// The outcome of a count; none if counting failed.
    async fn counted(&mut self, counting: JoinHandle<CountAnswer>) -> Option<Counted> {
        if let Ok(Ok((counted, write_units))) = counting.await {
            self.cost.write_units += write_units;
            return Some(counted);
        }
        self.cost.count_failures += 1;
        None
    }

    /// Counts a request of an admitted key, unless that was done beside its look-up.
    ///
    /// If counting fails, the request passes by what was read.
    ///
    /// # Errors
    /// The use of the key, of which nothing is left.
    pub fn use_key(
        &mut self,
        hash: &ApiKeyHash,
        limits: KeyLimits,
        found: FoundUses,
        now: Timestamp,
    ) -> Result<UseStatus, UseStatus> {
        let limits = limits.effective();
        let FoundUses { counter, stored, ahead } = found;
        let status = |uses| UseStatus { limits, uses, now };
        let before = match ahead {
            Ahead::Counted(Counted::Done(uses)) => {
                self.known_keys.remember(hash, &status(uses));
                let is_within = uses.minute <= limits.minute && uses.hour <= limits.hour;
                return if is_within { Ok(status(uses)) } else { Err(status(uses)) };
            }
            Ahead::Counted(Counted::Refused(uses)) => uses,
            Ahead::NotTried | Ahead::Failed => stored,
        };
        if before.minute >= limits.minute || before.hour >= limits.hour {
            self.known_keys.remember(hash, &status(before));
            return Err(status(before));
        }
        match ahead {
            Ahead::NotTried | Ahead::Counted(_) => self.start_count(counter, None),
            Ahead::Failed => {}
        }
        self.known_keys.remember(hash, &status(before.and_one()));
        Ok(status(before.and_one()))
    }

    /// Forgets a key that does not work.
    pub fn forget_key(&self, hash: &ApiKeyHash) {
        self.known_keys.forget(hash);
    }

    /// Ends the session: waits for the count that is under way, and returns the cost.
    pub async fn finish(mut self) -> crate::Cost {
        if let Some(counting) = self.counting.take() {
            self.counted(counting).await;
        }
        self.cost()
    }
}

impl Store {
    /// Sets the limits of one key in place of its owner's; without limits, its owner's apply again.
    pub async fn set_key_limits(
        &self,
        id: ApiKeyId,
        limits: Option<UseLimits>,
        now: Timestamp,
    ) -> Result<ApiKey, OperatorError> {
        let (key, old) = find(&mut self.session(), id).await?;
        let before = old.value.limits.own_limits;
        if before == limits {
            return Ok(old.value);
        }
        let key_limits = KeyLimits { own_limits: limits, ..old.value.limits };
        let new = ApiKey { limits: key_limits, updated_at: now, ..old.value.clone() };
        let entry = self.entry(HistoryAction::SetKeyLimits, id, Some(new.owner), now);
        let entry = entry.value("limits", before, limits);
        self.commit(Transaction::of(OperatorError::Changed, Write::change(key, &old, &new)?), entry).await?;
        Ok(new)
    }

    /// Sets the limits of each key of a company in place of its plan's; without limits, its plan's apply again.
    pub async fn set_company_limits(
        &self,
        id: CompanyId,
        limits: Option<UseLimits>,
        now: Timestamp,
    ) -> Result<(), OperatorError> {
        let (old, _) = read_company(&mut self.session(), id).await?;
        let new = Company { limits, updated_at: now, ..old.value.clone() };
        if old.value.limits != limits {
            let entry = self.entry(HistoryAction::SetCompanyLimits, id, Some(id.into()), now);
            let entry = entry.value("limits", old.value.limits, limits);
            let write = Write::change(id.key(), &old, &new)?;
            self.commit(Transaction::of(OperatorError::Changed, write), entry).await?;
        }
        self.copy_limits(id, new.key_limits()).await
    }

    /// Copies the limits of a company's keys into each of them. Not part of the change that it follows: a company may have
    /// more keys than a transaction takes. Whoever repeats the change copies them again.
    pub(crate) async fn copy_limits(&self, id: CompanyId, limits: UseLimits) -> Result<(), OperatorError> {
        let partition = list(Owner::Company(id));
        let query =
            Query { index: Some(LISTS), partition, sort_keys: SortKeys::All, newest_first: false, consistent: false };
        let mut after = None;
        loop {
            let mut session = self.session();
            let (entries, next) = session.query(&query, after, Some(KEYS_COPIED_AT_ONCE)).await?;
            for key in entries.iter().filter_map(PrimaryKey::from_item) {
                let write = Write::update(key, "SET #ownerLimits = :limits", "attribute_exists(PK)");
                session.commit_change(Transaction::of((), write.value(":limits", encoded(limits)?))).await?;
            }
            after = next;
            if after.is_none() {
                return Ok(());
            }
        }
    }
}

/// Keys that one session updates, so that each has time.
const KEYS_COPIED_AT_ONCE: u16 = 50;
