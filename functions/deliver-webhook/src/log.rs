//! The one log line of a message, which is at the same time its metrics (CloudWatch embedded metric format).

use std::error::Error;

use domain::StringEnum as _;
use domain::delivery::{Delivery, DeliveryId, DeliveryJob, DeliveryStatus};
use domain::event::EventType;
use domain::time::Timestamp;
use domain::webhook::{CircuitState, WebhookId};
use serde_json::json;

/// What is known of a message at its end. Holds no address, no header, no body.
pub(crate) struct MessageLog {
    pub time: Timestamp,
    /// How the attempt ended, or why there was none.
    pub outcome: &'static str,
    pub circuit: CircuitState,
    job: Option<(WebhookId, DeliveryId, EventType)>,
    delivery: Option<Delivery>,
    error: Option<String>,
}

impl MessageLog {
    pub fn new(time: Timestamp) -> Self {
        Self { time, outcome: "ERROR", circuit: CircuitState::Closed, job: None, delivery: None, error: None }
    }

    pub fn job(&mut self, job: &DeliveryJob) {
        self.job = Some((job.webhook_id, job.delivery_id, job.event));
    }

    pub fn attempt(&mut self, delivery: &Delivery) {
        self.outcome = delivery.last_attempt.as_ref().map_or("ERROR", |attempt| attempt.outcome.as_str());
        self.delivery = Some(delivery.clone());
    }

    /// The message is no order. Its parser's own words could quote it.
    pub fn unreadable(&mut self, line: usize, column: usize) {
        self.error = Some(format!("the message is no delivery job: see its line {line}, column {column}"));
    }

    pub fn failed(&mut self, error: &(dyn Error + 'static)) {
        self.error = Some(api::chain(error));
    }

    pub fn to_json(&self) -> String {
        let count = |name: &str| json!({"Name": name, "Unit": "Count"});
        let attempt = self.delivery.as_ref().and_then(|delivery| delivery.last_attempt.as_ref());
        let given_up = self.delivery.as_ref().is_some_and(|delivery| delivery.status == DeliveryStatus::Failed);
        json!({
            "_aws": {
                "Timestamp": self.time.epoch_ms(),
                "CloudWatchMetrics": [
                    {"Namespace": "Greenroom", "Dimensions": [["outcome"]], "Metrics": [count("DeliveryMessages")]},
                    {"Namespace": "Greenroom", "Dimensions": [[]], "Metrics": [count("DeliveriesGivenUp")]},
                ],
            },
            "level": if self.error.is_some() { "ERROR" } else { "INFO" },
            "time": self.time,
            "function": "deliver-webhook",
            "webhookId": self.job.map(|(webhook_id, _, _)| webhook_id),
            "deliveryId": self.job.map(|(_, delivery_id, _)| delivery_id),
            "event": self.job.map(|(_, _, event)| event),
            "outcome": self.outcome,
            "attempts": self.delivery.as_ref().map(|delivery| delivery.attempts),
            "httpStatus": attempt.and_then(|attempt| attempt.http_status),
            "durationMs": attempt.map(|attempt| attempt.duration_ms),
            "nextAttemptAt": self.delivery.as_ref().and_then(|delivery| delivery.next_attempt_at),
            "circuit": self.circuit,
            "error": self.error,
            "DeliveryMessages": 1,
            "DeliveriesGivenUp": u8::from(given_up),
        })
        .to_string()
    }
}
