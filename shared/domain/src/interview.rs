//! Interviews.

mod create;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::agent::AgentId;
use crate::allowance::Seconds;
use crate::analysis::Analysis;
use crate::candidate::CandidateId;
use crate::company::CompanyId;
use crate::id::id;
use crate::job::JobId;
use crate::metadata::Metadata;
use crate::string_enum::string_enum;
use crate::time::{Period, Timestamp};

pub use create::*;

id! {
    /// One interview.
    InterviewId
}

string_enum! {
    /// How far an interview is.
    pub enum InterviewStatus {
        Scheduled = "SCHEDULED",
        InProgress = "IN_PROGRESS",
        Completed = "COMPLETED",
        Failed = "FAILED",
        Cancelled = "CANCELLED",
    }
    stored only { Undefined = "UNDEFINED" }
}

string_enum! {
    /// How a call ended.
    pub enum CallStatus {
        Completed = "COMPLETED",
        NoAnswer = "NO_ANSWER",
        Failed = "FAILED",
    }
}

/// One try to reach a candidate by telephone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct CallAttempt {
    /// Its identity.
    pub id: Uuid,
    /// How it ended.
    pub status: CallStatus,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Timestamp,
}

/// Time of the company's allowance that is held for an interview until it is settled.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Reservation {
    /// The period whose grant it was taken from.
    pub period: Period,
    /// The reserved time.
    pub seconds: Seconds,
}

/// An interview of a candidate by an agent, mostly for a job.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Interview {
    /// The identity.
    pub id: InterviewId,
    /// The company.
    pub company_id: CompanyId,
    /// The candidate.
    pub candidate_id: CandidateId,
    /// The agent.
    pub agent_id: AgentId,
    /// For what; none for the talent pool.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job_id: Option<JobId>,
    /// The status.
    pub status: InterviewStatus,
    /// The time at which it is due.
    pub scheduled_at: Timestamp,
    /// The time that it may take, or took.
    pub duration_minutes: u16,
    /// The time of its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finished_date: Option<Timestamp>,
    /// The caller's own data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Metadata>,
    /// Tries to reach the candidate; only where the agent is of type PHONE.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call_attempts: Option<Vec<CallAttempt>>,
    /// The analysis, once there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub analysis: Option<Analysis>,
    /// Made to try an integration; never billed.
    pub is_test: bool,
    /// The time that is held of the allowance for it, set when it is charged; none for a test.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reservation: Option<Reservation>,
    /// The time of its creation.
    pub created_at: Timestamp,
    /// The time of its last change.
    pub updated_at: Timestamp,
}
