//! The part that API Gateway plays: HTTP requests in, Lambda events (HTTP API, payload 2.0) to the functions,
//! and their answers back.
//!
//! Whatever a function could notice is done as the real gateway does it: repeated headers are joined, cookies
//! stand apart, the path is decoded, a body that is not text arrives in base64, a request goes on when its
//! caller has hung up, and the limits on size are the same. Not imitated: throttling, access logs, domains.

use std::{collections::BTreeMap, net::SocketAddr, pin::Pin, sync::Arc};

use api::{DEFAULT_KEY, Route};
use axum::{
    Router,
    body::{Body, Bytes},
    extract::{ConnectInfo, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header, request::Parts},
    response::Response,
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use chrono::{DateTime, Utc};
use lambda_http::RequestExt as _;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};
use uuid::Uuid;

/// The gateway's quota for a body, in bytes.
const BODY_SIZE_MAX_BYTES: usize = 10 * 1024 * 1024;

/// The gateway's quota for the request line and all headers together, in bytes.
const HEAD_SIZE_MAX_BYTES: usize = 10_240;

/// A function's answer to come.
pub type Answer = Pin<Box<dyn Future<Output = lambda_http::Response<lambda_http::Body>> + Send>>;

/// Invokes the function of a route; none: `$default`.
pub type Invoke = Arc<dyn Fn(Option<Route>, lambda_http::Request) -> Answer + Send + Sync>;

/// Answers every request by invoking a function. To be served with its peers' addresses
/// ([`Router::into_make_service_with_connect_info`]), which become the events' `sourceIp`.
pub fn router(invoke: Invoke) -> Router {
    Router::new().fallback(pass).with_state(invoke)
}

/// One request's way through the gateway.
async fn pass(
    State(invoke): State<Invoke>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: axum::extract::Request,
) -> Response {
    let id = Uuid::new_v4().to_string();
    let (head, body) = request.into_parts();
    let mut response = match read(&head, body).await {
        Err(refusal) => own_answer(refusal),
        Ok(body) => {
            let path = decoded_path(&head.uri);
            let route = Route::of(head.method.as_str(), &path);
            let event = event(route, &path, &head, &body, peer, &id, Utc::now()).to_string();
            let context_id = id.clone();
            // A task of its own: a function finishes although its caller is gone, and its panic is only its own.
            let invoked = tokio::spawn(async move {
                let mut context = lambda_http::Context::default();
                context.request_id = context_id;
                let request = lambda_http::request::from_str(&event)?;
                let answer = invoke(route, request.with_lambda_context(context)).await;
                Ok::<_, serde_json::Error>(answer)
            });
            match invoked.await {
                Ok(Ok(answer)) => client_answer(answer),
                Ok(Err(_)) | Err(_) => own_answer(FAILED),
            }
        }
    };
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(HeaderName::from_static("apigw-requestid"), id);
    }
    response
}

/// The status and message of an answer of the gateway itself.
type OwnAnswer = (StatusCode, &'static str);
const BAD_REQUEST: OwnAnswer = (StatusCode::BAD_REQUEST, "Bad Request");
const BODY_TOO_LARGE: OwnAnswer = (StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large");
const HEAD_TOO_LARGE: OwnAnswer = (StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "Request Header Fields Too Large");
const FAILED: OwnAnswer = (StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error");

/// The whole body, or the answer by which the gateway itself refuses the request.
async fn read(head: &Parts, body: Body) -> Result<Bytes, OwnAnswer> {
    let line = head.method.as_str().len() + head.uri.to_string().len();
    let headers = head.headers.iter();
    let headers: usize = headers.map(|(name, value)| name.as_str().len() + value.len()).sum();
    if line + headers > HEAD_SIZE_MAX_BYTES {
        return Err(HEAD_TOO_LARGE);
    }
    // The real gateway finds its API by this header.
    let host = text(&head.headers, &header::HOST).unwrap_or_default();
    if host.is_empty() || url::Url::parse(&format!("http://{host}/")).is_err() {
        return Err(BAD_REQUEST);
    }
    let too_large = |error: axum::Error| {
        let limit =
            std::error::Error::source(&error).is_some_and(|source| source.is::<http_body_util::LengthLimitError>());
        match limit {
            true => BODY_TOO_LARGE,
            false => BAD_REQUEST,
        }
    };
    axum::body::to_bytes(body, BODY_SIZE_MAX_BYTES).await.map_err(too_large)
}

/// The path as the gateway hands it on: decoded.
fn decoded_path(uri: &Uri) -> String {
    percent_decode_str(uri.path()).decode_utf8_lossy().into_owned()
}

/// The Lambda event of a request.
fn event(
    route: Option<Route>,
    path: &str,
    head: &Parts,
    body: &Bytes,
    peer: SocketAddr,
    id: &str,
    now: DateTime<Utc>,
) -> Value {
    let host = text(&head.headers, &header::HOST).unwrap_or_default();
    let source_ip = peer.ip().to_canonical().to_string();
    let query = head.uri.query().unwrap_or_default();
    let route_key = route.map_or(DEFAULT_KEY, |route| route.entry().key);
    let mut event = json!({
        "version": "2.0",
        "routeKey": route_key,
        "rawPath": path,
        "rawQueryString": query,
        "headers": headers(head, &host, &source_ip, id, now),
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "local",
            "domainName": host,
            "domainPrefix": host.split('.').next(),
            "http": {
                "method": head.method.as_str(),
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": source_ip,
                "userAgent": text(&head.headers, &header::USER_AGENT).unwrap_or_default(),
            },
            "requestId": id,
            "routeKey": route_key,
            "stage": "$default",
            "time": now.format("%d/%b/%Y:%H:%M:%S %z").to_string(),
            "timeEpoch": now.timestamp_millis(),
        },
        "isBase64Encoded": false,
    });
    if let Some(cookies) = text(&head.headers, &header::COOKIE) {
        event["cookies"] = cookies.split(';').map(str::trim).collect();
    }
    if let Some(parameters) = route.map(|route| route.parameters(path)).filter(|parameters| !parameters.is_empty()) {
        event["pathParameters"] = json!(parameters.into_iter().collect::<BTreeMap<_, _>>());
    }
    let parameters = query_parameters(query);
    if !parameters.is_empty() {
        event["queryStringParameters"] = json!(parameters);
    }
    if !body.is_empty() {
        match std::str::from_utf8(body) {
            Ok(text) if is_text(&head.headers) => event["body"] = json!(text),
            _ => {
                event["body"] = json!(BASE64_STANDARD.encode(body));
                event["isBase64Encoded"] = json!(true);
            }
        }
    }
    event
}

/// The headers of an event: names in lower case, repeated ones joined, and those that the gateway adds.
fn headers(head: &Parts, host: &str, source_ip: &str, id: &str, now: DateTime<Utc>) -> BTreeMap<String, String> {
    let mut headers: BTreeMap<String, String> = head
        .headers
        .keys()
        .filter(|name| **name != header::COOKIE)
        .filter_map(|name| Some((name.to_string(), text(&head.headers, name)?)))
        .collect();
    let port = host.rsplit_once(':').map_or("80", |(_, port)| port);
    headers.insert("x-forwarded-port".to_owned(), port.to_owned());
    headers.insert("x-forwarded-proto".to_owned(), "http".to_owned());
    headers
        .entry("x-forwarded-for".to_owned())
        .and_modify(|hops| *hops = format!("{hops}, {source_ip}"))
        .or_insert_with(|| source_ip.to_owned());
    let trace = id.replace('-', "");
    let trace = format!("Root=1-{:08x}-{}", now.timestamp(), &trace[..24]);
    headers.entry("x-amzn-trace-id".to_owned()).or_insert(trace);
    headers
}

/// All values of a header as the gateway joins them. Bytes that are not UTF-8 are replaced.
fn text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let separator = if *name == header::COOKIE { ";" } else { "," };
    let values: Vec<_> = headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
    (!values.is_empty()).then(|| values.join(separator))
}

/// Decoded parameters; the values of a repeated one are joined by commas.
fn query_parameters(query: &str) -> BTreeMap<String, String> {
    let mut parameters = BTreeMap::<String, String>::new();
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        parameters
            .entry(name.into_owned())
            .and_modify(|values| *values = format!("{values},{value}"))
            .or_insert_with(|| value.into_owned());
    }
    parameters
}

/// Whether the gateway takes a body of this type for text. Everything else is binary to it, also forms and a
/// body without a type.
fn is_text(headers: &HeaderMap) -> bool {
    let content_type = text(headers, &header::CONTENT_TYPE).unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence.starts_with("text/")
        || matches!(essence.as_str(), "application/json" | "application/javascript" | "application/xml")
}

/// What the caller gets of a function's answer. An event's answer holds one value for each header, so of
/// repeated ones only the first goes out; cookies travel in a list of their own.
fn client_answer(answer: lambda_http::Response<lambda_http::Body>) -> Response {
    let (head, body) = answer.into_parts();
    let body = match body {
        lambda_http::Body::Text(text) => Body::from(text),
        lambda_http::Body::Binary(bytes) => Body::from(bytes),
        _ => Body::empty(),
    };
    let mut response = Response::new(body);
    *response.status_mut() = head.status;
    for name in head.headers.keys() {
        let values = head.headers.get_all(name).iter();
        let count = if *name == header::SET_COOKIE { usize::MAX } else { 1 };
        for value in values.take(count) {
            response.headers_mut().append(name, value.clone());
        }
    }
    response
}

/// An answer of the gateway itself, to a request that no function saw or answered.
fn own_answer((status, message): OwnAnswer) -> Response {
    let mut response = Response::new(Body::from(json!({ "message": message }).to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

#[cfg(test)]
mod tests {
    use axum::http::Method;

    use super::*;

    /// The event of a request that came from 192.0.2.7.
    fn event_of(request: axum::http::request::Builder, body: &'static [u8]) -> Value {
        let (head, ()) = request.body(()).unwrap().into_parts();
        let path = decoded_path(&head.uri);
        let route = Route::of(head.method.as_str(), &path);
        let now = "2026-03-01T10:20:30.456Z".parse().unwrap();
        let id = "01234567-89ab-4cde-8f01-23456789abcd";
        let peer = "192.0.2.7:5000".parse().unwrap();
        event(route, &path, &head, &Bytes::from_static(body), peer, id, now)
    }

    fn post(uri: &str) -> axum::http::request::Builder {
        axum::http::Request::post(uri).header("Host", "127.0.0.1:3000")
    }

    #[test]
    fn an_event_has_the_form_of_payload_version_2() {
        let request = post("/agents?a=1&b=x%20y&a=2")
            .header("Content-Type", "application/json; charset=utf-8")
            .header("Authorization", "Bearer sk_x")
            .header("Cookie", "a=1; b=2")
            .header("Cookie", "c=3")
            .header("User-Agent", "test");
        assert_eq!(
            event_of(request, br#"{"name":"\u00e9"}"#),
            json!({
                "version": "2.0",
                "routeKey": "POST /agents",
                "rawPath": "/agents",
                "rawQueryString": "a=1&b=x%20y&a=2",
                "cookies": ["a=1", "b=2", "c=3"],
                "headers": {
                    "authorization": "Bearer sk_x",
                    "content-type": "application/json; charset=utf-8",
                    "host": "127.0.0.1:3000",
                    "user-agent": "test",
                    "x-amzn-trace-id": "Root=1-69a412ee-0123456789ab4cde8f012345",
                    "x-forwarded-for": "192.0.2.7",
                    "x-forwarded-port": "3000",
                    "x-forwarded-proto": "http",
                },
                "queryStringParameters": { "a": "1,2", "b": "x y" },
                "requestContext": {
                    "accountId": "000000000000",
                    "apiId": "local",
                    "domainName": "127.0.0.1:3000",
                    "domainPrefix": "127",
                    "http": {
                        "method": "POST",
                        "path": "/agents",
                        "protocol": "HTTP/1.1",
                        "sourceIp": "192.0.2.7",
                        "userAgent": "test",
                    },
                    "requestId": "01234567-89ab-4cde-8f01-23456789abcd",
                    "routeKey": "POST /agents",
                    "stage": "$default",
                    "time": "01/Mar/2026:10:20:30 +0000",
                    "timeEpoch": 1_772_360_430_456_i64,
                },
                "body": r#"{"name":"\u00e9"}"#,
                "isBase64Encoded": false,
            })
        );
    }

    #[test]
    fn repeated_headers_are_joined_by_commas() {
        let request = post("/agents")
            .header("Authorization", "Bearer a")
            .header("Authorization", "Bearer b")
            .header("X-Forwarded-For", "198.51.100.1");
        let headers = &event_of(request, b"")["headers"];
        assert_eq!(headers["authorization"], "Bearer a,Bearer b");
        assert_eq!(headers["x-forwarded-for"], "198.51.100.1, 192.0.2.7");
    }

    #[test]
    fn header_bytes_that_are_not_utf_8_do_not_hinder_the_function() {
        let value = HeaderValue::from_bytes(b"k\xffy").unwrap();
        let event = event_of(post("/agents").header("Idempotency-Key", value), b"");
        let request = lambda_http::request::from_str(&event.to_string()).unwrap();
        let key = request.headers()["idempotency-key"].as_bytes();
        assert_eq!(key, "k\u{fffd}y".as_bytes());
    }

    #[test]
    fn a_body_is_text_only_under_a_text_type_and_in_utf_8() {
        let table: &[(Option<&str>, &[u8], &str, bool)] = &[
            (Some("application/json"), b"{}", "{}", false),
            (Some("Application/JSON;charset=utf-8"), b"{}", "{}", false),
            (Some("text/plain"), b"{}", "{}", false),
            (Some("application/xml"), b"{}", "{}", false),
            (Some("application/javascript"), b"{}", "{}", false),
            (Some("application/json"), b"\xff", "/w==", true),
            (Some("application/problem+json"), b"{}", "e30=", true),
            (Some("application/x-www-form-urlencoded"), b"a=b", "YT1i", true),
            (Some("application/octet-stream"), b"{}", "e30=", true),
            (None, b"{}", "e30=", true),
        ];
        for (content_type, body, expected, base64) in table {
            let mut request = post("/agents");
            if let Some(content_type) = content_type {
                request = request.header("Content-Type", *content_type);
            }
            let event = event_of(request, body);
            assert_eq!(event["body"], *expected, "{content_type:?}");
            assert_eq!(event["isBase64Encoded"], *base64, "{content_type:?}");

            let request = lambda_http::request::from_str(&event.to_string()).unwrap();
            assert_eq!(request.body().as_ref(), *body, "{content_type:?}");
        }
    }

    #[test]
    fn no_body_no_query_and_no_cookies_are_absent() {
        let event = event_of(post("/agents"), b"");
        for field in ["body", "queryStringParameters", "cookies"] {
            assert_eq!(event.get(field), None, "{field}");
        }
        assert_eq!(event["rawQueryString"], "");
    }

    #[test]
    fn a_route_with_parameters_is_met_by_any_that_fill_them() {
        let event = event_of(post("/webhooks/7%2D1/deliveries/D%20x/redeliver"), b"");
        let route = "POST /webhooks/{id}/deliveries/{deliveryId}/redeliver";
        assert_eq!(event["routeKey"], route);
        assert_eq!(event["requestContext"]["routeKey"], route);
        assert_eq!(event["rawPath"], "/webhooks/7-1/deliveries/D x/redeliver");
        assert_eq!(event["pathParameters"], json!({ "id": "7-1", "deliveryId": "D x" }));
    }

    #[test]
    fn only_the_exact_method_and_path_meet_a_route() {
        let table = [
            (Method::POST, "/agents", "/agents", "POST /agents"),
            (Method::POST, "/interviews?x=/agents", "/interviews", "POST /interviews"),
            (Method::POST, "/%61gents", "/agents", "POST /agents"),
            (Method::GET, "/agents", "/agents", "$default"),
            (Method::POST, "/agents/", "/agents/", "$default"),
            (Method::POST, "/AGENTS", "/AGENTS", "$default"),
            (Method::POST, "/", "/", "$default"),
            (Method::POST, "/a%3Fb", "/a?b", "$default"),
            (Method::POST, "/agents%20", "/agents ", "$default"),
            (Method::GET, "/webhooks/1%3Fx", "/webhooks/1?x", "GET /webhooks/{id}"),
            (Method::PATCH, "/webhooks/1", "/webhooks/1", "PATCH /webhooks/{id}"),
            (Method::DELETE, "/webhooks/1", "/webhooks/1", "DELETE /webhooks/{id}"),
            (Method::GET, "/webhooks/", "/webhooks/", "$default"),
            (Method::GET, "/webhooks/1%2F2", "/webhooks/1/2", "$default"),
            (Method::POST, "/%ff%23%0a", "/\u{fffd}#\n", "$default"),
        ];
        for (method, uri, path, route) in table {
            let event = event_of(post(uri).method(method.clone()), b"");
            assert_eq!(event["rawPath"], path, "{method} {uri}");
            assert_eq!(event["routeKey"], route, "{method} {uri}");
            assert_eq!(event["requestContext"]["routeKey"], route, "{method} {uri}");
            assert!(lambda_http::request::from_str(&event.to_string()).is_ok(), "{method} {uri}");
        }
    }

    /// What the caller gets for a request.
    async fn answer(
        request: axum::http::request::Builder,
        body: Body,
        invoke: Invoke,
    ) -> (axum::http::response::Parts, Bytes) {
        let peer = ConnectInfo("192.0.2.7:5000".parse().unwrap());
        let request = request.body(body).unwrap();
        let (head, body) = pass(State(invoke), peer, request).await.into_parts();
        (head, axum::body::to_bytes(body, usize::MAX).await.unwrap())
    }

    fn always(response: fn(Option<Route>, lambda_http::Request) -> lambda_http::Response<lambda_http::Body>) -> Invoke {
        Arc::new(move |target, request| Box::pin(async move { response(target, request) }))
    }

    #[tokio::test]
    async fn a_request_reaches_its_function_and_the_answer_its_caller() {
        let invoke = always(|route, request| {
            assert_eq!(route, Some(Route::CreateInterview));
            assert_eq!(request.raw_http_path(), "/interviews");
            assert_eq!(request.lambda_context().request_id.len(), 36);
            lambda_http::Response::builder()
                .status(201)
                .header("location", "/interviews/1")
                .header("x-twice", "first")
                .header("x-twice", "second")
                .header("set-cookie", "a=1")
                .header("set-cookie", "b=2")
                .body(lambda_http::Body::Binary(request.body().to_vec()))
                .unwrap()
        });
        let (head, body) = answer(post("/interviews"), Body::from("\0\u{1f3a4}"), invoke).await;
        assert_eq!(head.status, 201);
        assert_eq!(head.headers["location"], "/interviews/1");
        assert_eq!(head.headers.get_all("x-twice").iter().collect::<Vec<_>>(), ["first"]);
        assert_eq!(head.headers.get_all("set-cookie").iter().collect::<Vec<_>>(), ["a=1", "b=2"]);
        assert_eq!(head.headers["apigw-requestid"].len(), 36);
        assert_eq!(body, "\0\u{1f3a4}");
    }

    #[tokio::test]
    async fn a_function_that_panics_costs_one_answer() {
        let invoke = always(|_, _| panic!("meant to"));
        let (head, body) = answer(post("/agents"), Body::empty(), invoke).await;
        assert_eq!(head.status, 500);
        assert_eq!(body, r#"{"message":"Internal Server Error"}"#);
    }

    #[tokio::test]
    async fn bodies_up_to_the_quota_reach_the_function() {
        let invoke = always(|_, request| {
            assert_eq!(request.body().len(), BODY_SIZE_MAX_BYTES);
            lambda_http::Response::new(lambda_http::Body::Empty)
        });
        let body = |length| Body::from(vec![b'x'; length]);
        let (head, _) = answer(post("/agents"), body(BODY_SIZE_MAX_BYTES), invoke).await;
        assert_eq!(head.status, 200);

        let unreached = always(|_, _| panic!("the gateway was to refuse"));
        let (head, body) = answer(post("/agents"), body(BODY_SIZE_MAX_BYTES + 1), unreached).await;
        assert_eq!(head.status, 413);
        assert_eq!(body, r#"{"message":"Request Entity Too Large"}"#);
    }

    #[tokio::test]
    async fn a_head_beyond_the_quota_is_refused() {
        let host = "Host127.0.0.1:3000".len();
        for (excess, status) in [(0, 200), (1, 431)] {
            let invoke = always(|_, _| lambda_http::Response::new(lambda_http::Body::Empty));
            let filler = HEAD_SIZE_MAX_BYTES - "POST/agents".len() - host - "x".len() + excess;
            let request = post("/agents").header("x", "y".repeat(filler));
            let (head, _) = answer(request, Body::empty(), invoke).await;
            assert_eq!(head.status, status);
        }
    }

    #[tokio::test]
    async fn a_host_that_cannot_be_one_is_refused() {
        for host in ["", "[", "a b", "a:99999", "%zz"] {
            let unreached = always(|_, _| panic!("the gateway was to refuse"));
            let request = axum::http::Request::post("/agents").header("Host", host);
            let (head, _) = answer(request, Body::empty(), unreached).await;
            assert_eq!(head.status, 400, "{host:?}");
        }
    }
}
