//! Walks through the pages of a list, while what it lists is created, changed and deleted.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZero;
use std::time::Duration;

use domain::agent::{Agent, AgentId, NewAgent};
use domain::company::{CompanyId, Owner};
use fastrand::Rng;
use serde_json::json;
use store::{Create, Creation, IdempotencyRecord, WriteContext};
use tests::{Company, TestServer, body};
use tokio::runtime::Builder;

use crate::any_route::lists::ids;

/// Histories, each from a seed of its own: a debug build makes some six a second on two cores, most of the time in the four
/// requests to the table behind a page. `WALKS=1000 cargo test -p tests --test it -- walks` makes more, as CI does.
const HISTORIES: u64 = 300;
/// Steps of a history, each of which changes something or turns a page.
const STEPS: usize = 30;
/// Most agents at the beginning of a history: some pages of a walk.
const AGENTS_MAX: usize = 14;

/// The agents of a company, by their ids, with their focus.
type Agents = BTreeMap<String, &'static str>;

const FOCUSES: [&str; 2] = ["SCREENING", "GENERIC"];

/// A walk of one client.
struct Walk {
    focus: Option<&'static str>,
    cursor: Option<String>,
    /// The agents that were there from its beginning on, and that its filter let through all the time.
    throughout: BTreeSet<String>,
    seen: Vec<String>,
}

impl Walk {
    fn begin(rng: &mut Rng, agents: &Agents) -> Self {
        let focus = rng.bool().then(|| FOCUSES[rng.usize(..2)]);
        let matching = agents.iter().filter(|(_, own)| focus.is_none_or(|focus| focus == **own));
        let throughout = matching.map(|(id, _)| id.clone()).collect();
        Self { focus, cursor: None, throughout, seen: Vec::new() }
    }

    /// Turns a page. True if it was the last one.
    async fn turn(&mut self, rng: &mut Rng, company: &Company) -> bool {
        let mut path = format!("/agents?limit={}", rng.u8(1..6));
        path.extend(self.focus.map(|focus| format!("&focus={focus}")));
        path.extend(self.cursor.take().map(|cursor| format!("&cursor={cursor}")));
        let page = company.get(&path).answered(200).await;
        self.seen.extend(ids(&page));
        self.cursor = page.body["nextCursor"].as_str().map(str::to_owned);
        self.cursor.is_none()
    }

    /// Panics unless it has seen each agent that was there throughout, none twice, and none of somebody else.
    fn check(&self, ever: &BTreeSet<String>, seed: u64) {
        let seen: BTreeSet<String> = self.seen.iter().cloned().collect();
        assert_eq!(seen.len(), self.seen.len(), "seed {seed}: an agent comes twice: {:?}", self.seen);
        let missed: Vec<_> = self.throughout.difference(&seen).collect();
        assert!(missed.is_empty(), "seed {seed}: {missed:?} are missed in {:?}", self.seen);
        assert!(seen.is_subset(ever), "seed {seed}: somebody else's agent in {:?}", self.seen);
    }
}

async fn create(server: &TestServer, company_id: CompanyId, focus: &str) -> String {
    let profile = body::with(body::agent(), json!({"focus": focus, "backgroundSound": "OFF"}));
    let profile = serde_json::from_value(profile).expect("a profile");
    let id = AgentId::new(server.id());
    let agent = NewAgent { agent: Agent::new(id, company_id, profile, server.now()), phone_number: None };
    let context = WriteContext {
        tenant: Owner::Company(company_id),
        managed: None,
        record: IdempotencyRecord { request_id: "walk", fingerprint: None },
        trace_id: None,
        now: server.now(),
    };
    let created = agent.create(&mut server.store().session(), &context).await.expect("an agent");
    assert!(matches!(created, Creation::Created(_)), "{created:?}");
    id.to_string()
}

async fn history(server: &TestServer, stranger: CompanyId, seed: u64) {
    let rng = &mut Rng::with_seed(seed);
    let company = server.company().create().await;
    let (mut agents, mut ever) = (Agents::new(), BTreeSet::new());
    for _ in 0..rng.usize(0..=AGENTS_MAX) {
        let focus = FOCUSES[rng.usize(..2)];
        agents.insert(create(server, company.id, focus).await, focus);
        // Some are created in the same millisecond.
        server.pass(Duration::from_millis(rng.u64(0..2)));
    }
    ever.extend(agents.keys().cloned());
    let mut walks = [Walk::begin(rng, &agents), Walk::begin(rng, &agents)];
    for _ in 0..STEPS {
        let some = rng.choice(agents.keys().cloned().collect::<Vec<_>>());
        match (rng.u8(0..10), some) {
            (0, _) | (1..=2, None) => {
                let (owner, focus) = (if rng.u8(0..4) == 0 { stranger } else { company.id }, FOCUSES[rng.usize(..2)]);
                let id = create(server, owner, focus).await;
                if owner == company.id {
                    ever.insert(id.clone());
                    agents.insert(id, focus);
                }
            }
            (1, Some(id)) => {
                let focus = FOCUSES[rng.usize(..2)];
                let changed = json!({"focus": {"S": focus}, "name": {"S": format!("Agent {}", rng.u8(..))}});
                server.set_attributes(&format!("AGENT#{id}"), "AGENT", &changed).await;
                for walk in walks.iter_mut().filter(|walk| walk.focus.is_some_and(|own| own != focus)) {
                    walk.throughout.remove(&id);
                }
                agents.insert(id, focus);
            }
            (2, Some(id)) => {
                server.delete_item(&format!("AGENT#{id}"), "AGENT").await;
                agents.remove(&id);
                walks.iter_mut().for_each(|walk| _ = walk.throughout.remove(&id));
            }
            _ => {
                let walk = &mut walks[rng.usize(..2)];
                if walk.turn(rng, &company).await {
                    walk.check(&ever, seed);
                    *walk = Walk::begin(rng, &agents);
                }
            }
        }
        server.pass(Duration::from_millis(rng.u64(0..2)));
    }
}

#[test]
fn each_agent_that_was_there_throughout_comes_exactly_once() {
    let histories = std::env::var("WALKS").ok().and_then(|text| text.parse().ok()).unwrap_or(HISTORIES);
    let lanes = std::thread::available_parallelism().map_or(1, NonZero::get);
    std::thread::scope(|scope| {
        for lane in 0..lanes {
            scope.spawn(move || {
                let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
                runtime.block_on(async {
                    let server = TestServer::start().await;
                    let stranger = server.company().create().await.id;
                    for seed in (0..histories).skip(lane).step_by(lanes) {
                        history(&server, stranger, seed).await;
                    }
                });
            });
        }
    });
}
