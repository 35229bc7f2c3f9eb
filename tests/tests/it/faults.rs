//! The scenarios of `concurrency` with faults, and dependencies that break and come back.
//!
//! Callers repeat what is answered by 503, as they are told to. Afterwards everything is as exact as if nothing had
//! gone wrong.

use std::net::TcpListener;
use std::time::Duration;

use local::api_gateway;
use local::dynamodb::Engine;
use local::functions::Functions;
use local::http::Serving;
use serde_json::json;
use store::{PlanChange, Store};
use tests::faults::{Fault, FaultScript, Operation, Rates};
use tests::{TestServer, api, body};
use tokio::task::JoinSet;

use crate::concurrency::{
    Stored, all_at_once, an_allowance_is_spent_exactly, assert_balanced, duplicates_create_once,
    racing_assignments_are_all_made, watched, watched_by,
};

/// The real service's conflicts: a write that meets a transaction on the same item is refused.
fn conflicts() -> FaultScript {
    FaultScript::none().with_conflicts(Duration::from_millis(1))
}

/// Refusals only: in each of them the engine has seen nothing.
fn refusals(seed: u64) -> FaultScript {
    FaultScript::seeded(
        seed,
        Rates {
            conflict: 0.25,
            throttled: 0.1,
            in_progress: 0.05,
            server_error: 0.05,
            request_lost: 0.05,
            ..Rates::default()
        },
    )
}

/// Answers that are late or lost: in each of them the engine has acted.
fn silence(seed: u64) -> FaultScript {
    FaultScript::seeded(
        seed,
        Rates {
            delayed: 0.3,
            delay_max: Duration::from_millis(30),
            answer_lost: 0.3,
            answer_never: 0.002,
            unprocessed: 0.2,
            ..Rates::default()
        },
    )
}

/// Faults of all kinds.
fn storm(seed: u64) -> FaultScript {
    let rates = Rates {
        conflict: 0.1,
        throttled: 0.08,
        in_progress: 0.04,
        server_error: 0.05,
        delayed: 0.1,
        delay_max: Duration::from_millis(20),
        request_lost: 0.05,
        answer_lost: 0.12,
        answer_never: 0.002,
        unprocessed: 0.1,
    };
    FaultScript::seeded(seed, rates)
}

/// Faults of all kinds, and the real service's conflicts on top of them.
fn storm_with_conflicts(seed: u64) -> FaultScript {
    storm(seed).with_conflicts(Duration::from_millis(1))
}

mod an_allowance_bears_exactly_what_it_was_granted {
    use super::*;

    #[tokio::test]
    async fn when_transactions_conflict() {
        an_allowance_is_spent_exactly(60, 15, conflicts()).await;
    }

    #[tokio::test]
    async fn when_requests_are_refused() {
        an_allowance_is_spent_exactly(60, 15, refusals(1)).await;
    }

    #[tokio::test]
    async fn when_answers_are_late_or_lost() {
        an_allowance_is_spent_exactly(60, 15, silence(1)).await;
    }

    #[tokio::test]
    async fn when_everything_happens() {
        an_allowance_is_spent_exactly(200, 50, storm(1)).await;
    }

    #[tokio::test]
    async fn when_everything_happens_to_few() {
        for seed in 2..4 {
            an_allowance_is_spent_exactly(16, 4, storm_with_conflicts(seed)).await;
        }
    }
}

mod of_duplicates_one_creates_and_all_get_the_same {
    use super::*;

    #[tokio::test]
    async fn when_transactions_conflict() {
        duplicates_create_once("/interviews", 24, conflicts()).await;
        duplicates_create_once("/agents", 24, conflicts()).await;
    }

    #[tokio::test]
    async fn when_requests_are_refused() {
        duplicates_create_once("/interviews", 24, refusals(1)).await;
        duplicates_create_once("/agents", 24, refusals(2)).await;
    }

    #[tokio::test]
    async fn when_answers_are_late_or_lost() {
        duplicates_create_once("/interviews", 24, silence(1)).await;
        duplicates_create_once("/agents", 24, silence(2)).await;
    }

    #[tokio::test]
    async fn when_everything_happens() {
        duplicates_create_once("/interviews", 64, storm(1)).await;
        duplicates_create_once("/agents", 64, storm(2)).await;
        for seed in 3..5 {
            duplicates_create_once("/interviews", 8, storm_with_conflicts(seed)).await;
            duplicates_create_once("/agents", 8, storm_with_conflicts(seed)).await;
        }
    }
}

mod keys_that_race_on_a_candidate_assign_all_jobs {
    use super::*;

    #[tokio::test]
    async fn when_transactions_conflict() {
        racing_assignments_are_all_made(2, conflicts()).await;
        racing_assignments_are_all_made(12, conflicts()).await;
    }

    #[tokio::test]
    async fn when_requests_are_refused() {
        racing_assignments_are_all_made(2, refusals(1)).await;
        racing_assignments_are_all_made(12, refusals(2)).await;
    }

    #[tokio::test]
    async fn when_answers_are_late_or_lost() {
        racing_assignments_are_all_made(2, silence(1)).await;
        racing_assignments_are_all_made(12, silence(2)).await;
    }

    #[tokio::test]
    async fn when_everything_happens() {
        racing_assignments_are_all_made(16, storm(1)).await;
        for seed in 2..5 {
            racing_assignments_are_all_made(2, storm_with_conflicts(seed)).await;
        }
    }
}

/// An operator changes the plan, suspends and activates while creates run; every change counts once, and no create
/// that was answered is missing from the books.
#[tokio::test]
async fn plans_that_change_in_the_middle_of_creates_keep_the_books_exact() {
    for (faults, callers) in [(FaultScript::none(), 60), (storm_with_conflicts(1), 20)] {
        let server = TestServer::start().await;
        let company = server.company().minutes(30 * 20).create().await;
        let agent_id = company.agent(&body::generic_agent()).await;
        let body = json!({"candidate": body::candidate(), "agentId": agent_id});
        server.faults().follow(faults);
        let requests = (0..callers).map(|caller| {
            let (company, body, key) = (company.clone(), body.clone(), format!("caller-{caller}"));
            move || company.post("/interviews").json(&body).idempotent(&key)
        });
        let operator = async {
            let (store, mut changes) = (server.store(), 0);
            for minutes in [30 * 25, 30 * 40, 30 * 35, 30 * 50] {
                let granted = Some(domain::allowance::Seconds::from_minutes(minutes));
                let change = PlanChange { granted, ..PlanChange::default() };
                store.set_plan(company.id, change, server.now()).await.expect("a change of plan");
                for subscription in
                    [domain::allowance::SubscriptionStatus::Suspended, domain::allowance::SubscriptionStatus::Active]
                {
                    store.set_subscription(company.id, subscription, server.now()).await.expect("a change");
                }
                changes += 3;
            }
            changes
        };
        let work = async { tokio::join!(all_at_once(requests), operator) };
        // A grant that is made smaller than what is reserved leaves less than nothing, which is no overdraft.
        let (outcome, changes) = watched_by(&company, |allowance| assert_balanced(&allowance), work).await;

        let created = outcome.created().len() + outcome.replayed().len();
        let refused = outcome.refused(api::ErrorCode::BillingLimitExceeded).len()
            + outcome.refused(api::ErrorCode::SubscriptionInactive).len();
        assert_eq!(created + refused, callers);
        let (allowance, stored) = (company.allowance().await, Stored::read(&server).await);
        stored.assert_whole(&allowance);
        assert_eq!(stored.of("Interview").len(), created);
        assert_eq!(allowance.reserved_seconds.0, 1_800 * created as i64);
        assert!(created <= 50, "{created} of at most 50");
        let version = server.item(&format!("COMPANY#{}", company.id), "ALLOWANCE#00").await["version"].clone();
        assert_eq!(version, json!({"N": (1 + created + changes).to_string()}), "each change counts once");
    }
}

/// The engine stops and starts again at the same address, with the same data.
#[tokio::test]
async fn a_database_that_is_gone_is_answered_by_503_in_time_and_used_again_when_it_is_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("database");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let engine = Engine::file_on(&file, listener).expect("an engine");
    let store = Store::at_endpoint("greenroom", &engine.url(), local::http_client()).await;
    store.create_table().await.expect("a table");
    let demo = local::demo::DemoCompany::fresh();
    let runtime = runtime::Runtime { log: std::sync::Arc::new(|_| ()), ..runtime::Runtime::of_system("tests") };
    demo.store(&store, (runtime.clock)()).await.expect("a company that is stored");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let server = TestServer::start().await;
    let functions = Functions { runtime, store, ..server.functions().clone() };
    let served = Serving::start(listener, api_gateway::router(functions.http())).expect("a server");
    let client = reqwest::Client::new();
    let post = async |path: &str, body: &serde_json::Value| {
        let request = client.post(format!("{}{path}", served.url())).bearer_auth(&demo.api_key);
        request.header("idempotency-key", "one").json(body).send().await.expect("an answer")
    };

    assert_eq!(post("/agents", &body::agent()).await.status(), 201);
    engine.stop().await;
    let (agent, interview) = (body::agent(), body::interview());
    let (agents, interviews) = tokio::join!(post("/agents", &agent), post("/interviews", &interview));
    for answer in [agents, interviews] {
        assert_eq!(answer.status(), 503);
        assert_eq!(answer.headers()["retry-after"], "1");
        let problem: serde_json::Value = answer.json().await.expect("a problem");
        assert_eq!(problem["code"], "TEMPORARILY_UNAVAILABLE");
    }

    let listener = TcpListener::bind(address).expect("the same port");
    let engine = Engine::file_on(&file, listener).expect("the engine again");
    let replay = post("/agents", &body::agent()).await;
    assert_eq!((replay.status().as_u16(), replay.headers().contains_key("idempotent-replayed")), (201, true));
    assert_eq!(post("/interviews", &body::interview()).await.status(), 201);
    served.stop().await;
    engine.stop().await;
}

/// Most of the callers give up before they are answered. None of their requests is left half done, and a repeat with
/// the same key is answered.
#[tokio::test]
async fn what_a_caller_who_has_gone_asked_for_is_done_once_or_not_at_all() {
    let server = TestServer::start().await;
    let company = server.company().minutes(30 * 10).create().await;
    let body = body::interview();
    server.faults().follow(FaultScript::seeded(
        1,
        Rates { delayed: 0.8, delay_max: Duration::from_millis(100), answer_lost: 0.2, ..Rates::default() },
    ));
    let post = |caller: usize| {
        let (company, body) = (company.clone(), body.clone());
        move || company.post("/interviews").json(&body).idempotent(&format!("caller-{caller}"))
    };
    let mut callers = JoinSet::new();
    for caller in 0..20 {
        callers.spawn(post(caller)().send());
    }
    // Some are answered; the others are gone with the set.
    for _ in 0..5 {
        callers.join_next().await;
    }
    drop(callers);
    let outcome = watched(&company, all_at_once((0..20).map(post))).await;
    let done = outcome.created().len() + outcome.replayed().len();
    assert_eq!((done, outcome.refused(api::ErrorCode::BillingLimitExceeded).len()), (10, 10));
    let (allowance, stored) = (company.allowance().await, Stored::read(&server).await);
    stored.assert_whole(&allowance);
    assert_eq!((stored.of("Interview").len(), allowance.remaining_seconds.0), (10, 0));
}

/// One lost answer in each place of both round trips, and the budget's own end, seen from outside.
#[tokio::test]
async fn a_single_fault_anywhere_is_not_seen_by_the_caller() {
    let faults = [
        Fault::Throttled,
        Fault::ThroughputExceeded,
        Fault::InternalServerError,
        Fault::Unavailable,
        Fault::DelayBefore(Duration::from_millis(5)),
        Fault::DelayAfter(Duration::from_millis(5)),
        Fault::RequestLost,
        Fault::AnswerLost,
    ];
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let mut created = 0;
    for fault in faults {
        for (path, body, write) in [
            ("/agents", body::agent(), Operation::PutItem),
            ("/interviews", body::interview(), Operation::TransactWriteItems),
        ] {
            for operation in [Operation::BatchGetItem, write] {
                server.faults().follow(FaultScript::script([(operation, fault)]));
                let answer = company.post(path).json(&body).answered(201).await;
                assert!(!answer.replayed(), "{fault:?}");
                assert_eq!(server.faults().unused(), 0, "{operation:?} {fault:?} befell nothing");
                created += u32::from(path == "/interviews");
            }
        }
    }
    let (allowance, stored) = (company.allowance().await, Stored::read(&server).await);
    stored.assert_whole(&allowance);
    assert_eq!(allowance.reserved_seconds.0, 1_800 * i64::from(created));
    assert_eq!(stored.of("Agent").len(), faults.len() * 4);
}

/// The answer to a request's first write is lost, and the engine knows nothing of its token; one entry for either operation.
fn answer_of_a_write_lost() -> FaultScript {
    FaultScript::script(
        [Operation::UpdateItem, Operation::TransactWriteItems].map(|write| (write, Fault::AnswerAndTokenLost)),
    )
}

/// A change under a version, whose answer was lost, finds itself made when it is sent again, and is not refused for that.
#[tokio::test]
async fn a_change_under_a_version_whose_answer_is_lost_is_answered_as_made() {
    for route in api::Route::ALL.iter().filter(|route| route.entry().method == "PATCH") {
        let server = TestServer::start().await;
        let caller = server.caller_of(*route).await;
        let accepted = server.accepted(*route, &caller.key).await;
        let before = caller.get(&accepted.path).answered(200).await;
        server.pass(Duration::from_secs(1));
        server.faults().follow(answer_of_a_write_lost());
        let change =
            accepted.request(&server).key(&caller.key).header("if-match", before.header("etag").expect("a tag"));
        let answer = change.answered(200).await;
        assert_eq!(server.faults().unused(), 1, "{route:?}: one answer was lost");
        let shown = caller.get(&accepted.path).answered(200).await;
        assert_ne!(answer.header("etag"), before.header("etag"), "{route:?}");
        assert_eq!(answer.header("etag"), shown.header("etag"), "{route:?}");
    }
}

/// A deletion whose answer was lost finds itself made when it is sent again, and is not answered as one of nothing.
#[tokio::test]
async fn a_deletion_whose_answer_is_lost_is_answered_as_made() {
    // A webhook's is answered 404: the store takes it for another caller's.
    let is_recognized = |route: &&api::Route| route.entry().method == "DELETE" && **route != api::Route::DeleteWebhook;
    for route in api::Route::ALL.iter().filter(is_recognized) {
        let server = TestServer::start().await;
        let caller = server.caller_of(*route).await;
        let accepted = server.accepted(*route, &caller.key).await;
        server.faults().follow(answer_of_a_write_lost());
        accepted.request(&server).key(&caller.key).answered(204).await;
        assert_eq!(server.faults().unused(), 1, "{route:?}: one answer was lost");
        caller.get(&accepted.path).answered(404).await;
    }
}
