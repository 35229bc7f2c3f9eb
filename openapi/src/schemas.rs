//! The document's schemas: of requests by their shapes, of answers by their types.

use anyhow::{Context, ensure};
use api::{
    AgentResponse, CandidateResponse, CompanyResponse, DeliveryResponse, Details, ErrorCode, InterviewResponse,
    JobResponse, ListResponse, PhoneNumberResponse, ProblemDocument, RotatedSecretResponse, TestResponse,
    TranscriptResponse, UsageResponse, WebhookResponse,
};
use domain::event::{InterviewEventData, PingData};
use domain::webhook::{OwnHosts, Targets, WebhookPorts};
use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};
use validation::{
    AgentPatch, AgentShape, CandidatePatch, CandidateShape, ChangedCandidateShape, ChangedInterviewShape,
    ChangedWebhookShape, CompanyPatch, CompanyShape, CreateCandidateShape, HeaderShape, InterviewPatch, InterviewShape,
    JobPatch, JobShape, LanguageRequirementShape, LocationShape, SalaryShape, Shape, WebhookPatch, WebhookShape,
    describe, describe_patch,
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
    let webhook =
        || WebhookShape { targets: Targets::Public, ports: WebhookPorts::default(), own_hosts: OwnHosts::default() };
    let requests = [
        (AgentShape::NAME, describe(&AgentShape)),
        (AgentPatch::NAME, describe_patch(&AgentShape)),
        (CreateCandidateShape::NAME, describe(&CreateCandidateShape { now })),
        (CandidatePatch::NAME, describe_patch(&ChangedCandidateShape { now })),
        (JobPatch::NAME, describe_patch(&JobShape)),
        (CompanyShape::NAME, describe(&CompanyShape)),
        (CompanyPatch::NAME, describe_patch(&CompanyShape)),
        (InterviewShape::NAME, describe(&InterviewShape { now })),
        (InterviewPatch::NAME, describe_patch(&ChangedInterviewShape { now })),
        (CandidateShape::NAME, describe(&CandidateShape { now })),
        (JobShape::NAME, describe(&JobShape)),
        (LanguageRequirementShape::NAME, describe(&LanguageRequirementShape)),
        (LocationShape::NAME, describe(&LocationShape)),
        (SalaryShape::NAME, describe(&SalaryShape)),
        (WebhookShape::NAME, describe(&webhook())),
        (WebhookPatch::NAME, describe_patch(&ChangedWebhookShape(webhook()))),
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
    let mut schemas = of_types("/components/schemas", answered);
    let names: Vec<String> = schemas.keys().cloned().collect();
    for name in names {
        union(&mut schemas, &name)?;
    }
    Ok(schemas)
}

/// Asks for the schemas of what is answered.
fn answered(generator: &mut SchemaGenerator) {
    generator.subschema_for::<ListResponse<AgentResponse<'_>>>();
    generator.subschema_for::<ListResponse<CandidateResponse<'_>>>();
    generator.subschema_for::<ListResponse<JobResponse<'_>>>();
    generator.subschema_for::<ListResponse<InterviewResponse<'_>>>();
    generator.subschema_for::<TranscriptResponse<'_>>();
    generator.subschema_for::<ListResponse<PhoneNumberResponse<'_>>>();
    generator.subschema_for::<CompanyResponse<'_>>();
    generator.subschema_for::<UsageResponse<'_>>();
    generator.subschema_for::<ListResponse<CompanyResponse<'_>>>();
    generator.subschema_for::<ListResponse<WebhookResponse<'_>>>();
    generator.subschema_for::<AgentResponse<'_>>();
    generator.subschema_for::<CandidateResponse<'_>>();
    generator.subschema_for::<JobResponse<'_>>();
    generator.subschema_for::<InterviewResponse<'_>>();
    generator.subschema_for::<RotatedSecretResponse<'_>>();
    generator.subschema_for::<TestResponse>();
    generator.subschema_for::<ListResponse<DeliveryResponse<'_>>>();
    generator.subschema_for::<InterviewEventData<'_>>();
    generator.subschema_for::<PingData>();
    generator.subschema_for::<ProblemDocument<'_>>();
    generator.subschema_for::<Details>();
}

/// The schemas of types that are written, each at its name below `path`.
pub(crate) fn of_types(path: &'static str, ask: impl FnOnce(&mut SchemaGenerator)) -> Map<String, Value> {
    let settings = SchemaSettings::draft2020_12().for_serialize().with(|settings| {
        settings.definitions_path = path.into();
    });
    let mut generator = settings.into_generator();
    ask(&mut generator);
    let mut schemas = generator.take_definitions(true);
    for schema in schemas.values_mut() {
        plain(schema);
        if let Some(words) = enumeration(schema) {
            *schema = words;
        }
    }
    schemas
}

/// A list of words for alternatives of one word each, which generators of clients would make a type each of.
fn enumeration(schema: &Value) -> Option<Value> {
    let alternatives = schema["oneOf"].as_array()?;
    let word = |alternative: &Value| {
        Some((alternative.get("const")?.as_str()?.to_owned(), alternative["description"].as_str()?.to_owned()))
    };
    let (words, meanings): (Vec<_>, Vec<_>) =
        alternatives.iter().map(word).collect::<Option<Vec<_>>>()?.into_iter().unzip();
    let listed: Vec<String> =
        words.iter().zip(&meanings).map(|(word, meaning)| format!("- `{word}`: {meaning}")).collect();
    Some(json!({
        "type": "string",
        "enum": words,
        "description": format!("{}\n\n{}", schema["description"].as_str()?, listed.join("\n")),
        "x-enum-descriptions": meanings,
    }))
}

/// A union whose alternatives are schemas by name, told apart by a word that each of them holds itself. Types with a
/// tag come with the word beside the reference, where generators of clients do not see it.
fn union(schemas: &mut Map<String, Value>, name: &str) -> anyhow::Result<()> {
    let Some(alternatives) = schemas[name].get("oneOf").and_then(Value::as_array).cloned() else { return Ok(()) };
    let mut mapping = Map::new();
    let mut tag_name = None;
    for alternative in &alternatives {
        let target = alternative["$ref"].as_str().with_context(|| {
            format!("an alternative of {name} has no name; words of an enumeration are all described, or none is")
        })?;
        let tags = alternative["properties"].as_object().filter(|tags| tags.len() == 1);
        let (tag, word) = tags.and_then(|tags| tags.iter().next()).with_context(|| format!("{target} has no tag"))?;
        let word = word["const"].as_str().with_context(|| format!("the tag of {target}"))?;
        mapping.insert(word.to_owned(), json!(target));
        let own = target.rsplit('/').next().and_then(|own| schemas.get_mut(own)).context("the alternative")?;
        own["properties"][tag] = json!({"type": "string", "enum": [word], "description": "Tells it from the others."});
        own["required"].as_array_mut().context("required members")?.insert(0, json!(tag));
        tag_name = Some(tag);
    }
    schemas[name]["oneOf"] = mapping.values().map(|target| json!({"$ref": target})).collect();
    schemas[name]["discriminator"] = json!({"propertyName": tag_name, "mapping": mapping});
    Ok(())
}

/// Takes away what the types say and the API does not promise: absent values are left out of an answer, never null, the bits
/// that hold an integer are nobody's business, and a default only tells how the table's older items are read.
fn plain(schema: &mut Value) {
    if let Value::Object(members) = schema {
        members.remove("default");
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

/// A problem document of that code, with the details that belong to it. It has all members itself: of what stands
/// beside a reference to the common ones, some generators of clients see nothing.
fn problem_schema(code: ErrorCode, problem: &Value, details: &Value) -> anyhow::Result<Value> {
    let example = serde_json::to_value(problems::example(code, None)?.document("id"))?;
    let mut properties = problem["properties"].as_object().context("the problem's members")?.clone();
    let own: Vec<&String> =
        example.as_object().context("a problem")?.keys().filter(|key| !properties.contains_key(*key)).collect();
    let variant = details["anyOf"]
        .as_array()
        .context("the kinds of details")?
        .iter()
        .find(|variant| {
            let required = variant["required"].as_array().into_iter().flatten();
            own.iter().all(|name| variant["properties"].get(*name).is_some())
                && required.into_iter().all(|name| own.iter().any(|own| *name == **own))
        })
        .with_context(|| format!("no kind of details has just {own:?}"))?;
    for (name, kind, value) in [
        ("code", "string", json!(code)),
        ("status", "integer", json!(code.status().as_u16())),
        ("type", "string", json!(code.type_uri())),
    ] {
        let description = properties[name]["description"].clone();
        properties.insert(name.to_owned(), json!({"type": kind, "enum": [value], "description": description}));
    }
    properties.extend(variant["properties"].as_object().cloned().unwrap_or_default());
    let required = [problem, variant].map(|members| members["required"].as_array().cloned().unwrap_or_default());
    Ok(json!({
        "type": "object",
        "description": format!("{}.", code.title()),
        "required": required.concat(),
        "properties": properties,
    }))
}
