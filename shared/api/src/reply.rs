//! Answers.

use domain::limits::UseStatus;
use domain::time::Timestamp;
use lambda_http::Body;
use lambda_http::http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_TYPE, ETAG, GetAll, HeaderValue, LOCATION, RETRY_AFTER, WWW_AUTHENTICATE,
};
use lambda_http::http::{HeaderName, StatusCode};
use serde::Serialize;

use crate::error::ErrorCode;
use crate::etag::{ETag, Representation};
use crate::event::Response;
use crate::problem::{Details, Problem, RETRY_AFTER_SECONDS};
use crate::route::Success;

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const IDEMPOTENT_REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// The headers of the minute: limit, what is left of it, and when it begins anew.
const MINUTE: [HeaderName; 3] = [
    HeaderName::from_static("x-ratelimit-limit-minute"),
    HeaderName::from_static("x-ratelimit-remaining-minute"),
    HeaderName::from_static("x-ratelimit-reset-minute"),
];
/// The same of the hour.
const HOUR: [HeaderName; 3] = [
    HeaderName::from_static("x-ratelimit-limit-hour"),
    HeaderName::from_static("x-ratelimit-remaining-hour"),
    HeaderName::from_static("x-ratelimit-reset-hour"),
];

/// The answer to a request that was carried out.
pub struct Reply {
    success: Success,
    body: Option<String>,
    location: Option<String>,
    etag: Option<ETag>,
    replayed: bool,
    secret: bool,
    /// True if the caller knows the resource as it stands.
    is_known: bool,
}

/// Leaves out the body, which may hold a secret.
impl std::fmt::Debug for Reply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Reply({})", self.outcome())
    }
}

impl Reply {
    /// The resource that was created, by this request or by one that it repeats; `location` is its path.
    pub fn created(location: String, resource: &impl Representation, replayed: bool) -> Result<Self, Problem> {
        let etag = Some(resource.etag()?);
        Ok(Self { location: Some(location), etag, replayed, ..Self::with_body(Success::Created, resource)? })
    }

    /// The resource that was asked for, or changed.
    pub fn resource(resource: &impl Representation) -> Result<Self, Problem> {
        Ok(Self { etag: Some(resource.etag()?), ..Self::with_body(Success::Ok, resource)? })
    }

    /// Anything else that was asked for.
    pub fn ok(content: &impl Serialize) -> Result<Self, Problem> {
        Self::with_body(Success::Ok, content)
    }

    /// The resource that will be worked on.
    pub fn accepted(resource: &impl Serialize) -> Result<Self, Problem> {
        Self::with_body(Success::Accepted, resource)
    }

    /// An answer without content.
    pub fn no_content() -> Self {
        let success = Success::NoContent;
        Self { success, body: None, location: None, etag: None, replayed: false, secret: false, is_known: false }
    }

    /// The same reply, which no cache may store.
    pub fn secret(self) -> Self {
        Self { secret: true, ..self }
    }

    /// The same reply to a read that sends these values of `If-None-Match`.
    pub(crate) fn unless_known(self, if_none_match: GetAll<'_, HeaderValue>) -> Self {
        let is_known = self.etag.as_ref().is_some_and(|etag| etag.is_known_by(if_none_match));
        Self { is_known, ..self }
    }

    fn with_body(success: Success, resource: &impl Serialize) -> Result<Self, Problem> {
        let body = serde_json::to_string(resource).map_err(Problem::internal)?;
        Ok(Self { body: Some(body), success, ..Self::no_content() })
    }

    pub(crate) fn status(&self) -> StatusCode {
        if self.is_known { StatusCode::NOT_MODIFIED } else { self.success.status() }
    }

    /// The name of the outcome in logs.
    pub(crate) fn outcome(&self) -> &'static str {
        match self {
            Self { is_known: true, .. } => "NOT_MODIFIED",
            Self { replayed: true, .. } => "REPLAYED",
            Self { success, .. } => success.as_str(),
        }
    }
}

/// The answer, with the use of the key if that was valid.
pub(crate) fn render(
    outcome: Result<Reply, Problem>,
    request_id: &str,
    now: Timestamp,
    used: Option<&UseStatus>,
) -> Response {
    let mut response = match outcome {
        Ok(reply) => carried_out(reply),
        Err(problem) => refused(&problem, request_id, now),
    };
    insert(&mut response, X_REQUEST_ID, request_id);
    if let Some(used) = used {
        for ([limit, remaining, reset], window) in [(MINUTE, used.minute()), (HOUR, used.hour())] {
            insert(&mut response, limit, &window.limit.to_string());
            insert(&mut response, remaining, &window.remaining.to_string());
            insert(&mut response, reset, &window.resets_at.epoch_seconds().to_string());
        }
    }
    response
}

fn carried_out(reply: Reply) -> Response {
    let mut response = Response::default();
    response.status_code = reply.status().as_u16().into();
    if let Some(etag) = &reply.etag {
        insert(&mut response, ETAG, &etag.to_header());
    }
    if let Some(body) = reply.body.filter(|_| !reply.is_known) {
        response.body = Some(Body::Text(body));
        insert(&mut response, CONTENT_TYPE, "application/json");
    }
    if let Some(location) = reply.location {
        insert(&mut response, LOCATION, &location);
    }
    if reply.replayed {
        insert(&mut response, IDEMPOTENT_REPLAYED, "true");
    }
    if reply.secret {
        insert(&mut response, CACHE_CONTROL, "no-store");
    }
    response
}

fn refused(problem: &Problem, request_id: &str, now: Timestamp) -> Response {
    // Strings, numbers and lists of them: there is nothing in a problem that JSON can't hold.
    let body = serde_json::to_string(&problem.document(request_id)).unwrap_or_default();
    let mut response = Response::default();
    response.status_code = problem.code.status().as_u16().into();
    response.body = Some(Body::Text(body));
    insert(&mut response, CONTENT_TYPE, "application/problem+json");
    match problem.code.status() {
        StatusCode::UNAUTHORIZED => insert(&mut response, WWW_AUTHENTICATE, "Bearer"),
        StatusCode::SERVICE_UNAVAILABLE => insert(&mut response, RETRY_AFTER, &RETRY_AFTER_SECONDS.to_string()),
        _ => {}
    }
    match (problem.code, &problem.details) {
        (ErrorCode::MethodNotAllowed, Details::Methods { allow }) => insert(&mut response, ALLOW, &allow.join(", ")),
        (ErrorCode::RateLimited, Details::Rate { resets_at, .. }) => {
            let seconds = resets_at.saturating_since(now).as_millis().div_ceil(1_000).max(1);
            insert(&mut response, RETRY_AFTER, &seconds.to_string());
        }
        (_, _) => {}
    }
    response
}

/// Inserts a header, unless no header can hold the value: of our values, only a foreign request id could be such a one.
fn insert(response: &mut Response, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers.insert(name, value);
    }
}
