use serde_json::json;
use tests::api::ErrorCode;
use tests::{TestServer, body};

/// The result keeps every rule of creation, and so the number that the agent has must exist still.
#[tokio::test]
pub async fn a_number_that_was_removed_is_not_found_until_the_agent_has_another() {
    let company = TestServer::start().await.company().create().await;
    let (removed, other) = (company.phone_number().await, company.phone_number().await);
    let id = company.agent(&body::phone_agent(&removed)).await;
    let (store, now) = (company.server().store(), company.server().now());
    store.remove_phone_number(removed.parse().expect("an id"), now).await.expect("a removal");
    let path = format!("/agents/{id}");
    let answer = company.patch(&path).json(&json!({"name": "A name"})).refused(ErrorCode::ResourceNotFound).await;
    assert_eq!(answer.body["resourceId"], removed);
    let patch = json!({"name": "A name", "companyPhoneNumberId": other});
    company.patch(&path).json(&patch).answered(200).await;
}
