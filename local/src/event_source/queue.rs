//! The part that Lambda plays for a queue: receives messages in batches, hands each batch to a function, and deletes
//! what the function has handled.

use std::{collections::HashSet, sync::Arc, time::Duration};

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use serde_json::json;
use tokio::{
    sync::{Semaphore, oneshot},
    task::{JoinHandle, JoinSet},
    time::{sleep, timeout},
};

use crate::sqs::{Message, Queue, Queues, Receive, digest};

/// Lambda's default for a queue.
const BATCH_SIZE_MAX: u32 = 10;

/// How many messages are handled at a time. Each may hold a connection, and on many machines a process may have 1,024
/// files open.
const HELD_MAX: usize = 800;

/// How many of them may be of one group: with a quarter, three endpoints that hang leave room for the others.
pub const HELD_BY_GROUP_MAX: u32 = 200;

/// When messages are visible but none was to be had: every group that has some holds its share.
const RECEIVE_AGAIN_DELAY: Duration = Duration::from_millis(20);

/// After a queue that could not be read: a file that somebody has removed, or a full disk.
const RETRY_DELAY: Duration = Duration::from_secs(1);

/// How long [`Pump::stop`] waits for the batches that are being handled. An endpoint may take 15 seconds to answer, but
/// whoever stops a server waits for it: what is not through then stays in the queue.
const STOP_TIMEOUT: Duration = Duration::from_secs(5);

/// Hands a queue's messages to a function, many batches at a time. Dropping it ends it at once: what was not deleted
/// stays in the queue.
pub struct Pump {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Pump {
    /// Starts. Must be called inside a Tokio runtime.
    ///
    /// The messages that the function names as failures stay in the queue, as do all of a batch in which it panics.
    pub fn start<F, R>(queues: Queues, queue: Queue, invoke: F) -> Self
    where
        F: Fn(SqsEvent) -> R + Send + Sync + 'static,
        R: Future<Output = SqsBatchResponse> + Send + 'static,
    {
        let (stop, stopped) = oneshot::channel();
        Self { stop, task: tokio::spawn(pump(queues, queue, Arc::new(invoke), stopped)) }
    }

    /// Receives no more messages, and waits up to five seconds for the batches that are being handled.
    pub async fn stop(self) {
        let _ = self.stop.send(());
        let _ = self.task.await;
    }
}

async fn pump<F, R>(queues: Queues, queue: Queue, invoke: Arc<F>, mut stop: oneshot::Receiver<()>)
where
    F: Fn(SqsEvent) -> R + Send + Sync + 'static,
    R: Future<Output = SqsBatchResponse> + Send + 'static,
{
    let slots = Arc::new(Semaphore::new(HELD_MAX));
    let asked = Receive {
        count_max: BATCH_SIZE_MAX,
        visibility_timeout: queue.visibility_timeout(),
        held_max: HELD_BY_GROUP_MAX,
    };
    let mut running = JoinSet::new();
    let dropped = loop {
        let ready = async {
            let taken = slots.clone().acquire_many_owned(BATCH_SIZE_MAX).await;
            (taken, queues.visible(queue).await)
        };
        // Only the waiting is cut off: messages that are being received are also handled.
        let (taken, visible) = tokio::select! {
            stop = &mut stop => break stop.is_err(),
            ready = ready => ready,
        };
        let received = match visible {
            Ok(()) => queues.receive(queue, asked, Duration::ZERO).await,
            Err(error) => Err(error),
        };
        match (received, taken) {
            (Ok(messages), Ok(mut taken)) if !messages.is_empty() => {
                // What is over is given back.
                drop(taken.split(taken.num_permits().saturating_sub(messages.len())));
                let (queues, invoke) = (queues.clone(), invoke.clone());
                running.spawn(async move {
                    handle(&queues, queue, messages, &*invoke).await;
                    drop(taken);
                });
            }
            (Ok(_), _) => sleep(RECEIVE_AGAIN_DELAY).await,
            (Err(_), _) => sleep(RETRY_DELAY).await,
        }
        while running.try_join_next().is_some() {}
    };
    if !dropped {
        let _ = timeout(STOP_TIMEOUT, async { while running.join_next().await.is_some() {} }).await;
    }
}

/// One batch.
async fn handle<F, R>(queues: &Queues, queue: Queue, messages: Vec<Message>, invoke: &F)
where
    F: Fn(SqsEvent) -> R,
    R: Future<Output = SqsBatchResponse>,
{
    let Ok(event) = event(queue, &messages) else { return };
    let response = invoke(event).await;
    // What cannot be deleted is handled again, as when the process ends here.
    let _ = queues.delete(queue, handled(messages, &response)).await;
}

/// The receipts of the messages that were handled. As in Lambda, a failure that names no message of the batch is the
/// whole batch's.
fn handled(messages: Vec<Message>, response: &SqsBatchResponse) -> Vec<String> {
    let failed: HashSet<&str> =
        response.batch_item_failures.iter().map(|failure| failure.item_identifier.as_str()).collect();
    let known = messages.iter().filter(|message| failed.contains(message.message_id.as_str())).count();
    if known < failed.len() {
        return Vec::new();
    }
    let handled = messages.into_iter().filter(|message| !failed.contains(message.message_id.as_str()));
    handled.map(|message| message.receipt_handle).collect()
}

/// The event with these messages, as Lambda makes it.
fn event(queue: Queue, messages: &[Message]) -> serde_json::Result<SqsEvent> {
    let record = |message: &Message| {
        let mut attributes = json!({
            "ApproximateReceiveCount": message.receive_count.to_string(),
            "SentTimestamp": message.sent_at_ms.to_string(),
            "SenderId": "local",
            "ApproximateFirstReceiveTimestamp": message.first_received_at_ms.to_string(),
        });
        if let Some(group_id) = &message.group_id {
            attributes["MessageGroupId"] = json!(group_id);
        }
        json!({
            "messageId": message.message_id,
            "receiptHandle": message.receipt_handle,
            "body": message.body,
            "attributes": attributes,
            "messageAttributes": {},
            "md5OfBody": digest(&message.body),
            "eventSource": "aws:sqs",
            "eventSourceARN": queue.arn(),
            "awsRegion": "local",
        })
    };
    serde_json::from_value(json!({ "Records": messages.iter().map(record).collect::<Vec<_>>() }))
}
