use serde_json::json;
use tests::TestServer;
use tests::api::ErrorCode;

use super::status_200::{path, scheduled, set_status};

#[tokio::test]
pub async fn an_interview_that_has_ended_can_t_be_cancelled() {
    let server = TestServer::start().await;
    for status in ["COMPLETED", "FAILED"] {
        let (company, interview) = scheduled(&server).await;
        set_status(&server, &interview, status).await;
        let allowance = company.allowance().await;
        let refused = company.post(&path(&interview)).refused(ErrorCode::InvalidState).await;
        assert_eq!(refused.body["resourceStatus"], json!(status));
        assert_eq!(company.allowance().await, allowance);
    }
}

#[tokio::test]
pub async fn a_test_interview_is_over_and_can_t_be_cancelled() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let id = company.test_interview().await;
    let refused = company.post(&format!("/interviews/{id}/cancel")).refused(ErrorCode::InvalidState).await;
    assert_eq!(refused.body["resourceStatus"], "COMPLETED");
}
