//! API Gateway: HTTP requests become Lambda events (HTTP API, payload 2.0), and the functions' answers responses.
//!
//! A function notices no difference from the real gateway: repeated headers are joined, cookies stand apart, the path
//! is decoded, a body that is not text arrives in base64, a request goes on when its caller has hung up, and the limits
//! on size are the same. Throttling, access logs and domains are not imitated.

use std::{collections::BTreeMap, net::SocketAddr, pin::Pin, sync::Arc};

use api::{DEFAULT_KEY, Event, Route};
use axum::{
    Router,
    body::{Body, Bytes},
    extract::{ConnectInfo, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header, request::Parts},
    response::Response,
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use chrono::{DateTime, Utc};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};
use uuid::Uuid;

/// The gateway's quota for a body, in bytes.
const BODY_SIZE_MAX_BYTES: usize = 10 * 1024 * 1024;

/// The gateway's quota for the request line and all headers together, in bytes.
const HEAD_SIZE_MAX_BYTES: usize = 10_240;

/// A function at work on its answer.
pub type Answer = Pin<Box<dyn Future<Output = api::Response> + Send>>;

/// Invokes the function of a route; none for `$default`.
pub type Invoke = Arc<dyn Fn(Option<Route>, Event) -> Answer + Send + Sync>;

/// The router that answers every request by invoking a function. Each request has to carry its peer's address
/// ([`ConnectInfo`]), as [`Serving`](crate::http::Serving) adds it: these become the events' `sourceIp`.
pub fn router(invoke: Invoke) -> Router {
    Router::new().fallback(pass).with_state(invoke)
}

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
            answer(&invoke, route, event).await
        }
    };
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(HeaderName::from_static("apigw-requestid"), id);
    }
    response
}

/// The caller's response to a request with that event: the answer of the route's function.
pub async fn answer(invoke: &Invoke, route: Option<Route>, event: String) -> Response {
    let invoke = invoke.clone();
    // A task of its own: a function finishes although its caller is gone, and its panic is only its own.
    let invoked = tokio::spawn(async move {
        let event = serde_json::from_str(&event)?;
        Ok::<_, serde_json::Error>(invoke(route, event).await)
    });
    match invoked.await {
        Ok(Ok(answer)) => client_answer(answer),
        Ok(Err(_)) | Err(_) => own_answer(FAILED),
    }
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

/// The Lambda event of a request with this head and body.
pub fn event_of(head: &Parts, body: &Bytes, peer: SocketAddr, id: &str, now: DateTime<Utc>) -> Value {
    let path = decoded_path(&head.uri);
    event(Route::of(head.method.as_str(), &path), &path, head, body, peer, id, now)
}

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
    // A caller's own id is kept, as the real gateway does.
    let trace = id.replace('-', "");
    let trace = format!("Root=1-{:08x}-{}", now.timestamp(), &trace[..24]);
    headers.entry("x-amzn-trace-id".to_owned()).or_insert(trace);
    headers
}

/// The values of a header as the gateway joins them. Bytes that are not UTF-8 are replaced.
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

/// True for a body whose type is text to the gateway. Other types are binary to it, also those of forms, and so is a
/// body without a type.
fn is_text(headers: &HeaderMap) -> bool {
    let content_type = text(headers, &header::CONTENT_TYPE).unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence.starts_with("text/")
        || matches!(essence.as_str(), "application/json" | "application/javascript" | "application/xml")
}

/// The caller's response from a function's answer. The answer to an event holds one value for each header, so of
/// repeated ones only the first goes out; cookies travel in a list of their own.
fn client_answer(answer: api::Response) -> Response {
    let status = u16::try_from(answer.status_code).ok().and_then(|code| StatusCode::from_u16(code).ok());
    let Some(status) = status else { return own_answer(FAILED) };
    let body = match answer.body {
        Some(lambda_http::Body::Text(text)) => Body::from(text),
        Some(lambda_http::Body::Binary(bytes)) => Body::from(bytes),
        Some(_) | None => Body::empty(),
    };
    let mut response = Response::new(body);
    *response.status_mut() = status;
    for name in answer.headers.keys() {
        response.headers_mut().extend(answer.headers.get(name).map(|value| (name.clone(), value.clone())));
    }
    for cookie in answer.cookies.iter().filter_map(|cookie| HeaderValue::from_str(cookie).ok()) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
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
mod tests;
