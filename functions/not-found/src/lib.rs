//! The `$default` route: requests that no other route takes, by path or by method.

use api::{Event, RequestContext, Response, TableCost};
use runtime::Runtime;

/// The surroundings of the function.
#[derive(Clone)]
pub struct App {
    /// Clock, ids and log.
    pub runtime: Runtime,
    /// The URL of the OpenAPI document, if it is published.
    pub document_url: Option<String>,
}

/// Answers one request.
pub async fn handle(app: &App, event: Event) -> Response {
    let context = match RequestContext::begin(&app.runtime, event) {
        Ok(context) => context,
        Err(refusal) => return *refusal,
    };
    let problem = context.without_route(app.document_url.as_deref());
    context.end(Err(problem), TableCost::default())
}
