use serde_json::json;
use tests::api::ErrorCode;
use tests::{TestServer, body};

#[tokio::test]
pub async fn a_foreign_phone_number_is_denied_and_nothing_of_it_told() {
    let server = TestServer::start().await;
    let ats = server.ats().await;
    let company = server.company().managed_by(ats).create().await;
    let sibling = server.company().managed_by(ats).create().await;
    let (_, ats_key) = server.ats_key(ats).create().await;
    let foreign = sibling.phone_number().await;
    for body in [body::phone_agent(&foreign), body::with(body::agent(), json!({"companyPhoneNumberId": foreign}))] {
        let by_ats = server.post(&format!("/agents?companyId={}", company.id)).key(&ats_key);
        for request in [company.post("/agents"), by_ats] {
            let answer = request.json(&body).refused(ErrorCode::ResourceAccessDenied).await;
            assert_eq!(answer.body["resourceType"], "PHONE_NUMBER");
            assert_eq!(answer.body["resourceId"], json!(foreign));
            assert_eq!(answer.body.as_object().map(serde_json::Map::len), Some(8), "{answer}");
        }
    }
}
