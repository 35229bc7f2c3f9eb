//! Creating an interview: every write of it by its position, and what each refusal means.

use domain::allowance::{ChargeRefusal, Seconds};
use domain::idempotency::Fingerprint;
use domain::interview::{CandidateChange, Interview, InterviewAgent, InterviewJob, NewInterview};
use serde_json::{Value, json};
use store::{Creation, Origin, Recorded};
use tests::faults::Operation::TransactWriteItems;

use crate::samples::{self, Stored};
use crate::test_table::{TestTable, company_key};

type Created = Creation<Interview, ChargeRefusal>;

async fn create(table: &TestTable, new: NewInterview, origin: &Origin<'_>) -> Created {
    table.store.session().create_interview(new, origin).await.unwrap()
}

/// Primary keys of everything in a request, by its part's name.
fn addresses(new: &NewInterview) -> Vec<(&'static str, String)> {
    let candidate = match &new.candidate {
        CandidateChange::Created(candidate) => candidate.id,
        CandidateChange::Unchanged(candidate) | CandidateChange::Assigned(candidate, _) => candidate.value.id,
    };
    let (agent, number) = match &new.agent {
        InterviewAgent::Created(agent, number) => (agent.id, number.as_ref()),
        InterviewAgent::Named(agent) => (agent.value.id, None),
    };
    let job = match &new.job {
        InterviewJob::Created(job) => Some(job.id),
        InterviewJob::Named(job) => Some(job.value.id),
        InterviewJob::OnlyAssigned(_) | InterviewJob::None => None,
    };
    let mut addresses = vec![("CANDIDATE", format!("CANDIDATE#{candidate}")), ("AGENT", format!("AGENT#{agent}"))];
    addresses.extend(job.map(|id| ("JOB", format!("JOB#{id}"))));
    addresses.extend(number.map(|number| ("PHONE", format!("PHONE#{}", number.value.id))));
    addresses
}

async fn assert_changed(table: &TestTable, new: &NewInterview, origin: &Origin<'_>, what: &str) {
    let before = table.items().await;
    table.requests();
    let created = create(table, new.clone(), origin).await;
    assert!(matches!(created, Creation::Changed), "{what}: {created:?}");
    assert_eq!(table.requests(), [TransactWriteItems], "{what}");
    assert_eq!(table.items().await, before, "{what}: a refused request changed the table");
}

/// Spoils each thing that the request names, in each way, one at a time.
async fn assert_guards_all_that_is_named(table: &TestTable, new: &NewInterview, named: &[&str]) {
    let other = table.add_company(Seconds(0)).await;
    let addresses = addresses(new);
    let guarded: Vec<_> = addresses.iter().filter(|(kind, _)| named.contains(kind)).collect();
    assert_eq!(guarded.len(), named.len(), "{addresses:?}");
    for (kind, pk) in guarded {
        let good = table.item(pk, kind).await;
        for (what, attributes) in [("foreign", json!({"companyId": other})), ("changed", json!({"version": 2}))] {
            table.change(pk, kind, attributes).await;
            assert_changed(table, new, &table.origin("r"), &format!("{kind} {what}")).await;
            table.write(good.clone()).await;
        }
        table.remove(pk, kind).await;
        assert_changed(table, new, &table.origin("r"), &format!("{kind} absent")).await;
        table.write(good).await;
    }
    let created = create(table, new.clone(), &table.origin("r")).await;
    assert!(matches!(created, Creation::Created(_)), "unspoiled: {created:?}");
}

#[tokio::test]
async fn what_a_request_names_must_be_as_it_was_read() {
    let table = TestTable::start().await;
    let stored = Stored::store(&table).await;
    assert_guards_all_that_is_named(&table, &stored.all_named(), &["CANDIDATE", "AGENT", "JOB"]).await;
}

#[tokio::test]
async fn a_candidate_that_stays_as_it_is_must_be_as_it_was_read() {
    let table = TestTable::start().await;
    let stored = Stored::store(&table).await;
    assert_guards_all_that_is_named(&table, &stored.candidate_unchanged(), &["CANDIDATE", "AGENT"]).await;
}

#[tokio::test]
async fn the_telephone_number_of_a_new_agent_must_be_as_it_was_read() {
    let table = TestTable::start().await;
    let stored = Stored::store(&table).await;
    let mut new = samples::all_new(table.company_id);
    let agent = samples::full_agent(table.company_id, stored.phone_number.value.id);
    new.interview.agent_id = agent.id;
    new.agent = InterviewAgent::Created(agent, Some(stored.phone_number.clone()));
    assert_guards_all_that_is_named(&table, &new, &["PHONE"]).await;
}

#[tokio::test]
async fn a_company_must_be_managed_as_it_was_read() {
    let table = TestTable::start().await;
    let stored = Stored::store(&table).await;
    let pk = company_key(table.company_id);
    let origin = Origin { managed: Some(table.managed_company().await), ..table.origin("r") };
    let good = table.item(&pk, "COMPANY").await;
    table.change(&pk, "COMPANY", json!({"version": 2, "atsId": null})).await;
    assert_changed(&table, &stored.all_named(), &origin, "company changed").await;
    table.remove(&pk, "COMPANY").await;
    assert_changed(&table, &stored.all_named(), &origin, "company absent").await;
    table.write(good).await;
    assert!(matches!(create(&table, stored.all_named(), &origin).await, Creation::Created(_)));
}

#[tokio::test]
async fn what_a_request_creates_must_not_be_there() {
    let table = TestTable::start().await;
    let new = samples::all_new(table.company_id);
    for (kind, pk) in addresses(&new) {
        table.write(json!({"PK": pk, "SK": kind, "companyId": table.company_id, "version": 1})).await;
        assert_changed(&table, &new, &table.origin("r"), &format!("{kind} taken")).await;
        table.remove(&pk, kind).await;
    }
    assert!(matches!(create(&table, new, &table.origin("r")).await, Creation::Created(_)));
}

#[tokio::test]
async fn everything_becomes_visible_together() {
    let table = TestTable::start().await;
    let before = table.items().await;
    let new = NewInterview { cost: Some(Seconds(600)), ..samples::all_new(table.company_id) };
    create(&table, new.clone(), &table.origin("r")).await;
    assert_eq!(table.requests(), [TransactWriteItems]);
    let after = table.items().await;
    let mut added: Vec<_> = after.keys().filter(|key| !before.contains_key(*key)).map(|key| key.1.as_str()).collect();
    added.sort_unstable();
    assert_eq!(added, ["AGENT", "CANDIDATE", "INTERVIEW", "JOB"]);
    table.assert_books_balance().await;
    assert_eq!(table.allowance().await.reserved_seconds, Seconds(600));
}

#[tokio::test]
async fn a_repeat_finds_what_the_first_request_created_and_costs_nothing() {
    let table = TestTable::start().await;
    let stored = Stored::store(&table).await;
    let fingerprint = Fingerprint::of(&"first").unwrap();
    let first = Origin { fingerprint: Some(&fingerprint), ..table.origin("first") };
    let new = stored.all_named();
    let Creation::Created(interview) = create(&table, new.clone(), &first).await else { panic!() };
    let before = table.items().await;

    let again = create(&table, new.clone(), &table.origin("second")).await;
    let recorded = Recorded { resource: interview.clone(), fingerprint: Some(fingerprint.clone()) };
    assert!(matches!(again, Creation::Exists(ref found) if *found == recorded), "{again:?}");
    // The same request again: its first answer was lost, and the transaction's token forgotten.
    let again = create(&table, new, &first).await;
    assert!(matches!(again, Creation::Created(ref created) if *created == interview), "{again:?}");
    assert_eq!(table.items().await, before);
}

/// A request that is refused for everything that it can be refused for, but first for being a repeat, then for a
/// change, then for the allowance.
#[tokio::test]
async fn a_repeat_outranks_a_change_and_a_change_a_lack_of_time() {
    let table = TestTable::start().await;
    let stored = Stored::store(&table).await;
    let repeated = stored.all_named();
    create(&table, repeated.clone(), &table.origin("first")).await;
    table.set_allowance(json!({"remainingSeconds": 0, "usedSeconds": 35_400})).await;
    table.change(&format!("AGENT#{}", stored.agent.value.id), "AGENT", json!({"version": 2})).await;

    let again = create(&table, repeated, &table.origin("second")).await;
    assert!(matches!(again, Creation::Exists(_)), "{again:?}");
    let changed = create(&table, stored.all_named(), &table.origin("third")).await;
    assert!(matches!(changed, Creation::Changed), "{changed:?}");

    let mut unchanged = stored.candidate_unchanged();
    let (CandidateChange::Unchanged(candidate), InterviewAgent::Named(agent)) =
        (&mut unchanged.candidate, &mut unchanged.agent)
    else {
        panic!()
    };
    (candidate.version, agent.version) = (2, 2);
    let refused = create(&table, unchanged, &table.origin("fourth")).await;
    assert!(matches!(refused, Creation::Refused(ChargeRefusal::LimitExceeded { .. })), "{refused:?}");
}

/// Two requests that read the same candidate and assign it: the second must not undo the first.
#[tokio::test]
async fn a_second_assignment_does_not_overwrite_the_first() {
    let table = TestTable::start().await;
    let stored = Stored::store(&table).await;
    let (first, second) = (stored.all_named(), stored.all_named());
    assert!(matches!(create(&table, first, &table.origin("first")).await, Creation::Created(_)));
    assert_changed(&table, &second, &table.origin("second"), "candidate assigned meanwhile").await;
}

#[tokio::test]
async fn a_test_costs_nothing_whatever_the_allowance_says() {
    let table = TestTable::start().await;
    let stored = Stored::store(&table).await;
    let spoiled: [Value; 2] =
        [json!({"subscription": "SUSPENDED"}), json!({"remainingSeconds": 0, "usedSeconds": 36_000})];
    for attributes in spoiled {
        table.set_allowance(attributes).await;
        let before = table.allowance().await;
        let test = NewInterview { cost: None, ..stored.candidate_unchanged() };
        assert!(matches!(create(&table, test, &table.origin("r")).await, Creation::Created(_)));
        assert_eq!(table.allowance().await, before);
    }
    table.remove(&company_key(table.company_id), "ALLOWANCE#00").await;
    let test = NewInterview { cost: None, ..stored.candidate_unchanged() };
    assert!(matches!(create(&table, test, &table.origin("r")).await, Creation::Created(_)));
}
