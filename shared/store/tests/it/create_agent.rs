//! Creating an agent: every write of it by its position, and what each refusal means.

use domain::{Agent, Fingerprint, PhoneNumber, Seconds, Versioned};
use serde_json::json;
use store::{Creation, Never, Origin, Recorded};
use tests::faults::Operation::{PutItem, TransactWriteItems};

use crate::samples::{self, Stored};
use crate::world::{World, company_key};

type Created = Creation<Agent, Never>;

async fn create(world: &World, agent: &Agent, number: Option<&Versioned<PhoneNumber>>, origin: &Origin<'_>) -> Created {
    world.store.session().create_agent(agent.clone(), number, origin).await.unwrap()
}

#[tokio::test]
async fn alone_it_is_a_single_write_and_guarded_a_transaction() {
    let world = World::start().await;
    let stored = Stored::store(&world).await;
    let agent = samples::bare_agent(world.company_id);
    let created = create(&world, &agent, None, &world.origin("r")).await;
    assert!(matches!(created, Creation::Created(ref created) if *created == agent), "{created:?}");
    assert_eq!(world.requests(), [PutItem]);

    let agent = samples::full_agent(world.company_id, stored.phone_number.value.id);
    let origin = Origin { managed: Some(world.managed_company().await), ..world.origin("r") };
    world.requests();
    let created = create(&world, &agent, Some(&stored.phone_number), &origin).await;
    assert!(matches!(created, Creation::Created(ref created) if *created == agent), "{created:?}");
    assert_eq!(world.requests(), [TransactWriteItems]);
}

#[tokio::test]
async fn a_repeat_finds_what_the_first_request_created() {
    let world = World::start().await;
    let stored = Stored::store(&world).await;
    let fingerprint = Fingerprint::of(&"first").unwrap();
    for number in [None, Some(&stored.phone_number)] {
        let agent = samples::bare_agent(world.company_id);
        let first = Origin { fingerprint: Some(&fingerprint), ..world.origin("first") };
        create(&world, &agent, number, &first).await;
        let before = world.items().await;

        let mut renamed = agent.clone();
        renamed.profile.name = domain::Line::parse("Another").unwrap();
        let again = create(&world, &renamed, number, &world.origin("second")).await;
        let recorded = Recorded { resource: agent.clone(), fingerprint: Some(fingerprint.clone()) };
        assert!(matches!(again, Creation::Exists(ref found) if *found == recorded), "{again:?}");
        // The same request again: its first answer was lost.
        let again = create(&world, &agent, number, &first).await;
        assert!(matches!(again, Creation::Created(ref created) if *created == agent), "{again:?}");
        assert_eq!(world.items().await, before);
    }
}

#[tokio::test]
async fn a_telephone_number_that_is_not_as_it_was_read_refuses_it() {
    let world = World::start().await;
    let other = world.add_company(Seconds(0)).await;
    let stored = Stored::store(&world).await;
    let pk = format!("PHONE#{}", stored.phone_number.value.id);
    for attributes in [json!({"companyId": other}), json!({"companyId": world.company_id, "version": 2})] {
        world.change(&pk, "PHONE", attributes).await;
        assert_changed(&world, &stored, &world.origin("r")).await;
    }
    world.remove(&pk, "PHONE").await;
    assert_changed(&world, &stored, &world.origin("r")).await;
}

#[tokio::test]
async fn a_company_that_is_not_managed_as_it_was_read_refuses_it() {
    let world = World::start().await;
    let stored = Stored::store(&world).await;
    let pk = company_key(world.company_id);
    let origin = Origin { managed: Some(world.managed_company().await), ..world.origin("r") };
    world.change(&pk, "COMPANY", json!({"version": 2})).await;
    assert_changed(&world, &stored, &origin).await;
    world.remove(&pk, "COMPANY").await;
    assert_changed(&world, &stored, &origin).await;
}

#[tokio::test]
async fn a_repeat_outranks_a_change() {
    let world = World::start().await;
    let stored = Stored::store(&world).await;
    let agent = samples::bare_agent(world.company_id);
    create(&world, &agent, Some(&stored.phone_number), &world.origin("first")).await;
    world.remove(&format!("PHONE#{}", stored.phone_number.value.id), "PHONE").await;
    let again = create(&world, &agent, Some(&stored.phone_number), &world.origin("second")).await;
    assert!(matches!(again, Creation::Exists(_)), "{again:?}");
}

async fn assert_changed(world: &World, stored: &Stored, origin: &Origin<'_>) {
    let before = world.items().await;
    let agent = samples::bare_agent(world.company_id);
    let created = create(world, &agent, Some(&stored.phone_number), origin).await;
    assert!(matches!(created, Creation::Changed), "{created:?}");
    assert_eq!(world.items().await, before, "a refused request changed the table");
}
