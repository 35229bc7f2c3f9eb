//! `POST /interviews`: creates an interview, with whatever the request brings along.

use api::{
    App, Asked, Body, CREATE_INTERVIEW, Call, Idempotency, InterviewResponse, Problem, Reply, Request, Response,
};
use domain::Reference;
use domain::api_key::Scope;
use domain::company::{CompanyId, Owner};
use domain::interview::{CreateInterview, Interview, InterviewId, NewInterviewIds, Referenced};
use domain::resource::AccessError;
use store::{Creation, LookupError, Named, Opened, Session};
use validation::InterviewShape;

/// Answers one request.
pub async fn handle(app: &App, request: Request) -> Response<Body> {
    let mut call = Call::begin(&app.runtime, CREATE_INTERVIEW, request);
    let mut session = app.store.session();
    let outcome = create_interview(&mut call, &mut session).await;
    call.end(outcome, session.cost())
}

async fn create_interview(call: &mut Call<'_>, session: &mut Session) -> Result<Reply, Problem> {
    let asked = call.check(&InterviewShape { now: call.now });
    let named = asked.as_ref().map_or_else(|_| Named::default(), |asked| named(&asked.command));
    let (mut caller, mut opened) = call.authenticate(session, Scope::WriteInterviews, named).await?;
    let Asked { command, untimely, idempotency } = asked?;

    let ids = NewInterviewIds::from_source(&call.id_source(Owner::Company(caller.company_id), idempotency.as_ref()));
    let refusal = loop {
        if let Some(untimely) = untimely {
            break untimely;
        }
        let decided = resolve(&mut opened, named).map_err(Problem::from).and_then(|referenced| {
            command.decide(caller.company_id, &referenced, ids, call.now).map_err(Problem::from)
        });
        let new = match decided {
            Ok(new) => new,
            Err(refusal) => break refusal,
        };
        let origin = call.origin(&caller, idempotency.as_ref());
        match (session.create_interview(new, &origin).await?, &idempotency) {
            (Creation::Created(interview), _) => return reply(&interview, false),
            (Creation::Exists(recorded), Some(idempotency)) => return reply(&idempotency.replay(recorded)?, true),
            (Creation::Deleted, _) => return Err(AccessError::NotFound(ids.interview.into()).into()),
            (Creation::Exists(_), None) => return Err(Problem::internal("a fresh id was taken")),
            (Creation::Changed, _) => opened = call.read_again(session, &mut caller, named).await?,
            (Creation::Refused(refusal), _) => break refusal.into(),
        }
    };
    let repeated = repeated(session, caller.company_id, ids.interview, idempotency.as_ref()).await?;
    repeated.ok_or(refusal)
}

/// What has to be read to decide on the command.
fn named(command: &CreateInterview) -> Named {
    let (agent, phone_number) = match &command.agent {
        Reference::Existing(id) => (Some(*id), None),
        Reference::New(profile) => (None, profile.company_phone_number_id),
    };
    let candidate = match &command.candidate {
        Reference::Existing(id) => Some(*id),
        Reference::New(_) => None,
    };
    let job = match &command.job {
        Some(Reference::Existing(id)) => Some(*id),
        Some(Reference::New(_)) | None => None,
    };
    Named { candidate, agent, job, phone_number, ..Named::default() }
}

/// What is named, if all of it is the company's. The first that is not is the answer, in this order.
fn resolve(opened: &mut Opened, named: Named) -> Result<Referenced, LookupError> {
    Ok(Referenced {
        candidate: named.candidate.map(|id| opened.candidate(id)).transpose()?,
        agent: named.agent.map(|id| opened.agent(id)).transpose()?,
        job: named.job.map(|id| opened.job(id)).transpose()?,
        phone_number: named.phone_number.map(|id| opened.phone_number(id)).transpose()?,
    })
}

/// A repeat outranks a refusal: the same request may have been carried out before.
async fn repeated(
    session: &mut Session,
    company_id: CompanyId,
    id: InterviewId,
    idempotency: Option<&Idempotency>,
) -> Result<Option<Reply>, Problem> {
    let Some(idempotency) = idempotency else { return Ok(None) };
    let Some(recorded) = session.recorded_interview(company_id, id).await? else { return Ok(None) };
    reply(&idempotency.replay(recorded)?, true).map(Some)
}

fn reply(interview: &Interview, replayed: bool) -> Result<Reply, Problem> {
    Reply::created(format!("/interviews/{}", interview.id), &InterviewResponse::from(interview), replayed)
}
