//! The history of changes.

use serde_json::{Value, json};

use crate::engine::{NOBODY, TestEngine, id, members, misuse};

fn actions(history: &Value) -> Vec<&str> {
    history.as_array().unwrap().iter().map(|entry| entry["action"].as_str().unwrap()).collect()
}

#[test]
fn changes_are_listed_newest_first_for_all_and_for_an_owner() {
    let engine = TestEngine::new();
    let ats = id(&engine.json("ats create --name Partner"));
    let company = id(&engine.json(&format!("company create --name Acme --ats {ats}")));
    let key = engine.json(&format!("key create --company {company} --scopes write:agents"));
    engine.json(&format!("key suspend {} --reason Overdue", id(&key)));
    engine.refusal(&format!("company suspend {NOBODY}"));

    let all = engine.json("history");
    assert_eq!(actions(&all), ["SUSPEND_KEY", "CREATE_KEY", "CREATE_COMPANY", "CREATE_ATS", "CREATE_TABLE"]);
    assert_eq!(
        members(&all[0]),
        ["action", "by", "changes", "companyId", "createdAt", "expiresAt", "id", "subject", "updatedAt"]
    );
    assert_eq!(all[0]["by"], "unknown (no STS)");
    assert_eq!((&all[0]["subject"], &all[0]["companyId"]), (&key["id"], &json!(company)));
    assert_eq!(all[4]["subject"], "greenroom");
    assert!(!all.to_string().contains("sk_"), "{all}");

    let of_company = engine.json(&format!("history --company {company}"));
    assert_eq!(actions(&of_company), ["SUSPEND_KEY", "CREATE_KEY", "CREATE_COMPANY"]);
    assert_eq!(actions(&engine.json(&format!("history --ats {ats}"))), ["CREATE_ATS"]);
    assert!(engine.refusal(&format!("history --company {NOBODY}")).contains("no such company"));
    assert!(engine.refusal(&format!("history --ats {NOBODY}")).contains("no such applicant tracking system"));
    assert_eq!(engine.words(&format!("history --before {NOBODY}")), "no changes\n");

    let words = engine.words("history --limit 1");
    assert!(words.starts_with("TIME                      BY                ACTION       SUBJECT"), "{words}");
    assert!(words.contains("  unknown (no STS)  suspend key  "), "{words}");
    assert!(words.contains("  status ACTIVE → SUSPENDED, reason Overdue\n"), "{words}");
    let before = words.trim_end().rsplit_once("\nOlder ones: --before ").unwrap().1;
    assert_eq!(before, id(&all[0]));
    assert_eq!(
        actions(&engine.json(&format!("history --limit 2 --before {before}"))),
        ["CREATE_KEY", "CREATE_COMPANY"]
    );
    assert!(misuse(&format!("history --company {company} --ats {ats}")).contains("cannot be used with"));
    for (limit, named) in [("0", "1..=500"), ("501", "1..=500")] {
        assert!(misuse(&format!("history --limit {limit}")).contains(named));
    }
}
