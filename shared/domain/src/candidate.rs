//! Candidates: people to be interviewed.

mod erasure;
mod search;

use chrono::{Datelike, NaiveDate, NaiveTime};
use serde::{Deserialize, Serialize};

use crate::company::CompanyId;
use crate::contact::{E164, Email};
use crate::id::id;
use crate::job::JobId;
use crate::metadata::Metadata;
use crate::string_enum::string_enum;
use crate::text::SingleLine;
use crate::time::Timestamp;

pub use erasure::*;
pub use search::*;

id! {
    /// A person to be interviewed.
    CandidateId
}

string_enum! {
    /// How far a candidate's application is.
    pub enum CandidateStatus {
        /// The candidate has applied, and nothing was decided yet.
        Applied = "APPLIED",
        /// The company is occupied with the application.
        InProcess = "IN_PROCESS",
        /// The company has rejected the candidate.
        Rejected = "REJECTED",
        /// The company has accepted the candidate.
        Accepted = "ACCEPTED",
    }
}

/// Most jobs that one request names for a candidate: each is a read, and a condition of the write.
pub const NAMED_JOBS_MAX: usize = 50;

/// Most jobs that one candidate is assigned to. A candidate's item is read and written whole with every assignment, and
/// a thousand ids take 40 KB of it.
pub const CANDIDATE_JOBS_MAX: usize = 1_000;

/// The part of a candidate that the company chooses.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CandidateProfile {
    pub first_name: SingleLine<1, 100>,
    pub last_name: SingleLine<1, 100>,
    /// The date until which the company may keep this person's data.
    pub gdpr_expiry_date: NaiveDate,
    /// E-mail address; this or a telephone number is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<Email>,
    /// Telephone number. An agent of type PHONE needs it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone_number: Option<E164>,
    /// The caller's own data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Metadata>,
}

impl CandidateProfile {
    /// The first instant at which the data may not be kept any longer: the end of the day (UTC). None beyond the year 9999.
    pub fn kept_until(&self) -> Option<Timestamp> {
        let next_day = self.gdpr_expiry_date.succ_opt()?;
        (next_day.year() <= 9_999).then(|| Timestamp::new(next_day.and_time(NaiveTime::MIN).and_utc()))
    }

    /// True if the data may not be kept any longer: nobody is shown it.
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.kept_until().is_some_and(|end| end <= now)
    }
}

/// A person to be interviewed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Candidate {
    pub id: CandidateId,
    /// The company that interviews.
    pub company_id: CompanyId,
    #[serde(flatten)]
    pub profile: CandidateProfile,
    /// The jobs that the candidate is assigned to, in the order of assignment; none: the talent pool.
    #[serde(default)]
    pub job_ids: Vec<JobId>,
    /// The status of the application; of candidates that were stored before there was one, APPLIED.
    #[serde(default = "applied")]
    pub status: CandidateStatus,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

fn applied() -> CandidateStatus {
    CandidateStatus::Applied
}

impl Candidate {
    /// A new candidate.
    pub fn new(id: CandidateId, company_id: CompanyId, new: CreateCandidate, now: Timestamp) -> Self {
        let CreateCandidate { profile, job_ids, status } = new;
        Self { id, company_id, profile, job_ids, status, created_at: now, updated_at: now }
    }
}

/// A candidate that a caller asks for.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CreateCandidate {
    #[serde(flatten)]
    pub profile: CandidateProfile,
    /// The jobs, each once.
    pub job_ids: Vec<JobId>,
    pub status: CandidateStatus,
}

/// The part of a stored candidate that a caller can change, but for the jobs.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ChangedCandidate {
    #[serde(flatten)]
    pub profile: CandidateProfile,
    pub status: CandidateStatus,
}
