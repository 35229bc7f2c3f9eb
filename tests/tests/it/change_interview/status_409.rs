use serde_json::json;
use tests::TestServer;
use tests::api::ErrorCode;

use crate::cancel_interview::status_200::{scheduled, set_status};

#[tokio::test]
pub async fn an_interview_that_is_not_to_come_any_more_is_not_moved() {
    let server = TestServer::start().await;
    let time = server.after(chrono::TimeDelta::days(1));
    for status in ["IN_PROGRESS", "COMPLETED", "FAILED", "CANCELLED"] {
        let (company, interview) = scheduled(&server).await;
        set_status(&server, &interview, status).await;
        let path = format!("/interviews/{}", interview["id"].as_str().expect("an id"));
        let patch = json!({"scheduleTime": time, "metadata": {"a": 1}});
        let refused = company.patch(&path).json(&patch).refused(ErrorCode::InvalidState).await;
        assert_eq!(refused.body["resourceStatus"], status);
        let item = server.item(&format!("INTERVIEW#{}", interview["id"].as_str().expect("an id")), "INTERVIEW").await;
        assert!(item.get("metadata").is_none(), "half of the change: {item}");
    }
}
