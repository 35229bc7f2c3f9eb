//! The simulated conductor at the queues, and the starts that it reads.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use chrono::DateTime;
use domain::conducting::ResultEvent;
use domain::time::Timestamp;
use local::conductor::{Conductor, Pace, Simulation, Start};
use local::event_source::EventSource;
use local::sqs::{Counts, NewMessage, QueueName, Queues, ReceiveOptions};
use serde_json::{Map, Value, json};
use validation::check_result;

const INTERVIEW: &str = "7c1f7f0e-2a58-4d0c-9a54-0f6d1f4b8a11";

fn start() -> Value {
    let (id, at) = ("66a9da43-1d7b-4a5c-8f43-7b0a6d4f9c21", "2026-11-27T10:00:00.000Z");
    json!({
        "version": 1, "messageId": id, "interviewId": INTERVIEW, "companyId": id, "scheduledAt": at, "deadline": at,
        "agent": {
            "id": id, "companyId": id, "name": "Anna", "type": "PHONE", "focus": "SCREENING", "language": "EN",
            "duration": 15, "questions": ["Why us?"], "instructions": "Be kind.", "voiceId": "ALEX",
            "companyPhoneNumberId": id, "backgroundSound": "OFF", "cefrLevel": "B2", "metadata": {"team": "north"},
            "createdAt": at, "updatedAt": at,
        },
        "candidate": {
            "id": id, "companyId": id, "firstName": "Jane", "lastName": "Doe", "email": "jane@example.com",
            "phoneNumber": "+421901234567", "gdprExpiryDate": "2030-12-31", "jobIds": [id], "status": "APPLIED",
            "metadata": {}, "createdAt": at, "updatedAt": at,
        },
        "job": {"id": id, "companyId": id, "title": "Driver", "status": "OPEN", "createdAt": at, "updatedAt": at},
        "phoneNumber": {"id": id, "companyId": id, "number": "+421220812345", "createdAt": at, "updatedAt": at},
    })
}

/// The queues and a conductor at them, by a clock that stands still until it is set.
fn conducted() -> (Queues, Arc<AtomicI64>, EventSource) {
    let time = Arc::new(AtomicI64::new(1_772_360_430_456));
    let now = time.clone();
    let clock = move || Timestamp::new(DateTime::from_timestamp_millis(now.load(Ordering::SeqCst)).unwrap());
    let clock: runtime::Clock = Arc::new(clock);
    let queues = Queues::memory(clock.clone()).unwrap();
    let simulation = Simulation { pace: Pace::DEFAULT, failures_percent: 0 };
    let conductor = Conductor { queues: queues.clone(), clock, simulation };
    let source = EventSource::of_queue(queues.clone(), QueueName::InterviewStarts, move |event| {
        conductor.clone().conduct(event)
    });
    (queues, time, source)
}

async fn send(queues: &Queues, body: String) {
    let message = NewMessage { body, group_id: None, delay: Duration::ZERO, attributes: Map::default() };
    queues.send(QueueName::InterviewStarts, vec![message]).await.unwrap();
}

async fn until(queues: &Queues, queue: QueueName, is_so: impl Fn(Counts) -> bool) {
    while !is_so(queues.counts(queue).await.unwrap()) {
        tokio::task::yield_now().await;
    }
}

/// The events of the results that can be received now.
async fn reported(queues: &Queues) -> Vec<ResultEvent> {
    let options = ReceiveOptions::new(10, Duration::from_secs(60));
    let received = queues.receive(QueueName::InterviewResults, options, Duration::ZERO).await.unwrap();
    let results = received.iter().map(|message| check_result(message.body.as_bytes()).unwrap());
    results
        .inspect(|result| assert_eq!(result.interview_id.to_string(), INTERVIEW))
        .map(|result| result.outcome.event())
        .collect()
}

#[tokio::test]
async fn an_interview_is_reported_when_it_is_over_also_by_the_next_server() {
    let (queues, time, source) = conducted();
    send(&queues, start().to_string()).await;
    until(&queues, QueueName::InterviewResults, |counts| counts.delayed == 2).await;
    until(&queues, QueueName::InterviewStarts, |counts| counts == Counts::default()).await;
    assert_eq!(reported(&queues).await, []);
    // Nothing is in the conductor's memory.
    source.stop().await;
    time.fetch_add(60_000, Ordering::SeqCst);
    assert_eq!(reported(&queues).await, [ResultEvent::Completed, ResultEvent::AnalysisCompleted]);
}

#[tokio::test]
async fn a_start_that_cannot_be_read_stays_and_others_are_conducted() {
    let (queues, _time, _source) = conducted();
    let mut other = start();
    other["version"] = json!(2);
    for body in ["{}".to_owned(), other.to_string(), start().to_string()] {
        send(&queues, body).await;
    }
    until(&queues, QueueName::InterviewResults, |counts| counts.delayed == 2).await;
    until(&queues, QueueName::InterviewStarts, |counts| counts.in_flight == 2 && counts.visible == 0).await;
}

/// The published schema of starts, and the reader.
mod schema {
    use super::*;

    fn schema() -> jsonschema::Validator {
        let files = openapi::files().unwrap();
        let file = files.iter().find(|file| file.path.ends_with("conductor-start.schema.json")).unwrap();
        let schema = serde_json::from_str(&file.text).unwrap();
        jsonschema::draft202012::options().should_validate_formats(true).build(&schema).unwrap()
    }

    fn is_read(message: &Value) -> bool {
        serde_json::from_value::<Start>(message.clone()).is_ok()
    }

    /// The message with another value at a pointer, or without it.
    fn with(pointer: &str, new: Option<Value>) -> Value {
        let mut message = start();
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        let parent = message.pointer_mut(parent).unwrap().as_object_mut().unwrap();
        match new {
            Some(new) => drop(parent.insert(name.to_owned(), new)),
            None => drop(parent.remove(name)),
        }
        message
    }

    /// The members that the reader takes, each of which it refuses as the schema does.
    const READ: [(&str, bool); 12] = [
        ("/version", true),
        ("/messageId", true),
        ("/interviewId", true),
        ("/companyId", true),
        ("/scheduledAt", true),
        ("/deadline", true),
        ("/agent", true),
        ("/agent/type", true),
        ("/agent/focus", true),
        ("/agent/language", true),
        ("/agent/duration", true),
        ("/agent/questions", false),
    ];

    #[test]
    fn the_reader_of_starts_refuses_what_the_schema_refuses_of_what_it_reads() {
        let schema = schema();
        let wrong =
            [json!(-1), json!(0.5), json!(1e9), json!(true), json!(""), json!("x"), json!([1]), json!({"x": 1})];
        let mut refused = 0;
        for (pointer, is_required) in READ {
            for new in wrong.iter().cloned().map(Some).chain(is_required.then_some(None)) {
                let message = with(pointer, new);
                assert!(!schema.is_valid(&message) && !is_read(&message), "{pointer}: {}", message);
                refused += 1;
            }
        }
        assert!(refused >= 30);
        for pointer in ["/agent", "/candidate", "/job", "/phoneNumber"] {
            for new in [json!([]), json!("x"), json!({})] {
                assert!(!schema.is_valid(&with(pointer, Some(new))), "{pointer}");
            }
        }
    }

    #[test]
    fn what_the_schema_accepts_is_read() {
        let schema = schema();
        assert!(schema.is_valid(&start()) && is_read(&start()));
        for pointer in ["/job", "/phoneNumber", "/agent/questions", "/agent/metadata", "/candidate/email"] {
            let message = with(pointer, None);
            assert!(schema.is_valid(&message) && is_read(&message), "{pointer}");
        }
        for (pointer, new) in [
            ("/colour", json!("red")),
            ("/agent/colour", json!({"x": [1]})),
            ("/agent/type", json!("ONLINE")),
            ("/agent/duration", json!(180)),
            ("/agent/questions", json!([])),
            ("/deadline", json!("2026-11-27T10:00:00+01:00")),
        ] {
            let message = with(pointer, Some(new));
            assert!(schema.is_valid(&message) && is_read(&message), "{pointer}");
        }
    }
}

/// The examples of the page for those who conduct interviews are messages that are accepted.
#[test]
fn the_page_s_examples_are_messages() {
    let page = include_str!("../../../docs/conductor.md");
    let blocks = page.split("```json\n").skip(1).map(|rest| rest.split_once("\n```").unwrap().0);
    let mut events = Vec::new();
    for block in blocks {
        let message: Value = serde_json::from_str(block).unwrap();
        if message.get("event").is_some() {
            events.push(
                check_result(block.as_bytes()).unwrap_or_else(|error| panic!("{error:?}: {block}")).outcome.event(),
            );
        } else {
            serde_json::from_value::<Start>(message).unwrap();
        }
    }
    use ResultEvent::{AnalysisCompleted, AnalysisFailed, Completed, Failed};
    assert_eq!(events, [Completed, Failed, AnalysisCompleted, AnalysisFailed]);
}
