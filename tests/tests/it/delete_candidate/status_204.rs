use reqwest::Method;
use serde_json::{Value, json};
use tests::api::ErrorCode;
use tests::{TestServer, body};

use crate::concurrency::{all_at_once, watched};

/// Also before anything else of it is erased.
#[tokio::test]
pub async fn what_a_candidate_s_item_holds_is_gone_at_once() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let id = company.candidate_of(&body::with(body::candidate(), json!({"metadata": {"note": "tall"}}))).await;
    company.request(Method::DELETE, &format!("/candidates/{id}")).answered(204).await;
    let item = server.item(&format!("CANDIDATE#{id}"), "CANDIDATE").await;
    let text = item.to_string();
    for word in ["Zuzana", "zuzana", "Nováková", "novakova", "example.com", "421901234567", "tall", "2030"] {
        assert!(!text.contains(word), "{word}: {item}");
    }
    assert_eq!((&item["entityType"]["S"], &item["erasure"]["S"]), (&json!("Tombstone"), &json!("RUNNING")));
}

#[tokio::test]
pub async fn a_deleted_candidate_can_t_be_named_any_more() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let (id, job_ids) = company.candidate_with_jobs(1).await;
    let agent_id = company.agent(&body::agent()).await;
    let interview = json!({"candidateId": id, "agentId": agent_id, "jobId": job_ids[0]});
    let path = format!("/candidates/{id}");
    company.request(Method::DELETE, &path).answered(204).await;
    let requests = [
        company.request(Method::DELETE, &path),
        company.patch(&path).json(&json!({"status": "REJECTED"})),
        company.post("/interviews").json(&interview),
    ];
    for request in requests {
        let refused = request.refused(ErrorCode::ResourceNotFound).await;
        assert_eq!((&refused.body["resourceType"], &refused.body["resourceId"]), (&json!("CANDIDATE"), &json!(id)));
    }
}

/// Creates of interviews for a candidate, while it is deleted: each is refused, or belongs to what is erased.
#[tokio::test]
pub async fn no_interview_is_created_for_a_candidate_after_it_was_deleted() {
    for _ in 0..5 {
        let server = TestServer::start().await;
        let company = server.company().create().await;
        let (id, agent_id) = (company.candidate().await, company.agent(&body::generic_agent()).await);
        let interview = json!({"candidateId": id, "agentId": agent_id});
        let requests = (0..16).map(|caller| {
            let (company, id, interview) = (company.clone(), id.clone(), interview.clone());
            move || match caller {
                5 => company.request(Method::DELETE, &format!("/candidates/{id}")),
                _ => company.post("/interviews").json(&interview),
            }
        });
        let outcome = watched(&company, all_at_once(requests)).await;
        let created = outcome.created().len();
        assert!(outcome.answers.iter().all(|answer| matches!(answer.status, 201 | 204 | 404)), "{:?}", outcome.answers);
        let items = server.all_items().await;
        let of_candidate = |item: &&Value| item["GSI3PK"]["S"] == format!("CANDIDATE#{id}");
        // One interview made the candidate.
        assert_eq!(items.iter().filter(of_candidate).count(), created + 1);
        let refused = company.post("/interviews").json(&interview).refused(ErrorCode::ResourceNotFound).await;
        assert_eq!(refused.body["resourceId"], json!(id));
    }
}

/// The write is the system's own, whose answer was lost.
#[tokio::test]
pub async fn a_lost_answer_is_no_failure() {
    use tests::faults::{Fault, FaultScript, Operation};
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let id = company.candidate().await;
    server.faults().follow(FaultScript::script([(Operation::UpdateItem, Fault::AnswerLost)]));
    company.request(Method::DELETE, &format!("/candidates/{id}")).answered(204).await;
}
