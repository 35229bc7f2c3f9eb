//! The kinds of events.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::StringEnum;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum EventType {
    /// An interview began.
    #[serde(rename = "interview.started")]
    InterviewStarted,
    /// An interview came to its end.
    #[serde(rename = "interview.completed")]
    InterviewCompleted,
    /// An interview failed.
    #[serde(rename = "interview.failed")]
    InterviewFailed,
    /// An interview was analysed.
    #[serde(rename = "analysis.completed")]
    AnalysisCompleted,
    /// An interview could not be analysed.
    #[serde(rename = "analysis.failed")]
    AnalysisFailed,
    /// Nothing happened: somebody tries a webhook.
    #[serde(rename = "ping")]
    Ping,
}

impl StringEnum for EventType {
    const ACCEPTED: &'static [Self] = &[
        Self::InterviewStarted,
        Self::InterviewCompleted,
        Self::InterviewFailed,
        Self::AnalysisCompleted,
        Self::AnalysisFailed,
        Self::Ping,
    ];

    fn as_str(self) -> &'static str {
        match self {
            Self::InterviewStarted => "interview.started",
            Self::InterviewCompleted => "interview.completed",
            Self::InterviewFailed => "interview.failed",
            Self::AnalysisCompleted => "analysis.completed",
            Self::AnalysisFailed => "analysis.failed",
            Self::Ping => "ping",
        }
    }

    /// The spelling of our enumerations, for example `INTERVIEW_COMPLETED`.
    fn alias(self) -> Option<String> {
        Some(self.as_str().replace('.', "_").to_uppercase())
    }
}

impl fmt::Display for EventType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
