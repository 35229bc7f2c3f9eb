//! One of everything, with all that can be said of it ("full") and with nothing that may be left out ("bare").

use domain::agent::{
    Agent, AgentId, AgentProfile, AgentType, BackgroundSound, CefrLevel, DurationMinutes, Focus, Language, NewAgent,
    Question, Voice,
};
use domain::analysis::Analysis;
use domain::api_key::{ApiKey, ApiKeyHash, ApiKeyId, ApiKeySecret, ApiKeyStatus, Scope};
use domain::candidate::{Candidate, CandidateId, CandidateProfile};
use domain::company::{Ats, AtsId, Company, CompanyId, Owner, Plan};
use domain::contact::{E164, Email, WebUrl};
use domain::event::EventType;
use domain::idempotency::IdSecret;
use domain::interview::{
    CallAttempt, CallAttemptId, CallDirection, CallFailureReason, CallStatus, CandidateChange, Interview, InterviewJob,
    InterviewStatus, NewInterview,
};
use domain::job::{
    Amount, ContractType, CountryCode, CurrencyCode, Education, Experience, Job, JobId, JobProfile, JobStatus,
    LanguageRequirement, Location, Salary, SalaryPeriod, Skill, WorkMode,
};
use domain::json::Json;
use domain::metadata::Metadata;
use domain::phone_number::{PhoneNumber, PhoneNumberId};
use domain::text::{MultiLine, SingleLine};
use domain::time::Timestamp;
use domain::webhook::{Circuit, HeaderName, Sealed, Targets, Webhook, WebhookId, WebhookUrl};
use domain::{Reference, StringEnum as _, Versioned};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use store::{NewWebhook, References, Scoped};
use uuid::Uuid;

use crate::test_table::{TestTable, at, now};

/// The same item with further attributes.
pub fn with(mut item: Value, attributes: Value) -> Value {
    item.as_object_mut().unwrap().extend(attributes.as_object().unwrap().clone());
    item
}

/// An entity of an owner, with an id of its own and these attributes.
fn bare<T: DeserializeOwned>(owner: Owner, attributes: Value) -> T {
    let entity = json!({"id": Uuid::new_v4(), "createdAt": now(), "updatedAt": now()});
    serde_json::from_value(with(with(entity, json!(owner)), attributes)).unwrap()
}

/// An entity as its first write leaves it.
pub fn first<T>(value: T) -> Versioned<T> {
    Versioned { version: 1, value }
}

pub fn company_id() -> CompanyId {
    CompanyId::new(Uuid::new_v4())
}

pub fn api_key_hash() -> ApiKeyHash {
    ApiKeySecret::generate().unwrap().hash()
}

/// As many characters as fit, each of four bytes.
fn long(characters: usize) -> String {
    "𝄞".repeat(characters)
}

/// Numbers that a program would spell differently, and everything else that JSON can say.
pub fn metadata() -> Metadata {
    let text = r#"{"digits":[1.10,-0,1E300,12345678901234567890123456789012345678901.5],"empty":[{},[],"",null],
        "deep":{"3":{"4":{"5":true}}},"text":"ž\u0000\n\"\\𝄞"}"#;
    Metadata::from_json(&Json::parse(text.as_bytes()).unwrap()).unwrap()
}

/// The longest that is accepted.
pub fn long_metadata() -> Metadata {
    let text = format!(r#"{{"a":"{}"}}"#, "x".repeat(domain::metadata::METADATA_MAX_BYTES - 8));
    Metadata::from_json(&Json::parse(text.as_bytes()).unwrap()).unwrap()
}

pub fn company(ats_id: Option<AtsId>) -> Company {
    let name = SingleLine::parse("Café Ľ").unwrap();
    Company::new(company_id(), name, Plan::Starter, ats_id, now())
}

pub fn ats() -> Ats {
    let id = AtsId::new(Uuid::new_v4());
    Ats::new(id, SingleLine::parse(long(255)).unwrap(), now())
}

pub fn phone_number(company_id: CompanyId) -> PhoneNumber {
    bare(Owner::Company(company_id), json!({"number": "+421212345678"}))
}

pub fn bare_api_key(owner: Owner) -> ApiKey {
    bare(owner, json!({"scopes": [], "status": "ACTIVE"}))
}

pub fn full_api_key(owner: Owner) -> ApiKey {
    ApiKey {
        name: Some(SingleLine::parse("For the office").unwrap()),
        scopes: Scope::ACCEPTED.to_vec(),
        status: ApiKeyStatus::Suspended,
        suspended_at: Some(now()),
        suspension_reason: Some(SingleLine::parse("unpaid").unwrap()),
        replaced_by: Some(ApiKeyId::new(Uuid::from_u128(9))),
        valid_until: Some(at("9999-12-31T23:59:59.999Z")),
        allowed_ips: vec!["192.0.2.0/24".parse().unwrap(), "2001:db8::1/128".parse().unwrap()],
        ..bare_api_key(owner)
    }
}

pub fn bare_agent(company_id: CompanyId) -> Agent {
    let attributes = json!({
        "name": "Al", "type": "ONLINE", "focus": "SCREENING", "language": "EN", "duration": 10,
        "backgroundSound": "OFFICE",
    });
    bare(Owner::Company(company_id), attributes)
}

/// An agent that calls from no number.
pub fn new_agent(agent: Agent) -> NewAgent {
    NewAgent { agent, phone_number: None }
}

pub fn full_agent(company_id: CompanyId, phone_number_id: PhoneNumberId) -> Agent {
    let profile = AgentProfile {
        name: SingleLine::parse(long(100)).unwrap(),
        r#type: AgentType::Phone,
        focus: Focus::LanguageTest,
        language: Language::Fil,
        duration: DurationMinutes::new(180).unwrap(),
        questions: Some(vec![Question::parse(long(500)).unwrap(); domain::agent::QUESTIONS_MAX]),
        instructions: Some(MultiLine::parse("").unwrap()),
        voice_id: Some(Voice::Casandra),
        company_phone_number_id: Some(phone_number_id),
        background_sound: BackgroundSound::Off,
        cefr_level: Some(CefrLevel::C2),
        metadata: Some(metadata()),
    };
    Agent { profile, ..bare_agent(company_id) }
}

pub fn bare_job(company_id: CompanyId) -> Job {
    bare(Owner::Company(company_id), json!({"title": "Baker", "status": "OPEN"}))
}

pub fn full_job(company_id: CompanyId) -> Job {
    let line = |text: &str| Some(SingleLine::parse(text).unwrap());
    let requirement = LanguageRequirement { language: Language::Sk, proficiency: CefrLevel::A1 };
    let profile = JobProfile {
        title: SingleLine::parse(long(200)).unwrap(),
        description: Some(MultiLine::parse(long(5_000)).unwrap()),
        job_url: Some(WebUrl::parse("https://example.com/jobs/1?a=%20").unwrap()),
        benefits: Some(MultiLine::parse("").unwrap()),
        required_skills: Some(vec![Skill::parse(long(128)).unwrap(); domain::job::SKILLS_MAX]),
        nice_to_have_skills: Some(Vec::new()),
        language_requirements: Some(vec![requirement; domain::job::LANGUAGE_REQUIREMENTS_MAX]),
        education: Some(Education::ACCEPTED.to_vec()),
        experience: Some(Experience::LessThanOneYear),
        contract_type: Some(ContractType::Freelance),
        status: JobStatus::Closed,
        location: Some(Location {
            work_mode: Some(WorkMode::Hybrid),
            street: line("Dlhá 1"),
            city: line("Žilina"),
            postal_code: SingleLine::parse("010 01").ok(),
            country_code: CountryCode::parse("SK").ok(),
        }),
        salary: Some(Salary {
            min: Amount::new(0.01).ok(),
            max: Amount::new(Amount::MAX).ok(),
            currency: CurrencyCode::parse("EUR").ok(),
            period: Some(SalaryPeriod::Monthly),
        }),
        metadata: Some(long_metadata()),
    };
    Job { profile, ..bare_job(company_id) }
}

pub fn bare_candidate(company_id: CompanyId) -> Candidate {
    let attributes = json!({"firstName": "A", "lastName": "N", "gdprExpiryDate": "2026-11-23"});
    bare(Owner::Company(company_id), attributes)
}

pub fn full_candidate(company_id: CompanyId) -> Candidate {
    let profile = CandidateProfile {
        first_name: SingleLine::parse(long(100)).unwrap(),
        last_name: SingleLine::parse(long(100)).unwrap(),
        gdpr_expiry_date: "9999-12-31".parse().unwrap(),
        email: Some(Email::parse("ada@example.com").unwrap()),
        phone_number: Some(E164::parse("+421901234567").unwrap()),
        metadata: Some(metadata()),
    };
    let job_ids = (0..domain::candidate::CANDIDATE_JOBS_MAX).map(|_| JobId::new(Uuid::new_v4())).collect();
    Candidate { profile, job_ids, ..bare_candidate(company_id) }
}

pub fn bare_interview(candidate: &Candidate, agent: &Agent, job: Option<JobId>) -> Interview {
    let attributes = json!({
        "candidateId": candidate.id, "agentId": agent.id, "jobId": job, "status": "SCHEDULED", "scheduledAt": now(),
        "durationMinutes": agent.profile.duration.get(), "isTest": false,
    });
    bare(Owner::Company(agent.company_id), attributes)
}

/// As test mode makes it, with an analysis as long as one gets.
pub fn full_interview(candidate: &Candidate, agent: &Agent, job: Option<JobId>) -> Interview {
    let bare = bare_interview(candidate, agent, job);
    let questions = agent.profile.questions.clone().unwrap_or_default();
    let call = CallAttempt {
        id: CallAttemptId::new(Uuid::new_v4()),
        direction: CallDirection::Outbound,
        status: CallStatus::Failed,
        reason_code: Some(CallFailureReason::NoAnswer),
        notes: Some("x".repeat(1_000)),
        retry_number: 2,
        recording_url: Some("https://example.com/recording".to_owned()),
        duration: Some(0),
        scheduled_at: at("1970-01-01T00:00:00.000Z"),
        called_at: Some(now()),
    };
    Interview {
        status: InterviewStatus::Completed,
        finished_date: Some(now()),
        metadata: Some(metadata()),
        call_attempts: Some(vec![call; 3]),
        analysis: Some(Analysis::mock(bare.id, agent.profile.focus, &questions, now())),
        is_test: true,
        ..bare
    }
}

/// A request that brings these along and costs nothing yet.
pub fn bringing(candidate: Candidate, agent: NewAgent, job: Job) -> NewInterview {
    NewInterview {
        interview: bare_interview(&candidate, &agent.agent, Some(job.id)),
        candidate: CandidateChange::Created(candidate),
        agent: Reference::New(agent),
        job: InterviewJob::Created(job),
        cost: None,
        transcript: None,
    }
}

pub fn all_new(company_id: CompanyId) -> NewInterview {
    let job = bare_job(company_id);
    let candidate = Candidate { job_ids: vec![job.id], ..bare_candidate(company_id) };
    bringing(candidate, new_agent(bare_agent(company_id)), job)
}

/// One of each entity that a request for an interview may name.
pub struct Stored {
    pub candidate: Versioned<Candidate>,
    pub agent: Versioned<Agent>,
    pub job: Versioned<Job>,
    pub phone_number: Versioned<PhoneNumber>,
}

impl Stored {
    /// A table in which its company has one of each.
    pub async fn start() -> (TestTable, Self) {
        let table = TestTable::start().await;
        let id = table.company_id;
        let (candidate, agent, job, number) = (bare_candidate(id), bare_agent(id), bare_job(id), phone_number(id));
        table.store.add_phone_number(&number).await.unwrap();
        let interview = full_interview(&candidate, &agent, None);
        let new = bringing(candidate.clone(), new_agent(agent.clone()), job.clone());
        let new = NewInterview { interview, ..new };
        table.created(&new).await;
        table.requests();
        let stored =
            Self { candidate: first(candidate), agent: first(agent), job: first(job), phone_number: first(number) };
        (table, stored)
    }

    /// A request that names the candidate, the agent and the job, assigns the candidate, and costs what the agent's
    /// interviews take.
    pub fn all_named(&self) -> NewInterview {
        NewInterview {
            interview: bare_interview(&self.candidate.value, &self.agent.value, Some(self.job.value.id)),
            candidate: CandidateChange::Assigned(self.candidate.clone(), self.job.value.id),
            agent: Reference::Existing(self.agent.clone()),
            job: InterviewJob::Named(self.job.clone()),
            cost: Some(self.agent.value.profile.duration.seconds()),
            transcript: None,
        }
    }

    /// The same, but the candidate stays as it is, so that many of them can follow each other.
    pub fn candidate_unchanged(&self) -> NewInterview {
        let candidate = CandidateChange::Unchanged(self.candidate.clone());
        NewInterview { candidate, job: InterviewJob::None, ..self.all_named() }
    }

    /// A new agent that calls from the number.
    pub fn calling_agent(&self) -> NewAgent {
        let PhoneNumber { id, company_id, .. } = self.phone_number.value;
        NewAgent { agent: full_agent(company_id, id), phone_number: Some(self.phone_number.clone()) }
    }

    pub fn ids(&self) -> (CandidateId, AgentId, JobId, PhoneNumberId) {
        (self.candidate.value.id, self.agent.value.id, self.job.value.id, self.phone_number.value.id)
    }

    pub fn references(&self) -> References {
        let ids = self.ids();
        References::default().with(Some(ids.0)).with(Some(ids.1)).with(Some(ids.2)).with(Some(ids.3))
    }

    /// Fails unless a tenant sees all of it.
    pub fn assert_seen(&self, scoped: &Scoped) {
        let ids = self.ids();
        assert_eq!(scoped.get(ids.0).unwrap(), self.candidate);
        assert_eq!(scoped.get(ids.1).unwrap(), self.agent);
        assert_eq!(scoped.get(ids.2).unwrap(), self.job);
        assert_eq!(scoped.get(ids.3).unwrap(), self.phone_number);
    }
}

/// A time in another month.
pub fn month(text: &str) -> Timestamp {
    at(&format!("{text}-05T00:00:00Z"))
}

/// The secret of all companies and systems.
pub const ID_SECRET: IdSecret = IdSecret::from_bytes([7; 16]);

/// A webhook for the events of a test interview.
pub fn webhook(owner: Owner) -> Webhook {
    Webhook {
        id: WebhookId::new(Uuid::new_v4()),
        owner,
        only_company_id: None,
        url: WebhookUrl::parse("https://example.com/hooks?tenant=1", Targets::Public).unwrap(),
        events: vec![EventType::InterviewCompleted, EventType::AnalysisCompleted],
        name: Some(SingleLine::parse("Hooks").unwrap()),
        description: Some(MultiLine::parse("For tests").unwrap()),
        header_names: vec![HeaderName::parse("Authorization").unwrap()],
        paused: None,
        circuit: Circuit::default(),
        sealed_within: None,
        created_by_key_id: Some(ApiKeyId::new(Uuid::new_v4())),
        created_at: now(),
        updated_at: now(),
    }
}

/// The creation of [`webhook`].
pub fn new_webhook(owner: Owner) -> NewWebhook {
    with_secrets(webhook(owner))
}

/// The creation of a webhook.
pub fn with_secrets(webhook: Webhook) -> NewWebhook {
    NewWebhook { webhook, sealed: Sealed::new(vec![1, 2, 3]) }
}
