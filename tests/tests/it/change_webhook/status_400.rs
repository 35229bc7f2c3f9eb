use serde_json::json;
use tests::api::ErrorCode;
use tests::{TestServer, body};

#[tokio::test]
pub async fn all_that_the_result_breaks_is_named_at_once() {
    let company = TestServer::start().await.company().create().await;
    let path = format!("/webhooks/{}", company.created("/webhooks", &body::webhook()).await.id());
    let patch = json!({
        "isActive": "no", "url": null, "events": [], "headers": [{"name": "Host", "value": "x"}], "secret": null,
    });
    let answer = company.patch(&path).json(&patch).refused(ErrorCode::ValidationFailed).await;
    let expected = [
        ("/url", "required"),
        ("/events", "minItems"),
        ("/headers/0/name", "reserved"),
        ("/isActive", "type"),
        ("/secret", "unknown"),
    ];
    assert_eq!(answer.issues(), expected.map(|(pointer, rule)| (pointer.to_owned(), rule.to_owned())));
    for required in ["url", "events"] {
        let answer = company.patch(&path).json(&json!({required: null})).refused(ErrorCode::ValidationFailed).await;
        assert_eq!(answer.issues(), [(format!("/{required}"), "required".to_owned())]);
    }
}
