//! What is sent to each route, and what it answers, status by status.

use std::collections::BTreeMap;

use anyhow::{Context, ensure};
use api::{ErrorCode, Route};
use serde_json::json;
use serde_norway::{Mapping, Value};

use crate::examples::{Example, answer, examples};
use crate::operations::Operation;
use crate::order::ordered;
use crate::schemas::{problem_name, reference};
use crate::{problems, world};

pub(crate) const JSON: &str = "application/json";
const PROBLEM: &str = "application/problem+json";

/// The statuses that the gateway in front of the API answers with too.
const OF_THE_GATEWAY: [u16; 4] = [413, 429, 500, 503];

/// A request id as the gateway makes them.
const REQUEST_ID: &str = "JKJaXmPLvHcESHA=";

/// A mapping in the order of its writing.
pub(crate) fn mapping<const N: usize>(members: [(&str, Value); N]) -> Value {
    members.into_iter().map(|(name, value)| (Value::from(name), value)).collect::<Mapping>().into()
}

/// JSON text as YAML, its members in their order.
pub(crate) fn parsed(json: &str) -> anyhow::Result<Value> {
    serde_norway::from_str(json).with_context(|| json.to_owned())
}

fn examples_of(operation: &Operation) -> impl Iterator<Item = Example> {
    let route = operation.route;
    examples().into_iter().filter(move |example| example.route == route)
}

/// How an example is answered: its status and, if it is refused, its code.
fn answered(example: &Example) -> anyhow::Result<Value> {
    let mut answer = vec![("status", Value::from(example.status()?))];
    answer.extend(example.refusal.map(|code| ("code", Value::from(code.as_str()))));
    Ok(answer.into_iter().map(|(name, value)| (Value::from(name), value)).collect::<Mapping>().into())
}

/// The parameters in a route's path, with what the examples put there.
pub(crate) fn path_parameters(operation: &Operation) -> anyhow::Result<Vec<Value>> {
    let mut parameters = Vec::new();
    for (name, _) in operation.route.parameters(operation.route.entry().path) {
        let mut written = Mapping::new();
        for example in examples_of(operation) {
            let given = operation.route.parameters(&example.path).into_iter().find(|(own, _)| *own == name);
            let (_, value) = given.with_context(|| format!("{} has no {name}", example.path))?;
            let entry = mapping([
                ("summary", example.summary.into()),
                ("value", value.into()),
                ("x-answer", answered(&example)?),
            ]);
            written.insert(example.name.into(), entry);
        }
        parameters.push(mapping([
            ("name", name.into()),
            ("in", "path".into()),
            ("required", true.into()),
            ("description", if name == "id" { "The webhook." } else { "The delivery." }.into()),
            ("schema", mapping([("$ref", "#/components/schemas/Id".into())])),
            ("examples", written.into()),
        ]));
    }
    Ok(parameters)
}

/// The body of an operation's requests.
pub(crate) fn request_content(operation: &Operation, schema: &str) -> anyhow::Result<Value> {
    let mut written = Mapping::new();
    for example in examples_of(operation) {
        let body = example.body.as_deref().with_context(|| format!("{} has no body", example.name))?;
        let entry =
            mapping([("summary", example.summary.into()), ("value", parsed(body)?), ("x-answer", answered(&example)?)]);
        written.insert(example.name.into(), entry);
    }
    Ok(mapping([(JSON, mapping([("schema", ordered(&reference(schema))), ("examples", written.into())]))]))
}

/// Every answer of an operation.
pub(crate) fn responses(operation: &Operation) -> anyhow::Result<Value> {
    let mut responses = BTreeMap::new();
    responses.insert(operation.success.status, carried_out(operation)?);
    for (status, codes) in by_status(|code| operation.refuses(code)) {
        responses.insert(status, refused(status, &codes, Some(operation))?);
    }
    responses.insert(429, throttled());
    let responses = responses.into_iter().map(|(status, response)| (Value::from(status.to_string()), response));
    Ok(responses.collect::<Mapping>().into())
}

/// The answers to what no route takes.
pub(crate) fn without_route() -> anyhow::Result<Value> {
    let mut operations = Vec::new();
    for route in Route::ALL {
        operations.push(Operation::of(*route)?);
    }
    let mut responses = Mapping::new();
    for (status, codes) in by_status(|code| !operations.iter().any(|operation| operation.refuses(code))) {
        let [code] = codes.as_slice() else { anyhow::bail!("{status} outside all routes is {codes:?}") };
        responses.insert(format!("{code:?}").into(), refused(status, &codes, None)?);
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

fn carried_out(operation: &Operation) -> anyhow::Result<Value> {
    let success = &operation.success;
    let world = world::world()?;
    let mut written = Mapping::new();
    for example in examples_of(operation) {
        let body = body_of_answer(&example, &world)?;
        if let (Some(body), Some(_)) = (body, success.schema) {
            let entry = mapping([("summary", example.summary.into()), ("value", parsed(&body)?)]);
            written.insert(example.name.into(), entry);
        }
    }
    let response = [("description", success.description.into()), ("headers", headers(success.headers))];
    let content = success.schema.map(|schema| {
        let content = mapping([("schema", ordered(&reference(schema))), ("examples", written.into())]);
        ("content", mapping([(JSON, content)]))
    });
    let members = response.into_iter().chain(content);
    Ok(members.map(|(name, value)| (Value::from(name), value)).collect::<Mapping>().into())
}

/// What an example is answered with if it is carried out: as documented, or not at all.
fn body_of_answer(example: &Example, world: &world::World) -> anyhow::Result<Option<String>> {
    let (body, code) = match answer(example, world)? {
        Ok(body) => (Some(body), None),
        Err(problem) => (None, Some(serde_json::to_value(problem.document(REQUEST_ID))?["code"].clone())),
    };
    ensure!(code == example.refusal.map(|code| json!(code)), "{} is refused by {code:?}", example.name);
    Ok(body)
}

fn refused(status: u16, codes: &[ErrorCode], by: Option<&Operation>) -> anyhow::Result<Value> {
    let mut written = Mapping::new();
    for code in codes {
        let document = serde_json::to_string(&problems::example(*code, by)?.document(REQUEST_ID))?;
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
