//! A candidate is changed while interviews assign it to jobs.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::json;
use tests::{TestServer, body};

use crate::concurrency::all_at_once;

#[tokio::test(flavor = "multi_thread")]
async fn no_change_and_no_assignment_is_lost() {
    const OF_EACH: usize = 10;
    let company = TestServer::start().await.company().create().await;
    let (candidate_id, agent_id) = (company.candidate().await, company.agent(&body::agent()).await);
    let requests = (0..2 * OF_EACH).map(|number| {
        let (server, key) = (company.server().clone(), company.key.clone());
        let interview = json!({"candidateId": candidate_id, "agentId": agent_id, "job": body::job(), "isTest": true});
        let patch = json!({"metadata": {format!("writer{number}"): number}});
        let path = format!("/candidates/{candidate_id}");
        move || match number % 2 {
            0 => server.post("/interviews").key(&key).json(&interview),
            _ => server.request(Method::PATCH, &path).key(&key).json(&patch),
        }
    });
    let outcome = all_at_once(requests).await;
    let jobs: BTreeSet<_> = outcome.created().iter().map(|interview| interview.text_of("jobId").to_owned()).collect();
    assert_eq!(jobs.len(), OF_EACH, "{:?}", outcome.answers);
    let last = company.patch(&format!("/candidates/{candidate_id}")).json(&json!({})).answered(200).await;
    let assigned: BTreeSet<_> =
        last.body["jobIds"].as_array().into_iter().flatten().filter_map(|id| Some(id.as_str()?.to_owned())).collect();
    assert_eq!(assigned, jobs);
    assert_eq!(last.body["metadata"].as_object().map(serde_json::Map::len), Some(OF_EACH), "{last}");
}
