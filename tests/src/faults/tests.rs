//! Each fault, against the embedded engine: what the SDK makes of it, and what the table holds afterwards.

use super::{Fault, FaultScript, Faults, Operation, Operation::*, Rates};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, ConditionCheck, KeySchemaElement, KeyType, KeysAndAttributes,
    Put, ScalarAttributeType, TransactWriteItem, Update,
};
use std::time::Duration;

const TABLE: &str = "faults";
/// Longer than any request takes that is not held up, however busy the machine is.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(5);

struct Database {
    client: Client,
    faults: Faults,
}

impl Database {
    /// An engine of its own with an empty table. The SDK makes up to `attempts` attempts.
    async fn start(attempts: u32) -> Database {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let engine = dynoxide::Database::memory().unwrap();
        tokio::spawn(dynoxide::server::serve_on(listener, engine));

        let faults = Faults::none();
        let plain_http = aws_smithy_http_client::Builder::new().build_http();
        let config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("eu-central-1"))
            .credentials_provider(Credentials::new("test", "test", None, None, "test"))
            .endpoint_url(endpoint)
            .http_client(faults.client(plain_http))
            .timeout_config(TimeoutConfig::builder().operation_attempt_timeout(ATTEMPT_TIMEOUT).build())
            .retry_config(
                RetryConfig::standard().with_max_attempts(attempts).with_initial_backoff(Duration::from_millis(1)),
            )
            .build();
        let client = Client::from_conf(config);
        let attribute = |name: &str| {
            AttributeDefinition::builder().attribute_name(name).attribute_type(ScalarAttributeType::S).build().unwrap()
        };
        let key =
            |name: &str, key_type| KeySchemaElement::builder().attribute_name(name).key_type(key_type).build().unwrap();
        client
            .create_table()
            .table_name(TABLE)
            .billing_mode(BillingMode::PayPerRequest)
            .attribute_definitions(attribute("PK"))
            .attribute_definitions(attribute("SK"))
            .key_schema(key("PK", KeyType::Hash))
            .key_schema(key("SK", KeyType::Range))
            .send()
            .await
            .unwrap();
        faults.take_requests();
        Database { client, faults }
    }

    fn follow(&self, plan: FaultScript) {
        self.faults.follow(plan);
    }

    /// Puts an item by a plain PutItem; the error's code if it is refused.
    async fn put(&self, name: &str) -> Result<(), String> {
        let put = self.client.put_item().table_name(TABLE);
        match put.item("PK", s(name)).item("SK", s(name)).send().await {
            Ok(_) => Ok(()),
            Err(e) => Err(e.code().unwrap_or("no answer").to_owned()),
        }
    }

    async fn transact(
        &self,
        operations: impl IntoIterator<Item = TransactWriteItem>,
    ) -> Result<(), TransactWriteItemsError> {
        self.client
            .transact_write_items()
            .set_transact_items(Some(operations.into_iter().collect()))
            .send()
            .await
            .map(drop)
            .map_err(aws_sdk_dynamodb::error::SdkError::into_service_error)
    }

    /// The names that the table holds, of those given.
    async fn stored(&self, names: &[&str]) -> Vec<String> {
        self.follow(FaultScript::none());
        let mut stored = Vec::new();
        for name in names {
            let get = self.client.get_item().table_name(TABLE).consistent_read(true);
            let answer = get.key("PK", s(name)).key("SK", s(name)).send().await;
            if answer.unwrap().item.is_some() {
                stored.push((*name).to_owned());
            }
        }
        stored
    }
}

fn s(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

fn put(name: &str) -> TransactWriteItem {
    let put = Put::builder().table_name(TABLE).item("PK", s(name)).item("SK", s(name));
    TransactWriteItem::builder().put(put.build().unwrap()).build()
}

fn check_absent(name: &str) -> TransactWriteItem {
    let check = ConditionCheck::builder()
        .table_name(TABLE)
        .key("PK", s(name))
        .key("SK", s(name))
        .condition_expression("attribute_not_exists(PK)");
    TransactWriteItem::builder().condition_check(check.build().unwrap()).build()
}

fn add_one(name: &str) -> TransactWriteItem {
    let update = Update::builder()
        .table_name(TABLE)
        .key("PK", s(name))
        .key("SK", s(name))
        .update_expression("ADD n :one")
        .expression_attribute_values(":one", AttributeValue::N("1".into()));
    TransactWriteItem::builder().update(update.build().unwrap()).build()
}

fn reasons(refused: Result<(), TransactWriteItemsError>) -> Vec<String> {
    match refused {
        Err(TransactWriteItemsError::TransactionCanceledException(e)) => {
            e.cancellation_reasons().iter().map(|reason| reason.code().unwrap_or_default().to_owned()).collect()
        }
        other => panic!("not cancelled: {other:?}"),
    }
}

#[tokio::test]
async fn requests_are_recorded_in_their_order() {
    let db = Database::start(1).await;
    db.put("a").await.unwrap();
    db.transact([put("b")]).await.unwrap();
    assert_eq!(db.faults.requests(), [PutItem, TransactWriteItems]);
    assert_eq!(db.faults.take_requests(), [PutItem, TransactWriteItems]);
    assert_eq!(db.faults.requests(), []);
    assert_eq!(db.faults.injected(), []);
}

#[tokio::test]
async fn a_conflict_names_its_position_among_all_operations() {
    let db = Database::start(1).await;
    db.follow(FaultScript::script([
        // Only a PutItem meets this entry, whichever requests come before.
        (PutItem, Fault::ConflictAt(0)),
        (TransactWriteItems, Fault::ConflictAt(2)),
        (TransactWriteItems, Fault::ThrottledAt(0)),
    ]));
    let refused = db.transact([put("a"), check_absent("b"), put("c")]).await;
    assert_eq!(reasons(refused), ["None", "None", "TransactionConflict"]);
    let refused = db.transact([put("a"), check_absent("b")]).await;
    assert_eq!(reasons(refused), ["ThrottlingError", "None"]);
    assert_eq!(db.put("a").await, Err("TransactionConflictException".into()));
    assert_eq!(db.faults.unused(), 0);
    assert_eq!(db.stored(&["a", "b", "c"]).await, [""; 0]);
}

#[tokio::test]
async fn refusals_reach_the_caller_by_their_names_and_leave_nothing() {
    let refusals = [
        (Fault::Throttled, "ThrottlingException"),
        (Fault::ThroughputExceeded, "ProvisionedThroughputExceededException"),
        (Fault::InternalServerError, "InternalServerError"),
        (Fault::Unavailable, "ServiceUnavailableException"),
        (Fault::RequestLost, "no answer"),
    ];
    let db = Database::start(1).await;
    for (fault, code) in refusals {
        db.follow(FaultScript::script([(PutItem, fault)]));
        assert_eq!(db.put("a").await, Err(code.to_owned()));
        assert_eq!(db.stored(&["a"]).await, [""; 0], "{fault:?}");
    }

    db.follow(FaultScript::script([(TransactWriteItems, Fault::TransactionInProgress)]));
    let refused = db.transact([put("a")]).await;
    assert!(refused.unwrap_err().is_transaction_in_progress_exception());
    assert_eq!(db.stored(&["a"]).await, [""; 0]);
}

#[tokio::test]
async fn the_sdk_retries_what_it_takes_for_passing() {
    for fault in [
        Fault::Throttled,
        Fault::ThroughputExceeded,
        Fault::InternalServerError,
        Fault::Unavailable,
        Fault::RequestLost,
        Fault::AnswerLost,
        Fault::AnswerNever,
    ] {
        let db = Database::start(2).await;
        db.follow(FaultScript::script([(PutItem, fault)]));
        assert_eq!(db.put("a").await, Ok(()), "{fault:?}");
        assert_eq!(db.faults.requests(), [PutItem, PutItem], "{fault:?}");
        assert_eq!(db.faults.injected(), [(PutItem, fault)]);
    }
}

#[tokio::test]
async fn a_lost_answer_is_of_something_committed() {
    for fault in [Fault::AnswerLost, Fault::AnswerNever] {
        let db = Database::start(1).await;
        db.follow(FaultScript::script([(TransactWriteItems, fault)]));
        assert!(db.transact([put("a")]).await.is_err(), "{fault:?}");
        assert_eq!(db.stored(&["a"]).await, ["a"], "{fault:?}");
    }
}

#[tokio::test]
async fn delays_hold_up_the_request_or_the_answer() {
    // Beyond what the SDK waits for, whatever the machine does meanwhile.
    let hour = Duration::from_secs(3_600);
    for (fault, stored) in [(Fault::DelayBefore(hour), &[][..]), (Fault::DelayAfter(hour), &["a"])] {
        let db = Database::start(1).await;
        db.follow(FaultScript::script([(PutItem, fault)]));
        assert_eq!(db.put("a").await, Err("no answer".into()), "{fault:?}");
        assert_eq!(db.stored(&["a"]).await, stored, "{fault:?}");
    }
    let db = Database::start(1).await;
    let millisecond = Duration::from_millis(1);
    for fault in [Fault::DelayBefore(millisecond), Fault::DelayAfter(millisecond)] {
        db.follow(FaultScript::script([(PutItem, fault)]));
        assert_eq!(db.put("a").await, Ok(()), "{fault:?}");
    }
}

#[tokio::test]
async fn a_request_that_was_given_up_still_arrives() {
    let db = Database::start(1).await;
    let late = ATTEMPT_TIMEOUT + Duration::from_millis(100);
    db.follow(FaultScript::script([(PutItem, Fault::DelayBefore(late))]));
    assert_eq!(db.put("a").await, Err("no answer".into()));
    while db.stored(&["a"]).await != ["a"] {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn unprocessed_keys_come_back_instead_of_their_items() {
    let db = Database::start(1).await;
    for name in ["a", "b", "c"] {
        db.put(name).await.unwrap();
    }
    db.follow(FaultScript::script([(BatchGetItem, Fault::Unprocessed(2))]));
    let key = |name: &str| [("PK".to_owned(), s(name)), ("SK".to_owned(), s(name))].into();
    let wanted = KeysAndAttributes::builder()
        .consistent_read(true)
        .keys(key("a"))
        .keys(key("b"))
        .keys(key("c"))
        .build()
        .unwrap();
    let read = db.client.batch_get_item().request_items(TABLE, wanted);
    let answer = read.clone().send().await.unwrap();
    assert_eq!(answer.responses().unwrap()[TABLE], [key("a")]);
    let left = &answer.unprocessed_keys().unwrap()[TABLE];
    assert_eq!(left.keys(), [key("b"), key("c")]);
    assert_eq!(left.consistent_read(), Some(true));

    let answer = read.send().await.unwrap();
    assert_eq!(answer.responses().unwrap()[TABLE].len(), 3);
}

#[tokio::test]
async fn overlapping_transactions_conflict_where_they_overlap() {
    let db = Database::start(1).await;
    let hold = Duration::from_millis(100);
    db.follow(FaultScript::none().with_conflicts(hold));
    let (first, second, apart) = tokio::join!(
        db.transact([put("a"), check_absent("shared")]),
        db.transact([put("b"), put("c"), check_absent("shared")]),
        db.transact([put("d")]),
    );
    first.unwrap();
    apart.unwrap();
    assert_eq!(reasons(second), ["None", "None", "TransactionConflict"]);
    assert_eq!(db.faults.injected(), [(TransactWriteItems, Fault::ConflictAt(2))]);

    // The hold ends with the answer.
    db.transact([put("b"), check_absent("shared")]).await.unwrap();
    assert_eq!(db.stored(&["a", "b", "c", "d"]).await, ["a", "b", "d"]);
}

#[tokio::test]
async fn single_writes_conflict_with_transactions_but_not_with_each_other() {
    let db = Database::start(1).await;
    db.follow(FaultScript::none().with_conflicts(Duration::from_millis(100)));
    let (first, second, transaction) = tokio::join!(db.put("a"), db.put("a"), db.transact([put("b"), put("a")]));
    assert_eq!((first, second), (Ok(()), Ok(())));
    assert_eq!(reasons(transaction), ["None", "TransactionConflict"]);

    let (transaction, single) = tokio::join!(db.transact([put("a")]), db.put("a"));
    transaction.unwrap();
    assert_eq!(single, Err("TransactionConflictException".into()));
}

#[tokio::test]
async fn a_second_copy_of_a_running_transaction_is_in_progress() {
    let db = Database::start(1).await;
    db.follow(FaultScript::none().with_conflicts(Duration::from_millis(100)));
    let send = || {
        let transaction = db.client.transact_write_items();
        transaction.client_request_token("the same").transact_items(add_one("a")).send()
    };
    let (first, second) = tokio::join!(send(), send());
    first.unwrap();
    let second = second.unwrap_err().into_service_error();
    assert!(second.is_transaction_in_progress_exception(), "{second:?}");
}

#[tokio::test]
async fn random_faults_that_the_sdk_outlasts_leave_each_effect_once() {
    let db = Database::start(10).await;
    let rates = Rates { server_error: 0.2, request_lost: 0.1, answer_lost: 0.2, ..Rates::default() };
    db.follow(FaultScript::seeded(7, rates));
    for _ in 0..60 {
        db.transact([add_one("counter"), put("other")]).await.unwrap();
    }
    let injected = db.faults.injected();
    for wanted in [Fault::AnswerLost, Fault::RequestLost, Fault::Unavailable] {
        assert!(injected.contains(&(TransactWriteItems, wanted)), "{injected:?}");
    }
    assert_eq!(db.faults.requests().len(), 60 + injected.len());

    db.follow(FaultScript::none());
    let get = db.client.get_item().table_name(TABLE).consistent_read(true);
    let answer = get.key("PK", s("counter")).key("SK", s("counter")).send().await;
    let counter = answer.unwrap().item.unwrap();
    assert_eq!(counter["n"], AttributeValue::N("60".into()));
}

#[test]
fn a_seed_is_a_plan() {
    let rates = Rates {
        conflict: 0.1,
        throttled: 0.1,
        in_progress: 0.1,
        server_error: 0.1,
        delayed: 0.1,
        delay_max: Duration::from_millis(5),
        request_lost: 0.1,
        answer_lost: 0.1,
        answer_never: 0.1,
        unprocessed: 0.1,
    };
    let transaction = serde_json::json!({"TransactItems": [{"Put": {}}, {"Put": {}}, {"Put": {}}]});
    let batch = serde_json::json!({"RequestItems": {"t": {"Keys": [1, 2, 3]}}});
    let run = |seed: u64| -> Vec<(Fault, Fault)> {
        let faults = Faults::new(FaultScript::seeded(seed, rates));
        let next = |operation: Operation, body| faults.admit(operation, body).0;
        (0..500).map(|_| (next(TransactWriteItems, &transaction), next(BatchGetItem, &batch))).collect()
    };
    assert_eq!(run(1), run(1));
    assert_ne!(run(1), run(2));

    let (writes, reads): (Vec<_>, Vec<_>) = run(3).into_iter().unzip();
    let share = |faults: &[Fault], is: fn(&Fault) -> bool| {
        faults.iter().filter(|fault| is(fault)).count() as f64 / faults.len() as f64
    };
    // Eight kinds fit a transaction, seven a read of many.
    assert!((0.1..0.3).contains(&share(&writes, |f| *f == Fault::None)));
    assert!((0.2..0.4).contains(&share(&reads, |f| *f == Fault::None)));
    assert!((0.05..0.15).contains(&share(&writes, |f| matches!(f, Fault::ConflictAt(_)))));
    assert!((0.05..0.15).contains(&share(&reads, |f| matches!(f, Fault::Unprocessed(_)))));
    for position in 0..3 {
        assert!(writes.contains(&Fault::ConflictAt(position)));
        assert!(reads.contains(&Fault::Unprocessed(position + 1)));
    }
    assert_eq!(share(&reads, |f| matches!(f, Fault::ConflictAt(_))), 0.0);
    assert_eq!(share(&writes, |f| matches!(f, Fault::Unprocessed(_))), 0.0);
}

#[test]
#[should_panic(expected = "sum to more than 1")]
fn rates_beyond_certainty_are_refused() {
    let rates = Rates { conflict: 0.6, answer_lost: 0.6, ..Rates::default() };
    FaultScript::seeded(1, rates);
}
