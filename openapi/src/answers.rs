//! What is sent to each route, and what it answers, status by status.

use std::collections::BTreeMap;

use anyhow::{Context, ensure};
use api::{CREATE_AGENT, ErrorCode, Route};
use serde_json::json;
use serde_norway::{Mapping, Value};
use validation::{AgentShape, InterviewShape, Shape};

use crate::examples::{Example, answer, examples};
use crate::order::ordered;
use crate::schemas::{problem_name, reference};
use crate::{problems, world};

const JSON: &str = "application/json";
const PROBLEM: &str = "application/problem+json";

/// The statuses that the gateway in front of the API answers with too.
const OF_THE_GATEWAY: [u16; 4] = [413, 429, 500, 503];

/// A request id as the gateway makes them.
const REQUEST_ID: &str = "JKJaXmPLvHcESHA=";

/// A mapping in the order of its writing.
fn mapping<const N: usize>(members: [(&str, Value); N]) -> Value {
    members.into_iter().map(|(name, value)| (Value::from(name), value)).collect::<Mapping>().into()
}

/// JSON text as YAML, its members in their order.
fn parsed(json: &str) -> anyhow::Result<Value> {
    serde_norway::from_str(json).with_context(|| json.to_owned())
}

/// The body of a route's requests.
pub(crate) fn request_content(route: Route) -> anyhow::Result<Value> {
    let shape = if route == CREATE_AGENT { AgentShape::NAME } else { InterviewShape::NAME };
    let mut written = Mapping::new();
    for example in examples().into_iter().filter(|example| example.route == route) {
        let mut answer = vec![("status", Value::from(example.status()))];
        answer.extend(example.refusal.map(|code| ("code", Value::from(code.as_str()))));
        let answer = answer.into_iter().map(|(name, value)| (Value::from(name), value)).collect::<Mapping>();
        let entry = mapping([
            ("summary", example.summary.into()),
            ("value", parsed(&example.body)?),
            ("x-answer", answer.into()),
        ]);
        written.insert(example.name.into(), entry);
    }
    Ok(mapping([(JSON, mapping([("schema", ordered(&reference(shape))), ("examples", written.into())]))]))
}

/// Every answer of a route.
pub(crate) fn responses(route: Route) -> anyhow::Result<Value> {
    let mut responses = Mapping::new();
    responses.insert("201".into(), created(route)?);
    for (status, codes) in by_status(|code| problems::routes(code).contains(&route)) {
        responses.insert(status.to_string().into(), refused(status, &codes)?);
    }
    // In the order of statuses, 429 comes before 500.
    let server_errors =
        responses.iter().position(|(status, _)| status.as_str() >= Some("5")).unwrap_or(responses.len());
    let mut responses: Vec<(Value, Value)> = responses.into_iter().collect();
    responses.insert(server_errors, ("429".into(), throttled()));
    Ok(responses.into_iter().collect::<Mapping>().into())
}

/// The answers to what no route takes.
pub(crate) fn without_route() -> anyhow::Result<Value> {
    let mut responses = Mapping::new();
    for (status, codes) in by_status(|code| problems::routes(code).is_empty()) {
        let [code] = codes.as_slice() else { anyhow::bail!("{status} outside all routes is {codes:?}") };
        responses.insert(format!("{code:?}").into(), refused(status, &codes)?);
    }
    Ok(responses.into())
}

fn by_status(wanted: impl Fn(ErrorCode) -> bool) -> BTreeMap<u16, Vec<ErrorCode>> {
    let mut statuses: BTreeMap<u16, Vec<ErrorCode>> = BTreeMap::new();
    for code in ErrorCode::ALL.iter().copied().filter(|code| wanted(*code)) {
        statuses.entry(code.status().as_u16()).or_default().push(code);
    }
    statuses
}

fn created(route: Route) -> anyhow::Result<Value> {
    let (schema, what) =
        if route == CREATE_AGENT { ("AgentResponse", "agent") } else { ("InterviewResponse", "interview") };
    let world = world::world()?;
    let mut written = Mapping::new();
    for example in examples().iter().filter(|example| example.route == route) {
        if let Some(resource) = resource(example, &world)? {
            let entry = mapping([("summary", example.summary.into()), ("value", parsed(&resource)?)]);
            written.insert(example.name.into(), entry);
        }
    }
    Ok(mapping([
        ("description", format!("The {what} was created, by this request or by one that it repeats.").into()),
        ("headers", headers(&["Location", "Idempotent-Replayed"])),
        (
            "content",
            mapping([(JSON, mapping([("schema", ordered(&reference(schema))), ("examples", written.into())]))]),
        ),
    ]))
}

/// The resource that an example creates, if it creates one: as documented, or not at all.
fn resource(example: &Example, world: &world::World) -> anyhow::Result<Option<String>> {
    let (resource, code) = match answer(example, world)? {
        Ok(resource) => (Some(resource), None),
        Err(problem) => (None, Some(serde_json::to_value(problem.document(REQUEST_ID))?["code"].clone())),
    };
    ensure!(code == example.refusal.map(|code| json!(code)), "{} is refused by {code:?}", example.name);
    Ok(resource)
}

fn refused(status: u16, codes: &[ErrorCode]) -> anyhow::Result<Value> {
    let mut written = Mapping::new();
    for code in codes {
        let document = serde_json::to_string(&problems::example(*code)?.document(REQUEST_ID))?;
        written
            .insert(code.as_str().into(), mapping([("summary", code.title().into()), ("value", parsed(&document)?)]));
    }
    let schema = match codes {
        [code] => reference(&problem_name(*code)),
        _ => json!({"oneOf": codes.iter().map(|code| reference(&problem_name(*code))).collect::<Vec<_>>()}),
    };
    let problem = mapping([("schema", ordered(&schema)), ("examples", written.into())]);
    let content = if OF_THE_GATEWAY.contains(&status) {
        mapping([(PROBLEM, problem), (JSON, of_the_gateway())])
    } else {
        mapping([(PROBLEM, problem)])
    };
    let description: Vec<String> = codes.iter().map(|code| format!("`{}`: {}.", code.as_str(), code.title())).collect();
    let own: &[&str] = match status {
        401 => &["WWW-Authenticate"],
        405 => &["Allow"],
        503 => &["Retry-After"],
        _ => &[],
    };
    Ok(mapping([("description", description.join("\n\n").into()), ("headers", headers(own)), ("content", content)]))
}

fn throttled() -> Value {
    mapping([
        ("description", "Requests come faster than the gateway lets through. Repeat this one later.".into()),
        ("content", mapping([(JSON, of_the_gateway())])),
    ])
}

fn of_the_gateway() -> Value {
    mapping([("schema", ordered(&reference("GatewayMessage")))])
}

/// The request's id, and the headers named.
fn headers(own: &[&str]) -> Value {
    let reference = |name: &str| mapping([("$ref", format!("#/components/headers/{name}").into())]);
    let all = std::iter::once(&"X-Request-Id").chain(own);
    all.map(|name| (Value::from(*name), reference(name))).collect::<Mapping>().into()
}
