//! The OpenAPI document, and checks of answers and posts against it.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use api::Route;
use jsonschema::Validator;
use reqwest::Method;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};

/// Headers that are HTTP's and the gateway's, not the API's.
const UNDOCUMENTED_HEADERS: [&str; 4] = ["content-type", "content-length", "date", "apigw-requestid"];

/// The document, as `cargo run --bin openapi` writes it. A test of `openapi` compares it with the file.
pub static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
    let text = openapi::yaml().unwrap_or_else(|error| panic!("{error:#}"));
    serde_norway::from_str(&text).expect("a document in YAML")
});

/// The description of an answer, as a pointer into the document.
fn response(method: &Method, path: &str, status: u16) -> String {
    match (Route::of(method.as_str(), path), status) {
        (Some(route), status) => format!("{}/responses/{status}", operation(route)),
        (None, 508) => "/components/responses/LoopDetected".to_owned(),
        (None, 400) => "/components/responses/ValidationFailed".to_owned(),
        (None, 404) => "/components/responses/RouteNotFound".to_owned(),
        (None, 405) => "/components/responses/MethodNotAllowed".to_owned(),
        (None, status) => panic!("{method} {path} is not documented, and answered by {status}"),
    }
}

/// The description of a route, as a pointer into the document.
pub fn operation(route: Route) -> String {
    format!("/paths/{}/{}", route.entry().path.replace('/', "~1"), route.entry().method.to_lowercase())
}

/// The statuses that the API answers a route with, without those that are the gateway's only.
pub fn statuses(route: Route) -> BTreeSet<u16> {
    let responses = DOCUMENT.pointer(&format!("{}/responses", operation(route))).and_then(Value::as_object);
    let own = responses.into_iter().flatten().filter(|(_, response)| response.get("headers").is_some());
    own.map(|(status, _)| status.parse().expect("a status")).collect()
}

/// The parameters of a route's query, by their names, with their schemas.
pub fn query_parameters(route: Route) -> Vec<(String, Value)> {
    let parameters = DOCUMENT.pointer(&format!("{}/parameters", operation(route))).and_then(Value::as_array);
    let in_query = parameters.into_iter().flatten().map(resolved).filter(|parameter| parameter["in"] == "query");
    let text = |value: &Value| value.as_str().expect("a name").to_owned();
    in_query.map(|parameter| (text(&parameter["name"]), resolved(&parameter["schema"]).clone())).collect()
}

/// True if a schema is that of an id.
pub fn is_id(schema: &Value) -> bool {
    schema["format"] == "uuid"
}

/// The names of the parameters of a route's query that are ids.
pub fn ids_in_query(route: Route) -> Vec<String> {
    let parameters = query_parameters(route).into_iter();
    parameters.filter(|(_, schema)| is_id(schema)).map(|(name, _)| name).collect()
}

/// The places of ids in a route's body, as pointers; an item of a list is its first one.
pub fn ids_in_body(route: Route) -> Vec<String> {
    let body = DOCUMENT.pointer(&format!("{}/requestBody", operation(route))).map(resolved);
    let contents = body.and_then(|body| body["content"].as_object()).into_iter().flatten();
    let mut pointers = BTreeSet::new();
    contents.for_each(|(_, content)| find_ids(&content["schema"], "", &mut pointers));
    pointers.into_iter().collect()
}

fn find_ids(schema: &Value, pointer: &str, found: &mut BTreeSet<String>) {
    let schema = resolved(schema);
    if is_id(schema) {
        found.insert(pointer.to_owned());
    }
    for alternative in ["anyOf", "oneOf", "allOf"].iter().filter_map(|of| schema[of].as_array()).flatten() {
        find_ids(alternative, pointer, found);
    }
    for (name, member) in schema["properties"].as_object().into_iter().flatten() {
        find_ids(member, &format!("{pointer}/{name}"), found);
    }
    if let Some(items) = schema.get("items") {
        find_ids(items, &format!("{pointer}/0"), found);
    }
}

/// The part of the document itself, or the one that it refers to.
fn resolved(part: &Value) -> &Value {
    let reference = part["$ref"].as_str().and_then(|reference| reference.strip_prefix('#'));
    reference.map_or(part, |pointer| resolved(DOCUMENT.pointer(pointer).expect("what is referred to")))
}

/// True if the document allows a query parameter or a header that value, as it stands there. Digits are a number only
/// as JSON writes them.
pub fn allows(parameter: &str, text: &str) -> bool {
    let schema = format!("/components/parameters/{parameter}/schema");
    let number = text.parse::<u64>().ok().filter(|number| number.to_string() == text);
    let is_number = DOCUMENT.pointer(&format!("{schema}/type")).is_some_and(|kind| kind == "integer");
    let value = number.filter(|_| is_number).map_or_else(|| Value::from(text), Value::from);
    validator(&schema).is_valid(&value)
}

/// Panics unless the answer is as documented for its route and status: the body by its schema and with no member
/// besides, and exactly the documented headers.
pub(crate) fn check(method: &Method, path: &str, status: u16, headers: &HeaderMap, body: Option<&Value>) {
    let pointer = response(method, path, status);
    let described = DOCUMENT.pointer(&pointer);
    let described = described.unwrap_or_else(|| panic!("{method} {path} is answered by {status}, undocumented"));
    match (body, described.get("content")) {
        (Some(body), Some(content)) => check_body(&pointer, content, headers, body),
        (None, None) => assert!(!headers.contains_key("content-type"), "{pointer} has a type and no body"),
        (body, _) => panic!("{pointer} documents a body, or none, otherwise than {body:?}"),
    }

    let documented = described["headers"].as_object().into_iter().flatten();
    let documented: BTreeSet<String> = documented.map(|(name, _)| name.to_lowercase()).collect();
    for name in headers.keys().map(|name| name.as_str()).filter(|name| !UNDOCUMENTED_HEADERS.contains(name)) {
        assert!(documented.contains(name), "{pointer} does not document the header {name}");
    }
    for name in documented.iter().filter(|name| *name != "idempotent-replayed" && !name.starts_with("x-ratelimit-")) {
        assert!(headers.contains_key(name), "{pointer} documents the header {name}, which is missing");
    }
}

fn check_body(pointer: &str, content: &Value, headers: &HeaderMap, body: &Value) {
    let media_type = headers.get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default();
    assert!(content.get(media_type).is_some(), "{pointer} is not documented as {media_type}");
    check_against(&format!("{pointer}/content/{}/schema", media_type.replace('/', "~1")), body);
}

/// Panics unless a post to a webhook has the headers and the body that are documented for its event.
pub(crate) fn check_post(headers: &HeaderMap, body: &Value) {
    let post = format!("/webhooks/{}/post", body["event"].as_str().unwrap_or_default());
    check_against(&format!("{post}/requestBody/content/application~1json/schema"), body);
    let parameters = DOCUMENT.pointer(&format!("{post}/parameters")).and_then(Value::as_array);
    for parameter in parameters.into_iter().flatten() {
        let pointer = parameter["$ref"].as_str().and_then(|reference| reference.strip_prefix('#')).unwrap_or_default();
        let name = DOCUMENT.pointer(pointer).and_then(|parameter| parameter["name"].as_str()).unwrap_or_default();
        let values: Vec<&str> = headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).collect();
        let [value] = values.as_slice() else { panic!("{name} is not given once: {headers:?}") };
        // A number is one in a header without quotes.
        let value = value.parse::<u64>().map_or_else(|_| Value::from(*value), Value::from);
        check_against(&format!("{pointer}/schema"), &value);
    }
}

fn check_against(schema: &str, body: &Value) {
    let validator = validator(schema);
    let errors: Vec<String> =
        validator.iter_errors(body).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "not as {schema} documents it: {errors:#?}\n{body:#}");
}

/// A validator of the schema at that pointer, made once.
fn validator(pointer: &str) -> Arc<Validator> {
    static VALIDATORS: LazyLock<Mutex<HashMap<String, Arc<Validator>>>> = LazyLock::new(Mutex::default);
    let mut validators = VALIDATORS.lock().unwrap_or_else(PoisonError::into_inner);
    let made = || {
        let schema = json!({
            // A reference is a URI, which has no braces.
            "$ref": format!("#{}", pointer.replace('{', "%7B").replace('}', "%7D")),
            "unevaluatedProperties": false,
            "components": DOCUMENT["components"],
            "paths": DOCUMENT["paths"],
            "webhooks": DOCUMENT["webhooks"],
        });
        let options = jsonschema::draft202012::options().should_validate_formats(true);
        Arc::new(options.build(&schema).unwrap_or_else(|error| panic!("{pointer}: {error}")))
    };
    validators.entry(pointer.to_owned()).or_insert_with(made).clone()
}
