use serde_json::json;
use tests::{TestServer, body};

#[tokio::test]
pub async fn jobs_are_replaced_removed_or_left_as_they_are() {
    let company = TestServer::start().await.company().create().await;
    let (id, job_ids) = company.candidate_with_jobs(2).await;
    let (path, other) = (format!("/candidates/{id}"), company.job().await);
    for (patch, expected) in [
        (json!({"status": "IN_PROCESS"}), json!(job_ids)),
        (json!({"jobIds": [other, job_ids[1], other]}), json!([other, job_ids[1]])),
        (json!({"jobIds": null}), json!([])),
        (json!({"jobIds": [job_ids[0]]}), json!([job_ids[0]])),
        (json!({"jobIds": []}), json!([])),
    ] {
        let answer = company.patch(&path).json(&patch).answered(200).await;
        assert_eq!((&answer.body["jobIds"], &answer.body["status"]), (&expected, &json!("IN_PROCESS")), "{patch}");
    }
}

#[tokio::test]
pub async fn a_candidate_that_was_stored_without_a_status_has_applied() {
    let company = TestServer::start().await.company().create().await;
    let id = company.candidate().await;
    company.server().remove_attribute(&format!("CANDIDATE#{id}"), "CANDIDATE", "status").await;
    let path = format!("/candidates/{id}");
    assert_eq!(company.patch(&path).json(&json!({})).answered(200).await.body["status"], "APPLIED");
    let accepted = company.patch(&path).json(&json!({"status": "ACCEPTED"})).answered(200).await;
    assert_eq!(accepted.body["status"], "ACCEPTED");
    assert_eq!(company.patch(&path).json(&json!({"status": null})).answered(200).await.body["status"], "APPLIED");
}

/// A candidate may have more jobs than one request can name. A change that says nothing of them leaves them.
#[tokio::test]
pub async fn more_than_fifty_jobs_stay() {
    let company = TestServer::start().await.company().create().await;
    let id = company.candidate().await;
    let mut jobs = Vec::new();
    for _ in 0..51 {
        jobs.push(company.created("/jobs", &body::job()).await.id());
    }
    let stored: Vec<_> = jobs.iter().map(|id| json!({"S": id})).collect();
    let attributes = json!({"jobIds": {"L": stored}});
    company.server().set_attributes(&format!("CANDIDATE#{id}"), "CANDIDATE", &attributes).await;
    let answer = company.patch(&format!("/candidates/{id}")).json(&json!({"firstName": "Eva"})).answered(200).await;
    assert_eq!(answer.body["jobIds"], json!(jobs));
}
