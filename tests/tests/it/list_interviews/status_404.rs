use tests::TestServer;
use tests::api::ErrorCode;

#[tokio::test]
pub async fn a_thing_that_does_not_exist_is_no_filter() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    for name in ["candidateId", "jobId", "agentId"] {
        let path = format!("/interviews?{name}={}", server.id());
        company.get(&path).refused(ErrorCode::ResourceNotFound).await;
    }
}
