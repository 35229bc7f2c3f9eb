//! The mapping of a queue: many batches at a time are handed over, and deleted once the function has handled them.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
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

/// Most of them that may be of one group: a quarter, so that three endpoints that begin to hang leave room for the
/// others.
const PROCESSING_BY_GROUP_MAX: u32 = 200;

/// Wait when messages are visible but none was received, because each of their groups has its share.
const RECEIVE_AGAIN_DELAY: Duration = Duration::from_millis(20);

/// Wait after a queue that could not be read: its file was removed, or the disk is full.
const RETRY_DELAY: Duration = Duration::from_secs(1);

impl EventSource {
    /// Hands a queue's messages to a function, many batches at a time. Must be called inside a Tokio runtime.
    ///
    /// As in Lambda, success makes for more batches at a time and failure for fewer, here for each group by itself: it
    /// begins with one message at a time, twice as many after each batch that succeeds, half as many after one that
    /// fails. So an endpoint that hangs soon holds one connection, and causes no more work than one attempt at a time.
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
    let shares = Arc::new(Shares::default());
    let options = {
        let shares = shares.clone();
        ReceiveOptions {
            count_max: BATCH_SIZE_MAX,
            visibility_timeout: queue.visibility_timeout(),
            of_group_max: Arc::new(move |group| shares.free(group)),
        }
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
            Ok(()) => queues.receive(queue, options.clone(), Duration::ZERO).await,
            Err(error) => Err(error),
        };
        match (received, acquired) {
            (Ok(messages), Ok(mut acquired)) if !messages.is_empty() => {
                // A batch that is not full gives back what it does not need.
                drop(acquired.split(acquired.num_permits().saturating_sub(messages.len())));
                let (queues, invoke) = (queues.clone(), invoke.clone());
                let taken = Taken::new(&shares, &messages);
                batches.spawn(async move {
                    taken.end(handle(&queues, queue, messages, &*invoke).await);
                    drop(acquired);
                });
            }
            // The end of a batch makes room for its group.
            (Ok(_), _) => tokio::select! {
                Some(_) = batches.join_next() => {}
                () = sleep(RECEIVE_AGAIN_DELAY) => {}
            },
            (Err(_), _) => sleep(RETRY_DELAY).await,
        }
        while batches.try_join_next().is_some() {}
    };
    if !is_dropped {
        while batches.join_next().await.is_some() {}
    }
}

/// The groups' shares of what is processed at a time.
#[derive(Default)]
struct Shares(Mutex<HashMap<String, Share>>);

struct Share {
    processing: u32,
    processing_max: u32,
}

impl Default for Share {
    fn default() -> Self {
        Self { processing: 0, processing_max: 1 }
    }
}

impl Shares {
    /// The number of messages that the group may have besides those that are being processed.
    fn free(&self, group: &str) -> u32 {
        let shares = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        shares.get(group).map_or(1, |share| share.processing_max.saturating_sub(share.processing))
    }

    fn change(&self, group: &str, change: impl FnOnce(&mut Share)) {
        let mut shares = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let share = shares.entry(group.to_owned()).or_default();
        change(share);
        if share.processing == 0 && share.processing_max == 1 {
            shares.remove(group);
        }
    }
}

/// A batch's part of its group's share, given back when dropped.
struct Taken {
    shares: Arc<Shares>,
    group: String,
    count: u32,
}

impl Taken {
    fn new(shares: &Arc<Shares>, messages: &[Message]) -> Self {
        let group = messages.first().and_then(|message| message.group_id.clone()).unwrap_or_default();
        let count = u32::try_from(messages.len()).unwrap_or(u32::MAX);
        shares.change(&group, |share| share.processing += count);
        Self { shares: shares.clone(), group, count }
    }

    /// Gives it back, and changes the share by the batch's outcome.
    fn end(self, succeeded: bool) {
        self.shares.change(&self.group, |share| {
            share.processing_max = match succeeded {
                true => (share.processing_max * 2).min(PROCESSING_BY_GROUP_MAX),
                false => (share.processing_max / 2).max(1),
            };
        });
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        self.shares.change(&self.group, |share| share.processing -= self.count);
    }
}

/// Hands a batch to the function, and deletes what it has handled. True if that is all of it.
async fn handle<F, R>(queues: &Queues, queue: QueueName, messages: Vec<Message>, invoke: &F) -> bool
where
    F: Fn(SqsEvent) -> R,
    R: Future<Output = SqsBatchResponse>,
{
    let Ok(event) = event(queue, &messages) else { return false };
    let response = invoke(event).await;
    // A message that cannot be deleted is handled again, as when the process ends here.
    let _ = queues.delete(queue, handled(messages, &response)).await;
    response.batch_item_failures.is_empty()
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
