//! The month's end, while creates run: the new month is opened once, and each interview is charged to one month.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use api::{App, Clock, Edge, ErrorCode};
use domain::Timestamp;
use local::http::Serving;
use local::{functions, gateway};
use serde_json::{Value, json};
use tests::faults::{Plan, Rates};
use tests::{Company, World, api, body};
use tokio::task::JoinSet;

use crate::concurrency::{Stored, watched};

const LAST_OF_MAY: &str = "2026-05-31T23:59:59.999Z";
const FIRST_OF_JUNE: &str = "2026-06-01T00:00:00.000Z";

/// How much the company is granted each month, and how much of it is left in May, in interviews.
const GRANTED: u32 = 30;
const LEFT_IN_MAY: u32 = 20;

async fn company(world: &World) -> (Company, Value) {
    let company = world.company().minutes(GRANTED * 30).create().await;
    company.leave_seconds(i64::from(LEFT_IN_MAY) * 1_800).await;
    let agent_id = company.agent(&body::generic_agent()).await;
    (company, json!({"candidate": body::candidate(), "agentId": agent_id}))
}

/// Counts the writes of the company's allowance.
async fn version(company: &Company) -> u64 {
    let item = company.world().item(&format!("COMPANY#{}", company.id), "ALLOWANCE#00").await;
    item["version"]["N"].as_str().and_then(|digits| digits.parse().ok()).expect("a version")
}

/// Both months after their turn: neither bears more than it had, and the allowance was written once for each interview.
async fn assert_both_months_exact(company: &Company, created: usize, version_before: u64) {
    let (allowance, stored) = (company.allowance().await, Stored::read(company.world()).await);
    assert_eq!(allowance.period.as_str(), "2026-06", "{allowance:?}");
    assert_eq!(allowance.used_seconds.0, 0, "{allowance:?}");
    stored.assert_whole(&allowance);
    let months = stored.reserved();
    let of = |month: &str| months.get(month).copied().unwrap_or(0);
    assert!(of("2026-05") <= i64::from(LEFT_IN_MAY) * 1_800, "{months:?}");
    assert!(of("2026-06") <= i64::from(GRANTED) * 1_800, "{months:?}");
    assert_eq!(of("2026-05") + of("2026-06"), 1_800 * created as i64, "{months:?}");
    assert_eq!(version(company).await - version_before, created as u64, "an interview was charged twice, or not");
}

/// The clock passes midnight when some creates are answered, and the others are under way.
async fn the_clock_passes_midnight(callers: usize, weather: Plan) {
    let world = World::start().await;
    let (company, body) = company(&world).await;
    let before = version(&company).await;
    world.set_clock(LAST_OF_MAY);
    world.faults().follow(weather);
    let work = async {
        let mut running = JoinSet::new();
        for caller in 0..callers {
            let (company, body) = (company.clone(), body.clone());
            running.spawn(async move {
                loop {
                    let request = company.post("/interviews").json(&body).idempotent(&format!("caller-{caller}"));
                    match request.send().await {
                        answer if answer.status == 503 => {}
                        answer => return answer,
                    }
                }
            });
        }
        let mut answers = Vec::new();
        while let Some(answer) = running.join_next().await {
            answers.push(answer.expect("a caller"));
            if answers.len() == 10 {
                world.set_clock(FIRST_OF_JUNE);
            }
        }
        answers
    };
    let answers = watched(&company, work).await;
    let created = answers.iter().filter(|answer| answer.status == 201).count();
    for refused in answers.iter().filter(|answer| answer.status != 201) {
        assert_eq!(refused.code(), Some(ErrorCode::BillingLimitExceeded.as_str()), "{refused}");
        assert_eq!(refused.body["remainingMinutes"], 0, "refused while there was time left: {refused}");
    }
    // However many were served in May: those after them had a whole month before them.
    assert!(created >= callers.min(GRANTED as usize), "{created} of {callers}");
    // Somebody was late enough to open the month, at the latest this one.
    if company.allowance().await.period.as_str() == "2026-05" {
        company.created("/interviews", &body).await;
        return assert_both_months_exact(&company, created + 1, before).await;
    }
    assert_both_months_exact(&company, created, before).await;
}

#[tokio::test]
async fn a_clock_that_passes_midnight_during_creates_opens_the_month_once() {
    the_clock_passes_midnight(100, Plan::none()).await;
    the_clock_passes_midnight(40, Plan::none()).await;
}

#[tokio::test]
async fn a_month_is_opened_once_when_transactions_conflict_and_answers_are_lost() {
    let rates = Rates {
        conflict: 0.1,
        throttled: 0.05,
        server_error: 0.05,
        delayed: 0.2,
        delay_max: Duration::from_millis(20),
        request_lost: 0.05,
        answer_lost: 0.2,
        ..Rates::default()
    };
    for seed in 1..5 {
        let weather = Plan::seeded(seed, rates).with_conflicts(Duration::from_millis(1));
        the_clock_passes_midnight(40, weather).await;
    }
}

/// Two servers on one table, one of whose clocks is a millisecond behind: it is May here and June there.
#[tokio::test]
async fn servers_on_both_sides_of_midnight_agree_on_the_month() {
    for callers in [30, 60] {
        let world = World::start().await;
        let (company, body) = company(&world).await;
        let before = version(&company).await;
        let servers = [LAST_OF_MAY, FIRST_OF_JUNE].map(|time| server(&world, time));
        let client = reqwest::Client::new();
        let mut running = JoinSet::new();
        for caller in 0..callers {
            let url = format!("{}/interviews", servers[caller % 2].url());
            let request = client.post(url).bearer_auth(&company.key).json(&body);
            running.spawn(async move {
                let answer = request.send().await.expect("an answer");
                (answer.status().as_u16(), answer.json::<Value>().await.expect("JSON"))
            });
        }
        let answers = watched(&company, running.join_all()).await;
        let created = answers.iter().filter(|(status, _)| *status == 201).count();
        for (status, problem) in answers.iter().filter(|(status, _)| *status != 201) {
            assert_eq!((*status, &problem["code"]), (402, &json!("BILLING_LIMIT_EXCEEDED")), "{problem}");
        }
        // Whichever server came first, June's whole grant was to be had.
        assert!(created >= callers.min(GRANTED as usize), "{created} of {callers}");
        assert_both_months_exact(&company, created, before).await;
    }
}

/// Another server on the world's table, whose clock shows that time.
fn server(world: &World, time: &str) -> Serving {
    let time: Timestamp = time.parse().expect("a time");
    let clock: Clock = Arc::new(move || time);
    let App { edge, store } = world.app().clone();
    let app = App { edge: Edge { clock, log: Arc::new(|_| ()), ..edge }, store };
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    Serving::start(listener, gateway::router(functions::of(app))).expect("a server")
}
