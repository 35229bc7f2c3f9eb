//! The examples are what they say.

use std::collections::BTreeSet;

use api::{ErrorCode, Route};
use serde_json::Value;

use crate::document::{document, validator, walk};

fn operation_pointer(route: &Route) -> String {
    format!("/paths/{}/{}", route.entry().path.replace('/', "~1"), route.entry().method.to_lowercase())
}

/// The bodies of a route's examples, and the ids in their paths, by their names in the document.
fn entries<'d>(document: &'d Value, route: &Route) -> Vec<(&'d String, &'d Value)> {
    let operation = document.pointer(&operation_pointer(route)).unwrap();
    let bodies = operation.pointer("/requestBody/content/application~1json/examples");
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    let examples = bodies.into_iter().chain(parameters.filter_map(|parameter| parameter.get("examples")));
    examples.flat_map(|examples| examples.as_object().unwrap()).collect()
}

#[test]
fn examples_in_the_document_are_those_for_tests() {
    let document = document();
    for route in Route::ALL {
        let (mut expected, mut written) = (Vec::new(), Vec::new());
        let examples = openapi::examples().into_iter().filter(|example| example.route == *route);
        for example in examples.filter(|example| example.query.is_empty()) {
            let body = example.body.iter().map(|body| serde_json::from_str::<Value>(body).unwrap());
            let ids = route.parameters(&example.path).into_iter().map(|(_, id)| Value::from(id));
            let code = example.refusal.map(|code| code.as_str().to_owned());
            for value in body.chain(ids) {
                expected.push((example.name.to_owned(), value.to_string(), example.status(), code.clone()));
            }
        }
        for (name, entry) in entries(&document, route) {
            let status = u16::try_from(entry["x-answer"]["status"].as_u64().unwrap()).unwrap();
            let code = entry["x-answer"].get("code").map(|code| code.as_str().unwrap().to_owned());
            written.push((name.clone(), entry["value"].to_string(), status, code));
        }
        expected.sort();
        written.sort();
        assert_eq!(written, expected, "{}", route.entry().key);
    }
}

#[test]
fn each_route_has_an_example_that_is_carried_out_and_its_answer() {
    let document = document();
    for route in Route::ALL {
        let carried_out: Vec<_> = openapi::examples()
            .into_iter()
            .filter(|example| example.route == *route && example.refusal.is_none())
            .collect();
        assert!(!carried_out.is_empty(), "{}", route.entry().key);
        for example in carried_out {
            let pointer = format!("{}/responses/{}", operation_pointer(route), example.status());
            let answers = document.pointer(&pointer).unwrap();
            let shown = answers.pointer("/content/application~1json/examples");
            assert_eq!(
                shown.map(|shown| shown.get(example.name).is_some()),
                route.entry().response.map(|_| true),
                "the answer of {} to {} is not recorded: run `UPDATE_EXAMPLES=1 cargo test -p tests --test it -- examples`",
                route.entry().key,
                example.name
            );
        }
    }
}

#[test]
fn a_request_keeps_its_schema_unless_it_is_refused_for_that() {
    let document = document();
    for example in openapi::examples() {
        let Some(body) = &example.body else { continue };
        let pointer = operation_pointer(&example.route) + "/requestBody/content/application~1json/schema";
        let schema = validator(&document, &pointer);
        let body = serde_json::from_str(body).unwrap();
        // No schema can tell that two names differ in their case only.
        let refused = example.refusal == Some(ErrorCode::ValidationFailed) && example.name != "same_header_twice";
        assert_eq!(schema.is_valid(&body), !refused, "{} {}", example.route.entry().key, example.name);
    }
}

#[test]
fn an_id_in_a_path_keeps_its_schema_unless_it_is_refused_for_that() {
    let document = document();
    let schema = validator(&document, "/components/schemas/Id");
    for example in openapi::examples() {
        let ids = example.route.parameters(&example.path);
        let refused = example.refusal == Some(ErrorCode::ValidationFailed) && example.name == "no_id";
        let valid = ids.iter().all(|(_, id)| schema.is_valid(&Value::from(*id)));
        assert_eq!(valid, !refused, "{} {}", example.route.entry().key, example.name);
    }
}

#[test]
fn every_field_of_every_request_is_shown() {
    let document = document();
    let mut shown = BTreeSet::new();
    for example in openapi::examples() {
        if example.refusal.is_none() {
            collect_names(&serde_json::from_str(example.body.as_deref().unwrap_or("null")).unwrap(), &mut shown);
        }
    }
    for name in schemas_of_requests(&document) {
        for field in document["components"]["schemas"][&name]["properties"].as_object().into_iter().flatten() {
            assert!(shown.contains(field.0), "no example shows {name}.{}", field.0);
        }
    }
}

/// The names of the schemas that requests consist of.
fn schemas_of_requests(document: &Value) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut unread: Vec<&Value> = Route::ALL
        .iter()
        .filter_map(|route| {
            document.pointer(&(operation_pointer(route) + "/requestBody/content/application~1json/schema"))
        })
        .collect();
    assert_eq!(unread.len(), Route::ALL.iter().filter(|route| route.entry().request.is_some()).count());
    while let Some(schema) = unread.pop() {
        walk(schema, "", &mut |_, value| {
            let reference = value.get("$ref").and_then(Value::as_str);
            let name = reference.and_then(|reference| reference.strip_prefix("#/components/schemas/"));
            if let Some(name) = name.filter(|name| names.insert((*name).to_owned())) {
                unread.push(&document["components"]["schemas"][name]);
            }
        });
    }
    names
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
    let routes = Route::ALL.iter().map(|route| operation_pointer(route) + "/responses");
    let mut checked = 0;
    for all in routes.chain(["/components/responses".to_owned()]) {
        for (name, response) in document.pointer(&all).unwrap().as_object().unwrap() {
            for (media_type, content) in response["content"].as_object().into_iter().flatten() {
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
        ("LimitReachedProblem", "limit"),
        ("RateLimitedProblem", "resetsAt"),
    ] {
        let schema = validator(&document, &format!("/components/schemas/{name}"));
        let code = document["components"]["schemas"][name]["properties"]["code"]["enum"][0].as_str().unwrap();
        let mut problem = example_of(&document, code);
        assert!(schema.is_valid(&problem), "{name}");
        problem.as_object_mut().unwrap().remove(detail).unwrap();
        assert!(!schema.is_valid(&problem), "{name} without {detail}");
    }
}

fn example_of(document: &Value, code: &str) -> Value {
    let of_routes = Route::ALL.iter().map(|route| operation_pointer(route) + "/responses");
    let all = of_routes.chain(["/components/responses".to_owned()]);
    let responses = all.flat_map(|all| document.pointer(&all).unwrap().as_object().unwrap().values());
    let mut examples =
        responses.filter_map(|response| response.pointer("/content/application~1problem+json/examples")?.get(code));
    examples.next().unwrap()["value"].clone()
}
