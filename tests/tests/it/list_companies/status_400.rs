use std::time::Duration;

use tests::api::ErrorCode;
use tests::{TestServer, body};

#[tokio::test]
pub async fn a_cursor_of_another_system_s_list_is_refused() {
    let server = TestServer::start().await;
    let (system, other) = (server.system().await, server.system().await);
    let mut cursors = Vec::new();
    for caller in [&system, &other] {
        for _ in 0..2 {
            caller.post("/companies").json(&body::company()).answered(201).await;
            server.pass(Duration::from_secs(1));
        }
        cursors.push(caller.get("/companies?limit=1").answered(200).await.text_of("nextCursor").to_owned());
    }
    system.get(&format!("/companies?cursor={}", cursors[0])).answered(200).await;
    let answer = system.get(&format!("/companies?cursor={}", cursors[1])).refused(ErrorCode::ValidationFailed).await;
    assert_eq!(answer.issues(), [("?cursor".to_owned(), "cursor".to_owned())]);
}
