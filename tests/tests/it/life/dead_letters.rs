//! Messages that can't be recorded.

use local::sqs::QueueName;
use serde_json::{Value, json};
use tests::body;

use super::{Life, completed, failed, messages};

#[tokio::test]
async fn what_breaks_the_schema_or_names_no_interview_is_a_dead_letter_with_its_reason() {
    let life = Life::start().await;
    let id = life.running().await;
    let item = life.stored(&id).await;
    let wrong = [
        (json!([]), "no JSON object"),
        (body::with(completed(&id, 60.0), json!({"durationSeconds": 86_400.5})), "/durationSeconds must be"),
        (body::with(completed(&id, 60.0), json!({"durationSeconds": -1, "colour": "bassoon"})), "/durationSeconds"),
        (body::with(completed(&id, 60.0), json!({"version": 2})), "/version"),
        (failed(&id, &"x".repeat(201)), "/reason"),
        (body::with(failed(&id, "BUSY"), json!({"event": "exploded"})), "/event"),
        (failed("00000000-0000-4000-8000-000000000001", "BUSY"), "no such interview"),
        // Somebody else's id of another kind is no interview either.
        (failed(&life.company.id.to_string(), "BUSY"), "no such interview"),
    ];
    let bodies: Vec<Value> = wrong.iter().map(|(message, _)| message.clone()).collect();
    assert_eq!(life.record(&bodies).await, 0, "none comes back");
    assert_eq!(life.stored(&id).await, item);
    let letters = messages(&life.server, QueueName::InterviewResultsDeadLetters).await;
    assert_eq!(letters.len(), wrong.len());
    for (message, expected) in wrong {
        let body = message.to_string();
        let letter = letters.iter().find(|letter| letter.body == body).expect("the message as it was");
        let reason = &letter.attributes["reason"];
        assert_eq!(reason["DataType"], "String");
        let reason = reason["StringValue"].as_str().expect("a reason");
        assert!(reason.starts_with(expected), "{expected}: {reason}");
        assert!(!reason.contains("bassoon"), "values are not told: {reason}");
    }
    assert!(!life.server.log().iter().any(|line| line.contains("bassoon")));
}

#[tokio::test]
async fn a_message_whose_dead_letter_can_not_be_sent_comes_back_and_the_others_of_its_batch_do_not() {
    use tests::faults::{Fault, FaultScript, Operation::SendMessageBatch};
    let life = Life::start().await;
    let id = life.running().await;
    let lost = std::iter::repeat_n((SendMessageBatch, Fault::InternalServerError), 8);
    life.server.service_faults().follow(FaultScript::script(lost));
    let left = super::record(&life.server, &[json!([]), completed(&id, 60.0)]).await;
    life.server.service_faults().follow(FaultScript::none());
    assert_eq!(left, 1);
    life.settled().await;
    assert_eq!(life.shown(&id).await["status"], "COMPLETED");
}
