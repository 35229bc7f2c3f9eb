//! Results and creates at once, and the cost of a whole life.

use std::time::Duration;

use serde_json::{Value, json};
use tests::{TestServer, WebhookReceiver, body};
use tokio::task::JoinSet;

use super::{Life, RESERVED, analysis, completed, record};

/// The most write units of a whole life: created, started, delivered, recorded, analysed.
const LIFE_WRITE_UNITS_MAX: f64 = 30.0;
const INTERVIEWS: i64 = 200;

#[tokio::test]
async fn two_hundred_results_and_as_many_creates_at_once_leave_exact_books() {
    let server = TestServer::start().await;
    let company = server.company().minutes(100_000).create().await;
    let (candidate_id, agent_id) = (company.candidate().await, company.agent(&body::generic_agent()).await);
    let body = json!({"candidateId": candidate_id, "agentId": agent_id});
    let mut ids = Vec::new();
    for _ in 0..INTERVIEWS {
        ids.push(company.created("/interviews", &body).await.id());
    }
    server.functions().clone().sweep_interviews().await;
    let mut all = JoinSet::new();
    for (number, id) in (1_i32..).zip(&ids) {
        let (server, result) = (server.clone(), completed(id, f64::from(number) - 0.5));
        all.spawn(async move {
            // What had no time left comes back, as the queue has it.
            while record(&server, std::slice::from_ref(&result)).await > 0 {}
            0
        });
        let (company, body) = (company.clone(), body.clone());
        all.spawn(async move { i64::from(company.post("/interviews").json(&body).send().await.status == 201) });
    }
    let created: i64 = all.join_all().await.into_iter().sum();
    assert!(created > 0);
    let allowance = company.allowance().await;
    let used: i64 = (1..=INTERVIEWS).sum();
    assert_eq!((allowance.reserved_seconds.0, allowance.used_seconds.0), (created * RESERVED, used));
    assert_eq!(allowance.remaining_seconds.0, 100_000 * 60 - created * RESERVED - used);
    assert_eq!(super::usage(&server).await, (INTERVIEWS, used));
}

#[tokio::test]
async fn a_whole_life_costs_at_most_thirty_write_units() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let (candidate_id, jobs) = company.candidate_with_jobs(1).await;
    let agent_id = company.agent(&body::agent()).await;
    let endpoint = WebhookReceiver::start();
    let webhook = json!({"url": endpoint.url(), "events": ["interview.completed"]});
    company.created("/webhooks", &webhook).await;
    let life = Life::of(server, company).await;
    let before = life.server.log().len();
    let body = json!({"candidateId": candidate_id, "agentId": agent_id, "jobId": jobs[0]});
    let id = life.company.created("/interviews", &body).await.id();
    while life.stored(&id).await["status"]["S"] == "SCHEDULED" {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    record(&life.server, &[completed(&id, 60.0)]).await;
    record(&life.server, &[analysis(&id)]).await;
    let units = |line: &String| {
        let line: Value = serde_json::from_str(line).expect("JSON");
        let of_life = ["create-interview", "start-interviews", "record-result"].contains(&line["function"].as_str()?);
        of_life.then(|| line["dynamodb"]["writeUnits"].as_f64()).flatten()
    };
    let cost: f64 = life.server.log()[before..].iter().filter_map(units).sum();
    assert!(cost > 10.0, "the log was read: {cost}");
    assert!(cost <= LIFE_WRITE_UNITS_MAX, "{cost} write units");
}
