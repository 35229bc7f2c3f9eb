//! The one log line of a message. Holds no address, no header, no body.

use std::error::Error;

use domain::StringEnum as _;
use domain::delivery::{Delivery, DeliveryId, DeliveryJob, DeliveryStatus};
use domain::event::EventType;
use domain::time::Timestamp;
use domain::trace::TraceId;
use domain::webhook::{CircuitState, WebhookId};
use runtime::{LogLine, chain};
use store::Cost;

/// Facts of a message's processing, gathered for its log line.
pub(crate) struct MessageLog {
    pub time: Timestamp,
    /// The attempt's outcome, or the reason why there was none.
    pub outcome: &'static str,
    pub circuit: CircuitState,
    /// The cost at the table, of all that the message caused.
    pub cost: Cost,
    job: Option<(WebhookId, DeliveryId, EventType)>,
    trace_id: Option<TraceId>,
    delivery: Option<Delivery>,
    error: Option<String>,
}

impl MessageLog {
    pub fn new(time: Timestamp) -> Self {
        Self {
            time,
            outcome: "ERROR",
            circuit: CircuitState::Closed,
            cost: Cost::default(),
            job: None,
            trace_id: None,
            delivery: None,
            error: None,
        }
    }

    pub fn job(&mut self, job: &DeliveryJob) {
        self.job = Some((job.webhook_id, job.delivery_id, job.event));
        self.trace_id = job.trace_id;
    }

    pub fn attempt(&mut self, delivery: &Delivery) {
        self.outcome = delivery.last_attempt.as_ref().map_or("ERROR", |attempt| attempt.outcome.as_str());
        self.delivery = Some(delivery.clone());
    }

    /// Notes the end of a delivery that was not attempted any more.
    pub fn given_up(&mut self, delivery: &Delivery) {
        self.delivery = Some(delivery.clone());
    }

    /// Notes a message that is no job. The parser's own words are left out, since they could quote the message.
    pub fn unreadable(&mut self, line: usize, column: usize) {
        self.error = Some(format!("the message is no delivery job: see its line {line}, column {column}"));
    }

    pub fn failed(&mut self, error: &(dyn Error + 'static)) {
        self.error = Some(chain(error));
    }

    pub fn line(&self) -> LogLine {
        let attempt = self.delivery.as_ref().and_then(|delivery| delivery.last_attempt.as_ref());
        let given_up = self.delivery.as_ref().is_some_and(|delivery| delivery.status == DeliveryStatus::Failed);
        LogLine::new(self.time)
            .field("function", "deliver-webhook")
            .field("webhookId", self.job.map(|(webhook_id, _, _)| webhook_id))
            .field("deliveryId", self.job.map(|(_, delivery_id, _)| delivery_id))
            .field("event", self.job.map(|(_, _, event)| event))
            .field("traceId", self.trace_id)
            .field("outcome", self.outcome)
            .field("attempts", self.delivery.as_ref().map(|delivery| delivery.attempts))
            .field("httpStatus", attempt.and_then(|attempt| attempt.http_status))
            .field("durationMs", attempt.map(|attempt| attempt.duration_ms))
            .field("nextAttemptAt", self.delivery.as_ref().and_then(|delivery| delivery.next_attempt_at))
            .field("circuit", self.circuit)
            .field("dynamodb", self.cost)
            .error(self.error.as_deref())
            .count(&["outcome"], "DeliveryMessages", 1)
            .count(&[], "DeliveriesGivenUp", given_up.into())
    }
}
