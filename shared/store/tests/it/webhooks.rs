//! Webhooks: the registry that bounds and announces them, and the writes of each change.

use std::collections::BTreeSet;

use domain::Versioned;
use domain::company::{AtsId, CompanyId, Owner};
use domain::event::EventType;
use domain::idempotency::Fingerprint;
use domain::interview::InterviewId;
use domain::resource::AccessError;
use domain::text::SingleLine;
use domain::webhook::{PauseReason, Sealed, WEBHOOKS_MAX, Webhook, WebhookId};
use serde_json::json;
use store::{Creation, Earlier, IdempotencyRecord, LookupError, References, RegistryFull, Updated, WriteContext};
use tests::faults::Operation::{BatchGetItem, GetItem, TransactWriteItems, UpdateItem};
use tests::faults::{Fault, FaultScript};
use uuid::Uuid;

use crate::samples::{self, Stored, first};
use crate::test_table::{TestTable, denied, now};

async fn created(table: &TestTable, owner: Owner) -> Versioned<Webhook> {
    first(table.created(&samples::new_webhook(owner)).await)
}

/// A webhook as its owner sees it.
async fn seen(table: &TestTable, owner: Owner, id: WebhookId) -> Result<Versioned<Webhook>, LookupError> {
    table.scoped(owner, References::default().with(Some(id))).await.get(id)
}

async fn wanting(table: &TestTable, event: EventType, company_id: CompanyId) -> BTreeSet<WebhookId> {
    table.store.system().subscriptions(&[company_id]).await.unwrap().wanting(event, company_id).collect()
}

fn registry_key(company_id: CompanyId) -> String {
    format!("WEBHOOKS#COMPANY#{company_id}")
}

#[tokio::test]
async fn a_webhook_and_its_entry_become_visible_together() {
    let table = TestTable::start().await;
    let owner = table.owner();
    let first = created(&table, owner).await;
    // The registry was not there yet, which only an attempt can tell.
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
    let owner = table.owner();
    let all = (0..WEBHOOKS_MAX + 14).map(|_| samples::new_webhook(owner));
    let outcomes = table.create_all(all, &table.context("r")).await;
    let (created_now, refused): (Vec<_>, Vec<_>) =
        outcomes.into_iter().partition(|outcome| matches!(outcome, Creation::Created(_)));
    assert_eq!((created_now.len(), refused.len()), (WEBHOOKS_MAX, 14));
    assert!(refused.iter().all(|outcome| *outcome == Creation::Refused(RegistryFull)), "{refused:?}");
    let webhooks = table.store.session().webhooks(owner).await.unwrap();
    assert_eq!(webhooks.len(), WEBHOOKS_MAX);

    // A place that is given back can be taken, and another owner has its own fifty.
    let deleted = table.store.session().delete_webhook(&first(webhooks[0].clone()), now()).await.unwrap();
    assert_eq!(deleted, Updated::Applied);
    created(&table, owner).await;
    let refused = table.create(&samples::new_webhook(owner), &table.context("r")).await;
    assert_eq!(refused, Creation::Refused(RegistryFull));
    created(&table, Owner::Ats(samples::ats().id)).await;
}

#[tokio::test]
async fn a_change_writes_what_differs_and_nothing_if_it_comes_too_late() {
    let table = TestTable::start().await;
    let old = created(&table, table.owner()).await;
    let (id, key) = (old.value.id, format!("WEBHOOK#{}", old.value.id));
    // What differs between what was read and what shall be is none of these.
    table.change(&key, "WEBHOOK", json!({"fromTheFuture": 1, "url": "https://example.com/elsewhere"})).await;
    let mut expected = samples::with(table.item(&key, "WEBHOOK").await, json!({"name": "New", "version": 2}));
    expected.as_object_mut().unwrap().remove("description");
    table.requests();

    let name = SingleLine::parse("New").ok();
    let renamed = Webhook { name, description: None, ..old.value.clone() };
    let mut session = table.store.session();
    assert_eq!(session.change_webhook(&old, &renamed, None, now()).await.unwrap(), Updated::Applied);
    assert_eq!(table.requests(), [UpdateItem], "the registry does not know the name");
    assert_eq!(table.item(&key, "WEBHOOK").await, expected);
    table.change(&key, "WEBHOOK", json!({"url": old.value.url})).await;
    let latest = Versioned { version: 2, value: renamed };
    assert_eq!(seen(&table, table.owner(), id).await.unwrap(), latest);
    assert_eq!(table.store.system().webhook_again(id).await.unwrap(), Some(latest));

    let before = table.items().await;
    assert_eq!(session.change_webhook(&old, &old.value, None, now()).await.unwrap(), Updated::Outdated);
    assert_eq!(table.items().await, before);
}

/// Two who change the same at the same time can't tell whose change it was.
#[tokio::test]
async fn a_change_whose_answer_was_lost_is_made_once_and_taken_for_somebody_else_s() {
    let table = TestTable::start().await;
    let old = created(&table, table.owner()).await;
    let faults = [Fault::Throttled, Fault::AnswerLost, Fault::Unavailable];
    table.break_with(FaultScript::script(faults.map(|fault| (UpdateItem, fault))));
    let changed = table.store.session().change_webhook(&old, &old.value, None, now()).await.unwrap();
    assert_eq!((changed, table.requests()), (Updated::Outdated, vec![UpdateItem; 4]));
    assert_eq!(seen(&table, table.owner(), old.value.id).await.unwrap(), Versioned { version: 2, ..old });
}

#[tokio::test]
async fn whoever_pauses_or_changes_its_events_is_heard_by_the_publisher_at_once() {
    let table = TestTable::start().await;
    let old = created(&table, table.owner()).await;
    let paused = Webhook { paused: Some(PauseReason::Gone), ..old.value.clone() };
    let mut session = table.store.session();
    table.requests();
    assert_eq!(session.change_webhook(&old, &paused, None, now()).await.unwrap(), Updated::Applied);
    assert_eq!(table.requests(), [TransactWriteItems]);
    assert_eq!(wanting(&table, EventType::InterviewCompleted, table.company_id).await, BTreeSet::new());

    let paused = Versioned { version: 2, value: paused };
    let other = Webhook { events: vec![EventType::InterviewFailed], paused: None, ..old.value.clone() };
    assert_eq!(session.change_webhook(&paused, &other, None, now()).await.unwrap(), Updated::Applied);
    assert_eq!(wanting(&table, EventType::InterviewCompleted, table.company_id).await, BTreeSet::new());
    let it = BTreeSet::from([old.value.id]);
    assert_eq!(wanting(&table, EventType::InterviewFailed, table.company_id).await, it);
}

#[tokio::test]
async fn a_deleted_webhook_leaves_a_tombstone_that_a_repeat_does_not_wake() {
    let table = TestTable::start().await;
    let owner = table.owner();
    let old = created(&table, owner).await;
    let id = old.value.id;
    let mut session = table.store.session();
    assert_eq!(session.delete_webhook(&old, now()).await.unwrap(), Updated::Applied);
    assert_eq!(session.delete_webhook(&old, now()).await.unwrap(), Updated::Outdated);

    assert_eq!(session.webhooks(owner).await.unwrap(), []);
    assert_eq!(session.earlier(owner, id).await.unwrap(), Some(Earlier::Deleted(None)));
    assert_eq!(denied(seen(&table, owner, id).await), AccessError::NotFound(id.into()));
    assert_eq!(wanting(&table, EventType::InterviewCompleted, table.company_id).await, BTreeSet::new());
    assert_eq!(
        table.create(&samples::with_secrets(old.value.clone()), &table.context("r")).await,
        Creation::Deleted(None)
    );

    let stored = table.item(&format!("WEBHOOK#{id}"), "WEBHOOK").await;
    assert_eq!(stored["entityType"], "Tombstone");
    let secrets = table.item(&format!("WEBHOOK#{id}"), "SECRETS").await;
    assert_eq!(secrets["entityType"], "Tombstone");
    assert_eq!((stored.get("sealed"), secrets.get("sealed")), (None, None));
    assert_eq!(session.webhook_secrets(&old.value).await.unwrap(), None);
    for tombstone in [stored, secrets] {
        assert_eq!(tombstone["expiresAt"], now().epoch_seconds() + 30 * 24 * 60 * 60);
    }
}

/// The fingerprint tells a repeat from another request under the same key.
#[tokio::test]
async fn a_tombstone_keeps_the_fingerprint_of_the_request_that_created_it() {
    let table = TestTable::start().await;
    let fingerprint = Fingerprint::of(&"first").unwrap();
    let record = IdempotencyRecord { request_id: "first", fingerprint: Some(&fingerprint) };
    let context = WriteContext { record, ..table.context("first") };
    let webhook = table.created_by(&samples::with_secrets(samples::webhook(table.owner())), &context).await;
    let mut session = table.store.session();
    assert_eq!(session.delete_webhook(&first(webhook.clone()), now()).await.unwrap(), Updated::Applied);
    let stored = table.item(&format!("WEBHOOK#{}", webhook.id), "WEBHOOK").await;
    assert_eq!((&stored["entityType"], &stored["fingerprint"]), (&json!("Tombstone"), &json!(fingerprint.as_str())));
    assert_eq!(stored.as_object().unwrap().len(), 8);
    assert_eq!(
        table.create(&samples::with_secrets(webhook.clone()), &table.context("second")).await,
        Creation::Deleted(Some(fingerprint))
    );
}

#[tokio::test]
async fn a_webhook_opens_to_who_manages_it_and_to_nobody_else() {
    let table = TestTable::start().await;
    let owners = [table.owner(), Owner::Ats(AtsId::new(table.company_id.uuid()))];
    for owner in owners {
        let webhook = created(&table, owner).await;
        for other in owners {
            match seen(&table, other, webhook.value.id).await {
                Ok(found) => assert_eq!((found, other), (webhook.clone(), owner)),
                Err(LookupError::Access(AccessError::Forbidden(_))) => assert_ne!(other, owner),
                Err(other) => panic!("{other:?}"),
            }
        }
    }
}

/// As for a redelivery, which tells the event from the interview as it stands.
#[tokio::test]
async fn a_webhook_hears_of_the_interviews_of_its_owner_s_companies_and_of_no_other() {
    let (table, stored) = Stored::start().await;
    let (ats, other_ats) = (samples::ats(), samples::ats());
    table.store.create_ats(&ats, samples::ID_SECRET).await.unwrap();
    let managed = samples::company(Some(ats.id));
    table.add_company(&managed).await;
    let own = table.created(&stored.candidate_unchanged()).await;
    let of_managed = table.created(&samples::all_new(managed.id)).await;

    let mut session = table.store.session();
    for (owner, only_company_id, heard) in [
        (table.owner(), None, [true, false]),
        (Owner::Company(managed.id), None, [false, true]),
        (Owner::Ats(ats.id), None, [false, true]),
        (Owner::Ats(ats.id), Some(managed.id), [false, true]),
        (Owner::Ats(ats.id), Some(table.company_id), [false, false]),
        (Owner::Ats(other_ats.id), None, [false, false]),
    ] {
        let webhook = Webhook { only_company_id, ..samples::webhook(owner) };
        for (interview, heard) in [&own, &of_managed].into_iter().zip(heard) {
            let found = session.interview_heard_by(&webhook, interview.id).await;
            if heard {
                assert_eq!(found.unwrap(), *interview);
            } else {
                assert_eq!(denied(found), AccessError::Forbidden(interview.id.into()), "{webhook:?}");
            }
        }
    }
    let (webhook, unknown) = (samples::webhook(table.owner()), InterviewId::new(Uuid::new_v4()));
    let found = session.interview_heard_by(&webhook, unknown).await;
    assert_eq!(denied(found), AccessError::NotFound(unknown.into()));
}

#[tokio::test]
async fn a_system_s_webhooks_hear_of_the_companies_that_it_manages_now_and_of_no_other() {
    let table = TestTable::start().await;
    let (ats, other_ats) = (samples::ats(), samples::ats());
    for ats in [&ats, &other_ats] {
        table.store.create_ats(ats, samples::ID_SECRET).await.unwrap();
    }
    let mut companies = Vec::new();
    for ats_id in [Some(ats.id), Some(ats.id), Some(other_ats.id), None] {
        let company = samples::company(ats_id);
        table.add_company(&company).await;
        companies.push(company.id);
    }
    let of_all = created(&table, Owner::Ats(ats.id)).await.value;
    let of_first = Webhook { only_company_id: Some(companies[0]), ..samples::webhook(Owner::Ats(ats.id)) };
    table.created(&samples::with_secrets(of_first.clone())).await;
    let own = created(&table, Owner::Company(companies[0])).await.value;
    let stolen = Webhook { only_company_id: Some(companies[0]), ..samples::webhook(Owner::Ats(other_ats.id)) };
    table.created(&samples::with_secrets(stolen)).await;

    table.requests();
    let found = table.store.system().subscriptions(&companies).await.unwrap();
    assert_eq!(table.requests(), [BatchGetItem; 2], "whatever the number of companies");
    let event = EventType::InterviewCompleted;
    let wanting = |company: usize| found.wanting(event, companies[company]).collect::<BTreeSet<_>>();
    assert_eq!(wanting(0), BTreeSet::from([of_all.id, of_first.id, own.id]));
    assert_eq!(wanting(1), BTreeSet::from([of_all.id]));
    assert_eq!(wanting(2), BTreeSet::new());
    assert_eq!(wanting(3), BTreeSet::new());
    assert_eq!(found.wanting(event, samples::company_id()).count(), 0);
}

#[tokio::test]
async fn hundreds_of_companies_are_asked_about_in_pages() {
    let table = TestTable::start().await;
    let webhook = created(&table, table.owner()).await;
    let mut companies: Vec<_> = (0..150).map(|_| samples::company_id()).collect();
    companies.push(table.company_id);
    table.requests();
    let found = table.store.system().subscriptions(&companies).await.unwrap();
    assert_eq!(table.requests(), [BatchGetItem; 4]);
    let ids: Vec<_> = found.wanting(EventType::InterviewCompleted, table.company_id).collect();
    assert_eq!(ids, [webhook.value.id]);
}

#[tokio::test]
async fn an_answer_that_was_lost_creates_and_counts_once() {
    let table = TestTable::start().await;
    let owner = table.owner();
    created(&table, owner).await;
    table.break_with(FaultScript::script([(TransactWriteItems, Fault::AnswerLost)]));
    created(&table, owner).await;
    assert_eq!(table.store.session().webhooks(owner).await.unwrap().len(), 2);
    let registry = table.item(&registry_key(table.company_id), "REGISTER").await;
    assert_eq!(registry["webhooks"].as_object().unwrap().len(), 2);
    assert_eq!(registry["version"], 2);
}

#[tokio::test]
async fn the_items_look_as_documented() {
    let table = TestTable::start().await;
    let id = Uuid::from_u128(0x0a00_0000_0000_4000_8000_0000_0000_00eb);
    let owner = table.owner();
    let webhook = Webhook { id: WebhookId::new(id), ..samples::webhook(owner) };
    table.created(&samples::with_secrets(webhook.clone())).await;
    let stored = table.item(&format!("WEBHOOK#{id}"), "WEBHOOK").await;
    let expected = json!({
        "PK": "WEBHOOK#0a000000-0000-4000-8000-0000000000eb", "SK": "WEBHOOK",
        "entityType": "Webhook", "version": 1, "requestId": "r",
        "id": id, "companyId": table.company_id, "url": "https://example.com/hooks?tenant=1",
        "events": ["interview.completed", "analysis.completed"], "name": "Hooks", "description": "For tests",
        "headerNames": ["Authorization"], "circuit": {"consecutiveFailures": 0},
        "createdByKeyId": webhook.created_by_key_id.unwrap(),
        "createdAt": "2026-11-22T10:00:00.123Z", "updatedAt": "2026-11-22T10:00:00.123Z",
    });
    assert_eq!(stored, expected, "{stored:#}");
    let secrets = table.item(&format!("WEBHOOK#{id}"), "SECRETS").await;
    let expected = json!({
        "PK": "WEBHOOK#0a000000-0000-4000-8000-0000000000eb", "SK": "SECRETS",
        "entityType": "WebhookSecrets", "version": 1, "webhookId": id, "sealed": [1, 2, 3],
        "createdAt": "2026-11-22T10:00:00.123Z", "updatedAt": "2026-11-22T10:00:00.123Z",
    });
    assert_eq!(secrets, expected, "{secrets:#}");
    let registry = table.item(&registry_key(table.company_id), "REGISTER").await;
    let expected = json!({
        "PK": registry_key(table.company_id), "SK": "REGISTER", "entityType": "WebhookRegister", "version": 1,
        "companyId": table.company_id,
        "webhooks": {id.to_string(): {"events": ["interview.completed", "analysis.completed"], "isActive": true}},
        "createdAt": "2026-11-22T10:00:00.123Z", "updatedAt": "2026-11-22T10:00:00.123Z",
    });
    assert_eq!(registry, expected, "{registry:#}");
}

/// A webhook as it was stored when its secrets were part of its item.
async fn created_with_secrets_within(table: &TestTable, owner: Owner) -> Versioned<Webhook> {
    let sealed_within = Some(Sealed::new(vec![7, 8, 9]));
    let webhook = samples::with_secrets(Webhook { sealed_within, ..samples::webhook(owner) });
    let created = first(table.created(&webhook).await);
    table.remove(&format!("WEBHOOK#{}", created.value.id), "SECRETS").await;
    table.requests();
    created
}

#[tokio::test]
async fn secrets_are_read_apart_from_their_webhook() {
    let table = TestTable::start().await;
    let webhook = created(&table, table.owner()).await.value;
    table.requests();
    let mut session = table.store.session();
    let secrets = session.webhook_secrets(&webhook).await.unwrap().unwrap();
    assert_eq!((secrets.sealed, table.requests()), (Sealed::new(vec![1, 2, 3]), vec![GetItem]));
}

#[tokio::test]
async fn a_webhook_and_its_secrets_change_together_or_not_at_all() {
    let table = TestTable::start().await;
    let old = created(&table, table.owner()).await;
    let (id, key) = (old.value.id, format!("WEBHOOK#{}", old.value.id));
    let mut session = table.store.session();
    let read = session.webhook_secrets(&old.value).await.unwrap().unwrap();
    let renamed = Webhook { name: SingleLine::parse("New").ok(), ..old.value.clone() };
    table.requests();
    let sealed = Sealed::new(vec![4]);
    let changed =
        session.change_webhook_with_secrets(&old, &renamed, &read, sealed.clone(), None, now()).await.unwrap();
    assert_eq!((changed, table.requests()), (Updated::Applied, vec![TransactWriteItems]));
    assert_eq!(seen(&table, table.owner(), id).await.unwrap(), Versioned { version: 2, value: renamed.clone() });
    let secrets = table.item(&key, "SECRETS").await;
    assert_eq!((&secrets["sealed"], &secrets["version"]), (&json!([4]), &json!(2)));

    // Neither of what was read then may be changed now: not the webhook, and not the secrets.
    let before = table.items().await;
    let latest = Versioned { version: 2, value: renamed.clone() };
    for old in [&old, &latest] {
        let late =
            session.change_webhook_with_secrets(old, &renamed, &read, sealed.clone(), None, now()).await.unwrap();
        assert_eq!(late, Updated::Outdated);
    }
    let read = session.webhook_secrets(&renamed).await.unwrap().unwrap();
    let late = session.change_webhook_with_secrets(&old, &renamed, &read, sealed, None, now()).await.unwrap();
    assert_eq!((late, table.items().await), (Updated::Outdated, before));
}

#[tokio::test]
async fn secrets_within_a_webhook_s_item_are_read_there_and_move_beside_it_with_any_change() {
    let table = TestTable::start().await;
    let old = created_with_secrets_within(&table, table.owner()).await;
    let key = format!("WEBHOOK#{}", old.value.id);
    let mut session = table.store.session();
    let read = session.webhook_secrets(&old.value).await.unwrap().unwrap();
    assert_eq!((&read.sealed, table.requests()), (&Sealed::new(vec![7, 8, 9]), vec![]));

    assert_eq!(session.change_webhook(&old, &old.value, None, now()).await.unwrap(), Updated::Applied);
    assert_eq!(table.item(&key, "WEBHOOK").await.get("sealed"), None);
    let moved = table.item(&key, "SECRETS").await;
    assert_eq!((&moved["sealed"], &moved["version"]), (&json!([7, 8, 9]), &json!(1)));
    let current = seen(&table, table.owner(), old.value.id).await.unwrap();
    assert_eq!(current.value, Webhook { sealed_within: None, ..old.value.clone() });
    assert_eq!(session.webhook_secrets(&current.value).await.unwrap().unwrap().sealed, Sealed::new(vec![7, 8, 9]));
    // Whoever read the secrets where they were comes too late.
    let late = session
        .change_webhook_with_secrets(&current, &current.value, &read, Sealed::new(vec![4]), None, now())
        .await
        .unwrap();
    assert_eq!(late, Updated::Outdated);

    // A change of the secrets themselves, an operator's change and a deletion.
    let old = created_with_secrets_within(&table, table.owner()).await;
    let key = format!("WEBHOOK#{}", old.value.id);
    let read = session.webhook_secrets(&old.value).await.unwrap().unwrap();
    let sealed = Sealed::new(vec![4]);
    let changed = session.change_webhook_with_secrets(&old, &old.value, &read, sealed, None, now()).await.unwrap();
    assert_eq!((changed, &table.item(&key, "SECRETS").await["sealed"]), (Updated::Applied, &json!([4])));
    let old = created_with_secrets_within(&table, table.owner()).await;
    table.store.set_webhook_active(old.value.id, None, false, now()).await.unwrap();
    assert_eq!(table.item(&format!("WEBHOOK#{}", old.value.id), "SECRETS").await["sealed"], json!([7, 8, 9]));
    let old = created_with_secrets_within(&table, table.owner()).await;
    assert_eq!(session.delete_webhook(&old, now()).await.unwrap(), Updated::Applied);
    let key = format!("WEBHOOK#{}", old.value.id);
    assert_eq!(table.item(&key, "WEBHOOK").await["entityType"], "Tombstone");
    assert_eq!(table.item(&key, "SECRETS").await, json!(null));
}

/// The table drops tombstones in no order.
#[tokio::test]
async fn a_webhook_is_created_anew_though_the_tombstone_of_its_secrets_is_still_there() {
    let table = TestTable::start().await;
    let old = created(&table, table.owner()).await;
    table.store.session().delete_webhook(&old, now()).await.unwrap();
    table.remove(&format!("WEBHOOK#{}", old.value.id), "WEBHOOK").await;
    table.created(&samples::with_secrets(old.value.clone())).await;
    let secrets = table.store.session().webhook_secrets(&old.value).await.unwrap().unwrap();
    assert_eq!(secrets.sealed, Sealed::new(vec![1, 2, 3]));
    assert_eq!(table.item(&format!("WEBHOOK#{}", old.value.id), "SECRETS").await.get("expiresAt"), None);
}
