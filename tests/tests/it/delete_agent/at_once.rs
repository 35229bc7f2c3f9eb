//! An agent is deleted while interviews are created with it.

use reqwest::Method;
use serde_json::json;
use tests::api::ErrorCode;
use tests::{TestServer, body};

use crate::concurrency::all_at_once;

#[tokio::test(flavor = "multi_thread")]
async fn each_interview_is_created_before_or_refused() {
    const INTERVIEWS: usize = 12;
    let company = TestServer::start().await.company().create().await;
    let agent_id = company.agent(&body::generic_agent()).await;
    let requests = (0..=INTERVIEWS).map(|number| {
        let (server, key, agent_id) = (company.server().clone(), company.key.clone(), agent_id.clone());
        move || match number {
            0 => server.request(Method::DELETE, &format!("/agents/{agent_id}")).key(&key),
            _ => {
                let interview = json!({"candidate": body::candidate(), "agentId": agent_id, "isTest": true});
                server.post("/interviews").key(&key).json(&interview)
            }
        }
    });
    let outcome = all_at_once(requests).await;
    let created = outcome.created().len();
    let refused = outcome.refused(ErrorCode::ResourceNotFound).len();
    let deleted = outcome.answers.iter().filter(|answer| answer.status == 204).count();
    assert_eq!((created + refused, deleted), (INTERVIEWS, 1), "{:?}", outcome.answers);
    let version = |item: &serde_json::Value| item["version"]["N"].as_str().map(str::to_owned);
    let agent = company.server().item(&format!("AGENT#{agent_id}"), "AGENT").await;
    assert_eq!(version(&agent).as_deref(), Some("2"), "deleted once, and written by nothing else");
    let interview = json!({"candidate": body::candidate(), "agentId": agent_id});
    company.refused("/interviews", &interview, ErrorCode::ResourceNotFound).await;
}
