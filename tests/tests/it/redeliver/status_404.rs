use serde_json::json;
use tests::TestServer;
use tests::api::ErrorCode;

/// An unknown delivery, and one of another webhook, also of the same owner, are not found.
#[tokio::test]
pub async fn a_delivery_of_another_webhook_is_not_found() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let webhook = server.webhook_of(&company.key).await;
    let of_another = server.delivery_to(&server.webhook_of(&company.key).await).await;
    let of_somebody_else = server.delivery_to(&server.webhook_of(&server.company().create().await.key).await).await;
    for unknown in [server.id().to_string(), of_another, of_somebody_else, webhook.clone()] {
        let path = format!("/webhooks/{webhook}/deliveries/{unknown}/redeliver");
        let answer = company.post(&path).refused(ErrorCode::ResourceNotFound).await;
        assert_eq!((&answer.body["resourceType"], &answer.body["resourceId"]), (&json!("DELIVERY"), &json!(unknown)));
    }
}
