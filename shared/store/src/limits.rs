//! Counters of a key's requests, and the limits that are copied into keys.
//!
//! One item for each key and hour of the clock, with an attribute for the hour and one for each of its minutes. It is read
//! with the caller's key. It is incremented beside another request: beside that very read where this instance knows the
//! key already, under the condition that nothing is exceeded; else beside whatever comes after.
//!
//! The same increment notes the source of the request, as a pseudonym and in a bounded list, so that the use of a key can
//! be told ([`key_use`](crate::key_use)) at no further request.

use std::collections::HashMap;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws::FailureKind;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity, ReturnValue};
use domain::api_key::{ApiKey, ApiKeyHash, ApiKeyId};
use domain::company::{Company, CompanyId, Owner};
use domain::history::HistoryAction;
use domain::idempotency::IdSecret;
use domain::key_use::{HourOfUse, KEY_USE_KEPT, Pseudonym, SOURCES_LISTED_MAX, Source};
use domain::limits::{KeyLimits, UseLimits, UseStatus, Uses};
use domain::time::{Period, Timestamp};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::Store;
use crate::api_key::{find, list};
use crate::company::read_company;
use crate::entity::{EXPIRES_AT, EntityId, Item, encoded, n, s, text};
use crate::error::StoreError;
use crate::key::{LISTS, PrimaryKey, SK};
use crate::operator::OperatorError;
use crate::session::{Query, Session, SortKeys, units};
use crate::write::{Action, OLD_IMAGE, Transaction, Write};

/// Time for counting a request. DynamoDB answers a write in some ten milliseconds, and no caller should wait much longer
/// for a count: without it the request passes.
const COUNT_TIMEOUT: Duration = Duration::from_millis(500);
const HOUR_SECONDS: i64 = 60 * 60;
/// The time that a counter is kept after its hour began.
const KEPT_SECONDS: i64 = KEY_USE_KEPT.as_secs().cast_signed();
/// Most keys that an instance remembers. Each takes some hundred bytes.
const KEYS_REMEMBERED_MAX: usize = 1_000;

/// The beginning of the sort keys of counters.
pub(crate) const COUNTERS: &str = "HOUR#";
/// The attribute of an hour's requests.
const HOUR: &str = "hour";
/// The attribute of the sources of an hour's requests: pseudonyms, at most [`SOURCES_LISTED_MAX`].
const SOURCES: &str = "sources";
/// The attribute of the requests whose source is not among them.
const OF_OTHERS: &str = "ofOthers";

/// The counter of a key in the hour of a time, for a request from a source.
#[derive(Debug, Clone)]
pub(crate) struct Counter {
    pub key: PrimaryKey,
    minute: String,
    expires_at: i64,
    month: Period,
    source: Option<Source>,
}

/// The partition of a key's counters.
pub(crate) fn counters_of(hash: &str) -> PrimaryKey {
    PrimaryKey::of("USES", hash)
}

/// The use of a key in the hour that an item counts.
pub(crate) fn hour_of_use(item: &Item) -> Option<HourOfUse> {
    let hour: i64 = text(item, SK)?.strip_prefix(COUNTERS)?.parse().ok()?;
    let began_at = Timestamp::from_epoch_ms(hour * HOUR_SECONDS * 1_000)?;
    let requests_of_others = count_in(item, OF_OTHERS).unwrap_or(0);
    Some(HourOfUse { began_at, sources: sources_in(item), requests_of_others })
}

fn sources_in(item: &Item) -> Vec<Pseudonym> {
    let listed = item.get(SOURCES).and_then(|sources| sources.as_bs().ok()).map_or(&[][..], Vec::as_slice);
    listed.iter().filter_map(|source| Pseudonym::from_stored(source.as_ref())).collect()
}

fn count_in<N: FromStr>(item: &Item, name: &str) -> Option<N> {
    item.get(name)?.as_n().ok()?.parse().ok()
}

impl Counter {
    pub fn of(hash: &ApiKeyHash, source: Option<Source>, now: Timestamp) -> Self {
        let seconds = now.epoch_seconds();
        let hour = seconds.div_euclid(HOUR_SECONDS);
        let minute = seconds.rem_euclid(HOUR_SECONDS) / 60;
        Self {
            key: counters_of(hash.as_str()).beside(format!("{COUNTERS}{hour:07}")),
            minute: format!("minute{minute:02}"),
            expires_at: hour * HOUR_SECONDS + KEPT_SECONDS,
            month: Period::of(now),
            source,
        }
    }

    /// The pseudonym that the request adds to the sources of its hour; none if the address or the owner's secret is not
    /// known, or if as many others are listed as may be.
    fn pseudonym(&self, known: &KnownSources) -> Option<Pseudonym> {
        let pseudonym = Pseudonym::of(self.source?, known.secret?, &self.month);
        let listed = if known.counter == self.key { known.listed.as_slice() } else { &[] };
        (listed.len() < SOURCES_LISTED_MAX || listed.contains(&pseudonym)).then_some(pseudonym)
    }

    /// The requests that the item has counted.
    pub fn uses(&self, item: &Item) -> Uses {
        let count = |name: &str| count_in(item, name).unwrap_or(0);
        Uses { minute: count(&self.minute), hour: count(HOUR) }
    }

    /// One request more, from that source, if the list of sources has room for it; with limits, only if it is within them.
    /// Without a pseudonym it is counted as one of other sources.
    fn increment(&self, limits: Option<UseLimits>, pseudonym: Option<Pseudonym>) -> Write {
        const WITHIN_LIMITS: &str = "(attribute_not_exists(#hour) OR #hour < :hourLimit) AND \
                                     (attribute_not_exists(#minute) OR #minute < :minuteLimit)";
        const HAS_ROOM: &str = "(attribute_not_exists(#sources) OR size(#sources) < :sourcesMax OR \
                                contains(#sources, :source))";
        let from = if pseudonym.is_some() { "#sources :sources" } else { "#ofOthers :one" };
        let update = format!("ADD #hour :one, #minute :one, {from} SET #expiresAt = :expiresAt, #entityType = :type");
        let conditions = [limits.map(|_| WITHIN_LIMITS), pseudonym.map(|_| HAS_ROOM)];
        let condition = conditions.into_iter().flatten().collect::<Vec<_>>().join(" AND ");
        let mut write = Write::update(self.key.clone(), update, &condition)
            .alias("#minute", &self.minute)
            .value(":one", n(1))
            .value(&format!(":{EXPIRES_AT}"), n(self.expires_at))
            .value(":type", s("UseCounter"));
        if let Some(limits) = limits {
            write = write.value(":hourLimit", n(limits.hour)).value(":minuteLimit", n(limits.minute));
        }
        if let Some(pseudonym) = pseudonym {
            let bytes = Blob::new(pseudonym.as_bytes());
            write = write
                .value(":source", AttributeValue::B(bytes.clone()))
                .value(":sources", AttributeValue::Bs(vec![bytes]))
                .value(":sourcesMax", n(SOURCES_LISTED_MAX));
        }
        write
    }

    /// Counts a request, once: a count is not worth a second attempt. But if the list of sources was filled meanwhile, it
    /// is counted as a request of other sources.
    async fn count(
        self,
        client: Client,
        table: String,
        limits: Option<UseLimits>,
        pseudonym: Option<Pseudonym>,
    ) -> Result<CountAnswer, StoreError> {
        let counting = async {
            let (counted, write_units) = self.send(&client, &table, limits, pseudonym).await?;
            let has_room = |uses: Uses| pseudonym.is_none() || limits.is_some_and(|limits| uses.have_reached(limits));
            match counted {
                Counted::Refused(uses) if !has_room(uses) => {
                    let (counted, write_units) = self.send(&client, &table, limits, None).await?;
                    Ok(CountAnswer { counted, write_units, further_requests: 1 })
                }
                Counted::Refused(_) | Counted::Done(_) => Ok(CountAnswer { counted, write_units, further_requests: 0 }),
            }
        };
        let too_slow = |_| StoreError::new(FailureKind::TimedOut, UPDATE, "a count took too long");
        timeout(COUNT_TIMEOUT, counting).await.map_err(too_slow)?
    }

    /// Sends the increment; answers with the outcome and the write units.
    async fn send(
        &self,
        client: &Client,
        table: &str,
        limits: Option<UseLimits>,
        pseudonym: Option<Pseudonym>,
    ) -> Result<(Counted, f64), StoreError> {
        let write = self.increment(limits, pseudonym);
        let Action::Update(key, update) = &write.action else {
            return Err(StoreError::unknown(UPDATE, "no update"));
        };
        let request = client
            .update_item()
            .table_name(table)
            .set_key(Some(key.clone().into_attributes()))
            .update_expression(update)
            .set_condition_expression(write.condition())
            .set_expression_attribute_names(write.names())
            .set_expression_attribute_values(write.values())
            .return_values(ReturnValue::UpdatedNew)
            .return_values_on_condition_check_failure(OLD_IMAGE)
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        match request.send().await {
            Ok(answer) => {
                let uses = self.uses(answer.attributes.as_ref().unwrap_or(&Item::new()));
                Ok((Counted::Done(uses), units(answer.consumed_capacity.as_slice())))
            }
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(failed)) => {
                    Ok((Counted::Refused(self.uses(failed.item().unwrap_or(&Item::new()))), 0.0))
                }
                Some(_) | None => Err(StoreError::from_sdk(UPDATE, error)),
            },
        }
    }
}

const UPDATE: &str = "UpdateItem";

/// The end of a count.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CountAnswer {
    counted: Counted,
    write_units: f64,
    /// The requests that it took besides the first.
    further_requests: u32,
}

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
    /// The sources that the item lists.
    listed: Vec<Pseudonym>,
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
/// only decides whether a request is counted beside that read or after it, and whether its source is worth listing.
#[derive(Debug, Clone, Default)]
pub(crate) struct KnownKeys(Arc<Mutex<HashMap<String, KnownKey>>>);

#[derive(Debug, Clone)]
struct KnownKey {
    limits: UseLimits,
    /// The time until which nothing is left.
    used_up_until: Option<Timestamp>,
    sources: KnownSources,
}

/// The things that decide how the source of a key's next request is noted.
#[derive(Debug, Clone)]
struct KnownSources {
    /// The secret of the key's owner, with which pseudonyms are made.
    secret: Option<IdSecret>,
    /// The counter that was read last.
    counter: PrimaryKey,
    /// The sources that it listed.
    listed: Vec<Pseudonym>,
}

impl KnownKeys {
    /// A key that may be counted for before it is read.
    fn expected(&self, hash: &ApiKeyHash, now: Timestamp) -> Option<KnownKey> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(hash.as_str()).filter(|key| key.used_up_until.is_none_or(|until| until <= now)).cloned()
    }

    fn remember(&self, hash: &ApiKeyHash, status: &UseStatus, sources: KnownSources) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= KEYS_REMEMBERED_MAX && !known.contains_key(hash.as_str()) {
            known.clear();
        }
        let used_up_until = status.used_up().map(|window| window.resets_at);
        known.insert(hash.as_str().to_owned(), KnownKey { limits: status.limits, used_up_until, sources });
    }

    fn forget(&self, hash: &ApiKeyHash) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(hash.as_str());
    }
}

impl Session {
    /// Begins to count a request of a key that this instance knows, beside what comes next.
    pub(crate) fn count_ahead(&mut self, hash: &ApiKeyHash, source: Option<Source>, now: Timestamp) -> Counter {
        let counter = Counter::of(hash, source, now);
        if let Some(KnownKey { limits, sources, .. }) = self.known_keys.expected(hash, now) {
            self.start_count(counter.clone(), Some(limits), &sources);
        }
        counter
    }

    fn start_count(&mut self, counter: Counter, limits: Option<UseLimits>, sources: &KnownSources) {
        self.cost.requests += 1;
        let pseudonym = counter.pseudonym(sources);
        self.counting = Some(tokio::spawn(counter.count(self.client.clone(), self.table.clone(), limits, pseudonym)));
    }

    /// The requests of a key: what its item had counted, and what became of the count beside the reading.
    pub(crate) async fn found_uses(&mut self, counter: Counter, item: Option<&Item>) -> FoundUses {
        let stored = item.map(|item| counter.uses(item)).unwrap_or_default();
        let ahead = match self.counting.take() {
            None => Ahead::NotTried,
            Some(counting) => self.counted(counting).await.map_or(Ahead::Failed, Ahead::Counted),
        };
        FoundUses { counter, stored, listed: item.map(sources_in).unwrap_or_default(), ahead }
    }

    /// The outcome of a count; none if counting failed.
    async fn counted(&mut self, counting: JoinHandle<Result<CountAnswer, StoreError>>) -> Option<Counted> {
        if let Ok(Ok(CountAnswer { counted, write_units, further_requests })) = counting.await {
            self.cost.requests += further_requests;
            self.cost.write_units += write_units;
            return Some(counted);
        }
        self.cost.count_failures += 1;
        None
    }

    /// Counts a request of an admitted key, unless that was done beside its look-up. Its source is noted with the secret of
    /// the key's owner.
    ///
    /// If counting fails, the request passes by what was read.
    ///
    /// # Errors
    /// The use of the key, of which nothing is left.
    pub fn use_key(
        &mut self,
        hash: &ApiKeyHash,
        limits: KeyLimits,
        secret: Option<IdSecret>,
        found: FoundUses,
        now: Timestamp,
    ) -> Result<UseStatus, UseStatus> {
        let limits = limits.effective();
        let FoundUses { counter, stored, listed, ahead } = found;
        let sources = KnownSources { secret, counter: counter.key.clone(), listed };
        let status = |uses| UseStatus { limits, uses, now };
        let before = match ahead {
            Ahead::Counted(Counted::Done(uses)) => {
                self.known_keys.remember(hash, &status(uses), sources);
                let is_within = uses.minute <= limits.minute && uses.hour <= limits.hour;
                return if is_within { Ok(status(uses)) } else { Err(status(uses)) };
            }
            Ahead::Counted(Counted::Refused(uses)) => uses,
            Ahead::NotTried | Ahead::Failed => stored,
        };
        if before.have_reached(limits) {
            self.known_keys.remember(hash, &status(before), sources);
            return Err(status(before));
        }
        match ahead {
            Ahead::NotTried | Ahead::Counted(_) => self.start_count(counter, None, &sources),
            Ahead::Failed => {}
        }
        self.known_keys.remember(hash, &status(before.and_one()), sources);
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
