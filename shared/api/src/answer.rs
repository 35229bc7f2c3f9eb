//! The answer to one request of a function with routes of its own.

use std::pin::Pin;

use runtime::Runtime;
use store::{Session, Store};

use crate::event::{Event, Response};
use crate::problem::Problem;
use crate::reply::Reply;
use crate::request::RequestContext;
use crate::route::Route;

/// The future of a route's work, on the heap: all of them in one would make each as large as the largest.
pub type Processing<'a> = Pin<Box<dyn Future<Output = Result<Reply, Problem>> + Send + 'a>>;

/// Answers one request: begins it, has the work of its route done in a session, and ends it with the cost of that. `own` finds
/// the route among the function's; a request of any other is answered as one without a route.
pub async fn answer<'app, R>(
    runtime: &'app Runtime,
    store: &Store,
    event: Event,
    own: fn(Route) -> Option<R>,
    process: impl for<'a> FnOnce(R, &'a mut RequestContext<'app>, &'a mut Session) -> Processing<'a>,
) -> Response {
    let mut context = match RequestContext::begin(runtime, event) {
        Ok(context) => context,
        Err(refusal) => return *refusal,
    };
    let mut session = store.session();
    let outcome = match context.route.and_then(own) {
        Some(route) => process(route, &mut context, &mut session).await,
        None => Err(Problem::route_not_found(None)),
    };
    context.end(outcome, session.finish().await)
}
