//! The event of a request, as the gateway hands it to a function.

#[cfg(feature = "admission")]
use std::{borrow::Cow, collections::BTreeSet};

#[cfg(feature = "admission")]
use base64::{Engine as _, prelude::BASE64_STANDARD};
#[cfg(feature = "admission")]
use domain::webhook::OwnHosts;
use domain::webhook::{POST_AGENT, POST_ID_HEADER, POST_SIGNATURE_HEADER};
use lambda_http::aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use lambda_http::http::header::{HeaderValue, USER_AGENT};
use lambda_http::http::{HeaderMap, Method};
use lambda_http::lambda_runtime::{self, LambdaEvent};
use lambda_http::{Error, service_fn};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
#[cfg(feature = "admission")]
use url::form_urlencoded;

use crate::problem::Problem;

/// The event of a request (HTTP API, payload 2.0), or one that can't be read as such.
///
/// No conversion into `http::Request`, as `lambda_http::run` makes it, stands between the gateway and the handlers: it
/// panics on a URI or a base64 text that is none, and a panic ends the process.
#[derive(Debug, Clone)]
pub struct Event(Option<ApiGatewayV2httpRequest>);

impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Box::<RawValue>::deserialize(deserializer)?;
        Ok(Self(serde_json::from_str(text.get()).ok()))
    }
}

/// The answer to an event, as the gateway takes it.
pub type Response = ApiGatewayV2httpResponse;

/// Answers events with that handler, as long as Lambda sends some.
pub async fn run<F: Future<Output = Response>>(handle: impl Fn(Event) -> F) -> Result<(), Error> {
    let handle = |event: LambdaEvent<Event>| {
        let answered = handle(event.payload);
        async { Ok::<_, Error>(answered.await) }
    };
    lambda_runtime::run(service_fn(handle)).await
}

/// A request that came as an event.
#[derive(Default)]
pub(crate) struct GatewayRequest {
    event: ApiGatewayV2httpRequest,
}

impl GatewayRequest {
    /// The request of an event; if it is none, an empty one and the problem with it.
    pub fn of(Event(event): Event) -> (Self, Result<(), Problem>) {
        let Some(event) = event else {
            return (Self::default(), Err(Problem::invalid_event()));
        };
        let request = Self { event };
        if request.is_own_post() {
            return (request, Err(Problem::loop_detected()));
        }
        let is_query = is_query(request.event.raw_query_string.as_deref().unwrap_or_default());
        (request, is_query.then_some(()).ok_or_else(Problem::invalid_query))
    }

    /// True for a post of a webhook's delivery, of whatever deployment: it carries what only posts carry.
    fn is_own_post(&self) -> bool {
        let has = |name| self.headers().contains_key(name);
        let agent = self.headers().get(USER_AGENT).map(HeaderValue::as_bytes).unwrap_or_default();
        let is_agent =
            agent.get(..POST_AGENT.len()).is_some_and(|start| start.eq_ignore_ascii_case(POST_AGENT.as_bytes()));
        is_agent || (has(POST_ID_HEADER) && has(POST_SIGNATURE_HEADER))
    }

    /// The name of the route that the gateway found.
    pub fn route_key(&self) -> Option<&str> {
        self.event.request_context.route_key.as_deref()
    }

    /// The request's id.
    pub fn id(&self) -> Option<&str> {
        self.event.request_context.request_id.as_deref()
    }

    pub fn method(&self) -> &Method {
        &self.event.request_context.http.method
    }

    /// The path from the root of the API, decoded, without the name of a stage in front.
    pub fn path(&self) -> &str {
        let context = &self.event.request_context;
        below_stage(context.http.path.as_deref().unwrap_or_default(), context.stage.as_deref())
    }

    pub fn headers(&self) -> &HeaderMap {
        &self.event.headers
    }
}

/// The parts of a request that only routes with callers look at.
#[cfg(feature = "admission")]
impl GatewayRequest {
    /// The hosts by which the API is reached: the one that this request came to, those at API Gateway, and others.
    pub fn own_hosts(&self, others: Option<&str>) -> OwnHosts {
        let context = &self.event.request_context;
        let authorities = context.domain_name.as_deref().into_iter().chain(others).map(str::to_owned).collect();
        OwnHosts { authorities, api_id: context.apiid.clone() }
    }

    /// The segment of the path that stands for `{name}` in the route's path.
    pub fn path_parameter(&self, name: &str) -> Option<&str> {
        self.event.path_parameters.get(name).map(String::as_str)
    }

    /// The values of a query parameter, decoded.
    pub fn query_parameter(&self, name: &str) -> Vec<Cow<'_, str>> {
        let query = self.event.raw_query_string.as_deref().unwrap_or_default();
        let parameters = form_urlencoded::parse(query.as_bytes());
        parameters.filter(|(own, _)| own == name).map(|(_, value)| value).collect()
    }

    /// The names of all query parameters, decoded.
    pub fn query_parameter_names(&self) -> BTreeSet<Cow<'_, str>> {
        let query = self.event.raw_query_string.as_deref().unwrap_or_default();
        form_urlencoded::parse(query.as_bytes()).map(|(name, _)| name).collect()
    }

    /// The address that the request came from, as the gateway saw it.
    pub fn source_ip(&self) -> Option<&str> {
        self.event.request_context.http.source_ip.as_deref()
    }

    /// The bytes of the body.
    pub fn body(&self) -> Result<Cow<'_, [u8]>, Problem> {
        let text = self.event.body.as_deref().unwrap_or_default();
        if !self.event.is_base64_encoded {
            return Ok(Cow::Borrowed(text.as_bytes()));
        }
        BASE64_STANDARD.decode(text).map(Cow::Owned).map_err(|_| Problem::invalid_base64())
    }
}

/// True for a text that can stand in a request line as a query.
fn is_query(text: &str) -> bool {
    !text.chars().any(|c| c == ' ' || c.is_ascii_control() || matches!(c, '"' | '#' | '<' | '>'))
}

/// A path from the root of the API, without the name of a stage in front.
fn below_stage<'p>(path: &'p str, stage: Option<&str>) -> &'p str {
    let below = stage.and_then(|stage| path.strip_prefix('/')?.strip_prefix(stage));
    below.filter(|rest| rest.starts_with('/')).unwrap_or(path)
}
