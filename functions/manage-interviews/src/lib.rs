//! Interviews that exist: changing, cancelling and deleting them.

mod cancel;
mod change;

use api::{Event, InterviewRoute, Problem, RequestContext, Response};
use runtime::Runtime;
use store::Store;

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
    let outcome = match context.route.and_then(InterviewRoute::of) {
        Some(InterviewRoute::ChangeInterview) => change::change(&mut context, &mut session).await,
        Some(InterviewRoute::CancelInterview) => cancel::cancel(&mut context, &mut session).await,
        Some(InterviewRoute::DeleteInterview) => cancel::delete(&mut context, &mut session).await,
        None => Err(Problem::route_not_found(None)),
    };
    context.end(outcome, session.finish().await)
}
