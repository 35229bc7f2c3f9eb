//! Resources as callers see them.

use domain::{
    Agent, AgentId, AgentType, Analysis, BackgroundSound, CallAttempt, CandidateId, CefrLevel, CompanyId,
    DurationMinutes, Focus, Interview, InterviewId, InterviewStatus, JobId, Language, Metadata, PhoneNumberId,
    Question, Timestamp, Voice,
};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

/// Metadata is held as JSON text, and written as the JSON that it is.
fn as_json<S: Serializer>(metadata: &Option<&Metadata>, serializer: S) -> Result<S::Ok, S::Error> {
    let raw: Option<&RawValue> = match metadata {
        Some(metadata) => Some(serde_json::from_str(metadata.as_str()).map_err(serde::ser::Error::custom)?),
        None => None,
    };
    raw.serialize(serializer)
}

/// An agent.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AgentResponse<'a> {
    id: AgentId,
    company_id: CompanyId,
    name: &'a str,
    r#type: AgentType,
    focus: Focus,
    language: Language,
    duration: DurationMinutes,
    #[serde(skip_serializing_if = "Option::is_none")]
    questions: Option<&'a [Question]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    instructions: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    voice_id: Option<Voice>,
    #[serde(skip_serializing_if = "Option::is_none")]
    company_phone_number_id: Option<PhoneNumberId>,
    background_sound: BackgroundSound,
    #[serde(skip_serializing_if = "Option::is_none")]
    cefr_level: Option<CefrLevel>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "as_json")]
    metadata: Option<&'a Metadata>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl<'a> From<&'a Agent> for AgentResponse<'a> {
    fn from(agent: &'a Agent) -> Self {
        let Agent { id, company_id, profile, created_at, updated_at } = agent;
        Self {
            id: *id,
            company_id: *company_id,
            name: profile.name.as_str(),
            r#type: profile.r#type,
            focus: profile.focus,
            language: profile.language,
            duration: profile.duration,
            questions: profile.questions.as_deref(),
            instructions: profile.instructions.as_ref().map(|text| text.as_str()),
            voice_id: profile.voice_id,
            company_phone_number_id: profile.company_phone_number_id,
            background_sound: profile.background_sound,
            cefr_level: profile.cefr_level,
            metadata: profile.metadata.as_ref(),
            created_at: *created_at,
            updated_at: *updated_at,
        }
    }
}

/// An interview.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct InterviewResponse<'a> {
    id: InterviewId,
    candidate_id: CandidateId,
    agent_id: AgentId,
    #[serde(skip_serializing_if = "Option::is_none")]
    job_id: Option<JobId>,
    status: InterviewStatus,
    scheduled_at: Timestamp,
    created_at: Timestamp,
    updated_at: Timestamp,
    duration_minutes: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    finished_date: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "as_json")]
    metadata: Option<&'a Metadata>,
    #[serde(skip_serializing_if = "Option::is_none")]
    call_attempts: Option<&'a [CallAttempt]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    analysis: Option<&'a Analysis>,
    is_test: bool,
}

impl<'a> From<&'a Interview> for InterviewResponse<'a> {
    fn from(interview: &'a Interview) -> Self {
        Self {
            id: interview.id,
            candidate_id: interview.candidate_id,
            agent_id: interview.agent_id,
            job_id: interview.job_id,
            status: interview.status,
            scheduled_at: interview.scheduled_at,
            created_at: interview.created_at,
            updated_at: interview.updated_at,
            duration_minutes: interview.duration_minutes,
            finished_date: interview.finished_date,
            metadata: interview.metadata.as_ref(),
            call_attempts: interview.call_attempts.as_deref(),
            analysis: interview.analysis.as_ref(),
            is_test: interview.is_test,
        }
    }
}
