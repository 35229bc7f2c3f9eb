use reqwest::Method;
use serde_json::json;
use tests::api::ErrorCode;
use tests::{TestServer, body};

#[tokio::test]
pub async fn what_is_deleted_cannot_be_named_any_more() {
    let company = TestServer::start().await.company().create().await;
    let id = company.created("/jobs", &body::job()).await.id();
    let candidate_id = company.candidate().await;
    company.request(Method::DELETE, &format!("/jobs/{id}")).answered(204).await;
    let of_job = |answer: &tests::Answer| assert_eq!(answer.body["resourceId"], json!(id), "{answer}");
    of_job(&company.request(Method::DELETE, &format!("/jobs/{id}")).refused(ErrorCode::ResourceNotFound).await);
    of_job(&company.patch(&format!("/jobs/{id}")).json(&json!({})).refused(ErrorCode::ResourceNotFound).await);
    let interview = json!({"candidate": body::candidate(), "agent": body::agent(), "jobId": id});
    of_job(&company.refused("/interviews", &interview, ErrorCode::ResourceNotFound).await);
    let candidate = body::with(body::candidate(), json!({"jobIds": [id]}));
    of_job(&company.refused("/candidates", &candidate, ErrorCode::ResourceNotFound).await);
    let patch = company.patch(&format!("/candidates/{candidate_id}")).json(&json!({"jobIds": [id]}));
    of_job(&patch.refused(ErrorCode::ResourceNotFound).await);
}
