use std::time::Duration;

use serde_json::{Value, json};
use tests::{TestServer, body};

/// An agent with every field, of that telephone number.
fn full(number: &str) -> Value {
    let members = json!({
        "questions": ["Why?"], "instructions": "Be kind.", "voiceId": "EMMA", "backgroundSound": "OFF", "cefrLevel": "B2",
        "metadata": {"team": "north", "cost": {"center": 1.50, "of": null}, "gone": 1},
    });
    body::with(body::phone_agent(number), members)
}

#[tokio::test]
pub async fn what_a_patch_names_is_set_or_removed_and_all_else_stays() {
    let company = TestServer::start().await.company().create().await;
    let created = company.created("/agents", &full(&company.phone_number().await)).await;
    let path = format!("/agents/{}", created.id());
    company.server().pass(Duration::from_secs(1));
    let patch = json!({
        "name": "Another name", "questions": ["When?", "How?"], "instructions": null, "backgroundSound": null,
        "metadata": {"gone": null, "cost": {"center": 2, "unit": "EUR"}, "never": {"there": null}},
    });
    let changed = company.patch(&path).json(&patch).answered(200).await;
    let mut expected = created.body.clone();
    for (member, value) in [
        ("name", json!("Another name")),
        ("questions", json!(["When?", "How?"])),
        ("backgroundSound", json!("OFFICE")),
        ("metadata", json!({"team": "north", "cost": {"center": 2, "of": null, "unit": "EUR"}, "never": {}})),
        ("updatedAt", json!(company.server().now())),
    ] {
        expected[member] = value;
    }
    expected.as_object_mut().expect("an agent").remove("instructions");
    assert_eq!(changed.body, expected);
    assert_eq!(company.patch(&path).json(&json!({})).answered(200).await.body, expected, "as it is stored");
}

#[tokio::test]
pub async fn a_patch_that_changes_nothing_writes_nothing() {
    let company = TestServer::start().await.company().create().await;
    let created = company.created("/agents", &full(&company.phone_number().await)).await;
    let path = format!("/agents/{}", created.id());
    company.server().pass(Duration::from_secs(1));
    let before = company.server().item(&format!("AGENT#{}", created.id()), "AGENT").await;
    for patch in [json!({}), json!({"voiceId": "EMMA"}), json!({"metadata": {}}), json!({"metadata": {"none": null}})] {
        let answer = company.patch(&path).json(&patch).answered(200).await;
        assert_eq!(answer.body, created.body, "{patch}");
    }
    assert_eq!(company.server().item(&format!("AGENT#{}", created.id()), "AGENT").await, before);
}

#[tokio::test]
pub async fn numbers_of_metadata_keep_their_digits() {
    let company = TestServer::start().await.company().create().await;
    let body = r#"{"name": "Talent pool", "type": "ONLINE", "focus": "GENERIC", "language": "EN", "duration": 15,
        "metadata": {"a": 1.50, "b": 12345678901234567890.0}}"#;
    let id = company.post("/agents").text(body).answered(201).await.id();
    let patch = company.patch(&format!("/agents/{id}")).text(r#"{"metadata": {"c": 1e2, "a": 2.00}}"#);
    let text = patch.answered(200).await.text;
    assert!(text.contains(r#""metadata":{"a":2.00,"b":12345678901234567890.0,"c":1e2}"#), "{text}");
}

#[tokio::test]
pub async fn a_patch_may_be_declared_as_one() {
    let company = TestServer::start().await.company().create().await;
    let id = company.agent(&body::agent()).await;
    for declared in ["application/merge-patch+json", "Application/Merge-Patch+JSON; charset=utf-8"] {
        let request = company.patch(&format!("/agents/{id}")).header("content-type", declared);
        request.bytes(r#"{"duration": 45}"#).answered(200).await;
    }
}

#[tokio::test]
pub async fn an_interview_that_is_scheduled_keeps_its_reservation() {
    let company = TestServer::start().await.company().create().await;
    let agent_id = company.agent(&body::generic_agent()).await;
    let interview = json!({"candidate": body::candidate(), "agentId": agent_id});
    let interview = company.created("/interviews", &interview).await.id();
    let before = company.server().item(&format!("INTERVIEW#{interview}"), "INTERVIEW").await;
    company.patch(&format!("/agents/{agent_id}")).json(&json!({"duration": 90})).answered(200).await;
    assert_eq!(company.server().item(&format!("INTERVIEW#{interview}"), "INTERVIEW").await, before);
}
