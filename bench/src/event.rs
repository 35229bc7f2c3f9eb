//! Events as API Gateway sends them to a function (HTTP API, payload format 2.0).

use serde_json::{Value, json};

/// The event of one POST request.
pub fn post(path: &str, api_key: &str, idempotency_key: Option<&str>, body: &Value) -> Value {
    request(&format!("POST {path}"), path, api_key, idempotency_key, Some(body))
}

/// The event of one request. The route is named as the gateway does, for example `GET /webhooks/{id}`.
pub fn request(route: &str, path: &str, api_key: &str, idempotency_key: Option<&str>, body: Option<&Value>) -> Value {
    let (method, template) = route.split_once(' ').unwrap_or((route, ""));
    let mut headers = json!({
        "accept": "application/json",
        "authorization": format!("Bearer {api_key}"),
        "content-type": "application/json",
        "host": "api.example.com",
        "user-agent": "bench",
        "x-amzn-trace-id": "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700",
        "x-forwarded-for": "203.0.113.7",
        "x-forwarded-port": "443",
        "x-forwarded-proto": "https",
    });
    if let Some(key) = idempotency_key {
        headers["idempotency-key"] = json!(key);
    }
    let mut event = json!({
        "version": "2.0",
        "routeKey": route,
        "rawPath": path,
        "rawQueryString": "",
        "headers": headers,
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "bench",
            "domainName": "api.example.com",
            "domainPrefix": "api",
            "http": {
                "method": method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "203.0.113.7",
                "userAgent": "bench",
            },
            "requestId": "JKJaXmPLvHcESHA=",
            "routeKey": route,
            "stage": "$default",
            "time": "01/Nov/2026:12:00:00 +0000",
            "timeEpoch": 1_793_534_400_000_u64,
        },
        "isBase64Encoded": false,
    });
    for (name, value) in template.split('/').zip(path.split('/')) {
        if let Some(name) = name.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
            event["pathParameters"][name] = json!(value);
        }
    }
    if let Some(body) = body {
        event["body"] = json!(body.to_string());
    }
    event
}
