use aws::FailureKind;
use queue::{MESSAGE_MAX_BYTES, OutgoingMessage, QueueError};
use serde_json::json;

use crate::sqs::{Answer, Sqs, messages};

fn kinds(results: &[Result<(), QueueError>]) -> Vec<Option<FailureKind>> {
    let kind = |result: &Result<(), QueueError>| match result {
        Ok(()) => None,
        Err(QueueError::Failed { kind, .. }) => Some(*kind),
        Err(QueueError::TooLarge { .. }) => panic!("too large"),
    };
    results.iter().map(kind).collect()
}

#[tokio::test]
async fn a_message_arrives_with_its_group() {
    let sqs = Sqs::answering([]).await;
    sqs.queue.send(OutgoingMessage { body: "{}".to_owned(), group: "whk".to_owned() }).await.unwrap();
    let (operation, request) = &sqs.requests()[0];
    assert_eq!(operation, "AmazonSQS.SendMessageBatch");
    assert!(request["QueueUrl"].as_str().unwrap().ends_with("/000000000000/deliveries"));
    assert_eq!(request["Entries"], json!([{"Id": "0", "MessageBody": "{}", "MessageGroupId": "whk"}]));
}

#[tokio::test]
async fn no_message_is_no_request() {
    let sqs = Sqs::answering([]).await;
    assert!(sqs.queue.send_all(&[]).await.is_empty());
    assert!(sqs.requests().is_empty());
}

#[tokio::test]
async fn every_message_of_many_is_sent_once_in_tens() {
    let sqs = Sqs::answering([]).await;
    let bodies: Vec<String> = (0..95).map(|number| number.to_string()).collect();
    let results = sqs.queue.send_all(&messages(bodies.iter().map(String::as_str))).await;
    assert_eq!(kinds(&results), [None; 95]);
    let batches = sqs.batches();
    assert_eq!(batches.len(), 10);
    let mut sent: Vec<usize> = batches.into_iter().flatten().map(|body| body.parse().unwrap()).collect();
    sent.sort_unstable();
    assert_eq!(sent, (0..95).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_message_at_the_limit_is_sent_and_one_beyond_fails_alone() {
    let sqs = Sqs::answering([]).await;
    let edge = "x".repeat(MESSAGE_MAX_BYTES);
    let beyond = "x".repeat(MESSAGE_MAX_BYTES + 1);
    let results = sqs.queue.send_all(&messages(["before", &beyond, &edge, "after"])).await;
    assert!(results[0].is_ok() && results[2].is_ok() && results[3].is_ok(), "{results:?}");
    let error = results[1].as_ref().unwrap_err();
    assert!(matches!(error, QueueError::TooLarge { bytes } if *bytes == MESSAGE_MAX_BYTES + 1));
    assert!(!error.is_passing());
    let mut batches = sqs.batches();
    batches.sort();
    assert_eq!(batches, [vec!["after".to_owned()], vec!["before".to_owned()], vec![edge]]);
}

#[tokio::test]
async fn escapes_count_towards_the_limit() {
    let sqs = Sqs::answering([]).await;
    let body = format!("\"{}\u{ffff}\"", "x".repeat(MESSAGE_MAX_BYTES - 5));
    assert_eq!(body.len(), MESSAGE_MAX_BYTES);
    let error = sqs.queue.send(OutgoingMessage { body, group: "g".to_owned() }).await.unwrap_err();
    assert!(matches!(error, QueueError::TooLarge { bytes } if bytes == MESSAGE_MAX_BYTES + 3));
}

#[tokio::test]
async fn what_sqs_refuses_as_text_arrives_as_an_escape() {
    let sqs = Sqs::answering([]).await;
    sqs.queue.send_all(&messages(["\"\u{fffe} and \u{ffff} and \u{1f600}\""])).await[0].as_ref().unwrap();
    assert_eq!(sqs.batches(), [["\"\\ufffe and \\uffff and \u{1f600}\""]]);
}

#[tokio::test]
async fn only_what_was_not_taken_is_sent_again() {
    let sqs = Sqs::answering([
        Answer::Except(vec!["b", "d"], "InternalError", false),
        Answer::Except(vec!["d"], "RequestThrottled", false),
    ])
    .await;
    let results = sqs.queue.send_all(&messages(["a", "b", "c", "d"])).await;
    assert_eq!(kinds(&results), [None; 4]);
    assert_eq!(sqs.batches(), [vec!["a", "b", "c", "d"], vec!["b", "d"], vec!["d"]]);
}

#[tokio::test]
async fn an_entry_that_the_answer_forgets_is_sent_again() {
    let sqs = Sqs::answering([Answer::Forgotten(vec!["b"])]).await;
    let results = sqs.queue.send_all(&messages(["a", "b"])).await;
    assert_eq!(kinds(&results), [None; 2]);
    assert_eq!(sqs.batches(), [vec!["a", "b"], vec!["b"]]);
}

#[tokio::test]
async fn what_is_the_sender_s_fault_is_not_sent_again() {
    let sqs = Sqs::answering([Answer::Except(vec!["b"], "InvalidMessageContents", true)]).await;
    let results = sqs.queue.send_all(&messages(["a", "b"])).await;
    assert_eq!(kinds(&results), [None, Some(FailureKind::Unknown)]);
    assert_eq!(sqs.batches().len(), 1);
}

#[tokio::test]
async fn sending_again_has_an_end() {
    let never = Answer::Except(vec!["b"], "RequestThrottled", false);
    let sqs = Sqs::answering(vec![never; 100]).await;
    let results = sqs.queue.send_all(&messages(["a", "b"])).await;
    assert_eq!(kinds(&results), [None, Some(FailureKind::Throttled)]);
    assert_eq!(sqs.batches().len(), 5);
}

#[tokio::test]
async fn a_request_that_fails_is_tried_three_times() {
    let sqs = Sqs::answering(vec![Answer::Failed(503, "ServiceUnavailable"); 100]).await;
    let results = sqs.queue.send_all(&messages(["a", "b"])).await;
    assert_eq!(kinds(&results), [Some(FailureKind::Unavailable); 2]);
    assert_eq!(sqs.batches().len(), 3);

    let sqs = Sqs::answering(vec![Answer::Failed(400, "RequestThrottled"); 2]).await;
    assert_eq!(kinds(&sqs.queue.send_all(&messages(["a"])).await), [None]);
    assert_eq!(sqs.batches().len(), 3);
}

#[tokio::test]
async fn a_request_that_is_refused_is_a_defect_and_names_its_cause() {
    let sqs = Sqs::answering([Answer::Failed(400, "QueueDoesNotExist")]).await;
    let results = sqs.queue.send_all(&messages(["a", "b"])).await;
    assert_eq!(kinds(&results), [Some(FailureKind::Unknown); 2]);
    assert_eq!(sqs.batches().len(), 1);
    let error = results[1].as_ref().unwrap_err();
    assert_eq!(error.to_string(), "SendMessageBatch failed: unknown");
    assert!(std::error::Error::source(error).is_some());
}
