//! Events as API Gateway sends them to a function.

use anyhow::Result;
use axum::http::Request;
use chrono::Utc;
use local::api_gateway;
use serde_json::Value;
use std::net::SocketAddr;
use uuid::Uuid;

const PEER: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::new(203, 0, 113, 7)), 50_000);

/// The event of one POST request.
pub fn post(path: &str, api_key: &str, idempotency_key: Option<&str>, body: &Value) -> Result<Value> {
    request("POST", path, api_key, idempotency_key, Some(body))
}

/// The event of one request.
pub fn request(
    method: &str,
    path: &str,
    api_key: &str,
    idempotency_key: Option<&str>,
    body: Option<&Value>,
) -> Result<Value> {
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header("accept", "application/json")
        .header("authorization", format!("Bearer {api_key}"))
        .header("content-type", "application/json")
        .header("host", "api.example.com")
        .header("user-agent", "bench");
    if let Some(key) = idempotency_key {
        request = request.header("idempotency-key", key);
    }
    let (head, ()) = request.body(())?.into_parts();
    let body = body.map(Value::to_string).unwrap_or_default().into();
    Ok(api_gateway::event_of(&head, &body, PEER, &Uuid::new_v4().to_string(), Utc::now()))
}
