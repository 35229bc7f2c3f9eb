use chrono::TimeDelta;
use tests::TestServer;
use tests::api::ErrorCode;

#[tokio::test]
pub async fn a_sixth_secret_has_to_wait_until_the_first_has_ended() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let path = format!("/webhooks/{}/rotate-secret", server.webhook_of(&company.key).await);
    let first_ends = server.after(TimeDelta::hours(24));
    for _ in 0..4 {
        company.post(&path).answered(200).await;
    }
    assert_eq!(company.post(&path).refused(ErrorCode::LimitReached).await.body["limit"], 5);
    server.set_clock(&first_ends.to_string());
    company.post(&path).answered(200).await;
}
