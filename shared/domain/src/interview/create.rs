//! Creating an interview, and everything that must hold for it.

use serde::Serialize;
use uuid::Uuid;

use crate::agent::{Agent, AgentId, AgentProfile, AgentType, Focus, NewAgent};
use crate::allowance::Seconds;
use crate::analysis::{Analysis, mock_transcript};
use crate::candidate::{
    CANDIDATE_JOBS_MAX, Candidate, CandidateId, CandidateProfile, CandidateStatus, CreateCandidate,
};
use crate::company::CompanyId;
use crate::idempotency::IdSource;
use crate::interview::InterviewId;
use crate::job::{Job, JobId, JobProfile};
use crate::metadata::Metadata;
use crate::time::Timestamp;
use crate::transcript::Transcript;
use crate::{Reference, Versioned};

use super::{CallAttempt, CallAttemptId, CallDirection, CallStatus, Interview, InterviewStatus};

/// Furthest that an interview is scheduled ahead, in days.
pub const SCHEDULE_MAX_DAYS: i64 = 30;

/// The time that a test interview is said to have taken, in minutes.
pub const TEST_DURATION_MINUTES: u16 = 5;

/// The caller's request.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CreateInterview {
    /// The candidate.
    pub candidate: Reference<CandidateId, CandidateProfile>,
    /// The agent.
    pub agent: Reference<AgentId, AgentProfile>,
    /// For what, from whichever field it came.
    pub job: Option<Reference<JobId, JobProfile>>,
    /// The time of the interview; none: at once.
    pub schedule_time: Option<Timestamp>,
    /// True to try an integration: the interview is completed at once, and free.
    pub is_test: bool,
    /// The caller's own data.
    pub metadata: Option<Metadata>,
}

/// The same command with the entities that were read in place of their ids. All of them belong to the company acted for.
#[derive(Debug, Clone, PartialEq)]
pub struct ResolvedInterview {
    /// The candidate.
    pub candidate: Reference<Versioned<Candidate>, CandidateProfile>,
    /// The jobs that the candidate is assigned to, without those that are known to be deleted.
    pub assigned: Vec<JobId>,
    /// The agent.
    pub agent: Reference<Versioned<Agent>, NewAgent>,
    /// For what.
    pub job: Option<Reference<Versioned<Job>, Job>>,
    /// The time of the interview; none: at once.
    pub schedule_time: Option<Timestamp>,
    /// True to try an integration: the interview is completed at once, and free.
    pub is_test: bool,
    /// The caller's own data.
    pub metadata: Option<Metadata>,
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

/// The change of an interview's candidate.
#[derive(Debug, Clone, PartialEq)]
pub enum CandidateChange {
    /// It is created.
    Created(Candidate),
    /// It stays as it is.
    Unchanged(Versioned<Candidate>),
    /// It is assigned to a further job.
    Assigned(Versioned<Candidate>, JobId),
}

/// The interview's job, and its change.
#[derive(Debug, Clone, PartialEq)]
pub enum InterviewJob {
    /// There is none.
    None,
    /// It is created.
    Created(Job),
    /// The request names it.
    Named(Versioned<Job>),
    /// It is the only one that the candidate is assigned to, as the candidate's version vouches. It may be deleted: then there
    /// is none.
    OnlyAssigned(JobId),
}

/// An interview about to be created, with all that becomes visible together with it.
#[derive(Debug, Clone, PartialEq)]
pub struct NewInterview {
    /// The interview.
    pub interview: Interview,
    /// The candidate.
    pub candidate: CandidateChange,
    /// The agent.
    pub agent: Reference<Versioned<Agent>, NewAgent>,
    /// The job.
    pub job: InterviewJob,
    /// The cost; none for a test.
    pub cost: Option<Seconds>,
    /// The transcript, if the interview is over.
    pub transcript: Option<Transcript>,
}

/// The reasons why an interview can't be created from what was read.
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
}

impl ResolvedInterview {
    /// Decides on everything that is to be created.
    pub fn decide(
        self,
        company_id: CompanyId,
        ids: NewInterviewIds,
        now: Timestamp,
    ) -> Result<NewInterview, InterviewRefusal> {
        let (agent_id, agent) = match &self.agent {
            Reference::Existing(agent) => (agent.value.id, agent.value.profile.clone()),
            Reference::New(new) => (new.agent.id, new.agent.profile.clone()),
        };
        let job = choose_job(self.job, agent.focus, &self.assigned)?;
        let job_id = job.id();
        let candidate = change_candidate(self.candidate, job_id, company_id, ids.candidate, now)?;
        if agent.r#type == AgentType::Phone && candidate.candidate().profile.phone_number.is_none() {
            return Err(InterviewRefusal::CandidatePhoneNumberRequired);
        }
        let scheduled = Interview {
            id: ids.interview,
            company_id,
            candidate_id: candidate.candidate().id,
            agent_id,
            job_id,
            status: InterviewStatus::Scheduled,
            scheduled_at: self.schedule_time.unwrap_or(now),
            duration_minutes: agent.duration.get(),
            started_at: None,
            deadline: None,
            focus: None,
            finished_date: None,
            failure_reason: None,
            metadata: self.metadata,
            call_attempts: (agent.r#type == AgentType::Phone).then(Vec::new),
            analysis: None,
            analysed: None,
            transcript_available: false,
            is_test: false,
            reservation: None,
            settlement: None,
            cancel_requested_at: None,
            deleted_at: None,
            erased_at: None,
            created_at: now,
            updated_at: now,
        };
        let (interview, transcript, cost) = if self.is_test {
            let questions = agent.questions.as_deref().unwrap_or_default();
            let segments = mock_transcript(scheduled.id, agent.focus, agent.language, questions);
            let interview = scheduled.completed_as_test(&agent);
            let transcript = Transcript::new(&interview, segments, now);
            (interview, Some(transcript), None)
        } else {
            (scheduled, None, Some(agent.duration.seconds()))
        };
        Ok(NewInterview { interview, candidate, agent: self.agent, job, cost, transcript })
    }
}

/// The rules on jobs, in their documented order.
fn choose_job(
    named: Option<Reference<Versioned<Job>, Job>>,
    focus: Focus,
    assigned: &[JobId],
) -> Result<InterviewJob, InterviewRefusal> {
    match (named, focus, assigned) {
        (Some(_), Focus::Generic, _) | (None, Focus::Generic, [_, ..]) => {
            Err(InterviewRefusal::GenericAgentNeedsUnassignedCandidate)
        }
        (Some(Reference::New(job)), _, _) => Ok(InterviewJob::Created(job)),
        (Some(Reference::Existing(job)), _, _) => Ok(InterviewJob::Named(job)),
        (None, Focus::Generic, []) => Ok(InterviewJob::None),
        (None, _, [only]) => Ok(InterviewJob::OnlyAssigned(*only)),
        (None, _, []) => Err(InterviewRefusal::JobRequired),
        (None, _, several) => Err(InterviewRefusal::JobSelectionRequired(several.to_vec())),
    }
}

fn change_candidate(
    candidate: Reference<Versioned<Candidate>, CandidateProfile>,
    job_id: Option<JobId>,
    company_id: CompanyId,
    new_id: CandidateId,
    now: Timestamp,
) -> Result<CandidateChange, InterviewRefusal> {
    match (candidate, job_id) {
        (Reference::Existing(known), Some(job_id)) if !known.value.job_ids.contains(&job_id) => {
            if known.value.job_ids.len() >= CANDIDATE_JOBS_MAX {
                return Err(InterviewRefusal::TooManyJobs);
            }
            Ok(CandidateChange::Assigned(known, job_id))
        }
        (Reference::Existing(known), _) => Ok(CandidateChange::Unchanged(known)),
        (Reference::New(profile), job_id) => {
            let job_ids = job_id.into_iter().collect();
            let new = CreateCandidate { profile, job_ids, status: CandidateStatus::Applied };
            Ok(CandidateChange::Created(Candidate::new(new_id, company_id, new, now)))
        }
    }
}

impl CandidateChange {
    /// The candidate, as it was read or as it is created.
    pub fn candidate(&self) -> &Candidate {
        match self {
            Self::Created(candidate)
            | Self::Unchanged(Versioned { value: candidate, .. })
            | Self::Assigned(Versioned { value: candidate, .. }, _) => candidate,
        }
    }
}

impl InterviewJob {
    /// The job's id, if there is a job.
    pub fn id(&self) -> Option<JobId> {
        match self {
            Self::None => None,
            Self::Created(job) => Some(job.id),
            Self::Named(job) => Some(job.value.id),
            Self::OnlyAssigned(id) => Some(*id),
        }
    }
}

impl Interview {
    /// The same interview as test mode creates it: over, analysed and marked.
    fn completed_as_test(self, agent: &AgentProfile) -> Self {
        let now = self.created_at;
        let call = CallAttempt {
            id: CallAttemptId::new(Uuid::new_v5(&self.id.uuid(), b"call attempt")),
            direction: CallDirection::Outbound,
            status: CallStatus::Completed,
            reason_code: None,
            notes: None,
            retry_number: 0,
            recording_url: None,
            duration: Some(u32::from(TEST_DURATION_MINUTES) * 60),
            scheduled_at: now,
            called_at: Some(now),
        };
        let questions = agent.questions.as_deref().unwrap_or_default();
        Self {
            status: InterviewStatus::Completed,
            scheduled_at: now,
            duration_minutes: TEST_DURATION_MINUTES,
            finished_date: Some(now),
            metadata: Some(Metadata::marked_as_test(self.metadata.as_ref())),
            call_attempts: self.call_attempts.map(|_| vec![call]),
            analysis: Some(Analysis::mock(self.id, agent.focus, questions, now)),
            is_test: true,
            ..self
        }
    }
}
