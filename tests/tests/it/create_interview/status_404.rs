use serde_json::json;
use tests::api::ErrorCode;
use tests::{TestServer, body};

// Unknown ids in every field are in `isolation`.

#[tokio::test]
pub async fn what_was_deleted_is_not_found() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let agent_id = company.agent(&body::generic_agent()).await;
    let sent = json!({"candidate": body::candidate(), "agentId": agent_id});
    company.created("/interviews", &sent).await;
    server.delete_item(&format!("AGENT#{agent_id}"), "AGENT").await;
    let answer = company.refused("/interviews", &sent, ErrorCode::ResourceNotFound).await;
    assert_eq!(answer.body["resourceType"], "AGENT");
    assert_eq!(answer.body["resourceId"], json!(agent_id));
}
