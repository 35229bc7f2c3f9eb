//! What the OpenAPI document promises of an answer.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use jsonschema::Validator;
use reqwest::Method;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};

/// Headers that are HTTP's and the gateway's, not the API's.
const UNDOCUMENTED_HEADERS: [&str; 4] = ["content-type", "content-length", "date", "apigw-requestid"];

/// The document, as it is published.
pub static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../openapi.yaml");
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{path}: {error}"));
    serde_norway::from_str(&text).expect("a document in YAML")
});

/// The description of an answer, as a pointer into the document.
fn response(method: &Method, path: &str, status: u16) -> String {
    let operation = format!("/paths/{}/{}", path.replace('/', "~1"), method.as_str().to_lowercase());
    match (DOCUMENT.pointer(&operation), status) {
        (Some(_), status) => format!("{operation}/responses/{status}"),
        (None, 404) => "/components/responses/RouteNotFound".to_owned(),
        (None, 405) => "/components/responses/MethodNotAllowed".to_owned(),
        (None, status) => panic!("{method} {path} is not documented, and answered by {status}"),
    }
}

/// Panics unless the answer is as documented for its route and status: the body by its schema and with no member
/// besides, and exactly the documented headers.
pub(crate) fn check(method: &Method, path: &str, status: u16, headers: &HeaderMap, body: &Value) {
    let pointer = response(method, path, status);
    let described = DOCUMENT.pointer(&pointer);
    let described = described.unwrap_or_else(|| panic!("{method} {path} is answered by {status}, undocumented"));
    let media_type = headers.get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let described_content = &described["content"];
    assert!(described_content.get(media_type).is_some(), "{pointer} is not documented as {media_type}");
    let schema = format!("{pointer}/content/{}/schema", media_type.replace('/', "~1"));
    let validator = validator(&schema);
    let errors: Vec<String> =
        validator.iter_errors(body).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "not as {schema} documents it: {errors:#?}\n{body:#}");

    let documented = described["headers"].as_object().into_iter().flatten();
    let documented: BTreeSet<String> = documented.map(|(name, _)| name.to_lowercase()).collect();
    for name in headers.keys().map(|name| name.as_str()).filter(|name| !UNDOCUMENTED_HEADERS.contains(name)) {
        assert!(documented.contains(name), "{pointer} does not document the header {name}");
    }
    for name in documented.iter().filter(|name| *name != "idempotent-replayed") {
        assert!(headers.contains_key(name), "{pointer} documents the header {name}, which is missing");
    }
}

/// A validator of the schema at that pointer, made once.
fn validator(pointer: &str) -> Arc<Validator> {
    static VALIDATORS: LazyLock<Mutex<HashMap<String, Arc<Validator>>>> = LazyLock::new(Mutex::default);
    let mut validators = VALIDATORS.lock().unwrap_or_else(PoisonError::into_inner);
    let made = || {
        let schema = json!({
            "$ref": format!("#{pointer}"),
            "unevaluatedProperties": false,
            "components": DOCUMENT["components"],
            "paths": DOCUMENT["paths"],
        });
        let options = jsonschema::draft202012::options().should_validate_formats(true);
        Arc::new(options.build(&schema).unwrap_or_else(|error| panic!("{pointer}: {error}")))
    };
    validators.entry(pointer.to_owned()).or_insert_with(made).clone()
}
