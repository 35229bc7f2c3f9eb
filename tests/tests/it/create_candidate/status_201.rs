use serde_json::json;
use tests::{TestServer, body};

#[tokio::test]
pub async fn every_field_is_answered_as_it_was_sent() {
    let company = TestServer::start().await.company().create().await;
    let (first, second) = (company.job().await, company.job().await);
    let sent = body::with(
        body::candidate(),
        json!({"jobIds": [second, first.to_uppercase(), second], "status": "ACCEPTED", "metadata": {"source": "fair"}}),
    );
    let answer = company.created("/candidates", &sent).await;
    let id = answer.id();
    assert_eq!(answer.header("location"), Some(format!("/candidates/{id}").as_str()));
    let now = company.server().now();
    let besides = json!({
        "id": id, "companyId": company.id, "createdAt": now, "updatedAt": now,
        "jobIds": [second, first],
    });
    assert_eq!(answer.body, body::with(sent, besides));
}

#[tokio::test]
pub async fn a_candidate_has_applied_for_the_talent_pool_by_itself() {
    let company = TestServer::start().await.company().create().await;
    let answer = company.created("/candidates", &body::candidate()).await;
    assert_eq!((&answer.body["status"], &answer.body["jobIds"]), (&json!("APPLIED"), &json!([])));
    let interview = json!({"candidateId": answer.id(), "agent": body::generic_agent()});
    company.created("/interviews", &interview).await;
}

#[tokio::test]
pub async fn one_job_may_be_named_by_itself() {
    let company = TestServer::start().await.company().create().await;
    let job = company.job().await;
    let answer = company.created("/candidates", &body::with(body::candidate(), json!({"jobId": job}))).await;
    assert_eq!(answer.body["jobIds"], json!([job]));
    let interview = json!({"candidateId": answer.id(), "agent": body::agent()});
    assert_eq!(company.created("/interviews", &interview).await.text_of("jobId"), job);
}

#[tokio::test]
pub async fn fifty_jobs_can_be_named() {
    let company = TestServer::start().await.company().create().await;
    let mut jobs = Vec::new();
    for _ in 0..50 {
        jobs.push(company.created("/jobs", &body::job()).await.id());
    }
    let answer = company.created("/candidates", &body::with(body::candidate(), json!({"jobIds": jobs}))).await;
    assert_eq!(answer.body["jobIds"], json!(jobs));
}
