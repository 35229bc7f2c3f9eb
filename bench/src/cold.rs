//! Cold starts: the wait of the first caller, and of those after it.

use crate::costs::{self, Cost, ExistingResources};
use crate::cpu_share::CpuShare;
use crate::event;
use crate::receiver::{Reaction, WebhookReceiver};
use crate::resources;
use crate::runtime_api::FunctionProcess;
use crate::stats::Series;
use crate::testbed::Testbed;
use crate::webhooks::{self, NOWHERE};
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::time::Duration;
use uuid::Uuid;

/// A build of a function.
#[derive(Debug, Clone)]
pub struct Build {
    /// The name in the report.
    pub name: String,
    pub function: Function,
    /// The executable.
    pub bootstrap: PathBuf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Function {
    /// `POST /agents`.
    CreateAgent,
    /// `POST /interviews`.
    CreateInterview,
    /// `GET /agents/{id}`, of all that it does.
    Read,
    /// `POST /jobs`, of all that it does.
    ManageResources,
    /// `PATCH /interviews/{id}`, of all that it does.
    ManageInterviews,
    /// `POST /webhooks`, of all that it does.
    ManageWebhooks,
    /// A record of the table's stream.
    PublishEvents,
    /// A message of the queue.
    DeliverWebhook,
    /// A record of the table's stream: a deleted candidate without interviews.
    Erase,
    /// The schedule's event, when nothing is due.
    Sweep,
    /// The yardstick, which connects at its first event.
    Reference,
    /// The yardstick, which connects in its init phase.
    WarmedReference,
}

impl Function {
    /// Ours, as they are named and as `sam build` names their folders.
    pub const OURS: [(&str, Function, &str); 10] = [
        ("create-agent", Function::CreateAgent, "CreateAgentFunction"),
        ("create-interview", Function::CreateInterview, "CreateInterviewFunction"),
        ("read", Function::Read, "ReadFunction"),
        ("manage-resources", Function::ManageResources, "ManageResourcesFunction"),
        ("manage-interviews", Function::ManageInterviews, "ManageInterviewsFunction"),
        ("manage-webhooks", Function::ManageWebhooks, "ManageWebhooksFunction"),
        ("publish-events", Function::PublishEvents, "PublishEventsFunction"),
        ("deliver-webhook", Function::DeliverWebhook, "DeliverWebhookFunction"),
        ("erase", Function::Erase, "EraseFunction"),
        ("sweep", Function::Sweep, "SweepFunction"),
    ];

    /// True for all but the yardstick.
    pub fn is_ours(self) -> bool {
        !matches!(self, Function::Reference | Function::WarmedReference)
    }

    /// True for the two functions that every user of the product waits for. They have targets, and wait for nothing but
    /// the database.
    pub fn has_targets(self) -> bool {
        matches!(self, Function::CreateAgent | Function::CreateInterview)
    }
}

/// The events that a function is invoked with in a cold start.
enum Events {
    /// The same event each time.
    Same(Value),
    /// A new delivery to this webhook each time: one that was made costs no post any more.
    Deliveries { webhook: String, _endpoint: WebhookReceiver },
    /// Another change of this interview each time: one that changes nothing writes nothing.
    Changes { path: String },
    /// The deletion of a new candidate each time, by this process.
    Deletions { managing: FunctionProcess },
}

impl Events {
    async fn next(&mut self, testbed: &Testbed) -> Result<Value> {
        match self {
            Events::Same(event) => Ok(event.clone()),
            Events::Deliveries { webhook, .. } => webhooks::queue_event(webhook),
            Events::Changes { path } => {
                let body = json!({"metadata": {"change": Uuid::new_v4()}});
                event::request("PATCH", path, &testbed.company.api_key, None, Some(&body))
            }
            Events::Deletions { managing } => resources::deleted_candidate(managing, testbed).await,
        }
    }
}

/// The figures of one cold start.
struct Sample {
    init: Duration,
    first: Duration,
    first_waited_ms: Option<f64>,
    later: Series,
    peak_memory_bytes: u64,
}

/// The figures of all cold starts of a build; times in milliseconds.
pub struct Figures {
    /// Time from exec to the first poll for an event.
    pub init: Series,
    /// Time of the first event's answer.
    pub first: Series,
    /// The part of it in which the function did not wait for the database. Empty for functions that do not log that, or
    /// wait for others as well.
    pub first_own: Series,
    /// The sum of init and first: the wait of the first caller.
    pub cold: Series,
    /// The median of each run's later answers.
    pub later: Series,
    /// The largest memory in use, in MiB.
    pub peak_memory: Series,
}

/// The settings of a measurement.
pub struct Conditions<'a> {
    /// Cold starts of each build.
    pub runs: usize,
    /// Answers after the first one in each.
    pub later: usize,
    /// The CPU share for the invocations; the init phase has all of it, as Lambda gives it.
    pub share: Option<&'a CpuShare>,
}

/// Measures all builds, one cold start of each in turn, so that whatever else the machine does falls on all alike.
pub async fn measure(builds: &[Build], conditions: &Conditions<'_>) -> Result<Vec<Figures>> {
    let mut samples: Vec<Vec<Sample>> = builds.iter().map(|_| Vec::new()).collect();
    // The first round only brings the files into the page cache.
    for round in 0..=conditions.runs {
        for turn in 0..builds.len() {
            // Each round begins with another build, so that none always follows the same neighbour.
            let place = (turn + round) % builds.len();
            let build = &builds[place];
            let sample = cold_start(build, builds, conditions).await.with_context(|| build.name.clone())?;
            if round > 0 {
                samples[place].push(sample);
            }
        }
    }
    Ok(samples.iter().map(|samples| Figures::of(samples)).collect())
}

impl Figures {
    fn of(samples: &[Sample]) -> Figures {
        let series = |figure: fn(&Sample) -> f64| samples.iter().map(figure).collect();
        Figures {
            init: series(|sample| milliseconds(sample.init)),
            first: series(|sample| milliseconds(sample.first)),
            first_own: samples
                .iter()
                .filter_map(|sample| Some(milliseconds(sample.first) - sample.first_waited_ms?))
                .collect(),
            cold: series(|sample| milliseconds(sample.init + sample.first)),
            later: series(|sample| sample.later.median()),
            peak_memory: series(|sample| sample.peak_memory_bytes as f64 / f64::from(1 << 20)),
        }
    }
}

/// A cold start in a testbed of its own: engine, table and company are new, so that no run leaves work to the next.
async fn cold_start(build: &Build, builds: &[Build], conditions: &Conditions<'_>) -> Result<Sample> {
    let testbed = Testbed::create().await?;
    let mut events = events(build, builds, &testbed).await?;
    let mut environment = testbed.environment();
    if build.function == Function::WarmedReference {
        environment.insert("REFERENCE_WARM", "1".to_owned());
    }
    let mut function = FunctionProcess::start(&build.bootstrap, &environment).await?;
    if let Some(share) = conditions.share {
        share.limit(function.pid()?)?;
    }
    let first = answer(&mut function, build, &events.next(&testbed).await?).await?;
    let first_waited_ms = match build.function.has_targets() {
        true => Some(function.log_line(Cost::of_line).await?.waited_ms),
        false => None,
    };
    let mut later = Vec::new();
    for _ in 0..conditions.later {
        let event = events.next(&testbed).await?;
        later.push(milliseconds(answer(&mut function, build, &event).await?));
    }
    let sample = Sample {
        init: function.init,
        first,
        first_waited_ms,
        later: later.into_iter().collect(),
        peak_memory_bytes: function.peak_memory_bytes()?,
    };
    function.stop().await?;
    Ok(sample)
}

async fn answer(function: &mut FunctionProcess, build: &Build, event: &Value) -> Result<Duration> {
    let answer = function.invoke(event).await?;
    match build.function {
        Function::CreateAgent | Function::CreateInterview | Function::ManageResources | Function::ManageWebhooks => {
            costs::require_created(&answer)?;
        }
        Function::Read | Function::ManageInterviews => {
            ensure!(answer.status() == 200, "answered {}", answer.payload);
        }
        Function::PublishEvents | Function::DeliverWebhook | Function::Erase => {
            webhooks::require_done(&answer.payload)?;
        }
        Function::Sweep => ensure!(answer.payload.is_null(), "answered {}", answer.payload),
        Function::Reference | Function::WarmedReference => {
            ensure!(answer.status() == 200, "answered {}", answer.payload);
        }
    }
    Ok(answer.time)
}

/// The events for a build. Resources that they refer to are created by another process: of the same build, or of the
/// first build of the function that creates such resources.
async fn events(build: &Build, builds: &[Build], testbed: &Testbed) -> Result<Events> {
    let api_key = &testbed.company.api_key;
    Ok(Events::Same(match build.function {
        Function::CreateAgent => event::post("/agents", api_key, None, &costs::agent("SCREENING"))?,
        Function::CreateInterview => {
            let mut other = FunctionProcess::start(&build.bootstrap, &testbed.environment()).await?;
            let body = ExistingResources::create(&mut other, testbed).await?.interview();
            other.stop().await?;
            event::post("/interviews", api_key, None, &body)?
        }
        Function::Read => {
            let mut other = first(builds, Function::CreateAgent, testbed).await?;
            let created = other.invoke(&event::post("/agents", api_key, None, &costs::agent("SCREENING"))?).await?;
            costs::require_created(&created)?;
            other.stop().await?;
            let path = format!("/agents/{}", costs::text(&created.body()["id"])?);
            event::request("GET", &path, api_key, None, None)?
        }
        Function::ManageInterviews => {
            let mut other = first(builds, Function::CreateInterview, testbed).await?;
            let created = other.invoke(&event::post("/interviews", api_key, None, &costs::inline_interview())?).await?;
            costs::require_created(&created)?;
            other.stop().await?;
            return Ok(Events::Changes { path: format!("/interviews/{}", costs::text(&created.body()["id"])?) });
        }
        Function::Erase => {
            return Ok(Events::Deletions { managing: first(builds, Function::ManageResources, testbed).await? });
        }
        Function::Sweep => resources::sweep_event()?,
        Function::ManageResources => event::post("/jobs", api_key, None, &json!({"title": "Warehouse operator"}))?,
        Function::ManageWebhooks => event::post("/webhooks", api_key, None, &webhooks::webhook(NOWHERE))?,
        Function::PublishEvents => {
            subscribe(builds, testbed, NOWHERE).await?;
            webhooks::stream_event(&[&testbed.company])?
        }
        Function::DeliverWebhook => {
            let endpoint = WebhookReceiver::start(Reaction::Accepts)?;
            let webhook = subscribe(builds, testbed, &endpoint.url()).await?;
            return Ok(Events::Deliveries { webhook, _endpoint: endpoint });
        }
        Function::Reference | Function::WarmedReference => event::post("/agents", api_key, None, &json!({}))?,
    }))
}

/// Creates a webhook, and gives its id.
async fn subscribe(builds: &[Build], testbed: &Testbed, url: &str) -> Result<String> {
    let mut managing = first(builds, Function::ManageWebhooks, testbed).await?;
    let id = webhooks::create(&mut managing, &testbed.company, url).await?;
    managing.stop().await?;
    Ok(id)
}

/// The first build of a function, started.
pub async fn first(builds: &[Build], function: Function, testbed: &Testbed) -> Result<FunctionProcess> {
    let build = builds.iter().find(|build| build.function == function).context("no build of the function")?;
    FunctionProcess::start(&build.bootstrap, &testbed.environment()).await
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
