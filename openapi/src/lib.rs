//! The OpenAPI document, made from the code that it describes.
//!
//! Schemas of requests come from the shapes that check them, schemas of answers from the types that are answered,
//! errors from [`api::ErrorCode`], and what a route takes and answers from its entry in the table of routes. What people
//! write (prose, parameters, headers) is in `frame.yaml`. `cargo run --bin openapi` writes the document to the root of the
//! workspace, and beside it the JSON schemas of the messages to and from those who conduct interviews ([`files`]).
//!
//! Each example of a request (a body, or an id in a path) carries `x-answer`: its status and, if it is refused, its code,
//! in the company and among the resources of [`ids`]. [`examples()`] has the same for tests. The answers to those that are
//! carried out were given by the real functions to such a test, which keeps them in `examples/recorded.json`:
//! `UPDATE_EXAMPLES=1 cargo test -p tests --test it -- examples` records them anew.
//!
//! ```
//! let document = openapi::yaml().unwrap();
//! assert!(document.contains("\nopenapi: \"3.1.0\"\n"));
//! ```

mod answers;
mod conductor;
mod events;
mod examples;
pub mod ids;
mod order;
mod problems;
mod schemas;
mod yaml;

use std::path::{Path, PathBuf};

use anyhow::Context;
use api::{ErrorCode, Route};
use serde_norway::{Mapping, Value};

pub use examples::{Example, RECORDED, examples, recorded_path};

use crate::order::ordered;

const FRAME: &str = include_str!("frame.yaml");

/// The first lines of the file.
const HEADER: &str = "# Written by `cargo run --bin openapi`. Do not edit: a test compares it with the code.\n";

/// A file at the root of the workspace that is made from the code.
pub struct Written {
    /// The file.
    pub path: PathBuf,
    /// The text.
    pub text: String,
}

/// The document, and the schemas of the messages of those who conduct interviews.
///
/// # Errors
/// Parts that do not fit each other, which a test would find.
pub fn files() -> anyhow::Result<[Written; 3]> {
    let file = |name: &str, text| Written { path: Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name(name), text };
    Ok([
        file("openapi.yaml", yaml()?),
        file(conductor::START_FILE, conductor::start()?),
        file(conductor::RESULT_FILE, conductor::result()?),
    ])
}

/// The document's text.
///
/// # Errors
/// Parts of the document that do not fit each other, which a test would find.
pub fn yaml() -> anyhow::Result<String> {
    Ok(format!("{HEADER}{}", yaml::to_string(&document()?)?))
}

/// The document.
fn document() -> anyhow::Result<Value> {
    let mut document: Value = serde_norway::from_str(&with_constants(FRAME))?;
    let schemas = schemas::schemas()?;
    let described = at(&mut document, &["components", "schemas"])?;
    for (name, schema) in &schemas {
        described.insert(name.as_str().into(), ordered(schema));
    }
    at(&mut document, &["components"])?.insert("responses".into(), answers::without_route()?);
    at(&mut document, &[])?.insert("webhooks".into(), events::webhooks()?);
    let recorded = answers::parsed(RECORDED)?;
    for route in Route::ALL.iter().copied() {
        let entry = route.entry();
        let described = at(&mut document, &["paths", entry.path, &entry.method.to_lowercase()])?;
        answers::complete(route, described, &recorded).with_context(|| format!("{} in frame.yaml", entry.key))?;
    }
    Ok(document)
}

fn at<'a>(document: &'a mut Value, path: &[&str]) -> anyhow::Result<&'a mut Mapping> {
    let mut place = document;
    for step in path {
        place = place.get_mut(*step).with_context(|| format!("frame.yaml has no {step} in {path:?}"))?;
    }
    place.as_mapping_mut().with_context(|| format!("{path:?} is no object"))
}

/// The rows of the table of error codes, in Markdown.
fn error_codes() -> Vec<String> {
    let row = |code: &ErrorCode| format!("| `{}` | {} | {}. |", code.as_str(), code.status().as_u16(), code.title());
    ErrorCode::ALL.iter().map(row).collect()
}

/// The text with every `{{NAME}}` replaced by the constant.
fn with_constants(text: &str) -> String {
    let constants = [
        ("BODY_MAX_BYTES", api::BODY_MAX_BYTES),
        ("ISSUES_MAX", validation::ISSUES_MAX),
        ("METADATA_MAX_BYTES", domain::metadata::METADATA_MAX_BYTES),
        ("METADATA_MAX_KEYS", domain::metadata::METADATA_MAX_KEYS),
        ("METADATA_MAX_LEVELS", domain::metadata::METADATA_MAX_LEVELS),
        ("NESTING_MAX_LEVELS", domain::json::NESTING_MAX_LEVELS),
        ("CANDIDATE_JOBS_MAX", domain::candidate::CANDIDATE_JOBS_MAX),
        ("IDEMPOTENCY_KEY_MAX_CHARACTERS", domain::idempotency::IDEMPOTENCY_KEY_MAX_CHARACTERS),
        ("IDEMPOTENCY_KEY_TAIL", domain::idempotency::IDEMPOTENCY_KEY_MAX_CHARACTERS - 1),
        ("WEBHOOKS_MAX", domain::webhook::WEBHOOKS_MAX),
        ("CREATED_COMPANIES_MAX", domain::company::CREATED_COMPANIES_MAX),
        ("USAGE_DAYS_DEFAULT", domain::usage::USAGE_DAYS_DEFAULT as usize),
        ("USAGE_DAYS_MAX", domain::usage::USAGE_DAYS_MAX as usize),
        ("USAGE_COMPANIES_MAX", usize::from(domain::usage::USAGE_COMPANIES_MAX)),
        ("LIVE_SECRETS_MAX", domain::webhook::LIVE_SECRETS_MAX),
        ("WEBHOOK_TESTS_PER_MINUTE", domain::limits::WEBHOOK_TESTS_PER_MINUTE as usize),
        ("TEST_INTERVIEWS_PER_DAY", domain::limits::TEST_INTERVIEWS_PER_DAY as usize),
        ("RESPONSE_KEPT_MAX_BYTES", domain::delivery::RESPONSE_KEPT_MAX_BYTES),
        ("ATTEMPTS", domain::delivery::ATTEMPTS),
    ];
    let text = text
        .replace("{{SCHEDULE_MAX_DAYS}}", &domain::interview::SCHEDULE_MAX_DAYS.to_string())
        .replace("{{TEST_DURATION_MINUTES}}", &domain::interview::TEST_DURATION_MINUTES.to_string())
        .replace("{{DELIVERY_KEPT_DAYS}}", &domain::delivery::DELIVERY_KEPT_DAYS.to_string())
        .replace("{{ERROR_CODES}}", &error_codes().join("\n      "));
    constants.iter().fold(text, |text, (name, value)| text.replace(&format!("{{{{{name}}}}}"), &value.to_string()))
}
