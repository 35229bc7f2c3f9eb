//! The audit of the table.

use std::fs;

use domain::allowance::{Allowance, Seconds};
use domain::company::{Company, CompanyId, Plan};
use domain::idempotency::IdSecret;
use domain::text::SingleLine;
use domain::time::Timestamp;
use serde_json::{Value, json};
use store::AuditProgress;
use uuid::Uuid;

use crate::engine::{NOBODY, TestEngine, misuse, run, text};

/// A company whose amounts do not add up, as a defect might leave them.
async fn unbalanced(engine: &TestEngine) -> CompanyId {
    let id = CompanyId::new(Uuid::new_v4());
    let then: Timestamp = "2020-02-10T12:00:00Z".parse().unwrap();
    let company = Company::new(id, SingleLine::parse("Acme").unwrap(), Plan::Trial, None, then);
    let allowance =
        Allowance { remaining_seconds: Seconds(7), ..Allowance::new(id, Seconds::from_minutes(60), false, then) };
    engine.store().await.create_company(&company, &allowance, IdSecret::from_bytes([7; 16])).await.unwrap();
    id
}

#[tokio::test]
async fn a_contradiction_is_named_and_makes_the_audit_fail() {
    let engine = TestEngine::new();
    engine.json("company create --name Acme");
    let clean = engine.json("audit");
    assert_eq!((&clean["contradictions"], &clean["notJudged"]), (&json!(0), &json!(0)));
    assert!(clean["items"].as_u64() > Some(2), "{clean}");
    assert!(engine.words("audit").contains("contradictions        0"), "{}", engine.words("audit"));

    let company = unbalanced(&engine).await;
    let output = run(&[], &format!("--endpoint-url {} audit", engine.url));
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(text(&output.stderr), "error: there is a contradiction; docs/operating.md says what it means\n");
    let words = text(&output.stdout);
    let expected = format!(
        "UNBALANCED_BOOKS of company {company}\n  COMPANY#{company} ALLOWANCE#00\n  is:     7 s remain, 0 s are reserved and 0 s used"
    );
    assert!(words.starts_with(&expected), "{words}");

    let output = run(&[], &format!("--json --endpoint-url {} audit --company {company}", engine.url));
    assert_eq!(output.status.code(), Some(1));
    let lines: Vec<Value> = text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let [finding, summary] = lines.as_slice() else { panic!("{lines:?}") };
    assert_eq!((&finding["contradiction"], &finding["companyId"]), (&json!("UNBALANCED_BOOKS"), &json!(company)));
    assert_eq!(summary["contradictions"], 1);
}

/// Contradictions that were found before an interruption count.
#[tokio::test]
async fn an_audit_goes_on_from_its_file_and_removes_it_at_its_end() {
    let engine = TestEngine::new();
    engine.json("company create --name Acme");
    let file = std::env::temp_dir().join(format!("audit-{}", Uuid::new_v4()));
    let path = file.to_str().unwrap();
    let now = Timestamp::new(chrono::Utc::now());
    let mut progress = AuditProgress::new(now, None);
    engine.store().await.audit(&mut progress, now).await.unwrap();
    progress.findings = 3;
    fs::write(&file, serde_json::to_string(&progress).unwrap()).unwrap();
    let other = format!("audit --company {} --resume {path}", NOBODY);
    let refused = run(&[], &format!("--endpoint-url {} {other}", engine.url));
    assert_eq!(refused.status.code(), Some(2), "{}", text(&refused.stderr));
    let output = run(&[], &format!("--json --endpoint-url {} audit --resume {path}", engine.url));
    assert_eq!(output.status.code(), Some(1));
    let summary: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&summary["contradictions"], &summary["items"]), (&json!(3), &json!(progress.items)));
    assert!(!file.exists());
    fs::write(&file, "{}").unwrap();
    let refused = run(&[], &format!("--endpoint-url {} audit --resume {path}", engine.url));
    assert_eq!(refused.status.code(), Some(2), "{}", text(&refused.stderr));
    fs::remove_file(&file).unwrap();
}

#[test]
fn an_audit_of_what_is_no_company_is_refused() {
    assert!(misuse("audit --company acme").contains("UUID"));
}
