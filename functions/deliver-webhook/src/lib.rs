//! The queue of deliveries: posts each event to its webhook, and sees to it that this is tried again.
//!
//! A message is no more than a reason to look: how far a delivery is, its item says. So a message that comes twice, or
//! after a crash, does no harm; and what was posted but not written down is posted again under the same id.

mod attempt;
mod line;

use std::sync::Arc;
use std::time::Duration;

use api::Edge;
use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use delivery::Courier;
use domain::{Message, Pace, Timestamp};
use futures_util::future::join_all;
use queue::{Outgoing, Queue};
use store::Store;
use vault::Vault;

use crate::attempt::Brought;
use crate::line::Line;

/// Tells a number from 0 to 1, by which waits are spread.
pub type Chance = Arc<dyn Fn() -> f64 + Send + Sync>;

/// What the function is built from.
#[derive(Clone)]
pub struct App {
    /// Time and log.
    pub edge: Edge,
    /// The table: webhooks and deliveries.
    pub store: Store,
    /// Where orders come from.
    pub queue: Queue,
    /// Where orders go that are given up.
    pub dead_letters: Queue,
    /// Opens secrets.
    pub vault: Vault,
    /// Posts.
    pub courier: Courier,
    /// When attempts are made.
    pub pace: Pace,
    /// Spreads them.
    pub chance: Chance,
}

/// What becomes of a message.
enum Fate {
    /// There is nothing left to do for it.
    Done,
    /// It is among the dead letters.
    Buried,
    /// It comes back after that time.
    Later(Duration),
    /// Something failed. It comes back when the queue's own time is over.
    Kept,
}

/// Works on a batch, on all its messages at a time, so that a slow endpoint holds up nobody else's posts. Names those
/// that are to come back.
pub async fn handle(app: &App, batch: SqsEvent) -> SqsBatchResponse {
    let kept = join_all(batch.records.iter().map(|message| work_on(app, message))).await;
    let failures = batch.records.iter().zip(kept).filter(|(_, keep)| *keep);
    let mut response = SqsBatchResponse::default();
    response.batch_item_failures = failures
        .map(|(message, _)| {
            let mut failure = BatchItemFailure::default();
            failure.item_identifier = message.message_id.clone().unwrap_or_default();
            failure
        })
        .collect();
    response
}

/// Works on a message. Whether it is to be kept.
async fn work_on(app: &App, message: &SqsMessage) -> bool {
    let body = message.body.as_deref().unwrap_or_default();
    let mut line = Line::new((app.edge.clock)());
    let fate = match serde_json::from_str(body) {
        Ok(order) => {
            let id = message.message_id.as_deref().unwrap_or_default();
            let message = Message { id, sent_at: sent_at(message).unwrap_or(line.time) };
            attempt::carry_out(app, &Brought { order, body, message }, &mut line).await
        }
        // Nobody can make anything of it: a defect, for people to look at.
        Err(error) => {
            line.unreadable(error.line(), error.column());
            bury(app, body, "unreadable", &mut line).await
        }
    };
    let kept = match fate {
        Fate::Done | Fate::Buried => false,
        Fate::Kept => true,
        Fate::Later(wait) => {
            // If this fails, it comes back when the queue's own time is over, and is put off then.
            let receipt = message.receipt_handle.as_deref().unwrap_or_default();
            if let Err(error) = app.queue.postpone(receipt, wait).await {
                line.failed(&error);
            }
            true
        }
    };
    (app.edge.log)(&line.to_json());
    kept
}

/// Puts a message among the dead letters, from where an operator can send it on its way again.
async fn bury(app: &App, body: &str, group: impl ToString, line: &mut Line) -> Fate {
    match app.dead_letters.send(Outgoing { body: body.to_owned(), group: group.to_string() }).await {
        Ok(()) => Fate::Buried,
        Err(error) => {
            line.failed(&error);
            Fate::Kept
        }
    }
}

fn sent_at(message: &SqsMessage) -> Option<Timestamp> {
    Timestamp::from_epoch_ms(message.attributes.get("SentTimestamp")?.parse().ok()?)
}
