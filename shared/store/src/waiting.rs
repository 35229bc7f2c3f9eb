//! Deliveries that wait in the table, beside their webhook, and the one alarm of each webhook that has some.
//!
//! The order of writes makes up for the lack of a transaction, which would have all deliveries of a webhook meet at one
//! item: first the delivery says that it waits, then its order lies in the table, then the alarm is set, and only then is
//! the message that brought it acknowledged. A sweep goes the other way: it sends the order, removes it, and moves the alarm
//! on. Whatever ends in between is done again, and an order that is sent twice does no harm.

use domain::Versioned;
use domain::delivery::{WaitingDelivery, WebhookAlarm};
use domain::time::Timestamp;
use domain::webhook::{Webhook, WebhookId};

use crate::due::{ALARMS, IndexCursor};
use crate::entity::{Entity, EntityId, entity, item_of, n, s, text};
use crate::error::StoreError;
use crate::key::{IndexKey, PrimaryKey, SPARSE};
use crate::page::Page;
use crate::session::{Commit, Query, Session, SortKeys};
use crate::system::SystemSession;
use crate::write::{Transaction, Write};

/// The beginning of the sort keys of waiting deliveries.
const SORT_PREFIX: &str = "WAITING#";
/// A sort key's end that comes after all that begin alike: ids are hexadecimal.
const LAST: &str = "~";

impl Entity for WaitingDelivery {
    const TYPE: &'static str = "WaitingDelivery";
}

/// Waiting deliveries lie beside their webhook, in the order of their times.
fn waiting_key(waiting: &WaitingDelivery) -> PrimaryKey {
    waiting.webhook_id.key().beside(format!("{SORT_PREFIX}{}#{}", waiting.due_at, waiting.delivery_id))
}

impl Entity for WebhookAlarm {
    const TYPE: &'static str = "WebhookAlarm";

    fn index_keys(&self) -> Vec<IndexKey> {
        vec![ALARMS.place(self.webhook_id.uuid(), self.due_at)]
    }
}

fn alarm_key(id: WebhookId) -> PrimaryKey {
    id.key().beside("ALARM".to_owned())
}

/// An alarm in the index, which may have been moved on since.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DueAlarm {
    /// The webhook.
    pub webhook_id: WebhookId,
    /// The time of the look.
    pub due_at: Timestamp,
}

/// A webhook whose alarm is due.
#[derive(Debug, Clone, PartialEq)]
pub struct WebhookState {
    /// The alarm.
    pub alarm: Versioned<WebhookAlarm>,
    /// The webhook; none if it was deleted.
    pub webhook: Option<Webhook>,
    /// True if the company that has the webhook is suspended.
    pub is_suspended: bool,
}

/// The oldest of the deliveries that wait for a webhook.
#[derive(Debug, Clone, PartialEq)]
pub struct WaitingPage {
    /// The deliveries, oldest first.
    pub deliveries: Vec<Versioned<WaitingDelivery>>,
    /// True if more may follow.
    pub has_more: bool,
}

impl Session {
    /// Has a delivery wait in the table, and a sweep look at its webhook at that time at the latest.
    pub async fn hold_delivery(&mut self, waiting: &WaitingDelivery, look_at: Timestamp) -> Result<(), StoreError> {
        let is_new = self.put_waiting(waiting).await?;
        self.set_alarm(waiting.webhook_id, look_at, u64::from(is_new), waiting.updated_at).await
    }

    /// Writes a waiting delivery. True if it did not wait already. One that did gets another version, by which a sweep that
    /// has just sent it sees that it waits anew.
    async fn put_waiting(&mut self, waiting: &WaitingDelivery) -> Result<bool, StoreError> {
        let key = waiting_key(waiting);
        loop {
            let stored = match self.commit(Transaction::of((), Write::create(key.clone(), waiting)?)).await? {
                Commit::Done => return Ok(true),
                Commit::Failed((), stored) => stored,
            };
            if let Some(Versioned { version, .. }) = stored.map(entity::<WaitingDelivery>).transpose()? {
                let write = Write::replace(item_of(key.clone(), waiting, version + 1)?, version);
                if matches!(self.commit(Transaction::of((), write)).await?, Commit::Done) {
                    return Ok(false);
                }
            }
            // A sweep removed it meanwhile.
            self.pause_after_change().await?;
        }
    }

    /// Sets the alarm of a webhook, or moves it to an earlier time. Its version changes in any case, so that a sweep that
    /// has read it before does not move it on.
    async fn set_alarm(
        &mut self,
        id: WebhookId,
        due_at: Timestamp,
        added: u64,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        loop {
            let earlier =
                moved(id, due_at, now, "attribute_not_exists(PK) OR #dueAt > :dueAt").value(":added", n(added));
            if matches!(self.commit(Transaction::of((), earlier)).await?, Commit::Done) {
                return Ok(());
            }
            let update = "SET #waiting = #waiting + :added, #version = #version + :one, #updatedAt = :now";
            let as_early = Write::update(alarm_key(id), update, "#dueAt <= :dueAt")
                .value(":dueAt", s(due_at))
                .value(":added", n(added))
                .value(":one", n(1))
                .value(":now", s(now));
            if matches!(self.commit(Transaction::of((), as_early)).await?, Commit::Done) {
                return Ok(());
            }
            self.pause_after_change().await?;
        }
    }

    /// Has the next sweep look at a webhook, if deliveries wait for it. Should this fail, a sweep looks within the quarter
    /// of an hour after which it looks at any webhook that is held; nothing else depends on it.
    pub(crate) async fn wake(&mut self, id: WebhookId, now: Timestamp) {
        let write = moved(id, now, now, "attribute_exists(PK)").value(":added", n(0));
        let _ = self.commit(Transaction::of((), write)).await;
    }
}

/// The write that moves an alarm to a time, and counts `:added` deliveries more.
fn moved(id: WebhookId, due_at: Timestamp, now: Timestamp, condition: &str) -> Write {
    let IndexKey { index, partition, sort } = ALARMS.place(id.uuid(), due_at);
    let (shard, place) = (index.partition_attribute, index.sort_attribute);
    let update = format!(
        "SET #dueAt = :dueAt, #{shard} = :shard, #{place} = :place, #webhookId = :id, #entityType = :type, \
         #waiting = if_not_exists(#waiting, :zero) + :added, #version = if_not_exists(#version, :zero) + :one, \
         #createdAt = if_not_exists(#createdAt, :now), #updatedAt = :now"
    );
    Write::update(alarm_key(id), update, condition)
        .value(":dueAt", s(due_at))
        .value(":shard", s(partition))
        .value(":place", s(sort))
        .value(":id", s(id))
        .value(":type", s(WebhookAlarm::TYPE))
        .value(":zero", n(0))
        .value(":one", n(1))
        .value(":now", s(now))
}

impl SystemSession {
    /// A page of the alarms that are due in a shard, oldest first, and at most `limit`.
    pub async fn due_alarms(
        &mut self,
        number: u8,
        now: Timestamp,
        after: Option<IndexCursor>,
        limit: u16,
    ) -> Result<Page<DueAlarm, IndexCursor>, StoreError> {
        let Page { items, next } = self.due(ALARMS, number, now, after, limit).await?;
        let alarms = items.iter().map(|item| {
            let place = text(item, SPARSE.sort_attribute).and_then(|place| place.split_once('#'));
            let alarm = place.and_then(|(due_at, id)| Some((due_at.parse().ok()?, id.parse().ok()?)));
            let (due_at, webhook_id) =
                alarm.ok_or_else(|| StoreError::unknown("decode", "an alarm without its time"))?;
            Ok(DueAlarm { webhook_id, due_at })
        });
        Ok(Page { items: alarms.collect::<Result<_, StoreError>>()?, next })
    }

    /// The webhooks of alarms, as they stand now: those whose alarm still is due.
    pub async fn webhooks_of(&mut self, due: &[DueAlarm], now: Timestamp) -> Result<Vec<WebhookState>, StoreError> {
        let keys = due.iter().flat_map(|due| [alarm_key(due.webhook_id), due.webhook_id.key()]);
        let mut items = self.session.get(keys.collect()).await?;
        let mut states = Vec::new();
        for DueAlarm { webhook_id, .. } in due {
            let Some(alarm) = items.remove(&alarm_key(*webhook_id)) else { continue };
            let alarm = entity::<WebhookAlarm>(alarm)?;
            let webhook = items.remove(&webhook_id.key()).map(entity::<Webhook>).transpose()?;
            if alarm.value.due_at <= now {
                states.push(WebhookState { alarm, webhook: webhook.map(|stored| stored.value), is_suspended: false });
            }
        }
        let owners: Vec<_> = states.iter().filter_map(|state| Some(state.webhook.as_ref()?.owner)).collect();
        let suspended = self.session.suspended(&owners).await?;
        for state in &mut states {
            let owner = state.webhook.as_ref().map(|webhook| webhook.owner);
            state.is_suspended = suspended.iter().any(|id| owner == Some((*id).into()));
        }
        Ok(states)
    }

    /// The oldest deliveries that wait for a webhook, at most `limit`: those that are due by a time, if one is given.
    pub async fn waiting(
        &mut self,
        id: WebhookId,
        due_by: Option<Timestamp>,
        limit: u16,
    ) -> Result<WaitingPage, StoreError> {
        let sort_keys = match due_by {
            Some(time) => SortKeys::Between(SORT_PREFIX.to_owned(), format!("{SORT_PREFIX}{time}{LAST}")),
            None => SortKeys::Prefix(SORT_PREFIX.to_owned()),
        };
        let partition = id.key().partition().to_owned();
        let query = Query { index: None, partition, sort_keys, newest_first: false, consistent: true };
        let (items, next) = self.session.query(&query, None, Some(limit)).await?;
        let deliveries = items.into_iter().map(entity::<WaitingDelivery>).collect::<Result<_, StoreError>>()?;
        Ok(WaitingPage { deliveries, has_more: next.is_some() })
    }

    /// Removes a waiting delivery, unless it waits anew since it was read. True if it was there.
    pub async fn remove_waiting(&mut self, waiting: &Versioned<WaitingDelivery>) -> Result<bool, StoreError> {
        let write = Write::remove(waiting_key(&waiting.value), waiting.version, waiting.value.created_at);
        Ok(matches!(self.session.commit(Transaction::of((), write)).await?, Commit::Done))
    }

    /// Moves an alarm on, or removes it if there is no next look, unless it has changed since it was read: then only the
    /// deliveries that were removed are counted, and it stays due.
    pub async fn move_alarm(
        &mut self,
        alarm: &Versioned<WebhookAlarm>,
        look_at: Option<Timestamp>,
        removed: u64,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let id = alarm.value.webhook_id;
        let removed = i64::try_from(removed).unwrap_or(i64::MAX);
        let write = match look_at {
            Some(time) => moved(id, time, now, "#version = :read AND #createdAt = :createdAt")
                .value(":read", n(alarm.version))
                .value(":createdAt", s(alarm.value.created_at))
                .value(":added", n(-removed)),
            None => Write::remove(alarm_key(id), alarm.version, alarm.value.created_at),
        };
        match self.session.commit(Transaction::of((), write)).await? {
            Commit::Done => Ok(()),
            Commit::Failed((), _) => self.uncount(id, removed, now).await,
        }
    }

    /// Takes removed deliveries off the count of an alarm that stays due.
    pub async fn uncount(&mut self, id: WebhookId, removed: i64, now: Timestamp) -> Result<(), StoreError> {
        if removed == 0 {
            return Ok(());
        }
        let update = "SET #waiting = #waiting - :removed, #version = #version + :one, #updatedAt = :now";
        let write = Write::update(alarm_key(id), update, "attribute_exists(PK)")
            .value(":removed", n(removed))
            .value(":one", n(1))
            .value(":now", s(now));
        self.session.commit(Transaction::of((), write)).await.map(drop)
    }
}
