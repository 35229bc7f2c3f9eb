//! The requests to each route and the answers of it, status by status.

use std::collections::BTreeMap;

use anyhow::Context;
use api::{ActsFor, EDGE, Entry, ErrorCode, Route, Success};
use serde_json::{Map, Value as Json, json};
use serde_norway::{Mapping, Value};

use crate::examples::{Example, examples};
use crate::order::ordered;
use crate::problems;
use crate::schemas::{problem_name, reference};

pub(crate) const JSON: &str = "application/json";
const PROBLEM: &str = "application/problem+json";

/// The statuses that the gateway in front of the API answers with too.
const OF_THE_GATEWAY: [u16; 4] = [413, 429, 500, 503];

/// The headers of every answer to a request with a valid key.
const OF_THE_KEY: &[&str] = &[
    "X-RateLimit-Limit-Minute",
    "X-RateLimit-Remaining-Minute",
    "X-RateLimit-Reset-Minute",
    "X-RateLimit-Limit-Hour",
    "X-RateLimit-Remaining-Hour",
    "X-RateLimit-Reset-Hour",
];

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

/// Adds to what `frame.yaml` says of a route all that is known from its entry and its examples.
pub(crate) fn complete(route: Route, described: &mut Mapping, recorded: &Value) -> anyhow::Result<()> {
    let written = described.shift_remove("responses").unwrap_or_default();
    let responses = responses(route, &written, recorded)?;
    for parameter in described.get_mut("parameters").and_then(Value::as_sequence_mut).into_iter().flatten() {
        if let Some(parameter) = parameter.as_mapping_mut().filter(|parameter| text(parameter, "in") == Some("path")) {
            let name = text(parameter, "name").context("a parameter's name")?;
            let examples = path_examples(route, name)?;
            parameter.insert("examples".into(), examples);
        }
    }
    let conditions = conditions(route).iter().map(|name| reference_to("parameters", name));
    let mut parameters = described.get("parameters").and_then(Value::as_sequence).cloned().unwrap_or_default();
    parameters.extend(conditions);
    if !parameters.is_empty() {
        described.insert("parameters".into(), parameters.into());
    }
    if route.entry().acts_for == ActsFor::Ats {
        let key = mapping([("systemKey", Value::Sequence(Vec::new()))]);
        described.insert("security".into(), vec![key].into());
    }
    if let Some(schema) = route.entry().request {
        let content = request_content(route, schema)?;
        described.insert("requestBody".into(), mapping([("required", true.into()), ("content", content)]));
    }
    described.insert("responses".into(), responses);
    Ok(())
}

/// The headers by which a request names versions of the resource.
fn conditions(route: Route) -> &'static [&'static str] {
    match route {
        _ if is_conditional_read(route) => &["If-None-Match"],
        _ if route.refuses(ErrorCode::PreconditionFailed) => &["If-Match"],
        _ => &[],
    }
}

/// True if an answer can be that the caller knows the resource as it stands.
fn is_conditional_read(route: Route) -> bool {
    route.entry().method == "GET" && route.entry().has_etag
}

fn text<'m>(mapping: &'m Mapping, name: &str) -> Option<&'m str> {
    mapping.get(name).and_then(Value::as_str)
}

fn examples_of(route: Route) -> impl Iterator<Item = Example> {
    examples().into_iter().filter(move |example| example.route == route)
}

/// The answer to an example: its status and, if it is refused, its code.
fn answered(example: &Example) -> Value {
    let status = ("status", Value::from(example.status()));
    let code = example.refusal.map(|code| ("code", Value::from(code.as_str())));
    [status].into_iter().chain(code).map(|(name, value)| (Value::from(name), value)).collect::<Mapping>().into()
}

/// The values that a route's examples have for the parameter of that name in the path, where nothing but the path makes
/// the answer.
fn path_examples(route: Route, name: &str) -> anyhow::Result<Value> {
    let mut written = Mapping::new();
    for example in examples_of(route).filter(|example| example.query.is_empty()) {
        let given = route.parameters(&example.path).into_iter().find(|(own, _)| *own == name);
        let (_, value) = given.with_context(|| format!("{} has no {name}", example.path))?;
        let entry =
            mapping([("summary", example.summary.into()), ("value", value.into()), ("x-answer", answered(&example))]);
        written.insert(example.name.into(), entry);
    }
    Ok(written.into())
}

/// The body of a route's requests.
fn request_content(route: Route, schema: &str) -> anyhow::Result<Value> {
    let mut written = Mapping::new();
    for example in examples_of(route) {
        let body = example.body.as_deref().with_context(|| format!("{} has no body", example.name))?;
        let entry =
            mapping([("summary", example.summary.into()), ("value", parsed(body)?), ("x-answer", answered(&example))]);
        written.insert(example.name.into(), entry);
    }
    Ok(mapping([(JSON, mapping([("schema", ordered(&reference(schema))), ("examples", written.into())]))]))
}

/// Every answer of a route. What people wrote of them is the description of the one that carries the request out.
fn responses(route: Route, written: &Value, recorded: &Value) -> anyhow::Result<Value> {
    let mut responses = BTreeMap::new();
    let status = route.entry().success.status();
    let description = written.get(status.as_str()).and_then(|response| response.get("description"));
    let description = description.with_context(|| format!("no description of {status}"))?;
    responses.insert(status.as_u16(), carried_out(route, description, recorded.get(route.entry().key)));
    if is_conditional_read(route) {
        let known = "The resource as it stands is one that `If-None-Match` names. There is no body.";
        let headers = headers(&[&["ETag"], OF_THE_KEY].concat());
        responses.insert(304, mapping([("description", known.into()), ("headers", headers)]));
    }
    for (status, codes) in by_status(|code| route.refuses(code)) {
        responses.insert(status, refused(status, &codes, Some(route))?);
    }
    let responses = responses.into_iter().map(|(status, response)| (Value::from(status.to_string()), response));
    Ok(responses.collect::<Mapping>().into())
}

/// The answers to what no route takes.
pub(crate) fn without_route() -> anyhow::Result<Value> {
    let mut responses = Mapping::new();
    for (status, codes) in by_status(|code| EDGE.contains(&code) || !Route::ALL.iter().any(|route| route.refuses(code)))
    {
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

fn carried_out(route: Route, description: &Value, recorded: Option<&Value>) -> Value {
    let entry = route.entry();
    let response = [("description", description.clone()), ("headers", headers(&success_headers(entry)))];
    let content = entry.response.map(|schema| {
        let mut written = Mapping::new();
        for example in examples_of(route) {
            if let Some(body) = recorded.and_then(|recorded| recorded.get(example.name)) {
                let shown = mapping([("summary", example.summary.into()), ("value", body.clone())]);
                written.insert(example.name.into(), shown);
            }
        }
        let content = mapping([("schema", ordered(&reference(schema))), ("examples", written.into())]);
        ("content", mapping([(JSON, content)]))
    });
    let links = (entry.success == Success::Created).then(|| ("links", links(route)));
    let members = response.into_iter().chain(content).chain(links);
    members.map(|(name, value)| (Value::from(name), value)).collect::<Mapping>().into()
}

/// Links from the answer to a create to the operations on what was created: for the same company, and, where it is changed,
/// as it was created.
fn links(created_by: Route) -> Value {
    let of_created = format!("{}/{{id}}", created_by.entry().path);
    let targets = Route::ALL.iter().copied().filter(|route| route.entry().path == of_created);
    let link = |target: Route| {
        let company = match target.entry().acts_for {
            ActsFor::Company | ActsFor::Companies => Some(("companyId", "$request.query.companyId")),
            ActsFor::Owner | ActsFor::Ats => None,
        };
        let version = conditions(target).contains(&"If-Match").then_some(("If-Match", "$response.header.ETag"));
        let parameters = [("id", "$response.body#/id")].into_iter().chain(company).chain(version);
        let parameters: Mapping = parameters.map(|(name, value)| (name.into(), value.into())).collect();
        let id = operation_id(target);
        (Value::from(id.as_str()), mapping([("operationId", id.into()), ("parameters", parameters.into())]))
    };
    targets.map(link).collect::<Mapping>().into()
}

/// The name of a route's operation: the route's own, in snake case.
fn operation_id(route: Route) -> String {
    let mut id = String::new();
    for letter in format!("{route:?}").chars() {
        if letter.is_ascii_uppercase() && !id.is_empty() {
            id.push('_');
        }
        id.push(letter.to_ascii_lowercase());
    }
    id
}

/// The headers of the answer to a request that was carried out, besides those of every answer.
fn success_headers(entry: &Entry) -> Vec<&'static str> {
    let of_kind: &[&str] = match entry.success {
        Success::Created => &["Location", "Idempotent-Replayed"],
        Success::Ok | Success::Accepted | Success::NoContent => &[],
    };
    of_kind
        .iter()
        .copied()
        .chain(entry.has_etag.then_some("ETag"))
        .chain(entry.shows_secret.then_some("Cache-Control"))
        .chain(OF_THE_KEY.iter().copied())
        .collect()
}

fn refused(status: u16, codes: &[ErrorCode], by: Option<Route>) -> anyhow::Result<Value> {
    let mut written = Mapping::new();
    for code in codes {
        let document = serde_json::to_string(&problems::example(*code, by)?.document(REQUEST_ID))?;
        written
            .insert(code.as_str().into(), mapping([("summary", code.title().into()), ("value", parsed(&document)?)]));
    }
    let schema = match codes {
        [code] => reference(&problem_name(*code)),
        _ => {
            let problems: Vec<Json> = codes.iter().map(|code| reference(&problem_name(*code))).collect();
            let named = codes.iter().zip(&problems);
            let mapping: Map<String, Json> =
                named.map(|(code, problem)| (code.as_str().to_owned(), problem["$ref"].clone())).collect();
            json!({"oneOf": problems, "discriminator": {"propertyName": "code", "mapping": mapping}})
        }
    };
    let problem = mapping([("schema", ordered(&schema)), ("examples", written.into())]);
    let content = if OF_THE_GATEWAY.contains(&status) {
        mapping([(PROBLEM, problem), (JSON, of_the_gateway())])
    } else {
        mapping([(PROBLEM, problem)])
    };
    let mut description: Vec<String> =
        codes.iter().map(|code| format!("`{}`: {}.", code.as_str(), code.title())).collect();
    if status == 429 {
        description.push("Or requests come faster than the gateway lets through: repeat this one later.".to_owned());
    }
    let of_status: &[&str] = match status {
        401 => &["WWW-Authenticate"],
        405 => &["Allow"],
        429 | 503 => &["Retry-After"],
        _ => &[],
    };
    // An answer without a valid key, or outside all routes, tells of no limits.
    let of_key: &[&str] = if by.is_some() && !matches!(status, 401 | 508) { OF_THE_KEY } else { &[] };
    let own = [of_status, of_key].concat();
    Ok(mapping([("description", description.join("\n\n").into()), ("headers", headers(&own)), ("content", content)]))
}

fn of_the_gateway() -> Value {
    mapping([("schema", ordered(&reference("GatewayMessage")))])
}

/// The request's id, and the headers named.
fn headers(own: &[&str]) -> Value {
    let all = std::iter::once(&"X-Request-Id").chain(own);
    all.map(|name| (Value::from(*name), reference_to("headers", name))).collect::<Mapping>().into()
}

/// Refers to a component of that kind by its name.
fn reference_to(kind: &str, name: &str) -> Value {
    mapping([("$ref", format!("#/components/{kind}/{name}").into())])
}
