//! The examples are what they say.

use std::collections::BTreeSet;

use api::{ErrorCode, ROUTES};
use serde_json::Value;

use crate::document::{document, validator};

fn operation_pointer(route: &api::Route) -> String {
    format!("/paths/{}/{}", route.path.replace('/', "~1"), route.method.to_lowercase())
}

#[test]
fn examples_in_the_document_are_those_for_tests() {
    let document = document();
    let mut written = 0;
    for example in openapi::examples() {
        let pointer = operation_pointer(&example.route) + "/requestBody/content/application~1json/examples";
        let entry = &document.pointer(&pointer).unwrap()[example.name];
        assert_eq!(entry["value"], serde_json::from_str::<Value>(&example.body).unwrap(), "{}", example.name);
        assert_eq!(entry["x-answer"]["status"], example.status());
        assert_eq!(entry["x-answer"].get("code").and_then(Value::as_str), example.refusal.map(ErrorCode::as_str));
        written += 1;
    }
    let of_the_document: usize = ROUTES
        .iter()
        .map(|route| operation_pointer(route) + "/requestBody/content/application~1json/examples")
        .map(|pointer| document.pointer(&pointer).unwrap().as_object().unwrap().len())
        .sum();
    assert_eq!(written, of_the_document);
}

#[test]
fn a_request_keeps_its_schema_unless_it_is_refused_for_that() {
    let document = document();
    for route in ROUTES {
        let pointer = operation_pointer(&route) + "/requestBody/content/application~1json/schema";
        let schema = validator(&document, &pointer);
        for example in openapi::examples().iter().filter(|example| example.route == route) {
            let body = serde_json::from_str(&example.body).unwrap();
            let expected = example.refusal != Some(ErrorCode::ValidationFailed);
            assert_eq!(schema.is_valid(&body), expected, "{}", example.name);
        }
    }
}

#[test]
fn every_field_of_every_request_is_shown() {
    let document = document();
    let mut shown = BTreeSet::new();
    for example in openapi::examples() {
        if example.refusal.is_none() {
            collect_names(&serde_json::from_str(&example.body).unwrap(), &mut shown);
        }
    }
    for name in [
        "CreateAgentRequest",
        "CreateInterviewRequest",
        "NewCandidate",
        "NewJob",
        "LanguageRequirement",
        "Location",
        "Salary",
    ] {
        for field in document["components"]["schemas"][name]["properties"].as_object().unwrap().keys() {
            assert!(shown.contains(field), "no example shows {name}.{field}");
        }
    }
}

fn collect_names(value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => members.iter().for_each(|(name, member)| {
            names.insert(name.clone());
            collect_names(member, names);
        }),
        Value::Array(items) => items.iter().for_each(|item| collect_names(item, names)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn every_answer_keeps_its_schema() {
    let document = document();
    let routes = ROUTES.iter().map(|route| operation_pointer(route) + "/responses");
    let mut checked = 0;
    for all in routes.chain(["/components/responses".to_owned()]) {
        for (name, response) in document.pointer(&all).unwrap().as_object().unwrap() {
            for (media_type, content) in response["content"].as_object().unwrap() {
                let Some(examples) = content.get("examples").and_then(Value::as_object) else { continue };
                let pointer = format!("{all}/{name}/content/{}/schema", media_type.replace('/', "~1"));
                let schema = validator(&document, &pointer);
                for (example, answer) in examples {
                    assert!(schema.is_valid(&answer["value"]), "{name} {example}");
                    checked += 1;
                }
            }
        }
    }
    assert!(checked > ErrorCode::ALL.len());
}

#[test]
fn a_problem_keeps_the_schema_of_its_own_code_only() {
    let document = document();
    for code in ErrorCode::ALL {
        let problem = example_of(&document, code.as_str());
        for other in ErrorCode::ALL {
            let schema = validator(&document, &format!("/components/schemas/{other:?}Problem"));
            assert_eq!(schema.is_valid(&problem), code == other, "{code:?} {other:?}");
        }
    }
}

#[test]
fn a_problem_without_its_details_breaks_its_schema() {
    let document = document();
    for (name, detail) in [
        ("MalformedJsonProblem", "line"),
        ("ValidationFailedProblem", "errors"),
        ("JobSelectionRequiredProblem", "jobIds"),
        ("BillingLimitExceededProblem", "remainingMinutes"),
        ("InsufficientPermissionsProblem", "missingScopes"),
        ("ResourceAccessDeniedProblem", "resourceType"),
        ("ResourceNotFoundProblem", "resourceId"),
    ] {
        let schema = validator(&document, &format!("/components/schemas/{name}"));
        let code = document["components"]["schemas"][name]["properties"]["code"]["const"].as_str().unwrap();
        let mut problem = example_of(&document, code);
        assert!(schema.is_valid(&problem), "{name}");
        problem.as_object_mut().unwrap().remove(detail).unwrap();
        assert!(!schema.is_valid(&problem), "{name} without {detail}");
    }
}

fn example_of(document: &Value, code: &str) -> Value {
    let responses = [&document["paths"]["/interviews"]["post"]["responses"], &document["components"]["responses"]];
    let responses = responses.into_iter().flat_map(|responses| responses.as_object().unwrap().values());
    let mut examples =
        responses.filter_map(|response| response.pointer("/content/application~1problem+json/examples")?.get(code));
    examples.next().unwrap()["value"].clone()
}
