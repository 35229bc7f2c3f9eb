//! `POST /interviews`: creates an interview, with the candidate, the agent and the job that the request brings along.

use api::{
    Admission, CreateInterviewRoute, Event, InterviewResponse, Problem, Reply, RequestContext, Response, ValidRequest,
};
use domain::Reference;
use domain::agent::{Agent, NewAgent};
use domain::company::CompanyId;
use domain::interview::{CreateInterview, NewInterviewIds, ResolvedInterview};
use domain::job::Job;
use domain::phone_number::PhoneNumberId;
use domain::time::Timestamp;
use runtime::Runtime;
use store::{LookupError, References, Session, Store};
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
    let mut context = match RequestContext::begin(&app.runtime, event) {
        Ok(context) => context,
        Err(refusal) => return *refusal,
    };
    let mut session = app.store.session();
    let outcome = match context.route.and_then(CreateInterviewRoute::of) {
        Some(CreateInterviewRoute::CreateInterview) => create_interview(&mut context, &mut session).await,
        None => Err(Problem::route_not_found(None)),
    };
    context.end(outcome, session.finish().await)
}

async fn create_interview(context: &mut RequestContext<'_>, session: &mut Session) -> Result<Reply, Problem> {
    let shape = InterviewShape { now: context.now };
    let (mut admission, request) = context
        .admit::<CompanyId, _>(session, |reader| reader.body(&shape).naming(|request| references(&request.command)))
        .await?;
    let ValidRequest { command, expired, idempotency } = request;
    let (company_id, now) = (admission.caller.tenant, context.now);
    let ids = NewInterviewIds::from_source(&context.id_source(&admission, idempotency.as_ref()));
    let (interview, replayed) = context
        .create(session, &mut admission, idempotency.as_ref(), ids.interview, |admission| {
            expired.clone().map_or(Ok(()), Err)?;
            Ok(resolve(&command, admission, ids, now)?.decide(company_id, ids, now)?)
        })
        .await?;
    Reply::created(format!("/interviews/{}", interview.id), &InterviewResponse::from(&interview), replayed)
}

/// The entities that have to be read to decide on the command.
fn references(command: &CreateInterview) -> References {
    References::default()
        .with(command.candidate.id())
        .with(command.agent.id())
        .with(command.job.as_ref().and_then(Reference::id))
        .with(phone_number_id(command))
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
    Ok(ResolvedInterview {
        candidate,
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
