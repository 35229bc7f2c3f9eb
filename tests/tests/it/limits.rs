//! The limits of a key's use: how exactly they hold, for whom, and what counting costs.

use std::time::Duration;

use domain::allowance::SubscriptionStatus;
use domain::company::Plan;
use domain::limits::UseLimits;
use serde_json::json;
use store::PlanChange;
use tests::faults::Operation::{BatchGetItem, CountUse, PutItem};
use tests::faults::{Fault, FaultScript};
use tests::{Answer, Company, TestServer, body};
use tokio::task::JoinSet;

pub async fn get(company: &Company, key: &str) -> Answer {
    company.server().request(reqwest::Method::GET, "/webhooks").key(key).send().await
}

/// The requests that are left of the minute and of the hour, as the answer says.
pub fn left(answer: &Answer) -> (u32, u32) {
    let number = |name: &str| answer.header(name).and_then(|text| text.parse().ok()).expect("a number");
    (number("x-ratelimit-remaining-minute"), number("x-ratelimit-remaining-hour"))
}

fn limits(answer: &Answer) -> (u32, u32) {
    let number = |name: &str| answer.header(name).and_then(|text| text.parse().ok()).expect("a number");
    (number("x-ratelimit-limit-minute"), number("x-ratelimit-limit-hour"))
}

/// One request after another: as many as the plan allows in a minute pass, and not one more, until the next minute.
#[tokio::test]
async fn each_plan_s_minute_is_exact() {
    for (plan, minute, hour) in [
        (Plan::Trial, 30, 500),
        (Plan::Starter, 120, 5_000),
        (Plan::Business, 300, 15_000),
        (Plan::Scale, 600, 30_000),
        (Plan::Enterprise, 600, 30_000),
    ] {
        let server = TestServer::start().await;
        let company = server.company().plan(plan).create().await;
        let (_, key) = company.api_key().limited().create().await;
        for used in 1..=minute {
            let answer = get(&company, &key).await;
            assert_eq!((answer.status, limits(&answer)), (200, (minute, hour)), "{plan:?} {used}");
            assert_eq!(left(&answer), (minute - used, hour - used), "{plan:?}");
        }
        for _ in 0..2 {
            let answer = get(&company, &key).await;
            assert_eq!((answer.code(), left(&answer)), (Some("RATE_LIMITED"), (0, hour - minute)), "{plan:?}");
        }
        server.set_clock("2026-05-15T10:20:59.999Z");
        assert_eq!(get(&company, &key).await.status, 429, "{plan:?}");
        server.set_clock("2026-05-15T10:21:00.000Z");
        let answer = get(&company, &key).await;
        assert_eq!((answer.status, left(&answer)), (200, (minute - 1, hour - minute - 1)), "{plan:?}");
    }
}

#[tokio::test]
async fn each_plan_s_hour_is_exact() {
    for plan in [Plan::Trial, Plan::Starter, Plan::Business, Plan::Scale] {
        let server = TestServer::start().await;
        let company = server.company().plan(plan).create().await;
        let (_, key) = company.api_key().limited().create().await;
        get(&company, &key).await;
        let hour = plan.limits().hour;
        let [counter] = <[_; 1]>::try_from(server.counters().await).expect("one counter");
        let text = |name: &str| counter[name]["S"].as_str().expect("a key").to_owned();
        let used = json!({"hour": {"N": (hour - 1).to_string()}});
        server.set_attributes(&text("PK"), &text("SK"), &used).await;
        let last = get(&company, &key).await;
        assert_eq!((last.status, left(&last).1), (200, 0), "{plan:?}");
        let refused = get(&company, &key).await;
        assert_eq!((refused.code(), &refused.body["limit"]), (Some("RATE_LIMITED"), &json!(hour)));
        assert_eq!(refused.text_of("resetsAt"), "2026-05-15T11:00:00.000Z");
        assert_eq!(refused.header("retry-after"), Some("2370"));
        server.set_clock("2026-05-15T10:59:59.000Z");
        assert_eq!(get(&company, &key).await.status, 429, "the next minute is in the same hour");
        server.set_clock("2026-05-15T11:00:00.000Z");
        assert_eq!(left(&get(&company, &key).await).1, hour - 1);
    }
}

/// Keys of systems are on scale, whichever company they act for.
#[tokio::test]
async fn a_system_s_key_has_the_limits_of_scale() {
    let server = TestServer::start().await;
    let ats = server.ats().await;
    let company = server.company().plan(Plan::Trial).managed_by(ats).create().await;
    let (_, key) = server.ats_key(ats).limited().create().await;
    let answer = server.post(&format!("/agents?companyId={}", company.id)).key(&key).json(&body::agent()).send().await;
    assert_eq!((answer.status, limits(&answer)), (201, (600, 30_000)));
}

/// Refusals and repeats count as well; what has no valid key counts for nobody.
#[tokio::test]
async fn every_answer_to_a_valid_key_counts_once() {
    let server = TestServer::start().await;
    let company = server.company().plan(Plan::Trial).create().await;
    let (_, key) = company.api_key().limited().create().await;
    let post = |path: &str| server.post(path).key(&key);
    let created = post("/agents").json(&body::agent()).idempotent("k").answered(201).await;
    assert_eq!(left(&created), (29, 499));
    let replay = post("/agents").json(&body::agent()).idempotent("k").answered(201).await;
    assert!(replay.replayed());
    assert_eq!(left(&replay).0, 28);
    assert_eq!(left(&post("/agents").text("{").answered(400).await).0, 27);
    let conflicting = post("/agents").json(&body::generic_agent()).idempotent("k").answered(422).await;
    assert_eq!(left(&conflicting).0, 26);
    let unknown = server.request(reqwest::Method::GET, &format!("/webhooks/{}", server.id())).key(&key);
    assert_eq!(left(&unknown.answered(404).await).0, 25);
    let (_, narrow) = company.api_key().limited().scopes(&[]).create().await;
    assert_eq!(left(&get(&company, &narrow).await), (29, 499), "a missing scope");
    let (_, suspended) = company.api_key().limited().suspended().create().await;
    assert_eq!(get(&company, &suspended).await.status, 401);
    assert_eq!(server.counters().await.len(), 2, "of the two keys that work");
    assert_eq!(left(&get(&company, &key).await).0, 24);
}

/// A key that is revoked while an instance knows it costs one write more there, and then none.
#[tokio::test]
async fn a_revoked_key_is_forgotten() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let (id, key) = company.api_key().create().await;
    get(&company, &key).await;
    server.store().set_api_key_status(id, domain::api_key::ApiKeyStatus::Revoked, None, server.now()).await.unwrap();
    assert_eq!(get(&company, &key).await.status, 401);
    server.faults().take_arrivals();
    assert_eq!(get(&company, &key).await.status, 401);
    assert_eq!(server.faults().take_arrivals(), [BatchGetItem]);
}

/// A count is sent beside another request, never before or after all others: beside the read if the instance knows the
/// key, else beside the write that follows.
#[tokio::test]
async fn a_count_is_no_further_sequential_request() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let slow = Fault::DelayAfter(Duration::from_millis(150));
    let create = || company.post("/agents").json(&body::agent());
    server.faults().follow(FaultScript::script([(PutItem, slow), (CountUse, slow)]));
    let first = create().answered(201).await;
    assert_eq!((server.faults().unused(), server.faults().take_overlaps()), (0, 1), "{first}");
    assert_eq!(server.faults().take_arrivals().len(), 3);

    server.faults().follow(FaultScript::script([(BatchGetItem, slow), (CountUse, slow)]));
    let answer = company.get("/webhooks").answered(200).await;
    assert_eq!((server.faults().unused(), server.faults().take_overlaps()), (0, 1), "{answer}");
}

/// If counting fails, in whatever way, the request passes, and the log says so.
#[tokio::test]
async fn a_request_that_can_t_be_counted_passes() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let (_, key) = company.api_key().limits(UseLimits { minute: 2, hour: 9 }).create().await;
    for fault in [
        Fault::Throttled,
        Fault::ThroughputExceeded,
        Fault::InternalServerError,
        Fault::RequestLost,
        Fault::AnswerNever,
        Fault::Throttled,
    ] {
        server.faults().follow(FaultScript::script([(CountUse, fault)]));
        let answer = get(&company, &key).await;
        assert_eq!(server.faults().unused(), 0);
        assert_eq!((answer.status, &answer.log["dynamodb"]["countFailures"]), (200, &json!(1)), "{answer}");
        assert_eq!(answer.log["RateCountFailures"], 1, "{answer}");
    }
    server.faults().follow(FaultScript::none());
    let answer = get(&company, &key).await;
    assert_eq!((answer.status, &answer.log["dynamodb"]["countFailures"]), (200, &json!(0)), "only one was counted");
    assert_eq!(get(&company, &key).await.code(), Some("RATE_LIMITED"));
}

async fn passed_at_once(company: &Company, key: &str, callers: usize) -> usize {
    let mut answers = JoinSet::new();
    for _ in 0..callers {
        let (company, key) = (company.clone(), key.to_owned());
        answers.spawn(async move { get(&company, &key).await });
    }
    answers.join_all().await.into_iter().filter(|answer| answer.status == 200).count()
}

/// At once, an instance that knows the key lets exactly as many pass as are left. One that does not lets at most those
/// pass that are in flight until the first of them is counted, and none after.
#[tokio::test]
async fn the_overshoot_is_bounded_by_what_is_in_flight() {
    const CALLERS: usize = 40;
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let limits = UseLimits { minute: 10, hour: 100 };
    let (_, key) = company.api_key().limits(limits).create().await;
    assert_eq!(get(&company, &key).await.status, 200);
    assert_eq!(passed_at_once(&company, &key, CALLERS).await, 9, "the instance knows the key");
    assert_eq!(get(&company, &key).await.status, 429);

    let (_, key) = company.api_key().limits(limits).create().await;
    let passed = passed_at_once(&company, &key, CALLERS).await;
    assert!((10..=CALLERS).contains(&passed), "{passed}");
    assert_eq!(passed_at_once(&company, &key, CALLERS).await, 0);
}

/// A change of plan or of limits holds from the next request on; an exception of the key comes before its company's.
#[tokio::test]
async fn a_change_of_plan_or_limits_holds_at_once() {
    let server = TestServer::start().await;
    let company = server.company().plan(Plan::Trial).create().await;
    let (id, key) = company.api_key().limited().create().await;
    let (store, now) = (server.store(), server.now());
    assert_eq!(limits(&get(&company, &key).await), (30, 500));
    let change = PlanChange { plan: Some(Plan::Starter), ..PlanChange::default() };
    store.set_plan(company.id, change, now).await.unwrap();
    assert_eq!(limits(&get(&company, &key).await), (120, 5_000));
    store.set_company_limits(company.id, Some(UseLimits { minute: 3, hour: 7 }), now).await.unwrap();
    let answer = get(&company, &key).await;
    assert_eq!((limits(&answer), left(&answer)), ((3, 7), (0, 4)));
    assert_eq!(get(&company, &key).await.status, 429);
    let (_, later) = company.api_key().limited().create().await;
    assert_eq!(limits(&get(&company, &later).await), (3, 7), "a key that is created afterwards");
    store.set_key_limits(id, Some(UseLimits { minute: 5, hour: 50 }), now).await.unwrap();
    let answer = get(&company, &key).await;
    assert_eq!((answer.status, limits(&answer)), (200, (5, 50)));
    store.set_key_limits(id, None, now).await.unwrap();
    store.set_company_limits(company.id, None, now).await.unwrap();
    assert_eq!(limits(&get(&company, &key).await), (120, 5_000));
    store.set_subscription(company.id, SubscriptionStatus::Suspended, now).await.unwrap();
    assert_eq!(get(&company, &key).await.status, 200);
}
