use serde_json::json;
use tests::{TestServer, body};

/// The answer is the one to its creation, under the same version.
#[tokio::test]
pub async fn it_is_shown_as_it_was_created() {
    let company = TestServer::start().await.company().minutes(60).create().await;
    for is_test in [false, true] {
        let interview = body::with(body::interview(), json!({"isTest": is_test, "metadata": {"round": 1}}));
        let created = company.created("/interviews", &interview).await;
        let shown = company.get(&format!("/interviews/{}", created.id())).answered(200).await;
        assert_eq!((&shown.text, shown.header("etag")), (&created.text, created.header("etag")));
        assert_eq!(shown.body.get("analysis").is_some(), is_test, "{shown}");
    }
}
