use tests::TestServer;
use tests::api::ErrorCode;

#[tokio::test]
pub async fn a_company_s_key_lists_no_companies() {
    let server = TestServer::start().await;
    let managed = server.company().managed_by(server.ats().await).create().await;
    for query in ["".to_owned(), format!("?companyId={}", managed.id), "?limit=0".to_owned()] {
        managed.get(&format!("/companies{query}")).refused(ErrorCode::InsufficientPermissions).await;
    }
}
