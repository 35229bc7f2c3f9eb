use serde_json::json;
use tests::api::ErrorCode;
use tests::{TestServer, body};

#[tokio::test]
pub async fn an_unknown_phone_number_is_not_found() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let other_kind = company.agent(&body::agent()).await;
    for unknown in [server.id().to_string(), other_kind] {
        let answer = company.refused("/agents", &body::phone_agent(&unknown), ErrorCode::ResourceNotFound).await;
        assert_eq!(answer.body["resourceType"], "PHONE_NUMBER");
        assert_eq!(answer.body["resourceId"], json!(unknown));
    }
}
