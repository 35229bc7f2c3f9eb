//! Answers that are lost, and functions that end between two steps.

use std::time::Duration;

use local::sqs::QueueName;
use serde_json::{Value, json};
use tests::faults::Operation::{BatchGetItem, GetItem, Query, SendMessageBatch, TransactWriteItems, UpdateItem};
use tests::faults::{Fault, FaultScript};
use tests::{Events, TestServer, body};

use super::{Life, analysis, completed, messages, record};

#[tokio::test]
async fn a_start_whose_answer_is_lost_is_one_start() {
    let life = Life::start().await;
    let id = life.scheduled().await;
    life.server.pass(Duration::from_secs(60 * 60));
    for fault in [Fault::RequestLost, Fault::AnswerLost] {
        life.server.faults().follow(FaultScript::script([(UpdateItem, fault), (GetItem, fault), (Query, fault)]));
        life.server.functions().clone().sweep_interviews().await;
    }
    life.server.faults().follow(FaultScript::none());
    life.settled().await;
    assert_eq!(life.stored(&id).await["version"]["N"], "2");
    assert_eq!((life.starts().await.len(), life.told(&id)), (1, vec!["interview.started"]));
}

/// A function that ends in front of any of its requests, or behind it, leaves the interview due.
#[tokio::test]
async fn a_sweep_that_ends_at_any_request_is_made_up_for_by_the_next() {
    for (operation, fault) in [
        (Query, Fault::RequestLost),
        (GetItem, Fault::RequestLost),
        (BatchGetItem, Fault::RequestLost),
        (UpdateItem, Fault::RequestLost),
        (UpdateItem, Fault::AnswerLost),
    ] {
        let life = Life::start().await;
        let id = life.scheduled().await;
        life.server.pass(Duration::from_secs(60 * 60));
        // More often than a session tries again within its time is not needed: the sweep is dropped at the first fault.
        life.server.faults().follow(FaultScript::script(std::iter::repeat_n((operation, fault), 64)));
        let faults = life.server.faults().clone();
        let injected = faults.injected().len();
        tokio::select! {
            () = life.server.functions().clone().sweep_interviews() => {}
            () = async {
                while faults.injected().len() == injected {
                    tokio::task::yield_now().await;
                }
            } => {}
        }
        assert!(faults.injected().len() > injected, "{operation:?}");
        faults.follow(FaultScript::none());
        life.sweep().await;
        let item = life.stored(&id).await;
        assert_eq!(
            (&item["status"]["S"], &item["version"]["N"]),
            (&json!("IN_PROGRESS"), &json!("2")),
            "{operation:?}"
        );
        assert_eq!((life.starts().await.len(), life.told(&id).len()), (1, 1), "{operation:?} {fault:?}");
    }
}

#[tokio::test]
async fn a_hand_over_whose_answer_is_lost_is_sent_again_under_the_same_id() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let id = company.created("/interviews", &body::interview()).await.id();
    server.functions().clone().sweep_interviews().await;
    // The SDK sends again what had no answer.
    server.service_faults().follow(FaultScript::script([
        (SendMessageBatch, Fault::AnswerLost),
        (SendMessageBatch, Fault::InternalServerError),
        (SendMessageBatch, Fault::InternalServerError),
        (SendMessageBatch, Fault::InternalServerError),
    ]));
    // Nobody is subscribed, so that nothing else is sent.
    let _events = Events::start_interviewing(&server).await;
    while server.queues().counts(QueueName::InterviewStarts).await.expect("the counts").visible < 2 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let messages = messages(&server, QueueName::InterviewStarts).await;
    let starts: Vec<Value> =
        messages.iter().map(|message| serde_json::from_str(&message.body).expect("JSON")).collect();
    assert!(starts.iter().all(|start| start["interviewId"] == id && start["messageId"] == starts[0]["messageId"]));
    assert_eq!(server.item(&format!("INTERVIEW#{id}"), "INTERVIEW").await["version"]["N"], "2");
}

#[tokio::test]
async fn a_result_whose_answer_is_lost_counts_once() {
    for fault in [Fault::RequestLost, Fault::AnswerLost, Fault::AnswerAndTokenLost, Fault::TransactionInProgress] {
        let life = Life::start().await;
        let id = life.running().await;
        life.server.faults().follow(FaultScript::script([(TransactWriteItems, fault), (GetItem, Fault::AnswerLost)]));
        assert_eq!(record(&life.server, &[completed(&id, 100.0)]).await, 0, "{fault:?}");
        life.server.faults().follow(FaultScript::script([(TransactWriteItems, fault)]));
        assert_eq!(record(&life.server, &[analysis(&id)]).await, 0, "{fault:?}");
        life.server.faults().follow(FaultScript::none());
        life.settled().await;
        // The queue gives it once more, as it does when the function ended before it said so.
        life.record(&[completed(&id, 100.0), analysis(&id)]).await;
        assert_eq!((life.books().await.1, life.usage().await), (100, (1, 100)), "{fault:?}");
        assert_eq!(life.told(&id), ["interview.started", "interview.completed", "analysis.completed"]);
    }
}

#[tokio::test]
async fn while_the_table_is_out_of_reach_results_come_back() {
    let life = Life::start().await;
    let id = life.running().await;
    life.server.faults().follow(FaultScript::script(std::iter::repeat_n((GetItem, Fault::RequestLost), 1_000)));
    assert_eq!(record(&life.server, &[completed(&id, 100.0)]).await, 1);
    life.server.faults().follow(FaultScript::none());
    assert_eq!(life.record(&[completed(&id, 100.0)]).await, 0);
    assert_eq!(life.usage().await, (1, 100));
}

#[tokio::test]
async fn of_two_results_at_once_one_counts() {
    for _ in 0..5 {
        let life = Life::start().await;
        let id = life.running().await;
        let hold = Duration::from_millis(5);
        life.server.faults().follow(FaultScript::none().with_conflicts(hold));
        let results = [completed(&id, 100.0), super::failed(&id, "BUSY"), completed(&id, 200.0)];
        assert_eq!(record(&life.server, &results).await, 0);
        life.server.faults().follow(FaultScript::none());
        life.settled().await;
        let used = life.books().await.1;
        assert!([0, 100, 200].contains(&used), "{used}");
        assert_eq!(life.usage().await, (i64::from(used > 0), used));
        let status = if used > 0 { "COMPLETED" } else { "FAILED" };
        assert_eq!(life.shown(&id).await["status"], status);
        assert_eq!(life.told(&id).len(), 2);
    }
}

/// Two functions at the stream, as when a batch is given to a second instance before the first has ended.
#[tokio::test]
async fn a_batch_that_is_handled_twice_starts_each_interview_once() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let id = company.created("/interviews", &body::interview()).await.id();
    let twice = async || {
        let sweep = || server.functions().clone().sweep_interviews();
        tokio::join!(sweep(), sweep());
    };
    twice().await;
    twice().await;
    let item = server.item(&format!("INTERVIEW#{id}"), "INTERVIEW").await;
    assert_eq!((&item["status"]["S"], &item["version"]["N"]), (&json!("IN_PROGRESS"), &json!("2")));
    let _events = Events::start_interviewing(&server).await;
}
