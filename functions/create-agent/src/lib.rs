//! `POST /agents`: creates an agent.

use api::{AgentResponse, CreateAgentRoute, Event, Problem, Reply, RequestContext, Response, ValidRequest};
use domain::agent::{Agent, AgentId, AgentProfile, NewAgent};
use domain::company::CompanyId;
use runtime::Runtime;
use store::{References, Session, Store};
use validation::AgentShape;

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
    let outcome = match context.route.and_then(CreateAgentRoute::of) {
        Some(CreateAgentRoute::CreateAgent) => create_agent(&mut context, &mut session).await,
        None => Err(Problem::route_not_found(None)),
    };
    context.end(outcome, session.finish().await)
}

async fn create_agent(context: &mut RequestContext<'_>, session: &mut Session) -> Result<Reply, Problem> {
    let (mut admission, request) = context
        .admit::<CompanyId, _>(session, |reader| {
            let named = |profile: &AgentProfile| References::default().with(profile.company_phone_number_id);
            reader.body(&AgentShape).naming(|request| named(&request.command))
        })
        .await?;
    let ValidRequest { command: profile, expired: _, idempotency } = request;
    let (company_id, now) = (admission.caller.tenant, context.now);
    let id = AgentId::new(context.id_source(&admission, idempotency.as_ref()).id("agent"));
    let (agent, replayed) = context
        .create(session, &mut admission, idempotency.as_ref(), id, |admission| {
            let phone_number = profile.company_phone_number_id.map(|id| admission.get(id)).transpose()?;
            Ok(NewAgent { agent: Agent::new(id, company_id, profile.clone(), now), phone_number })
        })
        .await?;
    Reply::created(format!("/agents/{id}"), &AgentResponse::from(&agent), replayed)
}
