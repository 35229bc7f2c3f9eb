//! Applicant tracking systems.

use serde_json::json;

use crate::engine::{NOBODY, TestEngine, id, misuse};

#[test]
fn the_plan_of_new_companies_is_set_and_shown() {
    let engine = TestEngine::new();
    let created = engine.json("ats create --name Partner");
    assert_eq!(created.get("defaultPlan"), None);
    let ats = id(&created);
    assert!(engine.words(&format!("ats show {ats}")).contains("default plan  -\n"));

    let set = engine.json(&format!("ats set-default-plan {ats} Business"));
    assert_eq!(set["defaultPlan"], json!({"plan": "BUSINESS", "grantedSeconds": 180_000}));
    assert_eq!(engine.json(&format!("ats show {ats}"))["defaultPlan"], set["defaultPlan"]);
    assert!(engine.words(&format!("ats show {ats}")).contains("default plan  business, 3000 minutes\n"));
    let agreed = engine.json(&format!("ats set-default-plan {ats} enterprise --minutes 90"));
    assert_eq!(agreed["defaultPlan"], json!({"plan": "ENTERPRISE", "grantedSeconds": 5_400}));
    engine.json(&format!("ats set-default-plan {ats} enterprise --minutes 90"));

    let history = engine.json(&format!("history --ats {ats}"));
    let told: Vec<_> = history.as_array().unwrap().iter().map(|entry| (&entry["action"], &entry["changes"])).collect();
    let first = json!([{"name": "plan", "to": "BUSINESS"}, {"name": "minutes", "to": "3000"}]);
    let second = json!([
        {"name": "plan", "from": "BUSINESS", "to": "ENTERPRISE"}, {"name": "minutes", "from": "3000", "to": "90"},
    ]);
    let action = json!("SET_DEFAULT_PLAN");
    assert_eq!(told[..2], [(&action, &second), (&action, &first)]);
    assert_eq!(told.len(), 3, "what changes nothing leaves no entry: {told:?}");
}

#[test]
fn what_is_no_plan_or_no_system_is_refused() {
    let engine = TestEngine::new();
    let ats = id(&engine.json("ats create --name Partner"));
    assert!(misuse(&format!("ats set-default-plan {ats} gold")).contains("must be one of trial"));
    assert!(misuse(&format!("ats set-default-plan {ats}")).contains("<PLAN>"));
    assert!(misuse(&format!("ats set-default-plan {ats} enterprise")).contains("--minutes"));
    let refused = engine.refusal(&format!("ats set-default-plan {NOBODY} trial"));
    assert!(refused.contains("no such applicant tracking system"), "{refused}");
}
