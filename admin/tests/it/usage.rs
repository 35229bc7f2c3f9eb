//! Usage of companies, for invoices.

use domain::agent::Focus;
use domain::allowance::{Allowance, Seconds};
use domain::company::{Company, CompanyId, Plan};
use domain::idempotency::IdSecret;
use domain::interview::{InterviewId, SettledUse};
use domain::text::SingleLine;
use domain::time::Timestamp;
use serde_json::{Value, json};
use store::SettledInterview;
use uuid::Uuid;

use crate::engine::{NOBODY, TestEngine, misuse};

/// A company with a month long over, and something beyond its grant.
async fn company(engine: &TestEngine, name: &str, month: &str, overage_allowed: bool) -> CompanyId {
    let id = CompanyId::new(Uuid::new_v4());
    let then: Timestamp = format!("{month}-10T12:00:00Z").parse().unwrap();
    let name = SingleLine::parse(name).unwrap();
    let company = Company::new(id, name, Plan::Trial, None, then);
    let mut allowance = Allowance::new(id, Seconds::from_minutes(60), overage_allowed, then);
    allowance.remaining_seconds = Seconds(-90);
    allowance.reserved_seconds = Seconds::from_minutes(60);
    allowance.used_seconds = Seconds(90);
    engine.store().await.create_company(&company, &allowance, IdSecret::from_bytes([7; 16])).await.unwrap();
    id
}

#[tokio::test]
async fn months_are_exported_for_spreadsheets_and_for_programs() {
    let engine = TestEngine::new();
    let this_month = chrono::Utc::now().format("%Y-%m").to_string();
    let first = company(&engine, "Žltý kôň, \"s.r.o.\"", "2020-02", true).await;
    let second = company(&engine, "Acme", "2020-03", false).await;
    // One of them is closed, the other has not been since; both are told alike.
    engine.json(&format!("company set-plan {first} --plan starter"));

    let names = "companyId,name,plan,period,open,overageAllowed,grantedSeconds,reservedSeconds,usedSeconds,\
                 remainingSeconds,overageSeconds,overdrawnSeconds,grantedMinutes,reservedMinutes,usedMinutes,\
                 remainingMinutes,overageMinutes,overdrawnMinutes\n";
    let old = format!(
        "{first},\"Žltý kôň, \"\"s.r.o.\"\"\",TRIAL,2020-02,false,true,3600,3600,90,0,90,,60,60,1.50,0,1.50,\n"
    );
    let new = format!(
        "{first},\"Žltý kôň, \"\"s.r.o.\"\"\",STARTER,{this_month},true,true,36000,0,0,36000,0,,600,0,0,600,0,\n"
    );
    let overdrawn = format!("{second},Acme,TRIAL,2020-03,false,false,3600,3600,90,0,0,90,60,60,1.50,0,0,1.50\n");
    let unused = format!("{second},Acme,TRIAL,{this_month},true,false,3600,0,0,3600,0,,60,0,0,60,0,\n");
    let export = |options: &str| engine.words(&format!("usage export{options}"));
    assert_eq!(export(""), [names, &old, &new, &overdrawn, &unused].concat());
    assert_eq!(export(" --from 2020-03"), [names, &new, &overdrawn, &unused].concat());
    assert_eq!(export(" --from 2020-02 --to 2020-02"), [names, &old].concat());
    assert_eq!(export(&format!(" --company {second} --to 2020-12")), [names, &overdrawn].concat());
    assert_eq!(export(" --to 2020-01"), names);

    let lines = export(" --format jsonl");
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 4);
    assert_eq!(
        lines[2],
        json!({
            "companyId": second, "name": "Acme", "plan": "TRIAL", "period": "2020-03", "open": false,
            "overageAllowed": false,
            "seconds": {"granted": 3600, "reserved": 3600, "used": 90, "remaining": 0, "overage": 0, "overdrawn": 90},
            "minutes": {"granted": 60, "reserved": 60, "used": 1.5, "remaining": 0, "overage": 0, "overdrawn": 1.5},
        })
    );
    for line in &lines {
        let amount = |name: &str| line["seconds"][name].as_i64().unwrap_or(0);
        let granted = amount("granted") + amount("overage") + amount("overdrawn");
        assert_eq!(granted, amount("reserved") + amount("used") + amount("remaining"), "{line}");
    }
    // For scripts, --json is enough.
    assert_eq!(engine.json(&format!("usage export --company {second} --to 2020-12")), lines[2]);
}

#[test]
fn an_export_of_nobody_and_of_no_months_is_refused() {
    let engine = TestEngine::new();
    assert_eq!(engine.words("--json usage export"), "");
    let refused = engine.refusal(&format!("usage export --company {NOBODY}"));
    assert_eq!(refused, "there is no such company; `company list` shows all");
    assert!(misuse("usage export --from 2026-12 --to 2026-11").contains("--from is later than --to"));
    assert!(misuse("usage export --from 2026").contains("must be a month, for example 2026-11"));
    assert!(misuse("usage export --format xml").contains("csv, jsonl"));
}

#[tokio::test]
async fn days_are_exported_by_focus() {
    let engine = TestEngine::new();
    let first = company(&engine, "Acme", "2020-02", true).await;
    let second = company(&engine, "Idle", "2020-03", false).await;
    let store = engine.store().await;
    for (ended_at, focus, seconds) in [
        ("2020-02-29T23:59:59.999Z", Focus::Screening, 90),
        ("2020-02-29T00:00:00Z", Focus::Screening, 30),
        ("2020-02-29T12:00:00Z", Focus::Generic, 60),
        ("2020-03-01T00:00:00Z", Focus::Outreach, 1),
    ] {
        let interview_id = InterviewId::new(Uuid::new_v4());
        let ended_at = ended_at.parse().unwrap();
        let used = SettledUse { ended_at, focus, seconds: Seconds(seconds) };
        let settled = SettledInterview { company_id: first, interview_id, used };
        store.count_usage(&settled, ended_at).await.unwrap();
    }
    let names = "companyId,name,date,focus,interviews,usedSeconds,usedMinutes\n";
    let generic = format!("{first},Acme,2020-02-29,GENERIC,1,60,1\n");
    let screening = format!("{first},Acme,2020-02-29,SCREENING,2,120,2\n");
    let outreach = format!("{first},Acme,2020-03-01,OUTREACH,1,1,0.02\n");
    let export = |options: &str| engine.words(&format!("usage export --by day{options}"));
    assert_eq!(export(""), [names, &generic, &screening, &outreach].concat());
    assert_eq!(export(" --to 2020-02"), [names, &generic, &screening].concat());
    assert_eq!(export(" --from 2020-03 --to 2020-03"), [names, &outreach].concat());
    assert_eq!(export(" --from 2020-04"), names);
    assert_eq!(export(&format!(" --company {second}")), names);
    let line = engine.json(&format!("usage export --by day --company {first} --from 2020-03"));
    let expected = json!({
        "companyId": first, "name": "Acme", "date": "2020-03-01", "focus": "OUTREACH", "interviews": 1, "usedSeconds": 1,
        "usedMinutes": 1.0 / 60.0,
    });
    assert_eq!(line, expected);
}
