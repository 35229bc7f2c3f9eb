//! The time that attacks cost another company's requests.
//!
//! A company creates interviews at a steady rate: alone, beside as many ordinary requests of a third company as the attack
//! has, and beside the attack, on a server of its own for each attack. Here all functions, the table and the attacker share
//! this machine's processors, which in Lambda they do not; the ordinary requests tell what of a delay is that. Of the attack,
//! the functions' own log tells what it held, what was refused of it, and what it cost the table.

use crate::company;
use crate::program;
use crate::receiver::{Reaction, WebhookReceiver};
use crate::server::{Client, Server};
use crate::stats::Series;
use anyhow::{Context, Result, ensure};
use clap::Args;
use domain::api_key::ApiKeySecret;
use domain::company::{CompanyId, Plan};
use domain::limits::UseLimits;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use store::{PlanChange, Store};
use tokio::task::JoinSet;
use tokio::time::interval;

/// Requests of the other company in a second.
const WORK_PER_SECOND: u32 = 20;
/// Webhooks that a company may have.
const WEBHOOKS: usize = 50;
/// Unknown names in a body.
const UNKNOWN_NAMES: usize = 12_000;
/// Limits that stand in nobody's way: they are the subject of one attack.
const UNLIMITED: UseLimits = UseLimits { minute: 1_000_000, hour: 10_000_000 };

/// Measures another company's times beside each attack that docs/security.md tells of.
#[derive(Args)]
pub struct Options {
    /// Runs of each attack.
    #[arg(long, default_value_t = 3)]
    runs: usize,
    /// Seconds of each run alone, and beside the attack.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Another build of `local` to measure, in place of the release build.
    #[arg(long, value_name = "PATH")]
    program: Option<PathBuf>,
    /// Prints the report and leaves the document as it is.
    #[arg(long)]
    print: bool,
}

impl Options {
    /// True for a report that the document has no place for.
    pub fn is_only_printed(&self) -> bool {
        self.print || self.program.is_some()
    }
}

/// An attack, as `tests/tests/it/neighbours` makes it.
#[derive(Debug, Clone, Copy)]
enum Attack {
    Loops,
    TestsOfWebhooks,
    LargeWebhooks,
    BodiesWithoutKey,
    BodiesWithForgedKey,
    ForgedKeys,
    GuessedIds,
    OneKey,
}

impl Attack {
    const ALL: [Attack; 8] = [
        Attack::Loops,
        Attack::TestsOfWebhooks,
        Attack::LargeWebhooks,
        Attack::BodiesWithoutKey,
        Attack::BodiesWithForgedKey,
        Attack::ForgedKeys,
        Attack::GuessedIds,
        Attack::OneKey,
    ];

    fn name(self) -> &'static str {
        match self {
            Attack::Loops => "tests of a webhook that leads to its own test",
            Attack::TestsOfWebhooks => "tests of fifty webhooks that hang",
            Attack::LargeWebhooks => "the list of fifty webhooks at all limits",
            Attack::BodiesWithoutKey => "12,000 unknown names without a key",
            Attack::BodiesWithForgedKey => "12,000 unknown names with a forged key",
            Attack::ForgedKeys => "forged keys",
            Attack::GuessedIds => "guessed ids of webhooks",
            Attack::OneKey => "a trial key that asks without pause",
        }
    }

    /// Requests in a second.
    fn rate(self) -> u32 {
        match self {
            Attack::LargeWebhooks => 1,
            Attack::Loops => 5,
            Attack::BodiesWithoutKey | Attack::BodiesWithForgedKey => 20,
            Attack::TestsOfWebhooks => 67,
            Attack::ForgedKeys | Attack::GuessedIds | Attack::OneKey => 50,
        }
    }
}

/// The figures of one run.
struct Run {
    alone: Series,
    beside_ordinary: Series,
    beside: Series,
    attack: Seen,
}

/// A figure of a run.
type Figure = fn(&Run) -> &Series;

/// An attack, as the functions' log has it.
#[derive(Default)]
struct Seen {
    requests: usize,
    /// The most functions at work for it at once.
    held: usize,
    outcomes: BTreeMap<String, usize>,
    read_units: f64,
    write_units: f64,
}

/// Measures, and returns the report in Markdown.
pub async fn measure(options: &Options) -> Result<String> {
    let program = match &options.program {
        Some(program) => program.canonicalize().with_context(|| format!("no program {}", program.display()))?,
        None => program::build("local", "local")?,
    };
    let mut out = String::new();
    writeln!(
        out,
        "| attack | requests a second | held at once | answered | read units each | write units each | median, × alone | \
         p95, × alone | median, × ordinary | p95, × ordinary |\n|---|---|---|---|---|---|---|---|---|---|"
    )?;
    for attack in Attack::ALL {
        let mut runs = Vec::new();
        for _ in 0..options.runs {
            let server = Server::start_logged(&program).await?;
            runs.push(run(&server, attack, Duration::from_secs(options.seconds)).await.context(attack.name())?);
            server.stop().await?;
        }
        let row = row(attack, &runs)?;
        eprintln!("{row}");
        writeln!(out, "{row}")?;
    }
    Ok(out)
}

fn row(attack: Attack, runs: &[Run]) -> Result<String> {
    let ratio = |share, to: Figure| -> Series {
        runs.iter().map(|run| run.beside.quantile(share) / to(run).quantile(share)).collect()
    };
    let (alone, ordinary): (Figure, Figure) = (|run| &run.alone, |run| &run.beside_ordinary);
    let last = &runs.last().context("no runs")?.attack;
    let each = |units: f64| units / last.requests.max(1) as f64;
    let answered: Vec<_> = last.outcomes.iter().map(|(outcome, count)| format!("{count} {outcome}")).collect();
    Ok(format!(
        "| {} | {} | {} | {} | {:.1} | {:.1} | {} | {} | {} | {} |",
        attack.name(),
        attack.rate(),
        last.held,
        answered.join(", "),
        each(last.read_units),
        each(last.write_units),
        ratio(0.5, alone),
        ratio(0.95, alone),
        ratio(0.5, ordinary),
        ratio(0.95, ordinary),
    ))
}

async fn run(server: &Server, attack: Attack, time: Duration) -> Result<Run> {
    let store = Store::at_endpoint(local::TABLE, &server.dynamodb, local::http_client()).await;
    let (own, other) = (company::create(&store).await?, company::create(&store).await?);
    let third = company::create(&store).await?;
    let now = domain::time::Timestamp::new(chrono::Utc::now());
    for company in [&own, &other, &third] {
        store.set_key_limits(company.api_key_id, Some(UNLIMITED), now).await?;
    }
    let (company, attacker) = (Client::new(server, &own), Client::new(server, &other));
    let interview = company.usual_interview().await?;
    let prepared = Prepared::new(attack, server, &attacker).await?;
    if matches!(attack, Attack::OneKey) {
        let trial = PlanChange { plan: Some(Plan::Trial), granted: None, overage_allowed: None };
        store.set_plan(other.company_id, trial, now).await?;
        store.set_key_limits(other.api_key_id, None, now).await?;
    }

    let ordinary = Client::new(server, &third);
    let work = || work(&company, &interview, time);
    let alone = work().await?;
    let asked = storm(attack.rate(), time, |_| Ok(ordinary.request(Method::GET, "/webhooks")));
    let (beside_ordinary, ()) = tokio::try_join!(work(), asked)?;
    server.take_log();
    let attacked = storm(attack.rate(), time, |number| prepared.request(number));
    let (beside, ()) = tokio::try_join!(work(), attacked)?;
    let attack = seen(&server.take_log(), other.company_id);
    Ok(Run { alone, beside_ordinary, beside, attack })
}

/// The times of the other company's requests, in milliseconds, each of which is answered as it should be.
async fn work(company: &Client, interview: &Value, time: Duration) -> Result<Series> {
    let (mut tick, mut calls) = (interval(Duration::from_secs(1) / WORK_PER_SECOND), JoinSet::new());
    let begun = Instant::now();
    while begun.elapsed() < time {
        tick.tick().await;
        let (company, interview) = (company.clone(), interview.clone());
        calls.spawn(async move {
            let begun = Instant::now();
            company.create("/interviews", &interview).await?;
            anyhow::Ok(begun.elapsed().as_secs_f64() * 1000.0)
        });
    }
    calls.join_all().await.into_iter().collect()
}

/// Sends requests at that rate, whether the ones before are answered or not, and waits for all answers.
async fn storm(rate: u32, time: Duration, request: impl Fn(usize) -> Result<RequestBuilder>) -> Result<()> {
    let (mut tick, mut calls) = (interval(Duration::from_secs(1) / rate), JoinSet::new());
    let begun = Instant::now();
    for number in 0.. {
        if begun.elapsed() >= time {
            break;
        }
        tick.tick().await;
        let request = request(number)?;
        calls.spawn(async move { request.send().await.map(drop) });
    }
    calls.join_all().await.into_iter().collect::<Result<(), _>>()?;
    Ok(())
}

/// All that an attack needs before it begins.
struct Prepared {
    attack: Attack,
    client: Client,
    /// Paths to ask for, in turn.
    paths: Vec<String>,
    body: String,
    /// Endpoints that the attack's webhooks post to.
    _endpoint: Option<WebhookReceiver>,
}

impl Prepared {
    async fn new(attack: Attack, server: &Server, client: &Client) -> Result<Self> {
        let mut prepared =
            Self { attack, client: client.clone(), paths: Vec::new(), body: String::new(), _endpoint: None };
        match attack {
            Attack::Loops => {
                let webhook = client.create("/webhooks", &webhook("http://127.0.0.1:9/")).await?;
                let path = format!("/webhooks/{}", webhook["id"].as_str().context("no id")?);
                let leads_back = json!({
                    "url": format!("{}{path}/test", server.api),
                    "headers": [{"name": "Authorization", "value": format!("Bearer {}", client.key())}],
                });
                // By a name that the API does not know as its own.
                let change =
                    client.request(Method::PATCH, &path).header("host", "another.example.com").json(&leads_back);
                ensure!(change.send().await?.status().is_success(), "the webhook leads elsewhere");
                prepared.paths.push(format!("{path}/test"));
            }
            Attack::TestsOfWebhooks => {
                let endpoint = WebhookReceiver::start(Reaction::Hangs)?;
                for _ in 0..WEBHOOKS {
                    let created = client.create("/webhooks", &webhook(&endpoint.url())).await?;
                    prepared.paths.push(format!("/webhooks/{}/test", created["id"].as_str().context("no id")?));
                }
                prepared._endpoint = Some(endpoint);
            }
            Attack::LargeWebhooks => {
                let mut largest = webhook(&format!("http://127.0.0.1:9/{}", "\u{1d11e}".repeat(2_029)));
                largest["name"] = json!("\u{1d11e}".repeat(255));
                largest["description"] = json!("\u{1d11e}".repeat(1_000));
                largest["headers"] =
                    (0..32).map(|number| json!({"name": format!("{number:0>255}"), "value": "v"})).collect();
                for _ in 0..WEBHOOKS {
                    client.create("/webhooks", &largest).await?;
                }
                prepared.paths.push("/webhooks".to_owned());
            }
            Attack::BodiesWithoutKey | Attack::BodiesWithForgedKey => {
                let members: Vec<_> = (0..UNKNOWN_NAMES).map(|number| format!(r#""nam{number}":0"#)).collect();
                prepared.body = format!("{{{}}}", members.join(","));
                prepared.paths = ["/agents", "/interviews", "/webhooks"].map(str::to_owned).to_vec();
            }
            Attack::ForgedKeys | Attack::OneKey => prepared.paths.push("/webhooks".to_owned()),
            Attack::GuessedIds => {
                prepared.paths = (0..100).map(|_| format!("/webhooks/{}", uuid::Uuid::new_v4())).collect();
            }
        }
        Ok(prepared)
    }

    /// The request of that number.
    fn request(&self, number: usize) -> Result<RequestBuilder> {
        let path = &self.paths[number % self.paths.len()];
        let forged = || anyhow::Ok(ApiKeySecret::generate()?.reveal().to_owned());
        let body = |request: RequestBuilder| request.header("content-type", "application/json").body(self.body.clone());
        Ok(match self.attack {
            Attack::Loops | Attack::TestsOfWebhooks => self.client.request(Method::POST, path),
            Attack::LargeWebhooks | Attack::GuessedIds | Attack::OneKey => self.client.request(Method::GET, path),
            Attack::BodiesWithoutKey => body(self.client.bare(Method::POST, path)),
            Attack::BodiesWithForgedKey => body(self.client.bare(Method::POST, path).bearer_auth(forged()?)),
            Attack::ForgedKeys => self.client.bare(Method::GET, path).bearer_auth(forged()?),
        })
    }
}

fn webhook(url: &str) -> Value {
    json!({"url": url, "events": ["interview.completed"]})
}

/// The requests in the log that are that company's, or nobody's.
fn seen(log: &[String], attacker: CompanyId) -> Seen {
    let mut seen = Seen::default();
    let mut changes = Vec::new();
    for line in log.iter().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
        let (Some(code), Some(duration_ms)) = (line["code"].as_str(), line["durationMs"].as_f64()) else { continue };
        let of_attack = line["companyId"].is_null() || line["companyId"] == json!(attacker);
        if line["route"].is_null() || !of_attack {
            continue;
        }
        seen.requests += 1;
        *seen.outcomes.entry(format!("`{code}`")).or_default() += 1;
        seen.read_units += line["dynamodb"]["readUnits"].as_f64().unwrap_or_default();
        seen.write_units += line["dynamodb"]["writeUnits"].as_f64().unwrap_or_default();
        let began_ms = line["_aws"]["Timestamp"].as_f64().unwrap_or_default();
        changes.extend([(began_ms, 1), (began_ms + duration_ms, -1)]);
    }
    changes.sort_by(|one, other| one.0.total_cmp(&other.0));
    let (mut now, mut most) = (0_i64, 0);
    for (_, change) in changes {
        now += change;
        most = most.max(now);
    }
    seen.held = usize::try_from(most).unwrap_or_default();
    seen
}
