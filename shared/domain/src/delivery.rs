//! Deliveries: the announcement of one event to one webhook, attempt by attempt.

mod attempt;
mod retry_schedule;
mod waiting;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::company::CompanyId;
use crate::event::{Event, EventBody, EventType};
use crate::id::id;
use crate::interview::InterviewId;
use crate::string_enum::string_enum;
use crate::time::Timestamp;
use crate::trace::TraceId;
use crate::webhook::WebhookId;

use retry_schedule::jittered;

pub use attempt::*;
pub use retry_schedule::*;
pub use waiting::*;

id! {
    /// The announcement of one event to one webhook.
    DeliveryId
}

/// The days for which a delivery is remembered after its last change.
pub const DELIVERY_KEPT_DAYS: u64 = 30;

/// The longest that an attempt can be under way: the time-out of the function that makes it.
pub const ATTEMPT_MAX: Duration = Duration::from_secs(60);

string_enum! {
    /// The reason for which a sweep sends an order that waited in the table.
    pub enum SweepReason {
        /// Its time has come: to be attempted, or to be given up after too long a wait.
        Due = "DUE",
        /// More wait for the webhook than may, and it is among the oldest: to be given up.
        Surplus = "SURPLUS",
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
pub struct DeliveryJob {
    /// The webhook that is posted to.
    pub webhook_id: WebhookId,
    pub delivery_id: DeliveryId,
    pub event: EventType,
    /// The time of the event.
    pub occurred_at: Timestamp,
    /// The company of the interview; none for a ping.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company_id: Option<CompanyId>,
    /// The interview; none for a ping.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interview_id: Option<InterviewId>,
    /// The JSON that subscribers are told. Absent where that holds an analysis which lies beside its interview, and where the order
    /// has lain somewhere for long and would hold content of an interview: that is told from the interview as it stands, so that
    /// nothing of it is kept for longer there than here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Box<RawValue>>,
    /// The trace of the request that led to the event, for the log; subscribers are not told it.
    #[serde(default, deserialize_with = "TraceId::lenient", skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<TraceId>,
    /// The reason for which a sweep sent it, if one did. A sweep may send an order twice, and so must never begin anew
    /// what was given up, as an order out of the dead letters does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub swept: Option<SweepReason>,
}

impl DeliveryJob {
    /// The order for one event and one webhook.
    pub fn new(event: &Event, webhook_id: WebhookId) -> Self {
        Self {
            webhook_id,
            delivery_id: event.delivery_to(webhook_id),
            event: event.r#type,
            occurred_at: event.occurred_at,
            company_id: event.company_id,
            interview_id: event.interview_id,
            data: (!event.lacks_analysis).then(|| event.data.clone()),
            trace_id: event.trace_id,
            swept: None,
        }
    }

    /// The body that is posted for it, of which `data` is told.
    pub fn body<'a>(&self, data: &'a RawValue) -> EventBody<'a> {
        EventBody { event: self.event, timestamp: self.occurred_at, delivery_id: self.delivery_id, data }
    }

    /// The order as it is kept in the table and among the dead letters: without content of an interview.
    pub fn at_rest(&self) -> Self {
        let data = match self.event {
            EventType::AnalysisCompleted => None,
            EventType::InterviewStarted
            | EventType::InterviewCompleted
            | EventType::InterviewFailed
            | EventType::AnalysisFailed
            | EventType::Ping => self.data.clone(),
        };
        Self { data, swept: None, ..self.clone() }
    }

    /// The order to deliver once more what was delivered before.
    pub fn again(delivery: &Delivery, event: Event) -> Self {
        Self { delivery_id: delivery.id, ..Self::new(&event, delivery.webhook_id) }
    }
}

/// The message that brought an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReceivedMessage<'a> {
    /// The queue's name for it.
    pub id: &'a str,
    /// The time at which it was sent.
    pub sent_at: Timestamp,
}

/// The announcement of one event to one webhook. Holds nothing of what is told but the interview's id.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Delivery {
    pub id: DeliveryId,
    /// The webhook that is posted to.
    pub webhook_id: WebhookId,
    pub event: EventType,
    /// The time of the event.
    pub occurred_at: Timestamp,
    /// The company of the interview; none for a ping.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company_id: Option<CompanyId>,
    /// The interview; none for a ping.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interview_id: Option<InterviewId>,
    pub status: DeliveryStatus,
    /// Attempts made, one that is under way included.
    pub attempts: u32,
    /// The attempt that is under way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub running: Option<RunningAttempt>,
    /// The place in the series of [`ATTEMPTS`].
    pub step: usize,
    /// The time at which the series began.
    pub series_began_at: Timestamp,
    /// The time of the next attempt; none if there will be no other.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_attempt_at: Option<Timestamp>,
    /// The latest attempt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_attempt: Option<AttemptRecord>,
    /// The message that attempts are made for. Others for the same delivery stand by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
    /// The time at which it was first taken up.
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// The time at which the table deletes it, in seconds since 1970.
    pub expires_at: i64,
}

/// An attempt that is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RunningAttempt {
    pub id: Uuid,
    /// The time at which it is over at the latest, whatever became of it.
    pub until: Timestamp,
}

/// The next step of a delivery job.
#[derive(Debug, Clone, PartialEq)]
pub enum NextStep {
    /// The delivery is over, and there is no next step.
    Done,
    /// No attempt before that time, which is near: the message itself is put off.
    NotBefore(Timestamp),
    /// A wait of that delivery in the table.
    Wait(Box<Delivery>),
    /// The end of that delivery: more of them wait than may.
    GiveUp(Box<Delivery>),
    /// An attempt, on that delivery.
    Attempt(Box<Delivery>),
}

impl Delivery {
    /// A delivery that nobody has heard of yet.
    pub fn new(order: &DeliveryJob, now: Timestamp) -> Self {
        Self {
            id: order.delivery_id,
            webhook_id: order.webhook_id,
            event: order.event,
            occurred_at: order.occurred_at,
            company_id: order.company_id,
            interview_id: order.interview_id,
            status: DeliveryStatus::Pending,
            attempts: 0,
            running: None,
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

    /// The next step of the job that a message brings, given what is known of the delivery.
    ///
    /// The queue may deliver a message twice, and the publisher may send two for one delivery. The first one that is
    /// attempted is in charge; another one only looks after it, and takes over if the first has been lost. A delivery
    /// that was given up begins anew with a message that was sent since: somebody took it out of the dead letters.
    pub fn next_step(
        known: Option<Self>,
        order: &DeliveryJob,
        message: ReceivedMessage<'_>,
        now: Timestamp,
        schedule: &RetrySchedule,
    ) -> NextStep {
        let Some(delivery) = known else { return NextStep::Attempt(Box::new(Self::new(order, now))) };
        match delivery.status {
            DeliveryStatus::Succeeded => NextStep::Done,
            DeliveryStatus::Failed if order.swept.is_some() || message.sent_at <= delivery.updated_at => NextStep::Done,
            DeliveryStatus::Failed => NextStep::Attempt(Box::new(delivery.again(now))),
            DeliveryStatus::Pending if delivery.running.is_some_and(|running| now < running.until) => {
                NextStep::NotBefore(delivery.running.map_or(now, |running| running.until))
            }
            // Not if somebody asked for it to begin anew since the sweep.
            DeliveryStatus::Pending
                if order.swept == Some(SweepReason::Surplus) && delivery.updated_at <= message.sent_at =>
            {
                NextStep::GiveUp(Box::new(delivery))
            }
            DeliveryStatus::Pending => {
                let in_charge = delivery.message_id.as_deref().is_none_or(|id| id == message.id);
                let grace = if in_charge { Duration::ZERO } else { schedule.stand_by };
                let next = delivery.next_attempt_at.unwrap_or(delivery.updated_at);
                let due = next.saturating_add(grace);
                if due <= now {
                    NextStep::Attempt(Box::new(delivery))
                } else if next.saturating_since(now) > QUEUED_WAIT_MAX {
                    NextStep::Wait(Box::new(delivery))
                } else {
                    NextStep::NotBefore(due)
                }
            }
        }
    }

    /// The delivery with an attempt under way. Once this is written, no other begins before this one is over, or must
    /// be: the write is conditional, so of two that begin at once one fails, as their ids differ.
    pub fn attempting(self, id: Uuid, message: ReceivedMessage<'_>, now: Timestamp) -> Self {
        Self {
            attempts: self.attempts.saturating_add(1),
            running: Some(RunningAttempt { id, until: now.saturating_add(ATTEMPT_MAX) }),
            message_id: Some(message.id.to_owned()),
            ..self
        }
        .changed(now)
    }

    /// The delivery at the beginning of a new series. An attempt that is under way comes to its end first.
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

    /// The delivery after the attempt that was under way. One that began before the series did is no part of it: unless
    /// it delivered, the first of the series is still to come. `probe` is the time of the endpoint's next trial if its
    /// circuit is open: such attempts do not count towards the end of the series.
    pub fn after(
        self,
        attempt: AttemptRecord,
        retry_after: Option<Duration>,
        message: ReceivedMessage<'_>,
        probe: Option<Timestamp>,
        jitter: f64,
        schedule: &RetrySchedule,
    ) -> Self {
        let now = attempt.at.saturating_add(Duration::from_millis(attempt.duration_ms));
        let delivered = attempt.outcome == AttemptOutcome::Delivered;
        let in_series = probe.is_none() && attempt.at >= self.series_began_at;
        let step = if in_series { self.step + 1 } else { self.step };
        let asked_for = now.saturating_add(retry_after.unwrap_or_default().min(RETRY_AFTER_MAX));
        let planned = match (probe, schedule.waits.get(step)) {
            (Some(probe), _) => Some(probe),
            (None, Some(wait)) => Some(now.saturating_add(jittered(*wait, jitter))),
            (None, None) => None,
        };
        let planned = planned.map(|at| at.max(asked_for));
        let next_attempt_at = planned.filter(|at| !delivered && *at < self.gives_up_at(schedule));
        Self {
            status: match (delivered, next_attempt_at) {
                (true, _) => DeliveryStatus::Succeeded,
                (false, None) => DeliveryStatus::Failed,
                (false, Some(_)) => DeliveryStatus::Pending,
            },
            running: None,
            step,
            next_attempt_at,
            last_attempt: Some(attempt),
            message_id: Some(message.id.to_owned()),
            ..self
        }
        .changed(now)
    }

    /// The delivery as it waits in the table: no message is in charge of it.
    pub fn in_table(self) -> Self {
        Self { message_id: None, ..self }
    }

    /// The delivery after it had to wait for its webhook for too long, or among too many.
    pub fn given_up(self, now: Timestamp) -> Self {
        Self { status: DeliveryStatus::Failed, running: None, next_attempt_at: None, ..self }.changed(now)
    }

    /// The time at which a delivery that waits is given up.
    pub fn gives_up_at(&self, schedule: &RetrySchedule) -> Timestamp {
        self.series_began_at.saturating_add(schedule.give_up_after)
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
