//! Starting and handing over.

use std::time::Duration;

use serde_json::{Value, json};
use tests::{Company, TestServer, body};

use super::{Life, RESERVED, delete};

#[tokio::test]
async fn an_interview_without_a_time_starts_from_the_stream_and_is_handed_over_as_gets_show_it() {
    let life = Life::start().await;
    let number_id = life.company.phone_number().await;
    let agent = body::with(body::phone_agent(&number_id), json!({"questions": ["Why?"], "metadata": {"a": 1.50}}));
    let body = json!({"candidate": body::candidate(), "agent": agent, "job": body::job()});
    let created = life.company.created("/interviews", &body).await;
    let id = created.id();
    life.stream_handled(&id).await;

    let [start] = &life.starts().await[..] else { panic!("one message") };
    let shown = async |path: &str, name: &str| {
        let mut body = life.company.get(&format!("/{path}/{}", created.text_of(name))).answered(200).await.body;
        // It is counted when it is asked for.
        body.as_object_mut().expect("an object").remove("interviewCount");
        body
    };
    assert_eq!(start["agent"], shown("agents", "agentId").await);
    assert_eq!(start["candidate"], shown("candidates", "candidateId").await);
    assert_eq!(start["job"], shown("jobs", "jobId").await);
    assert_eq!(start["phoneNumber"]["id"], number_id);
    assert_eq!((&start["version"], &start["interviewId"]), (&json!(1), &json!(id)));
    assert_eq!((&start["companyId"], &start["scheduledAt"]), (&json!(life.company.id), &created.body["scheduledAt"]));
    // 30 minutes of the agent, 60 of grace, since the start.
    let interview = life.shown(&id).await;
    let started: domain::time::Timestamp = interview["startedAt"].as_str().expect("a time").parse().expect("a time");
    assert_eq!(start["deadline"], json!(started.saturating_add(Duration::from_secs(90 * 60))));
    assert_eq!(interview["status"], "IN_PROGRESS");
    assert_eq!(life.told(&id), ["interview.started"]);
    assert_eq!(life.books().await, (RESERVED, 0, 600 * 60 - RESERVED));
}

#[tokio::test]
async fn a_scheduled_interview_starts_at_its_time_and_not_a_millisecond_before() {
    let life = Life::start().await;
    let id = life.scheduled().await;
    life.pass(Duration::from_millis(60 * 60 * 1_000 - 1)).await;
    assert_eq!(life.shown(&id).await["status"], "SCHEDULED");
    life.pass(Duration::from_millis(1)).await;
    assert_eq!(life.shown(&id).await["status"], "IN_PROGRESS");
    assert_eq!((life.starts().await.len(), life.told(&id)), (1, vec!["interview.started"]));
    // Nobody starts it again.
    life.pass(Duration::from_secs(60)).await;
    assert_eq!((life.starts().await.len(), life.told(&id).len()), (1, 1));
}

#[tokio::test]
async fn a_backlog_is_worked_off_by_two_sweeps_at_once_and_each_interview_starts_once() {
    let life = Life::start().await;
    let company = life.server.company().minutes(100_000).create().await;
    let (candidate_id, agent_id) = (company.candidate().await, company.agent(&body::generic_agent()).await);
    let at = life.server.after(chrono::TimeDelta::minutes(5));
    let body = json!({"candidateId": candidate_id, "agentId": agent_id, "scheduleTime": at});
    let mut ids = Vec::new();
    for _ in 0..60 {
        ids.push(company.created("/interviews", &body).await.id());
    }
    life.server.pass(Duration::from_secs(60 * 60));
    let sweep = || life.server.functions().clone().sweep_interviews();
    tokio::join!(sweep(), sweep());
    life.settled().await;
    for id in &ids {
        let item = life.stored(id).await;
        assert_eq!((&item["status"]["S"], &item["version"]["N"]), (&json!("IN_PROGRESS"), &json!("2")), "{item}");
    }
    let mut handed: Vec<String> =
        life.starts().await.iter().map(|start| start["interviewId"].as_str().expect("an id").to_owned()).collect();
    // Each at least once: a batch whose hand-overs took too long comes again.
    handed.sort();
    handed.dedup();
    ids.sort();
    assert_eq!(handed, ids);
}

/// The last state of the interview's agent and job counts, though they are deleted.
#[tokio::test]
async fn an_interview_takes_place_as_its_deleted_agent_and_job_were() {
    let life = Life::start().await;
    let at = life.server.after(chrono::TimeDelta::hours(1));
    let body = json!({
        "candidate": body::candidate(), "agent": body::agent(), "job": body::job(), "scheduleTime": at,
    });
    let created = life.company.created("/interviews", &body).await;
    let agent_path = format!("/agents/{}", created.text_of("agentId"));
    life.company.patch(&agent_path).json(&json!({"name": "Renamed", "duration": 10})).answered(200).await;
    delete(&life.company, &agent_path).await;
    delete(&life.company, &format!("/jobs/{}", created.text_of("jobId"))).await;
    life.pass(Duration::from_secs(60 * 60)).await;
    let [start] = &life.starts().await[..] else { panic!("one message") };
    assert_eq!((&start["agent"]["name"], &start["agent"]["duration"]), (&json!("Renamed"), &json!(10)));
    assert_eq!(start["job"]["title"], body::job()["title"]);
    assert_eq!(start["candidate"]["jobIds"], json!([]), "the deleted job is no assignment");
    // The reservation stays, the deadline follows the agent as it is handed over.
    assert_eq!(life.books().await.0, RESERVED);
    let interview = life.shown(&created.id()).await;
    let started: domain::time::Timestamp = interview["startedAt"].as_str().expect("a time").parse().expect("a time");
    assert_eq!(start["deadline"], json!(started.saturating_add(Duration::from_secs(70 * 60))));
}

/// The candidate of an interview.
async fn candidate_of(company: &Company, id: &str) -> Value {
    company.get(&format!("/interviews/{id}")).answered(200).await.body["candidateId"].clone()
}

/// Deletes a candidate without anybody who erases what is left.
async fn bury(server: &TestServer, candidate_id: &str) {
    let candidate = server.store().erase_candidate(candidate_id.parse().expect("an id"), server.now()).await;
    candidate.expect("a deletion");
}

#[tokio::test]
async fn nobody_is_interviewed_whose_candidate_is_gone() {
    // No function that erases: its part is done here by who starts interviews.
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let at = server.after(chrono::TimeDelta::hours(1));
    let created = company.created("/interviews", &body::with(body::interview(), json!({"scheduleTime": at}))).await;
    let id = created.id();
    bury(&server, created.text_of("candidateId")).await;
    server.pass(Duration::from_secs(60 * 60));
    server.functions().clone().sweep_interviews().await;
    assert_eq!(company.get(&format!("/interviews/{id}")).answered(200).await.body["status"], "CANCELLED");
    assert_eq!(company.allowance().await.reserved_seconds.0, 0);
}

#[tokio::test]
async fn an_interview_whose_candidate_may_not_be_kept_any_longer_is_cancelled() {
    let life = Life::start().await;
    let candidate = body::with(body::candidate(), json!({"gdprExpiryDate": "2026-05-16"}));
    let at = "2026-05-17T00:00:00Z";
    let body = json!({"candidate": candidate, "agent": body::generic_agent(), "scheduleTime": at});
    let id = life.company.created("/interviews", &body).await.id();
    life.server.set_clock(at);
    life.sweep().await;
    assert_eq!(life.shown(&id).await["status"], "CANCELLED");
    assert_eq!((life.starts().await.len(), life.told(&id).len()), (0, 0));
    assert_eq!(life.books().await.0, 0);
}

/// Interviews that were reserved while the subscription was active take place.
#[tokio::test]
async fn a_suspended_company_s_interviews_take_place() {
    let life = Life::start().await;
    let id = life.scheduled().await;
    life.company.suspend().await;
    life.pass(Duration::from_secs(60 * 60)).await;
    assert_eq!(life.stored(&id).await["status"]["S"], "IN_PROGRESS");
    assert_eq!(life.starts().await.len(), 1);
}

#[tokio::test]
async fn an_interview_that_is_cancelled_before_its_time_or_put_off_does_not_start() {
    let life = Life::start().await;
    let (cancelled, put_off) = (life.scheduled().await, life.scheduled().await);
    life.company.post(&format!("/interviews/{cancelled}/cancel")).answered(200).await;
    let later = json!({"scheduleTime": life.server.after(chrono::TimeDelta::hours(2))});
    life.company.patch(&format!("/interviews/{put_off}")).json(&later).answered(200).await;
    life.pass(Duration::from_secs(60 * 60)).await;
    assert_eq!(life.shown(&cancelled).await["status"], "CANCELLED");
    assert_eq!(life.shown(&put_off).await["status"], "SCHEDULED");
    assert_eq!(life.starts().await.len(), 0);
    life.pass(Duration::from_secs(60 * 60)).await;
    assert_eq!(life.shown(&put_off).await["status"], "IN_PROGRESS");
    assert_eq!(candidate_of(&life.company, &put_off).await, life.starts().await[0]["candidate"]["id"]);
}

/// Nothing of a candidate leaves the table after the end of the time for which its data may be kept, also if the interview has
/// started before.
#[tokio::test]
async fn an_interview_whose_candidate_expires_after_its_start_is_not_handed_over() {
    let server = TestServer::start().await;
    let company = server.company().minutes(600).create().await;
    let at = "2026-05-16T23:59:59Z";
    let mut interviews = Vec::new();
    for last_day in ["2026-05-16", "2026-05-17"] {
        let candidate = body::with(body::candidate(), json!({"gdprExpiryDate": last_day}));
        let body = json!({"candidate": candidate, "agent": body::generic_agent(), "scheduleTime": at});
        interviews.push(company.created("/interviews", &body).await.id());
    }
    server.set_clock(at);
    server.functions().clone().sweep_interviews().await;
    server.set_clock("2026-05-17T00:00:00Z");
    // From here on the stream is read.
    let life = Life::of(server, company).await;
    life.settled().await;
    assert_eq!(life.stored(&interviews[0]).await["status"]["S"], "IN_PROGRESS");
    let handed: Vec<_> = life.starts().await.iter().map(|start| start["interviewId"].clone()).collect();
    assert_eq!(handed, [json!(interviews[1])]);
}
