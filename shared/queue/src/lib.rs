//! A queue of messages. The only crate that knows SQS.
//!
//! [`Queue::send_all`] sends many messages at once, with a result for each; [`Queue::postpone`] puts off a message that
//! was received. Lambda receives and deletes.
//!
//! The crate does not know what messages mean: a body is any JSON text, and a group is a tenant that should not have to
//! wait for the others.
//!
//! ```
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! use queue::{OutgoingMessage, Queue};
//!
//! let queue = Queue::from_environment("DELIVERY_QUEUE_URL").await?;
//! let messages = ["one", "two"].map(|name| OutgoingMessage { body: format!("\"{name}\""), group: name.to_owned() });
//! for (message, result) in messages.iter().zip(queue.send_all(&messages).await) {
//!     if let Err(error) = result {
//!         eprintln!("{}: {error}, worth repeating: {}", message.group, error.is_passing());
//!     }
//! }
//! # Ok(())
//! # }
//! # assert!(tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(run()).is_err());
//! ```

mod error;
mod text;

use std::borrow::Cow;
use std::collections::HashMap;
use std::time::Duration;

use aws::{ClientTimeouts, ConfigurationError, HttpClient, SdkConfig};
use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsMessage};
use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::{BuildError, SdkError};
use aws_sdk_sqs::types::{MessageAttributeValue, SendMessageBatchRequestEntry};
use futures_util::{StreamExt, stream};
use tokio::time::Instant;

pub use error::QueueError;

/// Most bytes of a message: SQS's limit, which holds for all messages of a request together as well.
pub const MESSAGE_MAX_BYTES: usize = 1_024 * 1_024;
/// Longest time for which a message can be put off: the 12 hours for which SQS lets a message be invisible, less the
/// 6 minutes for which it may have been already when it is put off (the queue's own visibility time-out, after which
/// it would have been received anew). SQS counts from the reception, and refuses what would end beyond.
pub const POSTPONE_MAX: Duration = Duration::from_secs(12 * 60 * 60 - 6 * 60);

/// Most bytes of the reason that goes along with a message: what a person reads of it.
pub const REASON_MAX_BYTES: usize = 2_048;

/// Most messages of a request: SQS's limit.
const BATCH_MAX_MESSAGES: usize = 10;
/// Requests under way at a time. One answers within about 10 ms; eight send 8,000 messages a second, more than a
/// batch of the table's stream can cause in a second.
const BATCHES_AT_A_TIME: usize = 8;

/// Most times that a message is sent again which SQS did not accept although it accepted the request. That is rare, and
/// mostly over at once.
const RESENDS_MAX: u32 = 4;
/// Longest wait before the first of them. It doubles for each, and a random part of it is really waited (full jitter).
const RESEND_WAIT: Duration = Duration::from_millis(50);
/// No message is sent again when its batch was first sent this long ago. With [`ClientTimeouts::total`] for the request
/// that is under way then, a batch takes at most 11 s.
const RESEND_WITHIN: Duration = Duration::from_secs(5);

/// A message to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutgoingMessage {
    /// JSON text. Characters that SQS refuses are escaped.
    pub body: String,
    /// SQS's message group: one with many messages does not delay the others. 1 to 128 letters, digits and punctuation
    /// of ASCII.
    pub group: String,
}

/// A queue.
#[derive(Debug, Clone)]
pub struct Queue {
    client: Client,
    url: String,
}

/// The answer to a batch from a queue: these messages are to come back, and the others are done.
pub fn redeliver<'a>(messages: impl Iterator<Item = &'a SqsMessage>) -> SqsBatchResponse {
    let mut response = SqsBatchResponse::default();
    response.batch_item_failures = messages
        .map(|message| {
            let mut failure = BatchItemFailure::default();
            failure.item_identifier = message.message_id.clone().unwrap_or_default();
            failure
        })
        .collect();
    response
}

impl Queue {
    /// The queue whose URL that variable holds, as a function reaches it.
    ///
    /// # Errors
    /// A variable is missing.
    pub async fn from_environment(variable: &str) -> Result<Self, ConfigurationError> {
        Ok(Self::new(&aws::for_function().await?, &aws::variable(variable)?))
    }

    /// The queue with that URL.
    pub fn new(config: &SdkConfig, url: &str) -> Self {
        Self { client: Client::new(&ClientTimeouts::STANDARD.applied_to(config)), url: url.to_owned() }
    }

    /// The queue with that URL, on a server that asks for no credentials, through that HTTP client. A URL is that of
    /// the server, the account and the queue's name, with slashes between them.
    pub async fn at_endpoint(url: &str, http_client: HttpClient) -> Self {
        let endpoint_url = url.rsplitn(3, '/').nth(2).unwrap_or(url);
        Self::new(&aws::at_endpoint(endpoint_url, http_client).await, url)
    }

    /// Sends a message.
    ///
    /// # Errors
    /// The message was not sent, or its answer was lost.
    pub async fn send(&self, message: OutgoingMessage) -> Result<(), QueueError> {
        self.send_all(&[message]).await.into_iter().collect()
    }

    /// Sends messages in as few requests as possible, and returns a result for each in the same order. After an error,
    /// a message may still have been sent.
    pub async fn send_all(&self, messages: &[OutgoingMessage]) -> Vec<Result<(), QueueError>> {
        let entries: Vec<Entry<'_>> = messages.iter().enumerate().map(Entry::new).collect();
        let mut results: Vec<_> = entries.iter().map(Entry::fits).collect();

        let fitting = entries.into_iter().zip(&results).filter(|(_, fits)| fits.is_ok()).map(|(entry, _)| entry);
        let requests: Vec<_> = batches(fitting).into_iter().map(|batch| self.send_batch(batch)).collect();
        let failures = stream::iter(requests).buffer_unordered(BATCHES_AT_A_TIME);
        for (position, error) in failures.concat().await {
            if let Some(result) = results.get_mut(position) {
                *result = Err(error);
            }
        }
        results
    }

    /// Sends a message with the reason why it could not be processed, in its attribute `reason`. The reason is cut off after
    /// [`REASON_MAX_BYTES`].
    ///
    /// # Errors
    /// As for [`Queue::send`].
    pub async fn send_with_reason(&self, message: &OutgoingMessage, reason: &str) -> Result<(), QueueError> {
        let reason = reason.get(..reason.floor_char_boundary(REASON_MAX_BYTES)).unwrap_or_default();
        let entry = Entry { reason: Some(text::escaped(reason)), ..Entry::new((0, message)) };
        entry.fits()?;
        self.send_batch(vec![entry]).await.into_iter().next().map_or(Ok(()), |(_, error)| Err(error))
    }

    /// Puts off a message that was received: it is received again after about that time, and not before. At most
    /// [`POSTPONE_MAX`].
    ///
    /// SQS counts whole seconds. A part of one is rounded up, so that no message comes too early; zero stays zero.
    ///
    /// # Errors
    /// The message was not put off, or the answer was lost. It is then received again after the queue's own visibility
    /// time-out.
    pub async fn postpone(&self, receipt_handle: &str, delay: Duration) -> Result<(), QueueError> {
        let request = self.client.change_message_visibility().queue_url(&self.url).receipt_handle(receipt_handle);
        let sent = request.visibility_timeout(whole_seconds(delay)).send().await;
        sent.map(|_| ()).map_err(|error| QueueError::from_sdk("ChangeMessageVisibility", error))
    }

    /// Sends a batch, and again those of its entries whose failure passes. Returns the failures, by position.
    async fn send_batch(&self, mut batch: Vec<Entry<'_>>) -> Vec<(usize, QueueError)> {
        let began = Instant::now();
        let mut failures = Vec::new();
        for resends in 0..=RESENDS_MAX {
            let failed = match self.send_once(batch).await {
                Ok(failed) => failed,
                // The SDK has tried again already.
                Err((batch, error)) => {
                    failures.extend(batch.iter().map(|entry| (entry.position, error.clone())));
                    break;
                }
            };
            let again = resends < RESENDS_MAX && began.elapsed() < RESEND_WITHIN;
            let (passing, lasting): (Vec<_>, Vec<_>) =
                failed.into_iter().partition(|(_, error)| again && error.is_passing());
            failures.extend(lasting.into_iter().map(|(entry, error)| (entry.position, error)));
            batch = passing.into_iter().map(|(entry, _)| entry).collect();
            if batch.is_empty() {
                break;
            }
            tokio::time::sleep((RESEND_WAIT * 2_u32.pow(resends)).mul_f64(fastrand::f64())).await;
        }
        failures
    }

    /// Sends a batch. Returns the entries that failed, or all of them if the whole request did.
    async fn send_once<'a>(
        &self,
        batch: Vec<Entry<'a>>,
    ) -> Result<Vec<(Entry<'a>, QueueError)>, (Vec<Entry<'a>>, QueueError)> {
        const OPERATION: &str = "SendMessageBatch";
        let entries: Result<Vec<_>, _> = batch.iter().map(Entry::to_sqs).collect();
        let sent = match entries {
            Ok(entries) => {
                self.client.send_message_batch().queue_url(&self.url).set_entries(Some(entries)).send().await
            }
            Err(error) => Err(SdkError::construction_failure(error)),
        };
        let answer = match sent {
            Ok(answer) => answer,
            Err(error) => return Err((batch, QueueError::from_sdk(OPERATION, error))),
        };
        let mut failed = Vec::new();
        for entry in batch {
            let id = entry.id();
            if !answer.successful.iter().any(|sent| sent.id == id) {
                let answer = answer.failed.iter().find(|failed| failed.id == id);
                failed.push((entry, QueueError::of_entry(OPERATION, answer)));
            }
        }
        Ok(failed)
    }
}

/// A message as it is sent.
struct Entry<'a> {
    position: usize,
    body: Cow<'a, str>,
    group: &'a str,
    /// The value of the attribute `reason`.
    reason: Option<Cow<'a, str>>,
}

impl<'a> Entry<'a> {
    fn new((position, message): (usize, &'a OutgoingMessage)) -> Self {
        Self { position, body: text::escaped(&message.body), group: &message.group, reason: None }
    }

    /// The entry's name in the request and in the answer.
    fn id(&self) -> String {
        self.position.to_string()
    }

    fn fits(&self) -> Result<(), QueueError> {
        match self.body.len() + self.reason.as_ref().map_or(0, |reason| reason.len()) {
            0..=MESSAGE_MAX_BYTES => Ok(()),
            bytes => Err(QueueError::TooLarge { bytes }),
        }
    }

    fn to_sqs(&self) -> Result<SendMessageBatchRequestEntry, BuildError> {
        let reason = self.reason.as_ref().filter(|reason| !reason.is_empty());
        let reason = reason
            .map(|reason| MessageAttributeValue::builder().data_type("String").string_value(reason.as_ref()).build());
        let attributes = reason.transpose()?.map(|reason| HashMap::from([("reason".to_owned(), reason)]));
        SendMessageBatchRequestEntry::builder()
            .id(self.id())
            .message_body(self.body.as_ref())
            .message_group_id(self.group)
            .set_message_attributes(attributes)
            .build()
    }
}

/// Entries that fit into one message each, divided into as few batches as their order allows.
fn batches<'a>(entries: impl Iterator<Item = Entry<'a>>) -> Vec<Vec<Entry<'a>>> {
    let mut batches: Vec<Vec<Entry<'a>>> = Vec::new();
    let mut bytes = 0;
    for entry in entries {
        match batches.last_mut() {
            Some(batch) if batch.len() < BATCH_MAX_MESSAGES && bytes + entry.body.len() <= MESSAGE_MAX_BYTES => {
                bytes += entry.body.len();
                batch.push(entry);
            }
            Some(_) | None => {
                bytes = entry.body.len();
                batches.push(vec![entry]);
            }
        }
    }
    batches
}

fn whole_seconds(delay: Duration) -> i32 {
    let delay = delay.min(POSTPONE_MAX);
    let seconds = delay.as_secs() + u64::from(delay.subsec_nanos() > 0);
    i32::try_from(seconds).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delay_is_whole_seconds_and_never_too_short() {
        let hours = |hours: u64| Duration::from_secs(hours * 60 * 60);
        for (delay, seconds) in [
            (Duration::ZERO, 0),
            (Duration::from_nanos(1), 1),
            (Duration::from_millis(999), 1),
            (Duration::from_secs(1), 1),
            (Duration::from_millis(1_001), 2),
            (hours(10), 36_000),
            (POSTPONE_MAX - Duration::from_millis(500), 42_840),
            (POSTPONE_MAX, 42_840),
            (hours(12), 42_840),
            (Duration::MAX, 42_840),
        ] {
            assert_eq!(whole_seconds(delay), seconds, "{delay:?}");
        }
    }

    #[test]
    fn batches_are_full_or_the_next_message_does_not_fit() {
        let sizes = |sizes: &[usize]| -> Vec<Vec<usize>> {
            let messages: Vec<_> = sizes
                .iter()
                .map(|size| OutgoingMessage { body: "x".repeat(*size), group: "group".to_owned() })
                .collect();
            let entries = messages.iter().enumerate().map(Entry::new);
            batches(entries).iter().map(|batch| batch.iter().map(|entry| entry.body.len()).collect()).collect()
        };
        assert!(sizes(&[]).is_empty());
        assert_eq!(sizes(&[1; 10]), [vec![1; 10]]);
        assert_eq!(sizes(&[1; 11]), [vec![1; 10], vec![1]]);
        const HALF: usize = MESSAGE_MAX_BYTES / 2;
        assert_eq!(sizes(&[HALF, HALF]), [vec![HALF, HALF]]);
        assert_eq!(sizes(&[HALF, HALF, 1]), [vec![HALF, HALF], vec![1]]);
        assert_eq!(sizes(&[HALF, HALF + 1, 1]), [vec![HALF], vec![HALF + 1, 1]]);
        assert_eq!(sizes(&[MESSAGE_MAX_BYTES, 1]), [vec![MESSAGE_MAX_BYTES], vec![1]]);
    }
}
