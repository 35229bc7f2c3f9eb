//! Interviews that exist: changing, cancelling and deleting them.

mod cancel;
mod change;

use api::{Event, InterviewRoute, Response, answer};
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
    answer(&app.runtime, &app.store, event, InterviewRoute::of, |route, context, session| match route {
        InterviewRoute::ChangeInterview => Box::pin(change::change(context, session)),
        InterviewRoute::CancelInterview => Box::pin(cancel::cancel(context, session)),
        InterviewRoute::DeleteInterview => Box::pin(cancel::delete(context, session)),
    })
    .await
}
