//! The template's routes, compared with the table of routes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use api::{Function, Route};
use serde_norway::Value;
use tests::api;

/// A method and a path, by the folder of the function that they lead to; `$default` without them.
type Routes = BTreeMap<String, BTreeSet<String>>;

/// A value without CloudFormation's tags.
fn untagged(value: &Value) -> &Value {
    match value {
        Value::Tagged(tagged) => &tagged.value,
        other => other,
    }
}

fn template() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../template.yaml");
    serde_norway::from_str(&std::fs::read_to_string(path).expect("a template")).expect("YAML")
}

fn of_template() -> Routes {
    let template = template();
    let mut routes = Routes::new();
    for resource in template["Resources"].as_mapping().expect("resources").values() {
        if resource["Type"].as_str() != Some("AWS::Serverless::Function") {
            continue;
        }
        let properties = untagged(&resource["Properties"]);
        let folder = properties["CodeUri"].as_str().and_then(|uri| uri.strip_prefix("functions/")).expect("a folder");
        for event in properties["Events"].as_mapping().into_iter().flatten().map(|(_, event)| event) {
            if event["Type"].as_str() == Some("HttpApi") {
                let properties = untagged(&event["Properties"]);
                let route = properties["Method"].as_str().zip(properties["Path"].as_str());
                let route = route.map_or("$default".to_owned(), |(method, path)| format!("{method} {path}"));
                routes.entry(folder.to_owned()).or_default().insert(route);
            }
        }
    }
    routes
}

#[test]
fn no_attempt_is_under_way_for_longer_than_its_function() {
    let timeout = template()["Resources"]["DeliverWebhookFunction"]["Properties"]["Timeout"].as_u64();
    assert_eq!(timeout, Some(domain::delivery::ATTEMPT_MAX.as_secs()));
}

/// The folder of a function.
fn folder(function: Function) -> &'static str {
    match function {
        Function::CreateAgent => "create-agent",
        Function::CreateInterview => "create-interview",
        Function::ManageWebhooks => "manage-webhooks",
    }
}

#[test]
fn the_template_leads_each_route_to_its_function_and_all_else_to_not_found() {
    let mut routes = Routes::from([("not-found".to_owned(), BTreeSet::from(["$default".to_owned()]))]);
    for route in Route::ALL {
        routes.entry(folder(route.function()).to_owned()).or_default().insert(route.entry().key.to_owned());
    }
    assert_eq!(of_template(), routes, "the template's routes, and those of shared/api/src/route.rs");
}
