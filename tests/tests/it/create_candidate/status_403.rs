use serde_json::json;
use tests::api::ErrorCode;
use tests::{TestServer, body};

#[tokio::test]
pub async fn a_foreign_job_is_denied() {
    let server = TestServer::start().await;
    let (company, other) = (server.company().create().await, server.company().create().await);
    let (own, foreign) = (company.job().await, other.job().await);
    for members in [json!({"jobId": foreign}), json!({"jobIds": [own, foreign]})] {
        let sent = body::with(body::candidate(), members);
        let answer = company.refused("/candidates", &sent, ErrorCode::ResourceAccessDenied).await;
        assert_eq!((&answer.body["resourceType"], &answer.body["resourceId"]), (&json!("JOB"), &json!(foreign)));
    }
}
