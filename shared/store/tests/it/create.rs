//! Creating: the guarantees of everything that a request creates, and those of agents.

use std::fmt::Display;

use domain::company::Owner;
use domain::idempotency::Fingerprint;
use domain::text::SingleLine;
use domain::webhook::{WEBHOOKS_MAX, Webhook};
use serde_json::json;
use store::{Creation, Earlier, EntityId, Existing, IdempotencyRecord, Owned, WriteContext};
use tests::faults::Operation::{PutItem, TransactWriteItems};

use crate::samples::{self, Stored, new_agent};
use crate::test_table::{Comparable, TestTable, company_key};

/// Fails unless a repeat finds what the first request created, which its tenant alone sees, and costs nothing; and unless
/// it finds the tombstone once that is deleted.
async fn assert_repeats_are_known<C, I>(table: &TestTable, new: &C, repeat: &C, id: I, kind: &str)
where
    C: Comparable<Entity: Owned>,
    I: EntityId<Entity = C::Entity> + Display,
{
    let fingerprint = Fingerprint::of(&"first").unwrap();
    let record = IdempotencyRecord { request_id: "first", fingerprint: Some(&fingerprint) };
    let (first, second) = (WriteContext { record, ..table.context("first") }, table.context("second"));
    let entity = table.created_by(new, &first).await;
    let before = table.items().await;

    let existing = Existing { entity: entity.clone(), fingerprint: Some(fingerprint.clone()) };
    assert_eq!(table.create(repeat, &second).await, Creation::Exists(existing.clone()));
    // The same request again: its first answer was lost, and the transaction's token forgotten.
    assert_eq!(table.create(new, &first).await, Creation::Created(entity));
    assert_eq!(table.items().await, before, "a repeated {kind} changed the table");

    let mut session = table.store.session();
    assert_eq!(session.earlier(table.owner(), id).await.unwrap(), Some(Earlier::Exists(existing)));
    for other in [Owner::Company(samples::company_id()), Owner::Ats(samples::ats().id)] {
        assert_eq!(session.earlier(other, id).await.unwrap(), None);
    }
    table.put_tombstone(&format!("{kind}#{id}"), kind).await;
    assert_eq!(session.earlier(table.owner(), id).await.unwrap(), Some(Earlier::Deleted(None)));
    for context in [first, second] {
        assert_eq!(table.create(repeat, &context).await, Creation::Deleted(None));
    }
}

#[tokio::test]
async fn a_repeat_finds_what_the_first_request_created_and_does_not_wake_what_was_deleted() {
    let (table, stored) = Stored::start().await;
    for new in [new_agent(samples::bare_agent(table.company_id)), stored.calling_agent()] {
        let mut renamed = new.clone();
        renamed.agent.profile.name = SingleLine::parse("Another").unwrap();
        assert_repeats_are_known(&table, &new, &renamed, new.agent.id, "AGENT").await;
    }
    let new = stored.all_named();
    assert_repeats_are_known(&table, &new, &new, new.interview.id, "INTERVIEW").await;
    // Even when there is no room left.
    for _ in 1..WEBHOOKS_MAX {
        table.created(&samples::new_webhook(table.owner())).await;
    }
    let new = samples::new_webhook(table.owner());
    assert_repeats_are_known(&table, &new, &new, new.webhook.id, "WEBHOOK").await;
}

#[tokio::test]
async fn a_company_must_be_managed_as_it_was_read() {
    let (table, stored) = Stored::start().await;
    let (key, context) = (company_key(table.company_id), table.managed().await);
    let (company, changes) = ((key.as_str(), "COMPANY"), [json!({"version": 2, "atsId": null})]);
    let webhook =
        Webhook { only_company_id: Some(table.company_id), ..samples::webhook(Owner::Ats(samples::ats().id)) };
    table.assert_guards(&stored.calling_agent(), &context, company, &changes).await;
    table.assert_guards(&stored.all_named(), &context, company, &changes).await;
    let webhook = samples::with_secrets(webhook);
    table.assert_guards(&webhook, &context, company, &changes).await;
    table.created_by(&stored.calling_agent(), &context).await;
    table.created_by(&stored.all_named(), &context).await;
    table.created_by(&webhook, &context).await;
}

#[tokio::test]
async fn an_agent_alone_is_a_single_write_and_guarded_a_transaction() {
    let (table, stored) = Stored::start().await;
    let (alone, calling) = (new_agent(samples::bare_agent(table.company_id)), stored.calling_agent());
    let managed = table.managed().await;
    table.requests();
    assert_eq!(table.created(&alone).await, alone.agent);
    assert_eq!(table.requests(), [PutItem]);
    assert_eq!(table.created_by(&calling, &managed).await, calling.agent);
    assert_eq!(table.requests(), [TransactWriteItems]);
}

#[tokio::test]
async fn the_telephone_number_of_a_new_agent_must_be_as_it_was_read() {
    let (table, stored) = Stored::start().await;
    let (id, calling) = (table.company_id, stored.calling_agent());
    let interview = samples::bringing(samples::bare_candidate(id), stored.calling_agent(), samples::bare_job(id));
    let key = format!("PHONE#{}", stored.phone_number.value.id);
    let changes = [json!({"companyId": samples::company_id()}), json!({"version": 2})];
    table.assert_guards(&calling, &table.context("r"), (&key, "PHONE"), &changes).await;
    table.assert_guards(&interview, &table.context("r"), (&key, "PHONE"), &changes).await;
    table.created(&interview).await;
    table.created(&calling).await;

    // But a repeat outranks a change.
    table.remove(&key, "PHONE").await;
    let again = table.create(&calling, &table.context("second")).await;
    assert!(matches!(again, Creation::Exists(_)), "{again:?}");
}
