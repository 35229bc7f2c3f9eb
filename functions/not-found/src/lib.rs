//! The `$default` route: what no other route takes, by path or by method.

use api::{Body, Call, Problem, Request, Response, Route, Runtime};
use store::Cost;

/// Answers one request.
pub async fn handle(runtime: &Runtime, request: Request) -> Response<Body> {
    let call = Call::begin_without_route(runtime, request);
    let problem = match Route::methods_of(call.path()) {
        methods if methods.is_empty() => Problem::route_not_found(),
        methods => Problem::method_not_allowed(methods),
    };
    call.end(Err(problem), Cost::default())
}
