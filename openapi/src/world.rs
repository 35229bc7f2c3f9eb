//! What the document's examples refer to: a small world, in which each of them has its documented answer.
//!
//! A test that sends an example first creates the same world, and then either keeps these ids or puts the real ones
//! in their place; they are unique texts.

use std::time::Duration;

use anyhow::Context;
use domain::agent::{Agent, AgentId, AgentProfile, AgentType, BackgroundSound, DurationMinutes, Focus, Language};
use domain::candidate::{Candidate, CandidateId, CandidateProfile};
use domain::company::{CompanyId, Owner};
use domain::contact::{E164, Email};
use domain::delivery::{AttemptOutcome, AttemptRecord, Delivery, DeliveryId, DeliveryStatus};
use domain::event::EventType;
use domain::interview::{CreateInterview, InterviewId, Referenced};
use domain::job::{Job, JobId, JobProfile, JobStatus};
use domain::phone_number::{PhoneNumber, PhoneNumberId};
use domain::resource::{AccessError, Resource};
use domain::time::Timestamp;
use domain::webhook::{Circuit, HeaderName, Sealed, SigningSecret, Targets, Webhook, WebhookId, WebhookUrl};
use domain::{Reference, Versioned};
use uuid::Uuid;

/// The present of the examples: their times are still to come then.
pub const NOW: &str = "2026-11-22T09:30:00Z";

/// The company that sends the examples. Its subscription is active, with minutes enough.
pub const COMPANY: CompanyId = CompanyId::new(Uuid::from_u128(0x5a0c_1f7e_3b64_4d29_9c81_7e2f_4a6b_0001));
/// Somebody else.
pub const OTHER_COMPANY: CompanyId = CompanyId::new(Uuid::from_u128(0x5a0c_1f7e_3b64_4d29_9c81_7e2f_4a6b_0002));

/// A job of the company's.
pub const JOB: JobId = JobId::new(Uuid::from_u128(0x7d2e_9b40_6c15_4f83_a1d7_0b5c_8e3f_0001));
/// Another.
pub const OTHER_JOB: JobId = JobId::new(Uuid::from_u128(0x7d2e_9b40_6c15_4f83_a1d7_0b5c_8e3f_0002));
/// Nobody's.
pub const UNKNOWN_JOB: JobId = JobId::new(Uuid::from_u128(0x7d2e_9b40_6c15_4f83_a1d7_0b5c_8e3f_00ff));

/// A candidate of the company's, assigned to [`JOB`], with a telephone number.
pub const CANDIDATE: CandidateId = CandidateId::new(Uuid::from_u128(0x2b91_d6c3_0e57_4a18_b4f2_9d70_1c6e_0001));
/// Assigned to both jobs, without a telephone number.
pub const CANDIDATE_WITH_TWO_JOBS: CandidateId =
    CandidateId::new(Uuid::from_u128(0x2b91_d6c3_0e57_4a18_b4f2_9d70_1c6e_0002));

/// An agent of the company's: ONLINE, SCREENING.
pub const AGENT: AgentId = AgentId::new(Uuid::from_u128(0x9e47_30a8_5d2c_4b6f_8a93_6f1e_2d7b_0001));
/// Its agent for the talent pool: ONLINE, GENERIC.
pub const GENERIC_AGENT: AgentId = AgentId::new(Uuid::from_u128(0x9e47_30a8_5d2c_4b6f_8a93_6f1e_2d7b_0002));
/// Its agent that calls: PHONE, SCREENING, from [`PHONE_NUMBER`].
pub const PHONE_AGENT: AgentId = AgentId::new(Uuid::from_u128(0x9e47_30a8_5d2c_4b6f_8a93_6f1e_2d7b_0003));
/// An agent of the other company's.
pub const FOREIGN_AGENT: AgentId = AgentId::new(Uuid::from_u128(0x9e47_30a8_5d2c_4b6f_8a93_6f1e_2d7b_0004));

/// A number of the company's.
pub const PHONE_NUMBER: PhoneNumberId = PhoneNumberId::new(Uuid::from_u128(0xc638_4e1d_7f90_4d52_93be_5a08_d1c4_0001));
/// A number of the other company's.
pub const FOREIGN_PHONE_NUMBER: PhoneNumberId =
    PhoneNumberId::new(Uuid::from_u128(0xc638_4e1d_7f90_4d52_93be_5a08_d1c4_0002));
/// Nobody's.
pub const UNKNOWN_PHONE_NUMBER: PhoneNumberId =
    PhoneNumberId::new(Uuid::from_u128(0xc638_4e1d_7f90_4d52_93be_5a08_d1c4_00ff));

/// An interview of the company's that is over.
pub const INTERVIEW: InterviewId = InterviewId::new(Uuid::from_u128(0x41f5_8d92_0ac3_4e67_b2d8_7c19_5e3a_0001));

/// A webhook of the company's whose endpoint takes what is posted.
pub const WEBHOOK: WebhookId = WebhookId::new(Uuid::from_u128(0xe3a9_517c_2d80_4b46_9f15_c84d_6b70_0001));
/// Another, whose endpoint has failed so long that its circuit is open.
pub const FAILING_WEBHOOK: WebhookId = WebhookId::new(Uuid::from_u128(0xe3a9_517c_2d80_4b46_9f15_c84d_6b70_0002));
/// A webhook of the other company's.
pub const FOREIGN_WEBHOOK: WebhookId = WebhookId::new(Uuid::from_u128(0xe3a9_517c_2d80_4b46_9f15_c84d_6b70_0003));
/// Nobody's.
pub const UNKNOWN_WEBHOOK: WebhookId = WebhookId::new(Uuid::from_u128(0xe3a9_517c_2d80_4b46_9f15_c84d_6b70_00ff));

/// Of [`WEBHOOK`], the newest: it went well.
pub const DELIVERY: DeliveryId = DeliveryId::new(Uuid::from_u128(0x01a2_028e_2600_8b1e_9c47_d25f_60a8_0001));
/// Of [`WEBHOOK`], about [`INTERVIEW`]: it was given up.
pub const FAILED_DELIVERY: DeliveryId = DeliveryId::new(Uuid::from_u128(0x01a1_f41f_fee0_8c5d_a391_0f7b_4e26_0002));
/// Nobody's.
pub const UNKNOWN_DELIVERY: DeliveryId = DeliveryId::new(Uuid::from_u128(0x01a1_f41f_fee0_8c5d_a391_0f7b_4e26_00ff));
/// Of a try.
pub const PING: DeliveryId = DeliveryId::new(Uuid::from_u128(0x01a2_0297_4dc0_8a07_b6d3_1c92_5f4e_0003));

/// Everything that exists.
pub struct World {
    /// In any order.
    pub agents: Vec<Agent>,
    /// In any order.
    pub candidates: Vec<Candidate>,
    /// In any order.
    pub jobs: Vec<Job>,
    /// In any order.
    pub phone_numbers: Vec<PhoneNumber>,
    /// Oldest first. Nothing is sealed.
    pub webhooks: Vec<Webhook>,
    /// Newest first.
    pub deliveries: Vec<Delivery>,
}

/// [`NOW`].
pub fn now() -> anyhow::Result<Timestamp> {
    Ok(NOW.parse()?)
}

/// Makes the world.
///
/// # Errors
/// Only if something in it breaks a rule of the domain.
pub fn world() -> anyhow::Result<World> {
    let now = now()?;
    let agent = |id, company_id, name: &str, r#type, focus, number| -> anyhow::Result<Agent> {
        let profile = AgentProfile {
            name: parsed(name)?,
            r#type,
            focus,
            language: Language::En,
            duration: DurationMinutes::new(30).ok_or_else(|| anyhow::anyhow!("30 minutes"))?,
            questions: None,
            instructions: None,
            voice_id: None,
            company_phone_number_id: number,
            background_sound: BackgroundSound::Office,
            cefr_level: None,
            metadata: None,
        };
        Ok(Agent::new(id, company_id, profile, now))
    };
    let candidate =
        |id, first_name: &str, phone_number: Option<&str>, job_ids: &[JobId]| -> anyhow::Result<Candidate> {
            let profile = CandidateProfile {
                first_name: parsed(first_name)?,
                last_name: parsed("Nováková")?,
                gdpr_expiry_date: "2028-11-22".parse()?,
                email: Some(Email::parse("candidate@example.com")?),
                phone_number: phone_number.map(E164::parse).transpose()?,
                metadata: None,
            };
            let job_ids = job_ids.to_vec();
            Ok(Candidate { id, company_id: COMPANY, profile, job_ids, created_at: now, updated_at: now })
        };
    let job = |id, title: &str| -> anyhow::Result<Job> {
        let profile = JobProfile {
            title: parsed(title)?,
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
        };
        Ok(Job { id, company_id: COMPANY, profile, created_at: now, updated_at: now })
    };
    let number = |id, company_id, number: &str| -> anyhow::Result<PhoneNumber> {
        Ok(PhoneNumber { id, company_id, number: E164::parse(number)?, created_at: now, updated_at: now })
    };
    Ok(World {
        agents: vec![
            agent(AGENT, COMPANY, "Screening", AgentType::Online, Focus::Screening, None)?,
            agent(GENERIC_AGENT, COMPANY, "Talent pool", AgentType::Online, Focus::Generic, None)?,
            agent(PHONE_AGENT, COMPANY, "Calls", AgentType::Phone, Focus::Screening, Some(PHONE_NUMBER))?,
            agent(FOREIGN_AGENT, OTHER_COMPANY, "Screening", AgentType::Online, Focus::Screening, None)?,
        ],
        candidates: vec![
            candidate(CANDIDATE, "Žofia", Some("+421901234567"), &[JOB])?,
            candidate(CANDIDATE_WITH_TWO_JOBS, "Eva", None, &[JOB, OTHER_JOB])?,
        ],
        jobs: vec![job(JOB, "Warehouse lead")?, job(OTHER_JOB, "Truck driver")?],
        phone_numbers: vec![
            number(PHONE_NUMBER, COMPANY, "+421232408080")?,
            number(FOREIGN_PHONE_NUMBER, OTHER_COMPANY, "+420222333444")?,
        ],
        webhooks: webhooks()?,
        deliveries: deliveries()?,
    })
}

/// What stands for every signing secret.
pub(crate) fn secret() -> anyhow::Result<SigningSecret> {
    let text = "whsec_YW4gZXhhbXBsZSwgYW5kIG5vIG9uZSdzIHNlY3JldCE=";
    Ok(serde_json::from_value(text.into())?)
}

fn webhooks() -> anyhow::Result<Vec<Webhook>> {
    let webhook = |id, company_id, url: &str, created_at: &str| -> anyhow::Result<Webhook> {
        let created_at: Timestamp = created_at.parse()?;
        Ok(Webhook {
            id,
            owner: Owner::Company(company_id),
            only_company_id: None,
            url: WebhookUrl::parse(url, Targets::Public).map_err(|error| anyhow::anyhow!("{url}: {error:?}"))?,
            events: vec![EventType::InterviewCompleted, EventType::AnalysisCompleted],
            name: None,
            description: None,
            header_names: Vec::new(),
            paused: None,
            circuit: Circuit::default(),
            sealed: Sealed::new(Vec::new()),
            created_at,
            updated_at: created_at,
        })
    };
    let authorization = HeaderName::parse("Authorization").map_err(|error| anyhow::anyhow!("{error:?}"))?;
    let failing = Circuit {
        consecutive_failures: 27,
        failing_since: Some("2026-11-22T07:41:12.318Z".parse()?),
        opened_at: Some("2026-11-22T08:46:20.004Z".parse()?),
        next_probe_at: Some("2026-11-22T09:31:20.411Z".parse()?),
    };
    Ok(vec![
        Webhook {
            name: Some(parsed("Data warehouse")?),
            header_names: vec![authorization],
            ..webhook(WEBHOOK, COMPANY, "https://hooks.example.com/greenroom", "2026-10-01T12:00:00Z")?
        },
        Webhook {
            circuit: failing,
            ..webhook(FAILING_WEBHOOK, COMPANY, "https://failing.example.com/greenroom", "2026-10-05T08:15:30.250Z")?
        },
        webhook(FOREIGN_WEBHOOK, OTHER_COMPANY, "https://other.example.com", "2026-10-07T16:20:00Z")?,
    ])
}

fn deliveries() -> anyhow::Result<Vec<Delivery>> {
    let delivery = |id, began_at: &str| -> anyhow::Result<Delivery> {
        let began_at: Timestamp = began_at.parse()?;
        Ok(Delivery {
            id,
            webhook_id: WEBHOOK,
            event: EventType::InterviewCompleted,
            occurred_at: began_at,
            company_id: Some(COMPANY),
            interview_id: Some(INTERVIEW),
            status: DeliveryStatus::Pending,
            attempts: 0,
            step: 0,
            series_began_at: began_at,
            next_attempt_at: None,
            last_attempt: None,
            message_id: None,
            created_at: began_at,
            updated_at: began_at,
            expires_at: began_at.saturating_add(Duration::from_secs(30 * 24 * 60 * 60)).epoch_seconds(),
        })
    };
    let attempt = |at: &str, outcome, http_status, duration_ms, body: Option<&str>| -> anyhow::Result<AttemptRecord> {
        Ok(AttemptRecord { at: at.parse()?, outcome, http_status, duration_ms, response_body: body.map(str::to_owned) })
    };
    let went_well = attempt("2026-11-22T09:20:00.140Z", AttemptOutcome::Delivered, Some(204), 96, None)?;
    let went_wrong =
        attempt("2026-11-21T19:48:31.577Z", AttemptOutcome::BadStatus, Some(502), 1_204, Some("Bad Gateway"))?;
    Ok(vec![
        Delivery {
            event: EventType::AnalysisCompleted,
            status: DeliveryStatus::Succeeded,
            attempts: 1,
            step: 1,
            last_attempt: Some(went_well),
            updated_at: "2026-11-22T09:20:00.236Z".parse()?,
            ..delivery(DELIVERY, "2026-11-22T09:20:00Z")?
        },
        Delivery {
            status: DeliveryStatus::Failed,
            attempts: 10,
            step: 10,
            last_attempt: Some(went_wrong),
            updated_at: "2026-11-21T19:48:32.781Z".parse()?,
            ..delivery(FAILED_DELIVERY, "2026-11-19T14:05:00Z")?
        },
    ])
}

impl World {
    /// What an interview's request names, if the company may use it.
    pub(crate) fn resolve(&self, request: &CreateInterview) -> Result<Referenced, AccessError> {
        let mut referenced = Referenced { candidate: None, agent: None, job: None, phone_number: None };
        if let Reference::Existing(id) = request.candidate {
            referenced.candidate = Some(owned(&self.candidates, id, |candidate| (candidate.id, candidate.company_id))?);
        }
        match &request.agent {
            Reference::Existing(id) => {
                referenced.agent = Some(owned(&self.agents, *id, |agent| (agent.id, agent.company_id))?);
            }
            Reference::New(agent) => referenced.phone_number = self.phone_number_of(agent)?,
        }
        if let Some(Reference::Existing(id)) = request.job {
            referenced.job = Some(owned(&self.jobs, id, |job| (job.id, job.company_id))?);
        }
        Ok(referenced)
    }

    /// The webhook of that id.
    pub(crate) fn webhook(&self, id: WebhookId) -> anyhow::Result<&Webhook> {
        self.webhooks.iter().find(|webhook| webhook.id == id).with_context(|| format!("no webhook {id}"))
    }

    /// The number that an agent calls from, if the company may use it.
    pub(crate) fn phone_number_of(&self, agent: &AgentProfile) -> Result<Option<Versioned<PhoneNumber>>, AccessError> {
        let named = agent.company_phone_number_id;
        named.map(|id| owned(&self.phone_numbers, id, |number| (number.id, number.company_id))).transpose()
    }
}

fn owned<T: Clone, Id: PartialEq + Copy + Into<Resource>>(
    all: &[T],
    id: Id,
    identity: impl Fn(&T) -> (Id, CompanyId),
) -> Result<Versioned<T>, AccessError> {
    let found = all.iter().find(|one| identity(one).0 == id).ok_or_else(|| AccessError::NotFound(id.into()))?;
    if identity(found).1 != COMPANY {
        return Err(AccessError::Forbidden(id.into()));
    }
    Ok(Versioned { version: 1, value: found.clone() })
}

fn parsed<const MIN: usize, const MAX: usize>(text: &str) -> anyhow::Result<domain::text::SingleLine<MIN, MAX>> {
    domain::text::SingleLine::parse(text).map_err(|error| anyhow::anyhow!("{text}: {error:?}"))
}
