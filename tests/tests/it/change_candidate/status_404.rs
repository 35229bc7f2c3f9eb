use serde_json::json;
use tests::TestServer;
use tests::api::ErrorCode;

#[tokio::test]
pub async fn an_unknown_job_is_not_found() {
    let company = TestServer::start().await.company().create().await;
    let (id, unknown) = (company.candidate().await, company.server().id().to_string());
    let request = company.patch(&format!("/candidates/{id}")).json(&json!({"jobIds": [unknown]}));
    let answer = request.refused(ErrorCode::ResourceNotFound).await;
    assert_eq!((&answer.body["resourceType"], &answer.body["resourceId"]), (&json!("JOB"), &json!(unknown)));
}
