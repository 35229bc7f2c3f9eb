use serde_json::{Value, json};
use tests::TestServer;

fn ids(page: &Value) -> Vec<String> {
    let deliveries = page["items"].as_array().expect("a list");
    deliveries.iter().map(|delivery| delivery["id"].as_str().expect("an id").to_owned()).collect()
}

#[tokio::test]
pub async fn deliveries_come_in_pages_newest_first() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let webhook = server.webhook_of(&company.key).await;
    server.delivery_to(&server.webhook_of(&company.key).await).await;
    let mut newest_first = Vec::new();
    for _ in 0..23 {
        newest_first.insert(0, server.delivery_to(&webhook).await);
        server.pass(std::time::Duration::from_secs(1));
    }
    let path = format!("/webhooks/{webhook}/deliveries");
    let first = company.get(&path).answered(200).await;
    assert_eq!(ids(&first.body), newest_first[..20]);
    let next = first.text_of("nextCursor");
    let last = company.get(&format!("{path}?cursor={next}")).answered(200).await;
    assert_eq!(ids(&last.body), newest_first[20..]);
    assert_eq!(last.body.get("nextCursor"), None);

    let one = company.get(&format!("{path}?limit=1&cursor={next}")).answered(200).await;
    assert_eq!(ids(&one.body), newest_first[20..21]);
    let all = company.get(&format!("{path}?limit=100")).answered(200).await;
    assert_eq!(ids(&all.body), newest_first);
}

#[tokio::test]
pub async fn a_webhook_without_deliveries_has_an_empty_page() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let page =
        company.get(&format!("/webhooks/{}/deliveries", server.webhook_of(&company.key).await)).answered(200).await;
    assert_eq!(page.body, json!({"items": []}));
}
