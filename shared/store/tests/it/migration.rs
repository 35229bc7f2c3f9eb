//! The migration of items of earlier versions.

use std::sync::atomic::{AtomicU64, Ordering};

use domain::company::Company;
use serde_json::{Value, json};
use store::{List, MigrationProgress, PageRequest};

use crate::samples::{self, Stored};
use crate::test_table::{TestTable, now};

/// The interviews of the table, by their partition keys.
async fn interviews(table: &TestTable) -> Vec<Value> {
    let mut items: Vec<Value> =
        table.items().await.into_values().filter(|item| item["entityType"] == "Interview").collect();
    items.sort_by_key(|item| item["PK"].as_str().map(str::to_owned));
    items
}

fn without_version(mut item: Value) -> Value {
    item.as_object_mut().unwrap().remove("version");
    item
}

/// Items as an earlier version stored them get their places in the indexes, and nothing else of them changes. A second
/// run finds nothing to do.
#[tokio::test]
async fn items_get_their_places_and_a_second_run_changes_nothing() {
    let (table, stored) = Stored::start().await;
    let ats = samples::ats();
    table.store.create_ats(&ats, samples::ID_SECRET).await.unwrap();
    let managed = Company { id: samples::company(None).id, ..samples::company(Some(ats.id)) };
    table.add_company(&managed).await;
    let mut expected = Vec::new();
    for _ in 0..3 {
        let new = stored.candidate_unchanged();
        table.created(&new).await;
    }
    for item in interviews(&table).await {
        expected.push(without_version(item.clone()));
        let key = item["PK"].as_str().unwrap();
        table.change(key, "INTERVIEW", json!({"GSI3PK": null, "GSI4PK": null})).await;
    }
    table.change(&format!("COMPANY#{}", managed.id), "COMPANY", json!({"GSI3PK": null})).await;
    let page = PageRequest { limit: 100, cursor: None };
    let of_candidate = List::interviews_of_candidate(table.company_id, stored.candidate.value.id);
    let listed = async || {
        let mut session = table.store.session();
        let interviews = session.list(&of_candidate, &page, now(), None).await.unwrap().items.len();
        (interviews, session.list(&List::companies(ats.id), &page, now(), None).await.unwrap().items.len())
    };
    assert_eq!(listed().await, (0, 0));

    let told = AtomicU64::new(0);
    let done = table.store.migrate(|_| _ = told.fetch_add(1, Ordering::Relaxed)).await.unwrap();
    let all = u64::try_from(expected.len()).unwrap();
    assert_eq!(done, MigrationProgress { companies: 2, items: all + 2, migrated: all + 1 });
    assert!(told.into_inner() >= 2, "its progress is told");
    let after = interviews(&table).await;
    assert!(after.iter().all(|item| item["version"] == 2), "{after:?}");
    assert_eq!(after.into_iter().map(without_version).collect::<Vec<_>>(), expected);
    assert_eq!(listed().await, (expected.len(), 1));

    let before = table.items().await;
    let again = table.store.migrate(|_| ()).await.unwrap();
    assert_eq!(again, MigrationProgress { migrated: 0, ..done });
    assert_eq!(table.items().await, before);
}

/// A transcript that was part of the analysis moves beside the interview.
#[tokio::test]
async fn a_transcript_within_an_analysis_moves_out() {
    let (table, _) = Stored::start().await;
    let [interview] = interviews(&table).await.try_into().unwrap();
    let key = interview["PK"].as_str().unwrap();
    let segments = json!([{"speaker": "AGENT", "text": "Hello.", "startSeconds": 0, "endSeconds": 2}]);
    let mut analysis = interview["analysis"].clone();
    analysis["specific"]["transcript"] = segments.clone();
    table.change(key, "INTERVIEW", json!({"analysis": analysis})).await;
    let done = table.store.migrate(|_| ()).await.unwrap();
    assert_eq!(done.migrated, 1);
    assert_eq!(table.item(key, "INTERVIEW").await["analysis"], interview["analysis"]);
    let transcript = table.item(key, "TRANSCRIPT").await;
    assert_eq!((&transcript["segments"], &transcript["companyId"]), (&segments, &interview["companyId"]));
    assert_eq!(table.store.migrate(|_| ()).await.unwrap().migrated, 0);
}
