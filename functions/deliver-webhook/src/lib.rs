//! The queue of delivery jobs: posts each event to its webhook, and has it tried again if that fails.
//!
//! The state of a delivery is in its item; a message is no more than a reason to look at it. So a message that comes
//! twice, or after a crash, does no harm; and a post that was not written down is posted again under the same id.
//!
//! The queue holds what is to be done now. A delivery that waits for longer than a minute, or whose webhook may not be
//! posted to, lies in the table, from where a sweep sends it here again.

mod attempt;
mod log;

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use delivery::WebhookClient;
use domain::delivery::{DeliveryJob, ReceivedMessage, RetrySchedule};
use domain::time::Timestamp;
use futures_util::future::join_all;
use queue::{OutgoingMessage, Queue, redeliver};
use runtime::Runtime;
use store::Store;
use vault::Vault;

use crate::attempt::ReceivedJob;
use crate::log::MessageLog;

/// The source of numbers from 0 to 1, by which waits are spread.
pub type Jitter = Arc<dyn Fn() -> f64 + Send + Sync>;

/// The surroundings of the function.
#[derive(Clone)]
pub struct App {
    /// Clock and log.
    pub runtime: Runtime,
    /// The table: webhooks and deliveries.
    pub store: Store,
    /// The queue of delivery jobs.
    pub queue: Queue,
    /// The queue of jobs that were given up.
    pub dead_letters: Queue,
    /// The vault of secrets.
    pub vault: Vault,
    /// The client that posts.
    pub webhook_client: WebhookClient,
    /// The times of attempts.
    pub schedule: RetrySchedule,
    /// The jitter of waits.
    pub jitter: Jitter,
}

/// The disposition of a message.
enum Disposition {
    /// The message is done.
    Acknowledge,
    /// The message is among the dead letters.
    DeadLetter,
    /// The message comes back after that time, which is short.
    RetryAfter(Duration),
    /// Something failed: the message comes back when its visibility time-out is over.
    Redeliver,
}

/// Processes all messages of a batch at the same time, so that a slow endpoint holds up nobody else's posts. Names the
/// messages that are to come back.
pub async fn handle(app: &App, batch: SqsEvent) -> SqsBatchResponse {
    let kept = join_all(batch.records.iter().map(|message| receive(app, message))).await;
    redeliver(batch.records.iter().zip(kept).filter(|(_, is_kept)| *is_kept).map(|(message, _)| message))
}

/// Processes a message. True if it is to come back.
async fn receive(app: &App, message: &SqsMessage) -> bool {
    let body = message.body.as_deref().unwrap_or_default();
    let mut log = MessageLog::new(app.runtime.now());
    let disposition = match read(body) {
        Ok((job, body)) => {
            let id = message.message_id.as_deref().unwrap_or_default();
            let message = ReceivedMessage { id, sent_at: sent_at(message).unwrap_or(log.time) };
            attempt::process(app, &ReceivedJob { job, body, message }, &mut log).await
        }
        // A message that can't be read is a defect, for people to look at.
        Err(error) => {
            log.unreadable(error.line(), error.column());
            dead_letter(app, body, "unreadable", &mut log).await
        }
    };
    let failed = match disposition {
        Disposition::Acknowledge | Disposition::DeadLetter => false,
        Disposition::Redeliver => true,
        Disposition::RetryAfter(wait) => {
            // If this fails, the message comes back when its visibility time-out is over, and is put off then.
            let receipt = message.receipt_handle.as_deref().unwrap_or_default();
            if let Err(error) = app.queue.postpone(receipt, wait).await {
                log.failed(&error);
            }
            true
        }
    };
    app.runtime.write(&log.line());
    failed
}

/// A message's job, and the job as it is kept.
fn read(body: &str) -> serde_json::Result<(DeliveryJob, Cow<'_, str>)> {
    let job: DeliveryJob = serde_json::from_str(body)?;
    let at_rest = job.at_rest();
    let is_kept_as_sent = job.swept.is_none() && job.data.is_some() == at_rest.data.is_some();
    let kept = if is_kept_as_sent { Cow::Borrowed(body) } else { Cow::Owned(serde_json::to_string(&at_rest)?) };
    Ok((job, kept))
}

/// Puts a message among the dead letters, from where an operator can send it to the queue again.
async fn dead_letter(app: &App, body: &str, group: impl ToString, log: &mut MessageLog) -> Disposition {
    match app.dead_letters.send(OutgoingMessage { body: body.to_owned(), group: group.to_string() }).await {
        Ok(()) => Disposition::DeadLetter,
        Err(error) => {
            log.failed(&error);
            Disposition::Redeliver
        }
    }
}

fn sent_at(message: &SqsMessage) -> Option<Timestamp> {
    Timestamp::from_epoch_ms(message.attributes.get("SentTimestamp")?.parse().ok()?)
}
