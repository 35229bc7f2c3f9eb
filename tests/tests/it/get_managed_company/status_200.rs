use domain::allowance::SubscriptionStatus;
use tests::TestServer;
use tests::faults::Operation;

/// One read has the caller, the company and its allowance, in which the subscription stands.
#[tokio::test]
pub async fn it_is_read_with_its_caller_as_it_is_now() {
    let server = TestServer::start().await;
    let ats = server.ats().await;
    let (system, company) = (server.caller_for(ats).await, server.company().managed_by(ats).create().await);
    let get = || system.get(&format!("/companies/{}", company.id)).answered(200);
    server.faults().take_requests();
    let active = get().await;
    assert_eq!(server.faults().take_requests(), [Operation::BatchGetItem]);
    assert_eq!(active.text_of("subscription"), "ACTIVE");
    server.store().set_subscription(company.id, SubscriptionStatus::Suspended, server.now()).await.unwrap();
    let suspended = get().await;
    assert_eq!(suspended.text_of("subscription"), "SUSPENDED");
    assert_ne!(active.header("etag"), suspended.header("etag"));
}
