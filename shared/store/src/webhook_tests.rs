//! Tests of webhooks: one at a time for each webhook, and so many in a minute.

use domain::delivery::{Delivery, DeliveryId};
use domain::limits::{MINUTE, RateLimited, WEBHOOK_TEST_MAX, WEBHOOK_TESTS_AT_A_TIME, WEBHOOK_TESTS_PER_MINUTE};
use domain::time::Timestamp;
use domain::webhook::WebhookId;
use serde::{Deserialize, Serialize};

use crate::delivery::DeliveryAddress;
use crate::entity::{ENTITY_TYPE, Entity, EntityId, entity, n, s};
use crate::error::StoreError;
use crate::key::PrimaryKey;
use crate::session::{Commit, Session, Updated};
use crate::write::{Transaction, Write};

/// Time for which the item is kept after the last test: longer than any window that it counts.
const KEPT_SECONDS: i64 = 60 * 60;

/// The latest tests of a webhook, beside the webhook.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WebhookTests {
    /// The beginning of the minute that is counted.
    minute: Timestamp,
    /// The tests that began in it.
    count: u32,
    /// The test that began last; none once it has ended.
    running: Option<DeliveryId>,
    /// The time at which that is over, whatever became of it.
    running_until: Option<Timestamp>,
    created_at: Timestamp,
    updated_at: Timestamp,
    expires_at: i64,
}

impl Entity for WebhookTests {
    const TYPE: &'static str = "WebhookTests";
}

fn tests_key(id: WebhookId) -> PrimaryKey {
    id.key().beside("TESTS".to_owned())
}

/// The step by which a test begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// The first test in a minute.
    OpenMinute,
    /// Another test in the minute that is counted.
    Count,
}

/// Begins a test, unless another one is under way or the webhook had its share of the minute.
fn begin(id: WebhookId, test: DeliveryId, step: Step, now: Timestamp) -> Write {
    let (count, in_time) = match step {
        Step::OpenMinute => ("#minute = :minute, #count = :one", "(attribute_not_exists(PK) OR #minute < :minute)"),
        Step::Count => ("#count = #count + :one", "#minute >= :minute AND #count < :max"),
    };
    let update = format!(
        "SET {count}, #running = :test, #runningUntil = :until, #{ENTITY_TYPE} = :type, #updatedAt = :now, \
         #createdAt = if_not_exists(#createdAt, :now), #version = if_not_exists(#version, :zero) + :one, \
         #expiresAt = :expiresAt"
    );
    let condition = format!("{in_time} AND (attribute_not_exists(#runningUntil) OR #runningUntil <= :now)");
    let write = Write::update(tests_key(id), update, &condition)
        .value(":minute", s(now.start_of(MINUTE)))
        .value(":test", s(test))
        .value(":until", s(now.saturating_add(WEBHOOK_TEST_MAX)))
        .value(":type", s(WebhookTests::TYPE))
        .value(":now", s(now))
        .value(":zero", n(0))
        .value(":one", n(1))
        .value(":expiresAt", n(now.epoch_seconds() + KEPT_SECONDS));
    match step {
        Step::OpenMinute => write,
        Step::Count => write.value(":max", n(WEBHOOK_TESTS_PER_MINUTE)),
    }
}

/// Ends a test that is under way. One that was made counts, one that was not does not.
fn end(id: WebhookId, test: DeliveryId, was_made: bool, now: Timestamp) -> Write {
    let count = if was_made { "" } else { "#count = #count - :one, " };
    let update = format!("SET {count}#version = #version + :one, #updatedAt = :now REMOVE #running, #runningUntil");
    Write::update(tests_key(id), update, "#running = :test")
        .value(":test", s(test))
        .value(":one", n(1))
        .value(":now", s(now))
}

enum Ending {
    Delivery,
    Tests,
}

impl Session {
    /// Begins a test of a webhook, which keeps all others of that webhook out until it ends, or is over at the latest.
    /// `test` is the id of its delivery.
    pub async fn begin_webhook_test(
        &mut self,
        id: WebhookId,
        test: DeliveryId,
        now: Timestamp,
    ) -> Result<Result<(), RateLimited>, StoreError> {
        let mut step = Step::OpenMinute;
        loop {
            let item = match self.commit(Transaction::of((), begin(id, test, step, now))).await? {
                Commit::Done => return Ok(Ok(())),
                Commit::Failed((), item) => item,
            };
            let next = match item.map(entity::<WebhookTests>).transpose()?.map(|tests| tests.value) {
                None => Step::OpenMinute,
                // The first answer was lost.
                Some(tests) if tests.running == Some(test) => return Ok(Ok(())),
                Some(WebhookTests { running_until: Some(until), .. }) if until > now => {
                    let (what, limit) = ("test of a webhook at a time", WEBHOOK_TESTS_AT_A_TIME);
                    return Ok(Err(RateLimited { what, limit, resets_at: until }));
                }
                Some(tests) if tests.minute < now.start_of(MINUTE) => Step::OpenMinute,
                Some(tests) if tests.count >= WEBHOOK_TESTS_PER_MINUTE => {
                    let (what, limit) = ("tests of a webhook in a minute", WEBHOOK_TESTS_PER_MINUTE);
                    return Ok(Err(RateLimited { what, limit, resets_at: tests.minute.saturating_add(MINUTE) }));
                }
                Some(_) => Step::Count,
            };
            if next == step {
                // It changed between the write and the look at what failed it.
                self.pause_after_change().await?;
            }
            step = next;
        }
    }

    /// Ends a test that was made: writes its delivery, and lets the next one begin.
    pub async fn end_webhook_test(&mut self, delivery: &Delivery, now: Timestamp) -> Result<(), StoreError> {
        let key = DeliveryAddress { webhook_id: delivery.webhook_id, id: delivery.id }.key();
        let mut transaction = Transaction::of(Ending::Delivery, Write::create(key, delivery)?);
        transaction.add(Ending::Tests, end(delivery.webhook_id, delivery.id, true, now));
        match self.commit(transaction).await? {
            Commit::Done | Commit::Failed(Ending::Delivery, _) => Ok(()),
            // It took longer than it may, and another one is under way.
            Commit::Failed(Ending::Tests, _) => {
                let (Updated::Applied | Updated::Outdated) = self.write_delivery(None, delivery).await?;
                Ok(())
            }
        }
    }

    /// Ends a test that could not be made: it does not count.
    pub async fn cancel_webhook_test(
        &mut self,
        id: WebhookId,
        test: DeliveryId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let cancelled = self.commit(Transaction::of((), end(id, test, false, now))).await?;
        match cancelled {
            Commit::Done | Commit::Failed((), _) => Ok(()),
        }
    }
}
