//! Webhooks: the register that bounds and announces them, and what each change of theirs writes.

use std::collections::BTreeSet;

use domain::Versioned;
use domain::company::{CompanyId, Owner};
use domain::event::EventType;
use domain::idempotency::Fingerprint;
use domain::webhook::{PauseReason, WEBHOOKS_MAX, Webhook, WebhookId};
use serde_json::json;
use store::{Changed, Creation, LookupError, Named, Record, Recorded, RegisterFull, Subscriptions};
use tests::faults::Operation::{BatchGetItem, GetItem, TransactWriteItems, UpdateItem};
use tests::faults::{Fault, FaultScript};
use uuid::Uuid;

use crate::samples;
use crate::test_table::{TestTable, now};

const RECORD: Record<'_> = Record { request_id: "r", fingerprint: None };

async fn create(table: &TestTable, webhook: &Webhook) -> Creation<Webhook, RegisterFull> {
    table.store.session().create_webhook(webhook.clone(), None, RECORD).await.unwrap()
}

async fn created(table: &TestTable, owner: Owner) -> Versioned<Webhook> {
    let webhook = samples::webhook(owner);
    assert!(matches!(create(table, &webhook).await, Creation::Created(_)));
    Versioned { version: 1, value: webhook }
}

async fn subscriptions(table: &TestTable, companies: &[CompanyId]) -> Subscriptions {
    table.store.session().subscriptions(companies).await.unwrap()
}

async fn wanting(table: &TestTable, event: EventType, company_id: CompanyId) -> BTreeSet<WebhookId> {
    subscriptions(table, &[company_id]).await.wanting(event, company_id).collect()
}

fn register_key(company_id: CompanyId) -> String {
    format!("WEBHOOKS#COMPANY#{company_id}")
}

#[tokio::test]
async fn a_webhook_and_its_entry_become_visible_together() {
    let table = TestTable::start().await;
    let owner = Owner::Company(table.company_id);
    let first = created(&table, owner).await;
    // The register was not there yet, which only an attempt can tell.
    assert_eq!(table.requests(), [TransactWriteItems; 2]);
    let second = created(&table, owner).await;
    assert_eq!(table.requests(), [TransactWriteItems]);

    let mut session = table.store.session();
    assert_eq!(session.webhooks(owner).await.unwrap().len(), 2);
    assert_eq!(table.requests(), [GetItem, BatchGetItem]);
    let both = BTreeSet::from([first.value.id, second.value.id]);
    assert_eq!(wanting(&table, EventType::InterviewCompleted, table.company_id).await, both);
    assert_eq!(wanting(&table, EventType::InterviewFailed, table.company_id).await, BTreeSet::new());
}

#[tokio::test]
async fn there_are_never_more_than_fifty_however_many_are_created_at_once() {
    let table = TestTable::start().await;
    let owner = Owner::Company(table.company_id);
    let attempts = (0..WEBHOOKS_MAX + 14).map(|_| {
        let (store, webhook) = (table.store.clone(), samples::webhook(owner));
        tokio::spawn(async move { store.session().create_webhook(webhook, None, RECORD).await.unwrap() })
    });
    let mut refused = 0;
    for attempt in attempts.collect::<Vec<_>>() {
        match attempt.await.unwrap() {
            Creation::Created(_) => {}
            Creation::Refused(RegisterFull) => refused += 1,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(refused, 14);
    let webhooks = table.store.session().webhooks(owner).await.unwrap();
    assert_eq!(webhooks.len(), WEBHOOKS_MAX);

    // A place that is given back can be taken, and another owner has its own fifty.
    let one = Versioned { version: 1, value: webhooks[0].clone() };
    assert_eq!(table.store.session().delete_webhook(&one, now()).await.unwrap(), Changed::Done);
    created(&table, owner).await;
    assert!(matches!(create(&table, &samples::webhook(owner)).await, Creation::Refused(RegisterFull)));
    created(&table, Owner::Ats(samples::ats().id)).await;
}

#[tokio::test]
async fn a_repeat_finds_what_the_first_request_created_even_when_there_is_no_room_left() {
    let table = TestTable::start().await;
    let owner = Owner::Company(table.company_id);
    let fingerprint = Fingerprint::of(&"first").unwrap();
    let webhook = samples::webhook(owner);
    let first = Record { request_id: "first", fingerprint: Some(&fingerprint) };
    let mut session = table.store.session();
    assert!(matches!(session.create_webhook(webhook.clone(), None, first).await.unwrap(), Creation::Created(_)));
    for _ in 1..WEBHOOKS_MAX {
        created(&table, owner).await;
    }
    let again = session.create_webhook(webhook.clone(), None, RECORD).await.unwrap();
    let recorded = Recorded { resource: webhook.clone(), fingerprint: Some(fingerprint.clone()) };
    assert!(matches!(again, Creation::Exists(ref found) if *found == recorded), "{again:?}");
    // The same request again: its first answer was lost.
    let again = session.create_webhook(webhook.clone(), None, first).await.unwrap();
    assert!(matches!(again, Creation::Created(ref found) if *found == webhook), "{again:?}");
    assert_eq!(session.recorded_webhook(owner, webhook.id).await.unwrap(), Some(recorded));
    let somebody = Owner::Company(samples::company_id());
    assert_eq!(session.recorded_webhook(somebody, webhook.id).await.unwrap(), None);
}

#[tokio::test]
async fn a_change_writes_what_differs_and_nothing_if_it_comes_too_late() {
    let table = TestTable::start().await;
    let old = created(&table, Owner::Company(table.company_id)).await;
    let key = format!("WEBHOOK#{}", old.value.id);
    table.change(&key, "WEBHOOK", json!({"fromTheFuture": 1})).await;
    table.requests();

    let renamed =
        Webhook { name: Some(domain::text::SingleLine::parse("New").unwrap()), description: None, ..old.value.clone() };
    let mut session = table.store.session();
    assert_eq!(session.change_webhook(&old, &renamed, None).await.unwrap(), Changed::Done);
    assert_eq!(table.requests(), [UpdateItem], "the register does not know the name");
    let stored = table.item(&key, "WEBHOOK").await;
    assert_eq!((&stored["name"], &stored["version"], &stored["fromTheFuture"]), (&json!("New"), &json!(2), &json!(1)));
    assert_eq!(stored["requestId"], "r");
    assert_eq!(stored.get("description"), None);
    assert_eq!(session.webhook(old.value.id).await.unwrap(), Some(Versioned { version: 2, value: renamed.clone() }));

    let before = table.items().await;
    assert_eq!(session.change_webhook(&old, &old.value, None).await.unwrap(), Changed::Outdated);
    assert_eq!(table.items().await, before);
}

#[tokio::test]
async fn whoever_pauses_or_changes_its_events_is_heard_by_the_publisher_at_once() {
    let table = TestTable::start().await;
    let old = created(&table, Owner::Company(table.company_id)).await;
    let paused = Webhook { paused: Some(PauseReason::Gone), ..old.value.clone() };
    let mut session = table.store.session();
    table.requests();
    assert_eq!(session.change_webhook(&old, &paused, None).await.unwrap(), Changed::Done);
    assert_eq!(table.requests(), [TransactWriteItems]);
    assert_eq!(wanting(&table, EventType::InterviewCompleted, table.company_id).await, BTreeSet::new());

    let paused = Versioned { version: 2, value: paused };
    let other = Webhook { events: vec![EventType::InterviewFailed], paused: None, ..old.value.clone() };
    assert_eq!(session.change_webhook(&paused, &other, None).await.unwrap(), Changed::Done);
    assert_eq!(wanting(&table, EventType::InterviewCompleted, table.company_id).await, BTreeSet::new());
    let it = BTreeSet::from([old.value.id]);
    assert_eq!(wanting(&table, EventType::InterviewFailed, table.company_id).await, it);
}

#[tokio::test]
async fn a_deleted_webhook_leaves_a_tombstone_that_a_repeat_does_not_wake() {
    let table = TestTable::start().await;
    let owner = Owner::Company(table.company_id);
    let old = created(&table, owner).await;
    let id = old.value.id;
    let mut session = table.store.session();
    assert_eq!(session.delete_webhook(&old, now()).await.unwrap(), Changed::Done);
    assert_eq!(session.delete_webhook(&old, now()).await.unwrap(), Changed::Outdated);

    assert_eq!(session.webhooks(owner).await.unwrap(), []);
    assert_eq!(session.webhook(id).await.unwrap(), None);
    assert_eq!(session.recorded_webhook(owner, id).await.unwrap(), None);
    assert_eq!(wanting(&table, EventType::InterviewCompleted, table.company_id).await, BTreeSet::new());
    assert!(matches!(create(&table, &old.value).await, Creation::Deleted));

    let stored = table.item(&format!("WEBHOOK#{id}"), "WEBHOOK").await;
    assert_eq!(stored["entityType"], "Tombstone");
    assert_eq!(stored.get("sealed"), None);
    assert_eq!(stored["expiresAt"], now().epoch_seconds() + 30 * 24 * 60 * 60);

    let lookup = store::Lookup {
        api_key: domain::api_key::ApiKeySecret::generate().unwrap().hash(),
        company: None,
        named: Named { webhook: Some(id), ..Named::default() },
    };
    let mut opened = session.look_up(&lookup).await.unwrap().closed.open_webhooks(owner);
    assert!(matches!(opened.webhook(id), Err(LookupError::Access(domain::resource::AccessError::NotFound(_)))));
}

#[tokio::test]
async fn a_webhook_opens_to_who_manages_it_and_to_nobody_else() {
    let table = TestTable::start().await;
    let owners = [Owner::Company(table.company_id), Owner::Ats(domain::company::AtsId::new(table.company_id.uuid()))];
    for owner in owners {
        let webhook = created(&table, owner).await;
        for other in owners {
            let named = Named { webhook: Some(webhook.value.id), ..Named::default() };
            let api_key = domain::api_key::ApiKeySecret::generate().unwrap().hash();
            let lookup = store::Lookup { api_key, company: None, named };
            let found = table.store.session().look_up(&lookup).await.unwrap();
            match found.closed.open_webhooks(other).webhook(webhook.value.id) {
                Ok(opened) => assert_eq!((opened, other), (webhook.clone(), owner)),
                Err(LookupError::Access(domain::resource::AccessError::Forbidden(_))) => assert_ne!(other, owner),
                Err(other) => panic!("{other:?}"),
            }
        }
    }
}

#[tokio::test]
async fn a_system_s_webhooks_hear_of_the_companies_that_it_manages_now_and_of_no_other() {
    let table = TestTable::start().await;
    let (ats, other_ats) = (samples::ats(), samples::ats());
    for ats in [&ats, &other_ats] {
        table.store.create_ats(ats).await.unwrap();
    }
    let mut companies = Vec::new();
    for ats_id in [Some(ats.id), Some(ats.id), Some(other_ats.id), None] {
        let company = samples::company(samples::company_id(), ats_id);
        let allowance = domain::allowance::Allowance::new(company.id, crate::test_table::GRANTED, false, now());
        table.store.create_company(&company, &allowance).await.unwrap();
        companies.push(company.id);
    }
    let of_all = created(&table, Owner::Ats(ats.id)).await.value;
    let mut of_first = Webhook { only_company_id: Some(companies[0]), ..samples::webhook(Owner::Ats(ats.id)) };
    assert!(matches!(create(&table, &of_first).await, Creation::Created(_)));
    let own = created(&table, Owner::Company(companies[0])).await.value;
    let stolen = Webhook { only_company_id: Some(companies[0]), ..samples::webhook(Owner::Ats(other_ats.id)) };
    assert!(matches!(create(&table, &stolen).await, Creation::Created(_)));

    table.requests();
    let found = subscriptions(&table, &companies).await;
    assert_eq!(table.requests(), [BatchGetItem; 2], "whatever the number of companies");
    let event = EventType::InterviewCompleted;
    let wanting = |company: usize| found.wanting(event, companies[company]).collect::<BTreeSet<_>>();
    assert_eq!(wanting(0), BTreeSet::from([of_all.id, of_first.id, own.id]));
    assert_eq!(wanting(1), BTreeSet::from([of_all.id]));
    assert_eq!(wanting(2), BTreeSet::new());
    assert_eq!(wanting(3), BTreeSet::new());
    of_first.events.clear();
    assert_eq!(found.wanting(event, samples::company_id()).count(), 0);
}

#[tokio::test]
async fn hundreds_of_companies_are_asked_about_in_pages() {
    let table = TestTable::start().await;
    let webhook = created(&table, Owner::Company(table.company_id)).await;
    let mut companies: Vec<_> = (0..150).map(|_| samples::company_id()).collect();
    companies.push(table.company_id);
    table.requests();
    let found = subscriptions(&table, &companies).await;
    assert_eq!(table.requests(), [BatchGetItem; 4]);
    let ids: Vec<_> = found.wanting(EventType::InterviewCompleted, table.company_id).collect();
    assert_eq!(ids, [webhook.value.id]);
}

#[tokio::test]
async fn a_company_that_is_not_managed_any_more_refuses_a_webhook_for_it() {
    let table = TestTable::start().await;
    let managed = table.managed_company().await;
    let webhook =
        Webhook { only_company_id: Some(table.company_id), ..samples::webhook(Owner::Ats(samples::ats().id)) };
    table.change(&crate::test_table::company_key(table.company_id), "COMPANY", json!({"version": 2})).await;
    let before = table.items().await;
    let outcome = table.store.session().create_webhook(webhook, Some(&managed), RECORD).await.unwrap();
    assert!(matches!(outcome, Creation::Changed), "{outcome:?}");
    assert_eq!(table.items().await, before);
}

#[tokio::test]
async fn an_answer_that_was_lost_creates_and_counts_once() {
    let table = TestTable::start().await;
    let owner = Owner::Company(table.company_id);
    created(&table, owner).await;
    table.break_with(FaultScript::script([(TransactWriteItems, Fault::AnswerLost)]));
    created(&table, owner).await;
    assert_eq!(table.store.session().webhooks(owner).await.unwrap().len(), 2);
    let register = table.item(&register_key(table.company_id), "REGISTER").await;
    assert_eq!(register["webhooks"].as_object().unwrap().len(), 2);
    assert_eq!(register["version"], 2);
}

#[tokio::test]
async fn the_items_look_as_documented() {
    let table = TestTable::start().await;
    let id = Uuid::from_u128(0x0a00_0000_0000_4000_8000_0000_0000_00eb);
    let owner = Owner::Company(table.company_id);
    let webhook = Webhook { id: WebhookId::new(id), ..samples::webhook(owner) };
    create(&table, &webhook).await;
    let stored = table.item(&format!("WEBHOOK#{id}"), "WEBHOOK").await;
    let expected = json!({
        "PK": "WEBHOOK#0a000000-0000-4000-8000-0000000000eb", "SK": "WEBHOOK",
        "entityType": "Webhook", "version": 1, "requestId": "r",
        "id": id, "companyId": table.company_id, "url": "https://example.com/hooks?tenant=1",
        "events": ["interview.completed", "analysis.completed"], "name": "Hooks", "description": "For tests",
        "headerNames": ["Authorization"], "circuit": {"consecutiveFailures": 0}, "sealed": [1, 2, 3],
        "createdAt": "2026-11-22T10:00:00.123Z", "updatedAt": "2026-11-22T10:00:00.123Z",
    });
    assert_eq!(stored, expected, "{stored:#}");
    let register = table.item(&register_key(table.company_id), "REGISTER").await;
    let expected = json!({
        "PK": register_key(table.company_id), "SK": "REGISTER", "entityType": "WebhookRegister", "version": 1,
        "companyId": table.company_id,
        "webhooks": {id.to_string(): {"events": ["interview.completed", "analysis.completed"], "isActive": true}},
        "createdAt": "2026-11-22T10:00:00.123Z", "updatedAt": "2026-11-22T10:00:00.123Z",
    });
    assert_eq!(register, expected, "{register:#}");
}
