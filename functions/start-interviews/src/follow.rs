//! The table's stream: new interviews that begin at once are started, and those that have started are handed over.

use std::time::Duration;

use aws_lambda_events::dynamodb::{Event as StreamEvent, EventRecord};
use aws_lambda_events::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use domain::interview::{Interview, InterviewStatus};
use domain::time::Timestamp;
use futures_util::{StreamExt, stream};
use runtime::pause_before_retry;
use store::{DueInterview, InterviewChange};
use tokio::time::Instant;

use crate::hand_over::hand_over;
use crate::log::StartLog;
use crate::{App, look_at_all};

/// Time after which no start is begun any more: the sweep does what is left.
const STARTED_WITHIN: Duration = Duration::from_secs(20);
/// Interviews that are handed over at the same time.
const HAND_OVERS_AT_A_TIME: usize = 16;

/// Starts what a batch tells of that is to begin at once, and hands over what it tells has started. Names the first record whose
/// interview could not be handed over, from which on the batch is to be repeated.
pub async fn follow(app: &App, batch: StreamEvent) -> DynamoDbEventResponse {
    let now = app.runtime.now();
    let mut log = StartLog::new(now, "STREAM");
    let (mut due, mut started) = (Vec::new(), Vec::new());
    for record in &batch.records {
        match change(record) {
            Ok(Some(change)) => {
                let InterviewChange { old, new, .. } = change;
                if is_to_begin(old.as_ref(), &new.value, now) {
                    due.push(DueInterview::from(&new.value));
                } else if has_started(old.as_ref(), &new.value) {
                    started.push((record, new.value));
                }
            }
            Ok(None) => {}
            // A record that can't be read now can't be read later. A start is due at the next sweep.
            Err(error) => log.hand_over_failed(&error),
        }
    }
    let mut handing = stream::iter(
        started
            .iter()
            .map(|(record, interview)| async move {
                let mut system = app.store.system();
                let handed = hand_over(app, &mut system, interview).await;
                (*record, handed, system.session.cost())
            })
            .collect::<Vec<_>>(),
    )
    .buffered(HAND_OVERS_AT_A_TIME);
    let mut first_failed = None;
    while let Some((record, handed, cost)) = handing.next().await {
        log.cost += cost;
        match handed {
            Ok(true) => log.handed_over += 1,
            Ok(false) => {}
            Err(error) => {
                log.hand_over_failed(&*error);
                first_failed = first_failed.or(Some(record));
            }
        }
    }
    drop(handing);
    for looked in look_at_all(app, due, Instant::now() + STARTED_WITHIN).await {
        log.looked(looked);
    }
    app.runtime.write(&log.line());

    let mut response = DynamoDbEventResponse::default();
    if let Some(record) = first_failed {
        let waited = now.saturating_since(Timestamp::new(record.change.approximate_creation_date_time));
        tokio::time::sleep(pause_before_retry(waited)).await;
        let mut failure = DynamoDbBatchItemFailure::default();
        failure.item_identifier = record.change.sequence_number.clone();
        response.batch_item_failures.push(failure);
    }
    response
}

fn change(record: &EventRecord) -> Result<Option<InterviewChange>, store::StoreError> {
    InterviewChange::from_images(record.change.old_image.clone(), record.change.new_image.clone())
}

/// True for a new interview that begins at once. One that is put off is due in the future again.
fn is_to_begin(old: Option<&Interview>, new: &Interview, now: Timestamp) -> bool {
    old.is_none() && new.status == InterviewStatus::Scheduled && new.scheduled_at <= now
}

/// True for the transition to IN_PROGRESS.
fn has_started(old: Option<&Interview>, new: &Interview) -> bool {
    let had_started = old.is_some_and(|old| old.status == InterviewStatus::InProgress);
    new.status == InterviewStatus::InProgress && !had_started
}
