//! Many callers at once: limits are never exceeded, each key creates once, nothing is half created.
//!
//! Each promise is a scenario that takes the faults between the store and its database. Here there are none, and the
//! engine puts the transactions in order. The tests in `faults` play the same scenarios with faults.

use std::collections::BTreeMap;
use std::pin::pin;
use std::time::Duration;

use api::ErrorCode;
use domain::allowance::Allowance;
use serde_json::{Value, json};
use tests::faults::{Fault, FaultScript, Operation};
use tests::{Answer, Company, Request, TestServer, api, body};
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

/// Only a caller that never gets through repeats more often, however busy the machine is: each repeat has six seconds of
/// retries in it.
const REPEATS_MAX: usize = 1_000;

/// The final answers to all callers, and the number of repeats after a 503 that they took.
pub struct Outcome {
    pub answers: Vec<Answer>,
    pub repeats: usize,
}

impl Outcome {
    /// The answers that report a create, without the replays.
    pub fn created(&self) -> Vec<&Answer> {
        self.answers.iter().filter(|answer| answer.status == 201 && !answer.replayed()).collect()
    }

    pub fn replayed(&self) -> Vec<&Answer> {
        self.answers.iter().filter(|answer| answer.replayed()).collect()
    }

    pub fn refused(&self, code: ErrorCode) -> Vec<&Answer> {
        self.answers.iter().filter(|answer| answer.code() == Some(code.as_str())).collect()
    }
}

/// Sends all requests at once. A caller that is answered by 503 repeats the same request.
pub async fn all_at_once(requests: impl IntoIterator<Item = impl Fn() -> Request + Send + 'static>) -> Outcome {
    let mut callers = JoinSet::new();
    for request in requests {
        callers.spawn(async move {
            for repeats in 0..REPEATS_MAX {
                let answer = request().send().await;
                if answer.status != 503 {
                    return (answer, repeats);
                }
                assert_eq!(answer.code(), Some(ErrorCode::TemporarilyUnavailable.as_str()), "{answer}");
            }
            panic!("still 503 after {REPEATS_MAX} repeats");
        });
    }
    let (answers, repeats): (Vec<_>, Vec<_>) = callers.join_all().await.into_iter().unzip();
    Outcome { answers, repeats: repeats.into_iter().sum() }
}

/// Sends a request, and lets something happen after it has read, and before its write of that kind reaches the table.
pub async fn between_read_and_write<T>(
    request: Request,
    server: &TestServer,
    write: Operation,
    happens: impl Future<Output = T>,
) -> (Answer, T) {
    server.faults().follow(FaultScript::script([(write, Fault::HeldBefore)]));
    let answer = tokio::spawn(request.send());
    while server.faults().unused() > 0 {
        assert!(!answer.is_finished(), "answered without {write:?}: {:?}", answer.await);
        tokio::task::yield_now().await;
    }
    let happened = happens.await;
    server.faults().release();
    (answer.await.expect("an answer"), happened)
}

/// The time between looks at a company's allowance while others change it.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// Does the work, and looks at the company's allowance all the while: its books balance at every moment.
pub async fn watched<T>(company: &Company, work: impl Future<Output = T>) -> T {
    let mut last: Option<Allowance> = None;
    let look = |allowance: Allowance| {
        assert_balanced(&allowance);
        let overdrawn = allowance.remaining_seconds.0 < 0 && !allowance.overage_allowed;
        assert!(!overdrawn, "more reserved than granted: {allowance:?}");
        if let Some(last) = &last {
            assert!(allowance.period >= last.period, "a month came back: {last:?} {allowance:?}");
        }
        last = Some(allowance);
    };
    watched_by(company, look, work).await
}

/// Does the work, and shows the company's allowance to `look` all the while.
pub async fn watched_by<T>(company: &Company, mut look: impl FnMut(Allowance), work: impl Future<Output = T>) -> T {
    let mut work = pin!(work);
    let mut looks = tokio::time::interval(LOOK_EVERY);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            done = &mut work => break done,
            _ = looks.tick() => look(allowance(company).await),
        }
    }
}

/// The company's allowance, as stored. Asks the engine without the store's time-outs, which end before a busy engine
/// answers.
async fn allowance(company: &Company) -> Allowance {
    let item = company.server().item(&format!("COMPANY#{}", company.id), "ALLOWANCE#00").await;
    let attributes = item.as_object().expect("an allowance").iter().map(|(name, value)| {
        let value = match value.as_object().and_then(|value| value.iter().next()).expect("a typed value") {
            (kind, Value::String(digits)) if kind == "N" => digits.parse::<i64>().expect("a number").into(),
            (_, value) => value.clone(),
        };
        (name.clone(), value)
    });
    serde_json::from_value(Value::Object(attributes.collect())).expect("an allowance")
}

pub fn assert_balanced(allowance: &Allowance) {
    let spoken_for = allowance.remaining_seconds + allowance.reserved_seconds + allowance.used_seconds;
    assert_eq!(spoken_for, allowance.granted_seconds, "{allowance:?}");
}

/// All stored items, by kind.
pub struct Stored(BTreeMap<String, Vec<Value>>);

impl Stored {
    pub async fn read(server: &TestServer) -> Self {
        let mut kinds: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for item in server.all_items().await {
            kinds.entry(text(&item, "entityType").to_owned()).or_default().push(item);
        }
        Self(kinds)
    }

    pub fn of(&self, kind: &str) -> &[Value] {
        self.0.get(kind).map_or(&[], Vec::as_slice)
    }

    fn has(&self, kind: &str, id: &Value) -> bool {
        self.of(kind).iter().any(|item| item["id"] == *id)
    }

    /// The seconds that are reserved for interviews, by month.
    pub fn reserved(&self) -> BTreeMap<String, i64> {
        let mut months = BTreeMap::new();
        let held = self.of("Interview").iter().map(|item| &item["reservation"]["M"]);
        for reservation in held.filter(|reservation| reservation.is_object()) {
            let seconds: i64 = reservation["seconds"]["N"].as_str().expect("seconds").parse().expect("a number");
            *months.entry(text(reservation, "period").to_owned()).or_default() += seconds;
        }
        months
    }

    /// Panics unless every reference leads to an item, every candidate has an interview, and what is reserved in the
    /// current month is what the month's interviews hold.
    pub fn assert_whole(&self, allowance: &Allowance) {
        for interview in self.of("Interview") {
            assert!(self.has("Candidate", &interview["candidateId"]), "{interview}");
            assert!(self.has("Agent", &interview["agentId"]), "{interview}");
            assert!(interview["jobId"].is_null() || self.has("Job", &interview["jobId"]), "{interview}");
        }
        for candidate in self.of("Candidate") {
            let interviewed = self.of("Interview").iter().any(|item| item["candidateId"] == candidate["id"]);
            assert!(interviewed, "a candidate without an interview: {candidate}");
            let jobs = candidate["jobIds"]["L"].as_array().expect("a list");
            assert!(jobs.iter().all(|job| self.has("Job", job)), "{candidate}");
        }
        assert_balanced(allowance);
        let reserved = self.reserved().get(allowance.period.as_str()).copied().unwrap_or(0);
        assert_eq!(allowance.reserved_seconds.0, reserved, "{allowance:?}");
    }
}

fn text<'a>(item: &'a Value, name: &str) -> &'a str {
    item[name]["S"].as_str().unwrap_or_else(|| panic!("no {name}: {item}"))
}

/// So many creates against an allowance that bears some of them.
pub async fn an_allowance_is_spent_exactly(callers: usize, granted: u32, faults: FaultScript) -> Outcome {
    let server = TestServer::start().await;
    let company = server.company().minutes(granted * 30).create().await;
    let agent_id = company.agent(&body::generic_agent()).await;
    let body = json!({"candidate": body::candidate(), "agentId": agent_id});
    server.faults().follow(faults);
    let requests = (0..callers).map(|caller| {
        let (company, body, key) = (company.clone(), body.clone(), format!("caller-{caller}"));
        move || company.post("/interviews").json(&body).idempotent(&key)
    });
    let outcome = watched(&company, all_at_once(requests)).await;

    let (created, granted) = (outcome.created().len() + outcome.replayed().len(), granted as usize);
    let refused = outcome.refused(ErrorCode::BillingLimitExceeded);
    assert_eq!((created, refused.len()), (granted, callers - granted));
    assert!(refused.iter().all(|answer| answer.body["remainingMinutes"] == 0), "refused while there was time left");
    let allowance = allowance(&company).await;
    assert_eq!(allowance.remaining_seconds.0, 0);
    let stored = Stored::read(&server).await;
    stored.assert_whole(&allowance);
    assert_eq!((stored.of("Interview").len(), stored.of("Candidate").len()), (granted, granted));
    outcome
}

/// The same request many times, under one key.
pub async fn duplicates_create_once(path: &'static str, callers: usize, faults: FaultScript) -> Outcome {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let body = match path {
        "/agents" => body::agent(),
        _ => json!({"candidate": body::candidate(), "agent": body::agent(), "job": body::job()}),
    };
    let before = server.items().await;
    server.faults().follow(faults);
    let requests = (0..callers).map(|_| {
        let (company, body) = (company.clone(), body.clone());
        move || company.post(path).json(&body).idempotent("one")
    });
    let outcome = watched(&company, all_at_once(requests)).await;

    // A caller that was answered by 503 may have created it and never been told so.
    let created = outcome.created().len();
    assert!(created == 1 || (created == 0 && outcome.repeats > 0), "{created} say that they created it");
    assert_eq!(created + outcome.replayed().len(), callers);
    assert!(outcome.answers.iter().all(|answer| answer.text == outcome.answers[0].text), "answers differ");
    let (allowance, stored) = (company.allowance().await, Stored::read(&server).await);
    let (added, reserved) = if path == "/agents" { (1, 0) } else { (4, 1_800) };
    assert_eq!((server.items().await - before, allowance.reserved_seconds.0), (added, reserved));
    stored.assert_whole(&allowance);
    outcome
}

/// Callers who each assign another job to the same candidate.
pub async fn racing_assignments_are_all_made(callers: usize, faults: FaultScript) -> Outcome {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let (candidate_id, agent_id) = (company.candidate().await, company.agent(&body::agent()).await);
    let body = json!({"candidateId": candidate_id, "agentId": agent_id, "job": body::job()});
    server.faults().follow(faults);
    let requests = (0..callers).map(|caller| {
        let (company, body, key) = (company.clone(), body.clone(), format!("caller-{caller}"));
        move || company.post("/interviews").json(&body).idempotent(&key)
    });
    let outcome = watched(&company, all_at_once(requests)).await;

    assert_eq!(outcome.created().len() + outcome.replayed().len(), callers);
    let mut told: Vec<_> = outcome.answers.iter().map(|answer| answer.text_of("jobId")).collect();
    let candidate = server.item(&format!("CANDIDATE#{candidate_id}"), "CANDIDATE").await;
    let jobs = candidate["jobIds"]["L"].as_array().expect("a list");
    let mut assigned: Vec<_> = jobs.iter().map(|job| job["S"].as_str().expect("an id")).collect();
    told.sort_unstable();
    assigned.sort_unstable();
    assert_eq!(assigned, told);
    assert_eq!(company.allowance().await.reserved_seconds.0, 1_800 * callers as i64);
    outcome
}

/// Panics unless so many are created, or a caller had to repeat: without faults, that is only if this machine is too
/// busy to answer in time.
fn assert_created(outcome: &Outcome, expected: usize) {
    assert!(outcome.created().len() == expected || outcome.repeats > 0, "{} created", outcome.created().len());
}

#[tokio::test]
async fn an_allowance_for_50_interviews_bears_exactly_50_of_200_creates() {
    let outcome = an_allowance_is_spent_exactly(200, 50, FaultScript::none()).await;
    assert_created(&outcome, 50);
}

#[tokio::test]
async fn of_64_duplicates_one_creates_the_interview_and_63_get_the_replay() {
    let outcome = duplicates_create_once("/interviews", 64, FaultScript::none()).await;
    assert_created(&outcome, 1);
}

#[tokio::test]
async fn of_64_duplicates_one_creates_the_agent_and_63_get_the_replay() {
    let outcome = duplicates_create_once("/agents", 64, FaultScript::none()).await;
    assert_created(&outcome, 1);
}

#[tokio::test]
async fn two_keys_that_race_on_a_candidate_assign_both_jobs() {
    for _ in 0..5 {
        assert_created(&racing_assignments_are_all_made(2, FaultScript::none()).await, 2);
    }
}

#[tokio::test]
async fn thirty_two_keys_that_race_on_a_candidate_assign_all_jobs() {
    racing_assignments_are_all_made(32, FaultScript::none()).await;
}

#[tokio::test]
async fn the_same_job_is_assigned_once_however_many_assign_it() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let (candidate_id, agent_id) = (company.candidate().await, company.agent(&body::agent()).await);
    let job_id = company.job().await;
    let body = json!({"candidateId": candidate_id, "agentId": agent_id, "jobId": job_id});
    let requests = (0..16).map(|_| {
        let (company, body) = (company.clone(), body.clone());
        move || company.post("/interviews").json(&body)
    });
    let outcome = all_at_once(requests).await;
    assert_eq!(outcome.created().len(), 16);
    let candidate = server.item(&format!("CANDIDATE#{candidate_id}"), "CANDIDATE").await;
    assert_eq!(candidate["jobIds"], json!({"L": [{"S": job_id}]}));
}

/// The winner's request is the key's; the same request is answered with what it created, another one is refused.
#[tokio::test]
async fn of_two_requests_under_one_key_one_wins() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let bodies = [30, 45].map(|minutes| body::with_at(body::interview(), "/agent/duration", json!(minutes)));
    let before = server.items().await;
    let requests = (0..32).map(|caller| {
        let (company, body) = (company.clone(), bodies[caller % 2].clone());
        move || company.post("/interviews").json(&body).idempotent("one")
    });
    let outcome = watched(&company, all_at_once(requests)).await;
    assert_created(&outcome, 1);
    let (told, refused): (Vec<_>, Vec<_>) = outcome.answers.iter().partition(|answer| answer.status == 201);
    assert_eq!((told.len(), outcome.refused(ErrorCode::IdempotencyKeyReused).len(), refused.len()), (16, 16, 16));
    let minutes = told[0].body["durationMinutes"].as_i64().expect("minutes");
    assert!(told.iter().all(|answer| answer.text == told[0].text));
    assert_eq!((company.allowance().await.reserved_seconds.0, server.items().await - before), (minutes * 60, 3));
}

/// The same key means nothing to another company and on another route.
#[tokio::test]
async fn a_key_is_its_company_s_and_its_route_s_alone() {
    let server = TestServer::start().await;
    let companies = [server.company().create().await, server.company().create().await];
    let requests = companies.iter().flat_map(|company| {
        [("/agents", body::agent()), ("/interviews", body::interview())].into_iter().flat_map(move |(path, body)| {
            (0..8).map(move |_| {
                let (company, body) = (company.clone(), body.clone());
                move || company.post(path).json(&body).idempotent("one")
            })
        })
    });
    let outcome = all_at_once(requests).await;
    assert_created(&outcome, 4);
    assert_eq!(outcome.created().len() + outcome.replayed().len(), 32);
}
