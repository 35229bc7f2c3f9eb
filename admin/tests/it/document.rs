//! docs/operating.md says what is so.

use std::collections::HashSet;

use domain::StringEnum as _;
use domain::company::{Owner, Plan};
use serde_norway::Value;

use crate::engine::{TestEngine, id};
use crate::{candidate, webhook};

const DOCUMENT: &str = include_str!("../../../docs/operating.md");
const TEMPLATE: &str = include_str!("../../../template.yaml");

#[tokio::test]
async fn every_command_that_it_shows_works() {
    let engine = TestEngine::new();
    let company = id(&engine.json("company create --name Acme"));
    let ats = id(&engine.json("ats create --name Partner"));
    let shown: Vec<_> = DOCUMENT
        .lines()
        .filter_map(|line| line.strip_prefix("admin "))
        // Restoring is not for an engine in memory.
        .filter(|command| !command.contains("--table"))
        .collect();
    for command in &shown {
        let key = id(&engine.json(&format!("key create --company {company} --scopes write:agents")));
        let owner = Owner::Company(company.parse().unwrap());
        let webhook = match command.contains("<webhook>") {
            true => webhook::create(&engine, owner, "Hooks").await,
            false => String::new(),
        };
        let person = match command.contains("<candidate>") {
            true => candidate::create(&engine, company.parse().unwrap()).await,
            false => String::new(),
        };
        let number = command
            .contains("<number>")
            .then(|| id(&engine.json(&format!("phone-number add --company {company} --number +12025550123"))));
        let command = command.replace("<company>", &company).replace("<ats>", &ats).replace("<key>", &key);
        let command = command.replace("<candidate>", &person);
        let command = command.replace("<webhook>", &webhook).replace("<number>", &number.unwrap_or_default());
        // Words are separated by spaces here.
        let command = command.replace("\"Acme Ltd.\"", "Acme");
        let command = command.replace("<month>", &chrono::Utc::now().format("%Y-%m").to_string());
        assert!(!command.contains(['<', '"', '$']), "{command}");
        match command.starts_with("usage export") {
            true => drop(engine.words(&command)),
            false => drop(engine.json(&command)),
        }
    }
    for command in
        ["company create", "company list", "company show", "company set-plan", "company suspend", "company activate"]
            .into_iter()
            .chain([
                "company rename",
                "company mend-period",
                "company set-id-secret",
                "ats set-id-secret",
                "ats set-default-plan",
                "usage export",
                "usage export --by day",
                "audit",
                "audit --company",
            ])
            .chain(["ats create", "ats list", "ats show", "history"])
            .chain(["doctor --account", "doctor --stack"])
            .chain(["key create", "key list", "key show", "key rotate", "key suspend", "key activate", "key revoke"])
            .chain(["key revoke <key> --pause-webhooks", "key suspend <key> --reason Leaked --pause-webhooks"])
            .chain(["phone-number add", "phone-number remove"])
            .chain(["candidate export", "candidate erase"])
            .chain(["webhook list", "webhook show", "webhook pause", "webhook resume", "webhook delete"])
    {
        assert!(shown.iter().any(|shown| shown.starts_with(command)), "operating.md does not show `{command}`");
    }
}

#[test]
fn plans_are_listed_with_their_minutes() {
    for plan in Plan::ACCEPTED {
        let minutes = match plan.monthly_minutes() {
            Some(minutes @ 1_000..) => format!("{},{:03}", minutes / 1_000, minutes % 1_000),
            Some(minutes) => minutes.to_string(),
            None => "as agreed: `--minutes`".to_owned(),
        };
        let row = format!("\n| {} | {minutes} |\n", plan.as_str().to_lowercase());
        assert!(DOCUMENT.contains(&row), "operating.md lacks {row}");
    }
}

/// The template, with its merges written out.
fn template() -> Value {
    let mut template: Value = serde_norway::from_str(TEMPLATE).unwrap();
    template.apply_merge().unwrap();
    template
}

/// The template's resources of a type, by name.
fn of_type<'a>(template: &'a Value, kind: &str) -> Vec<(&'a str, &'a Value)> {
    let resources = template["Resources"].as_mapping().unwrap();
    let of_kind = resources.iter().filter(|(_, resource)| resource["Type"] == kind);
    of_kind.map(|(name, resource)| (name.as_str().unwrap(), resource)).collect()
}

/// The cells of the page's table of alarms: names, severity, when and what to do.
fn rows_of_alarms() -> Vec<Vec<&'static str>> {
    let (_, section) = DOCUMENT.split_once("\n## Alarms\n").expect("a section on alarms");
    let rows = section.lines().skip_while(|line| !line.starts_with("| `")).take_while(|line| line.starts_with("| `"));
    rows.map(|row| row.trim_matches('|').split(" | ").map(str::trim).collect()).collect()
}

#[test]
fn every_alarm_is_explained_with_the_severity_that_it_has() {
    let template = template();
    let alarms = of_type(&template, "AWS::CloudWatch::Alarm");
    let rows = rows_of_alarms();
    assert!(alarms.len() > 5 && rows.len() > 5, "{} alarms, {} rows", alarms.len(), rows.len());
    for (name, alarm) in &alarms {
        let told = |actions: &str| match alarm["Properties"][actions].as_sequence().unwrap().as_slice() {
            [topic] => match topic.as_str() {
                Some("PageTopic") => "page",
                Some("TicketTopic") => "ticket",
                other => panic!("{name} is told to {other:?}"),
            },
            other => panic!("{name} is told to {other:?}"),
        };
        assert_eq!(told("AlarmActions"), told("OKActions"), "{name} ends where it began");
        let quoted = format!("`{name}`");
        let explained: Vec<_> = rows.iter().filter(|row| row[0].split(", ").any(|cell| cell == quoted)).collect();
        let [row] = explained[..] else { panic!("operating.md has {} rows for the alarm {name}", explained.len()) };
        let [_, severity, _, _] = row[..] else { panic!("the row of {name} has {} cells", row.len()) };
        assert_eq!(severity, told("AlarmActions"), "the severity of {name} in operating.md");
    }
    let explained: usize = rows.iter().map(|row| row[0].split(", ").count()).sum();
    assert_eq!(explained, alarms.len(), "operating.md explains an alarm that the template does not have");
}

#[test]
fn every_function_stands_in_an_alarm_on_errors_on_throttles_and_on_duration() {
    let template = template();
    let mut watched = HashSet::new();
    for (name, alarm) in of_type(&template, "AWS::CloudWatch::Alarm") {
        let Some(queries) = alarm["Properties"].get("Metrics").and_then(Value::as_sequence) else { continue };
        let (metrics, expressions): (Vec<_>, Vec<_>) =
            queries.iter().partition(|query| query.get("MetricStat").is_some());
        assert!(metrics.len() <= 10, "CloudWatch takes ten metrics in {name:?}: make a further alarm");
        let [expression] = expressions[..] else { panic!("{name:?} has several expressions") };
        let terms = expression["Expression"].as_str().unwrap().split(|c: char| !c.is_alphanumeric());
        let terms: HashSet<_> = terms.collect();
        for query in metrics {
            assert!(terms.contains(query["Id"].as_str().unwrap()), "the expression of {name:?} lacks {query:?}");
            let metric = &query["MetricStat"]["Metric"];
            watched.insert((metric["Dimensions"][0]["Value"].as_str(), metric["MetricName"].as_str()));
        }
    }

    let functions: Vec<_> = of_type(&template, "AWS::Serverless::Function").into_iter().map(|(name, _)| name).collect();
    assert!(functions.len() > 5, "{functions:?}");
    for function in functions {
        for metric in ["Errors", "Throttles", "Duration"] {
            assert!(
                watched.contains(&(Some(function), Some(metric))),
                "no alarm watches {metric} of {function:?}: add it"
            );
        }
    }
}
