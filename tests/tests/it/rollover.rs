//! The month's end, while creates run: the new month is opened once, and each interview is charged to one month.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use api::ErrorCode;
use domain::time::Timestamp;
use local::api_gateway;
use local::functions::Functions;
use local::http::Serving;
use runtime::{Clock, Runtime};
use serde_json::{Value, json};
use tests::faults::{FaultScript, Rates};
use tests::{Company, TestServer, api, body};
use tokio::task::JoinSet;

use crate::concurrency::{Stored, watched};

pub const LAST_OF_MAY: &str = "2026-05-31T23:59:59.999Z";
pub const FIRST_OF_JUNE: &str = "2026-06-01T00:00:00.000Z";

/// The company's grant of each month, and the rest of it in May, in interviews.
pub const GRANTED: u32 = 30;
const LEFT_IN_MAY: u32 = 20;

pub async fn company(server: &TestServer) -> (Company, Value) {
    let company = server.company().minutes(GRANTED * 30).create().await;
    company.leave_seconds(i64::from(LEFT_IN_MAY) * 1_800).await;
    let agent_id = company.agent(&body::generic_agent()).await;
    (company, json!({"candidate": body::candidate(), "agentId": agent_id}))
}

/// Counts the writes of the company's allowance.
async fn version(company: &Company) -> u64 {
    let item = company.server().item(&format!("COMPANY#{}", company.id), "ALLOWANCE#00").await;
    item["version"]["N"].as_str().and_then(|digits| digits.parse().ok()).expect("a version")
}

/// Panics unless both months are exact at the end: neither bears more than it had, no create was refused while there
/// was time left, and the allowance was written once for each interview.
async fn assert_both_months_exact<'a>(
    company: &Company,
    created: usize,
    version_before: u64,
    refusals: impl Iterator<Item = &'a Value>,
) {
    let (allowance, stored) = (company.allowance().await, Stored::read(company.server()).await);
    assert_eq!(allowance.period.as_str(), "2026-06", "{allowance:?}");
    assert_eq!(allowance.used_seconds.0, 0, "{allowance:?}");
    stored.assert_whole(&allowance);
    let months = stored.reserved();
    assert_kept(&stored, "2026-05", LEFT_IN_MAY, months.get("2026-05").copied().unwrap_or(0));
    let of = |month: &str| months.get(month).copied().unwrap_or(0) / 1_800;
    assert!(of("2026-05") <= i64::from(LEFT_IN_MAY), "{months:?}");
    assert!(of("2026-06") <= i64::from(GRANTED), "{months:?}");
    for refusal in refusals {
        assert_eq!(refusal["remainingMinutes"], 0, "refused while there was time left: {refusal}");
        match refusal["resetsAt"].as_str() {
            Some(FIRST_OF_JUNE) => assert_eq!(of("2026-05"), i64::from(LEFT_IN_MAY), "{refusal}"),
            _ => assert_eq!(of("2026-06"), i64::from(GRANTED), "{refusal}"),
        }
    }
    assert_eq!(of("2026-05") + of("2026-06"), i64::try_from(created).expect("few"), "{months:?}");
    assert_eq!(version(company).await - version_before, created as u64, "an interview was charged twice, or not");
}

/// Panics unless one month is kept, with what its interviews hold: the month's rest when the test began was so many
/// interviews, all else was used before.
fn assert_kept(stored: &Stored, month: &str, rest: u32, reserved: i64) {
    let [kept] = stored.of("ClosedPeriod") else { panic!("{:?}", stored.of("ClosedPeriod")) };
    let seconds = |name: &str| -> i64 { kept[name]["N"].as_str().and_then(|text| text.parse().ok()).expect("seconds") };
    let (granted, used) = (i64::from(GRANTED) * 1_800, i64::from(GRANTED - rest) * 1_800);
    let overage = (-seconds("remainingSeconds")).max(0);
    let remaining = seconds("remainingSeconds").max(0);
    assert_eq!(granted + overage, seconds("reservedSeconds") + seconds("usedSeconds") + remaining, "{kept}");
    let expected = (month, granted, reserved, used);
    let told = kept["period"]["S"].as_str().expect("a month");
    let told = (told, seconds("grantedSeconds"), seconds("reservedSeconds"), seconds("usedSeconds"));
    assert_eq!(told, expected, "{kept}");
}

/// Callers who each create several interviews, one after the other; the clock passes midnight when ten are answered.
async fn the_clock_passes_midnight(callers: usize, each: usize, faults: FaultScript) {
    let server = TestServer::start().await;
    let (company, body) = company(&server).await;
    let before = version(&company).await;
    server.set_clock(LAST_OF_MAY);
    server.faults().follow(faults);
    let (answered, mut answers) = tokio::sync::mpsc::unbounded_channel();
    let count = Arc::new(AtomicUsize::new(0));
    for caller in 0..callers {
        let (company, body, answered) = (company.clone(), body.clone(), answered.clone());
        let (server, count) = (server.clone(), count.clone());
        tokio::spawn(async move {
            for number in 0..each {
                let request = || {
                    let key = format!("{caller}-{number}");
                    company.post("/interviews").json(&body).idempotent(&key)
                };
                let mut answer = request().send().await;
                while answer.status == 503 {
                    answer = request().send().await;
                }
                answered.send(answer).expect("somebody who listens");
                if count.fetch_add(1, Ordering::Relaxed) + 1 == 10 {
                    server.set_clock(FIRST_OF_JUNE);
                }
            }
        });
    }
    drop(answered);
    let work = async {
        let mut all = Vec::new();
        while let Some(answer) = answers.recv().await {
            all.push(answer);
        }
        all
    };
    let answers = watched(&company, work).await;
    assert_eq!(answers.len(), callers * each, "a caller was not answered");
    let (created, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 201);
    let refusals = refused.iter().map(|answer| {
        assert_eq!(answer.code(), Some(ErrorCode::BillingLimitExceeded.as_str()), "{answer}");
        &answer.body
    });
    assert_both_months_exact(&company, created.len(), before, refusals).await;
}

#[tokio::test]
async fn a_clock_that_passes_midnight_during_creates_opens_the_month_once() {
    the_clock_passes_midnight(25, 4, FaultScript::none()).await;
    the_clock_passes_midnight(10, 4, FaultScript::none()).await;
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
    for seed in 1..4 {
        let faults = FaultScript::seeded(seed, rates).with_conflicts(Duration::from_millis(1));
        the_clock_passes_midnight(10, 6, faults).await;
    }
}

/// Two servers on one table, one of whose clocks is a millisecond behind: it is May here and June there.
#[tokio::test]
async fn servers_on_both_sides_of_midnight_agree_on_the_month() {
    for callers in [30, 60] {
        let server = TestServer::start().await;
        let (company, body) = company(&server).await;
        let before = version(&company).await;
        let gateways = [LAST_OF_MAY, FIRST_OF_JUNE].map(|time| gateway(&server, time));
        let client = reqwest::Client::new();
        let mut running = JoinSet::new();
        for caller in 0..callers {
            let url = format!("{}/interviews", gateways[caller % 2].url());
            let request = client.post(url).bearer_auth(&company.key).json(&body);
            let request = request.header("idempotency-key", format!("caller-{caller}"));
            running.spawn(async move {
                loop {
                    let request = request.try_clone().expect("a request that can be repeated");
                    let answer = request.send().await.expect("an answer");
                    if answer.status() != 503 {
                        return (answer.status().as_u16(), answer.json::<Value>().await.expect("JSON"));
                    }
                }
            });
        }
        let answers = watched(&company, running.join_all()).await;
        let (created, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|(status, _)| *status == 201);
        // June's whole grant was to be had, whichever server came first.
        assert!(created.len() >= callers.min(GRANTED as usize), "{} of {callers}", created.len());
        let refusals = refused.iter().map(|(status, problem)| {
            assert_eq!((*status, &problem["code"]), (402, &json!("BILLING_LIMIT_EXCEEDED")), "{problem}");
            problem
        });
        assert_both_months_exact(&company, created.len(), before, refusals).await;
    }
}

/// A server whose clock is behind no longer gets the rest of May, but the grant of June.
#[tokio::test]
async fn a_server_that_is_late_charges_the_month_that_another_has_opened() {
    let server = TestServer::start().await;
    let (company, body) = company(&server).await;
    let before = version(&company).await;
    let [late, early] = [LAST_OF_MAY, FIRST_OF_JUNE].map(|time| gateway(&server, time));
    let client = reqwest::Client::new();
    let post = async |gateway: &Serving| {
        let request = client.post(format!("{}/interviews", gateway.url())).bearer_auth(&company.key).json(&body);
        let answer = request.send().await.expect("an answer");
        (answer.status().as_u16(), answer.json::<Value>().await.expect("JSON"))
    };
    for gateway in [&late, &early, &late, &early, &late] {
        let (status, answer) = post(gateway).await;
        assert_eq!(status, 201, "{answer}");
    }
    let months = Stored::read(&server).await.reserved();
    assert_eq!((months["2026-05"], months["2026-06"]), (1_800, 4 * 1_800));

    company.leave_seconds(0).await;
    let (status, refusal) = post(&late).await;
    assert_eq!((status, refusal["resetsAt"].as_str()), (402, Some("2026-07-01T00:00:00.000Z")), "{refusal}");
    company.leave_seconds(i64::from(GRANTED) * 1_800 - 4 * 1_800).await;
    assert_both_months_exact(&company, 5, before, std::iter::empty()).await;
}

/// Another gateway on the server's table, whose clock shows that time.
pub fn gateway(server: &TestServer, time: &str) -> Serving {
    let time: Timestamp = time.parse().expect("a time");
    let clock: Clock = Arc::new(move || time);
    let functions = server.functions().clone();
    let runtime = Runtime { clock, log: Arc::new(|_| ()), ..functions.runtime };
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let functions = Functions { runtime, ..functions };
    Serving::start(listener, api_gateway::router(functions.http())).expect("a server")
}
