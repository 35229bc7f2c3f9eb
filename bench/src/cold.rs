//! Cold starts: what the first caller waits for, and what those after it wait for.

use crate::cpu_share::CpuShare;
use crate::event;
use crate::runtime_api::Running;
use crate::shapes::{self, Cost, Existing};
use crate::stats::Series;
use crate::world::World;
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
    /// The yardstick, which connects when it is first asked.
    Reference,
    /// The yardstick, which connects in its init phase.
    WarmedReference,
}

impl Function {
    /// Whether it is one of ours, not the yardstick.
    pub fn is_ours(self) -> bool {
        matches!(self, Function::CreateAgent | Function::CreateInterview)
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
    /// The part of it that the function did not wait for the database; none for the yardstick, which does not tell.
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
            let sample = cold_start(subject, conditions).await.with_context(|| subject.name.clone())?;
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
async fn cold_start(subject: &Subject, conditions: &Conditions<'_>) -> Result<Sample> {
    let world = World::create().await?;
    let event = event(subject, &world).await?;
    let mut environment = world.environment();
    if subject.function == Function::WarmedReference {
        environment.insert("REFERENCE_WARM", "1".to_owned());
    }
    let mut function = Running::start(&subject.bootstrap, &environment).await?;
    if let Some(share) = conditions.share {
        share.limit(function.pid()?)?;
    }
    let first = answer(&mut function, subject, &event).await?;
    let first_waited_ms = match subject.function.is_ours() {
        true => Some(function.log_line(Cost::of_line).await?.waited_ms),
        false => None,
    };
    let mut later = Vec::new();
    for _ in 0..conditions.later {
        later.push(milliseconds(answer(&mut function, subject, &event).await?));
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
    if subject.function.is_ours() {
        shapes::require_created(&answer)?;
    } else {
        ensure!(answer.status() == 200, "answered {}", answer.payload);
    }
    Ok(answer.time)
}

/// The event that a subject gets. What it refers to is created by another process of the same build.
async fn event(subject: &Subject, world: &World) -> Result<Value> {
    Ok(match subject.function {
        Function::CreateAgent => event::post("/agents", &world.api_key, None, &shapes::agent("SCREENING")),
        Function::CreateInterview => {
            let mut other = Running::start(&subject.bootstrap, &world.environment()).await?;
            let body = Existing::create(&mut other, world).await?.interview();
            other.stop().await?;
            event::post("/interviews", &world.api_key, None, &body)
        }
        Function::Reference | Function::WarmedReference => event::post("/agents", &world.api_key, None, &json!({})),
    })
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
