use serde_json::json;
use tests::api::ErrorCode;
use tests::{TestServer, body};

#[tokio::test]
pub async fn each_limit_holds_at_its_edge_and_not_beyond() {
    let system = TestServer::start().await.system().await;
    let large = |bytes: usize| json!({"a": "x".repeat(bytes - r#"{"a":""}"#.len())});
    for (edge, beyond, issue) in [
        (json!({"name": "ab"}), json!({"name": "a"}), ("/name", "minLength")),
        (json!({"name": "é".repeat(100)}), json!({"name": "é".repeat(101)}), ("/name", "maxLength")),
        (json!({"description": "a"}), json!({"description": ""}), ("/description", "minLength")),
        (
            json!({"description": "a".repeat(1_000)}),
            json!({"description": "a".repeat(1_001)}),
            ("/description", "maxLength"),
        ),
        (json!({"metadata": large(10_240)}), json!({"metadata": large(10_241)}), ("/metadata", "maxBytes")),
    ] {
        system.post("/companies").json(&body::with(body::company(), edge)).answered(201).await;
        let request = system.post("/companies").json(&body::with(body::company(), beyond));
        let issues = request.refused(ErrorCode::ValidationFailed).await.issues();
        assert_eq!(issues, [(issue.0.to_owned(), issue.1.to_owned())]);
    }
}

/// A system does not set what the operator decides.
#[tokio::test]
pub async fn plan_and_subscription_are_no_fields() {
    let system = TestServer::start().await.system().await;
    let wishes = json!({"plan": "ENTERPRISE", "subscription": "ACTIVE", "atsId": "x", "limits": {}});
    let request = system.post("/companies").json(&body::with(json!({}), wishes));
    let mut issues = request.refused(ErrorCode::ValidationFailed).await.issues();
    issues.sort();
    let expected = [
        ("/atsId", "unknown"),
        ("/limits", "unknown"),
        ("/name", "required"),
        ("/plan", "unknown"),
        ("/subscription", "unknown"),
    ];
    assert_eq!(issues, expected.map(|(pointer, rule)| (pointer.to_owned(), rule.to_owned())));
}
