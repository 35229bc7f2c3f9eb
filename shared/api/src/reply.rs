//! Answers.

use lambda_http::http::header::{ALLOW, CONTENT_TYPE, HeaderValue, LOCATION, RETRY_AFTER, WWW_AUTHENTICATE};
use lambda_http::http::{HeaderName, StatusCode};
use lambda_http::{Body, Response};
use serde::Serialize;

use crate::error::ErrorCode;
use crate::problem::{Details, Problem, RETRY_AFTER_SECONDS};

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const IDEMPOTENT_REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// A resource that was created, by this request or by one that it repeats.
#[derive(Debug)]
pub struct Reply {
    location: String,
    body: String,
    pub(crate) replayed: bool,
}

impl Reply {
    /// The resource, which can be read at that path.
    pub fn created(location: String, resource: &impl Serialize, replayed: bool) -> Result<Self, Problem> {
        let body = serde_json::to_string(resource).map_err(Problem::internal)?;
        Ok(Self { location, body, replayed })
    }
}

pub(crate) fn render(outcome: Result<Reply, Problem>, request_id: &str) -> Response<Body> {
    let mut response = match &outcome {
        Ok(reply) => created(reply),
        Err(problem) => refused(problem, request_id),
    };
    insert(&mut response, X_REQUEST_ID, request_id);
    response
}

fn created(reply: &Reply) -> Response<Body> {
    let mut response = Response::new(Body::Text(reply.body.clone()));
    *response.status_mut() = StatusCode::CREATED;
    insert(&mut response, CONTENT_TYPE, "application/json");
    insert(&mut response, LOCATION, &reply.location);
    if reply.replayed {
        insert(&mut response, IDEMPOTENT_REPLAYED, "true");
    }
    response
}

fn refused(problem: &Problem, request_id: &str) -> Response<Body> {
    // Strings, numbers and lists of them: there is nothing in a problem that JSON can't hold.
    let body = serde_json::to_string(&problem.document(request_id)).unwrap_or_default();
    let mut response = Response::new(Body::Text(body));
    *response.status_mut() = problem.code.status();
    insert(&mut response, CONTENT_TYPE, "application/problem+json");
    match problem.code.status() {
        StatusCode::UNAUTHORIZED => insert(&mut response, WWW_AUTHENTICATE, "Bearer"),
        StatusCode::SERVICE_UNAVAILABLE => insert(&mut response, RETRY_AFTER, &RETRY_AFTER_SECONDS.to_string()),
        _ => {}
    }
    if let (ErrorCode::MethodNotAllowed, Details::Methods { allow }) = (problem.code, &problem.details) {
        insert(&mut response, ALLOW, &allow.join(", "));
    }
    response
}

/// Leaves out what no header can hold; of our values, only a foreign request id could be such.
fn insert(response: &mut Response<Body>, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}
