use tests::api::ErrorCode;
use tests::{TestServer, body};

#[tokio::test]
pub async fn an_interview_that_has_not_taken_place_has_no_transcript() {
    let company = TestServer::start().await.company().minutes(60).create().await;
    let id = company.created("/interviews", &body::interview()).await.id();
    let answer = company.get(&format!("/interviews/{id}/transcript")).refused(ErrorCode::ResourceNotFound).await;
    assert_eq!((answer.text_of("resourceType"), answer.text_of("resourceId")), ("TRANSCRIPT", id.as_str()));
}
