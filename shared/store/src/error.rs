//! Failures of the table.

use std::error::Error;
use std::fmt;

use aws::FailureKind;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

/// An error in DynamoDB's own words: for operators, never for callers of the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceError {
    /// The error's code, for example `ResourceNotFoundException`.
    pub code: String,
    /// The text for people; may be empty.
    pub message: String,
}

/// A failure to read or write the table. Nothing is known of whether a write took effect.
#[derive(Debug)]
pub struct StoreError {
    /// The kind of failure.
    pub kind: FailureKind,
    /// The operation that failed, for example `TransactWriteItems`.
    pub operation: &'static str,
    /// The answer of DynamoDB, if there was one.
    pub answer: Option<ServiceError>,
    source: Box<dyn Error + Send + Sync>,
}

impl StoreError {
    pub(crate) fn new(
        kind: FailureKind,
        operation: &'static str,
        source: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> Self {
        Self { kind, operation, answer: None, source: source.into() }
    }

    /// A defect: a request that can't be built, an item that can't be read.
    pub(crate) fn unknown(operation: &'static str, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::new(FailureKind::Unknown, operation, source)
    }

    pub(crate) fn conflict(operation: &'static str, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::new(FailureKind::Conflict, operation, source)
    }

    pub(crate) fn from_sdk<E>(operation: &'static str, error: SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        let message = error.message().unwrap_or_default().to_owned();
        let answer = error.code().map(|code| ServiceError { code: code.to_owned(), message });
        Self { answer, ..Self::new(FailureKind::of(&error), operation, error) }
    }

    /// True if the same request may succeed later.
    pub fn is_passing(&self) -> bool {
        self.kind.is_passing()
    }
}

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
