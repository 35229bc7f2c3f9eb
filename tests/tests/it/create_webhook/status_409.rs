use reqwest::Method;
use tests::api::ErrorCode;
use tests::{TestServer, body};

use crate::concurrency::all_at_once;

#[tokio::test]
pub async fn an_owner_has_at_most_50_webhooks_company_and_system_apart() {
    let server = TestServer::start().await;
    let ats = server.ats().await;
    let company = server.company().managed_by(ats).create().await;
    let (_, ats_key) = server.ats_key(ats).create().await;
    for key in [&company.key, &ats_key] {
        let create = |number: u32| {
            server.post("/webhooks").key(key).json(&body::webhook()).idempotent(&format!("number-{number}"))
        };
        let mut ids = Vec::new();
        for number in 0..50 {
            ids.push(create(number).answered(201).await.id());
        }
        let answer = create(50).refused(ErrorCode::LimitReached).await;
        assert_eq!(answer.body["limit"], 50);
        // A repeat creates nothing, and is answered.
        assert!(create(0).answered(201).await.replayed());
        server.request(Method::DELETE, &format!("/webhooks/{}", ids[7])).key(key).answered(204).await;
        create(50).answered(201).await;
        create(51).refused(ErrorCode::LimitReached).await;
    }
}

#[tokio::test]
pub async fn of_many_at_once_exactly_50_are_created() {
    let company = TestServer::start().await.company().create().await;
    let requests = (0..70).map(|_| {
        let company = company.clone();
        move || company.post("/webhooks").json(&body::webhook())
    });
    let outcome = all_at_once(requests).await;
    assert_eq!(outcome.created().len(), 50);
    assert_eq!(outcome.refused(ErrorCode::LimitReached).len(), 20);
    let listed = company.get("/webhooks?limit=100").answered(200).await;
    assert_eq!(listed.body["items"].as_array().map(Vec::len), Some(50));
}
