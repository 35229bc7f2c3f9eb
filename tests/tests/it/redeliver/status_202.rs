use local::sqs::QueueName;
use serde_json::json;
use tests::TestServer;

#[tokio::test]
pub async fn a_delivery_that_was_given_up_is_ordered_again() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let webhook = server.webhook_of(&company.key).await;
    let delivery = server.delivery_to(&webhook).await;
    let path = format!("/webhooks/{webhook}/deliveries");
    let given_up = company.get(&path).answered(200).await.body["items"][0].clone();
    assert_eq!((&given_up["status"], given_up.get("nextAttemptAt")), (&json!("FAILED"), None));

    server.pass(std::time::Duration::from_secs(60));
    let ordered = company.post(&format!("{path}/{delivery}/redeliver")).answered(202).await;
    let now = json!(server.now());
    let expected = tests::body::with(given_up, json!({"status": "PENDING", "nextAttemptAt": now, "updatedAt": now}));
    assert_eq!(ordered.body, expected);
    assert_eq!(company.get(&path).answered(200).await.body["items"], json!([expected]));
    assert_eq!(server.queues().counts(QueueName::Deliveries).await.expect("counts").visible, 1);
}
