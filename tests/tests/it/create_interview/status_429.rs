use serde_json::json;
use tests::api::ErrorCode;
use tests::{Company, Request, TestServer, body};

fn test_interview(company: &Company) -> Request {
    company.post("/interviews").json(&body::with(body::interview(), json!({"isTest": true})))
}

/// Leaves the company's day so many test interviews.
async fn leave(company: &Company, day: &str, left: u32) {
    let count = json!({"count": {"N": (1_000 - left).to_string()}});
    company.server().set_attributes(&format!("COMPANY#{}", company.id), &format!("TESTS#{day}"), &count).await;
}

#[tokio::test]
pub async fn a_company_creates_a_thousand_test_interviews_a_day_and_not_one_more() {
    let server = TestServer::start().await;
    let (company, other) = (server.company().create().await, server.company().create().await);
    test_interview(&company).answered(201).await;
    let counted = server.item(&format!("COMPANY#{}", company.id), "TESTS#2026-05-15").await;
    assert_eq!(counted["count"], json!({"N": "1"}), "{counted}");
    leave(&company, "2026-05-15", 2).await;
    let last = test_interview(&company).idempotent("k").answered(201).await;
    test_interview(&company).answered(201).await;

    let answer = test_interview(&company).refused(ErrorCode::RateLimited).await;
    let told = (&answer.body["limit"], &answer.body["remaining"], &answer.body["resetsAt"]);
    assert_eq!(told, (&json!(1_000), &json!(0), &json!("2026-05-16T00:00:00.000Z")));
    // From 10:20:30.456 to midnight.
    assert_eq!(answer.header("retry-after"), Some("49170"), "{answer}");

    // Neither repeats nor interviews that cost something are counted, nor those of another company.
    let replay = test_interview(&company).idempotent("k").answered(201).await;
    assert!(replay.replayed() && replay.id() == last.id(), "{replay}");
    company.created("/interviews", &body::interview()).await;
    test_interview(&other).answered(201).await;

    server.set_clock("2026-05-15T23:59:59.999Z");
    let answer = test_interview(&company).refused(ErrorCode::RateLimited).await;
    assert_eq!(answer.header("retry-after"), Some("1"), "{answer}");
    server.set_clock("2026-05-16T00:00:00.000Z");
    test_interview(&company).answered(201).await;
}

/// A request that another rule refuses counts nothing.
#[tokio::test]
pub async fn what_is_refused_otherwise_does_not_count() {
    let company = TestServer::start().await.company().create().await;
    let sent = json!({"candidate": body::candidate(), "agent": body::agent(), "isTest": true});
    company.refused("/interviews", &sent, ErrorCode::JobRequired).await;
}

#[tokio::test]
pub async fn of_many_at_once_as_many_are_created_as_are_left() {
    use crate::concurrency::all_at_once;
    use tests::faults::FaultScript;

    let server = TestServer::start().await;
    let company = server.company().create().await;
    test_interview(&company).answered(201).await;
    leave(&company, "2026-05-15", 10).await;
    // Conflicts as the real service has them, for the count is one item.
    server.faults().follow(FaultScript::none().with_conflicts(std::time::Duration::from_millis(2)));
    let requests = (0..20).map(|number| {
        let company = company.clone();
        move || test_interview(&company).idempotent(&format!("k{number}"))
    });
    let outcome = all_at_once(requests).await;
    assert_eq!((outcome.created().len(), outcome.refused(ErrorCode::RateLimited).len()), (10, 10));
    assert!(!server.faults().injected().is_empty(), "nothing met on the count");
    let counted = server.item(&format!("COMPANY#{}", company.id), "TESTS#2026-05-15").await;
    assert_eq!(counted["count"], json!({"N": "1000"}), "{counted}");
}
