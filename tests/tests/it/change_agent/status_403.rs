use serde_json::json;
use tests::api::ErrorCode;
use tests::{TestServer, body};

#[tokio::test]
pub async fn a_foreign_number_is_denied_whatever_else_is_wrong() {
    let server = TestServer::start().await;
    let (company, other) = (server.company().create().await, server.company().create().await);
    let (id, foreign) = (company.agent(&body::agent()).await, other.phone_number().await);
    for patch in [json!({"companyPhoneNumberId": foreign}), json!({"companyPhoneNumberId": foreign, "duration": 0})] {
        let answer = company.patch(&format!("/agents/{id}")).json(&patch);
        let answer = answer.refused(ErrorCode::ResourceAccessDenied).await;
        assert_eq!(answer.body["resourceType"], "PHONE_NUMBER");
        assert_eq!(answer.body["resourceId"], foreign);
    }
}
