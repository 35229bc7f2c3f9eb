//! The table's stream: erases what a deleted candidate leaves behind in its interviews.
//!
//! The candidate's tombstone says what is to be done. Each invocation does a bounded part of a pass over the interviews and
//! then writes the tombstone, whose record in the stream has the next part done. Every step is one conditional write, so a
//! record that is repeated, or an invocation that ends in between, does no harm; a record that is lost is made up for by the
//! alarm clock, which writes the tombstone of an erasure that does not go on.

use aws_lambda_events::dynamodb::{Event as StreamEvent, EventRecord};
use aws_lambda_events::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use domain::Versioned;
use domain::candidate::{Erasure, ErasureStatus};
use domain::time::Timestamp;
use runtime::{LogLine, Runtime, chain};
use store::{Cost, Store, StoreError, erasure_of_image};

/// Interviews that one invocation erases for a candidate: each is a transaction of some ten milliseconds, so that an
/// invocation takes seconds of its minute.
const INTERVIEWS_PER_PART: usize = 100;
/// Interviews that are read at a time, each with its analysis.
const INTERVIEWS_PER_PAGE: u16 = 25;

/// The surroundings of the function.
#[derive(Clone)]
pub struct App {
    /// Clock and log.
    pub runtime: Runtime,
    /// The table.
    pub store: Store,
}

/// Does the part of each erasure that a batch tells of. Names the first record that failed, from which on the batch is to be
/// repeated.
pub async fn handle(app: &App, batch: StreamEvent) -> DynamoDbEventResponse {
    let mut done = Done::default();
    let mut response = DynamoDbEventResponse::default();
    for record in &batch.records {
        if let Err(error) = erase(app, record, &mut done).await {
            done.error = Some(chain(&error));
            let mut failure = DynamoDbBatchItemFailure::default();
            failure.item_identifier = record.change.sequence_number.clone();
            response.batch_item_failures.push(failure);
            break;
        }
    }
    app.runtime.write(&done.line(app.runtime.now(), &batch));
    response
}

/// The work of an invocation.
#[derive(Default)]
struct Done {
    interviews: u64,
    ended: u64,
    cost: Cost,
    error: Option<String>,
}

impl Done {
    fn line(&self, now: Timestamp, batch: &StreamEvent) -> LogLine {
        LogLine::new(now)
            .field("function", "erase")
            .field("records", batch.records.len())
            .field("dynamodb", self.cost)
            .error(self.error.as_deref())
            .count(&[], "InterviewsErased", self.interviews)
            .count(&[], "ErasuresEnded", self.ended)
            .count(&[], "EraseFailures", self.error.is_some().into())
    }
}

async fn erase(app: &App, record: &EventRecord, done: &mut Done) -> Result<(), StoreError> {
    let Some(erasure) = erasure_of_image(record.change.new_image.clone())? else { return Ok(()) };
    match erasure.value.status {
        ErasureStatus::Running => do_part(app, &erasure, done).await,
        ErasureStatus::Waiting => Ok(()),
    }
}

/// Does a part of a pass, and writes the next step: another part, a wait for the last pass, or the end.
async fn do_part(app: &App, erasure: &Versioned<Erasure>, done: &mut Done) -> Result<(), StoreError> {
    let mut left = INTERVIEWS_PER_PART;
    let mut after = None;
    loop {
        let mut system = app.store.system();
        let outcome = async {
            let page =
                system.interviews_to_erase(erasure.value.candidate_id, after.take(), INTERVIEWS_PER_PAGE).await?;
            for interview in page.items {
                let Some(rest) = left.checked_sub(1) else {
                    let next = erasure.value.advanced(app.runtime.now());
                    return system.change_erasure(erasure, Some(&next), next.updated_at).await.map(|_| None);
                };
                system.erase_interview(interview, app.runtime.now()).await?;
                system.session.restart_budget();
                left = rest;
                done.interviews += 1;
            }
            if page.next.is_some() {
                return Ok(page.next);
            }
            let now = app.runtime.now();
            let next = erasure.value.passed(now);
            system.change_erasure(erasure, next.as_ref(), now).await?;
            done.ended += u64::from(next.is_none());
            Ok(None)
        }
        .await;
        done.cost += system.session.cost();
        after = outcome?;
        if after.is_none() {
            return Ok(());
        }
    }
}
