//! `POST /agents`: creates an agent.

use api::{AgentResponse, App, Asked, Body, CREATE_AGENT, Call, Idempotency, Problem, Reply, Request, Response};
use domain::agent::{Agent, AgentId};
use domain::api_key::Scope;
use domain::company::Owner;
use domain::resource::AccessError;
use store::{Creation, LookupError, Named, Session};
use validation::AgentShape;

/// Answers one request.
pub async fn handle(app: &App, request: Request) -> Response<Body> {
    let mut call = Call::begin(&app.runtime, CREATE_AGENT, request);
    let mut session = app.store.session();
    let outcome = create_agent(&mut call, &mut session).await;
    call.end(outcome, session.cost())
}

async fn create_agent(call: &mut Call<'_>, session: &mut Session) -> Result<Reply, Problem> {
    let asked = call.check(&AgentShape);
    let phone_number_id = asked.as_ref().ok().and_then(|asked| asked.command.company_phone_number_id);
    let named = Named { phone_number: phone_number_id, ..Named::default() };
    let (mut caller, mut opened) = call.authenticate(session, Scope::WriteAgents, named).await?;
    let Asked { command: profile, untimely: _, idempotency } = asked?;

    let id = AgentId::new(call.id_source(Owner::Company(caller.company_id), idempotency.as_ref()).id("agent"));
    let agent = Agent::new(id, caller.company_id, profile, call.now);
    let refusal: LookupError = loop {
        let phone_number = match phone_number_id.map(|id| opened.phone_number(id)).transpose() {
            Ok(phone_number) => phone_number,
            Err(refusal) => break refusal,
        };
        let origin = call.origin(&caller, idempotency.as_ref());
        match (session.create_agent(agent.clone(), phone_number.as_ref(), &origin).await?, &idempotency) {
            (Creation::Created(agent), _) => return reply(&agent, false),
            (Creation::Exists(recorded), Some(idempotency)) => return reply(&idempotency.replay(recorded)?, true),
            (Creation::Deleted, _) => return Err(AccessError::NotFound(id.into()).into()),
            (Creation::Exists(_), None) => return Err(Problem::internal("a fresh id was taken")),
            (Creation::Changed, _) => opened = call.read_again(session, &mut caller, named).await?,
            (Creation::Refused(never), _) => match never {},
        }
    };
    repeated(session, &agent, idempotency.as_ref()).await?.ok_or_else(|| refusal.into())
}

/// A repeat outranks a refusal: the same request may have been carried out before.
async fn repeated(
    session: &mut Session,
    agent: &Agent,
    idempotency: Option<&Idempotency>,
) -> Result<Option<Reply>, Problem> {
    let Some(idempotency) = idempotency else { return Ok(None) };
    let Some(recorded) = session.recorded_agent(agent.company_id, agent.id).await? else { return Ok(None) };
    reply(&idempotency.replay(recorded)?, true).map(Some)
}

fn reply(agent: &Agent, replayed: bool) -> Result<Reply, Problem> {
    Reply::created(format!("/agents/{}", agent.id), &AgentResponse::from(agent), replayed)
}
