//! One order of members for every schema, so that the document is the same text each time.

use serde_json::Value as Json;
use serde_norway::{Mapping, Value};

/// Keywords as readers like to meet them. What is not listed follows, by the alphabet.
const KEYWORDS: [&str; 14] = [
    "title",
    "$ref",
    "type",
    "format",
    "const",
    "enum",
    "default",
    "description",
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "required",
    "properties",
];

/// The same schema with its members in that order.
pub(crate) fn ordered(schema: &Json) -> Value {
    match schema {
        Json::Object(members) => {
            let rank = |name: &String| KEYWORDS.iter().position(|keyword| keyword == name).unwrap_or(KEYWORDS.len());
            let mut names: Vec<&String> = members.keys().collect();
            names.sort_by_key(|name| (rank(name), *name));
            let required = members.get("required").and_then(Json::as_array);
            let member = |name: &String| match (name.as_str(), &members[name]) {
                ("properties", Json::Object(properties)) => properties_in_order(properties, required),
                (_, value) => ordered(value),
            };
            names.into_iter().map(|name| (Value::from(name.as_str()), member(name))).collect::<Mapping>().into()
        }
        Json::Array(items) => Value::Sequence(items.iter().map(ordered).collect()),
        Json::String(text) => Value::from(text.as_str()),
        Json::Bool(value) => Value::from(*value),
        Json::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(integer), _) => Value::from(integer),
            (None, Some(float)) => Value::from(float),
            (None, None) => Value::Null,
        },
        Json::Null => Value::Null,
    }
}

/// Properties with the required ones first, in the order in which they are required.
fn properties_in_order(properties: &serde_json::Map<String, Json>, required: Option<&Vec<Json>>) -> Value {
    let rank =
        |name: &String| required.and_then(|required| required.iter().position(|one| one == name)).unwrap_or(usize::MAX);
    let mut names: Vec<&String> = properties.keys().collect();
    names.sort_by_key(|name| (rank(name), *name));
    names.into_iter().map(|name| (Value::from(name.as_str()), ordered(&properties[name]))).collect::<Mapping>().into()
}
