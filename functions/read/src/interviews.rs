//! `GET /interviews`, `GET /interviews/{id}` and its transcript.

use api::{Content, ContentReader, InterviewResponse, Problem, Reply, RequestContext, TranscriptResponse, shown};
use domain::agent::AgentId;
use domain::candidate::CandidateId;
use domain::company::CompanyId;
use domain::interview::{Interview, InterviewId, InterviewStatus};
use domain::job::JobId;
use domain::resource::AccessError;
use domain::time::Timestamp;
use serde::Serialize;
use store::{List, LookupError, References, Session, TranscriptOf};

use crate::list::{CompanyPage, Filters};

#[derive(Serialize)]
struct InterviewFilters {
    candidate_id: Option<CandidateId>,
    job_id: Option<JobId>,
    agent_id: Option<AgentId>,
    status: Option<InterviewStatus>,
    is_test: Option<bool>,
    /// The first `scheduledAt`.
    from: Option<Timestamp>,
    /// The first `scheduledAt` that is too late.
    to: Option<Timestamp>,
}

impl Filters for InterviewFilters {
    type Entity = Interview;

    fn read(reader: &ContentReader<'_>) -> Content<Self> {
        let named = reader.query_reference("candidateId").and(reader.query_past_reference("jobId"));
        let named = named.and(reader.query_past_reference("agentId"));
        let kind = reader.query_word("status").and(reader.query_bool("isTest"));
        let times = reader.query_time("from").and(reader.query_time("to"));
        named.and(kind.and(times)).map(|(((candidate_id, job_id), agent_id), ((status, is_test), (from, to)))| Self {
            candidate_id,
            job_id,
            agent_id,
            status,
            is_test,
            from,
            to,
        })
    }

    fn list(&self, company_id: CompanyId) -> List<Interview> {
        match (self.candidate_id, self.job_id) {
            (Some(id), _) => List::interviews_of_candidate(company_id, id),
            (None, Some(id)) => List::interviews_for_job(company_id, id),
            (None, None) => List::interviews(company_id),
        }
    }

    fn are_absent(&self) -> bool {
        let is_listed_by_job = self.candidate_id.is_none();
        let Self { candidate_id: _, job_id, agent_id, status, is_test, from, to } = self;
        (job_id.is_none() || is_listed_by_job)
            && agent_id.is_none()
            && status.is_none()
            && is_test.is_none()
            && from.is_none()
            && to.is_none()
    }

    fn let_through(&self, interview: &Interview) -> bool {
        let Self { candidate_id, job_id, agent_id, status, is_test, from, to } = self;
        candidate_id.is_none_or(|id| id == interview.candidate_id)
            && job_id.is_none_or(|id| Some(id) == interview.job_id)
            && agent_id.is_none_or(|id| id == interview.agent_id)
            && status.is_none_or(|status| status == interview.status)
            && is_test.is_none_or(|is_test| is_test == interview.is_test)
            && from.is_none_or(|from| interview.scheduled_at >= from)
            && to.is_none_or(|to| interview.scheduled_at < to)
    }
}

pub(crate) async fn list(context: &mut RequestContext<'_>, session: &mut Session) -> Result<Reply, Problem> {
    let CompanyPage { company_id, filters, page } = CompanyPage::<InterviewFilters>::read(context, session).await?;
    context.list(company_id, &filters).reply(page, |interview| shown(&InterviewResponse::listed(interview)))
}

pub(crate) async fn get(context: &mut RequestContext<'_>, session: &mut Session) -> Result<Reply, Problem> {
    let (admission, id) =
        context.admit::<CompanyId, _>(session, |reader| reader.path_reference::<InterviewId>("id")).await?;
    let interview = admission.get(id)?.value;
    let beside = session.analysis_of(&interview).await?;
    Reply::resource(&InterviewResponse::with_analysis(&interview, beside.as_ref()))
}

pub(crate) async fn transcript(context: &mut RequestContext<'_>, session: &mut Session) -> Result<Reply, Problem> {
    let (admission, id) = context
        .admit::<CompanyId, _>(session, |reader| {
            let interview = reader.path_reference::<InterviewId>("id");
            interview.naming(|id| References::default().with(Some(TranscriptOf(*id))))
        })
        .await?;
    let interview = admission.get(id)?.value;
    let transcript = match admission.get(TranscriptOf(id)) {
        Ok(transcript) => Some(transcript.value.segments),
        Err(LookupError::Access(AccessError::NotFound(_))) => None,
        Err(error) => return Err(error.into()),
    };
    let segments = transcript.as_deref().or(interview.transcript_within());
    let segments = segments.ok_or(AccessError::NotFound(TranscriptOf(id).into()))?;
    Reply::resource(&TranscriptResponse { interview_id: id, segments })
}
