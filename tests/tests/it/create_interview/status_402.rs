use serde_json::json;
use tests::api::ErrorCode;
use tests::{TestServer, body};

#[tokio::test]
pub async fn an_allowance_that_is_used_up_is_refused() {
    let company = TestServer::start().await.company().minutes(0).create().await;
    let answer = company.refused("/interviews", &body::interview(), ErrorCode::BillingLimitExceeded).await;
    assert_eq!(answer.body["requiredMinutes"], 30);
    assert_eq!(answer.body["remainingMinutes"], 0);
}

#[tokio::test]
pub async fn an_overdrawn_allowance_has_no_minutes_left() {
    let company = TestServer::start().await.company().minutes(10).create().await;
    company.leave_seconds(-90).await;
    let answer = company.refused("/interviews", &body::interview(), ErrorCode::BillingLimitExceeded).await;
    assert_eq!(answer.body["remainingMinutes"], 0);
}

#[tokio::test]
pub async fn a_suspended_subscription_is_refused_whatever_is_left() {
    let company = TestServer::start().await.company().create().await;
    company.suspend().await;
    let answer = company.refused("/interviews", &body::interview(), ErrorCode::SubscriptionInactive).await;
    assert_eq!(answer.log["BillingRefused"], 1);
    company.leave_seconds(0).await;
    company.refused("/interviews", &body::interview(), ErrorCode::SubscriptionInactive).await;
}

/// Billing is the last of the rules on state.
#[tokio::test]
pub async fn every_other_refusal_comes_first() {
    let server = TestServer::start().await;
    let company = server.company().minutes(0).create().await;
    company.suspend().await;
    let unknown = json!({"candidateId": server.id(), "agent": body::agent()});
    company.refused("/interviews", &unknown, ErrorCode::ResourceNotFound).await;
    let jobless = json!({"candidate": body::candidate(), "agent": body::agent()});
    company.refused("/interviews", &jobless, ErrorCode::JobRequired).await;
    let late = body::with(body::interview(), json!({"scheduleTime": server.now()}));
    company.refused("/interviews", &late, ErrorCode::ValidationFailed).await;
    company.refused("/interviews", &body::interview(), ErrorCode::SubscriptionInactive).await;
}
