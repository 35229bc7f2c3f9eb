//! `POST` and `PATCH` of candidates and jobs, `PATCH` of agents, and what deletes any of them.
//!
//! One function for all of it: what is warm for one of these routes is warm for all.

mod agents;
mod candidates;
mod jobs;

use std::pin::Pin;

use api::{Event, Problem, Reply, RequestContext, ResourceRoute, Response};
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
    let mut context = match RequestContext::begin(&app.runtime, event) {
        Ok(context) => context,
        Err(refusal) => return *refusal,
    };
    let mut session = app.store.session();
    let outcome = match context.route.and_then(ResourceRoute::of) {
        Some(route) => process(route, &mut context, &mut session).await,
        None => Err(Problem::route_not_found(None)),
    };
    context.end(outcome, session.finish().await)
}

/// The future of a route's work, on the heap: all of them in one would make each as large as the largest.
type Processing<'a> = Pin<Box<dyn Future<Output = Result<Reply, Problem>> + Send + 'a>>;

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
    }
}
