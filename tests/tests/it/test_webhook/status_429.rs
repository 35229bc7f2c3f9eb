use std::time::Duration;

use serde_json::json;
use tests::api::ErrorCode;
use tests::faults::{Fault, FaultScript, Operation};
use tests::{Answer, Company, Request, TestServer, WebhookReceiver};

/// Panics unless the answer tells that limit, and when there is room again.
fn assert_limited(answer: &Answer, limit: u32, resets_at: &str, retry_after: &str) {
    let told = (&answer.body["limit"], &answer.body["remaining"], &answer.body["resetsAt"]);
    assert_eq!(told, (&json!(limit), &json!(0), &json!(resets_at)), "{answer}");
    assert_eq!(answer.header("retry-after"), Some(retry_after), "{answer}");
}

fn test_of(company: &Company, webhook: &str) -> Request {
    company.post(&format!("/webhooks/{webhook}/test"))
}

#[tokio::test]
pub async fn the_eleventh_test_of_a_webhook_in_a_minute_is_refused() {
    let server = TestServer::start().await;
    let (company, other) = (server.company().create().await, server.company().create().await);
    let endpoint = WebhookReceiver::start();
    let (one, another) = (company.webhook(&endpoint).await.id, company.webhook(&endpoint).await.id);
    let foreign = other.webhook(&endpoint).await.id;
    // The clock shows 10:20:30.456.
    for _ in 0..10 {
        test_of(&company, &one).answered(200).await;
    }
    for _ in 0..2 {
        let answer = test_of(&company, &one).refused(ErrorCode::RateLimited).await;
        assert_limited(&answer, 10, "2026-05-15T10:21:00.000Z", "30");
    }
    // Of another webhook it says nothing, whoever has it.
    test_of(&company, &another).answered(200).await;
    test_of(&other, &foreign).answered(200).await;
    server.set_clock("2026-05-15T10:20:59.999Z");
    assert_limited(&test_of(&company, &one).refused(ErrorCode::RateLimited).await, 10, "2026-05-15T10:21:00.000Z", "1");
    // What was refused does not count in the next minute either.
    server.set_clock("2026-05-15T10:21:00.000Z");
    for _ in 0..10 {
        test_of(&company, &one).answered(200).await;
    }
    test_of(&company, &one).refused(ErrorCode::RateLimited).await;
    assert_eq!(endpoint.posts().len(), 22);
}

/// A function that dies in the middle of a test keeps others out until it would have been over.
#[tokio::test]
pub async fn a_test_that_never_ends_is_over_after_thirty_seconds() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let endpoint = WebhookReceiver::start();
    let webhook = company.webhook(&endpoint).await.id;
    // All that a function had done which died while it posted.
    let (id, test) = (webhook.parse().expect("an id"), server.id().to_string().parse().expect("an id"));
    let begun = server.store().session().begin_webhook_test(id, test, server.now()).await;
    assert_eq!(begun.expect("an answer"), Ok(()));
    server.pass(Duration::from_millis(29_999));
    let answer = test_of(&company, &webhook).refused(ErrorCode::RateLimited).await;
    assert_limited(&answer, 1, "2026-05-15T10:21:00.456Z", "1");
    server.pass(Duration::from_millis(1));
    test_of(&company, &webhook).answered(200).await;
}

/// The answer to the beginning is lost, and so is that to the end: a test neither stands in its own way nor counts twice.
#[tokio::test]
pub async fn lost_answers_of_the_table_count_once() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let endpoint = WebhookReceiver::start();
    let webhook = company.webhook(&endpoint).await.id;
    let lost = [Operation::UpdateItem, Operation::TransactWriteItems].map(|operation| (operation, Fault::AnswerLost));
    server.faults().follow(FaultScript::script(lost));
    test_of(&company, &webhook).answered(200).await;
    assert_eq!(server.faults().unused(), 0);
    let tests = server.item(&format!("WEBHOOK#{webhook}"), "TESTS").await;
    assert_eq!((&tests["count"], tests.get("running")), (&json!({"N": "1"}), None), "{tests}");
    assert_eq!(company.deliveries(&webhook).await.len(), 1);
    for _ in 1..10 {
        test_of(&company, &webhook).answered(200).await;
    }
    test_of(&company, &webhook).refused(ErrorCode::RateLimited).await;
}
