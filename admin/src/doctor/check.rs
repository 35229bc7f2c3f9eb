//! A check, and what an unanswered question makes of it.

use std::error::Error;

use aws::FailureKind;
use aws_sdk_lambda::config::http::HttpResponse;
use aws_sdk_lambda::error::{ProvideErrorMetadata, SdkError};
use serde::Serialize;
use store::{CreateError, OperatorError};

use crate::doctor::Place;
use crate::error::chain;
use crate::show::Show;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Outcome {
    #[serde(rename = "ok")]
    Ok,
    /// The system works, but not as well or as safely as it could.
    #[serde(rename = "warning")]
    Warning,
    #[serde(rename = "failed")]
    Failed,
    #[serde(rename = "not checked")]
    NotChecked,
}

impl Outcome {
    fn in_words(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Failed => "failed",
            Self::NotChecked => "not checked",
        }
    }
}

/// A check, with what was found and what to do about it.
#[derive(Debug, Serialize)]
pub struct Check {
    pub check: String,
    pub outcome: Outcome,
    pub detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
}

impl Check {
    fn new(check: impl Into<String>, outcome: Outcome, detail: impl Into<String>, advice: Option<String>) -> Self {
        // Causes may hold line ends.
        let line = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
        Self { check: check.into(), outcome, detail: line(detail.into()), advice: advice.map(line) }
    }

    pub fn ok(check: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new(check, Outcome::Ok, detail, None)
    }

    pub fn warning(check: impl Into<String>, detail: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::new(check, Outcome::Warning, detail, Some(advice.into()))
    }

    pub fn failed(check: impl Into<String>, detail: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::new(check, Outcome::Failed, detail, Some(advice.into()))
    }

    pub fn not_checked(check: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new(check, Outcome::NotChecked, detail, None)
    }
}

impl Show for Check {
    fn fields(&self) -> Vec<(&'static str, String)> {
        let to_do = self.advice.as_ref().map(|advice| format!(". To do: {advice}")).unwrap_or_default();
        vec![
            ("outcome", self.outcome.in_words().to_owned()),
            ("check", self.check.clone()),
            ("detail", format!("{}{to_do}", self.detail)),
        ]
    }
}

/// Codes by which the services say that the caller lacks a right.
const DENIALS: [&str; 5] = [
    "AccessDenied",
    "AccessDeniedException",
    "AuthorizationError",
    "AuthorizationErrorException",
    "UnauthorizedOperation",
];

/// The reason why a question was not answered.
#[derive(Debug)]
pub enum Unanswered {
    /// The caller lacks the right to ask.
    Denied,
    /// No answer in time, or no connection.
    Silent(String),
    /// The service refuses, with this code and in these words.
    Refused { code: String, text: String },
}

impl Unanswered {
    pub fn of<E>(error: &SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        Self::classified(FailureKind::of(error), error.code(), error.message(), error)
    }

    pub fn of_store(error: &OperatorError) -> Self {
        match error {
            OperatorError::Store(failure) | OperatorError::Table(CreateError::Request(failure)) => {
                let answer = failure.answer.as_ref();
                let (code, message) = (answer.map(|answer| &*answer.code), answer.map(|answer| &*answer.message));
                Self::classified(failure.kind, code, message, failure)
            }
            OperatorError::Table(CreateError::Exists | CreateError::Definition(_) | CreateError::NotActive)
            | OperatorError::NotFound(_)
            | OperatorError::Revoked
            | OperatorError::NotRotated(_)
            | OperatorError::ClocksDiffer { .. }
            | OperatorError::Changed => Self::Refused { code: String::new(), text: chain(error) },
        }
    }

    fn classified(kind: FailureKind, code: Option<&str>, message: Option<&str>, error: &(dyn Error + 'static)) -> Self {
        match (kind, code) {
            (_, Some(code)) if DENIALS.contains(&code) => Self::Denied,
            (_, Some(code)) => {
                Self::Refused { code: code.to_owned(), text: format!("{code}: {}", message.unwrap_or_default()) }
            }
            (FailureKind::TimedOut | FailureKind::Unavailable, None) => Self::Silent(chain(error)),
            (FailureKind::Conflict | FailureKind::Throttled | FailureKind::Unknown, None) => {
                Self::Refused { code: String::new(), text: chain(error) }
            }
        }
    }

    /// The check whose question this is. `right` is the right that it needs. A local endpoint need not know every
    /// question.
    pub fn check(&self, check: impl Into<String>, right: &str, place: &Place) -> Check {
        match (self, &place.local) {
            (Self::Denied, _) => Check::new(
                check,
                Outcome::NotChecked,
                format!("these credentials lack the right {right}"),
                Some(format!("allow {right} in the operator's role")),
            ),
            (Self::Refused { .. }, Some(url)) => {
                Check::not_checked(check, format!("{url} does not answer {right}, unlike AWS"))
            }
            (Self::Refused { text, .. }, None) => {
                Check::failed(check, format!("AWS refuses {right}: {text}"), "see what it says, then run this again")
            }
            (Self::Silent(text), _) => Check::failed(
                check,
                format!("no answer to {right} in time: {text}"),
                "check the network, a proxy and the region, then run this again",
            ),
        }
    }
}
