use serde_json::json;
use tests::TestServer;
use tests::api::ErrorCode;

#[tokio::test]
pub async fn a_system_s_webhook_is_not_confined_to_a_company_that_it_does_not_manage() {
    let server = TestServer::start().await;
    let (ats, other_ats) = (server.ats().await, server.ats().await);
    let (_, key) = server.ats_key(ats).create().await;
    let foreign = server.company().managed_by(other_ats).create().await;
    let path = format!("/webhooks/{}", server.webhook_of(&key).await);
    for id in [foreign.id.uuid(), server.id()] {
        let request = server.request(reqwest::Method::PATCH, &path).key(&key).json(&json!({"companyId": id}));
        let answer = request.refused(ErrorCode::ResourceAccessDenied).await;
        assert_eq!((&answer.body["resourceType"], &answer.body["resourceId"]), (&json!("COMPANY"), &json!(id)));
    }
}

#[tokio::test]
pub async fn a_company_s_webhook_is_of_no_other_company() {
    let server = TestServer::start().await;
    let (company, other) = (server.company().create().await, server.company().create().await);
    let path = format!("/webhooks/{}", company.created("/webhooks", &tests::body::webhook()).await.id());
    for id in [other.id.uuid(), server.id()] {
        let request = company.patch(&path).json(&json!({"companyId": id}));
        let answer = request.refused(ErrorCode::ResourceAccessDenied).await;
        assert_eq!((&answer.body["resourceType"], &answer.body["resourceId"]), (&json!("COMPANY"), &json!(id)));
    }
}
