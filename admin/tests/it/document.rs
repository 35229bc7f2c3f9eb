//! docs/operating.md says what is so.

use domain::StringEnum as _;
use domain::company::Plan;

use crate::engine::{TestEngine, id};

const DOCUMENT: &str = include_str!("../../../docs/operating.md");
const TEMPLATE: &str = include_str!("../../../template.yaml");

#[test]
fn every_command_that_it_shows_works() {
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
        let command = command.replace("<company>", &company).replace("<ats>", &ats).replace("<key>", &key);
        assert!(!command.contains(['<', '"', '$']), "{command}");
        engine.json(&command);
    }
    for command in
        ["company create", "company list", "company show", "company set-plan", "company suspend", "company activate"]
            .into_iter()
            .chain(["ats create", "key create", "key list", "key suspend", "key activate", "key revoke"])
            .chain(["phone-number add"])
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
