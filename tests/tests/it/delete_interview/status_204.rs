use reqwest::Method;
use serde_json::{Value, json};
use tests::TestServer;
use tests::api::ErrorCode;
use tests::{Company, body};

use crate::cancel_interview::status_200::{scheduled, set_status};

async fn delete(company: &Company, interview: &Value) -> Value {
    let id = interview["id"].as_str().expect("an id");
    let answer = company.request(Method::DELETE, &format!("/interviews/{id}")).answered(204).await;
    assert!(answer.text.is_empty());
    company.server().item(&format!("INTERVIEW#{id}"), "INTERVIEW").await
}

#[tokio::test]
pub async fn an_interview_that_is_to_come_is_cancelled_and_gone() {
    let server = TestServer::start().await;
    let (company, interview) = scheduled(&server).await;
    let item = delete(&company, &interview).await;
    assert_eq!(company.allowance().await.reserved_seconds.0, 0);
    assert_eq!((&item["status"]["S"], &item["deletedAt"]["S"]), (&json!("CANCELLED"), &json!(server.now())));
    let id = interview["id"].as_str().expect("an id");
    for (method, below) in [(Method::DELETE, ""), (Method::POST, "/cancel")] {
        company.request(method, &format!("/interviews/{id}{below}")).refused(ErrorCode::ResourceNotFound).await;
    }
}

/// The reservation is held until the interview's result, or its deadline.
#[tokio::test]
pub async fn an_interview_that_is_running_is_gone_and_holds_its_time_until_it_ends() {
    let server = TestServer::start().await;
    let (company, interview) = scheduled(&server).await;
    set_status(&server, &interview, "IN_PROGRESS").await;
    let item = delete(&company, &interview).await;
    assert_eq!((&item["status"]["S"], &item["cancelRequestedAt"]["S"]), (&json!("IN_PROGRESS"), &json!(server.now())));
    assert_eq!(item["reservation"]["M"]["seconds"]["N"], "1800");
    assert_eq!(company.allowance().await.reserved_seconds.0, 1_800);
}

#[tokio::test]
pub async fn of_an_interview_there_remains_what_the_books_need_and_no_content() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let with_content = body::with(body::interview(), json!({"isTest": true, "metadata": {"note": "Zuzana came"}}));
    let interview = company.created("/interviews", &with_content).await.body;
    let item = delete(&company, &interview).await;
    for gone in ["analysis", "metadata", "callAttempts", "GSI1PK", "GSI1SK", "GSI2PK", "GSI2SK"] {
        assert!(item.get(gone).is_none(), "{gone}: {item}");
    }
    let kept = ["id", "companyId", "agentId", "status", "scheduledAt", "durationMinutes", "finishedDate", "createdAt"];
    assert!(kept.iter().all(|name| item.get(name).is_some()), "{item}");
    assert_eq!((&item["status"]["S"], &item["isTest"]["BOOL"]), (&json!("COMPLETED"), &json!(true)));
}

#[tokio::test]
pub async fn the_idempotency_key_of_a_deleted_interview_creates_nothing_again() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let request = || company.post("/interviews").json(&body::interview()).idempotent("one");
    let interview = request().answered(201).await.body;
    delete(&company, &interview).await;
    let before = server.items().await;
    request().refused(ErrorCode::ResourceNotFound).await;
    let other = body::with(body::interview(), json!({"isTest": true}));
    company.post("/interviews").json(&other).idempotent("one").refused(ErrorCode::IdempotencyKeyReused).await;
    assert_eq!(server.items().await, before);
}
