//! The `$default` route: what no other route takes, by path or by method.

use api::{Body, Call, Edge, Problem, Request, Response, Route};
use store::Cost;

/// Answers one request.
pub async fn handle(edge: &Edge, request: Request) -> Response<Body> {
    let call = Call::begin_without_route(edge, request);
    let problem = match Route::methods_of(call.path()) {
        methods if methods.is_empty() => Problem::route_not_found(),
        methods => Problem::method_not_allowed(methods),
    };
    call.end(Err(problem), Cost::default())
}
