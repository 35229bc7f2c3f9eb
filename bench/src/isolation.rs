//! The delay that endpoints which hang, fail or redirect cause to another company's deliveries.
//!
//! Two companies create test interviews at a steady rate. One has an endpoint that works; measured is the time that its
//! events take. The other one has no endpoint, three that work as well, or three that do not; or, if told so, many that
//! hang. Three that work show the cost of the mere number of deliveries on a machine that does everything itself.

use crate::company;
use crate::program;
use crate::receiver::{Reaction, ReceivedPost, WebhookReceiver};
use crate::server::{Client, Server};
use crate::stats::Series;
use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use store::Store;
use tokio::task::JoinSet;
use tokio::time::{interval, sleep};

/// The events of a test interview.
const EVENTS: [&str; 2] = ["interview.completed", "analysis.completed"];
/// Longest time from the last interview to the last event: half a minute more than an endpoint may take to answer.
const TIMEOUT: Duration = Duration::from_secs(45);
/// Time between two looks for the events that are still missing.
const LOOK_INTERVAL: Duration = Duration::from_millis(10);

/// Measures how long a company's events take, with and without broken endpoints of another company.
#[derive(Args)]
pub struct Options {
    /// Runs with each kind of neighbours, in turn.
    #[arg(long, default_value_t = 5)]
    runs: usize,
    /// Interviews of each company in a run.
    #[arg(long, default_value_t = 300, value_parser = clap::value_parser!(u32).range(1..))]
    interviews: u32,
    /// Interviews of each company in a second.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    rate: u32,
    /// Endpoints of the other company, all of which hang, in place of its usual ones; such a report is only printed.
    #[arg(long, value_name = "ENDPOINTS", value_parser = clap::value_parser!(u32).range(1..))]
    hanging: Option<u32>,
    /// Interviews of the other company in a run, if not as many.
    #[arg(long, value_name = "INTERVIEWS", value_parser = clap::value_parser!(u32).range(1..))]
    other_interviews: Option<u32>,
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
        self.print || self.hanging.is_some() || self.program.is_some()
    }
}

/// The other company's endpoints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Neighbours {
    None,
    Working,
    Broken,
    Hanging(u32),
}

impl Neighbours {
    fn measured(options: &Options) -> Vec<Neighbours> {
        match options.hanging {
            None => vec![Neighbours::None, Neighbours::Working, Neighbours::Broken],
            Some(count) => vec![Neighbours::None, Neighbours::Hanging(count)],
        }
    }

    fn name(self) -> String {
        match self {
            Neighbours::None => "none".to_owned(),
            Neighbours::Working => "three that work".to_owned(),
            Neighbours::Broken => "one that hangs, one that fails, one that redirects".to_owned(),
            Neighbours::Hanging(count) => format!("{count} that hang"),
        }
    }

    fn reactions(self) -> Vec<Reaction> {
        match self {
            Neighbours::None => Vec::new(),
            Neighbours::Working => vec![Reaction::Accepts; 3],
            Neighbours::Broken => vec![Reaction::Hangs, Reaction::Fails, Reaction::Redirects],
            Neighbours::Hanging(count) => (0..count).map(|_| Reaction::Hangs).collect(),
        }
    }
}

/// The figures of one run.
struct Run {
    /// Times from each interview's 201 to each of its events, in milliseconds.
    waits: Series,
    posts_to_neighbours: usize,
}

/// Measures, and returns the report in Markdown.
pub async fn measure(options: &Options) -> Result<String> {
    let program = match &options.program {
        Some(program) => program.canonicalize().with_context(|| format!("no program {}", program.display()))?,
        None => program::build("local", "local")?,
    };
    let measured = Neighbours::measured(options);
    let mut runs: Vec<Vec<Run>> = measured.iter().map(|_| Vec::new()).collect();
    for round in 1..=options.runs {
        for (&neighbours, runs) in measured.iter().zip(&mut runs) {
            let run = run(&program, neighbours, options).await.with_context(|| neighbours.name())?;
            let [median, p99, longest] = [0.5, 0.99, 1.0].map(|share| run.waits.quantile(share));
            eprintln!("{round}. {}: median {median:.1} ms, p99 {p99:.1}, longest {longest:.1}", neighbours.name());
            runs.push(run);
        }
    }
    table(&measured, &runs)
}

fn table(measured: &[Neighbours], runs: &[Vec<Run>]) -> Result<String> {
    let quantiles = |runs: &[Run], share| runs.iter().map(|run| run.waits.quantile(share)).collect::<Series>();
    let alone = runs.first().context("no runs")?;
    let mut out = String::new();
    writeln!(
        out,
        "| the other company's endpoints | median, ms | p99, ms | longest, ms | p99, × alone | posts to them |\n\
         |---|---|---|---|---|---|"
    )?;
    for (neighbours, runs) in measured.iter().zip(runs) {
        let [median, p99, longest] = [0.5, 0.99, 1.0].map(|share| quantiles(runs, share));
        let ratio: Series =
            runs.iter().zip(alone).map(|(run, alone)| run.waits.quantile(0.99) / alone.waits.quantile(0.99)).collect();
        let posts: Series = runs.iter().map(|run| run.posts_to_neighbours as f64).collect();
        writeln!(out, "| {} | {median:.1} | {p99:.1} | {longest:.1} | {ratio} | {posts:.0} |", neighbours.name())?;
    }
    Ok(out)
}

/// A server of its own for each run, with its data in memory: a disk would be measured instead.
async fn run(program: &Path, neighbours: Neighbours, options: &Options) -> Result<Run> {
    let server = Server::start(program, false).await?;
    let store = Store::at_endpoint(local::TABLE, &server.dynamodb, local::http_client()).await;
    let company = Client::new(&server, &company::create(&store).await?);
    let other = Client::new(&server, &company::create(&store).await?);
    let endpoint = WebhookReceiver::start(Reaction::Accepts)?;
    subscribe(&company, &endpoint).await?;
    let others = neighbours.reactions().into_iter().map(WebhookReceiver::start).collect::<Result<Vec<_>>>()?;
    for endpoint in &others {
        subscribe(&other, endpoint).await?;
    }
    let (created, _) = tokio::try_join!(
        create(&company, options.interviews, options.rate),
        create(&other, options.other_interviews.unwrap_or(options.interviews), options.rate),
    )?;

    let last_created = Instant::now();
    while endpoint.count() < created.len() * EVENTS.len() {
        if last_created.elapsed() > TIMEOUT {
            bail!("{} events of {} interviews arrived", endpoint.count(), created.len());
        }
        sleep(LOOK_INTERVAL).await;
    }
    let waits = waits(&created, &endpoint.posts())?;
    let posts_to_neighbours = others.iter().map(WebhookReceiver::count).sum();
    server.stop().await?;
    Ok(Run { waits, posts_to_neighbours })
}

async fn subscribe(company: &Client, endpoint: &WebhookReceiver) -> Result<()> {
    company.create("/webhooks", &json!({"url": endpoint.url(), "events": EVENTS})).await.map(drop)
}

/// Creates test interviews at a steady rate, whether the ones before are answered or not. Returns their ids, each with
/// the time of its answer.
async fn create(company: &Client, interviews: u32, rate: u32) -> Result<HashMap<String, Instant>> {
    let mut body = company.usual_interview().await?;
    body["isTest"] = json!(true);
    let mut tick = interval(Duration::from_secs(1) / rate);
    let mut calls = JoinSet::new();
    for _ in 0..interviews {
        tick.tick().await;
        let (company, body) = (company.clone(), body.clone());
        calls.spawn(async move {
            let interview = company.create("/interviews", &body).await?;
            anyhow::Ok((text(&interview["id"])?, Instant::now()))
        });
    }
    calls.join_all().await.into_iter().collect()
}

/// The times from each interview's answer to the arrival of each of its events, in milliseconds; zero if the event was
/// quicker.
fn waits(created: &HashMap<String, Instant>, posts: &[ReceivedPost]) -> Result<Series> {
    let mut seen = HashSet::new();
    let mut waits = Vec::new();
    for ReceivedPost { at, body } in posts {
        let interview = text(&body["data"]["interviewId"])?;
        let answered = created.get(&interview).context("an event of an unknown interview")?;
        ensure!(seen.insert((interview, text(&body["event"])?)), "an event arrived twice");
        waits.push(at.saturating_duration_since(*answered).as_secs_f64() * 1000.0);
    }
    ensure!(seen.len() == created.len() * EVENTS.len(), "an event is missing");
    Ok(waits.into_iter().collect())
}

fn text(value: &Value) -> Result<String> {
    value.as_str().map(str::to_owned).context("a text is missing")
}
