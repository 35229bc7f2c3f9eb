//! The schemas of the messages to and from those who conduct interviews, and the readers of these messages: they agree.

use jsonschema::Validator;
use serde_json::{Value, json};
use validation::{BodyError, Issue, check_result};

/// The rules of results that a schema can't say, and where: nothing else may differ. (Bytes of content and names that are
/// given twice can't be said either, and do not occur here.)
const UNSAYABLE: [(&str, &str); 2] = [("/endedAt", "minimum"), ("/endSeconds", "minimum")];

fn is_unsayable(issue: &Issue) -> bool {
    UNSAYABLE.iter().any(|(place, rule)| issue.pointer.ends_with(place) && issue.rule == *rule)
}

fn schema(name: &str) -> Value {
    let files = openapi::files().unwrap();
    let file = files.iter().find(|file| file.path.ends_with(name)).unwrap();
    serde_json::from_str(&file.text).unwrap()
}

fn validator(schema: &Value) -> Validator {
    jsonschema::draft202012::options().should_validate_formats(true).build(schema).unwrap()
}

/// A message of each kind, with every member.
fn results() -> [Value; 4] {
    let id = "2f6b8c74-ae30-4d9c-9b5f-407e8d9cafb2";
    let call = json!({
        "id": "5a8e6f0c-1d2b-4c3a-9e4f-7b6a5d4c3b2a", "direction": "OUTBOUND", "status": "FAILED",
        "reasonCode": "NO_ANSWER", "notes": "None.", "retryNumber": 1, "recordingUrl": "https://example.com/1",
        "duration": 3, "scheduledAt": "2026-11-22T12:00:00Z", "calledAt": "2026-11-22T12:00:00.5+01:00",
    });
    let segment = |speaker: &str| json!({"speaker": speaker, "text": "Why?", "startSeconds": 1, "endSeconds": 2});
    [
        json!({
            "version": 1, "interviewId": id, "event": "completed", "startedAt": "2026-11-22T12:00:00Z",
            "endedAt": "2026-11-22T12:10:00Z", "durationSeconds": 600.5,
            "transcript": [segment("AGENT"), segment("CANDIDATE")], "callAttempts": [call],
        }),
        json!({"version": 1, "interviewId": id, "event": "failed", "reason": "NO_ANSWER", "callAttempts": [call]}),
        json!({"version": 1, "interviewId": id, "event": "analysis.completed", "analysis": {
            "general": {
                "overallRating": 70, "companyFitRating": "MEDIUM", "education": "A degree.", "experience": "Years.",
                "strongPoints": ["Clear."], "weakPoints": ["Late."], "evaluation": ["Well."], "status": "COMPLETED",
            },
            "specific": {
                "kind": "SCREENING",
                "conversationCheck": {"candidateInterest": true, "conversationCompleted": true},
                "scores": {"communication": 1, "motivation": 2, "experience": 3, "language": 4},
                "recommendation": "CONSIDER", "strongPoints": ["Clear."], "weakPoints": ["Late."],
            },
        }}),
        json!({"version": 1, "interviewId": id, "event": "analysis.failed", "reason": "Too short."}),
    ]
}

/// The pointers of everything in a message.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(name, member)| places(member, &format!("{at}/{name}"), found))
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| places(item, &format!("{at}/{index}"), found))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Values that some member accepts, values at limits and beyond, and values that none accepts.
fn values() -> Vec<Value> {
    let texts = [200, 201, 500, 501, 2_000, 2_001, 10_000, 10_001].map(|length| json!("x".repeat(length)));
    let lists = [10, 11, 50, 51, 100, 101].map(|length| json!(vec!["x"; length]));
    let numbers = ["-1", "0", "1", "1.0", "1.5", "2", "100", "101", "86400", "86400.5", "86401", "1e400", "-0.0"];
    let others = json!([
        null, true, "", " ", "a\nb", "\u{0}", "completed", "failed", "analysis.completed", "analysis.failed", "COMPLETED", "AGENT",
        "2026-11-22T12:00:00Z", "2026-11-22", "2026-02-30T12:00:00Z", "2f6b8c74-ae30-4d9c-9b5f-407e8d9cafb2", "2F6B8C74AE304D9C9B5F407E8D9CAFB2",
        "https://example.com", "ftp://example.com", [], {}, [[]], [null], {"x": 1},
    ]);
    let numbers = numbers.into_iter().filter_map(|number| serde_json::from_str(number).ok());
    texts.into_iter().chain(lists).chain(numbers).chain(others.as_array().unwrap().clone()).collect()
}

/// Every message that differs from this one in one place: another value, nothing, or one more member.
fn neighbours(message: &Value) -> Vec<Value> {
    let mut pointers = Vec::new();
    places(message, "", &mut pointers);
    let mut found = Vec::new();
    for pointer in &pointers {
        for value in values() {
            let mut changed = message.clone();
            *changed.pointer_mut(pointer).unwrap() = value;
            found.push(changed);
        }
        let mut extended = message.clone();
        if let Some(members) = extended.pointer_mut(pointer).unwrap().as_object_mut() {
            members.insert("colour".to_owned(), json!("red"));
            found.push(extended);
        }
        if let Some((parent, name)) = pointer.rsplit_once('/') {
            let mut reduced = message.clone();
            match reduced.pointer_mut(parent).unwrap() {
                Value::Object(members) => drop(members.remove(name)),
                Value::Array(items) => drop(items.remove(name.parse().unwrap())),
                other => panic!("{other}"),
            }
            found.push(reduced);
        }
    }
    found
}

#[test]
fn the_files_are_current_and_schemas() {
    for openapi::Written { path, text } in openapi::files().unwrap() {
        let name = path.file_name().unwrap().display().to_string();
        assert!(
            std::fs::read_to_string(&path).unwrap_or_default() == text,
            "{name} is stale: run `cargo run --bin openapi`"
        );
        if name.ends_with(".json") {
            assert!(jsonschema::draft202012::meta::is_valid(&schema(&name)), "{name}");
            let targets: Vec<_> = text.match_indices("\"$ref\": \"").map(|(at, _)| &text[at..]).collect();
            assert!(targets.iter().all(|target| target.starts_with("\"$ref\": \"#/$defs/")), "{name}");
        }
    }
}

/// The reader of results accepts what the schema accepts, and refuses what it refuses, but for what a schema can't say.
#[test]
fn the_reader_and_the_schema_of_results_agree() {
    let schema = validator(&schema("conductor-result.schema.json"));
    for message in results() {
        assert!(schema.is_valid(&message) && check_result(message.to_string().as_bytes()).is_ok(), "{message}");
        let mut refused = 0;
        for changed in neighbours(&message) {
            let valid = schema.is_valid(&changed);
            match check_result(changed.to_string().as_bytes()) {
                Ok(_) => assert!(valid, "only the schema refuses {changed}"),
                Err(BodyError::Malformed { .. }) => assert!(!valid, "only the schema accepts {changed}"),
                Err(BodyError::Invalid(issues)) => {
                    let sayable = issues.iter().any(|issue| !is_unsayable(issue));
                    assert!(!valid || !sayable, "only the schema accepts {changed}: {issues:?}");
                }
            }
            refused += usize::from(!valid);
        }
        assert!(refused >= 30, "{refused} malformed messages");
    }
}
