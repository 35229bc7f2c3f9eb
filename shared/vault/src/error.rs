//! The error of a secret that was not sealed or not opened.

use std::error::Error;
use std::fmt;

use aws::FailureKind;
use aws_sdk_kms::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

/// A secret was not sealed, or not opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VaultError {
    /// The secret was not sealed here, or not in this context, or it was changed since.
    NotOurs,
    /// The operating system has no randomness to give.
    Randomness,
    /// A request to KMS failed.
    Failed {
        kind: FailureKind,
        /// KMS's name of the operation, for example `GenerateDataKey`.
        operation: &'static str,
        cause: Cause,
    },
}

impl VaultError {
    /// True if the same may succeed later.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::NotOurs => false,
            Self::Randomness => true,
            Self::Failed { kind, .. } => kind.is_passing(),
        }
    }

    pub(crate) fn from_sdk<E>(operation: &'static str, error: SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        // KMS's codes for a key that it did not wrap, or not with this context or this key.
        if matches!(error.code(), Some("InvalidCiphertextException" | "IncorrectKeyException")) {
            return Self::NotOurs;
        }
        let kind = match error.code() {
            // An operator has switched the key off, and may switch it on again.
            Some("DisabledException" | "KMSInvalidStateException") => FailureKind::Unavailable,
            Some(_) | None => FailureKind::of(&error),
        };
        Self::Failed { kind, operation, cause: Cause::of(&error) }
    }

    /// The error of an answer without a usable data key.
    pub(crate) fn incomplete(operation: &'static str) -> Self {
        let cause = Cause("an answer without a key of 256 bits".to_owned());
        Self::Failed { kind: FailureKind::Unknown, operation, cause }
    }
}

/// The texts of an error and its causes. Only the texts: the SDK's own errors may hold an answer, and so a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause(String);

impl Cause {
    fn of(error: &dyn Error) -> Self {
        let mut text = error.to_string();
        let mut source = error.source();
        while let Some(error) = source {
            text.push_str(": ");
            text.push_str(&error.to_string());
            source = error.source();
        }
        Self(text)
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Cause {}

impl fmt::Display for VaultError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotOurs => f.write_str("not sealed here, or not in this context, or changed since"),
            Self::Randomness => f.write_str("no randomness"),
            Self::Failed { kind, operation, .. } => write!(f, "{operation} failed: {}", kind.as_str()),
        }
    }
}

impl Error for VaultError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::NotOurs | Self::Randomness => None,
            Self::Failed { cause, .. } => Some(cause),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_are_told_in_the_words_that_the_alarm_on_the_key_counts() {
        let template = include_str!("../../../template.yaml");
        for operation in ["GenerateDataKey", "Decrypt"] {
            let told = VaultError::incomplete(operation).to_string();
            let (words, _) = told.split_once(':').expect("the kind follows");
            assert!(template.contains(&format!("?\"{words}\"")), "KeyFailures does not count {told}");
        }
    }
}
