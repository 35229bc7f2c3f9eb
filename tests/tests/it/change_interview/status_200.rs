use domain::interview::SCHEDULE_MAX_DAYS;
use serde_json::{Value, json};
use tests::{Company, TestServer, body};

use crate::cancel_interview::status_200::{scheduled, set_status};

/// The answer to a change of an interview.
async fn changed(company: &Company, interview: &Value, patch: &Value) -> Value {
    let path = format!("/interviews/{}", interview["id"].as_str().expect("an id"));
    company.patch(&path).json(patch).answered(200).await.body
}

#[tokio::test]
pub async fn an_interview_is_moved_and_due_then() {
    let server = TestServer::start().await;
    let (company, interview) = scheduled(&server).await;
    server.pass(std::time::Duration::from_secs(60));
    // As far as at creation.
    let time = server.after(chrono::TimeDelta::days(SCHEDULE_MAX_DAYS));
    let moved = changed(&company, &interview, &json!({"scheduleTime": time})).await;
    let mut expected = interview.clone();
    (expected["scheduledAt"], expected["updatedAt"]) = (json!(time), json!(server.now()));
    assert_eq!(moved, expected);
    let id = interview["id"].as_str().expect("an id");
    let item = server.item(&format!("INTERVIEW#{id}"), "INTERVIEW").await;
    assert_eq!(item["GSI2SK"]["S"], format!("{time}#{id}"));
    assert_eq!(company.allowance().await.reserved_seconds.0, 1_800);
}

#[tokio::test]
pub async fn metadata_is_merged_at_every_level_and_null_removes() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let metadata = json!({"a": {"b": {"c": 1, "d": 2}}, "e": [1, 2], "f": 1});
    let body = body::with(body::interview(), json!({"metadata": metadata}));
    let interview = company.created("/interviews", &body).await.body;
    let patch = json!({"metadata": {"a": {"b": {"c": null, "x": {"y": null, "z": 1}}}, "e": [3], "f": null}});
    let answer = changed(&company, &interview, &patch).await;
    assert_eq!(answer["metadata"], json!({"a": {"b": {"d": 2, "x": {"z": 1}}}, "e": [3]}));
    let answer = changed(&company, &interview, &json!({"metadata": null})).await;
    assert!(answer.get("metadata").is_none(), "{answer}");
}

#[tokio::test]
pub async fn metadata_changes_whatever_the_status() {
    let server = TestServer::start().await;
    let (company, interview) = scheduled(&server).await;
    for (number, status) in ["SCHEDULED", "IN_PROGRESS", "COMPLETED", "FAILED", "CANCELLED"].iter().enumerate() {
        if *status != "SCHEDULED" {
            set_status(&server, &interview, status).await;
        }
        let answer = changed(&company, &interview, &json!({"metadata": {"number": number}})).await;
        assert_eq!((&answer["metadata"], &answer["status"]), (&json!({"number": number}), &json!(status)));
    }
}

/// The mark is ours: it stays, and counts towards no limit.
#[tokio::test]
pub async fn the_mark_of_a_test_stays() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let keys: serde_json::Map<String, Value> = (0..50).map(|key| (format!("key{key}"), json!(key))).collect();
    let body = body::with(body::interview(), json!({"isTest": true, "metadata": keys}));
    let interview = company.created("/interviews", &body).await.body;
    for (patch, rest) in [
        (json!({"metadata": {"key0": null, "key50": 1}}), 51),
        (json!({"metadata": {"isTest": false, "key1": null}}), 50),
        (json!({"metadata": null}), 1),
    ] {
        let answer = changed(&company, &interview, &patch).await;
        assert_eq!(answer["metadata"]["isTest"], true, "{answer}");
        assert_eq!(answer["metadata"].as_object().expect("an object").len(), rest, "{answer}");
    }
}

#[tokio::test]
pub async fn a_patch_that_changes_nothing_is_answered_and_writes_nothing() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let body = body::with(body::interview(), json!({"metadata": {"a": 1.0}}));
    let interview = company.created("/interviews", &body).await.body;
    server.pass(std::time::Duration::from_secs(60));
    // The time that it was due at has passed, and is not sent.
    for patch in [json!({}), json!({"metadata": {"a": 1.0}}), json!({"metadata": {}})] {
        assert_eq!(changed(&company, &interview, &patch).await, interview);
    }
}
