use serde_json::json;
use tests::api::ErrorCode;
use tests::{TestServer, body};

#[tokio::test]
pub async fn the_result_keeps_every_rule_of_creation() {
    let system = TestServer::start().await.system().await;
    let path = format!("/companies/{}", system.post("/companies").json(&body::company()).answered(201).await.id());
    for (patch, expected) in [
        (json!({"name": null}), vec![("/name", "required")]),
        (json!({"name": "a", "description": ""}), vec![("/description", "minLength"), ("/name", "minLength")]),
        (json!({"plan": "SCALE", "subscription": null}), vec![("/plan", "unknown"), ("/subscription", "unknown")]),
        (json!({"metadata": []}), vec![("/metadata", "type")]),
    ] {
        let mut issues = system.patch(&path).json(&patch).refused(ErrorCode::ValidationFailed).await.issues();
        issues.sort();
        let expected: Vec<_> =
            expected.into_iter().map(|(pointer, rule)| (pointer.to_owned(), rule.to_owned())).collect();
        assert_eq!(issues, expected, "{patch}");
    }
}
