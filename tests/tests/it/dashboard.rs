//! The dashboard of the template, compared with the metrics that the functions write and with the rest of the template.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};
use tests::api::ErrorCode;
use tests::events::Events;
use tests::receiver::WebhookReceiver;
use tests::{TestServer, body};

use crate::template::{template, untagged};

const NAMESPACE: &str = "Greenroom";

/// A metric's name, with the names of its dimensions.
type Metrics = BTreeSet<(String, Vec<String>)>;

/// The text of the dashboard, with `${…}` as the template has it, and the names that its `!Sub` defines.
fn text() -> (String, BTreeSet<String>) {
    let template = template();
    let body = untagged(&template["Resources"]["Dashboard"]["Properties"]["DashboardBody"]);
    let names = body[1].as_mapping().expect("names").keys().map(|name| name.as_str().expect("a name").to_owned());
    (body[0].as_str().expect("a text").to_owned(), names.collect())
}

/// The rows of all widgets.
fn rows() -> Vec<Value> {
    let body: Value = serde_json::from_str(&text().0).expect("JSON");
    let widgets = body["widgets"].as_array().expect("widgets");
    widgets.iter().flat_map(|widget| widget["properties"]["metrics"].as_array().expect("metrics").clone()).collect()
}

/// The namespace, the metric and the dimensions, with their values, of a row that names one metric.
fn named(row: &Value) -> Option<Vec<&str>> {
    row[0].is_string().then(|| row.as_array().into_iter().flatten().filter_map(Value::as_str).collect())
}

/// The metrics of our namespace on the dashboard.
fn shown() -> Metrics {
    let mut metrics = Metrics::new();
    for row in rows() {
        let (name, mut dimensions): (&str, Vec<_>) = match named(&row) {
            Some(parts) if parts[0] == NAMESPACE => (parts[1], parts[2..].chunks(2).map(|pair| pair[0]).collect()),
            Some(_) => continue,
            // SEARCH('{Namespace,dimension,…} dimension="value" MetricName="name"', 'Sum')
            None => {
                let expression = row[0]["expression"].as_str().expect("an expression");
                let schema = expression.strip_prefix("SEARCH('{").and_then(|rest| rest.split('}').next());
                let mut schema = schema.expect("a schema").split(',');
                if schema.next() != Some(NAMESPACE) {
                    continue;
                }
                assert!(expression.contains("stack=\"${AWS::StackName}\""), "{expression} finds other stacks too");
                let name = expression.split("MetricName=\"").nth(1).and_then(|rest| rest.split('"').next());
                (name.expect("a metric"), schema.collect())
            }
        };
        dimensions.sort_unstable();
        metrics.insert((name.to_owned(), dimensions.into_iter().map(str::to_owned).collect()));
    }
    metrics
}

/// The metrics that log lines declare.
fn declared(lines: &[String]) -> Metrics {
    let mut metrics = Metrics::new();
    for line in lines {
        let line: Value = serde_json::from_str(line).expect("JSON");
        for directive in line["_aws"]["CloudWatchMetrics"].as_array().expect("directives") {
            assert_eq!(directive["Namespace"], NAMESPACE);
            let names = |list: &Value| list.as_array().expect("a list").clone();
            let dimensions = names(&directive["Dimensions"][0]);
            let mut dimensions: Vec<_> = dimensions.iter().map(|name| name.as_str().expect("a name")).collect();
            assert!(dimensions.contains(&"stack"), "{line}");
            dimensions.sort_unstable();
            for metric in names(&directive["Metrics"]) {
                let dimensions = dimensions.iter().map(|&name| name.to_owned()).collect();
                metrics.insert((metric["Name"].as_str().expect("a name").to_owned(), dimensions));
            }
        }
    }
    metrics
}

#[tokio::test]
async fn the_dashboard_has_each_metric_that_functions_write_and_no_other() {
    let (server, endpoint) = (TestServer::start().await, WebhookReceiver::start());
    let events = Events::start(&server).await;
    let company = server.company().create().await;
    // A request to each function behind the API, an event that is published, its delivery, an erasure, a sweep of both kinds, and
    // a result.
    server.request(Method::GET, "/nowhere").refused(ErrorCode::RouteNotFound).await;
    company.created("/agents", &body::agent()).await;
    company.webhook(&endpoint).await;
    let interview = company.created("/interviews", &body::interview()).await;
    company.request(Method::DELETE, &format!("/candidates/{}", interview.text_of("candidateId"))).answered(204).await;
    company.test_interview().await;
    endpoint.received(2).await;
    events.quiet().await;
    events.sweep().await;
    server.functions().clone().sweep_interviews().await;
    let result = json!({"Records": [{"messageId": "1", "body": "{}"}]});
    let result = serde_json::from_value(result).expect("an event");
    server.functions().clone().record_result(result).await;
    assert_eq!(shown(), declared(&server.log()));
}

/// The names in `${…}` of the text, but for `${!…}`, which CloudWatch fills in.
fn references(text: &str) -> BTreeSet<&str> {
    let names = text.split("${").skip(1).map(|rest| rest.split('}').next().expect("an end"));
    names.filter(|name| !name.starts_with('!')).collect()
}

#[test]
fn everything_that_the_dashboard_refers_to_exists() {
    let (text, defined) = text();
    let template = template();
    let referred = references(&text);
    assert!(referred.len() > 10, "{referred:?}");
    for name in referred {
        let own = name.split('.').next().expect("a name");
        let known = ["AWS::Region", "AWS::StackName"].contains(&own)
            || defined.contains(own)
            || template["Parameters"].get(own).is_some()
            || template["Resources"].get(own).is_some();
        assert!(known, "the dashboard refers to {name}, which is neither a parameter nor a resource");
    }
}

#[test]
fn every_function_stands_on_the_dashboard() {
    let template = template();
    let rows = rows();
    let mut functions = 0;
    for (name, resource) in template["Resources"].as_mapping().expect("resources") {
        if resource["Type"] != "AWS::Serverless::Function" {
            continue;
        }
        functions += 1;
        let name = format!("${{{}}}", name.as_str().expect("a name"));
        for metric in ["Errors", "Throttles", "ConcurrentExecutions"] {
            let row = ["AWS/Lambda", metric, "FunctionName", &name];
            assert!(rows.iter().any(|found| named(found).as_deref() == Some(&row)), "the dashboard lacks {row:?}");
        }
    }
    assert!(functions > 5, "{functions}");
}
