//! The connection to the table broken on purpose: what passes is tried again, in the time that there is, and nothing
//! takes effect twice.

use std::time::Duration;

use domain::agent::AgentId;
use domain::allowance::Seconds;
use domain::interview::NewInterview;
use serde_json::json;
use store::{Create, Creation, FailureKind, PageRequest, References, Session, Store, StoreError, WriteContext};
use tests::faults::Operation::{BatchGetItem, GetItem, PutItem, Query, TransactWriteItems, UpdateItem};
use tests::faults::{Fault, FaultScript, Operation, Rates};
use tokio::time::Instant;
use uuid::Uuid;

use crate::samples::{self, Stored, first, month};
use crate::test_table::{Comparable, Items, TestTable, eventually, now};

/// Time for everything that one request does with the table.
const BUDGET: Duration = Duration::from_secs(6);
/// Bound of a request's time by the paused clock. tokio's timer ends a pause up to a millisecond late, and only a pause
/// or a try that disregards the budget takes longer than this.
const BUDGET_AND_TICKS: Duration = Duration::from_millis(6_010);

/// Operations of a session: all go through one loop of attempts.
const OPERATIONS: [Operation; 6] = [BatchGetItem, GetItem, Query, PutItem, UpdateItem, TransactWriteItems];

/// The faults that pass, for a request of this operation, and how each is classified once it does not.
fn passing(operation: Operation) -> Vec<(Fault, FailureKind)> {
    let mut faults = vec![
        (Fault::Throttled, FailureKind::Throttled),
        (Fault::ThroughputExceeded, FailureKind::Throttled),
        (Fault::InternalServerError, FailureKind::Unavailable),
        (Fault::Unavailable, FailureKind::Unavailable),
        (Fault::RequestLost, FailureKind::Unavailable),
    ];
    if matches!(operation, PutItem | UpdateItem | TransactWriteItems) {
        faults.push((Fault::ConflictAt(0), FailureKind::Conflict));
    }
    if operation == TransactWriteItems {
        faults.push((Fault::ConflictAt(2), FailureKind::Conflict));
        faults.push((Fault::ThrottledAt(1), FailureKind::Throttled));
        faults.push((Fault::TransactionInProgress, FailureKind::Conflict));
    }
    faults
}

/// Does one request of the operation.
async fn request(table: &TestTable, session: &mut Session, operation: Operation) -> Result<(), StoreError> {
    let webhook = samples::webhook(table.owner());
    match operation {
        BatchGetItem => session.look_up(&samples::api_key_hash(), None, &References::default()).await.map(drop),
        GetItem => session.earlier(table.owner(), AgentId::new(Uuid::new_v4())).await.map(drop),
        Query => session.deliveries(&webhook, PageRequest { limit: 1, cursor: None }).await.map(drop),
        PutItem => create(table, session, &samples::new_agent(samples::bare_agent(table.company_id))).await,
        // There is none of this id: the condition's failure is the answer.
        UpdateItem => session.change_webhook(&first(webhook.clone()), &webhook, None, now()).await.map(drop),
        _ => {
            let new = NewInterview { cost: Some(Seconds(600)), ..samples::all_new(table.company_id) };
            create(table, session, &new).await
        }
    }
}

async fn create<C: Comparable>(table: &TestTable, session: &mut Session, new: &C) -> Result<(), StoreError> {
    let created = new.create(session, &table.context("r")).await?;
    assert!(matches!(created, Creation::Created(_)), "{created:?}");
    Ok(())
}

#[tokio::test]
async fn what_passes_is_tried_again_and_counted() {
    let table = TestTable::start().await;
    for operation in OPERATIONS {
        let faults = [passing(operation), vec![(Fault::AnswerLost, FailureKind::Unavailable)]].concat();
        for (fault, kind) in faults {
            table.break_with(FaultScript::script([(operation, fault), (operation, fault)]));
            let mut session = table.store.session();
            request(&table, &mut session, operation).await.unwrap();
            assert_eq!(table.requests(), [operation; 3], "{fault:?}");
            let (cost, conflicts) = (session.cost(), if kind == FailureKind::Conflict { 2 } else { 0 });
            assert_eq!((cost.requests, cost.retries, cost.conflicts), (3, 2, conflicts), "{operation:?} {fault:?}");
        }
    }
    table.assert_books_balance().await;
}

/// The clock is paused, since every request is refused before it reaches the engine: it moves by the pauses between
/// tries alone, however busy the machine is.
#[tokio::test]
async fn what_does_not_pass_in_time_is_a_passing_failure_of_its_kind() {
    let table = TestTable::start().await;
    let before = table.items().await;
    tokio::time::pause();
    for operation in OPERATIONS {
        for (fault, kind) in passing(operation) {
            table.break_with(FaultScript::script(std::iter::repeat_n((operation, fault), 1_000)));
            let begun = Instant::now();
            let mut session = table.store.session();
            let error = request(&table, &mut session, operation).await.unwrap_err();
            assert_eq!((error.kind, error.kind.is_passing()), (kind, true), "{operation:?} {fault:?}");
            let (elapsed, tries, cost) = (begun.elapsed(), table.requests().len(), session.cost());
            // Pauses are part of a session's time; all but a millisecond for each by which tokio's timer is late.
            for time in [elapsed, cost.time] {
                let expected = BUDGET - Duration::from_millis(600)..=BUDGET_AND_TICKS;
                assert!(expected.contains(&time), "{fault:?}: {time:?} by the paused clock");
            }
            // Full jitter up to 400 ms: some 30 tries in 6 s, and by chance never 100.
            assert!((15..100).contains(&tries), "{fault:?}: {tries} tries");
            assert_eq!((cost.requests as usize, cost.retries as usize), (tries, tries - 1), "{fault:?}");
        }
    }
    tokio::time::resume();
    table.break_with(FaultScript::none());
    assert_eq!(table.items().await, before, "a failed request changed the table");
}

/// No answer at all: each try is ended after its own time, and the last one with the request's.
#[tokio::test]
async fn silence_ends_with_the_request_s_time() {
    let table = TestTable::start().await;
    for operation in OPERATIONS {
        table.break_with(FaultScript::script(std::iter::repeat_n((operation, Fault::AnswerNever), 100)));
        tokio::time::pause();
        let begun = Instant::now();
        let error = request(&table, &mut table.store.session(), operation).await.unwrap_err();
        assert_eq!(error.kind, FailureKind::TimedOut, "{operation:?}");
        assert!(begun.elapsed() <= BUDGET_AND_TICKS, "{operation:?}: {:?} by the paused clock", begun.elapsed());
        let tries = table.requests().len();
        assert!((4..=5).contains(&tries), "{operation:?}: {tries} tries of 1.5 s each");
        tokio::time::resume();
    }
}

/// A late try gets no more than the rest of the request's time.
#[tokio::test]
async fn a_try_that_begins_late_does_not_outlast_the_request() {
    let table = TestTable::start().await;
    table.break_with(FaultScript::script([(GetItem, Fault::AnswerNever)]));
    tokio::time::pause();
    let begun = Instant::now();
    let mut session = table.store.session();
    tokio::time::advance(BUDGET - Duration::from_millis(100)).await;
    let error = request(&table, &mut session, GetItem).await.unwrap_err();
    assert_eq!(error.kind, FailureKind::TimedOut);
    assert!(begun.elapsed() <= BUDGET_AND_TICKS, "{:?} by the paused clock", begun.elapsed());
    // The engine answers by the machine's clock.
    tokio::time::resume();
    session.restart_budget();
    request(&table, &mut session, GetItem).await.unwrap();
}

/// A real wait of one try's time: the engine has created it, and nobody has said so.
#[tokio::test]
async fn an_answer_that_never_comes_neither_creates_nor_charges_twice() {
    let table = TestTable::start().await;
    for operation in [PutItem, TransactWriteItems] {
        let before = table.items().await.len();
        table.break_with(FaultScript::script([(operation, Fault::AnswerNever)]));
        request(&table, &mut table.store.session(), operation).await.unwrap();
        assert_eq!(table.requests(), [operation; 2]);
        assert_eq!(table.items().await.len() - before, if operation == PutItem { 1 } else { 4 });
    }
    assert_eq!(table.allowance().await.reserved_seconds, Seconds(600));
    table.assert_books_balance().await;
}

#[tokio::test]
async fn a_lost_answer_neither_creates_nor_charges_twice() {
    let (table, stored) = Stored::start().await;
    table.break_with(FaultScript::script([(TransactWriteItems, Fault::AnswerLost); 3]));
    table.created(&stored.all_named()).await;
    assert_eq!(table.requests(), [TransactWriteItems; 4]);
    assert_eq!(table.allowance().await.reserved_seconds, Seconds(600));
    let candidate = table.item(&format!("CANDIDATE#{}", stored.candidate.value.id), "CANDIDATE").await;
    assert_eq!(candidate["jobIds"], json!([stored.job.value.id]));
    table.assert_books_balance().await;
}

/// The charge that opens a month is another transaction than the one that was tried first, with a token of its own.
#[tokio::test]
async fn a_lost_answer_neither_opens_a_month_twice_nor_charges_it_twice() {
    let (table, stored) = Stored::start().await;
    let lost = [Fault::None, Fault::AnswerLost, Fault::AnswerLost];
    table.break_with(FaultScript::script(lost.map(|fault| (TransactWriteItems, fault))));
    let context = WriteContext { now: month("2026-12"), ..table.context("r") };
    table.created_by(&stored.all_named(), &context).await;
    assert_eq!(table.requests(), [TransactWriteItems; 4]);
    let allowance = table.allowance().await;
    assert_eq!((allowance.period.as_str(), allowance.reserved_seconds), ("2026-12", Seconds(600)));
    table.assert_books_balance().await;
}

/// The answer is lost until there is no time left. The request fails, the repeat finds that it did not.
#[tokio::test]
async fn what_was_created_in_spite_of_a_failure_is_found_by_the_repeat() {
    let (table, stored) = Stored::start().await;
    let new = stored.all_named();
    let faults = std::iter::once((TransactWriteItems, Fault::AnswerLost))
        .chain(std::iter::repeat_n((TransactWriteItems, Fault::Unavailable), 1_000));
    table.break_with(FaultScript::script(faults));
    let mut session = table.store.session();
    tokio::time::pause();
    let failed = create(&table, &mut session, &new).await.unwrap_err();
    assert!(failed.kind.is_passing(), "{failed:?}");
    tokio::time::resume();

    table.break_with(FaultScript::none());
    // The engine has its one request, answered or not.
    let key = (format!("INTERVIEW#{}", new.interview.id), "INTERVIEW".to_owned());
    let created = |items: &Items| items.contains_key(&key);
    assert!(created(&eventually(|| table.items(), created).await));
    let repeat = table.create(&new, &table.context("repeat")).await;
    assert!(matches!(repeat, Creation::Exists(_)), "{repeat:?}");
    assert_eq!(table.allowance().await.reserved_seconds, Seconds(600));
    table.assert_books_balance().await;
}

#[tokio::test]
async fn keys_that_are_left_unprocessed_are_read_in_a_further_request() {
    let (table, stored) = Stored::start().await;
    // Five keys: three are left, then two of those, then both of these.
    let left = [3, 2, 2].map(|keys| (BatchGetItem, Fault::Unprocessed(keys)));
    table.break_with(FaultScript::script(left));
    let mut session = table.store.session();
    let found = session.look_up(&samples::api_key_hash(), None, &stored.references()).await.unwrap();
    stored.assert_seen(&found.unscoped.scope(table.owner()));
    assert_eq!(table.requests(), [BatchGetItem; 4]);
    assert_eq!((session.cost().requests, session.cost().retries, session.cost().conflicts), (4, 3, 0));
}

/// Not a failure that passes: it is told at once, and told apart.
#[tokio::test]
async fn a_table_that_does_not_exist_is_a_defect() {
    let table = TestTable::start().await;
    let http_client = table.faults.client(aws_smithy_http_client::Builder::new().build_http());
    let store = Store::at_endpoint("no-such-table", &table.endpoint, http_client).await;
    for operation in OPERATIONS {
        table.requests();
        let error = request(&table, &mut store.session(), operation).await.unwrap_err();
        assert_eq!((error.kind, error.kind.is_passing()), (FailureKind::Unknown, false), "{operation:?}");
        assert_eq!(error.answer.unwrap().code, "ResourceNotFoundException");
        assert_eq!(table.requests(), [operation]);
    }
}

/// Whatever goes wrong in whatever order: a request is carried out once or not at all, and it says which, unless it
/// failed in a way that passes.
#[tokio::test]
async fn under_random_faults_a_request_is_carried_out_once_or_not_at_all() {
    let (table, stored) = Stored::start().await;
    let rates = Rates {
        conflict: 0.1,
        throttled: 0.1,
        in_progress: 0.05,
        server_error: 0.1,
        delayed: 0.1,
        delay_max: Duration::from_millis(5),
        request_lost: 0.1,
        answer_lost: 0.2,
        ..Rates::default()
    };
    let (mut reserved, mut met) = (0, 0);
    for seed in 0..60 {
        let (new, now) = (stored.candidate_unchanged(), if seed < 30 { now() } else { month("2026-12") });
        if seed == 30 {
            reserved = 0;
        }
        table.break_with(FaultScript::seeded(seed, rates));
        let outcome = new.create(&mut table.store.session(), &WriteContext { now, ..table.context("r") }).await;
        table.break_with(FaultScript::none());
        let exists = table.item(&format!("INTERVIEW#{}", new.interview.id), "INTERVIEW").await.is_object();
        match outcome {
            Ok(Creation::Created(_)) => assert!(exists, "seed {seed}"),
            Ok(other) => panic!("seed {seed}: {other:?}"),
            Err(error) => assert!(error.kind.is_passing(), "seed {seed}: {error:?}"),
        }
        reserved += if exists { 600 } else { 0 };
        assert_eq!(table.allowance().await.reserved_seconds, Seconds(reserved), "seed {seed}");
        met = table.faults.injected().len();
    }
    assert!(met > 60, "too few faults to show anything: {met}");
    table.assert_books_balance().await;
}
