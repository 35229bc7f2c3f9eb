//! Creating an interview, and everything that must hold for it.

use chrono::TimeDelta;
use serde::Serialize;
use uuid::Uuid;

use crate::agent::{Agent, AgentId, AgentProfile, AgentType, Focus};
use crate::allowance::Seconds;
use crate::analysis::Analysis;
use crate::candidate::{CANDIDATE_JOBS_MAX, Candidate, CandidateId, CandidateProfile};
use crate::company::CompanyId;
use crate::idempotency::IdSource;
use crate::interview::InterviewId;
use crate::job::{Job, JobId, JobProfile};
use crate::metadata::Metadata;
use crate::phone_number::PhoneNumber;
use crate::time::Timestamp;
use crate::{Reference, Versioned};

use super::{CallAttempt, CallStatus, Interview, InterviewStatus};

/// Furthest that an interview is scheduled ahead, in days.
pub const SCHEDULE_MAX_DAYS: i64 = 30;

/// How long a test interview is said to have taken, in minutes.
pub const TEST_DURATION_MINUTES: u16 = 5;

/// What a caller asks for.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CreateInterview {
    /// Who is interviewed.
    pub candidate: Reference<CandidateId, CandidateProfile>,
    /// By whom.
    pub agent: Reference<AgentId, AgentProfile>,
    /// For what, from whichever field it came.
    pub job: Option<Reference<JobId, JobProfile>>,
    /// When; none: at once.
    pub schedule_time: Option<Timestamp>,
    /// To try an integration.
    pub is_test: bool,
    /// The caller's own data.
    pub metadata: Option<Metadata>,
}

/// Everything stored that a request refers to. All of it belongs to the company acted for.
#[derive(Debug, Clone, PartialEq)]
pub struct Referenced {
    /// The candidate, if the request names one.
    pub candidate: Option<Versioned<Candidate>>,
    /// The agent, if the request names one.
    pub agent: Option<Versioned<Agent>>,
    /// The job, if the request names one.
    pub job: Option<Versioned<Job>>,
    /// The telephone number of an agent that the request brings along.
    pub phone_number: Option<Versioned<PhoneNumber>>,
}

/// The ids of everything that a request may create, fixed before anything is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewInterviewIds {
    /// The interview's.
    pub interview: InterviewId,
    /// A new candidate's.
    pub candidate: CandidateId,
    /// A new agent's.
    pub agent: AgentId,
    /// A new job's.
    pub job: JobId,
}

impl NewInterviewIds {
    /// Draws them from their source.
    pub fn from_source(source: &IdSource<'_>) -> Self {
        Self {
            interview: InterviewId::new(source.id("interview")),
            candidate: CandidateId::new(source.id("candidate")),
            agent: AgentId::new(source.id("agent")),
            job: JobId::new(source.id("job")),
        }
    }
}

/// What happens to an interview's candidate.
#[derive(Debug, Clone, PartialEq)]
pub enum CandidateChange {
    /// It is created.
    Created(Candidate),
    /// It stays as it is.
    Unchanged(Versioned<Candidate>),
    /// It is assigned to a further job.
    Assigned(Versioned<Candidate>, JobId),
}

/// What happens to an interview's job.
#[derive(Debug, Clone, PartialEq)]
pub enum InterviewJob {
    /// There is none.
    None,
    /// It is created.
    Created(Job),
    /// The request names it.
    Named(Versioned<Job>),
    /// It is the only one that the candidate is assigned to; the candidate's version vouches for it.
    OnlyAssigned(JobId),
}

/// What happens to an interview's agent.
#[derive(Debug, Clone, PartialEq)]
pub enum InterviewAgent {
    /// It is created; a telephone number it calls from must stay the company's.
    Created(Agent, Option<Versioned<PhoneNumber>>),
    /// The request names it.
    Named(Versioned<Agent>),
}

/// An interview about to be created, with all that becomes visible together with it.
#[derive(Debug, Clone, PartialEq)]
pub struct NewInterview {
    /// The interview.
    pub interview: Interview,
    /// Its candidate.
    pub candidate: CandidateChange,
    /// Its agent.
    pub agent: InterviewAgent,
    /// Its job.
    pub job: InterviewJob,
    /// What it costs; none for a test.
    pub cost: Option<Seconds>,
}

/// Why an interview can't be created from what is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InterviewRefusal {
    /// A GENERIC agent, and a candidate who has a job or would get one.
    GenericAgentNeedsUnassignedCandidate,
    /// No job from any source, and an agent that needs one.
    JobRequired,
    /// The candidate has several jobs, and the request does not say which.
    JobSelectionRequired(Vec<JobId>),
    /// A PHONE agent, and a candidate without a telephone number.
    CandidatePhoneNumberRequired,
    /// The candidate is assigned to [`CANDIDATE_JOBS_MAX`] jobs already.
    TooManyJobs,
    /// The request names something that [`Referenced`] lacks: a defect of the caller's.
    Unresolved,
}

impl CreateInterview {
    /// Decides what is to be created, from what is stored of what the request names.
    pub fn decide(
        &self,
        company_id: CompanyId,
        referenced: &Referenced,
        ids: NewInterviewIds,
        now: Timestamp,
    ) -> Result<NewInterview, InterviewRefusal> {
        let agent = match &self.agent {
            Reference::Existing(_) => {
                InterviewAgent::Named(referenced.agent.clone().ok_or(InterviewRefusal::Unresolved)?)
            }
            Reference::New(profile) => {
                let phone_number = match profile.company_phone_number_id {
                    Some(_) => Some(referenced.phone_number.clone().ok_or(InterviewRefusal::Unresolved)?),
                    None => None,
                };
                InterviewAgent::Created(Agent::new(ids.agent, company_id, profile.clone(), now), phone_number)
            }
        };
        let (agent_id, agent_profile) = match &agent {
            InterviewAgent::Named(Versioned { value: agent, .. }) | InterviewAgent::Created(agent, _) => {
                (agent.id, &agent.profile)
            }
        };

        let known_candidate = match &self.candidate {
            Reference::Existing(_) => Some(referenced.candidate.clone().ok_or(InterviewRefusal::Unresolved)?),
            Reference::New(_) => None,
        };
        let assigned = known_candidate.as_ref().map_or(&[][..], |candidate| &candidate.value.job_ids);
        let job = self.choose_job(company_id, agent_profile.focus, assigned, referenced, ids.job, now)?;
        let job_id = match &job {
            InterviewJob::None => None,
            InterviewJob::Created(job) => Some(job.id),
            InterviewJob::Named(job) => Some(job.value.id),
            InterviewJob::OnlyAssigned(id) => Some(*id),
        };
        let candidate = self.change_candidate(company_id, known_candidate, job_id, ids.candidate, now)?;
        let (candidate_id, candidate_profile) = match &candidate {
            CandidateChange::Created(candidate)
            | CandidateChange::Unchanged(Versioned { value: candidate, .. })
            | CandidateChange::Assigned(Versioned { value: candidate, .. }, _) => (candidate.id, &candidate.profile),
        };
        if agent_profile.r#type == AgentType::Phone && candidate_profile.phone_number.is_none() {
            return Err(InterviewRefusal::CandidatePhoneNumberRequired);
        }

        let scheduled = Interview {
            id: ids.interview,
            company_id,
            candidate_id,
            agent_id,
            job_id,
            status: InterviewStatus::Scheduled,
            scheduled_at: self.schedule_time.unwrap_or(now),
            duration_minutes: agent_profile.duration.get(),
            finished_date: None,
            metadata: self.metadata.clone(),
            call_attempts: (agent_profile.r#type == AgentType::Phone).then(Vec::new),
            analysis: None,
            is_test: false,
            reservation: None,
            created_at: now,
            updated_at: now,
        };
        let (interview, cost) = if self.is_test {
            (scheduled.completed_as_test(agent_profile), None)
        } else {
            (scheduled, Some(agent_profile.duration.seconds()))
        };
        Ok(NewInterview { interview, candidate, agent, job, cost })
    }

    /// The rules on jobs, in their documented order.
    fn choose_job(
        &self,
        company_id: CompanyId,
        focus: Focus,
        assigned: &[JobId],
        referenced: &Referenced,
        new_job_id: JobId,
        now: Timestamp,
    ) -> Result<InterviewJob, InterviewRefusal> {
        match (&self.job, focus, assigned) {
            (Some(_), Focus::Generic, _) | (None, Focus::Generic, [_, ..]) => {
                Err(InterviewRefusal::GenericAgentNeedsUnassignedCandidate)
            }
            (Some(Reference::New(profile)), _, _) => Ok(InterviewJob::Created(Job {
                id: new_job_id,
                company_id,
                profile: profile.clone(),
                created_at: now,
                updated_at: now,
            })),
            (Some(Reference::Existing(_)), _, _) => {
                referenced.job.clone().map(InterviewJob::Named).ok_or(InterviewRefusal::Unresolved)
            }
            (None, Focus::Generic, []) => Ok(InterviewJob::None),
            (None, _, [only]) => Ok(InterviewJob::OnlyAssigned(*only)),
            (None, _, []) => Err(InterviewRefusal::JobRequired),
            (None, _, several) => Err(InterviewRefusal::JobSelectionRequired(several.to_vec())),
        }
    }

    fn change_candidate(
        &self,
        company_id: CompanyId,
        known: Option<Versioned<Candidate>>,
        job_id: Option<JobId>,
        new_id: CandidateId,
        now: Timestamp,
    ) -> Result<CandidateChange, InterviewRefusal> {
        match (&self.candidate, known, job_id) {
            (_, Some(known), Some(job_id)) if !known.value.job_ids.contains(&job_id) => {
                if known.value.job_ids.len() >= CANDIDATE_JOBS_MAX {
                    return Err(InterviewRefusal::TooManyJobs);
                }
                Ok(CandidateChange::Assigned(known, job_id))
            }
            (_, Some(known), _) => Ok(CandidateChange::Unchanged(known)),
            (Reference::New(profile), None, job_id) => Ok(CandidateChange::Created(Candidate {
                id: new_id,
                company_id,
                profile: profile.clone(),
                job_ids: job_id.into_iter().collect(),
                created_at: now,
                updated_at: now,
            })),
            (Reference::Existing(_), None, _) => Err(InterviewRefusal::Unresolved),
        }
    }
}

impl Interview {
    /// The same interview as test mode creates it: over, analysed and marked.
    fn completed_as_test(self, agent: &AgentProfile) -> Self {
        let now = self.created_at;
        let started = now.checked_add(-TimeDelta::minutes(i64::from(TEST_DURATION_MINUTES))).unwrap_or(now);
        let call = CallAttempt {
            id: Uuid::new_v5(&self.id.uuid(), b"call attempt"),
            status: CallStatus::Completed,
            started_at: started,
            ended_at: now,
        };
        let questions = agent.questions.as_deref().unwrap_or_default();
        Self {
            status: InterviewStatus::Completed,
            duration_minutes: TEST_DURATION_MINUTES,
            finished_date: Some(now),
            metadata: Some(Metadata::marked_as_test(self.metadata.as_ref())),
            call_attempts: self.call_attempts.map(|_| vec![call]),
            analysis: Some(Analysis::mock(self.id, agent.focus, agent.language, questions, now)),
            is_test: true,
            ..self
        }
    }
}
