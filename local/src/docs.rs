//! The API's document at `/openapi.yaml` and `/openapi.json`, and at `/docs` a page made from it: Scalar's API
//! reference, whose assets are inside this program. On the page, requests are tried out as the demo company, and
//! those of systems as the demo system.

use std::sync::LazyLock;

use api::Problem;
use axum::{
    Router,
    body::Body,
    http::{HeaderName, StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
    routing::{MethodRouter, get, post},
};
use chrono::{NaiveDate, TimeDelta, Utc};
use serde_json::json;
use uuid::Uuid;

/// The path of an endpoint that takes every post: that of the demo company's webhook.
pub const ENDPOINT: &str = "/docs/webhook";

const OPENAPI_YAML: &str = include_str!("../../openapi.yaml");

/// `openapi.yaml` as JSON, its fields in the same order.
static OPENAPI_JSON: LazyLock<Result<String, String>> = LazyLock::new(|| {
    let document: serde_norway::Value = serde_norway::from_str(OPENAPI_YAML).map_err(|error| error.to_string())?;
    serde_json::to_string(&document).map_err(|error| error.to_string())
});

/// The rule by which the browser lets the page ask nobody but this server for anything.
const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; script-src 'self' 'unsafe-inline'; \
    style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:";

/// The router of the document and its page, on which requests are sent with these keys, of a company and of a system.
pub fn router(api_key: &str, system_key: &str) -> Router {
    let page = page(api_key, system_key);
    let page = || async move { ([(header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY)], Html(page)) };
    let redirect = |answer: Redirect| read_only(get(|| async { answer }));
    Router::new()
        .route("/", redirect(Redirect::temporary("/docs")))
        .route("/docs", read_only(get(page)))
        .route("/docs/", redirect(Redirect::permanent("/docs")))
        .route("/docs/scalar.js", read_only(get(script)))
        .route(ENDPOINT, post(StatusCode::NO_CONTENT).fallback(|| async { method_not_allowed(vec!["POST"]) }))
        .route("/openapi.yaml", read_only(get(|| async { document("application/yaml", OPENAPI_YAML) })))
        .route("/openapi.json", read_only(get(openapi_json)))
}

/// The same path, which answers all methods but its own as the API does.
pub(crate) fn read_only(get: MethodRouter) -> MethodRouter {
    get.fallback(|| async { method_not_allowed(vec!["GET", "HEAD"]) })
}

/// The API's answer to a method that a path does not take.
fn method_not_allowed(allow: Vec<&'static str>) -> Response {
    let id = Uuid::new_v4().to_string();
    let headers = [
        (header::ALLOW, allow.join(", ")),
        (header::CONTENT_TYPE, "application/problem+json".to_owned()),
        (HeaderName::from_static("x-request-id"), id.clone()),
    ];
    let problem = Problem::method_not_allowed(allow);
    let body = serde_json::to_string(&problem.document(&id)).unwrap_or_default();
    (StatusCode::METHOD_NOT_ALLOWED, headers, body).into_response()
}

/// The page, with the settings of Scalar's reference in it.
fn page(api_key: &str, system_key: &str) -> String {
    let settings = json!({
        "url": "/openapi.json",
        "authentication": {
            "securitySchemes": {"apiKey": {"token": api_key}, "systemKey": {"token": system_key}},
        },
        // Each operation shows its schemas; all of them once more are two thirds of the page.
        "hideModels": true,
        "defaultOpenAllTags": true,
        "defaultHttpClient": {"targetKey": "shell", "clientKey": "curl"},
        // What asks other servers, or leads there.
        "withDefaultFonts": false,
        "telemetry": false,
        "hideClientButton": true,
        "showDeveloperTools": "never",
        "agent": {"disabled": true},
        "mcp": {"disabled": true},
    });
    include_str!("docs/page.html").replace("{{settings}}", &settings.to_string())
}

async fn script() -> Response {
    match scalar_api_reference::get_asset("scalar.js") {
        Some(script) => ([(header::CONTENT_TYPE, "text/javascript")], Body::from(script)).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn openapi_json() -> Response {
    match &*OPENAPI_JSON {
        Ok(text) => document("application/json", text),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.as_str()).into_response(),
    }
}

/// The document, moved to the present: times that its examples ask for have to be in the near future.
fn document(media_type: &'static str, text: &str) -> Response {
    match openapi::ids::now() {
        Ok(written) => {
            let age = Utc::now().date_naive() - written.date();
            ([(header::CONTENT_TYPE, media_type)], moved(text, age)).into_response()
        }
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

/// The text with all its dates so much later.
fn moved(text: &str, age: TimeDelta) -> String {
    const LENGTH: usize = "2026-11-22".len();
    let mut moved = String::with_capacity(text.len());
    let mut rest = text;
    // A date is found by its first hyphen.
    while let Some(hyphen) = rest.find('-') {
        let begin = hyphen.checked_sub(4).unwrap_or(hyphen);
        let date = rest.get(begin..begin + LENGTH).filter(|date| is_date(date));
        let date = date.and_then(|date| date.parse::<NaiveDate>().ok()?.checked_add_signed(age));
        match date {
            Some(date) => {
                moved.push_str(&rest[..begin]);
                moved.push_str(&date.to_string());
                rest = &rest[begin + LENGTH..];
            }
            None => {
                moved.push_str(&rest[..=hyphen]);
                rest = &rest[hyphen + 1..];
            }
        }
    }
    moved + rest
}

/// True for four, two and two digits: other spellings are no dates here.
fn is_date(text: &str) -> bool {
    text.bytes().enumerate().all(|(place, byte)| match place {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_move_and_nothing_else() {
        let text = "On 2026-12-30 and 2028-02-28T00:00:00Z, not 12026-1-1, 0001-2026-11-1a, 2026-13-01 or é-2026-11";
        let later = "On 2027-01-01 and 2028-03-01T00:00:00Z, not 12026-1-1, 0001-2026-11-1a, 2026-13-01 or é-2026-11";
        assert_eq!(moved(text, TimeDelta::days(2)), later);
        assert_eq!(moved(text, TimeDelta::zero()), text);
        assert_eq!(moved(OPENAPI_YAML, TimeDelta::zero()), OPENAPI_YAML);
    }
}
