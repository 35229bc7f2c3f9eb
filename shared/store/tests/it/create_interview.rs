//! Creating an interview: every write of it by its position, and the meaning of each refusal.

use domain::allowance::{ChargeRefusal, Seconds};
use domain::interview::{Interview, NewInterview};
use serde_json::json;
use store::{Creation, InterviewLimit};
use tests::faults::Operation::TransactWriteItems;

use crate::samples::{self, Stored};
use crate::test_table::{TestTable, company_key};

/// Kinds and partition keys of the entities that an interview names.
fn named(interview: &Interview) -> [(&'static str, String); 3] {
    [
        ("CANDIDATE", format!("CANDIDATE#{}", interview.candidate_id)),
        ("AGENT", format!("AGENT#{}", interview.agent_id)),
        ("JOB", format!("JOB#{}", interview.job_id.unwrap())),
    ]
}

#[tokio::test]
async fn what_a_request_names_must_be_as_it_was_read() {
    let (table, stored) = Stored::start().await;
    let changes = [json!({"companyId": samples::company_id()}), json!({"version": 2})];
    // A candidate that stays as it is vouches for its job.
    for (new, guarded) in [(stored.candidate_unchanged(), 2), (stored.all_named(), 3)] {
        for (kind, key) in &named(&new.interview)[..guarded] {
            table.assert_guards(&new, &table.context("r"), (key, kind), &changes).await;
        }
        table.created(&new).await;
    }
}

#[tokio::test]
async fn what_a_request_creates_must_not_be_there() {
    let table = TestTable::start().await;
    let new = samples::all_new(table.company_id);
    for (kind, key) in named(&new.interview) {
        table.write(json!({"PK": key, "SK": kind, "companyId": table.company_id, "version": 1})).await;
        table.assert_changed(&new, &table.context("r"), &format!("{kind} taken")).await;
        table.remove(&key, kind).await;
    }
    table.created(&new).await;
}

#[tokio::test]
async fn everything_becomes_visible_together() {
    let table = TestTable::start().await;
    let before = table.items().await;
    table.created(&NewInterview { cost: Some(Seconds(600)), ..samples::all_new(table.company_id) }).await;
    assert_eq!(table.requests(), [TransactWriteItems]);
    let after = table.items().await;
    let mut added: Vec<_> = after.keys().filter(|key| !before.contains_key(*key)).map(|key| key.1.as_str()).collect();
    added.sort_unstable();
    assert_eq!(added, ["AGENT", "CANDIDATE", "INTERVIEW", "JOB"]);
    table.assert_books_balance().await;
    assert_eq!(table.allowance().await.reserved_seconds, Seconds(600));
}

/// A request that is refused for everything that it can be refused for, but first for being a repeat, then for a
/// change, then for the allowance.
#[tokio::test]
async fn a_repeat_outranks_a_change_and_a_change_a_lack_of_time() {
    let (table, mut stored) = Stored::start().await;
    let repeated = stored.all_named();
    table.created(&repeated).await;
    table.set_allowance(json!({"remainingSeconds": 0, "usedSeconds": 35_400})).await;
    table.change(&format!("AGENT#{}", stored.agent.value.id), "AGENT", json!({"version": 2})).await;

    let again = table.create(&repeated, &table.context("second")).await;
    assert!(matches!(again, Creation::Exists(_)), "{again:?}");
    assert_eq!(table.create(&stored.all_named(), &table.context("third")).await, Creation::Changed);

    (stored.candidate.version, stored.agent.version) = (2, 2);
    let refused = table.create(&stored.candidate_unchanged(), &table.context("fourth")).await;
    assert!(
        matches!(refused, Creation::Refused(InterviewLimit::Charge(ChargeRefusal::LimitExceeded { .. }))),
        "{refused:?}"
    );
}

/// Two requests that read the same candidate and assign it: the second must not undo the first.
#[tokio::test]
async fn a_second_assignment_does_not_overwrite_the_first() {
    let (table, stored) = Stored::start().await;
    table.created(&stored.all_named()).await;
    table.assert_changed(&stored.all_named(), &table.context("second"), "candidate assigned meanwhile").await;
}

#[tokio::test]
async fn a_test_costs_nothing_whatever_the_allowance_says() {
    let (table, stored) = Stored::start().await;
    let test = || NewInterview { cost: None, ..stored.candidate_unchanged() };
    for attributes in [json!({"subscription": "SUSPENDED"}), json!({"remainingSeconds": 0, "usedSeconds": 36_000})] {
        table.set_allowance(attributes).await;
        let before = table.allowance().await;
        table.created(&test()).await;
        assert_eq!(table.allowance().await, before);
    }
    table.remove(&company_key(table.company_id), "ALLOWANCE#00").await;
    table.created(&test()).await;
}
