use reqwest::Method;
use tests::TestServer;
use tests::api::ErrorCode;

#[tokio::test]
pub async fn a_system_says_which_of_its_companies() {
    let server = TestServer::start().await;
    let (ats, company) = (server.ats().await, server.company().create().await);
    let (_, ats_key) = server.ats_key(ats).create().await;
    let get = |query: &str| server.request(Method::GET, &format!("/company{query}")).key(&ats_key);
    get("").refused(ErrorCode::CompanyIdRequired).await;
    get("?companyId=1").refused(ErrorCode::ValidationFailed).await;
    get(&format!("?companyId={}", company.id)).refused(ErrorCode::ResourceAccessDenied).await;
}
