//! Deliveries: the announcement of one event to one webhook, attempt by attempt.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::string_enum::string_enum;
use crate::{CompanyId, DeliveryId, Event, EventType, InterviewId, Timestamp, WebhookId};

/// Attempts of a delivery before it is given up.
pub const ATTEMPTS: usize = 10;
/// Longest wait that an endpoint may ask for.
pub const RETRY_AFTER_MAX: Duration = Duration::from_secs(12 * 60 * 60);
/// How far a wait lies from the planned one, as a share of it, so that what failed together is not repeated together.
const JITTER: f64 = 0.1;
/// How long a delivery is remembered after its last change, in days.
pub const DELIVERY_KEPT_DAYS: u64 = 30;
/// Most bytes of an endpoint's answer that are kept, for its owner to read.
pub const RESPONSE_KEPT_MAX_BYTES: usize = 1_024;

/// How fast things happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pace {
    /// The wait before each attempt, counted from the one before.
    pub waits: [Duration; ATTEMPTS],
    /// How long an endpoint must have failed, besides [`Circuit::FAILURES`](crate::Circuit::FAILURES) times.
    pub circuit_opens_after: Duration,
    /// How often an endpoint is tried out while its circuit is open.
    pub probe_every: Duration,
    /// How often it is looked whether a paused webhook goes on.
    pub look_after_paused_every: Duration,
    /// How long a second message for the same delivery leaves the first one alone.
    pub stand_by: Duration,
    /// How long a delivery is kept waiting by a pause or an open circuit, all attempts included. Less than the 14 days
    /// for which SQS keeps a message, more than all attempts take (54 hours).
    pub give_up_after: Duration,
}

impl Pace {
    /// That of a deployment.
    pub const STANDARD: Self = {
        const MINUTE: u64 = 60;
        const HOUR: u64 = 60 * MINUTE;
        const WAITS: [u64; ATTEMPTS] =
            [0, 5, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 12 * HOUR, 12 * HOUR, 12 * HOUR];
        Self::of_seconds(WAITS, HOUR, 15 * MINUTE, 15 * MINUTE, MINUTE, 4 * 24 * HOUR)
    };

    /// For trying things out: whole seconds, because SQS counts in them.
    pub const FAST: Self = Self::of_seconds([0, 1, 1, 2, 2, 3, 3, 4, 4, 5], 10, 3, 2, 1, 60);

    const fn of_seconds(
        waits: [u64; ATTEMPTS],
        circuit_opens_after: u64,
        probe_every: u64,
        look_after_paused_every: u64,
        stand_by: u64,
        give_up_after: u64,
    ) -> Self {
        let mut durations = [Duration::ZERO; ATTEMPTS];
        let mut attempt = 0;
        while attempt < ATTEMPTS {
            durations[attempt] = Duration::from_secs(waits[attempt]);
            attempt += 1;
        }
        Self {
            waits: durations,
            circuit_opens_after: Duration::from_secs(circuit_opens_after),
            probe_every: Duration::from_secs(probe_every),
            look_after_paused_every: Duration::from_secs(look_after_paused_every),
            stand_by: Duration::from_secs(stand_by),
            give_up_after: Duration::from_secs(give_up_after),
        }
    }
}

/// A planned wait, moved by a random share: `chance` is a number from 0 to 1.
fn jittered(wait: Duration, chance: f64) -> Duration {
    wait.mul_f64(1.0 + JITTER * (2.0 * chance.clamp(0.0, 1.0) - 1.0))
}

/// A wait for something that does not happen earlier, made longer by a random share.
pub fn lengthened(wait: Duration, chance: f64) -> Duration {
    wait.mul_f64(1.0 + JITTER * chance.clamp(0.0, 1.0))
}

string_enum! {
    /// How an attempt ended.
    pub enum AttemptOutcome {
        /// With a status from 200 to 299, in time.
        Delivered = "DELIVERED",
        /// With another status.
        BadStatus = "BAD_STATUS",
        /// With a redirect, which is not followed.
        Redirect = "REDIRECT",
        /// With 410: nobody is there any more.
        Gone = "GONE",
        /// Not within 15 seconds.
        Timeout = "TIMEOUT",
        /// The host's name has no address.
        DnsFailed = "DNS_FAILED",
        /// The host's address is none that we post to.
        AddressRefused = "ADDRESS_REFUSED",
        /// No connection.
        ConnectFailed = "CONNECT_FAILED",
        /// No trust in the endpoint's certificate, or no common version of TLS.
        TlsFailed = "TLS_FAILED",
        /// The connection was lost, or what came was not HTTP.
        ResponseBroken = "RESPONSE_BROKEN",
    }
}

string_enum! {
    /// How far a delivery is.
    pub enum DeliveryStatus {
        /// Attempts are being made.
        Pending = "PENDING",
        /// The endpoint has it.
        Succeeded = "SUCCEEDED",
        /// It was given up.
        Failed = "FAILED",
    }
}

/// The order to deliver an event to a webhook: what the queue holds.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeliveryOrder {
    /// To whom.
    pub webhook_id: WebhookId,
    /// Which delivery this is.
    pub delivery_id: DeliveryId,
    /// What happened.
    pub event: EventType,
    /// When.
    pub occurred_at: Timestamp,
    /// Whose it is; none for a ping.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company_id: Option<CompanyId>,
    /// To which interview; none for a ping.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interview_id: Option<InterviewId>,
    /// What subscribers are told, as JSON.
    pub data: Box<RawValue>,
}

impl DeliveryOrder {
    /// The order for one event and one webhook.
    pub fn new(event: &Event, webhook_id: WebhookId) -> Self {
        Self {
            webhook_id,
            delivery_id: event.delivery_to(webhook_id),
            event: event.r#type,
            occurred_at: event.occurred_at,
            company_id: event.company_id,
            interview_id: event.interview_id,
            data: event.data.clone(),
        }
    }

    /// The order to deliver once more what was delivered before.
    pub fn again(delivery: &Delivery, event: Event) -> Self {
        Self { delivery_id: delivery.id, ..Self::new(&event, delivery.webhook_id) }
    }
}

/// The message that brought an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Message<'a> {
    /// The queue's name for it.
    pub id: &'a str,
    /// When it was sent.
    pub sent_at: Timestamp,
}

/// One attempt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct AttemptRecord {
    /// When it began.
    pub at: Timestamp,
    /// How it ended.
    pub outcome: AttemptOutcome,
    /// The endpoint's answer, if there was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http_status: Option<u16>,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// The beginning of what the endpoint answered, at most 1,024 bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_body: Option<String>,
}

/// The announcement of one event to one webhook. Holds nothing of what is told but the interview's id.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Delivery {
    /// Its identity.
    pub id: DeliveryId,
    /// To whom.
    pub webhook_id: WebhookId,
    /// What happened.
    pub event: EventType,
    /// When.
    pub occurred_at: Timestamp,
    /// Whose it is; none for a ping.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company_id: Option<CompanyId>,
    /// To which interview; none for a ping.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interview_id: Option<InterviewId>,
    /// How far it is.
    pub status: DeliveryStatus,
    /// Attempts made.
    pub attempts: u32,
    /// Where it is in its series of [`ATTEMPTS`].
    pub step: usize,
    /// When the series began.
    pub series_began_at: Timestamp,
    /// When the next attempt is planned; none: there will be no other.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_attempt_at: Option<Timestamp>,
    /// The latest attempt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_attempt: Option<AttemptRecord>,
    /// The message that attempts are made for. Others for the same delivery stand by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
    /// When it was first taken up.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// When the table deletes it, in seconds since 1970.
    pub expires_at: i64,
}

/// What is to be done about an order.
#[derive(Debug, Clone, PartialEq)]
pub enum Turn {
    /// Nothing, ever again: the delivery is over.
    Done,
    /// Nothing before that time.
    NotBefore(Timestamp),
    /// An attempt, on that delivery.
    Attempt(Box<Delivery>),
}

impl Delivery {
    /// A delivery that nobody has heard of yet.
    pub fn new(order: &DeliveryOrder, now: Timestamp) -> Self {
        Self {
            id: order.delivery_id,
            webhook_id: order.webhook_id,
            event: order.event,
            occurred_at: order.occurred_at,
            company_id: order.company_id,
            interview_id: order.interview_id,
            status: DeliveryStatus::Pending,
            attempts: 0,
            step: 0,
            series_began_at: now,
            next_attempt_at: Some(now),
            last_attempt: None,
            message_id: None,
            created_at: now,
            updated_at: now,
            expires_at: kept_until(now),
        }
    }

    /// What is to be done about an order that a message brings, given what is known of the delivery.
    ///
    /// The queue may deliver a message twice, and the publisher may send two for one delivery. The first one that is
    /// attempted is in charge; another one only looks after it, and takes over if the first has been lost. A delivery
    /// that was given up begins anew with a message that was sent since: somebody took it out of the dead letters.
    pub fn turn(known: Option<Self>, order: &DeliveryOrder, message: Message<'_>, now: Timestamp, pace: &Pace) -> Turn {
        let Some(delivery) = known else { return Turn::Attempt(Box::new(Self::new(order, now))) };
        match delivery.status {
            DeliveryStatus::Succeeded => Turn::Done,
            DeliveryStatus::Failed if message.sent_at <= delivery.updated_at => Turn::Done,
            DeliveryStatus::Failed => Turn::Attempt(Box::new(delivery.again(now))),
            DeliveryStatus::Pending => {
                let in_charge = delivery.message_id.as_deref().is_none_or(|id| id == message.id);
                let patience = if in_charge { Duration::ZERO } else { pace.stand_by };
                let due = delivery.next_attempt_at.unwrap_or(delivery.updated_at).saturating_add(patience);
                if due <= now { Turn::Attempt(Box::new(delivery)) } else { Turn::NotBefore(due) }
            }
        }
    }

    /// The same delivery at the beginning of a new series.
    pub fn again(self, now: Timestamp) -> Self {
        Self {
            status: DeliveryStatus::Pending,
            step: 0,
            series_began_at: now,
            next_attempt_at: Some(now),
            message_id: None,
            ..self
        }
        .changed(now)
    }

    /// The delivery after an attempt. `probe` is the time of the endpoint's next trial if its circuit is open: such
    /// attempts do not count towards the end of the series.
    pub fn after(
        self,
        attempt: AttemptRecord,
        retry_after: Option<Duration>,
        message: Message<'_>,
        probe: Option<Timestamp>,
        chance: f64,
        pace: &Pace,
    ) -> Self {
        let now = attempt.at.saturating_add(Duration::from_millis(attempt.duration_ms));
        let delivered = attempt.outcome == AttemptOutcome::Delivered;
        let step = if probe.is_some() { self.step } else { self.step + 1 };
        let asked_for = now.saturating_add(retry_after.unwrap_or_default().min(RETRY_AFTER_MAX));
        let planned = match (probe, pace.waits.get(step)) {
            (Some(probe), _) => Some(probe),
            (None, Some(wait)) => Some(now.saturating_add(jittered(*wait, chance))),
            (None, None) => None,
        };
        let planned = planned.map(|at| at.max(asked_for));
        let next_attempt_at = planned.filter(|at| !delivered && *at < self.gives_up_at(pace));
        Self {
            status: match (delivered, next_attempt_at) {
                (true, _) => DeliveryStatus::Succeeded,
                (false, None) => DeliveryStatus::Failed,
                (false, Some(_)) => DeliveryStatus::Pending,
            },
            attempts: self.attempts.saturating_add(1),
            step,
            next_attempt_at,
            last_attempt: Some(attempt),
            message_id: Some(message.id.to_owned()),
            ..self
        }
        .changed(now)
    }

    /// The delivery after it had to wait for its webhook for too long.
    pub fn given_up(self, now: Timestamp) -> Self {
        Self { status: DeliveryStatus::Failed, next_attempt_at: None, ..self }.changed(now)
    }

    /// From when on it is waited no longer.
    pub fn gives_up_at(&self, pace: &Pace) -> Timestamp {
        self.series_began_at.saturating_add(pace.give_up_after)
    }

    fn changed(self, now: Timestamp) -> Self {
        Self { updated_at: now, expires_at: kept_until(now), ..self }
    }
}

fn kept_until(now: Timestamp) -> i64 {
    now.saturating_add(Duration::from_secs(DELIVERY_KEPT_DAYS * 24 * 60 * 60)).epoch_seconds()
}

#[cfg(test)]
mod tests;
