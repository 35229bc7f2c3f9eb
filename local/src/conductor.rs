//! A simulated conductor: it takes the interviews that have started and reports results, as a real one does.
//!
//! [`plan`] decides at once what becomes of an interview. The results go to their queue with the delays that the interview
//! takes, so nothing is lost when the server stops meanwhile, and an interview that is handed over twice is reported twice
//! with the same words.

mod plan;

use std::{fmt, str::FromStr, time::Duration};

use anyhow::Result;
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use queue::redeliver;
use runtime::Clock;
use serde_json::Map;

pub use plan::{Report, Start, plan};

use crate::sqs::{NewMessage, QueueName, Queues};

/// The number of minutes of an interview that pass in a minute.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pace(f64);

impl Pace {
    /// A minute passes in a second.
    pub const DEFAULT: Self = Self(60.0);

    /// The time in which so many seconds of an interview pass.
    pub fn of(self, seconds: u32) -> Duration {
        Duration::from_secs_f64(f64::from(seconds) / self.0)
    }
}

impl FromStr for Pace {
    type Err = &'static str;

    /// Reads a factor. Below 0.01, an interview of three hours would take more than twelve days, and its messages are kept
    /// for fourteen; a million is as good as at once.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let factor: Option<f64> = text.parse().ok().filter(|factor| (0.01..=1_000_000.0).contains(factor));
        factor.map(Self).ok_or("a number of 0.01 to 1000000")
    }
}

impl fmt::Display for Pace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The settings of the simulation.
#[derive(Debug, Clone, Copy)]
pub struct Simulation {
    /// The pace of interviews.
    pub pace: Pace,
    /// The part of interviews that fail, and of analyses that do, in percent.
    pub failures_percent: u8,
}

/// The conductor at the queues.
#[derive(Clone)]
pub struct Conductor {
    pub queues: Queues,
    pub clock: Clock,
    pub simulation: Simulation,
}

impl Conductor {
    /// Conducts the interviews that these messages hand over. A message that can't be read stays in its queue.
    pub async fn conduct(self, event: SqsEvent) -> SqsBatchResponse {
        let mut kept = Vec::new();
        for message in &event.records {
            if self.conduct_one(message).await.is_err() {
                kept.push(message);
            }
        }
        redeliver(kept.into_iter())
    }

    async fn conduct_one(&self, message: &SqsMessage) -> Result<()> {
        let start: Start = serde_json::from_str(message.body.as_deref().unwrap_or_default())?;
        let mut messages = Vec::new();
        for Report { after, result } in plan(&start, &self.simulation, (self.clock)())? {
            let group_id = Some(start.company_id.to_string());
            messages.push(NewMessage {
                body: serde_json::to_string(&result)?,
                group_id,
                delay: after,
                attributes: Map::default(),
            });
        }
        self.queues.send(QueueName::InterviewResults, messages).await?;
        Ok(())
    }
}
