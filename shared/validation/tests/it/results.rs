//! Results of interviews, as those who conduct them report them.

use domain::allowance::Seconds;
use domain::analysis::Analysis;
use domain::conducting::{
    CALL_ATTEMPTS_MAX, CALL_NOTES_MAX_CHARACTERS, CONDUCTED_MAX_SECONDS, CONTENT_MAX_BYTES, ConductedOutcome,
    EVALUATION_MAX, FINDING_MAX_CHARACTERS, InterviewResult, POINTS_MAX, RETRY_NUMBER_MAX, SEGMENT_MAX_CHARACTERS,
    SEGMENTS_MAX,
};
use serde_json::{Value, json};
use validation::{BodyError, check_result};

use crate::documents::{NOW, at};

const COMPLETED: &str = r#"{
    "version": 1,
    "interviewId": "2f6b8c74-ae30-4d9c-9b5f-407e8d9cafb2",
    "event": "completed",
    "startedAt": "2026-11-22T12:00:05Z",
    "endedAt": "2026-11-22T12:14:35.250Z",
    "durationSeconds": 870.25,
    "transcript": [
        {"speaker": "AGENT", "text": "Why us?", "startSeconds": 0, "endSeconds": 2},
        {"speaker": "CANDIDATE", "text": "Because you asked.", "startSeconds": 3, "endSeconds": 5}
    ],
    "callAttempts": [{
        "id": "5a8e6f0c-1d2b-4c3a-9e4f-7b6a5d4c3b2a",
        "direction": "OUTBOUND",
        "status": "COMPLETED",
        "reasonCode": "HUNG_UP",
        "notes": "Said good-bye.",
        "retryNumber": 1,
        "recordingUrl": "https://example.com/recording",
        "duration": 870,
        "scheduledAt": "2026-11-22T12:00:00Z",
        "calledAt": "2026-11-22T12:00:05Z"
    }]
}"#;
const FAILED: &str = r#"{
    "version": 1, "interviewId": "2f6b8c74-ae30-4d9c-9b5f-407e8d9cafb2", "event": "failed", "reason": "NO_ANSWER",
    "callAttempts": []
}"#;
const ANALYSED: &str = r#"{
    "version": 1, "interviewId": "2f6b8c74-ae30-4d9c-9b5f-407e8d9cafb2", "event": "analysis.completed",
    "analysis": {
        "general": {
            "overallRating": 71, "companyFitRating": "HIGH", "education": "A degree.", "experience": "Ten years.",
            "strongPoints": ["Clear."], "weakPoints": [], "evaluation": ["Answered fully."], "status": "COMPLETED"
        },
        "specific": {
            "kind": "SCREENING",
            "conversationCheck": {"candidateInterest": true, "conversationCompleted": false},
            "scores": {"communication": 0, "motivation": 100, "experience": 50, "language": 99},
            "recommendation": "ADVANCE", "strongPoints": ["Clear."], "weakPoints": ["Late."]
        }
    }
}"#;
const NOT_ANALYSED: &str = r#"{
    "version": 1, "interviewId": "2f6b8c74-ae30-4d9c-9b5f-407e8d9cafb2", "event": "analysis.failed", "reason": "Too short."
}"#;
const BASES: [&str; 4] = [COMPLETED, FAILED, ANALYSED, NOT_ANALYSED];

fn value(base: &str) -> Value {
    serde_json::from_str(base).unwrap()
}

/// The message with another value at a pointer, or without it.
fn with(base: &str, pointer: &str, new: impl Into<Option<Value>>) -> Value {
    let mut message = value(base);
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = message.pointer_mut(parent).unwrap();
    match (new.into(), parent) {
        (Some(new), parent @ Value::Object(_)) => parent[name] = new,
        (Some(new), Value::Array(items)) => items[name.parse::<usize>().unwrap()] = new,
        (None, Value::Object(members)) => drop(members.remove(name)),
        (_, other) => panic!("{other}"),
    }
    message
}

fn read(message: &Value) -> Result<InterviewResult, Vec<(String, &'static str)>> {
    check_result(message.to_string().as_bytes()).map_err(|error| match error {
        BodyError::Invalid(issues) => issues.iter().map(|issue| (issue.pointer.clone(), issue.rule)).collect(),
        BodyError::Malformed { .. } => panic!("{message}"),
    })
}

#[track_caller]
fn accepts(base: &str, pointer: &str, new: impl Into<Option<Value>>) {
    let message = with(base, pointer, new);
    assert!(read(&message).is_ok(), "{:?}", read(&message));
}

#[track_caller]
fn refuses(base: &str, pointer: &str, new: impl Into<Option<Value>>, issues: &[(&str, &str)]) {
    let message = with(base, pointer, new);
    let issues: Vec<_> = issues.iter().map(|(pointer, rule)| ((*pointer).to_owned(), *rule)).collect();
    assert_eq!(read(&message).map_err(|found| found.into_iter().collect::<Vec<_>>()), Err(issues));
}

#[test]
fn a_result_is_read_as_it_was_sent_and_written_so_that_it_can_be_read() {
    for base in BASES {
        let result = read(&value(base)).unwrap();
        let written = serde_json::to_value(&result).unwrap();
        assert_eq!(written["event"], value(base)["event"]);
        assert_eq!(read(&written), Ok(result));
    }
    let ConductedOutcome::Completed(interview) = read(&value(COMPLETED)).unwrap().outcome else { panic!() };
    assert_eq!(interview.duration_seconds, Seconds(871), "a part of a second counts as one");
    assert_eq!(
        (interview.started_at, interview.ended_at),
        (at("2026-11-22T12:00:05Z"), at("2026-11-22T12:14:35.250Z"))
    );
    assert_eq!(interview.transcript.unwrap().len(), 2);
    assert_eq!(interview.call_attempts.unwrap()[0].notes.as_deref(), Some("Said good-bye."));
}

#[test]
fn findings_become_the_analysis_that_is_shown_and_the_reverse() {
    let result = read(&value(ANALYSED)).unwrap();
    let ConductedOutcome::AnalysisCompleted { analysis: findings } = result.outcome else { panic!() };
    let analysis = Analysis::of(result.interview_id, findings.clone(), at(NOW));
    assert_eq!(Analysis::of(result.interview_id, findings.clone(), at(NOW)), analysis);
    let mut shown = serde_json::to_value(&analysis).unwrap();
    assert_eq!(shown["general"]["createdAt"], "2026-11-22T12:00:00.000Z");
    for name in ["createdAt", "updatedAt"] {
        shown["general"].as_object_mut().unwrap().remove(name);
    }
    shown.as_object_mut().unwrap().remove("id");
    assert_eq!(shown, value(ANALYSED)["analysis"], "what is shown can be sent");
    assert_eq!(domain::conducting::Findings::from(analysis), findings);
}

#[test]
fn the_event_tells_what_else_belongs_there() {
    for base in BASES {
        refuses(base, "/event", None, &[("/event", "required")]);
        refuses(base, "/event", Value::Null, &[("/event", "required")]);
        refuses(base, "/event", json!("COMPLETED"), &[("/event", "enum")]);
        refuses(base, "/event", json!(1), &[("/event", "type")]);
        refuses(base, "/version", None, &[("/version", "required")]);
        refuses(base, "/version", json!(2), &[("/version", "version")]);
        refuses(base, "/version", json!("1"), &[("/version", "type")]);
        refuses(base, "/interviewId", json!("1"), &[("/interviewId", "uuid")]);
        refuses(base, "/extra", json!(1), &[("/extra", "unknown")]);
        accepts(base, "/version", json!(1.0));
    }
    refuses(
        NOT_ANALYSED,
        "/event",
        json!("completed"),
        &[
            ("/startedAt", "required"),
            ("/endedAt", "required"),
            ("/durationSeconds", "required"),
            ("/reason", "unknown"),
        ],
    );
    for malformed in ["", "[]", "null", "{", "{\"event\": }"] {
        assert!(matches!(check_result(malformed.as_bytes()), Err(BodyError::Malformed { .. })), "{malformed}");
    }
    let twice = FAILED.replace(r#""event": "failed""#, r#""event": "failed", "event": "completed""#);
    let Err(BodyError::Invalid(issues)) = check_result(twice.as_bytes()) else { panic!() };
    assert_eq!((issues[0].pointer.as_str(), issues[0].rule, issues.len()), ("/event", "duplicate", 1));
}

#[test]
fn times_end_at_a_day_and_do_not_run_backwards() {
    let day = CONDUCTED_MAX_SECONDS;
    for (seconds, rounded) in [(json!(0), 0), (json!(0.001), 1), (json!(59.999), 60), (json!(day), 86_400)] {
        let Ok(result) = read(&with(COMPLETED, "/durationSeconds", seconds)) else { panic!() };
        let ConductedOutcome::Completed(interview) = result.outcome else { panic!() };
        assert_eq!(interview.duration_seconds, Seconds(rounded));
    }
    refuses(COMPLETED, "/durationSeconds", json!(86_400.001), &[("/durationSeconds", "maximum")]);
    refuses(COMPLETED, "/durationSeconds", json!(-0.001), &[("/durationSeconds", "minimum")]);
    refuses(COMPLETED, "/durationSeconds", None, &[("/durationSeconds", "required")]);
    refuses(COMPLETED, "/endedAt", json!("2026-11-22T12:00:04.999Z"), &[("/endedAt", "minimum")]);
    accepts(COMPLETED, "/endedAt", json!("2026-11-22T12:00:05Z"));
    refuses(COMPLETED, "/startedAt", json!("2026-11-22 12:00:05Z"), &[("/startedAt", "dateTime")]);
    for pointer in ["/transcript/1/endSeconds", "/callAttempts/0/duration"] {
        accepts(COMPLETED, pointer, json!(day));
        refuses(COMPLETED, pointer, json!(day + 1), &[(pointer, "maximum")]);
        refuses(COMPLETED, pointer, json!(3.5), &[(pointer, "type")]);
    }
    refuses(COMPLETED, "/transcript/1/endSeconds", json!(2), &[("/transcript/1/endSeconds", "minimum")]);
    accepts(COMPLETED, "/transcript/1/endSeconds", json!(3));
    accepts(COMPLETED, "/callAttempts/0/retryNumber", json!(RETRY_NUMBER_MAX));
    let beyond = json!(RETRY_NUMBER_MAX + 1);
    refuses(COMPLETED, "/callAttempts/0/retryNumber", beyond, &[("/callAttempts/0/retryNumber", "maximum")]);
}

#[test]
fn lists_and_texts_end_at_their_limits() {
    let segment = &value(COMPLETED)["transcript"][0];
    let call = &value(COMPLETED)["callAttempts"][0];
    for (base, pointer, item, max) in [
        (COMPLETED, "/transcript", segment.clone(), SEGMENTS_MAX),
        (COMPLETED, "/callAttempts", call.clone(), CALL_ATTEMPTS_MAX),
        (FAILED, "/callAttempts", call.clone(), CALL_ATTEMPTS_MAX),
        (ANALYSED, "/analysis/general/strongPoints", json!("a"), POINTS_MAX),
        (ANALYSED, "/analysis/general/evaluation", json!("a"), EVALUATION_MAX),
        (ANALYSED, "/analysis/specific/weakPoints", json!("a"), POINTS_MAX),
    ] {
        accepts(base, pointer, json!(vec![item.clone(); max]));
        refuses(base, pointer, json!(vec![item; max + 1]), &[(pointer, "maxItems")]);
    }
    for (base, pointer, max) in [
        (COMPLETED, "/transcript/0/text", SEGMENT_MAX_CHARACTERS),
        (COMPLETED, "/callAttempts/0/notes", CALL_NOTES_MAX_CHARACTERS),
        (FAILED, "/reason", 200),
        (NOT_ANALYSED, "/reason", 200),
        (ANALYSED, "/analysis/general/education", FINDING_MAX_CHARACTERS),
        (ANALYSED, "/analysis/general/strongPoints/0", FINDING_MAX_CHARACTERS),
    ] {
        accepts(base, pointer, json!("ž".repeat(max)));
        refuses(base, pointer, json!("ž".repeat(max + 1)), &[(pointer, "maxLength")]);
    }
    refuses(FAILED, "/reason", json!(" "), &[("/reason", "blank")]);
    refuses(FAILED, "/reason", json!("a\nb"), &[("/reason", "controlCharacters")]);
    refuses(ANALYSED, "/analysis/general/overallRating", json!(101), &[("/analysis/general/overallRating", "maximum")]);
    refuses(ANALYSED, "/analysis/general/status", json!("FAILED"), &[("/analysis/general/status", "enum")]);
    refuses(ANALYSED, "/analysis/id", json!("x"), &[("/analysis/id", "unknown")]);
    for optional in ["/transcript", "/callAttempts", "/callAttempts/0/direction", "/callAttempts/0/reasonCode"] {
        accepts(COMPLETED, optional, None);
        accepts(COMPLETED, optional, Value::Null);
    }
}

/// Content fits into the item that keeps it, whatever its lists and texts are.
#[test]
fn content_has_so_many_bytes_of_compact_json() {
    let transcript = |texts: &[String]| -> Value {
        let segment = |text: &String| json!({"speaker": "AGENT", "text": text, "startSeconds": 0, "endSeconds": 0});
        texts.iter().map(segment).collect()
    };
    let full = vec!["x".repeat(SEGMENT_MAX_CHARACTERS); 30];
    let left =
        CONTENT_MAX_BYTES - transcript(&full).to_string().len() - transcript(&[String::new()]).to_string().len() + 1;
    let of_last = |length: usize| transcript(&[&full[..], &["x".repeat(length)]].concat());
    assert_eq!(of_last(left).to_string().len(), CONTENT_MAX_BYTES);
    accepts(COMPLETED, "/transcript", of_last(left));
    refuses(COMPLETED, "/transcript", of_last(left + 1), &[("/transcript", "maxBytes")]);
    let long = vec!["\u{1d11e}".repeat(FINDING_MAX_CHARACTERS); POINTS_MAX];
    refuses(ANALYSED, "/analysis/general/strongPoints", json!(long), &[("/analysis", "maxBytes")]);
}
