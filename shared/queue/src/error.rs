//! The error of a message that was not sent or not postponed.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use aws::FailureKind;
use aws_sdk_sqs::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sqs::types::BatchResultErrorEntry;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use crate::MESSAGE_MAX_BYTES;

/// A message was not sent or not postponed; or it was, and the answer was lost.
#[derive(Debug, Clone)]
pub enum QueueError {
    /// The message is larger than [`MESSAGE_MAX_BYTES`], and was not sent at all.
    TooLarge {
        /// The message's size.
        bytes: usize,
    },
    /// A request, or an entry of one, failed.
    Failed {
        kind: FailureKind,
        /// SQS's name of the operation, for example `SendMessageBatch`.
        operation: &'static str,
        /// The cause, shared because several messages fail for the same.
        source: Arc<dyn Error + Send + Sync>,
    },
}

impl QueueError {
    /// True if the same may succeed later.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::TooLarge { .. } => false,
            Self::Failed { kind, .. } => kind.is_passing(),
        }
    }

    pub(crate) fn from_sdk<E>(operation: &'static str, error: SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        Self::Failed { kind: FailureKind::of(&error), operation, source: Arc::new(error) }
    }

    /// The error of one entry of a batch that SQS accepted; `None` if the answer does not mention the entry.
    pub(crate) fn of_entry(operation: &'static str, entry: Option<&BatchResultErrorEntry>) -> Self {
        let kind = match entry {
            Some(entry) if entry.sender_fault => FailureKind::Unknown,
            // A fault of the service: classified like an answer with status 500.
            Some(entry) => FailureKind::of_answer(&entry.code, 500),
            None => FailureKind::Unavailable,
        };
        let answer = match entry {
            Some(entry) => format!("{}: {}", entry.code, entry.message.as_deref().unwrap_or_default()),
            None => "the answer does not mention the entry".to_owned(),
        };
        Self::Failed { kind, operation, source: Arc::from(Box::from(answer)) }
    }
}

impl fmt::Display for QueueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge { bytes } => write!(f, "a message of {bytes} bytes, where {MESSAGE_MAX_BYTES} are the most"),
            Self::Failed { kind, operation, .. } => write!(f, "{operation} failed: {}", kind.as_str()),
        }
    }
}

impl Error for QueueError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::TooLarge { .. } => None,
            Self::Failed { source, .. } => Some(source.as_ref()),
        }
    }
}
