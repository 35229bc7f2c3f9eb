//! Circuits: how an endpoint has been doing, and whether it is spared.

use serde::{Deserialize, Serialize};

use crate::delivery::{AttemptOutcome, RetrySchedule};
use crate::string_enum::string_enum;
use crate::time::Timestamp;

string_enum! {
    /// Whether attempts are made at all.
    pub enum CircuitState {
        /// They are.
        Closed = "CLOSED",
        /// The endpoint has failed for long: it is only tried out, four times an hour.
        Open = "OPEN",
    }
}

/// An endpoint's failures so far, and its circuit.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Circuit {
    /// Attempts that failed since the last one that succeeded, counted up to [`Circuit::FAILURES`].
    pub consecutive_failures: u32,
    /// The time of the first of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failing_since: Option<Timestamp>,
    /// The time since which the circuit is open, if it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opened_at: Option<Timestamp>,
    /// The time at which the endpoint is tried out next, if the circuit is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_probe_at: Option<Timestamp>,
}

/// The circuit at one instant, in the words of circuit breakers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CircuitPhase {
    /// Attempts are made.
    Closed,
    /// A single attempt may try the endpoint out: that of the function that first stores this circuit.
    HalfOpen(Circuit),
    /// No attempt is made before that instant.
    OpenUntil(Timestamp),
}

impl Circuit {
    /// Failures in a row after which an endpoint is spared, if they last for [`RetrySchedule::circuit_opens_after`] too.
    pub const FAILURES: u32 = 20;

    /// The state, by which attempts are made or not.
    pub fn state(&self) -> CircuitState {
        if self.opened_at.is_some() { CircuitState::Open } else { CircuitState::Closed }
    }

    /// The phase at an instant.
    pub fn phase(&self, now: Timestamp, schedule: &RetrySchedule) -> CircuitPhase {
        match (self.opened_at, self.next_probe_at) {
            (None, _) => CircuitPhase::Closed,
            (Some(_), Some(at)) if now < at => CircuitPhase::OpenUntil(at),
            (Some(_), _) => CircuitPhase::HalfOpen(Self {
                next_probe_at: Some(now.saturating_add(schedule.probe_every)),
                ..self.clone()
            }),
        }
    }

    /// The circuit after an attempt at that time.
    pub fn after(&self, outcome: AttemptOutcome, now: Timestamp, schedule: &RetrySchedule) -> Self {
        if outcome == AttemptOutcome::Delivered {
            return Self::default();
        }
        let failing_since = self.failing_since.unwrap_or(now);
        // More of them decide nothing. Not to count them spares the item a write for each, and the attempts that end at
        // the same time their quarrel about it.
        let consecutive_failures = self.consecutive_failures.saturating_add(1).min(Self::FAILURES);
        let opens = consecutive_failures >= Self::FAILURES
            && now.saturating_since(failing_since) >= schedule.circuit_opens_after;
        match self.opened_at {
            Some(_) => Self { consecutive_failures, ..self.clone() },
            None => Self {
                consecutive_failures,
                failing_since: Some(failing_since),
                opened_at: opens.then_some(now),
                next_probe_at: opens.then(|| now.saturating_add(schedule.probe_every)),
            },
        }
    }
}
