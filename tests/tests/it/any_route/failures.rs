//! What happens when the table does not answer as it should.

use api::{ErrorCode, Route};
use tests::faults::{Fault, Operation, Plan};
use tests::{World, api, body};

/// More failures in a row than the time for one request allows retries.
const MANY: usize = 200;

/// While DynamoDB refuses, callers are told to come back; afterwards the same request is carried out.
pub async fn a_table_that_refuses_is_answered_by_503(route: Route) {
    let (write, conflict) = match route {
        api::CREATE_AGENT => (Operation::PutItem, Fault::Throttled),
        api::CREATE_INTERVIEW => (Operation::TransactWriteItems, Fault::ConflictAt(0)),
        other => panic!("name the write of {}", other.key),
    };
    // Each takes all the time that a request has.
    tokio::join!(
        a_fault_is_answered_by_503(route, Operation::BatchGetItem, Fault::Unavailable),
        a_fault_is_answered_by_503(route, write, conflict),
    );
}

async fn a_fault_is_answered_by_503(route: Route, operation: Operation, fault: Fault) {
    let world = World::start().await;
    let company = world.company().create().await;
    world.faults().follow(Plan::script(vec![(operation, fault); MANY]));
    let request = || company.post(route.path).json(&body::accepted(route)).idempotent("again");
    let answer = request().refused(ErrorCode::TemporarilyUnavailable).await;
    assert!(answer.log["StoreRetries"].as_u64() > Some(2), "{answer}");
    assert!(!answer.text.contains("DynamoDB") && !answer.text.contains("throttl"), "{answer}");

    world.faults().follow(Plan::none());
    assert!(!request().answered(201).await.replayed());
}

/// A stored item that cannot be read is a defect: 500, and the caller hears nothing of the inside.
pub async fn an_unreadable_item_is_answered_by_500(route: Route) {
    let world = World::start().await;
    let company = world.company().create().await;
    let keys: Vec<_> = world.all_items().await.into_iter().filter(|item| item["SK"]["S"] == "KEY").collect();
    let [key] = keys.as_slice() else { panic!("one key, not {keys:?}") };
    let partition_key = key["PK"]["S"].as_str().expect("a partition key");
    world.set_attributes(partition_key, "KEY", &serde_json::json!({"scopes": {"N": "7"}})).await;
    let answer = company.post(route.path).json(&body::accepted(route)).refused(ErrorCode::Internal).await;
    assert!(!answer.text.contains("scopes") && !answer.text.contains(partition_key), "{answer}");
    assert!(answer.log["error"].as_str().is_some_and(|error| error.contains("decode")), "{answer}");
    assert_eq!(answer.log["level"], "ERROR");
}
