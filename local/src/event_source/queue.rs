//! The mapping of a queue: many batches at a time are handed over, and deleted once the function has handled them.

use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
    time::Duration,
};

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use serde_json::json;
use tokio::{
    sync::{Semaphore, oneshot},
    task::JoinSet,
    time::sleep,
};

use super::EventSource;
use crate::sqs::{Message, QueueName, Queues, ReceiveOptions, md5_of_body};

/// Lambda's default for a queue.
const BATCH_SIZE_MAX: u32 = 10;

/// Most messages that are processed at a time. Each may hold a connection, and on many machines a process may have
/// 1,024 files open.
const PROCESSING_MAX: usize = 800;

/// Most of them that may be of one group: a quarter, so that three endpoints that hang leave room for the others.
pub const PROCESSING_BY_GROUP_MAX: u32 = 200;

/// Wait when messages are visible but none was received, because each of their groups has its share.
const RECEIVE_AGAIN_DELAY: Duration = Duration::from_millis(20);

/// Wait after a queue that could not be read: its file was removed, or the disk is full.
const RETRY_DELAY: Duration = Duration::from_secs(1);

impl EventSource {
    /// Hands a queue's messages to a function, many batches at a time. Must be called inside a Tokio runtime.
    ///
    /// The messages that the function names as failures stay in the queue, as do all of a batch in which it panics. A
    /// mapping that is dropped ends at once.
    pub fn of_queue<F, R>(queues: Queues, queue: QueueName, invoke: F) -> Self
    where
        F: Fn(SqsEvent) -> R + Send + Sync + 'static,
        R: Future<Output = SqsBatchResponse> + Send + 'static,
    {
        Self::start(|stop| poll(queues, queue, Arc::new(invoke), stop))
    }
}

async fn poll<F, R>(queues: Queues, queue: QueueName, invoke: Arc<F>, mut stop: oneshot::Receiver<()>)
where
    F: Fn(SqsEvent) -> R + Send + Sync + 'static,
    R: Future<Output = SqsBatchResponse> + Send + 'static,
{
    let slots = Arc::new(Semaphore::new(PROCESSING_MAX));
    let options = ReceiveOptions {
        count_max: BATCH_SIZE_MAX,
        visibility_timeout: queue.visibility_timeout(),
        processing_max: PROCESSING_BY_GROUP_MAX,
    };
    let mut batches = JoinSet::new();
    let is_dropped = loop {
        let ready = async {
            let acquired = slots.clone().acquire_many_owned(BATCH_SIZE_MAX).await;
            (acquired, queues.visible(queue).await)
        };
        // Only the waiting is cut off: messages that are being received are also handled.
        let (acquired, visible) = tokio::select! {
            stop = &mut stop => break stop.is_err(),
            ready = ready => ready,
        };
        let received = match visible {
            Ok(()) => queues.receive(queue, options, Duration::ZERO).await,
            Err(error) => Err(error),
        };
        match (received, acquired) {
            (Ok(messages), Ok(mut acquired)) if !messages.is_empty() => {
                // A batch that is not full gives back what it does not need.
                drop(acquired.split(acquired.num_permits().saturating_sub(messages.len())));
                let (queues, invoke) = (queues.clone(), invoke.clone());
                batches.spawn(async move {
                    handle(&queues, queue, messages, &*invoke).await;
                    drop(acquired);
                });
            }
            (Ok(_), _) => sleep(RECEIVE_AGAIN_DELAY).await,
            (Err(_), _) => sleep(RETRY_DELAY).await,
        }
        while batches.try_join_next().is_some() {}
    };
    if !is_dropped {
        while batches.join_next().await.is_some() {}
    }
}

async fn handle<F, R>(queues: &Queues, queue: QueueName, messages: Vec<Message>, invoke: &F)
where
    F: Fn(SqsEvent) -> R,
    R: Future<Output = SqsBatchResponse>,
{
    let Ok(event) = event(queue, &messages) else { return };
    let response = invoke(event).await;
    // A message that cannot be deleted is handled again, as when the process ends here.
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
fn event(queue: QueueName, messages: &[Message]) -> serde_json::Result<SqsEvent> {
    let record = |message: &Message| {
        json!({
            "messageId": message.message_id,
            "receiptHandle": message.receipt_handle,
            "body": message.body,
            "attributes": message.system_attributes().collect::<BTreeMap<_, _>>(),
            "messageAttributes": {},
            "md5OfBody": md5_of_body(&message.body),
            "eventSource": "aws:sqs",
            "eventSourceARN": queue.arn(),
            "awsRegion": "local",
        })
    };
    serde_json::from_value(json!({ "Records": messages.iter().map(record).collect::<Vec<_>>() }))
}
