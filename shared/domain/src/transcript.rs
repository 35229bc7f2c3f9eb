//! Transcripts: the words of interviews.

use serde::{Deserialize, Serialize};

use crate::company::CompanyId;
use crate::interview::{Interview, InterviewId};
use crate::string_enum::string_enum;
use crate::time::Timestamp;

string_enum! {
    /// Who speaks.
    pub enum Speaker {
        Agent = "AGENT",
        Candidate = "CANDIDATE",
    }
}

/// Some words of one speaker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct TranscriptSegment {
    /// Who speaks.
    pub speaker: Speaker,
    /// The words.
    pub text: String,
    /// When they begin, in seconds from the interview's start.
    pub start_seconds: u32,
    /// When they end.
    pub end_seconds: u32,
}

/// The words of an interview, in order. They are stored beside it, so that nothing pays for them but who asks for them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Transcript {
    /// The interview.
    pub interview_id: InterviewId,
    /// The company of the interview.
    pub company_id: CompanyId,
    /// The words.
    pub segments: Vec<TranscriptSegment>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl Transcript {
    /// The transcript of an interview that has just been written down.
    pub fn new(interview: &Interview, segments: Vec<TranscriptSegment>, now: Timestamp) -> Self {
        let Interview { id, company_id, .. } = interview;
        Self { interview_id: *id, company_id: *company_id, segments, created_at: now, updated_at: now }
    }
}
