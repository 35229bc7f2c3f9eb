//! Deliveries that wait in the table, and the alarm of each webhook that has some.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Delivery, DeliveryId, RetrySchedule, kept_until};
use crate::time::Timestamp;
use crate::webhook::WebhookId;

/// Longest wait of a delivery as a message that is put off; whatever waits longer does so in the table.
///
/// A message that is put off is in flight, of which a queue may have 120,000 for all tenants together. A table of 4,000
/// write units a second, as a new one is, bears some 1,300 failed attempts a second: put off for a minute, as an endpoint
/// can ask for by `Retry-After`, they are 78,000. A shorter wait could not be kept by a sweep each minute.
pub const QUEUED_WAIT_MAX: Duration = Duration::from_secs(60);

/// Most deliveries that wait for one webhook; beyond, the oldest are given up. A company can cause 2,000 in a day by test
/// interviews, and an endpoint that is away over a weekend shall miss nothing.
pub const WAITING_MAX: u64 = 10_000;

/// Most bytes of an order that waits in the table: what DynamoDB takes of an item (400 KB), less room for its keys and
/// times. The order of the largest test interview is smaller; a larger one waits in the queue.
pub const WAITING_JOB_MAX_BYTES: usize = 390 * 1_024;

/// A delivery that waits in the table, with the order that the queue gets when its time has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WaitingDelivery {
    pub webhook_id: WebhookId,
    pub delivery_id: DeliveryId,
    /// The time before which it is not attempted.
    pub due_at: Timestamp,
    /// The time at which it is given up, if its webhook still can't be posted to.
    pub gives_up_at: Timestamp,
    /// The order, as the queue had it.
    pub job: String,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// The time at which the table deletes it, should no sweep have done so, in seconds since 1970.
    pub expires_at: i64,
}

impl WaitingDelivery {
    /// A delivery that waits from now on.
    pub fn new(delivery: &Delivery, job: String, now: Timestamp, schedule: &RetrySchedule) -> Self {
        let gives_up_at = delivery.gives_up_at(schedule);
        Self {
            webhook_id: delivery.webhook_id,
            delivery_id: delivery.id,
            due_at: delivery.next_attempt_at.unwrap_or(delivery.updated_at),
            gives_up_at,
            job,
            created_at: now,
            updated_at: now,
            expires_at: kept_until(gives_up_at),
        }
    }
}

/// The alarm of a webhook: the time at which a sweep looks at its waiting deliveries. One for all of them, so that what
/// waits for one webhook never stands in front of another's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WebhookAlarm {
    pub webhook_id: WebhookId,
    /// The time of the next look.
    pub due_at: Timestamp,
    /// The deliveries that wait. A function that ends between two writes, or an answer that is lost, can make it wrong by
    /// one; it begins anew once none waits.
    pub waiting: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl WebhookAlarm {
    /// The number of deliveries that wait beyond [`WAITING_MAX`].
    pub fn surplus(&self) -> u64 {
        u64::try_from(self.waiting).unwrap_or_default().saturating_sub(WAITING_MAX)
    }
}
