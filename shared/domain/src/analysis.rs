//! Analyses: the findings of interviews.

mod mock;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Violation;
use crate::company::CompanyId;
use crate::id::id;
use crate::interview::{Interview, InterviewId};
use crate::json::whole_number;
use crate::string_enum::string_enum;
use crate::time::Timestamp;
use crate::transcript::TranscriptSegment;

pub use mock::mock_transcript;

id! {
    /// An analysis.
    AnalysisId
}

impl AnalysisId {
    /// The analysis of that interview, which has one at most.
    pub fn of(interview_id: InterviewId) -> Self {
        Self::new(Uuid::new_v5(&interview_id.uuid(), b"analysis"))
    }
}

string_enum! {
    /// How well a candidate fits.
    pub enum CompanyFitRating {
        Low = "LOW",
        Medium = "MEDIUM",
        High = "HIGH",
    }
}

string_enum! {
    /// How far an analysis is.
    pub enum AnalysisStatus {
        Completed = "COMPLETED",
        Failed = "FAILED",
    }
}

string_enum! {
    /// What should happen with a candidate next.
    pub enum Recommendation {
        Advance = "ADVANCE",
        Consider = "CONSIDER",
        Reject = "REJECT",
    }
}

/// A whole number from 0 to 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
#[serde(transparent)]
pub struct Rating(#[cfg_attr(feature = "schema", schemars(range(max = Rating::MAX)))] u8);

impl Rating {
    /// The best.
    pub const MAX: u8 = 100;

    /// Takes a rating; beyond the best is the best.
    pub fn new(rating: u8) -> Self {
        Self(rating.min(Self::MAX))
    }

    /// Reads a number by its value.
    ///
    /// # Errors
    /// A number that is not whole, or beyond the limits.
    pub fn parse(number: f64) -> Result<Self, Violation> {
        whole_number(number, u32::from(Self::MAX)).map(|rating| Self::new(u8::try_from(rating).unwrap_or(Self::MAX)))
    }

    /// The number.
    pub fn get(self) -> u8 {
        self.0
    }
}

/// What was found in an interview.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Analysis {
    /// Its identity.
    pub id: AnalysisId,
    /// What is found in interviews of every kind.
    pub general: GeneralAnalysis,
    /// What depends on the agent's focus.
    pub specific: SpecificAnalysis,
}

/// The analysis of an interview, which is stored beside it, so that nothing pays for it but who asks for it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StoredAnalysis {
    /// The interview.
    pub interview_id: InterviewId,
    /// The company of the interview.
    pub company_id: CompanyId,
    /// The analysis.
    pub analysis: Analysis,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl StoredAnalysis {
    /// The analysis of an interview that has just been recorded.
    pub fn new(interview: &Interview, analysis: Analysis, now: Timestamp) -> Self {
        let Interview { id, company_id, .. } = interview;
        Self { interview_id: *id, company_id: *company_id, analysis, created_at: now, updated_at: now }
    }
}

/// What is found in interviews of every kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct GeneralAnalysis {
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// All in all.
    pub overall_rating: Rating,
    /// How well the candidate fits.
    pub company_fit_rating: CompanyFitRating,
    /// The candidate's education, in a sentence.
    pub education: String,
    /// The candidate's experience, in a sentence.
    pub experience: String,
    /// What speaks for the candidate.
    pub strong_points: Vec<String>,
    /// What speaks against.
    pub weak_points: Vec<String>,
    /// A sentence on each question, in their order.
    pub evaluation: Vec<String>,
    /// How far it is.
    pub status: AnalysisStatus,
}

/// What depends on the agent's focus.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SpecificAnalysis {
    /// A first conversation about interest and fit.
    Screening(ScreeningAnalysis),
}

/// A first conversation about interest and fit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ScreeningAnalysis {
    /// Whether there was a conversation at all.
    pub conversation_check: ConversationCheck,
    /// How well the candidate did.
    pub scores: ScreeningScores,
    /// What should happen next.
    pub recommendation: Recommendation,
    /// What speaks for the candidate.
    pub strong_points: Vec<String>,
    /// What speaks against.
    pub weak_points: Vec<String>,
    /// The words, in order: only in analyses that were stored when these were part of them.
    #[serde(default, rename = "transcript", skip_serializing)]
    #[cfg_attr(feature = "schema", schemars(skip))]
    pub transcript_within: Option<Vec<TranscriptSegment>>,
}

/// Whether there was a conversation at all.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ConversationCheck {
    /// The candidate is interested.
    pub candidate_interest: bool,
    /// The conversation came to its end.
    pub conversation_completed: bool,
}

/// How well a candidate did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ScreeningScores {
    /// Clear and to the point.
    pub communication: Rating,
    /// Wants this position.
    pub motivation: Rating,
    /// Has done such work.
    pub experience: Rating,
    /// Speaks the interview's language.
    pub language: Rating,
}
