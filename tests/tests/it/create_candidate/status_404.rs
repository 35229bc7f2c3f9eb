use serde_json::json;
use tests::api::ErrorCode;
use tests::{TestServer, body};

#[tokio::test]
pub async fn an_unknown_job_is_not_found() {
    let company = TestServer::start().await.company().create().await;
    let (own, unknown) = (company.job().await, company.server().id().to_string());
    let sent = body::with(body::candidate(), json!({"jobIds": [own, unknown]}));
    let answer = company.refused("/candidates", &sent, ErrorCode::ResourceNotFound).await;
    assert_eq!((&answer.body["resourceType"], &answer.body["resourceId"]), (&json!("JOB"), &json!(unknown)));
}
