//! The queue of results: records what became of interviews, as whoever conducts them reports it.
//!
//! A message that is repeated, late, out of order or contradicts an earlier one changes nothing that is final, and is logged. One
//! that breaks the schema or names an unknown interview is put among the dead letters, with the reason.

mod log;
mod record;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use futures_util::future::join_all;
use queue::{OutgoingMessage, Queue, redeliver};
use runtime::Runtime;
use store::Store;
use validation::{BodyError, check_result};

use crate::log::ResultLog;
use crate::record::record;

/// Most broken rules that the reason of a dead letter tells.
const ISSUES_TOLD_MAX: usize = 10;

/// The surroundings of the function.
#[derive(Clone)]
pub struct App {
    /// Clock and log.
    pub runtime: Runtime,
    /// The table.
    pub store: Store,
    /// The queue of messages that can't be recorded.
    pub dead_letters: Queue,
}

/// The end of a message.
pub(crate) enum Disposition {
    /// The message is done.
    Acknowledge,
    /// The message can't be recorded, for that reason.
    DeadLetter(String),
    /// Something failed: the message comes back when its visibility time-out is over.
    Redeliver,
}

/// Records all messages of a batch at the same time. Names those that are to come back.
pub async fn handle(app: &App, batch: SqsEvent) -> SqsBatchResponse {
    let kept = join_all(batch.records.iter().map(|message| receive(app, message))).await;
    redeliver(batch.records.iter().zip(kept).filter(|(_, is_kept)| *is_kept).map(|(message, _)| message))
}

/// Records a message. True if it is to come back.
async fn receive(app: &App, message: &SqsMessage) -> bool {
    let body = message.body.as_deref().unwrap_or_default();
    let mut log = ResultLog::new(app.runtime.now());
    let disposition = match check_result(body.as_bytes()) {
        Ok(result) => record(app, &result, &mut log).await,
        Err(fault) => {
            log.outcome = "REFUSED";
            Disposition::DeadLetter(reason(&fault))
        }
    };
    let is_kept = match disposition {
        Disposition::Acknowledge => false,
        Disposition::Redeliver => true,
        Disposition::DeadLetter(reason) => {
            let letter = OutgoingMessage { body: body.to_owned(), group: "results".to_owned() };
            let sent = app.dead_letters.send_with_reason(&letter, &reason).await;
            sent.as_ref().err().into_iter().for_each(|error| log.failed(error));
            sent.is_err()
        }
    };
    app.runtime.write(&log.line());
    is_kept
}

/// The reason why a message can't be read, for people: the broken rules, and nothing of the message's values.
fn reason(fault: &BodyError) -> String {
    match fault {
        BodyError::Malformed { line, column } => format!("no JSON object: line {line}, column {column}"),
        BodyError::Invalid(issues) => {
            let told = issues.iter().take(ISSUES_TOLD_MAX);
            let told: Vec<_> = told.map(|issue| format!("{} {}", issue.pointer, issue.message)).collect();
            told.join("; ")
        }
    }
}
