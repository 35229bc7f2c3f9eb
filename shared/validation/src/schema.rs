//! Shapes as JSON Schema (draft 2020-12, as OpenAPI 3.1 uses it).

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::fields::{Broken, Fields, Presence, Shape};
use crate::patch::Patched;
use crate::rule::Rule;

/// The schema of a shape's object. Nested shapes are referred to under `#/components/schemas/`.
pub fn describe<S: Shape>(shape: &S) -> Value {
    let mut describer = Describer::default();
    let _nothing_to_read = shape.fields(&mut describer);
    let mut schema = json!({"type": "object", "additionalProperties": false, "properties": describer.properties});
    if !describer.required.is_empty() {
        schema["required"] = json!(describer.required);
    }
    if !describer.between.is_empty() {
        schema["allOf"] = json!(describer.between);
    }
    schema
}

/// The schema of a merge patch on objects of a shape: every member may be absent, and those that may be removed null. Rules
/// between members hold for the result, which a patch does not show.
pub fn describe_patch<S: Patched>(shape: &S) -> Value {
    let mut describer = Describer::default();
    let _nothing_to_read = shape.fields(&mut describer);
    let mut properties = describer.properties;
    // A patch may remove as many of the caller's own members as there are, and add as many others.
    if let Some(Value::Object(metadata)) = properties.get_mut("metadata") {
        metadata.remove("maxProperties");
    }
    json!({"type": "object", "additionalProperties": false, "properties": properties})
}

#[derive(Default)]
struct Describer {
    properties: Map<String, Value>,
    required: Vec<&'static str>,
    between: Vec<Value>,
}

impl Describer {
    fn property(&mut self, name: &'static str, mut schema: Value, about: &str) {
        schema["description"] = json!(about);
        self.properties.insert(name.to_owned(), schema);
    }
}

/// The schema of a value that may also be null.
fn or_null(mut schema: Value) -> Value {
    let Some(Value::String(kind)) = schema.get("type") else {
        return json!({"anyOf": [schema, {"type": "null"}]});
    };
    schema["type"] = json!([kind, "null"]);
    if let Some(Value::Array(values)) = schema.get_mut("enum") {
        values.push(Value::Null);
    }
    schema
}

impl Fields for Describer {
    fn required<R: Rule>(&mut self, name: &'static str, rule: R, about: &'static str) -> Option<R::Value> {
        self.property(name, rule.schema(), about);
        self.required.push(name);
        None
    }

    fn optional<R: Rule>(&mut self, name: &'static str, rule: R, about: &'static str) -> Option<R::Value> {
        self.property(name, or_null(rule.schema()), about);
        None
    }

    fn defaulted<R: Rule>(&mut self, name: &'static str, rule: R, default: R::Value, about: &'static str) -> R::Value
    where
        R::Value: Serialize,
    {
        // Not the keyword `default`: by it, generators of clients make a field one that is always there.
        let shown = match json!(default) {
            Value::String(word) => word,
            other => other.to_string(),
        };
        self.property(name, or_null(rule.schema()), &format!("{about} Default: `{shown}`."));
        default
    }

    fn between(
        &mut self,
        schema: impl FnOnce() -> Option<Value>,
        _broken: impl FnOnce(&dyn Presence) -> Option<Broken>,
    ) {
        self.between.extend(schema());
    }
}
