//! One request from its first byte to its log line.

use std::time::Instant;

use domain::api_key::ApiKeyId;
use domain::company::Owner;
use domain::limits::UseStatus;
use domain::time::Timestamp;
use domain::trace::TraceId;
#[cfg(feature = "admission")]
use domain::webhook::OwnHosts;
use lambda_http::http::header::IF_NONE_MATCH;
use lambda_http::http::{HeaderMap, Method};
use runtime::Runtime;

use crate::event::{Event, GatewayRequest, Response};
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
    pub(crate) request: GatewayRequest,
    /// The key that was admitted, and the tenant that it acts for.
    pub(crate) caller: Option<(ApiKeyId, Owner)>,
    /// The use of the key, once the key is known to be valid.
    pub(crate) used: Option<UseStatus>,
}

impl<'a> RequestContext<'a> {
    /// Begins a request. The gateway has found its route.
    ///
    /// # Errors
    /// The answer to an event that is no request, and to a request that is a post of our own webhooks.
    pub fn begin(runtime: &'a Runtime, event: Event) -> Result<Self, Box<Response>> {
        let (began, now) = (Instant::now(), runtime.now());
        let (request, sound) = GatewayRequest::of(event);
        let route = request.route_key().and_then(Route::of_key);
        let request_id = request.id().map_or_else(|| runtime.fresh_id().to_string(), str::to_owned);
        let trace_id = trace_id(request.headers());
        let context = Self { runtime, route, began, now, request_id, trace_id, request, caller: None, used: None };
        match sound {
            Ok(()) => Ok(context),
            Err(problem) => Err(Box::new(context.end(Err(problem), TableCost::default()))),
        }
    }

    /// The hosts by which the API is reached: the one that this request came to, those at API Gateway, and the domain that
    /// the deployment may have besides.
    #[cfg(feature = "admission")]
    pub fn own_hosts(&self, domain_name: Option<&str>) -> OwnHosts {
        self.request.own_hosts(domain_name)
    }

    /// The answer to a request that no route takes: its path is unknown, or has other methods. The URL is that of the
    /// OpenAPI document, if it is published.
    pub fn without_route(&self, document_url: Option<&str>) -> Problem {
        let methods = Route::methods_of(self.request.path());
        if methods.is_empty() || methods.contains(&self.request.method().as_str()) {
            Problem::route_not_found(document_url)
        } else {
            Problem::method_not_allowed(methods)
        }
    }

    /// Renders the answer and writes the log line.
    pub fn end(self, outcome: Result<Reply, Problem>, cost: impl Into<TableCost>) -> Response {
        let is_read = self.request.method() == Method::GET;
        let if_none_match = self.request.headers().get_all(IF_NONE_MATCH);
        let outcome = outcome.map(|reply| if is_read { reply.unless_known(if_none_match) } else { reply });
        let line = log_line(&self, &outcome, self.began.elapsed(), &cost.into());
        self.runtime.write(&line);
        render(outcome, &self.request_id, self.now, self.used.as_ref())
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
