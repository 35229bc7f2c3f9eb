//! The charge of an interview to its company's allowance.

use serde_json::{Value, json};
use tests::api::ErrorCode;
use tests::{Company, TestServer, body};

/// An interview of so many minutes.
fn of_minutes(minutes: u16) -> Value {
    body::with_at(body::interview(), "/agent/duration", json!(minutes))
}

/// Remaining, reserved and used seconds; together always what was granted.
async fn amounts(company: &Company) -> [i64; 3] {
    let allowance = company.allowance().await;
    let amounts = [allowance.remaining_seconds.0, allowance.reserved_seconds.0, allowance.used_seconds.0];
    assert_eq!(amounts.iter().sum::<i64>(), allowance.granted_seconds.0, "{allowance:?}");
    amounts
}

#[tokio::test]
pub async fn an_interview_reserves_its_agent_s_duration() {
    let company = TestServer::start().await.company().minutes(100).create().await;
    company.created("/interviews", &of_minutes(30)).await;
    assert_eq!(amounts(&company).await, [4_200, 1_800, 0]);
    let agent_id = company.agent(&body::with(body::generic_agent(), json!({"duration": 45}))).await;
    let answer = company.created("/interviews", &json!({"candidate": body::candidate(), "agentId": agent_id})).await;
    assert_eq!(answer.body["durationMinutes"], 45);
    assert_eq!(amounts(&company).await, [1_500, 4_500, 0]);

    let interview = company.server().item(&format!("INTERVIEW#{}", answer.id()), "INTERVIEW").await;
    assert_eq!(interview["reservation"]["M"], json!({"period": {"S": "2026-05"}, "seconds": {"N": "2700"}}));
}

#[tokio::test]
pub async fn exactly_enough_is_enough() {
    let company = TestServer::start().await.company().minutes(60).create().await;
    company.leave_seconds(1_800).await;
    company.created("/interviews", &of_minutes(30)).await;
    assert_eq!(amounts(&company).await, [0, 1_800, 1_800]);
    company.refused("/interviews", &of_minutes(1), ErrorCode::BillingLimitExceeded).await;
}

#[tokio::test]
pub async fn a_second_short_is_refused_with_what_is_left() {
    let company = TestServer::start().await.company().minutes(60).create().await;
    company.leave_seconds(1_799).await;
    let answer = company.refused("/interviews", &of_minutes(30), ErrorCode::BillingLimitExceeded).await;
    assert_eq!(answer.body["requiredMinutes"], 30);
    assert_eq!(answer.body["remainingMinutes"], 29);
    assert_eq!(answer.body["resetsAt"], "2026-06-01T00:00:00.000Z");
    assert_eq!(answer.log["BillingRefused"], 1);
    company.created("/interviews", &of_minutes(29)).await;
    assert_eq!(amounts(&company).await, [59, 1_740, 1_801]);
}

#[tokio::test]
pub async fn a_plan_with_overage_goes_below_zero_and_counts_it() {
    let company = TestServer::start().await.company().minutes(20).overage().create().await;
    company.created("/interviews", &of_minutes(30)).await;
    company.created("/interviews", &of_minutes(30)).await;
    assert_eq!(amounts(&company).await, [-2_400, 3_600, 0]);
    company.suspend().await;
    company.refused("/interviews", &of_minutes(1), ErrorCode::SubscriptionInactive).await;
}

#[tokio::test]
pub async fn a_new_month_grants_anew() {
    let server = TestServer::start().await;
    let company = server.company().minutes(60).create().await;
    company.created("/interviews", &of_minutes(60)).await;
    server.set_clock("2026-05-31T23:59:59.999Z");
    let answer = company.refused("/interviews", &of_minutes(1), ErrorCode::BillingLimitExceeded).await;
    assert_eq!(answer.body["resetsAt"], "2026-06-01T00:00:00.000Z");

    server.set_clock("2026-06-01T00:00:00Z");
    let answer = company.created("/interviews", &of_minutes(20)).await;
    assert_eq!(amounts(&company).await, [2_400, 1_200, 0]);
    assert_eq!(company.allowance().await.period.as_str(), "2026-06");
    let interview = server.item(&format!("INTERVIEW#{}", answer.id()), "INTERVIEW").await;
    assert_eq!(interview["reservation"]["M"]["period"]["S"], "2026-06");
    // The first interview of a month meets the old month, and is charged by a second write.
    assert_eq!(answer.log["dynamodb"]["requests"], 3 + 1, "one counts");
    let second = company.created("/interviews", &of_minutes(40)).await;
    assert_eq!(second.log["dynamodb"]["requests"], 2 + 1);
    assert_eq!(amounts(&company).await, [0, 3_600, 0]);
}

#[tokio::test]
pub async fn months_without_interviews_are_skipped_and_nothing_is_carried_over() {
    let server = TestServer::start().await;
    let company = server.company().minutes(60).create().await;
    server.set_clock("2027-02-15T00:00:00Z");
    company.created("/interviews", &of_minutes(60)).await;
    let answer = company.refused("/interviews", &of_minutes(1), ErrorCode::BillingLimitExceeded).await;
    assert_eq!(answer.body["resetsAt"], "2027-03-01T00:00:00.000Z");
    assert_eq!(amounts(&company).await, [0, 3_600, 0]);
}

#[tokio::test]
pub async fn a_month_that_grants_too_little_is_not_opened() {
    let server = TestServer::start().await;
    let company = server.company().minutes(10).create().await;
    server.set_clock("2026-06-01T00:00:00Z");
    let answer = company.refused("/interviews", &of_minutes(11), ErrorCode::BillingLimitExceeded).await;
    assert_eq!(answer.body["remainingMinutes"], 10);
    assert_eq!(answer.body["resetsAt"], "2026-07-01T00:00:00.000Z");
}

#[tokio::test]
pub async fn a_clock_that_is_behind_does_not_reopen_a_month() {
    let server = TestServer::start().await;
    let company = server.company().minutes(60).create().await;
    server.set_clock("2026-06-01T00:00:00Z");
    company.created("/interviews", &of_minutes(40)).await;
    server.set_clock("2026-05-31T23:59:59.999Z");
    company.created("/interviews", &of_minutes(20)).await;
    assert_eq!(company.allowance().await.period.as_str(), "2026-06");
    assert_eq!(amounts(&company).await, [0, 3_600, 0]);
}

#[tokio::test]
pub async fn the_month_turns_in_utc_wherever_an_interview_is_scheduled() {
    let server = TestServer::start().await;
    let company = server.company().minutes(60).create().await;
    server.set_clock("2026-05-31T23:30:00Z");
    // The interview takes place in June, in its own zone and in UTC; it is charged in May, when it is created.
    let sent = body::with(of_minutes(30), json!({"scheduleTime": "2026-06-02T01:30:00+02:00"}));
    company.created("/interviews", &sent).await;
    assert_eq!(company.allowance().await.period.as_str(), "2026-05");
}
