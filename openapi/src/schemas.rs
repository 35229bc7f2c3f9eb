//! The document's schemas: of requests by their shapes, of answers by their types.

use anyhow::{Context, ensure};
use api::{
    AgentResponse, DeliveryListResponse, Details, ErrorCode, InterviewResponse, ProblemDocument, RotatedSecretResponse,
    TestResponse, WebhookListResponse,
};
use domain::event::{InterviewEventData, PingData};
use domain::webhook::Targets;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};
use validation::{
    AgentShape, CandidateShape, ChangeWebhookShape, HeaderShape, InterviewShape, JobShape, LanguageRequirementShape,
    LocationShape, SalaryShape, Shape, WebhookShape, describe,
};

use crate::{events, ids, problems};

/// Refers to a schema by its name.
pub(crate) fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

/// The name of the schema of a code's problem.
pub(crate) fn problem_name(code: ErrorCode) -> String {
    format!("{code:?}Problem")
}

/// Every schema by its name.
pub(crate) fn schemas() -> anyhow::Result<Map<String, Value>> {
    let mut schemas = answers()?;
    let problem = schemas.get("ProblemDocument").context("the problem document")?.clone();
    let details = schemas.remove("Details").context("the details")?;
    for code in ErrorCode::ALL {
        schemas.insert(problem_name(*code), problem_schema(*code, &problem, &details)?);
    }
    let now = ids::now()?;
    let requests = [
        (AgentShape::NAME, describe(&AgentShape)),
        (InterviewShape::NAME, describe(&InterviewShape { now })),
        (CandidateShape::NAME, describe(&CandidateShape { now })),
        (JobShape::NAME, describe(&JobShape)),
        (LanguageRequirementShape::NAME, describe(&LanguageRequirementShape)),
        (LocationShape::NAME, describe(&LocationShape)),
        (SalaryShape::NAME, describe(&SalaryShape)),
        (WebhookShape::NAME, describe(&WebhookShape { targets: Targets::Public })),
        (ChangeWebhookShape::NAME, describe(&ChangeWebhookShape { targets: Targets::Public })),
        (HeaderShape::NAME, describe(&HeaderShape)),
    ];
    let requests = requests.map(|(name, schema)| (name.to_owned(), schema));
    for (name, schema) in requests.into_iter().chain(events::schemas()) {
        ensure!(schemas.insert(name.clone(), schema).is_none(), "two schemas are called {name}");
    }
    Ok(schemas)
}

/// The schemas of answers.
fn answers() -> anyhow::Result<Map<String, Value>> {
    let settings = SchemaSettings::draft2020_12().for_serialize().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
    });
    let mut generator = settings.into_generator();
    generator.subschema_for::<AgentResponse<'_>>();
    generator.subschema_for::<InterviewResponse<'_>>();
    generator.subschema_for::<WebhookListResponse<'_>>();
    generator.subschema_for::<RotatedSecretResponse<'_>>();
    generator.subschema_for::<TestResponse>();
    generator.subschema_for::<DeliveryListResponse<'_>>();
    generator.subschema_for::<InterviewEventData<'_>>();
    generator.subschema_for::<PingData>();
    generator.subschema_for::<ProblemDocument<'_>>();
    generator.subschema_for::<Details>();
    let mut schemas = generator.take_definitions(true);
    for schema in schemas.values_mut() {
        plain(schema);
    }
    Ok(schemas)
}

/// Takes away what the types say and the API does not promise: absent values are left out of an answer, never null, and the
/// bits that hold an integer are nobody's business.
fn plain(schema: &mut Value) {
    if let Value::Object(members) = schema {
        if members.get("format").and_then(Value::as_str).is_some_and(|format| format.starts_with("uint")) {
            members.remove("format");
            let of_the_type = [u64::from(u8::MAX), u64::from(u16::MAX)];
            if members.get("maximum").and_then(Value::as_u64).is_some_and(|max| of_the_type.contains(&max)) {
                members.remove("maximum");
            }
        }
        if let Some(Value::Array(kinds)) = members.get_mut("type") {
            kinds.retain(|kind| kind != "null");
            if let [kind] = kinds.as_slice() {
                let kind = kind.clone();
                members.insert("type".to_owned(), kind);
            }
        }
        if let Some(Value::Array(kinds)) = members.get("anyOf") {
            let not_null: Vec<&Value> = kinds.iter().filter(|kind| kind["type"] != "null").collect();
            if let ([Value::Object(only)], true) = (not_null.as_slice(), kinds.len() == 2) {
                let only = only.clone();
                members.remove("anyOf");
                for (name, value) in only {
                    members.entry(name).or_insert(value);
                }
            }
        }
        members.values_mut().for_each(plain);
    } else if let Value::Array(items) = schema {
        items.iter_mut().for_each(plain);
    }
}

/// A problem document of that code, with the details that belong to it.
fn problem_schema(code: ErrorCode, problem: &Value, details: &Value) -> anyhow::Result<Value> {
    let example = serde_json::to_value(problems::example(code, None)?.document("id"))?;
    let common = problem["properties"].as_object().context("the problem's members")?;
    let own: Vec<&String> =
        example.as_object().context("a problem")?.keys().filter(|key| !common.contains_key(*key)).collect();
    let variant = details["anyOf"]
        .as_array()
        .context("the kinds of details")?
        .iter()
        .find(|variant| {
            let members = variant["properties"].as_object();
            members.map_or(0, Map::len) == own.len()
                && own.iter().all(|name| variant["properties"].get(*name).is_some())
        })
        .with_context(|| format!("no kind of details has just {own:?}"))?;
    let mut properties = variant["properties"].as_object().cloned().unwrap_or_default();
    for (name, value) in
        [("code", json!(code)), ("status", json!(code.status().as_u16())), ("type", json!(code.type_uri()))]
    {
        properties.insert(name.to_owned(), json!({"const": value}));
    }
    let mut schema = json!({
        "title": code.title(),
        "allOf": [reference("ProblemDocument")],
        "properties": properties,
    });
    if let Some(required) = variant.get("required") {
        schema["required"] = required.clone();
    }
    Ok(schema)
}
