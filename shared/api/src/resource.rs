//! Resources as callers see them.

use chrono::NaiveDate;
use domain::agent::{
    Agent, AgentId, AgentType, BackgroundSound, CefrLevel, DurationMinutes, Focus, Language, Question, Voice,
};
use domain::allowance::{Allowance, BillingSystem, Seconds, SubscriptionStatus};
use domain::analysis::{Analysis, AnalysisStatus};
use domain::candidate::{Candidate, CandidateId, CandidateStatus};
use domain::company::{Company, CompanyId, Plan};
use domain::conducting::FailureReason;
use domain::interview::{CallAttempt, Interview, InterviewId, InterviewStatus};
use domain::job::{
    ContractType, Education, Experience, Job, JobId, JobStatus, LanguageRequirement, Location, Salary, Skill,
};
use domain::metadata::Metadata;
use domain::phone_number::{PhoneNumber, PhoneNumberId};
use domain::time::Timestamp;
use domain::transcript::TranscriptSegment;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use crate::etag::{ETag, Representation};
use crate::problem::Problem;

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

/// A candidate.
#[derive(Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct CandidateResponse<'a> {
    /// Identity.
    id: CandidateId,
    /// The company that interviews.
    company_id: CompanyId,
    /// Given name.
    first_name: &'a str,
    /// Family name.
    last_name: &'a str,
    /// E-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    /// Telephone number in E.164 form.
    #[serde(skip_serializing_if = "Option::is_none")]
    phone_number: Option<&'a str>,
    /// The last day (UTC) on which this person's data is kept.
    #[cfg_attr(feature = "schema", schemars(with = "String", extend("format" = "date")))]
    gdpr_expiry_date: NaiveDate,
    /// The jobs that the candidate is assigned to, in the order of assignment, without deleted ones. Empty: the talent pool.
    job_ids: Vec<JobId>,
    /// How far the application is.
    status: CandidateStatus,
    /// Your own data, as you sent it.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "as_json")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<serde_json::Map<String, serde_json::Value>>"))]
    metadata: Option<&'a Metadata>,
    /// How many interviews the candidate has, tests and those to come included, deleted ones not. Counted when it is read:
    /// it changes without the `ETag`. Lists leave it out.
    #[serde(skip_serializing_if = "Option::is_none")]
    interview_count: Option<u64>,
    /// When the candidate was created.
    created_at: Timestamp,
    /// When the candidate was last changed.
    updated_at: Timestamp,
}

/// The number of interviews is no part of the version.
impl Representation for CandidateResponse<'_> {
    fn etag(&self) -> Result<ETag, Problem> {
        ETag::of(&Self { interview_count: None, ..self.clone() })
    }
}

impl<'a> CandidateResponse<'a> {
    /// The candidate with those of its jobs that exist, and the number of its interviews where that is shown.
    pub fn new(candidate: &'a Candidate, job_ids: Vec<JobId>, interview_count: impl Into<Option<u64>>) -> Self {
        let Candidate { id, company_id, profile, job_ids: _, status, created_at, updated_at } = candidate;
        Self {
            id: *id,
            company_id: *company_id,
            first_name: profile.first_name.as_str(),
            last_name: profile.last_name.as_str(),
            email: profile.email.as_ref().map(|email| email.as_str()),
            phone_number: profile.phone_number.as_ref().map(|number| number.as_str()),
            gdpr_expiry_date: profile.gdpr_expiry_date,
            job_ids,
            status: *status,
            metadata: profile.metadata.as_ref(),
            interview_count: interview_count.into(),
            created_at: *created_at,
            updated_at: *updated_at,
        }
    }
}

/// A job.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct JobResponse<'a> {
    /// Identity.
    id: JobId,
    /// The company that the job belongs to.
    company_id: CompanyId,
    /// For people.
    title: &'a str,
    /// What the work is.
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    /// Where the job is published.
    #[serde(skip_serializing_if = "Option::is_none")]
    job_url: Option<&'a str>,
    /// What the company offers.
    #[serde(skip_serializing_if = "Option::is_none")]
    benefits: Option<&'a str>,
    /// Skills that a candidate must have.
    #[serde(skip_serializing_if = "Option::is_none")]
    required_skills: Option<&'a [Skill]>,
    /// Skills that are welcome.
    #[serde(skip_serializing_if = "Option::is_none")]
    nice_to_have_skills: Option<&'a [Skill]>,
    /// Languages that must be spoken.
    #[serde(skip_serializing_if = "Option::is_none")]
    language_requirements: Option<&'a [LanguageRequirement]>,
    /// Degrees of education that fit.
    #[serde(skip_serializing_if = "Option::is_none")]
    education: Option<&'a [Education]>,
    /// Experience that is needed.
    #[serde(skip_serializing_if = "Option::is_none")]
    experience: Option<Experience>,
    /// The contract offered.
    #[serde(skip_serializing_if = "Option::is_none")]
    contract_type: Option<ContractType>,
    /// Whether the job takes applications.
    status: JobStatus,
    /// Where the job is.
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<&'a Location>,
    /// What the job pays.
    #[serde(skip_serializing_if = "Option::is_none")]
    salary: Option<&'a Salary>,
    /// Your own data, as you sent it.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "as_json")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<serde_json::Map<String, serde_json::Value>>"))]
    metadata: Option<&'a Metadata>,
    /// When the job was created.
    created_at: Timestamp,
    /// When the job was last changed.
    updated_at: Timestamp,
}

impl Representation for JobResponse<'_> {}

impl<'a> From<&'a Job> for JobResponse<'a> {
    fn from(job: &'a Job) -> Self {
        let Job { id, company_id, profile, created_at, updated_at } = job;
        Self {
            id: *id,
            company_id: *company_id,
            title: profile.title.as_str(),
            description: profile.description.as_ref().map(|text| text.as_str()),
            job_url: profile.job_url.as_ref().map(|url| url.as_str()),
            benefits: profile.benefits.as_ref().map(|text| text.as_str()),
            required_skills: profile.required_skills.as_deref(),
            nice_to_have_skills: profile.nice_to_have_skills.as_deref(),
            language_requirements: profile.language_requirements.as_deref(),
            education: profile.education.as_deref(),
            experience: profile.experience,
            contract_type: profile.contract_type,
            status: profile.status,
            location: profile.location.as_ref(),
            salary: profile.salary.as_ref(),
            metadata: profile.metadata.as_ref(),
            created_at: *created_at,
            updated_at: *updated_at,
        }
    }
}

/// A company.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct CompanyResponse<'a> {
    /// Identity.
    id: CompanyId,
    /// For people.
    name: &'a str,
    /// For people.
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    /// Your own data, as you sent it.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "as_json")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<serde_json::Map<String, serde_json::Value>>"))]
    metadata: Option<&'a Metadata>,
    /// What the company pays for.
    plan: Plan,
    /// Whether interviews can be created. The operator suspends a subscription and activates it again.
    subscription: SubscriptionStatus,
    /// The interview time of the current month. Only `GET /company` shows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    allowance: Option<AllowanceResponse>,
    /// When the company was created.
    created_at: Timestamp,
    /// When the company was last changed.
    updated_at: Timestamp,
}

impl Representation for CompanyResponse<'_> {}

impl<'a> CompanyResponse<'a> {
    /// The company with the status of its subscription, which stands in its allowance.
    pub fn new(company: &'a Company, subscription: SubscriptionStatus) -> Self {
        let Company { id, profile, plan, ats_id: _, limits: _, created_at, updated_at } = company;
        Self {
            id: *id,
            name: profile.name.as_str(),
            description: profile.description.as_ref().map(|text| text.as_str()),
            metadata: profile.metadata.as_ref(),
            plan: *plan,
            subscription,
            allowance: None,
            created_at: *created_at,
            updated_at: *updated_at,
        }
    }

    /// The company with its allowance as it stands now.
    pub fn with_allowance(self, allowance: &Allowance) -> Self {
        Self { allowance: Some(AllowanceResponse::from(allowance)), ..self }
    }
}

/// The interview time of a company in the current calendar month (UTC): `reserved + used + remaining - overage = granted`,
/// as long as the plan has not changed within the month.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct AllowanceResponse {
    /// The unit of the amounts, which have up to two decimals.
    billing_system: BillingSystem,
    #[serde(flatten)]
    amounts: AmountsResponse,
}

impl From<&Allowance> for AllowanceResponse {
    fn from(allowance: &Allowance) -> Self {
        Self { billing_system: BillingSystem::Minutes, amounts: AmountsResponse::from(allowance) }
    }
}

/// The amounts of the current month.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) struct AmountsResponse {
    /// What the plan grants each month.
    #[serde(serialize_with = "in_minutes")]
    #[cfg_attr(feature = "schema", schemars(with = "f64"))]
    granted: Seconds,
    /// What is held for interviews that have not ended.
    #[serde(serialize_with = "in_minutes")]
    #[cfg_attr(feature = "schema", schemars(with = "f64"))]
    reserved: Seconds,
    /// What interviews that have ended took.
    #[serde(serialize_with = "in_minutes")]
    #[cfg_attr(feature = "schema", schemars(with = "f64"))]
    used: Seconds,
    /// What may still be reserved without overage.
    #[serde(serialize_with = "in_minutes")]
    #[cfg_attr(feature = "schema", schemars(with = "f64"))]
    remaining: Seconds,
    /// What is reserved and used beyond the grant, charged per minute.
    #[serde(serialize_with = "in_minutes")]
    #[cfg_attr(feature = "schema", schemars(with = "f64"))]
    overage: Seconds,
    /// When the next month begins, with everything granted anew.
    #[serde(skip_serializing_if = "Option::is_none")]
    resets_at: Option<Timestamp>,
}

impl From<&Allowance> for AmountsResponse {
    fn from(allowance: &Allowance) -> Self {
        Self {
            granted: allowance.granted_seconds,
            reserved: allowance.reserved_seconds,
            used: allowance.used_seconds,
            remaining: allowance.remaining_seconds.max(Seconds::ZERO),
            overage: allowance.books().overage(),
            resets_at: allowance.period.end(),
        }
    }
}

/// Writes an amount of time as minutes, rounded to two decimals; whole minutes have none.
pub(crate) fn in_minutes<S: Serializer>(Seconds(seconds): &Seconds, serializer: S) -> Result<S::Ok, S::Error> {
    match (seconds / 60, seconds % 60) {
        (minutes, 0) => minutes.serialize(serializer),
        (minutes, seconds) => format!("{minutes}.{:02}", (seconds * 100 + 30) / 60)
            .parse::<serde_json::Number>()
            .map_err(serde::ser::Error::custom)?
            .serialize(serializer),
    }
}

/// An interview.
#[derive(Clone, Serialize)]
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
    /// When the interview started.
    #[serde(skip_serializing_if = "Option::is_none")]
    started_at: Option<Timestamp>,
    /// When the interview ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    finished_date: Option<Timestamp>,
    /// Why the interview failed: a word such as `NO_ANSWER` or `NO_RESULT` (nothing was heard of it until its deadline), or a
    /// sentence for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    failure_reason: Option<&'a FailureReason>,
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
    /// True if `GET /interviews/{id}/transcript` shows what was said; otherwise absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    transcript_available: Option<bool>,
    /// Made to try an integration; never billed.
    is_test: bool,
    #[serde(skip)]
    analysis_status: Option<AnalysisStatus>,
}

/// An analysis never changes: that there is one is the version's part of it, so that no change has to read it.
impl Representation for InterviewResponse<'_> {
    fn etag(&self) -> Result<ETag, Problem> {
        ETag::of(&(Self { analysis: None, ..self.clone() }, self.analysis_status))
    }
}

impl<'a> InterviewResponse<'a> {
    /// The interview as lists show it: without its analysis.
    pub fn listed(interview: &'a Interview) -> Self {
        Self { analysis: None, ..Self::from(interview) }
    }

    /// The interview with the analysis that lies beside it, if it shows one.
    pub fn with_analysis(interview: &'a Interview, beside: Option<&'a Analysis>) -> Self {
        let within = Self::from(interview);
        Self { analysis: beside.or(within.analysis), ..within }
    }
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
            started_at: interview.started_at,
            finished_date: interview.finished_date,
            failure_reason: interview.failure_reason.as_ref(),
            metadata: interview.metadata.as_ref(),
            call_attempts: interview.call_attempts.as_deref(),
            analysis: interview.analysis.as_ref(),
            transcript_available: interview.has_transcript().then_some(true),
            is_test: interview.is_test,
            analysis_status: interview.analysis_status(),
        }
    }
}

/// The words of an interview.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct TranscriptResponse<'a> {
    /// The interview.
    pub interview_id: InterviewId,
    /// What was said, in order.
    pub segments: &'a [TranscriptSegment],
}

impl Representation for TranscriptResponse<'_> {}

/// A telephone number of a company, from which agents call.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct PhoneNumberResponse<'a> {
    /// Identity: what an agent names as `companyPhoneNumberId`.
    id: PhoneNumberId,
    /// The company that the number belongs to.
    company_id: CompanyId,
    /// The number in E.164 form.
    number: &'a str,
    /// When the number was added.
    created_at: Timestamp,
    /// When the number was last changed.
    updated_at: Timestamp,
}

impl<'a> From<&'a PhoneNumber> for PhoneNumberResponse<'a> {
    fn from(number: &'a PhoneNumber) -> Self {
        Self {
            id: number.id,
            company_id: number.company_id,
            number: number.number.as_str(),
            created_at: number.created_at,
            updated_at: number.updated_at,
        }
    }
}

/// A page of a list.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "{R}List"))]
#[serde(rename_all = "camelCase")]
pub struct ListResponse<R> {
    /// Newest first.
    pub(crate) items: Vec<R>,
    /// For the query parameter `cursor` of the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_cursor: Option<String>,
}
