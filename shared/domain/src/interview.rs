//! Interviews.

mod change;
mod create;
mod ending;
mod life;

use serde::{Deserialize, Serialize};

use crate::agent::{AgentId, Focus};
use crate::allowance::Seconds;
use crate::analysis::{Analysis, AnalysisStatus, SpecificAnalysis};
use crate::candidate::CandidateId;
use crate::company::CompanyId;
use crate::conducting::FailureReason;
use crate::id::id;
use crate::job::JobId;
use crate::metadata::Metadata;
use crate::string_enum::string_enum;
use crate::time::{Period, Timestamp};
use crate::transcript::TranscriptSegment;

pub use change::*;
pub use create::*;
pub use life::*;

id! {
    /// One interview.
    InterviewId
}

id! {
    /// One try to reach a candidate by telephone.
    CallAttemptId
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
    /// Who calls whom.
    pub enum CallDirection {
        /// The agent calls the candidate.
        Outbound = "OUTBOUND",
    }
}

string_enum! {
    /// How far a call is.
    pub enum CallStatus {
        Scheduled = "SCHEDULED",
        InProgress = "IN_PROGRESS",
        Completed = "COMPLETED",
        Failed = "FAILED",
        Cancelled = "CANCELLED",
    }
}

string_enum! {
    /// Why a call failed.
    pub enum CallFailureReason {
        /// Nobody answered.
        NoAnswer = "NO_ANSWER",
        /// The line was busy.
        Busy = "BUSY",
        /// An answering machine took the call.
        Voicemail = "VOICEMAIL",
        /// The call was declined.
        Rejected = "REJECTED",
        /// The number can't be called.
        InvalidNumber = "INVALID_NUMBER",
        /// The candidate hung up before the interview was over.
        HungUp = "HUNG_UP",
        /// Something went wrong on our side, or on that of a telephone company.
        Error = "ERROR",
    }
}

/// One try to reach a candidate by telephone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct CallAttempt {
    /// Its identity.
    pub id: CallAttemptId,
    /// Who calls whom.
    #[serde(default = "outbound")]
    pub direction: CallDirection,
    /// How far it is.
    pub status: CallStatus,
    /// Why it failed, if it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason_code: Option<CallFailureReason>,
    /// What else is to be said of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
    /// How many calls of this interview were tried before.
    #[serde(default)]
    pub retry_number: u32,
    /// Where its recording is, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recording_url: Option<String>,
    /// How long it took, in seconds, once it is over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration: Option<u32>,
    /// When it is, or was, to be made.
    #[serde(alias = "startedAt")]
    pub scheduled_at: Timestamp,
    /// When it was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub called_at: Option<Timestamp>,
}

/// The direction of a call that was stored before directions were.
fn outbound() -> CallDirection {
    CallDirection::Outbound
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
    /// The time of its start: by our clock until its result tells it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    /// The time at which it ends without a result, while it is IN_PROGRESS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deadline: Option<Timestamp>,
    /// The focus of its agent when it started, which its usage is counted under.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub focus: Option<Focus>,
    /// The time of its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finished_date: Option<Timestamp>,
    /// The reason why it FAILED.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure_reason: Option<FailureReason>,
    /// The caller's own data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Metadata>,
    /// Tries to reach the candidate; only where the agent is of type PHONE.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call_attempts: Option<Vec<CallAttempt>>,
    /// The analysis of a test, and of an interview that was stored before analyses lay beside it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub analysis: Option<Analysis>,
    /// The status of the analysis that was recorded, which lies beside the interview if it is COMPLETED.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub analysed: Option<AnalysisStatus>,
    /// True if a recorded transcript lies beside the interview.
    #[serde(default, skip_serializing_if = "is_false")]
    pub transcript_available: bool,
    /// Made to try an integration; never billed.
    pub is_test: bool,
    /// The time that is held of the allowance for it, set when it is charged; none for a test. No time is left of it, but the
    /// month, while a result may still come after the deadline.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reservation: Option<Reservation>,
    /// The time that it used, once that is settled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settlement: Option<Settlement>,
    /// The time at which it was cancelled while it was running: it ends as CANCELLED, and nothing is kept of its content.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cancel_requested_at: Option<Timestamp>,
    /// The time at which it was deleted: nobody is shown it, and nothing is kept of its content.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deleted_at: Option<Timestamp>,
    /// The time at which its content was erased with its candidate: nothing more of that is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub erased_at: Option<Timestamp>,
    /// The time of its creation.
    pub created_at: Timestamp,
    /// The time of its last change.
    pub updated_at: Timestamp,
}

/// True for what is left out of an item.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

impl Interview {
    /// The words of the interview, if it was stored when they were part of its analysis.
    pub fn transcript_within(&self) -> Option<&[TranscriptSegment]> {
        match &self.analysis.as_ref()?.specific {
            SpecificAnalysis::Screening(screening) => screening.transcript_within.as_deref(),
        }
    }
}
