//! One of everything, with all that can be said of it ("full") and with nothing that may be left out ("bare").

use domain::agent::{
    Agent, AgentId, AgentProfile, AgentType, BackgroundSound, CefrLevel, DurationMinutes, Focus, Language, Question,
    Voice,
};
use domain::analysis::Analysis;
use domain::api_key::{ApiKey, ApiKeyId, ApiKeyStatus, Scope};
use domain::candidate::{Candidate, CandidateId, CandidateProfile};
use domain::company::{Ats, AtsId, Company, CompanyId, Owner, Plan};
use domain::contact::{E164, Email, WebUrl};
use domain::event::EventType;
use domain::interview::{
    CallAttempt, CallStatus, CandidateChange, Interview, InterviewAgent, InterviewId, InterviewJob, InterviewStatus,
    NewInterview,
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
use domain::{StringEnum as _, Versioned};
use uuid::Uuid;

use crate::test_table::{TestTable, at, now};

pub fn company_id() -> CompanyId {
    CompanyId::new(Uuid::new_v4())
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

pub fn company(id: CompanyId, ats_id: Option<AtsId>) -> Company {
    Company {
        id,
        name: SingleLine::parse("Café Ľ").unwrap(),
        plan: Plan::Starter,
        ats_id,
        created_at: now(),
        updated_at: now(),
    }
}

pub fn ats() -> Ats {
    let id = AtsId::new(Uuid::new_v4());
    Ats { id, name: SingleLine::parse(long(255)).unwrap(), created_at: now(), updated_at: now() }
}

pub fn phone_number(company_id: CompanyId) -> PhoneNumber {
    PhoneNumber {
        id: PhoneNumberId::new(Uuid::new_v4()),
        company_id,
        number: E164::parse("+421212345678").unwrap(),
        created_at: now(),
        updated_at: now(),
    }
}

pub fn bare_api_key(owner: Owner) -> ApiKey {
    ApiKey {
        id: ApiKeyId::new(Uuid::new_v4()),
        owner,
        name: None,
        scopes: Vec::new(),
        status: ApiKeyStatus::Active,
        suspended_at: None,
        suspension_reason: None,
        valid_until: None,
        allowed_ips: Vec::new(),
        created_at: now(),
        updated_at: now(),
    }
}

pub fn full_api_key(owner: Owner) -> ApiKey {
    ApiKey {
        name: Some(SingleLine::parse("For the office").unwrap()),
        scopes: Scope::ACCEPTED.to_vec(),
        status: ApiKeyStatus::Suspended,
        suspended_at: Some(now()),
        suspension_reason: Some(SingleLine::parse("unpaid").unwrap()),
        valid_until: Some(at("9999-12-31T23:59:59.999Z")),
        allowed_ips: vec!["192.0.2.0/24".parse().unwrap(), "2001:db8::1/128".parse().unwrap()],
        ..bare_api_key(owner)
    }
}

pub fn bare_agent(company_id: CompanyId) -> Agent {
    let profile = AgentProfile {
        name: SingleLine::parse("Al").unwrap(),
        r#type: AgentType::Online,
        focus: Focus::Screening,
        language: Language::En,
        duration: DurationMinutes::new(10).unwrap(),
        questions: None,
        instructions: None,
        voice_id: None,
        company_phone_number_id: None,
        background_sound: BackgroundSound::Office,
        cefr_level: None,
        metadata: None,
    };
    Agent::new(AgentId::new(Uuid::new_v4()), company_id, profile, now())
}

pub fn full_agent(company_id: CompanyId, phone_number_id: PhoneNumberId) -> Agent {
    let mut agent = bare_agent(company_id);
    agent.profile = AgentProfile {
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
    agent
}

pub fn bare_job(company_id: CompanyId) -> Job {
    Job {
        id: JobId::new(Uuid::new_v4()),
        company_id,
        profile: JobProfile {
            title: SingleLine::parse("Baker").unwrap(),
            description: None,
            job_url: None,
            benefits: None,
            required_skills: None,
            nice_to_have_skills: None,
            language_requirements: None,
            education: None,
            experience: None,
            contract_type: None,
            status: JobStatus::Open,
            location: None,
            salary: None,
            metadata: None,
        },
        created_at: now(),
        updated_at: now(),
    }
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
    Candidate {
        id: CandidateId::new(Uuid::new_v4()),
        company_id,
        profile: CandidateProfile {
            first_name: SingleLine::parse("A").unwrap(),
            last_name: SingleLine::parse("N").unwrap(),
            gdpr_expiry_date: "2026-11-23".parse().unwrap(),
            email: None,
            phone_number: None,
            metadata: None,
        },
        job_ids: Vec::new(),
        created_at: now(),
        updated_at: now(),
    }
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
    Interview {
        id: InterviewId::new(Uuid::new_v4()),
        company_id: agent.company_id,
        candidate_id: candidate.id,
        agent_id: agent.id,
        job_id: job,
        status: InterviewStatus::Scheduled,
        scheduled_at: now(),
        duration_minutes: agent.profile.duration.get(),
        finished_date: None,
        metadata: None,
        call_attempts: None,
        analysis: None,
        is_test: false,
        reservation: None,
        created_at: now(),
        updated_at: now(),
    }
}

/// As test mode makes it, with an analysis as long as one gets.
pub fn full_interview(candidate: &Candidate, agent: &Agent, job: Option<JobId>) -> Interview {
    let bare = bare_interview(candidate, agent, job);
    let questions = agent.profile.questions.clone().unwrap_or_default();
    let call = CallAttempt {
        id: Uuid::new_v4(),
        status: CallStatus::NoAnswer,
        started_at: at("1970-01-01T00:00:00.000Z"),
        ended_at: now(),
    };
    Interview {
        status: InterviewStatus::Completed,
        finished_date: Some(now()),
        metadata: Some(metadata()),
        call_attempts: Some(vec![call; 3]),
        analysis: Some(Analysis::mock(bare.id, agent.profile.focus, agent.profile.language, &questions, now())),
        is_test: true,
        ..bare
    }
}

/// A request that brings everything along and costs nothing yet.
pub fn all_new(company_id: CompanyId) -> NewInterview {
    let (candidate, agent, job) = (bare_candidate(company_id), bare_agent(company_id), bare_job(company_id));
    NewInterview {
        interview: bare_interview(&candidate, &agent, Some(job.id)),
        candidate: CandidateChange::Created(Candidate { job_ids: vec![job.id], ..candidate }),
        agent: InterviewAgent::Created(agent, None),
        job: InterviewJob::Created(job),
        cost: None,
    }
}

/// What a request may name.
pub struct Stored {
    pub candidate: Versioned<Candidate>,
    pub agent: Versioned<Agent>,
    pub job: Versioned<Job>,
    pub phone_number: Versioned<PhoneNumber>,
}

impl Stored {
    /// Stores one of each for the world's company.
    pub async fn store(table: &TestTable) -> Self {
        let phone_number = phone_number(table.company_id);
        table.store.add_phone_number(&phone_number).await.unwrap();
        let mut new = all_new(table.company_id);
        let (candidate, agent, job) =
            (bare_candidate(table.company_id), bare_agent(table.company_id), bare_job(table.company_id));
        new.interview = full_interview(&candidate, &agent, None);
        new.candidate = CandidateChange::Created(candidate.clone());
        new.agent = InterviewAgent::Created(agent.clone(), None);
        new.job = InterviewJob::Created(job.clone());
        table.store.session().create_interview(new, &table.origin("the request before")).await.unwrap();
        table.faults.take_requests();
        Self { candidate: first(candidate), agent: first(agent), job: first(job), phone_number: first(phone_number) }
    }

    /// A request that names the candidate, the agent and the job, assigns the candidate, and costs what the agent's
    /// interviews take.
    pub fn all_named(&self) -> NewInterview {
        NewInterview {
            interview: bare_interview(&self.candidate.value, &self.agent.value, Some(self.job.value.id)),
            candidate: CandidateChange::Assigned(self.candidate.clone(), self.job.value.id),
            agent: InterviewAgent::Named(self.agent.clone()),
            job: InterviewJob::Named(self.job.clone()),
            cost: Some(self.agent.value.profile.duration.seconds()),
        }
    }

    /// The same, but the candidate stays as it is, so that many of them can follow each other.
    pub fn candidate_unchanged(&self) -> NewInterview {
        let candidate = CandidateChange::Unchanged(self.candidate.clone());
        NewInterview { candidate, job: InterviewJob::None, ..self.all_named() }
    }
}

fn first<T>(value: T) -> Versioned<T> {
    Versioned { version: 1, value }
}

/// A time in another month.
pub fn month(text: &str) -> Timestamp {
    at(&format!("{text}-05T00:00:00Z"))
}

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
        sealed: Sealed::new(vec![1, 2, 3]),
        created_at: now(),
        updated_at: now(),
    }
}
