//! Every `GET` of what a company has: agents, candidates, jobs, interviews and their transcripts, telephone numbers, the
//! company itself, the companies that a system manages, and what companies used.
//!
//! One function for all of it, which can read the table and change nothing: what is warm for one of these routes is warm
//! for all.

mod agents;
mod candidates;
mod companies;
mod interviews;
mod jobs;
mod list;
mod usage;

use api::{Event, Processing, ReadRoute, RequestContext, Response, answer};
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
    answer(&app.runtime, &app.store, event, ReadRoute::of, process).await
}

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
        ReadRoute::ListCompanies => Box::pin(companies::managed(context, session)),
        ReadRoute::GetUsage => Box::pin(usage::get(context, session)),
        ReadRoute::GetManagedCompany => Box::pin(companies::get(context, session)),
    }
}
