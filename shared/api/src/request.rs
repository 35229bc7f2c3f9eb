//! One request from its first byte to its log line.

use std::time::Instant;

use domain::api_key::ApiKeyId;
use domain::company::Owner;
use domain::time::Timestamp;
use domain::trace::TraceId;
use lambda_http::http::HeaderMap;
use lambda_http::request::RequestContext as GatewayContext;
use lambda_http::{Body, Request, RequestExt, Response};
use runtime::Runtime;

use crate::log::{TableCost, log_line};
use crate::problem::Problem;
use crate::reply::{Reply, render};
use crate::route::{DEFAULT_KEY, Route};

/// The header of a request's trace.
const TRACE_HEADER: &str = "x-amzn-trace-id";

/// One request.
pub struct RequestContext<'a> {
    pub(crate) runtime: &'a Runtime,
    /// The route that the gateway found; absent for `$default`.
    pub route: Option<Route>,
    began: Instant,
    /// The time when the request began: the present for all its rules.
    pub now: Timestamp,
    /// The id of this request alone.
    pub request_id: String,
    /// The trace that the request belongs to.
    pub trace_id: Option<TraceId>,
    pub(crate) path: String,
    pub(crate) request: Request,
    /// The key that was admitted, and the tenant that it acts for.
    pub(crate) caller: Option<(ApiKeyId, Owner)>,
}

impl<'a> RequestContext<'a> {
    /// Begins a request. The gateway has found its route.
    pub fn begin(runtime: &'a Runtime, request: Request) -> Self {
        let began = Instant::now();
        let (route, request_id, path) = match request.request_context_ref() {
            Some(GatewayContext::ApiGatewayV2(context)) => (
                context.route_key.as_deref().and_then(Route::of_key),
                context.request_id.clone(),
                below_stage(context.http.path.as_deref().unwrap_or_default(), context.stage.as_deref()).to_owned(),
            ),
            Some(_) | None => (None, None, String::new()),
        };
        let request_id = request_id.unwrap_or_else(|| runtime.fresh_id().to_string());
        let trace_id = trace_id(request.headers());
        let now = runtime.now();
        Self { runtime, route, began, now, request_id, trace_id, path, request, caller: None }
    }

    /// The answer to a request that no route takes: its path is unknown, or has other methods. The URL is that of the
    /// OpenAPI document, if it is published.
    pub fn without_route(&self, document_url: Option<&str>) -> Problem {
        let methods = Route::methods_of(&self.path);
        if methods.is_empty() || methods.contains(&self.request.method().as_str()) {
            Problem::route_not_found(document_url)
        } else {
            Problem::method_not_allowed(methods)
        }
    }

    /// Renders the answer and writes the log line.
    pub fn end(self, outcome: Result<Reply, Problem>, cost: impl Into<TableCost>) -> Response<Body> {
        let line = log_line(&self, &outcome, self.began.elapsed(), &cost.into());
        self.runtime.write(&line);
        render(outcome, &self.request_id)
    }

    /// The name of the route, as the gateway has it.
    pub(crate) fn route_key(&self) -> &'static str {
        self.route.map_or(DEFAULT_KEY, |route| route.entry().key)
    }
}

/// The trace id that the gateway handed on. A header that is not in its form counts as none: it may be a caller's.
fn trace_id(headers: &HeaderMap) -> Option<TraceId> {
    let mut headers = headers.get_all(TRACE_HEADER).iter();
    let only = headers.next().filter(|_| headers.next().is_none())?;
    TraceId::of_header(only.to_str().ok()?)
}

/// A path from the root of the API, without the name of a stage in front.
fn below_stage<'p>(path: &'p str, stage: Option<&str>) -> &'p str {
    let below = stage.and_then(|stage| path.strip_prefix('/')?.strip_prefix(stage));
    below.filter(|rest| rest.starts_with('/')).unwrap_or(path)
}
