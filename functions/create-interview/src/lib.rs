//! `POST /interviews`: creates an interview, with the candidate, the agent and the job that the request brings along.

use api::{
    Admission, CreateInterviewRoute, Event, InterviewResponse, Problem, Reply, RequestContext, Response, ValidRequest,
    answer,
};
use domain::Reference;
use domain::agent::{Agent, AgentId, AgentProfile, Focus, NewAgent};
use domain::candidate::{Candidate, CandidateId, CandidateProfile};
use domain::company::CompanyId;
use domain::interview::{CreateInterview, NewInterviewIds, ResolvedInterview};
use domain::job::{Job, JobId};
use domain::phone_number::PhoneNumberId;
use domain::time::Timestamp;
use runtime::Runtime;
use store::{LookupError, References, Scoped, Session, Store};
use validation::InterviewShape;

/// The surroundings of the function.
#[derive(Clone)]
pub struct App {
    /// Clock, ids and log.
    pub runtime: Runtime,
    /// The table.
    pub store: Store,
}

/// Answers one request.
pub async fn handle(app: &App, event: Event) -> Response {
    answer(&app.runtime, &app.store, event, CreateInterviewRoute::of, |route, context, session| match route {
        CreateInterviewRoute::CreateInterview => Box::pin(create_interview(context, session)),
    })
    .await
}

async fn create_interview(context: &mut RequestContext<'_>, session: &mut Session) -> Result<Reply, Problem> {
    let shape = InterviewShape { now: context.now };
    let (mut admission, request) = context
        .admit::<CompanyId, _>(session, |reader| reader.body(&shape).naming(|request| references(&request.command)))
        .await?;
    let ValidRequest { command, expired, idempotency } = request;
    if command.job.is_none() {
        let (candidate, agent) = (command.candidate.clone(), command.agent.clone());
        admission.follow(session, move |scoped| jobs_to_choose_from(&candidate, &agent, scoped)).await?;
    }
    let (company_id, now) = (admission.caller.tenant, context.now);
    let ids = NewInterviewIds::from_source(&context.id_source(&admission, idempotency.as_ref()));
    let (interview, replayed) = context
        .create(session, &mut admission, idempotency.as_ref(), ids.interview, |admission| {
            expired.clone().map_or(Ok(()), Err)?;
            Ok(resolve(&command, admission, ids, now)?.decide(company_id, ids, now)?)
        })
        .await?;
    let beside = session.analysis_of(&interview).await?;
    let shown = InterviewResponse::with_analysis(&interview, beside.as_ref());
    Reply::created(format!("/interviews/{}", interview.id), &shown, replayed)
}

/// The entities that have to be read to decide on the command.
fn references(command: &CreateInterview) -> References {
    References::default()
        .with(command.candidate.id())
        .with(command.agent.id())
        .with(command.job.as_ref().and_then(Reference::id))
        .with(phone_number_id(command))
}

/// The jobs that the candidate is assigned to, if it matters before the transaction that some may have been deleted: of several
/// one must be chosen, and a GENERIC agent must not see any. A single one is left to the transaction, which demands it.
fn jobs_to_choose_from(
    candidate: &Reference<CandidateId, CandidateProfile>,
    agent: &Reference<AgentId, AgentProfile>,
    scoped: &Scoped,
) -> Result<References, LookupError> {
    let read = |id| {
        scoped.get(id).map(Some).or_else(|error| match error {
            // The decision tells it, in its order.
            LookupError::Access(_) => Ok(None),
            LookupError::Store(_) => Err(error),
        })
    };
    let Some(candidate) = candidate.id().map(read).transpose()?.flatten() else { return Ok(References::default()) };
    let is_generic = match agent {
        Reference::Existing(id) => scoped.get(*id).is_ok_and(|agent| agent.value.profile.focus == Focus::Generic),
        Reference::New(profile) => profile.focus == Focus::Generic,
    };
    let job_ids = candidate.value.job_ids;
    let matters = is_generic || job_ids.len() > 1;
    Ok(job_ids.into_iter().filter(|_| matters).fold(References::default(), |jobs, id| jobs.with(Some(id))))
}

/// The jobs that the candidate is assigned to, without those that were looked for and are deleted.
fn assigned(candidate: &Candidate, focus: Focus, admission: &Admission<CompanyId>) -> Vec<JobId> {
    let were_read = focus == Focus::Generic || candidate.job_ids.len() > 1;
    candidate.job_ids.iter().filter(|id| !were_read || admission.get(**id).is_ok()).copied().collect()
}

/// The command with the entities in place of their ids, if all of them are the company's. Otherwise the first that is
/// not, in this order, is the refusal.
fn resolve(
    command: &CreateInterview,
    admission: &Admission<CompanyId>,
    ids: NewInterviewIds,
    now: Timestamp,
) -> Result<ResolvedInterview, LookupError> {
    let company_id = admission.caller.tenant;
    let candidate = command.candidate.resolve(|id| admission.get(id))?;
    let agent = command.agent.resolve(|id| admission.get(id))?;
    let job = command.job.as_ref().map(|job| job.resolve(|id| admission.get(id))).transpose()?;
    let phone_number = phone_number_id(command).map(|id| admission.get(id)).transpose()?;
    let focus = match &agent {
        Reference::Existing(agent) => agent.value.profile.focus,
        Reference::New(profile) => profile.focus,
    };
    let assigned = match (&candidate, &job) {
        (Reference::Existing(candidate), None) => assigned(&candidate.value, focus, admission),
        (Reference::Existing(_), Some(_)) | (Reference::New(_), _) => Vec::new(),
    };
    Ok(ResolvedInterview {
        candidate,
        assigned,
        agent: agent.map_new(|profile| {
            let agent = Agent::new(ids.agent, company_id, profile, now);
            NewAgent { agent, phone_number }
        }),
        job: job.map(|job| job.map_new(|profile| Job::new(ids.job, company_id, profile, now))),
        schedule_time: command.schedule_time,
        is_test: command.is_test,
        metadata: command.metadata.clone(),
    })
}

/// The telephone number of an agent that the request brings along.
fn phone_number_id(command: &CreateInterview) -> Option<PhoneNumberId> {
    match &command.agent {
        Reference::Existing(_) => None,
        Reference::New(profile) => profile.company_phone_number_id,
    }
}
