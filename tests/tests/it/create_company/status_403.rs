use serde_json::json;
use tests::api::ErrorCode;
use tests::{TestServer, body};

/// A company's key creates no company, also not that of a company which a system manages; no scope would help it. It learns
/// nothing of what is wrong with its request besides.
#[tokio::test]
pub async fn a_company_s_key_is_refused_before_its_body_is_read() {
    let server = TestServer::start().await;
    let (ats, other) = (server.ats().await, server.company().create().await);
    let managed = server.company().managed_by(ats).create().await;
    for company in [&managed, &other] {
        for request in [
            company.post("/companies").json(&body::company()).idempotent("k"),
            company.post(&format!("/companies?companyId={}", managed.id)).json(&body::company()),
            company.post("/companies?surplus=1").text("{"),
        ] {
            let answer = request.refused(ErrorCode::InsufficientPermissions).await;
            assert_eq!(answer.body["missingScopes"], json!([]));
            assert_eq!(answer.log["companyId"], json!(company.id));
        }
    }
}
