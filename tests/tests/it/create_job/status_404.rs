use reqwest::Method;
use tests::api::ErrorCode;
use tests::{TestServer, body};

#[tokio::test]
pub async fn a_repeat_of_a_create_whose_job_was_deleted_is_not_found() {
    let company = TestServer::start().await.company().create().await;
    let create = || company.post("/jobs").idempotent("once").json(&body::job());
    let id = create().answered(201).await.id();
    company.request(Method::DELETE, &format!("/jobs/{id}")).answered(204).await;
    let repeat = create().refused(ErrorCode::ResourceNotFound).await;
    assert_eq!(repeat.body["resourceId"], id);
}
