//! The template's routes, compared with the table of routes; and who names the table.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use api::{Function, Route};
use serde_norway::Value;
use tests::api;

/// A method and a path, by the folder of the function that they lead to; `$default` without them.
type Routes = BTreeMap<String, BTreeSet<String>>;

/// A value without CloudFormation's tags.
pub fn untagged(value: &Value) -> &Value {
    match value {
        Value::Tagged(tagged) => &tagged.value,
        other => other,
    }
}

/// The template, with its anchors filled in and its merges as they stand.
pub fn template() -> Value {
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

/// The condition under which a parameter names the table in use.
const EXISTING: &str = "HasExistingTable";

/// The uses of the resource `Table` in a part of the template.
#[derive(Default)]
struct TableUses {
    /// The paths of those that follow no parameter.
    direct: Vec<String>,
    /// The number of those that are the last part of an `!If [HasExistingTable, …, …]`.
    conditional: usize,
}

impl TableUses {
    fn of(value: &Value) -> Self {
        let mut uses = Self::default();
        uses.add(value, "");
        uses
    }

    fn add(&mut self, value: &Value, path: &str) {
        match value {
            Value::Tagged(tagged) => self.add_function(tagged.tag.to_string().trim_start_matches('!'), value, path),
            Value::Mapping(entries) => {
                for (key, value) in entries {
                    let key = key.as_str().expect("a name");
                    match key.strip_prefix("Fn::").or((key == "Ref").then_some(key)) {
                        Some(name) => self.add_function(name, value, path),
                        None => self.add(value, &format!("{path}/{key}")),
                    }
                }
            }
            Value::Sequence(values) => {
                for (index, value) in values.iter().enumerate() {
                    self.add(value, &format!("{path}/{index}"));
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    fn add_function(&mut self, name: &str, argument: &Value, path: &str) {
        match (name, untagged(argument)) {
            ("If", Value::Sequence(parts)) if parts[0] == EXISTING => {
                self.conditional += 1;
                self.add(&parts[1], path);
            }
            ("Ref" | "GetAtt", Value::String(to)) if to.split('.').next() == Some("Table") => {
                self.direct.push(path.to_owned());
            }
            ("GetAtt", Value::Sequence(to)) if to[0] == "Table" => self.direct.push(path.to_owned()),
            ("Sub", Value::String(text)) => self.add_text(text, path),
            ("Sub", Value::Sequence(parts)) => {
                self.add_text(parts[0].as_str().expect("a text"), path);
                self.add(&parts[1], path);
            }
            (_, argument) => self.add(argument, path),
        }
    }

    fn add_text(&mut self, text: &str, path: &str) {
        if text.contains("${Table}") || text.contains("${Table.") {
            self.direct.push(path.to_owned());
        }
    }
}

/// Whoever uses the table follows the parameter, or a restored table would be used by some and not by others.
#[test]
fn only_what_follows_the_parameter_names_the_table() {
    let TableUses { direct, conditional } = TableUses::of(&template());
    assert!(direct.is_empty(), "write *table_name, *table_arn or *table_stream for the table in {direct:?}");
    // Variables of five functions, their roles, the mapping, alarms and outputs.
    assert!(conditional > 20, "{conditional}");
}

#[test]
fn each_way_to_name_the_table_is_found() {
    for text in [
        "A: !Ref Table",
        "A: { Ref: Table }",
        "A: !GetAtt Table.Arn",
        "A: !GetAtt [Table, StreamArn]",
        "A: { Fn::GetAtt: [Table, Arn] }",
        "A: !Sub '${Table}-name'",
        "A: !Sub ['${X}', { X: !Sub '${Table.Arn}/index/*' }]",
        "A: [{ B: !Join ['', [!Ref Table]] }]",
        "A: !If [HasDomain, !Ref Table, '']",
        "A: !If [HasExistingTable, !Ref Table, '']",
    ] {
        let uses = TableUses::of(&serde_norway::from_str(text).expect("YAML"));
        assert_eq!(uses.direct.len(), 1, "{text}");
    }
}

/// Going back to it is a change of the parameter too.
#[test]
fn the_stacks_own_table_stays_whatever_the_parameter_says() {
    let table = &template()["Resources"]["Table"];
    assert_eq!(table.get("Condition"), None);
    assert_eq!(table["DeletionPolicy"], "Retain");
    assert_eq!(table["Properties"]["DeletionProtectionEnabled"], true);
}

/// SAM publishes a version for an alias when the template's text changes, not when a parameter's value does
/// (aws/serverless-application-model#3820). CloudFormation makes a new version when its description changes.
#[test]
fn a_function_that_uses_another_table_is_another_version() {
    let mut template = template();
    template.apply_merge().expect("merges");
    let mut functions = 0;
    for (name, resource) in template["Resources"].as_mapping().expect("resources") {
        let properties = untagged(&resource["Properties"]);
        let variables = properties.get("Environment").map(|environment| &environment["Variables"]);
        let Some(table) = variables.and_then(|variables| variables.get("TABLE_NAME")) else { continue };
        let description = properties.get("VersionDescription").unwrap_or(&Value::Null);
        assert!(holds(description, table), "{name:?} needs `VersionDescription: *version`");
        functions += 1;
    }
    assert!(functions > 4, "{functions}");
}

/// True if `part` stands anywhere in `value`.
fn holds(value: &Value, part: &Value) -> bool {
    value == part
        || match value {
            Value::Tagged(tagged) => holds(&tagged.value, part),
            Value::Sequence(values) => values.iter().any(|value| holds(value, part)),
            Value::Mapping(entries) => entries.values().any(|value| holds(value, part)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
        }
}
