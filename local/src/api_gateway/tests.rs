use axum::http::Method;
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpRequest;

use super::*;

/// The event of a request that came from 192.0.2.7.
fn event_from(request: axum::http::request::Builder, body: &'static [u8]) -> Value {
    let (head, ()) = request.body(()).unwrap().into_parts();
    let now = "2026-03-01T10:20:30.456Z".parse().unwrap();
    let id = "01234567-89ab-4cde-8f01-23456789abcd";
    event_of(&head, &Bytes::from_static(body), "192.0.2.7:5000".parse().unwrap(), id, now)
}

/// The body of an event, as the function reads it.
fn body_of(event: &Value) -> Vec<u8> {
    let text = event["body"].as_str().unwrap_or_default();
    if event["isBase64Encoded"] == true { BASE64_STANDARD.decode(text).unwrap() } else { text.into() }
}

/// Panics unless the event is one of API Gateway's.
fn assert_readable(event: &Value) {
    serde_json::from_value::<ApiGatewayV2httpRequest>(event.clone()).unwrap_or_else(|error| panic!("{error}: {event}"));
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
        event_from(request, br#"{"name":"\u00e9"}"#),
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
    let headers = &event_from(request, b"")["headers"];
    assert_eq!(headers["authorization"], "Bearer a,Bearer b");
    assert_eq!(headers["x-forwarded-for"], "198.51.100.1, 192.0.2.7");
}

#[test]
fn header_bytes_that_are_not_utf_8_do_not_hinder_the_function() {
    let value = HeaderValue::from_bytes(b"k\xffy").unwrap();
    let event = event_from(post("/agents").header("Idempotency-Key", value), b"");
    assert_eq!(event["headers"]["idempotency-key"], "k\u{fffd}y");
    assert_readable(&event);
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
        let event = event_from(request, body);
        assert_eq!(event["body"], *expected, "{content_type:?}");
        assert_eq!(event["isBase64Encoded"], *base64, "{content_type:?}");
        assert_eq!(body_of(&event), *body, "{content_type:?}");
    }
}

#[test]
fn no_body_no_query_and_no_cookies_are_absent() {
    let event = event_from(post("/agents"), b"");
    for field in ["body", "queryStringParameters", "cookies"] {
        assert_eq!(event.get(field), None, "{field}");
    }
    assert_eq!(event["rawQueryString"], "");
}

#[test]
fn a_route_with_parameters_is_met_by_any_that_fill_them() {
    let event = event_from(post("/webhooks/7%2D1/deliveries/D%20x/redeliver"), b"");
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
        (Method::PUT, "/agents", "/agents", "$default"),
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
        let event = event_from(post(uri).method(method.clone()), b"");
        assert_eq!(event["rawPath"], path, "{method} {uri}");
        assert_eq!(event["routeKey"], route, "{method} {uri}");
        assert_eq!(event["requestContext"]["routeKey"], route, "{method} {uri}");
        assert_readable(&event);
    }
}

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

fn always(response: fn(Option<Route>, Event) -> api::Response) -> Invoke {
    Arc::new(move |route, event| Box::pin(async move { response(route, event) }))
}

fn response_of(status: i64) -> api::Response {
    let mut response = api::Response::default();
    response.status_code = status;
    response
}

#[tokio::test]
async fn a_request_reaches_its_function_and_the_answer_its_caller() {
    let invoke = always(|route, _| {
        assert_eq!(route, Some(Route::CreateInterview));
        let mut response = response_of(201);
        for (name, value) in [("location", "/interviews/1"), ("x-twice", "first"), ("x-twice", "second")] {
            response.headers.append(name, HeaderValue::from_static(value));
        }
        response.cookies = vec!["a=1".to_owned(), "b=2".to_owned()];
        response.body = Some(lambda_http::Body::Binary("\0\u{1f3a4}".into()));
        response
    });
    let (head, body) = answer(post("/interviews"), Body::empty(), invoke).await;
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
    let invoke = always(|_, _| response_of(200));
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
        let invoke = always(|_, _| response_of(200));
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
