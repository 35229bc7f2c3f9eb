//! Why the table could not be read or written, classified once, here.

use std::error::Error;
use std::fmt;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

/// What kind of failure it was. All but `Unknown` pass with time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureKind {
    /// Other transactions held the same items for longer than the retries lasted.
    Conflict,
    /// The table or the account takes no more requests now.
    Throttled,
    /// No answer in time.
    TimedOut,
    /// No connection, or the service failed.
    Unavailable,
    /// A request that the table does not understand, or an answer that we do not: a defect.
    Unknown,
}

impl FailureKind {
    /// Whether the same request may succeed later.
    pub fn is_passing(self) -> bool {
        match self {
            Self::Conflict | Self::Throttled | Self::TimedOut | Self::Unavailable => true,
            Self::Unknown => false,
        }
    }

    /// Its name in logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Conflict => "conflict",
            Self::Throttled => "throttled",
            Self::TimedOut => "timed_out",
            Self::Unavailable => "unavailable",
            Self::Unknown => "unknown",
        }
    }
}

/// An error in DynamoDB's own words: for operators, never for callers of the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// For example `ResourceNotFoundException`.
    pub code: String,
    /// What it adds for people; may be empty.
    pub message: String,
}

/// The table could not be read or written. Nothing is known of whether a write took effect.
#[derive(Debug)]
pub struct StoreError {
    /// What kind of failure it was.
    pub kind: FailureKind,
    /// What was being done, for example `TransactWriteItems`.
    pub operation: &'static str,
    /// What DynamoDB answered, if it did.
    pub answer: Option<Answer>,
    source: Box<dyn Error + Send + Sync>,
}

impl StoreError {
    pub(crate) fn unknown(operation: &'static str, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { kind: FailureKind::Unknown, operation, answer: None, source: source.into() }
    }

    pub(crate) fn conflict(operation: &'static str, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { kind: FailureKind::Conflict, operation, answer: None, source: source.into() }
    }

    pub(crate) fn throttled(operation: &'static str, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { kind: FailureKind::Throttled, operation, answer: None, source: source.into() }
    }

    pub(crate) fn timed_out(operation: &'static str, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { kind: FailureKind::TimedOut, operation, answer: None, source: source.into() }
    }

    pub(crate) fn from_sdk<E>(operation: &'static str, error: SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        let kind = match &error {
            SdkError::TimeoutError(_) => FailureKind::TimedOut,
            SdkError::DispatchFailure(failure) if failure.is_timeout() => FailureKind::TimedOut,
            SdkError::DispatchFailure(_) | SdkError::ResponseError(_) => FailureKind::Unavailable,
            SdkError::ServiceError(service) => match (service.err().code(), service.raw().status().as_u16()) {
                (Some(code), _) if CONFLICTS.contains(&code) => FailureKind::Conflict,
                (Some(code), _) if THROTTLES.contains(&code) => FailureKind::Throttled,
                (_, 500..) => FailureKind::Unavailable,
                (_, _) => FailureKind::Unknown,
            },
            // A request that could not be built, and whatever the SDK adds later.
            _ => FailureKind::Unknown,
        };
        let answer = error
            .code()
            .map(|code| Answer { code: code.to_owned(), message: error.message().unwrap_or_default().to_owned() });
        Self { kind, operation, answer, source: Box::new(error) }
    }
}

const CONFLICTS: [&str; 3] =
    ["TransactionConflictException", "TransactionInProgressException", "ReplicatedWriteConflictException"];
const THROTTLES: [&str; 4] =
    ["ProvisionedThroughputExceededException", "ThrottlingException", "RequestLimitExceeded", "LimitExceededException"];

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} failed: {}", self.operation, self.kind.as_str())
    }
}

impl Error for StoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(self.source.as_ref())
    }
}
