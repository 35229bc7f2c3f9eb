use reqwest::Method;
use serde_json::json;
use tests::api::ErrorCode;
use tests::{TestServer, body};

/// A repeat of the request that created it outranks what else has changed: its number was removed as well.
#[tokio::test]
pub async fn its_idempotency_key_stays_taken() {
    let company = TestServer::start().await.company().create().await;
    let number = company.phone_number().await;
    let agent = body::phone_agent(&number);
    let create = |body: &serde_json::Value| company.post("/agents").idempotent("once").json(body);
    let id = create(&agent).answered(201).await.id();
    company.request(Method::DELETE, &format!("/agents/{id}")).answered(204).await;
    let other = body::with(agent.clone(), json!({"duration": 31}));
    for is_number_there in [true, false] {
        if !is_number_there {
            let (store, now) = (company.server().store(), company.server().now());
            store.remove_phone_number(number.parse().expect("an id"), now).await.expect("a removal");
        }
        let repeat = create(&agent).refused(ErrorCode::ResourceNotFound).await;
        assert_eq!((&repeat.body["resourceType"], &repeat.body["resourceId"]), (&json!("AGENT"), &json!(id)));
        create(&other).refused(ErrorCode::IdempotencyKeyReused).await;
    }
}
