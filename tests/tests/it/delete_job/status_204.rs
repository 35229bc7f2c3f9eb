use reqwest::Method;
use serde_json::json;
use tests::api::ErrorCode;
use tests::{Company, TestServer, body};

async fn delete(company: &Company, id: &str) {
    company.request(Method::DELETE, &format!("/jobs/{id}")).answered(204).await;
}

#[tokio::test]
pub async fn interviews_stay_and_the_candidate_is_shown_without_the_job() {
    let company = TestServer::start().await.company().create().await;
    let (candidate_id, job_ids) = company.candidate_with_jobs(3).await;
    let agent_id = company.agent(&body::agent()).await;
    let interview = json!({"candidateId": candidate_id, "agentId": agent_id, "jobId": job_ids[1]});
    let interview_id = company.created("/interviews", &interview).await.id();
    let before = company.server().item(&format!("INTERVIEW#{interview_id}"), "INTERVIEW").await;
    delete(&company, &job_ids[1]).await;
    assert_eq!(company.server().item(&format!("INTERVIEW#{interview_id}"), "INTERVIEW").await, before);
    let shown = company.patch(&format!("/candidates/{candidate_id}")).json(&json!({})).answered(200).await;
    assert_eq!(shown.body["jobIds"], json!([job_ids[0], job_ids[2]]));
}

#[tokio::test]
pub async fn an_interview_chooses_among_the_jobs_that_are_left() {
    let company = TestServer::start().await.company().create().await;
    let (candidate_id, job_ids) = company.candidate_with_jobs(3).await;
    let agent_id = company.agent(&body::agent()).await;
    let interview = json!({"candidateId": candidate_id, "agentId": agent_id});
    delete(&company, &job_ids[0]).await;
    let answer = company.refused("/interviews", &interview, ErrorCode::JobSelectionRequired).await;
    assert_eq!(answer.body["jobIds"], json!([job_ids[1], job_ids[2]]));
    delete(&company, &job_ids[2]).await;
    assert_eq!(company.created("/interviews", &interview).await.text_of("jobId"), job_ids[1]);
    delete(&company, &job_ids[1]).await;
    company.refused("/interviews", &interview, ErrorCode::JobRequired).await;
    let generic = json!({"candidateId": candidate_id, "agent": body::generic_agent()});
    company.created("/interviews", &generic).await;
}

/// The only job of a candidate is not read beforehand: the transaction finds that it was deleted.
#[tokio::test]
pub async fn a_candidate_whose_only_job_is_deleted_has_none() {
    let company = TestServer::start().await.company().create().await;
    let (candidate_id, job_ids) = company.candidate_with_jobs(1).await;
    let agent_id = company.agent(&body::agent()).await;
    let interview = json!({"candidateId": candidate_id, "agentId": agent_id});
    assert_eq!(company.created("/interviews", &interview).await.text_of("jobId"), job_ids[0]);
    let generic = json!({"candidateId": candidate_id, "agent": body::generic_agent()});
    company.refused("/interviews", &generic, ErrorCode::GenericAgentNeedsUnassignedCandidate).await;
    delete(&company, &job_ids[0]).await;
    company.refused("/interviews", &interview, ErrorCode::JobRequired).await;
    company.created("/interviews", &generic).await;
}
