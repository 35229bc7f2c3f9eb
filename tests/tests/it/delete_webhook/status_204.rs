use reqwest::Method;
use tests::TestServer;
use tests::api::ErrorCode;

#[tokio::test]
pub async fn a_deleted_webhook_is_gone_and_others_stay() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let (kept, deleted) = (server.webhook_of(&company.key).await, server.webhook_of(&company.key).await);
    let delivery = server.delivery_to(&deleted).await;
    let path = format!("/webhooks/{deleted}");
    let answer = company.request(Method::DELETE, &path).answered(204).await;
    assert!(answer.text.is_empty());
    for (method, below) in [
        (Method::GET, String::new()),
        (Method::DELETE, String::new()),
        (Method::POST, "/test".to_owned()),
        (Method::GET, "/deliveries".to_owned()),
        (Method::POST, format!("/deliveries/{delivery}/redeliver")),
    ] {
        company.request(method, &format!("{path}{below}")).refused(ErrorCode::ResourceNotFound).await;
    }
    company.get(&format!("/webhooks/{kept}")).answered(200).await;
}

#[tokio::test]
pub async fn nothing_of_a_deleted_webhook_is_kept_but_that_it_was() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let id = server.webhook_of(&company.key).await;
    company.request(Method::DELETE, &format!("/webhooks/{id}")).answered(204).await;
    let items = server.all_items().await;
    let left: Vec<_> = items.iter().filter(|item| item["PK"]["S"] == format!("WEBHOOK#{id}")).collect();
    assert!(left.iter().all(|item| item["entityType"]["S"] == "Tombstone"), "{left:?}");
    let item = format!("{left:?}");
    assert!(!item.contains("127.0.0.1") && !item.contains("sealed"), "{item}");
}
