//! What the document's examples refer to: a small world, in which each of them has its documented answer.
//!
//! A test that sends an example first creates the same world, and then either keeps these ids or puts the real ones
//! in their place; they are unique texts.

use domain::{
    Agent, AgentId, AgentProfile, AgentType, BackgroundSound, Candidate, CandidateId, CandidateProfile, CompanyId,
    CreateInterview, Denied, DurationMinutes, E164, Focus, Job, JobId, JobProfile, JobStatus, Language, PhoneNumber,
    PhoneNumberId, Reference, Referenced, Resource, Timestamp, Versioned,
};
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
                email: Some("candidate@example.com".parse()?),
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
        Ok(PhoneNumber { id, company_id, number: number.parse()?, created_at: now, updated_at: now })
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
    })
}

impl World {
    /// What an interview's request names, if the company may use it.
    pub(crate) fn resolve(&self, request: &CreateInterview) -> Result<Referenced, Denied> {
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

    /// The number that an agent calls from, if the company may use it.
    pub(crate) fn phone_number_of(&self, agent: &AgentProfile) -> Result<Option<Versioned<PhoneNumber>>, Denied> {
        let named = agent.company_phone_number_id;
        named.map(|id| owned(&self.phone_numbers, id, |number| (number.id, number.company_id))).transpose()
    }
}

fn owned<T: Clone, Id: PartialEq + Copy + Into<Resource>>(
    all: &[T],
    id: Id,
    identity: impl Fn(&T) -> (Id, CompanyId),
) -> Result<Versioned<T>, Denied> {
    let found = all.iter().find(|one| identity(one).0 == id).ok_or_else(|| Denied::Missing(id.into()))?;
    if identity(found).1 != COMPANY {
        return Err(Denied::Foreign(id.into()));
    }
    Ok(Versioned { version: 1, value: found.clone() })
}

fn parsed<const MIN: usize, const MAX: usize>(text: &str) -> anyhow::Result<domain::Line<MIN, MAX>> {
    domain::Line::parse(text).map_err(|error| anyhow::anyhow!("{text}: {error:?}"))
}
