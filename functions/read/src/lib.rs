//! Every `GET` of what a company has: agents, candidates, jobs, interviews and their transcripts, telephone numbers, and
//! the company itself.
//!
//! One function for all of it, which can read the table and change nothing: what is warm for one of these routes is warm
//! for all.

mod agents;
mod candidates;
mod companies;
mod interviews;
mod jobs;
mod list;

use std::pin::Pin;

use api::{Event, Problem, ReadRoute, Reply, RequestContext, Response};
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
    let outcome = match context.route.and_then(ReadRoute::of) {
        Some(route) => process(route, &mut context, &mut session).await,
        None => Err(Problem::route_not_found(None)),
    };
    context.end(outcome, session.finish().await)
}

/// The future of a route's work, on the heap: all of them in one would make each as large as the largest.
type Processing<'a> = Pin<Box<dyn Future<Output = Result<Reply, Problem>> + Send + 'a>>;

fn process<'a>(route: ReadRoute, context: &'a mut RequestContext<'_>, session: &'a mut Session) -> Processing<'a> {
    match route {
        ReadRoute::ListAgents => Box::pin(agents::list(context, session)),
        ReadRoute::GetAgent => Box::pin(agents::get(context, session)),
        ReadRoute::ListCandidates => Box::pin(candidates::list(context, session)),
        ReadRoute::GetCandidate => Box::pin(candidates::get(context, session)),
        ReadRoute::ListJobs => Box::pin(jobs::list(context, session)),
        ReadRoute::GetJob => Box::pin(jobs::get(context, session)),
        ReadRoute::ListInterviews => Box::pin(interviews::list(context, session)),
        ReadRoute::GetInterview => Box::pin(interviews::get(context, session)),
        ReadRoute::GetTranscript => Box::pin(interviews::transcript(context, session)),
        ReadRoute::ListPhoneNumbers => Box::pin(companies::phone_numbers(context, session)),
        ReadRoute::GetCompany => Box::pin(companies::own(context, session)),
    }
}
