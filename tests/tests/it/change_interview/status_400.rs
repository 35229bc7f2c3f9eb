use domain::interview::SCHEDULE_MAX_DAYS;
use serde_json::{Value, json};
use tests::api::ErrorCode;
use tests::{TestServer, body};

use crate::cancel_interview::status_200::scheduled;

#[tokio::test]
pub async fn the_result_breaks_no_rule_of_creation() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let keys: serde_json::Map<String, Value> = (0..49).map(|key| (format!("key{key}"), json!(key))).collect();
    let body = body::with(body::interview(), json!({"metadata": keys}));
    let interview = company.created("/interviews", &body).await;
    let path = format!("/interviews/{}", interview.id());
    let beyond = server.after(chrono::TimeDelta::days(SCHEDULE_MAX_DAYS) + chrono::TimeDelta::milliseconds(1));
    for (patch, pointer, rule) in [
        (json!({"scheduleTime": null}), "/scheduleTime", "required"),
        (json!({"scheduleTime": server.now()}), "/scheduleTime", "future"),
        (json!({"scheduleTime": beyond}), "/scheduleTime", "maxDaysAhead"),
        (json!({"scheduleTime": "tomorrow"}), "/scheduleTime", "dateTime"),
        (json!({"metadata": {"x": 1, "y": 2}}), "/metadata", "maxKeys"),
        (json!({"metadata": {"x": "x".repeat(10_240)}}), "/metadata", "maxBytes"),
        (
            json!({"metadata": {"key0": null, "key1": null, "key2": null, "key3": null, "x": {"x": {"x": {"x": {"x": {}}}}}}}),
            "/metadata",
            "maxNesting",
        ),
        (json!({"metadata": []}), "/metadata", "type"),
        (json!({"status": "CANCELLED"}), "/status", "unknown"),
        (json!({"scheduledAt": server.now()}), "/scheduledAt", "unknown"),
    ] {
        let answer = company.patch(&path).json(&patch).refused(ErrorCode::ValidationFailed).await;
        assert_eq!(answer.issues(), [(pointer.to_owned(), rule.to_owned())], "{patch}");
    }
    // One key more still is within the limit.
    company.patch(&path).json(&json!({"metadata": {"x": 1}})).answered(200).await;
}

#[tokio::test]
pub async fn all_broken_rules_are_named_at_once() {
    let server = TestServer::start().await;
    let (company, interview) = scheduled(&server).await;
    let path = format!("/interviews/{}", interview["id"].as_str().expect("an id"));
    let patch = json!({"scheduleTime": null, "metadata": 1, "isTest": true});
    let answer = company.patch(&path).json(&patch).refused(ErrorCode::ValidationFailed).await;
    let pointers: Vec<_> = answer.issues().into_iter().map(|(pointer, _)| pointer).collect();
    assert_eq!(pointers, ["/scheduleTime", "/metadata", "/isTest"]);
}
