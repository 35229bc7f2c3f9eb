//! Answers to requests while the table or another service fails.

use api::{ErrorCode, Route};
use tests::accepted::Sample;
use tests::faults::{Fault, FaultScript, Operation};
use tests::{TestServer, api};
use tokio::task::JoinSet;
use uuid::Uuid;

/// More failures in a row than the time for one request allows retries.
const MANY: usize = 200;

/// While DynamoDB refuses, callers are told to come back; afterwards the same request is carried out.
pub async fn a_table_that_refuses_is_answered_by_503(route: Route) {
    // Each fault takes all the time that a request has.
    let mut faults = JoinSet::new();
    for (operation, fault) in
        [(Operation::BatchGetItem, Fault::Unavailable)].into_iter().chain(Sample::of(route, Uuid::nil()).later)
    {
        faults.spawn(a_fault_is_answered_by_503(route, operation, fault));
    }
    faults.join_all().await;
}

async fn a_fault_is_answered_by_503(route: Route, operation: Operation, fault: Fault) {
    let server = TestServer::start().await;
    let caller = server.caller_of(route).await;
    let accepted = server.accepted(route, &caller.key).await;
    server.faults().follow(FaultScript::script(vec![(operation, fault); MANY]));
    let request = || accepted.request(&server).key(&caller.key).idempotent("again");
    let answer = request().refused(ErrorCode::TemporarilyUnavailable).await;
    assert!(answer.log["StoreRetries"].as_u64() > Some(2), "{answer}");
    assert!(!answer.text.contains("DynamoDB") && !answer.text.contains("throttl"), "{answer}");

    server.faults().follow(FaultScript::none());
    assert!(!request().answered(accepted.status()).await.replayed());
}

/// While a service beside the table refuses, callers are told to come back; afterwards the same request is carried out.
pub async fn a_service_that_refuses_is_answered_by_503(route: Route, operation: Operation) {
    let server = TestServer::start().await;
    let caller = server.caller_of(route).await;
    let accepted = server.accepted(route, &caller.key).await;
    server.service_faults().follow(FaultScript::script(vec![(operation, Fault::Unavailable); MANY]));
    let request = || accepted.request(&server).key(&caller.key);
    let answer = request().answered(503).await;
    assert_eq!(answer.code(), Some(ErrorCode::TemporarilyUnavailable.as_str()));
    assert!(!answer.text.contains("KMS") && !answer.text.contains("SQS"), "{answer}");

    server.service_faults().follow(FaultScript::none());
    request().answered(accepted.status()).await;
}

/// A stored item that cannot be read is a defect: 500, and the caller is told nothing of the inside.
pub async fn an_unreadable_item_is_answered_by_500(route: Route) {
    let server = TestServer::start().await;
    let caller = server.caller_of(route).await;
    let accepted = server.accepted(route, &caller.key).await;
    let keys: Vec<_> = server.all_items().await.into_iter().filter(|item| item["SK"]["S"] == "KEY").collect();
    let [key] = keys.as_slice() else { panic!("one key, not {keys:?}") };
    let partition_key = key["PK"]["S"].as_str().expect("a partition key");
    server.set_attributes(partition_key, "KEY", &serde_json::json!({"scopes": {"N": "7"}})).await;
    let answer = accepted.request(&server).key(&caller.key).refused(ErrorCode::Internal).await;
    assert!(!answer.text.contains("scopes") && !answer.text.contains(partition_key), "{answer}");
    assert!(answer.log["error"].as_str().is_some_and(|error| error.contains("decode")), "{answer}");
    assert_eq!(answer.log["level"], "ERROR");
}
