//! The classification of failed requests to AWS services.

use aws_runtime::retries::classifiers::{THROTTLING_ERRORS, TRANSIENT_ERRORS};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

/// The kind of a failure. All but `Unknown` pass with time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureKind {
    /// Other transactions held the same items.
    Conflict,
    /// The service accepts no more requests now.
    Throttled,
    /// No answer in time.
    TimedOut,
    /// No connection, or the service failed.
    Unavailable,
    /// A request that the service refuses or does not understand, or an answer that we do not: a defect, or a
    /// deployment that lacks something.
    Unknown,
}

/// Codes of DynamoDB for writes that met another one. The SDK counts one of them as throttling.
const CONFLICTS: [&str; 3] =
    ["TransactionConflictException", "TransactionInProgressException", "ReplicatedWriteConflictException"];

impl FailureKind {
    /// The kind of an error of the SDK.
    pub fn of<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> Self {
        match error {
            SdkError::TimeoutError(_) => Self::TimedOut,
            SdkError::DispatchFailure(failure) if failure.is_timeout() => Self::TimedOut,
            SdkError::DispatchFailure(_) | SdkError::ResponseError(_) => Self::Unavailable,
            SdkError::ServiceError(service) => {
                Self::of_answer(service.err().code().unwrap_or_default(), service.raw().status().as_u16())
            }
            // A request that could not be built, and whatever the SDK adds later.
            _ => Self::Unknown,
        }
    }

    /// The kind of an error by its code and the status of the answer.
    pub fn of_answer(code: &str, status: u16) -> Self {
        if CONFLICTS.contains(&code) {
            Self::Conflict
        } else if THROTTLING_ERRORS.contains(&code) || status == 429 {
            Self::Throttled
        } else if TRANSIENT_ERRORS.contains(&code) {
            Self::TimedOut
        } else if status >= 500 {
            Self::Unavailable
        } else {
            Self::Unknown
        }
    }

    /// True if the same request may succeed later.
    pub fn is_passing(self) -> bool {
        match self {
            Self::Conflict | Self::Throttled | Self::TimedOut | Self::Unavailable => true,
            Self::Unknown => false,
        }
    }

    /// The name in logs.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_failure_has_its_kind_and_only_the_unknown_do_not_pass() {
        for (code, status, kind) in [
            ("TransactionConflictException", 400, FailureKind::Conflict),
            ("TransactionInProgressException", 400, FailureKind::Conflict),
            ("ReplicatedWriteConflictException", 400, FailureKind::Conflict),
            ("ProvisionedThroughputExceededException", 400, FailureKind::Throttled),
            ("RequestLimitExceeded", 400, FailureKind::Throttled),
            ("LimitExceededException", 400, FailureKind::Throttled),
            ("RequestThrottled", 400, FailureKind::Throttled),
            ("ThrottlingException", 400, FailureKind::Throttled),
            ("", 429, FailureKind::Throttled),
            ("RequestTimeout", 400, FailureKind::TimedOut),
            ("KMSInternalException", 500, FailureKind::Unavailable),
            ("", 503, FailureKind::Unavailable),
            ("AccessDeniedException", 400, FailureKind::Unknown),
            ("QueueDoesNotExist", 400, FailureKind::Unknown),
        ] {
            assert_eq!(FailureKind::of_answer(code, status), kind, "{code} {status}");
            assert_eq!(kind.is_passing(), kind != FailureKind::Unknown);
        }
    }
}
