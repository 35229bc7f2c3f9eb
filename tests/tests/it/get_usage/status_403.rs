use reqwest::Method;
use serde_json::json;
use tests::TestServer;
use tests::api::ErrorCode;

/// A company that the system does not manage, and one that does not exist, are refused alike.
#[tokio::test]
pub async fn a_system_is_told_of_no_company_that_it_does_not_manage() {
    let server = TestServer::start().await;
    let ats = server.ats().await;
    server.company().managed_by(ats).create().await;
    let (_, key) = server.ats_key(ats).create().await;
    let unmanaged = server.company().create().await.id.uuid();
    let of_another = server.company().managed_by(server.ats().await).create().await.id.uuid();
    for id in [unmanaged, of_another, server.id(), ats.uuid()] {
        let request = server.request(Method::GET, &format!("/billing/usage?companyId={id}&start=x")).key(&key);
        let answer = request.refused(ErrorCode::ResourceAccessDenied).await;
        assert_eq!((&answer.body["resourceType"], &answer.body["resourceId"]), (&json!("COMPANY"), &json!(id)));
    }
}
