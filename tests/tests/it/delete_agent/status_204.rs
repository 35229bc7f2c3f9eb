use reqwest::Method;
use serde_json::json;
use tests::{TestServer, body};

/// Those that are scheduled take place as configured when the agent was deleted, which its item still tells.
#[tokio::test]
pub async fn interviews_stay_as_they_are_and_the_item_keeps_the_configuration() {
    let company = TestServer::start().await.company().create().await;
    let server = company.server();
    let agent_id = company.agent(&body::generic_agent()).await;
    let interview = json!({"candidate": body::candidate(), "agentId": agent_id});
    let interview_id = company.created("/interviews", &interview).await.id();
    let before = server.item(&format!("INTERVIEW#{interview_id}"), "INTERVIEW").await;
    let agent = server.item(&format!("AGENT#{agent_id}"), "AGENT").await;
    let reserved = company.allowance().await.reserved_seconds;

    company.request(Method::DELETE, &format!("/agents/{agent_id}")).answered(204).await;
    assert_eq!(server.item(&format!("INTERVIEW#{interview_id}"), "INTERVIEW").await, before);
    assert_eq!(company.allowance().await.reserved_seconds, reserved);
    let deleted = server.item(&format!("AGENT#{agent_id}"), "AGENT").await;
    for member in ["name", "type", "focus", "language", "duration", "companyId", "entityType"] {
        assert_eq!(deleted[member], agent[member], "{member}");
    }
    assert_eq!(deleted["deletedAt"]["S"], json!(server.now()));
    assert!(deleted.as_object().expect("an item").keys().all(|name| !name.starts_with("GSI")), "{deleted}");
}
