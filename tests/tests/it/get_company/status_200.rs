use domain::allowance::SubscriptionStatus;
use reqwest::Method;
use tests::TestServer;

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
