//! Merge patches, and the rules that their results keep.

use domain::agent::AgentProfile;
use domain::job::JobProfile;
use domain::json::Json;
use domain::metadata::Metadata;
use domain::webhook::{ChangedWebhook, Targets, WebhookUrl};
use jsonschema::Validator;
use serde_json::{Value, json};
use validation::{
    AgentShape, ChangedWebhookShape, JobShape, Patch, PatchError, Patched, WebhookShape, check_body, describe_patch,
};

use crate::documents::{Base, changed_webhook, webhook_shape};

fn agent() -> AgentProfile {
    check_body(&AgentShape, Base::Agent.with(&[]).as_bytes()).unwrap().command
}

fn job() -> JobProfile {
    let body: Value = Base::Inline.value();
    check_body(&JobShape, body["job"].to_string().as_bytes()).unwrap().command
}

fn patch(text: &str) -> Patch {
    Patch::parse(text.as_bytes()).unwrap()
}

/// Pointers and rules of what the result of a patch of an agent breaks.
fn broken(text: &str) -> Vec<(String, &'static str)> {
    match patch(text).apply(&AgentShape, &agent()) {
        Err(PatchError::Invalid(issues)) => issues.iter().map(|issue| (issue.pointer.clone(), issue.rule)).collect(),
        other => panic!("{text}: {other:?}"),
    }
}

/// A stored thing is accepted by the shape of creation, and so is a patch that repeats it.
#[test]
fn the_body_that_created_it_changes_nothing() {
    let body: Value = Base::Inline.value();
    let again = patch(&body["job"].to_string()).apply(&JobShape, &job()).unwrap();
    assert_eq!(again, Some(job()));
    assert_eq!(patch(&Base::Agent.with(&[])).apply(&AgentShape, &agent()).unwrap(), Some(agent()));
    assert_eq!(patch(r#"{"metadata": {"none": null}}"#).apply(&JobShape, &job()).unwrap(), Some(job()));
    assert_eq!(patch("{}").apply(&JobShape, &job()).unwrap(), None);
}

/// The cases of RFC 7396, Appendix A, that begin with an object and end with one.
#[test]
fn metadata_is_merged_as_the_standard_says() {
    for (target, change, result) in [
        (r#"{"a":"b"}"#, r#"{"a":"c"}"#, r#"{"a":"c"}"#),
        (r#"{"a":"b"}"#, r#"{"b":"c"}"#, r#"{"a":"b","b":"c"}"#),
        (r#"{"a":"b"}"#, r#"{"a":null}"#, "{}"),
        (r#"{"a":"b","b":"c"}"#, r#"{"a":null}"#, r#"{"b":"c"}"#),
        (r#"{"a":["b"]}"#, r#"{"a":"c"}"#, r#"{"a":"c"}"#),
        (r#"{"a":"c"}"#, r#"{"a":["b"]}"#, r#"{"a":["b"]}"#),
        (r#"{"a":{"b":"c"}}"#, r#"{"a":{"b":"d","c":null}}"#, r#"{"a":{"b":"d"}}"#),
        (r#"{"a":[{"b":"c"}]}"#, r#"{"a":[1]}"#, r#"{"a":[1]}"#),
        (r#"{"e":null}"#, r#"{"a":1}"#, r#"{"a":1,"e":null}"#),
        ("{}", r#"{"a":{"bb":{"ccc":null}}}"#, r#"{"a":{"bb":{}}}"#),
        // Digits stay as they were sent, and nulls within lists are values.
        (r#"{"a":1.50,"b":1}"#, r#"{"b":[null,2.0]}"#, r#"{"a":1.50,"b":[null,2.0]}"#),
    ] {
        let metadata = Metadata::from_json(&Json::parse(target.as_bytes()).unwrap()).unwrap();
        let stored = AgentProfile { metadata: Some(metadata), ..agent() };
        let changed = patch(&format!(r#"{{"metadata": {change}}}"#)).apply(&AgentShape, &stored).unwrap();
        let metadata = changed.unwrap().metadata.unwrap();
        assert_eq!(metadata.as_str(), result, "{target} {change}");
    }
}

#[test]
fn each_rule_holds_for_the_result() {
    let pairs = |expected: &[(&str, &'static str)]| -> Vec<(String, &'static str)> {
        expected.iter().map(|(pointer, rule)| ((*pointer).to_owned(), *rule)).collect()
    };
    for (text, expected) in [
        (r#"{"name": null}"#, &[("/name", "required")][..]),
        (r#"{"companyPhoneNumberId": null}"#, &[("/companyPhoneNumberId", "required")]),
        (r#"{"colour": null, "duration": 0}"#, &[("/duration", "minimum"), ("/colour", "unknown")]),
        (r#"{"name": "Anna", "name": "Anna"}"#, &[("/name", "duplicate")]),
        (r#"{"metadata": {"a": null, "a": null}}"#, &[("/metadata/a", "duplicate")]),
        (r#"{"metadata": 1}"#, &[("/metadata", "type")]),
        (r#"{"questions": {"0": "Why?"}}"#, &[("/questions", "type")]),
    ] {
        assert_eq!(broken(text), pairs(expected), "{text}");
    }
}

#[test]
fn ids_are_found_alone_and_in_lists_that_are_not_too_long() {
    let id = "3f2a8c1e-5b7d-4e9a-8c6f-1d2e3f4a5b6c";
    let ids = |text: &str| patch(text).ids::<domain::job::JobId>("jobIds", 2).len();
    assert_eq!(ids(&format!(r#"{{"jobIds": "{id}"}}"#)), 1);
    assert_eq!(ids(&format!(r#"{{"jobIds": ["{id}", 1]}}"#)), 1);
    assert_eq!(ids(&format!(r#"{{"jobIds": ["{id}", "{id}"]}}"#)), 2);
    assert_eq!(ids(&format!(r#"{{"jobIds": ["{id}", "{id}", "{id}"]}}"#)), 0);
    assert_eq!(ids(r#"{"jobId": 1, "jobIds": null}"#), 0);
}

/// A patch may say what a body of creation may say, all of it or a part, and remove what may be absent.
#[test]
fn the_schema_takes_parts_and_removals() {
    let mut schema = describe_patch(&AgentShape);
    schema["$id"] = json!(AgentShape::PATCH_NAME);
    let schema: Validator = jsonschema::draft202012::options().should_validate_formats(true).build(&schema).unwrap();
    let whole: Value = Base::Agent.value();
    assert!(schema.is_valid(&whole) && schema.is_valid(&json!({})));
    for (name, value) in whole.as_object().unwrap() {
        assert!(schema.is_valid(&json!({ name: value })), "{name}");
        let is_removable =
            patch(&json!({"type": "ONLINE", name: null}).to_string()).apply(&AgentShape, &agent()).is_ok();
        assert_eq!(schema.is_valid(&json!({ name: null })), is_removable, "{name}");
    }
    assert!(!schema.is_valid(&json!({"colour": null})));
    let many: serde_json::Map<_, _> = (0..51).map(|number| (number.to_string(), Value::Null)).collect();
    assert!(schema.is_valid(&json!({"metadata": many})));
}

/// A webhook with every field is stored without its headers, whose values are sealed.
#[test]
fn null_removes_each_field_of_a_webhook_that_may_be_absent() {
    let stored = ChangedWebhook { is_active: false, ..changed_webhook(&Base::Change.with(&[])) };
    let shape = ChangedWebhookShape(webhook_shape(Targets::Public));
    let apply = |text: &str| patch(text).apply(&shape, &stored);
    assert_eq!(apply("{}").unwrap(), None);
    assert_eq!(apply(r#"{"isActive": false}"#).unwrap(), Some((stored.clone(), Vec::new())));
    for (text, expected) in [
        (r#"{"name": null}"#, ChangedWebhook { name: None, ..stored.clone() }),
        (r#"{"description": null}"#, ChangedWebhook { description: None, ..stored.clone() }),
        (r#"{"companyId": null}"#, ChangedWebhook { company_id: None, ..stored.clone() }),
        (r#"{"isActive": null}"#, ChangedWebhook { is_active: true, ..stored.clone() }),
        (r#"{"headers": null}"#, stored.clone()),
    ] {
        assert_eq!(apply(text).unwrap(), Some((expected, Vec::new())), "{text}");
    }
    match apply(r#"{"url": null, "events": null, "headers": [{"name": "Host", "value": null}], "colour": null}"#) {
        Err(PatchError::Invalid(issues)) => {
            let issues: Vec<_> = issues.iter().map(|issue| (issue.pointer.as_str(), issue.rule)).collect();
            let headers = [("/headers/0/name", "reserved"), ("/headers/0/value", "required")];
            let expected = [[("/url", "required"), ("/events", "required")], headers].concat();
            assert_eq!(issues, [expected, vec![("/colour", "unknown")]].concat());
        }
        other => panic!("{other:?}"),
    }
}

/// The deployment's rules of today are asked of an address that a patch names, not of one that is stored.
#[test]
fn a_stored_address_is_taken_as_it_is() {
    let loopback = ChangedWebhookShape(webhook_shape(Targets::PublicAndLoopback));
    for url in ["https://example.com:25/", "http://localhost:3000/", "https://example.com:1/"] {
        let url = WebhookUrl::parse(url, Targets::PublicAndLoopback).unwrap();
        let stored = ChangedWebhook { url, ..changed_webhook(&Base::Change.with(&[])) };
        let kept = ChangedWebhookShape(WebhookShape::of_stored_address());
        let (changed, _) = patch(r#"{"name": "Other"}"#).apply(&kept, &stored).unwrap().unwrap();
        assert_eq!(changed.url, stored.url);
        let public = ChangedWebhookShape(webhook_shape(Targets::Public));
        let named = patch(&json!({"url": stored.url}).to_string());
        assert!(matches!(named.apply(&public, &stored), Err(PatchError::Invalid(_))), "{:?}", stored.url);
        let is_local = stored.url.as_str().starts_with("http://");
        assert_eq!(named.apply(&loopback, &stored).is_ok(), is_local, "{:?}", stored.url);
    }
}
