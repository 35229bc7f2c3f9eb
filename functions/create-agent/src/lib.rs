//! `POST /agents`: creates an agent.

use api::{AgentResponse, CreateAgentRoute, Event, Problem, Reply, RequestContext, Response, ValidRequest, answer};
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
    answer(&app.runtime, &app.store, event, CreateAgentRoute::of, |route, context, session| match route {
        CreateAgentRoute::CreateAgent => Box::pin(create_agent(context, session)),
    })
    .await
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
