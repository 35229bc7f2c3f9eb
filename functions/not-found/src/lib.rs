//! The `$default` route: requests that no other route takes, by path or by method.

use api::{Body, Request, RequestContext, Response, TableCost};
use runtime::Runtime;

/// Answers one request.
pub async fn handle(runtime: &Runtime, request: Request) -> Response<Body> {
    let context = RequestContext::begin(runtime, request);
    let problem = context.without_route();
    context.end(Err(problem), TableCost::default())
}
