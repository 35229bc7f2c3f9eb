use serde_json::json;
use tests::TestServer;

use crate::any_route::edge::{NO_QUERIES, assert_refused};

#[tokio::test]
pub async fn a_query_that_no_request_line_can_have_is_refused_on_any_path() {
    let server = TestServer::start().await;
    for query in NO_QUERIES {
        let answer = server.post("/nothing").send_event(|event| event["rawQueryString"] = json!(query)).await;
        assert_refused(&answer, "?", "query");
    }
}
