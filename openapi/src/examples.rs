//! The document's example requests, and the recorded answers to them.

mod agents;
mod companies;
mod endings;
mod interviews;
mod reads;
mod resources;
mod webhooks;

use std::path::{Path, PathBuf};

use api::{ErrorCode, ListScope, Route};

use crate::ids;

/// The bodies of the answers to the examples that are carried out, as JSON: by the route's key, then the example's name.
/// A test that sends the examples to the real functions records them.
pub const RECORDED: &str = include_str!("examples/recorded.json");

/// The file of [`RECORDED`].
pub fn recorded_path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/examples/recorded.json")
}

/// A request, and the answer that it gets among what [`ids`] names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// The name, unique within the route.
    pub name: &'static str,
    /// The route that it is sent to.
    pub route: Route,
    /// The point of it, in a line.
    pub summary: &'static str,
    /// The path without the query.
    pub path: String,
    /// The query, without its question mark; mostly empty.
    pub query: String,
    /// The body, as JSON text, if the route takes one.
    pub body: Option<String>,
    /// The code of the refusal; none: it is carried out.
    pub refusal: Option<ErrorCode>,
}

impl Example {
    /// The status of its answer.
    pub fn status(&self) -> u16 {
        let status = self.refusal.map_or_else(|| self.route.entry().success.status(), ErrorCode::status);
        status.as_u16()
    }
}

/// Name, summary, refusal, body. Names of [`ids`] stand for those.
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
        .chain(reads::READS.iter().copied())
        .chain(endings::ENDINGS.iter().copied())
        .chain(resources::RESOURCES.iter().copied())
        .chain(companies::COMPANIES.iter().copied())
        .chain(webhooks::WEBHOOKS.iter().copied());
    all.map(example).collect()
}

fn example((route, name, summary, refusal, place, body): PlacedRow) -> Example {
    let (path, query) = place.split_once('?').unwrap_or((place, ""));
    let id = |text: &str| ids::ALL.iter().find(|(name, _)| *name == text).map(|(_, id)| id.to_string());
    let replaced = |text: &str, separator: char| {
        let words = text.split(separator).map(|word| id(word).unwrap_or_else(|| word.to_owned()));
        words.collect::<Vec<_>>().join(&separator.to_string())
    };
    let path = replaced(path, '/');
    let after = |name: &str| ListScope::new(&path, ids::COMPANY, &()).cursor(id(name)?).ok();
    let query = match query.split_once("=AFTER_") {
        Some((parameter, name)) => after(name).map_or_else(String::new, |cursor| format!("{parameter}={cursor}")),
        None => query.to_owned(),
    };
    let quoted = |body: &str| {
        ids::ALL
            .iter()
            .fold(body.to_owned(), |body, (name, id)| body.replace(&format!("\"{name}\""), &format!("\"{id}\"")))
    };
    Example { name, route, summary, path, query, body: body.map(quoted), refusal }
}
