//! Neighbours: the attacks that a tenant or a stranger can make on the running functions, and a second company beside each,
//! whose requests are answered as ever and for the same requests and units of the table.
//!
//! A file for each kind of attack. `docs/security.md` says what is promised against it and what was measured; times are
//! measured by `bench neighbours`, and not here.

mod any_event;
mod bodies;
mod bounds;
mod forged_keys;
mod guessed_ids;
mod leaked_keys;
mod loops;
mod months;
mod outage;
mod ports;
mod tests_of_webhooks;
mod use_limits;

use std::cell::Cell;
use std::collections::BTreeMap;

use serde_json::{Value, json};
use tests::{Answer, Company, Request, TestServer, WebhookReceiver, body};
use tokio::task::JoinSet;

/// Requests, read units and write units of a log line.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Cost(u64, f64, f64);

impl Cost {
    fn of(line: &Value) -> Self {
        let dynamodb = &line["dynamodb"];
        let units = |name: &str| dynamodb[name].as_f64().expect("a number");
        Self(dynamodb["requests"].as_u64().expect("a number"), units("readUnits"), units("writeUnits"))
    }

    fn most(self, other: Self) -> Self {
        Self(self.0.max(other.0), self.1.max(other.1), self.2.max(other.2))
    }
}

/// A request of the second company: its outcome as the log has it, the part of its answer that does not change, its cost.
type Done = (&'static str, Value, Value, Cost);

/// The second company, which goes about its work.
struct Neighbour {
    company: Company,
    endpoint: WebhookReceiver,
    /// The interview that is created over and over, of which every part exists.
    interview: Value,
    webhook: String,
    usual: Vec<Done>,
}

/// Most times that a request is sent until it is not disturbed.
const TRIES_MAX: usize = 50;

/// False if the table seemed slow to a request: it asked again, or could not count itself in time. Here everything shares two
/// processors, so this says nothing of the attack; a conflict with another write does.
fn is_undisturbed(answer: &Answer) -> bool {
    let of = |name: &str| answer.log["dynamodb"][name].as_u64().expect("a number");
    of("retries") == of("conflicts") && of("countFailures") == 0 && answer.status != 503
}

/// The first answer that is not disturbed.
async fn undisturbed(request: impl Fn() -> Request) -> Answer {
    for _ in 0..TRIES_MAX {
        let answer = request().send().await;
        if is_undisturbed(&answer) {
            return answer;
        }
    }
    panic!("{TRIES_MAX} requests were disturbed");
}

/// Minutes that the second company may use: enough for the longest attack, beside which it creates an interview every time.
const MINUTES: u32 = 1_000_000;
/// The key of the request that the second company repeats.
const REPEATED: &str = "repeated";

impl Neighbour {
    /// Creates the company with all that it works with, and takes down what its work costs while nobody else does anything.
    async fn of(server: &TestServer) -> Self {
        let (company, endpoint) = (server.company().minutes(MINUTES).create().await, WebhookReceiver::start());
        let whole = json!({"candidate": body::candidate(), "agent": body::agent(), "job": body::job()});
        let whole = company.created("/interviews", &whole).await;
        let id = |name: &str| whole.text_of(name).to_owned();
        let interview = json!({"candidateId": id("candidateId"), "agentId": id("agentId"), "jobId": id("jobId")});
        company.post("/interviews").json(&interview).idempotent(REPEATED).answered(201).await;
        let webhook = company.webhook(&endpoint).await.id;
        let mut neighbour = Self { company, endpoint, interview, webhook, usual: Vec::new() };
        neighbour.usual = neighbour.work().await;
        neighbour
    }

    /// One request after another, of each kind that a company makes every day.
    async fn work(&self) -> Vec<Done> {
        let Self { company, interview, webhook, .. } = self;
        let kept = |answer: &Answer, members: &[&str]| members.iter().map(|name| answer.body[*name].clone()).collect();
        let mut done = Vec::new();
        let mut note = |what, answer: &Answer, kept: Value| {
            done.push((what, answer.log["code"].clone(), kept, Cost::of(&answer.log)));
        };
        let ids = ["candidateId", "agentId", "jobId", "status"];
        let answer = undisturbed(|| company.post("/agents").json(&body::agent())).await;
        note("an agent", &answer, kept(&answer, &["name", "duration"]));
        let answer = undisturbed(|| company.post("/interviews").json(interview)).await;
        note("an interview", &answer, kept(&answer, &ids));
        let answer = undisturbed(|| company.post("/interviews").json(interview).idempotent(REPEATED)).await;
        note("a repeat", &answer, answer.body.clone());
        let answer = undisturbed(|| company.get("/webhooks")).await;
        note("the webhooks", &answer, answer.body.clone());
        let answer = undisturbed(|| company.get(&format!("/webhooks/{webhook}"))).await;
        note("a webhook", &answer, answer.body.clone());
        let answer = undisturbed(|| company.get(&format!("/webhooks/{webhook}/deliveries"))).await;
        note("deliveries", &answer, Value::Null);
        done
    }

    /// Panics unless the work is answered as ever, and costs the table as much as ever.
    async fn assert_unharmed(&self) {
        for (done, usual) in self.work().await.iter().zip(&self.usual) {
            assert_eq!(done, usual, "the second company notices the attack");
        }
    }

    /// Makes an attack, with the second company at work while it is under way and once more after it.
    async fn beside<T>(&self, attack: impl Future<Output = T>) -> T {
        let is_over = Cell::new(false);
        let attack = async {
            let outcome = attack.await;
            is_over.set(true);
            outcome
        };
        let work = async {
            while !is_over.get() {
                self.assert_unharmed().await;
            }
            self.assert_unharmed().await;
        };
        tokio::join!(attack, work).0
    }

    /// Panics unless both events of a test interview arrive.
    async fn assert_events_arrive(&self) {
        let before = self.endpoint.posts().len();
        let id = self.company.test_interview().await;
        let posts = self.endpoint.received(before + 2).await;
        assert!(posts[before..].iter().all(|post| post.interview_id() == id), "{posts:?}");
    }
}

/// Most requests of an attack that are under way at once. On this machine all functions share its processors, and with too
/// many the table would seem slow to everybody.
const AT_ONCE: usize = 20;

/// Sends requests, up to twenty at once, each again as long as it is answered by 503, and gives all other answers.
async fn storm<R: Fn() -> Request + Send + 'static>(requests: impl IntoIterator<Item = R>) -> Vec<Answer> {
    let (mut under_way, mut answers) = (JoinSet::new(), Vec::new());
    for request in requests {
        if under_way.len() == AT_ONCE {
            answers.extend(under_way.join_next().await.map(|answer| answer.expect("no panic")));
        }
        under_way.spawn(insisting(request));
    }
    answers.extend(under_way.join_all().await);
    answers
}

/// The first answer that is not 503.
async fn insisting(request: impl Fn() -> Request) -> Answer {
    loop {
        let answer = request().send().await;
        if answer.status != 503 {
            return answer;
        }
    }
}

/// The number of answers by their outcome.
fn outcomes(answers: &[Answer]) -> BTreeMap<&str, usize> {
    let mut outcomes = BTreeMap::new();
    for answer in answers {
        *outcomes.entry(answer.log["code"].as_str().expect("an outcome")).or_default() += 1;
    }
    outcomes
}

/// The different costs of answers that were not disturbed.
fn costs(answers: &[Answer]) -> Vec<Cost> {
    let mut costs = Vec::new();
    for cost in answers.iter().filter(|answer| is_undisturbed(answer)).map(|answer| Cost::of(&answer.log)) {
        if !costs.contains(&cost) {
            costs.push(cost);
        }
    }
    costs
}
