//! The document's example requests, and the answers that the code itself gives to them.

mod agents;
mod answer;
mod interviews;
mod webhooks;

use api::{ErrorCode, Route};
use uuid::Uuid;

use crate::operations::Operation;
use crate::world;

pub(crate) use answer::{answer, parameter_issue};

/// A request, and how it is answered in the [world].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// Unique within its route.
    pub name: &'static str,
    /// The route that it is sent to.
    pub route: Route,
    /// What it shows, in a line.
    pub summary: &'static str,
    /// Where it is sent: the path without the query.
    pub path: String,
    /// The query, without its question mark; mostly empty.
    pub query: String,
    /// The body, as JSON text, if the route takes one.
    pub body: Option<String>,
    /// How it is refused; none: it is carried out.
    pub refusal: Option<ErrorCode>,
}

impl Example {
    /// The status of its answer.
    ///
    /// # Errors
    /// Only if nobody has said what the route gives.
    pub fn status(&self) -> anyhow::Result<u16> {
        Ok(match self.refusal {
            Some(code) => code.status().as_u16(),
            None => Operation::of(self.route)?.success.status,
        })
    }
}

/// Name, summary, refusal, body. Names of the world in capitals stand for their ids.
type Row = (&'static str, &'static str, Option<ErrorCode>, &'static str);

/// The same for routes whose requests have more than a body: the place, as path and query, comes before the body.
type PlacedRow = (Route, &'static str, &'static str, Option<ErrorCode>, &'static str, Option<&'static str>);

/// The example requests of every route.
pub fn examples() -> Vec<Example> {
    let creates = |route: Route, rows: &'static [Row]| {
        rows.iter()
            .map(move |&(name, summary, refusal, body)| (route, name, summary, refusal, route.entry().path, Some(body)))
    };
    let all = creates(Route::CreateAgent, agents::AGENTS)
        .chain(creates(Route::CreateInterview, interviews::INTERVIEWS))
        .chain(webhooks::WEBHOOKS.iter().copied());
    all.map(example).collect()
}

fn example((route, name, summary, refusal, place, body): PlacedRow) -> Example {
    let id = |text: &str| IDS.iter().find(|(name, _)| *name == text).map(|(_, id)| id.to_string());
    let replaced = |text: &str, separator: char| {
        let words = text.split(separator).map(|word| id(word).unwrap_or_else(|| word.to_owned()));
        words.collect::<Vec<_>>().join(&separator.to_string())
    };
    let (path, query) = place.split_once('?').unwrap_or((place, ""));
    let quoted = |body: &str| {
        IDS.iter().fold(body.to_owned(), |body, (name, id)| body.replace(&format!("\"{name}\""), &format!("\"{id}\"")))
    };
    Example {
        name,
        route,
        summary,
        path: replaced(path, '/'),
        query: replaced(query, '='),
        body: body.map(quoted),
        refusal,
    }
}

/// What rows call the things of the world.
const IDS: [(&str, Uuid); 21] = [
    ("CANDIDATE", world::CANDIDATE.uuid()),
    ("CANDIDATE_WITH_TWO_JOBS", world::CANDIDATE_WITH_TWO_JOBS.uuid()),
    ("AGENT", world::AGENT.uuid()),
    ("GENERIC_AGENT", world::GENERIC_AGENT.uuid()),
    ("PHONE_AGENT", world::PHONE_AGENT.uuid()),
    ("FOREIGN_AGENT", world::FOREIGN_AGENT.uuid()),
    ("JOB", world::JOB.uuid()),
    ("OTHER_JOB", world::OTHER_JOB.uuid()),
    ("UNKNOWN_JOB", world::UNKNOWN_JOB.uuid()),
    ("PHONE_NUMBER", world::PHONE_NUMBER.uuid()),
    ("FOREIGN_PHONE_NUMBER", world::FOREIGN_PHONE_NUMBER.uuid()),
    ("UNKNOWN_PHONE_NUMBER", world::UNKNOWN_PHONE_NUMBER.uuid()),
    ("COMPANY", world::COMPANY.uuid()),
    ("OTHER_COMPANY", world::OTHER_COMPANY.uuid()),
    ("WEBHOOK", world::WEBHOOK.uuid()),
    ("FAILING_WEBHOOK", world::FAILING_WEBHOOK.uuid()),
    ("FOREIGN_WEBHOOK", world::FOREIGN_WEBHOOK.uuid()),
    ("UNKNOWN_WEBHOOK", world::UNKNOWN_WEBHOOK.uuid()),
    ("DELIVERY", world::DELIVERY.uuid()),
    ("FAILED_DELIVERY", world::FAILED_DELIVERY.uuid()),
    ("UNKNOWN_DELIVERY", world::UNKNOWN_DELIVERY.uuid()),
];
