use domain::allowance::SubscriptionStatus;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{TestServer, body};

/// Each key sees its own company, whatever the query says, and a system those that it manages.
#[tokio::test]
pub async fn it_is_the_company_that_the_key_acts_for() {
    let server = TestServer::start().await;
    let ats = server.ats().await;
    let company = server.company().managed_by(ats).create().await;
    let other = server.company().create().await;
    let (_, ats_key) = server.ats_key(ats).create().await;
    let of_company = format!("/company?companyId={}", company.id);
    for (key, path) in [(&company.key, "/company"), (&ats_key, of_company.as_str())] {
        let shown = server.request(Method::GET, path).key(key).answered(200).await;
        assert_eq!((shown.text_of("id"), shown.text_of("subscription")), (company.id.to_string().as_str(), "ACTIVE"));
    }
    assert_eq!(other.get(&of_company).answered(200).await.text_of("id"), other.id.to_string());
}

#[tokio::test]
pub async fn a_suspended_company_sees_that_it_is() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let before = company.get("/company").answered(200).await;
    server.store().set_subscription(company.id, SubscriptionStatus::Suspended, server.now()).await.expect("suspended");
    let after = company.get("/company").answered(200).await;
    assert_eq!(after.text_of("subscription"), "SUSPENDED");
    assert_ne!(before.header("etag"), after.header("etag"));
}

/// The amounts of an allowance that a company is shown: reserved, used, remaining, overage.
fn amounts(company: &Value) -> Value {
    let allowance = &company["allowance"];
    assert_eq!((&allowance["billingSystem"], &allowance["granted"]), (&json!("minutes"), &json!(60)));
    json!([allowance["reserved"], allowance["used"], allowance["remaining"], allowance["overage"]])
}

#[tokio::test]
pub async fn the_allowance_tells_what_is_reserved_used_and_left_in_another_version_each_time() {
    let server = TestServer::start().await;
    let company = server.company().minutes(60).create().await;
    let whole = company.get("/company").answered(200).await;
    assert_eq!(amounts(&whole.body), json!([0, 0, 60, 0]));
    company.created("/interviews", &body::interview()).await;
    let reserved = company.get("/company").answered(200).await;
    assert_eq!(amounts(&reserved.body), json!([30, 0, 30, 0]));
    assert_ne!(whole.header("etag"), reserved.header("etag"));
    // 1,000 seconds are left, so 800 of 3,600 are used.
    company.leave_seconds(1_000).await;
    let used = company.get("/company").answered(200).await;
    assert_eq!(amounts(&used.body), json!([30, 13.33, 16.67, 0]));
    assert_ne!(reserved.header("etag"), used.header("etag"));
}

#[tokio::test]
pub async fn what_is_beyond_the_grant_is_overage_only_where_the_plan_allows_it() {
    let server = TestServer::start().await;
    for (company, overage) in [(server.company().overage(), json!(1.5)), (server.company(), json!(0))] {
        let company = company.minutes(60).create().await;
        company.leave_seconds(-90).await;
        let shown = company.get("/company").answered(200).await;
        assert_eq!(amounts(&shown.body), json!([0, 61.5, 0, overage]));
    }
}

#[tokio::test]
pub async fn the_allowance_is_that_of_the_current_month() {
    let server = TestServer::start().await;
    server.set_clock("2026-05-31T23:59:59.999Z");
    let company = server.company().minutes(60).create().await;
    company.leave_seconds(0).await;
    let before = company.get("/company").answered(200).await;
    assert_eq!(
        (amounts(&before.body), &before.body["allowance"]["resetsAt"]),
        (json!([0, 60, 0, 0]), &json!("2026-06-01T00:00:00.000Z"))
    );
    server.set_clock("2026-06-01T00:00:00.000Z");
    let after = company.get("/company").answered(200).await;
    assert_eq!(
        (amounts(&after.body), &after.body["allowance"]["resetsAt"]),
        (json!([0, 0, 60, 0]), &json!("2026-07-01T00:00:00.000Z"))
    );
}
