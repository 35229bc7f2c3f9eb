//! docs/operating.md says what is so.

use std::collections::HashSet;

use domain::StringEnum as _;
use domain::company::{Owner, Plan};
use serde_norway::Value;

use crate::engine::{TestEngine, id};
use crate::webhook;

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
        .filter(|command| !command.contains("greenroom-restored"))
        .collect();
    for command in &shown {
        let key = id(&engine.json(&format!("key create --company {company} --scopes write:agents")));
        let owner = Owner::Company(company.parse().unwrap());
        let webhook = match command.contains("<webhook>") {
            true => webhook::create(&engine, owner, "Hooks").await,
            false => String::new(),
        };
        let number = command
            .contains("<number>")
            .then(|| id(&engine.json(&format!("phone-number add --company {company} --number +12025550123"))));
        let command = command.replace("<company>", &company).replace("<ats>", &ats).replace("<key>", &key);
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
                "usage export",
                "ats create",
                "ats list",
                "ats show",
                "history",
            ])
            .chain(["key create", "key list", "key show", "key rotate", "key suspend", "key activate", "key revoke"])
            .chain(["phone-number add", "phone-number remove"])
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

#[test]
fn every_alarm_of_the_template_is_explained() {
    let lines: Vec<_> = TEMPLATE.lines().collect();
    let alarms: Vec<_> = lines
        .windows(2)
        .filter(|pair| pair[1].trim() == "Type: AWS::CloudWatch::Alarm")
        .map(|pair| pair[0].trim().trim_end_matches(':'))
        .collect();
    assert!(alarms.len() > 5, "{alarms:?}");
    for alarm in alarms {
        assert!(DOCUMENT.contains(&format!("`{alarm}`")), "operating.md does not explain the alarm {alarm}");
    }
}

#[test]
fn every_function_stands_in_an_alarm_on_errors_on_throttles_and_on_duration() {
    let mut template: Value = serde_norway::from_str(TEMPLATE).unwrap();
    template.apply_merge().unwrap();
    let of_type = |kind| {
        let resources = template["Resources"].as_mapping().unwrap();
        resources.iter().filter(move |(_, resource)| resource["Type"] == kind)
    };

    let mut watched = HashSet::new();
    for (name, alarm) in of_type("AWS::CloudWatch::Alarm") {
        let Some(queries) = alarm["Properties"].get("Metrics").and_then(Value::as_sequence) else { continue };
        let (metrics, expressions): (Vec<_>, Vec<_>) =
            queries.iter().partition(|query| query.get("MetricStat").is_some());
        assert!(metrics.len() <= 10, "CloudWatch takes ten metrics in {name:?}: make a further alarm");
        let [expression] = expressions[..] else { panic!("{name:?} has several expressions") };
        let terms: HashSet<_> = expression["Expression"].as_str().unwrap().split(' ').collect();
        for query in metrics {
            assert!(terms.contains(query["Id"].as_str().unwrap()), "the expression of {name:?} lacks {query:?}");
            let metric = &query["MetricStat"]["Metric"];
            watched.insert((metric["Dimensions"][0]["Value"].as_str(), metric["MetricName"].as_str()));
        }
    }

    let functions: Vec<_> = of_type("AWS::Serverless::Function").map(|(name, _)| name.as_str()).collect();
    assert!(functions.len() > 5, "{functions:?}");
    for function in functions {
        for metric in ["Errors", "Throttles", "Duration"] {
            assert!(watched.contains(&(function, Some(metric))), "no alarm watches {metric} of {function:?}: add it");
        }
    }
}
