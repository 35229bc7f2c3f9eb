use serde_json::json;
use tests::{TestServer, body};

use crate::any_route::lists::ids;

#[tokio::test]
pub async fn the_list_is_narrowed_by_everything_that_an_interview_names_and_is() {
    let server = TestServer::start().await;
    server.set_clock("2026-11-22T10:00:00Z");
    let company = server.company().minutes(1_000).create().await;
    let agent = company.agent(&body::agent()).await;
    let (candidate, jobs) = company.candidate_with_jobs(2).await;
    let earlier = ids(&company.get("/interviews").answered(200).await);
    let interview = async |job: &str, members: serde_json::Value| {
        server.pass(std::time::Duration::from_secs(1));
        let named = json!({"candidateId": candidate, "agentId": agent, "jobId": job});
        company.created("/interviews", &body::with(named, members)).await.id()
    };
    let first = interview(&jobs[0], json!({"scheduleTime": "2026-11-23T10:00:00Z"})).await;
    let second = interview(&jobs[1], json!({"scheduleTime": "2026-11-24T10:00:00+01:00"})).await;
    let test = interview(&jobs[0], json!({"isTest": true})).await;
    let other = company.created("/interviews", &body::with(body::interview(), json!({"isTest": true}))).await;
    let mine = |query: &str| format!("agentId={agent}&{query}");
    for (query, expected) in [
        (mine(""), vec![&test, &second, &first]),
        (mine(&format!("candidateId={candidate}")), vec![&test, &second, &first]),
        (format!("candidateId={candidate}&agentId={}", other.text_of("agentId")), vec![]),
        (mine(&format!("jobId={}", jobs[0])), vec![&test, &first]),
        (mine(&format!("candidateId={candidate}&jobId={}", jobs[1])), vec![&second]),
        (mine("status=SCHEDULED"), vec![&second, &first]),
        (mine("status=COMPLETED"), vec![&test]),
        (mine("isTest=true"), vec![&test]),
        (mine("isTest=false"), vec![&second, &first]),
        // From is inclusive, to exclusive, with any offset.
        (mine("from=2026-11-23T10:00:00Z"), vec![&second, &first]),
        (mine("from=2026-11-23T10:00:00.001Z"), vec![&second]),
        (mine("from=2026-11-23T10:00:00Z&to=2026-11-24T09:00:00Z"), vec![&first]),
        (mine("from=2026-11-23T10:00:00Z&to=2026-11-24T10:00:00.001%2B01:00"), vec![&second, &first]),
    ] {
        let path = format!("/interviews?{}", query.trim_end_matches('&'));
        let page = company.get(&path).answered(200).await;
        assert_eq!(ids(&page).iter().collect::<Vec<_>>(), expected, "{query}");
    }
    let of_candidate = company.get(&format!("/interviews?candidateId={candidate}")).answered(200).await;
    assert_eq!(ids(&of_candidate)[..3], [test, second, first]);
    assert!(ids(&of_candidate)[3..].iter().all(|id| earlier.contains(id)));
}

/// An agent and a job that were deleted may still be named, by their own company.
#[tokio::test]
pub async fn what_is_left_of_a_deleted_agent_or_job_is_a_filter() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let stranger = server.company().create().await;
    let interview = json!({"candidate": body::candidate(), "agent": body::agent(), "job": body::job(), "isTest": true});
    let created = company.created("/interviews", &interview).await;
    for (name, partition, sort) in [("agentId", "AGENT", "AGENT"), ("jobId", "JOB", "JOB")] {
        let id = created.text_of(name);
        server.set_attributes(&format!("{partition}#{id}"), sort, &json!({"entityType": {"S": "Tombstone"}})).await;
        let path = format!("/interviews?{name}={id}");
        assert_eq!(ids(&company.get(&path).answered(200).await), [created.id()], "{name}");
        stranger.get(&path).refused(tests::api::ErrorCode::ResourceNotFound).await;
    }
}

/// The list of a candidate's interviews is narrowed to those for a job.
#[tokio::test]
pub async fn a_candidate_and_a_job_narrow_the_list_together() {
    let company = TestServer::start().await.company().create().await;
    let (candidate, jobs) = company.candidate_with_jobs(2).await;
    for job in &jobs {
        let page = company.get(&format!("/interviews?candidateId={candidate}&jobId={job}")).answered(200).await;
        let items = page.body["items"].as_array().expect("a list");
        assert_eq!((items.len(), items[0]["jobId"].as_str()), (1, Some(job.as_str())), "{page}");
    }
}
