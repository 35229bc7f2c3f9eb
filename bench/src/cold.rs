//! Cold starts: what the first caller waits for, and what those after it wait for.

use crate::cpu_share::CpuShare;
use crate::event;
use crate::receiver::{Reaction, WebhookReceiver};
use crate::runtime_api::Running;
use crate::shapes::{self, Cost, Existing};
use crate::stack::Stack;
use crate::stats::Series;
use crate::webhooks::{self, NOWHERE};
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::time::Duration;

/// A build that is looked at.
#[derive(Debug, Clone)]
pub struct Subject {
    /// Its name in the report.
    pub name: String,
    /// Which function it is a build of.
    pub function: Function,
    /// The executable.
    pub bootstrap: PathBuf,
}

/// Which function a bootstrap is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Function {
    /// `POST /agents`.
    CreateAgent,
    /// `POST /interviews`.
    CreateInterview,
    /// `POST /webhooks`, of all that it does.
    ManageWebhooks,
    /// A record of the table's stream.
    PublishEvents,
    /// A message of the queue.
    DeliverWebhook,
    /// The yardstick, which connects when it is first asked.
    Reference,
    /// The yardstick, which connects in its init phase.
    WarmedReference,
}

impl Function {
    /// Ours, as they are named and as `sam build` names their folders.
    pub const OURS: [(&str, Function, &str); 5] = [
        ("create-agent", Function::CreateAgent, "CreateAgentFunction"),
        ("create-interview", Function::CreateInterview, "CreateInterviewFunction"),
        ("manage-webhooks", Function::ManageWebhooks, "ManageWebhooksFunction"),
        ("publish-events", Function::PublishEvents, "PublishEventsFunction"),
        ("deliver-webhook", Function::DeliverWebhook, "DeliverWebhookFunction"),
    ];

    /// Whether it is one of ours, not the yardstick.
    pub fn is_ours(self) -> bool {
        !matches!(self, Function::Reference | Function::WarmedReference)
    }

    /// Whether it is one of the two that everybody waits for who uses the product: they have targets, and wait for
    /// nothing but the database.
    pub fn has_targets(self) -> bool {
        matches!(self, Function::CreateAgent | Function::CreateInterview)
    }
}

/// The events of a cold start.
enum Asked {
    /// The same each time.
    Same(Value),
    /// A new delivery to this webhook each time: one that was made costs no post any more.
    Deliveries { webhook: String, _endpoint: WebhookReceiver },
}

impl Asked {
    fn next(&self) -> Result<Value> {
        match self {
            Asked::Same(event) => Ok(event.clone()),
            Asked::Deliveries { webhook, .. } => webhooks::queue_event(webhook),
        }
    }
}

/// What one cold start showed.
struct Sample {
    init: Duration,
    first: Duration,
    first_waited_ms: Option<f64>,
    later: Series,
    peak_memory_bytes: u64,
}

/// What all cold starts of a subject showed; times in milliseconds.
pub struct Figures {
    /// From exec to the first poll for an event.
    pub init: Series,
    /// The first event's answer.
    pub first: Series,
    /// The part of it that the function did not wait for the database; none for those
    /// that do not tell, or wait for others as well.
    pub first_own: Series,
    /// The sum of init and first: what the first caller waits for.
    pub cold: Series,
    /// Later answers: each run's median.
    pub later: Series,
    /// The most memory in use, in MiB.
    pub peak_memory: Series,
}

/// How often, and with how much CPU.
pub struct Conditions<'a> {
    /// Cold starts of each subject.
    pub runs: usize,
    /// Answers after the first one in each.
    pub later: usize,
    /// The CPU share for the invocations; the init phase has all of it, as Lambda gives it.
    pub share: Option<&'a CpuShare>,
}

/// Measures all subjects, one cold start of each in turn, so that whatever else the machine does falls on all alike.
pub async fn measure(subjects: &[Subject], conditions: &Conditions<'_>) -> Result<Vec<Figures>> {
    let mut samples: Vec<Vec<Sample>> = subjects.iter().map(|_| Vec::new()).collect();
    // The first round only brings the files into the page cache.
    for round in 0..=conditions.runs {
        for turn in 0..subjects.len() {
            // Each round begins with another one: nobody always follows the same neighbour.
            let place = (turn + round) % subjects.len();
            let subject = &subjects[place];
            let sample = cold_start(subject, subjects, conditions).await.with_context(|| subject.name.clone())?;
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

/// One cold start in a world of its own: engine, table and company are new, so that no run leaves work to the next.
async fn cold_start(subject: &Subject, subjects: &[Subject], conditions: &Conditions<'_>) -> Result<Sample> {
    let stack = Stack::create().await?;
    let asked = asked(subject, subjects, &stack).await?;
    let mut environment = stack.environment();
    if subject.function == Function::WarmedReference {
        environment.insert("REFERENCE_WARM", "1".to_owned());
    }
    let mut function = Running::start(&subject.bootstrap, &environment).await?;
    if let Some(share) = conditions.share {
        share.limit(function.pid()?)?;
    }
    let first = answer(&mut function, subject, &asked.next()?).await?;
    let first_waited_ms = match subject.function.has_targets() {
        true => Some(function.log_line(Cost::of_line).await?.waited_ms),
        false => None,
    };
    let mut later = Vec::new();
    for _ in 0..conditions.later {
        later.push(milliseconds(answer(&mut function, subject, &asked.next()?).await?));
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

async fn answer(function: &mut Running, subject: &Subject, event: &Value) -> Result<Duration> {
    let answer = function.invoke(event).await?;
    match subject.function {
        Function::CreateAgent | Function::CreateInterview | Function::ManageWebhooks => {
            shapes::require_created(&answer)?;
        }
        Function::PublishEvents | Function::DeliverWebhook => webhooks::require_done(&answer.payload)?,
        Function::Reference | Function::WarmedReference => {
            ensure!(answer.status() == 200, "answered {}", answer.payload);
        }
    }
    Ok(answer.time)
}

/// What a subject is asked. What that refers to is created by another process: of the same build, or of the first
/// build of the function that creates such things.
async fn asked(subject: &Subject, subjects: &[Subject], stack: &Stack) -> Result<Asked> {
    let api_key = &stack.company.api_key;
    Ok(Asked::Same(match subject.function {
        Function::CreateAgent => event::post("/agents", api_key, None, &shapes::agent("SCREENING")),
        Function::CreateInterview => {
            let mut other = Running::start(&subject.bootstrap, &stack.environment()).await?;
            let body = Existing::create(&mut other, stack).await?.interview();
            other.stop().await?;
            event::post("/interviews", api_key, None, &body)
        }
        Function::ManageWebhooks => event::post("/webhooks", api_key, None, &webhooks::webhook(NOWHERE)),
        Function::PublishEvents => {
            subscribe(subjects, stack, NOWHERE).await?;
            webhooks::stream_event(&[&stack.company])?
        }
        Function::DeliverWebhook => {
            let endpoint = WebhookReceiver::start(Reaction::Takes)?;
            let webhook = subscribe(subjects, stack, &endpoint.url()).await?;
            return Ok(Asked::Deliveries { webhook, _endpoint: endpoint });
        }
        Function::Reference | Function::WarmedReference => event::post("/agents", api_key, None, &json!({})),
    }))
}

/// Creates a webhook, and gives its id.
async fn subscribe(subjects: &[Subject], stack: &Stack, url: &str) -> Result<String> {
    let mut managing = first(subjects, Function::ManageWebhooks, stack).await?;
    let id = webhooks::create(&mut managing, &stack.company, url).await?;
    managing.stop().await?;
    Ok(id)
}

/// The first build of a function, started.
pub async fn first(subjects: &[Subject], function: Function, stack: &Stack) -> Result<Running> {
    let subject = subjects.iter().find(|subject| subject.function == function).context("no build of the function")?;
    Running::start(&subject.bootstrap, &stack.environment()).await
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
