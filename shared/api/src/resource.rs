//! Resources as callers see them.

use domain::agent::{
    Agent, AgentId, AgentType, BackgroundSound, CefrLevel, DurationMinutes, Focus, Language, Question, Voice,
};
use domain::analysis::Analysis;
use domain::candidate::CandidateId;
use domain::company::CompanyId;
use domain::interview::{CallAttempt, Interview, InterviewId, InterviewStatus};
use domain::job::JobId;
use domain::metadata::Metadata;
use domain::phone_number::PhoneNumberId;
use domain::time::Timestamp;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use crate::etag::Representation;

/// Writes metadata, which is held as JSON text, as the JSON that it is.
fn as_json<S: Serializer>(metadata: &Option<&Metadata>, serializer: S) -> Result<S::Ok, S::Error> {
    let raw: Option<&RawValue> = match metadata {
        Some(metadata) => Some(serde_json::from_str(metadata.as_str()).map_err(serde::ser::Error::custom)?),
        None => None,
    };
    raw.serialize(serializer)
}

/// An agent.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct AgentResponse<'a> {
    /// Identity.
    id: AgentId,
    /// The company that the agent belongs to.
    company_id: CompanyId,
    /// For people.
    name: &'a str,
    /// How the agent talks to candidates.
    r#type: AgentType,
    /// What the agent finds out.
    focus: Focus,
    /// The language that the agent speaks.
    language: Language,
    /// How long an interview may take, in minutes.
    duration: DurationMinutes,
    /// What the agent asks, in this order.
    #[serde(skip_serializing_if = "Option::is_none")]
    questions: Option<&'a [Question]>,
    /// How the agent should behave.
    #[serde(skip_serializing_if = "Option::is_none")]
    instructions: Option<&'a str>,
    /// The voice that the agent speaks with.
    #[serde(skip_serializing_if = "Option::is_none")]
    voice_id: Option<Voice>,
    /// The company's number that the agent calls from.
    #[serde(skip_serializing_if = "Option::is_none")]
    company_phone_number_id: Option<PhoneNumberId>,
    /// What is heard behind the agent's voice.
    background_sound: BackgroundSound,
    /// The level that a LANGUAGE_TEST is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    cefr_level: Option<CefrLevel>,
    /// Your own data, as you sent it.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "as_json")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<serde_json::Map<String, serde_json::Value>>"))]
    metadata: Option<&'a Metadata>,
    /// When the agent was created.
    created_at: Timestamp,
    /// When the agent was last changed.
    updated_at: Timestamp,
}

impl Representation for AgentResponse<'_> {}

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
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct InterviewResponse<'a> {
    /// Identity.
    id: InterviewId,
    /// Who is interviewed.
    candidate_id: CandidateId,
    /// By whom.
    agent_id: AgentId,
    /// For what; absent for the talent pool.
    #[serde(skip_serializing_if = "Option::is_none")]
    job_id: Option<JobId>,
    /// How far the interview is.
    status: InterviewStatus,
    /// When the interview is due.
    scheduled_at: Timestamp,
    /// When the interview was created.
    created_at: Timestamp,
    /// When the interview was last changed.
    updated_at: Timestamp,
    /// How long the interview may take, or took, in minutes.
    duration_minutes: u16,
    /// When the interview ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    finished_date: Option<Timestamp>,
    /// Your own data, as you sent it; a test interview's has `isTest: true` besides.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "as_json")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<serde_json::Map<String, serde_json::Value>>"))]
    metadata: Option<&'a Metadata>,
    /// Tries to reach the candidate, in order; present (and possibly empty) where the agent is of type PHONE.
    #[serde(skip_serializing_if = "Option::is_none")]
    call_attempts: Option<&'a [CallAttempt]>,
    /// What was found, once there is something.
    #[serde(skip_serializing_if = "Option::is_none")]
    analysis: Option<&'a Analysis>,
    /// Made to try an integration; never billed.
    is_test: bool,
}

impl Representation for InterviewResponse<'_> {}

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
