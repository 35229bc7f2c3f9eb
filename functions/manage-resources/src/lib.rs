//! `POST` and `PATCH` of candidates, jobs and companies, `PATCH` of agents, and what deletes any of them but companies.
//!
//! One function for all of it: what is warm for one of these routes is warm for all.

mod agents;
mod candidates;
mod companies;
mod jobs;

use api::{Event, Processing, RequestContext, ResourceRoute, Response, answer};
use runtime::Runtime;
use store::{Session, Store};

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
    answer(&app.runtime, &app.store, event, ResourceRoute::of, process).await
}

fn process<'a>(route: ResourceRoute, context: &'a mut RequestContext<'_>, session: &'a mut Session) -> Processing<'a> {
    match route {
        ResourceRoute::ChangeAgent => Box::pin(agents::change(context, session)),
        ResourceRoute::DeleteAgent => Box::pin(agents::delete(context, session)),
        ResourceRoute::CreateCandidate => Box::pin(candidates::create(context, session)),
        ResourceRoute::ChangeCandidate => Box::pin(candidates::change(context, session)),
        ResourceRoute::DeleteCandidate => Box::pin(candidates::delete(context, session)),
        ResourceRoute::CreateJob => Box::pin(jobs::create(context, session)),
        ResourceRoute::ChangeJob => Box::pin(jobs::change(context, session)),
        ResourceRoute::DeleteJob => Box::pin(jobs::delete(context, session)),
        ResourceRoute::CreateCompany => Box::pin(companies::create(context, session)),
        ResourceRoute::ChangeCompany => Box::pin(companies::change(context, session)),
    }
}
