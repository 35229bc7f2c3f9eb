use tests::TestServer;
use tests::api::ErrorCode;

/// The thing that a filter names must be the company's: nobody finds out what somebody else has.
#[tokio::test]
pub async fn somebody_else_s_thing_is_no_filter() {
    let server = TestServer::start().await;
    let (company, stranger) = (server.company().create().await, server.company().create().await);
    let foreign = stranger.job().await;
    let answer =
        company.get(&format!("/candidates?jobId={foreign}&limit=0")).refused(ErrorCode::ResourceAccessDenied).await;
    assert_eq!(answer.text_of("resourceId"), foreign);
}
