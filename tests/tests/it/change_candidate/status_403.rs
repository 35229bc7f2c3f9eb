use serde_json::json;
use tests::TestServer;
use tests::api::ErrorCode;

#[tokio::test]
pub async fn a_foreign_job_is_denied_whatever_else_is_wrong() {
    let server = TestServer::start().await;
    let (company, other) = (server.company().create().await, server.company().create().await);
    let (id, own, foreign) = (company.candidate().await, company.job().await, other.job().await);
    for patch in [json!({"jobIds": [own, foreign]}), json!({"jobIds": [foreign], "firstName": null})] {
        let request = company.patch(&format!("/candidates/{id}")).json(&patch);
        let answer = request.refused(ErrorCode::ResourceAccessDenied).await;
        assert_eq!((&answer.body["resourceType"], &answer.body["resourceId"]), (&json!("JOB"), &json!(foreign)));
    }
}
