use serde_json::json;
use tests::faults::Operation;
use tests::{TestServer, body};

#[tokio::test]
pub async fn it_is_shown_as_it_was_sent() {
    let company = TestServer::start().await.company().create().await;
    let candidate =
        body::with(body::candidate(), json!({"phoneNumber": "+421901234567", "metadata": {"source": "fair"}}));
    let id = company.candidate_of(&candidate).await;
    let shown = company.get(&format!("/candidates/{id}")).answered(200).await;
    for (name, value) in candidate.as_object().expect("an object") {
        assert_eq!(&shown.body[name], value, "{name}");
    }
    assert_eq!(shown.body["jobIds"], json!([]));
    assert_eq!((shown.text_of("status"), &shown.body["interviewCount"]), ("APPLIED", &json!(1)));
}

/// All interviews count, tests too, and none of another candidate. Their number is no part of the version.
#[tokio::test]
pub async fn interviews_are_counted_and_are_no_part_of_the_version() {
    let server = TestServer::start().await;
    let company = server.company().minutes(60).create().await;
    let (id, _) = company.candidate_with_jobs(1).await;
    company.candidate_with_jobs(1).await;
    let path = format!("/candidates/{id}");
    let before = company.get(&path).answered(200).await;
    let agent = company.agent(&body::agent()).await;
    let interview = json!({"candidateId": id, "agentId": agent});
    company.created("/interviews", &interview).await;
    let test = body::with(interview, json!({"isTest": true}));
    let deleted = company.created("/interviews", &test).await.id();
    let after = company.get(&path).answered(200).await;
    let count = before.body["interviewCount"].as_u64().expect("a number");
    assert_eq!(after.body["interviewCount"], count + 2);
    assert_eq!(before.header("etag"), after.header("etag"));
    server.delete_item(&format!("INTERVIEW#{deleted}"), "INTERVIEW").await;
    assert_eq!(company.get(&path).answered(200).await.body["interviewCount"], count + 1);
}

/// A deleted job is left out, which makes another version of the candidate.
#[tokio::test]
pub async fn a_deleted_job_is_left_out() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let (id, jobs) = company.candidate_with_jobs(3).await;
    let path = format!("/candidates/{id}");
    let before = company.get(&path).answered(200).await;
    assert_eq!(before.body["jobIds"], json!(jobs));
    server.delete_item(&format!("JOB#{}", jobs[1]), "JOB").await;
    let after = company.get(&path).answered(200).await;
    assert_eq!(after.body["jobIds"], json!([jobs[0], jobs[2]]));
    assert_ne!(before.header("etag"), after.header("etag"));
    let listed = company.get("/candidates").answered(200).await;
    assert_eq!(listed.body["items"][0]["jobIds"], json!([jobs[0], jobs[2]]));
    assert_eq!(listed.body["items"][0].get("interviewCount"), None);
}

/// The entries of so many interviews are more than a megabyte, and come in several pages of the index.
#[tokio::test]
pub async fn interviews_are_counted_beyond_a_page_of_the_index() {
    const INTERVIEWS: usize = 10_000;
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let interview = company.created("/interviews", &body::interview()).await;
    let candidate = format!("/candidates/{}", interview.text_of("candidateId"));
    let item = server.item(&format!("INTERVIEW#{}", interview.id()), "INTERVIEW").await;
    let numbered = |number: usize| {
        let id = format!("0a000000-0000-4000-8000-{number:012}");
        let listed_at = format!("2026-01-01T00:00:00.000Z#{id}");
        let keys = json!({"PK": {"S": format!("INTERVIEW#{id}")}, "id": {"S": id}, "GSI1SK": {"S": listed_at}});
        body::with(item.clone(), keys)
    };
    server.without_audit();
    server.put_items(&(1..INTERVIEWS).map(numbered).collect::<Vec<_>>()).await;
    server.faults().take_requests();
    assert_eq!(company.get(&candidate).answered(200).await.body["interviewCount"], INTERVIEWS);
    let counts = server.faults().take_requests().into_iter().filter(|request| *request == Operation::Query).count();
    assert!(counts > 1, "all are on one page");
}
