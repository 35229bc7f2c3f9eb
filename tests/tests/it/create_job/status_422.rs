use reqwest::Method;
use serde_json::json;
use tests::api::{ErrorCode, Route};
use tests::{TestServer, body};

use crate::any_route::repeats;

#[tokio::test]
pub async fn another_request_under_a_used_key_is_refused() {
    let others = [json!({"title": "Shift leader"}), json!({"status": "CLOSED"}), json!({"salary": {}})];
    let others: Vec<_> = others.into_iter().map(|members| body::with(body::job(), members)).collect();
    repeats::another_request_under_a_used_key_is_refused(Route::CreateJob, &others).await;
}

#[tokio::test]
pub async fn so_it_is_after_the_job_was_deleted() {
    let company = TestServer::start().await.company().create().await;
    let create = |title: &str| company.post("/jobs").idempotent("once").json(&json!({"title": title}));
    let id = create("Warehouse operator").answered(201).await.id();
    company.request(Method::DELETE, &format!("/jobs/{id}")).answered(204).await;
    create("Shift leader").refused(ErrorCode::IdempotencyKeyReused).await;
}
