//! Creating an agent: every write of it by its position, and what each refusal means.

use domain::Versioned;
use domain::agent::Agent;
use domain::allowance::Seconds;
use domain::idempotency::Fingerprint;
use domain::phone_number::PhoneNumber;
use serde_json::json;
use store::{Creation, Never, Origin, Recorded};
use tests::faults::Operation::{PutItem, TransactWriteItems};

use crate::samples::{self, Stored};
use crate::test_table::{TestTable, company_key};

type Created = Creation<Agent, Never>;

async fn create(
    table: &TestTable,
    agent: &Agent,
    number: Option<&Versioned<PhoneNumber>>,
    origin: &Origin<'_>,
) -> Created {
    table.store.session().create_agent(agent.clone(), number, origin).await.unwrap()
}

#[tokio::test]
async fn alone_it_is_a_single_write_and_guarded_a_transaction() {
    let table = TestTable::start().await;
    let stored = Stored::store(&table).await;
    let agent = samples::bare_agent(table.company_id);
    let created = create(&table, &agent, None, &table.origin("r")).await;
    assert!(matches!(created, Creation::Created(ref created) if *created == agent), "{created:?}");
    assert_eq!(table.requests(), [PutItem]);

    let agent = samples::full_agent(table.company_id, stored.phone_number.value.id);
    let origin = Origin { managed: Some(table.managed_company().await), ..table.origin("r") };
    table.requests();
    let created = create(&table, &agent, Some(&stored.phone_number), &origin).await;
    assert!(matches!(created, Creation::Created(ref created) if *created == agent), "{created:?}");
    assert_eq!(table.requests(), [TransactWriteItems]);
}

#[tokio::test]
async fn a_repeat_finds_what_the_first_request_created() {
    let table = TestTable::start().await;
    let stored = Stored::store(&table).await;
    let fingerprint = Fingerprint::of(&"first").unwrap();
    for number in [None, Some(&stored.phone_number)] {
        let agent = samples::bare_agent(table.company_id);
        let first = Origin { fingerprint: Some(&fingerprint), ..table.origin("first") };
        create(&table, &agent, number, &first).await;
        let before = table.items().await;

        let mut renamed = agent.clone();
        renamed.profile.name = domain::text::SingleLine::parse("Another").unwrap();
        let again = create(&table, &renamed, number, &table.origin("second")).await;
        let recorded = Recorded { resource: agent.clone(), fingerprint: Some(fingerprint.clone()) };
        assert!(matches!(again, Creation::Exists(ref found) if *found == recorded), "{again:?}");
        // The same request again: its first answer was lost.
        let again = create(&table, &agent, number, &first).await;
        assert!(matches!(again, Creation::Created(ref created) if *created == agent), "{again:?}");
        assert_eq!(table.items().await, before);
    }
}

#[tokio::test]
async fn a_telephone_number_that_is_not_as_it_was_read_refuses_it() {
    let table = TestTable::start().await;
    let other = table.add_company(Seconds(0)).await;
    let stored = Stored::store(&table).await;
    let pk = format!("PHONE#{}", stored.phone_number.value.id);
    for attributes in [json!({"companyId": other}), json!({"companyId": table.company_id, "version": 2})] {
        table.change(&pk, "PHONE", attributes).await;
        assert_changed(&table, &stored, &table.origin("r")).await;
    }
    table.remove(&pk, "PHONE").await;
    assert_changed(&table, &stored, &table.origin("r")).await;
}

#[tokio::test]
async fn a_company_that_is_not_managed_as_it_was_read_refuses_it() {
    let table = TestTable::start().await;
    let stored = Stored::store(&table).await;
    let pk = company_key(table.company_id);
    let origin = Origin { managed: Some(table.managed_company().await), ..table.origin("r") };
    table.change(&pk, "COMPANY", json!({"version": 2})).await;
    assert_changed(&table, &stored, &origin).await;
    table.remove(&pk, "COMPANY").await;
    assert_changed(&table, &stored, &origin).await;
}

#[tokio::test]
async fn a_repeat_outranks_a_change() {
    let table = TestTable::start().await;
    let stored = Stored::store(&table).await;
    let agent = samples::bare_agent(table.company_id);
    create(&table, &agent, Some(&stored.phone_number), &table.origin("first")).await;
    table.remove(&format!("PHONE#{}", stored.phone_number.value.id), "PHONE").await;
    let again = create(&table, &agent, Some(&stored.phone_number), &table.origin("second")).await;
    assert!(matches!(again, Creation::Exists(_)), "{again:?}");
}

async fn assert_changed(table: &TestTable, stored: &Stored, origin: &Origin<'_>) {
    let before = table.items().await;
    let agent = samples::bare_agent(table.company_id);
    let created = create(table, &agent, Some(&stored.phone_number), origin).await;
    assert!(matches!(created, Creation::Changed), "{created:?}");
    assert_eq!(table.items().await, before, "a refused request changed the table");
}
