//! Conducting: the messages between Greenroom and whoever conducts its interviews.
//!
//! An interview that starts is handed over by an [`InterviewStart`]; what becomes of it comes back as an
//! [`InterviewResult`]. Both are JSON objects with a version.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Violation;
use crate::allowance::Seconds;
use crate::analysis::{
    Analysis, AnalysisId, AnalysisStatus, CompanyFitRating, GeneralAnalysis, Rating, SpecificAnalysis,
};
use crate::company::CompanyId;
use crate::id::id;
use crate::interview::{CallAttempt, InterviewId};
use crate::string_enum::string_enum;
use crate::text::{MultiLine, SingleLine};
use crate::time::Timestamp;
use crate::transcript::TranscriptSegment;

/// Most bytes of a transcript or of an analysis, each as compact JSON: 300 KB, so that its item, whose attributes take
/// about as much, stays below DynamoDB's 400 KB.
pub const CONTENT_MAX_BYTES: usize = 300 * 1_024;
/// Most segments of a transcript: three hours, the longest duration of an agent, with a change of speaker every 4 s.
pub const SEGMENTS_MAX: usize = 2_700;
/// Most characters of a segment: ten minutes of speech without a pause, at 16 characters a second.
pub const SEGMENT_MAX_CHARACTERS: usize = 10_000;
/// Most call attempts of an interview. Few people are called more than three times; each is stored in the interview's item.
pub const CALL_ATTEMPTS_MAX: usize = 10;
/// Most characters of a call attempt's notes: a few sentences.
pub const CALL_NOTES_MAX_CHARACTERS: usize = 500;
/// Most calls of an interview that may have been tried before one: nobody counts further.
pub const RETRY_NUMBER_MAX: u32 = 100;
/// Most points that speak for a candidate, and against: nobody reads more.
pub const POINTS_MAX: usize = 50;
/// Most sentences of an evaluation: one on each of an agent's questions, which are at most 50, and as many again.
pub const EVALUATION_MAX: usize = 100;
/// Most characters of a finding: a long paragraph.
pub const FINDING_MAX_CHARACTERS: usize = 2_000;

/// The most time that an interview, a call or a segment's end may have: a day, in seconds. Agents' interviews take three
/// hours at most; the rest is for whoever forgets to hang up.
pub const CONDUCTED_MAX_SECONDS: u32 = 24 * 60 * 60;

/// The words of a segment.
pub type SegmentText = MultiLine<1, SEGMENT_MAX_CHARACTERS>;
/// Notes on a call attempt.
pub type CallNotes = MultiLine<0, CALL_NOTES_MAX_CHARACTERS>;
/// A sentence or a paragraph of an analysis.
pub type Finding = MultiLine<1, FINDING_MAX_CHARACTERS>;
/// The reason why an interview or its analysis failed: a word such as `NO_ANSWER`, or a sentence for people. 1–200 characters.
pub type FailureReason = SingleLine<1, 200>;

/// The version of the messages. New optional members do not change it; whatever else changes does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline, extend("enum" = [1])))]
#[serde(try_from = "u8", into = "u8")]
pub struct MessageVersion(u8);

impl MessageVersion {
    /// The one version that there is.
    pub const CURRENT: Self = Self(1);

    /// Reads a number by its value, as JSON Schema does.
    pub fn parse(number: f64) -> Result<Self, Violation> {
        if number == f64::from(Self::CURRENT.0) {
            return Ok(Self::CURRENT);
        }
        Err(Violation::new("version", format!("must be {}, the only version that there is", Self::CURRENT.0)))
    }
}

impl TryFrom<u8> for MessageVersion {
    type Error = Violation;

    fn try_from(number: u8) -> Result<Self, Violation> {
        Self::parse(f64::from(number))
    }
}

impl From<MessageVersion> for u8 {
    fn from(version: MessageVersion) -> Self {
        version.0
    }
}

id! {
    /// The hand-over of one interview. A message that is delivered twice has the same.
    StartId
}

impl StartId {
    /// The hand-over of that interview, which there is one of.
    pub fn of(interview_id: InterviewId) -> Self {
        Self::new(Uuid::new_v5(&interview_id.uuid(), b"start"))
    }
}

/// The message that hands an interview over to whoever conducts it, with everything that is needed for that: agent,
/// candidate, job and telephone number each as the API shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "InterviewStart"))]
#[serde(rename_all = "camelCase")]
pub struct InterviewStart<Agent, Candidate, Job, PhoneNumber> {
    /// Version of the message.
    pub version: MessageVersion,
    /// Identity of the hand-over: the same in each copy of the message.
    pub message_id: StartId,
    /// The interview.
    pub interview_id: InterviewId,
    /// The company that interviews.
    pub company_id: CompanyId,
    /// When the interview is, or was, due.
    pub scheduled_at: Timestamp,
    /// When the interview fails with NO_RESULT unless a result has come. A later result still counts.
    pub deadline: Timestamp,
    /// The agent that interviews, as it was when the interview started.
    pub agent: Agent,
    /// The candidate to be interviewed.
    pub candidate: Candidate,
    /// The job that the interview is for; absent for the talent pool.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job: Option<Job>,
    /// The company's number to call from; absent unless the agent is of type PHONE.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone_number: Option<PhoneNumber>,
}

string_enum! {
    /// What a result says.
    pub enum ResultEvent {
        Completed = "completed",
        Failed = "failed",
        AnalysisCompleted = "analysis.completed",
        AnalysisFailed = "analysis.failed",
    }
}

/// The message by which whoever conducts an interview tells what became of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct InterviewResult {
    /// The version of the message.
    pub version: MessageVersion,
    /// The interview.
    pub interview_id: InterviewId,
    /// The outcome.
    #[serde(flatten)]
    pub outcome: ConductedOutcome,
}

/// The outcome of an interview, or of its analysis.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "event")]
pub enum ConductedOutcome {
    /// The interview took place.
    #[serde(rename = "completed")]
    Completed(ConductedInterview),
    /// The interview could not be held, or broke off.
    #[serde(rename = "failed", rename_all = "camelCase")]
    Failed {
        /// The reason.
        reason: FailureReason,
        /// The calls that were tried, in order; none unless the agent is of type PHONE.
        #[serde(skip_serializing_if = "Option::is_none")]
        call_attempts: Option<Vec<CallAttempt>>,
    },
    /// The interview was analysed.
    #[serde(rename = "analysis.completed")]
    AnalysisCompleted {
        /// The findings.
        analysis: Findings,
    },
    /// The interview could not be analysed.
    #[serde(rename = "analysis.failed")]
    AnalysisFailed {
        /// The reason.
        reason: FailureReason,
    },
}

impl ConductedOutcome {
    /// The word that the message says for it.
    pub fn event(&self) -> ResultEvent {
        match self {
            Self::Completed(_) => ResultEvent::Completed,
            Self::Failed { .. } => ResultEvent::Failed,
            Self::AnalysisCompleted { .. } => ResultEvent::AnalysisCompleted,
            Self::AnalysisFailed { .. } => ResultEvent::AnalysisFailed,
        }
    }
}

/// An interview that took place.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ConductedInterview {
    /// The time of its beginning, by the conductor's clock.
    pub started_at: Timestamp,
    /// The time of its end, by the conductor's clock.
    pub ended_at: Timestamp,
    /// The time that counts for billing: whole seconds, a part of one rounded up.
    pub duration_seconds: Seconds,
    /// The words, in order; none if nothing was written down.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transcript: Option<Vec<TranscriptSegment>>,
    /// The calls that were tried, in order; none unless the agent is of type PHONE.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call_attempts: Option<Vec<CallAttempt>>,
}

/// Reads a time of 0 to [`CONDUCTED_MAX_SECONDS`] that may have a part of a second, which is rounded up.
///
/// # Errors
/// A negative time, and one that is longer than a day.
pub fn seconds_used(number: f64) -> Result<Seconds, Violation> {
    if !(0.0..=f64::from(CONDUCTED_MAX_SECONDS)).contains(&number) {
        let message = format!("must be 0 to {CONDUCTED_MAX_SECONDS} seconds");
        return Err(Violation::out_of_range(number < 0.0, message));
    }
    #[expect(clippy::cast_possible_truncation, reason = "at most a day")]
    let seconds = number.ceil() as i64;
    Ok(Seconds(seconds))
}

/// The findings of an interview: an analysis without its identity and times, which Greenroom gives it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Findings {
    /// The findings that interviews of every kind have.
    pub general: GeneralFindings,
    /// The findings that depend on the agent's focus.
    pub specific: SpecificAnalysis,
}

/// The findings that interviews of every kind have.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GeneralFindings {
    /// The rating all in all.
    pub overall_rating: Rating,
    /// The rating of how well the candidate fits.
    pub company_fit_rating: CompanyFitRating,
    /// The candidate's education, in a sentence.
    pub education: String,
    /// The candidate's experience, in a sentence.
    pub experience: String,
    /// Points that speak for the candidate.
    pub strong_points: Vec<String>,
    /// Points that speak against.
    pub weak_points: Vec<String>,
    /// A sentence on each question, in their order.
    pub evaluation: Vec<String>,
}

/// An analysis without its identity and times.
impl From<Analysis> for Findings {
    fn from(Analysis { id: _, general, specific }: Analysis) -> Self {
        Self {
            general: GeneralFindings {
                overall_rating: general.overall_rating,
                company_fit_rating: general.company_fit_rating,
                education: general.education,
                experience: general.experience,
                strong_points: general.strong_points,
                weak_points: general.weak_points,
                evaluation: general.evaluation,
            },
            specific,
        }
    }
}

impl Analysis {
    /// The analysis of an interview with these findings, recorded now. Its id is the same whenever that happens.
    pub fn of(interview_id: InterviewId, findings: Findings, now: Timestamp) -> Self {
        let Findings { general, specific } = findings;
        Self {
            id: AnalysisId::of(interview_id),
            general: GeneralAnalysis {
                created_at: now,
                updated_at: now,
                overall_rating: general.overall_rating,
                company_fit_rating: general.company_fit_rating,
                education: general.education,
                experience: general.experience,
                strong_points: general.strong_points,
                weak_points: general.weak_points,
                evaluation: general.evaluation,
                status: AnalysisStatus::Completed,
            },
            specific,
        }
    }
}
