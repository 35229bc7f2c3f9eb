//! The migration of items of earlier versions.

use std::sync::atomic::{AtomicU64, Ordering};

use domain::candidate::{CandidateId, CandidateSearch};
use domain::company::Company;
use serde_json::{Value, json};
use store::{List, MigrationProgress, PageRequest};

use crate::samples::{self, Stored};
use crate::test_table::{TestTable, now};

/// The interviews of the table, by their partition keys.
async fn interviews(table: &TestTable) -> Vec<Value> {
    of_type(table, "Interview").await
}

/// The candidates of the table, likewise.
async fn candidates(table: &TestTable) -> Vec<Value> {
    of_type(table, "Candidate").await
}

async fn of_type(table: &TestTable, entity_type: &str) -> Vec<Value> {
    let mut items: Vec<Value> =
        table.items().await.into_values().filter(|item| item["entityType"] == entity_type).collect();
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
    let candidates = u64::try_from(candidates(&table).await.len()).unwrap();
    assert_eq!(done, MigrationProgress { companies: 2, items: all + candidates + 2, migrated: all + 1 });
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

/// More candidates than the migration reads at a time, which a search does not find before. It ends after its first page, and
/// is begun again.
#[tokio::test]
async fn candidates_get_their_places_even_if_the_migration_is_interrupted() {
    let (table, stored) = Stored::start().await;
    let key = format!("CANDIDATE#{}", stored.candidate.value.id);
    let mut item = table.item(&key, "CANDIDATE").await;
    for name in ["GSI2PK", "GSI2SK", "GSI5SK", "GSI6SK", "GSI7SK"] {
        item.as_object_mut().unwrap().remove(name);
    }
    for _ in 0..60 {
        let id = CandidateId::new(uuid::Uuid::new_v4());
        let own =
            json!({"PK": format!("CANDIDATE#{id}"), "id": id, "GSI1SK": format!("2026-01-01T00:00:00.000Z#{id}")});
        table.write(samples::with(item.clone(), own)).await;
    }
    let search = CandidateSearch::parse("n").unwrap();
    let found = async || {
        let page = PageRequest { limit: 100, cursor: None };
        let mut session = table.store.session();
        session.search(table.company_id, &search, &page, now(), None).await.unwrap().items.len()
    };
    let with_keys = found().await;
    let before = candidates(&table).await;

    let pages = AtomicU64::new(0);
    let interrupted = tokio::sync::Notify::new();
    let progress = |done: &MigrationProgress| {
        if done.migrated > 0 && pages.fetch_add(1, Ordering::Relaxed) == 0 {
            interrupted.notify_one();
        }
    };
    tokio::select! {
        biased;
        () = interrupted.notified() => {}
        done = table.store.migrate(progress) => panic!("{done:?}"),
    }
    let now_found = found().await;
    assert!(now_found > with_keys && now_found < with_keys + 60, "{now_found}");
    let rest = table.store.migrate(|_| ()).await.unwrap().migrated;
    assert_eq!(found().await, with_keys + 60);
    assert_eq!(u64::try_from(now_found - with_keys).unwrap() + rest, 60);
    assert_eq!(table.store.migrate(|_| ()).await.unwrap().migrated, 0);
    let without_keys = |mut item: Value| {
        item.as_object_mut().unwrap().retain(|name, _| !name.starts_with("GSI") && name != "version");
        item
    };
    let after = candidates(&table).await.into_iter().map(without_keys);
    assert!(after.eq(before.into_iter().map(without_keys)), "something else of a candidate changed");
}
