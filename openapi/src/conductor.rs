//! The messages of those who conduct interviews, as files of JSON Schema beside the document.

use api::{AgentResponse, CandidateResponse, JobResponse, PhoneNumberResponse};
use domain::conducting::InterviewStart;
use serde_json::{Map, Value as Json, json};
use serde_norway::{Mapping, Value};
use validation::{RESULT_NAMES, describe_results};

use crate::answers::mapping;
use crate::order::ordered;
use crate::schemas;

/// The dialect of the files.
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// The file of messages that hand interviews over.
pub const START_FILE: &str = "conductor-start.schema.json";
/// The file of messages that report results.
pub const RESULT_FILE: &str = "conductor-result.schema.json";

/// The text of [`START_FILE`].
pub(crate) fn start() -> anyhow::Result<String> {
    let definitions = schemas::of_types("/$defs", |generator| {
        generator.subschema_for::<InterviewStart<
            AgentResponse<'_>,
            CandidateResponse<'_>,
            JobResponse<'_>,
            PhoneNumberResponse<'_>,
        >>();
    });
    let description = "A message of the queue InterviewStarts: an interview that is to be conducted now. New members may \
                       be added without another version.";
    file("A start", description, ("$ref", json!("#/$defs/InterviewStart")), &definitions)
}

/// The text of [`RESULT_FILE`].
pub(crate) fn result() -> anyhow::Result<String> {
    let definitions = describe_results().into_iter().map(|(name, schema)| (name, with_local_references(schema)));
    let alternatives: Vec<Json> = RESULT_NAMES.iter().map(|name| json!({"$ref": format!("#/$defs/{name}")})).collect();
    let description = "A message of the queue InterviewResults: what became of an interview that was handed over. \
                       Members that are not listed are refused.";
    file("A result", description, ("oneOf", json!(alternatives)), &definitions.collect())
}

fn file(
    title: &str,
    description: &str,
    (keyword, root): (&str, Json),
    definitions: &Map<String, Json>,
) -> anyhow::Result<String> {
    let definitions: Mapping =
        definitions.iter().map(|(name, schema)| (Value::from(name.as_str()), ordered(schema))).collect();
    let file = mapping([
        ("$schema", DIALECT.into()),
        ("title", title.into()),
        ("description", description.into()),
        (keyword, ordered(&root)),
        ("$defs", definitions.into()),
    ]);
    Ok(format!("{}\n", serde_json::to_string_pretty(&file)?))
}

/// The schema with references into the file where they led into the OpenAPI document.
fn with_local_references(schema: Json) -> Json {
    match schema {
        Json::Object(members) => members
            .into_iter()
            .map(|(name, value)| {
                let local = value.as_str().and_then(|target| target.strip_prefix("#/components/schemas/"));
                match local.filter(|_| name == "$ref") {
                    Some(local) => (name, json!(format!("#/$defs/{local}"))),
                    None => (name, with_local_references(value)),
                }
            })
            .collect::<Map<_, _>>()
            .into(),
        Json::Array(items) => items.into_iter().map(with_local_references).collect(),
        other => other,
    }
}
