//! The history: each change of an operator leaves an entry, a refused one none.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::allowance::{Allowance, Seconds, SubscriptionStatus};
use domain::api_key::{ApiKeyId, ApiKeyStatus};
use domain::company::{AtsId, Company, Owner, Plan};
use domain::history::{HistoryAction, HistoryEntry, HistoryEntryId, ValueChange};
use domain::text::SingleLine;
use serde_json::json;
use store::{Create as _, OperatorError, PageRequest, PlanChange};
use tests::faults::FaultScript;
use tests::faults::Operation::TransactWriteItems;
use uuid::Uuid;

use crate::samples;
use crate::test_table::{TestTable, at, eventually, now};

async fn all(table: &TestTable, owner: Option<Owner>) -> Vec<HistoryEntry> {
    let page = PageRequest { limit: 500, cursor: None };
    table.store.history(owner, page).await.unwrap().items
}

/// Actions and changes of the entries, oldest first; those at the same time in the order of the alphabet.
async fn told(table: &TestTable, owner: Option<Owner>, entries: usize) -> Vec<(HistoryAction, String)> {
    let found = eventually(|| all(table, owner), |found| found.len() == entries).await;
    let mut told: Vec<_> = found.into_iter().rev().map(|entry| (entry.created_at, entry)).collect();
    told.sort_by_key(|(time, entry)| (*time, entry.action.to_string()));
    let in_words = |change: &ValueChange| {
        let value = |value: &Option<String>| value.clone().unwrap_or_default();
        format!("{} {}>{}", change.name, value(&change.from), value(&change.to))
    };
    let words = |entry: HistoryEntry| entry.changes.iter().map(in_words).collect::<Vec<_>>().join(", ");
    told.into_iter().map(|(_, entry)| (entry.action, words(entry))).collect()
}

#[tokio::test]
async fn an_entry_is_an_item_that_the_table_drops_after_400_days() {
    let table = TestTable::start().await;
    let items = table.items().await;
    let (key, entry) = items.iter().find(|(_, item)| item["entityType"] == "HistoryEntry").unwrap();
    let company = table.company_id;
    assert_eq!(key.0, "HISTORY#OPERATORS");
    let id = entry["id"].as_str().unwrap();
    assert_eq!(
        *entry,
        json!({
            "PK": "HISTORY#OPERATORS", "SK": id, "GSI1PK": format!("COMPANY#{company}#HISTORY"), "GSI1SK": id,
            "entityType": "HistoryEntry", "version": 1, "id": id, "companyId": company,
            "by": "unknown (no STS)", "action": "CREATE_COMPANY", "subject": company,
            "changes": [
                {"name": "name", "to": "Café Ľ"}, {"name": "plan", "to": "STARTER"}, {"name": "minutes", "to": "600"},
            ],
            "createdAt": now(), "updatedAt": now(), "expiresAt": now().epoch_seconds() + 400 * 24 * 60 * 60,
        })
    );
    assert_eq!(all(&table, None).await.len(), 1);
}

#[tokio::test]
async fn every_change_of_an_operator_leaves_an_entry() {
    let table = TestTable::start().await;
    let (store, company, owner) = (&table.store, table.company_id, table.owner());
    let time = |second: u32| at(&format!("2026-11-23T00:00:{second:02}Z"));
    let line = |text: &str| SingleLine::parse(text).unwrap();

    store.rename_company(company, SingleLine::parse("New").unwrap(), time(1)).await.unwrap();
    store.rename_company(company, SingleLine::parse("New").unwrap(), time(2)).await.unwrap();
    let change = PlanChange { plan: Some(Plan::Scale), granted: Some(Seconds(90)), overage_allowed: Some(true) };
    store.set_plan(company, change, time(3)).await.unwrap();
    for (second, status) in
        [(4, SubscriptionStatus::Suspended), (5, SubscriptionStatus::Suspended), (6, SubscriptionStatus::Active)]
    {
        store.set_subscription(company, status, time(second)).await.unwrap();
    }
    let number = samples::phone_number(company);
    store.add_phone_number(&number).await.unwrap();
    store.remove_phone_number(number.id, time(7)).await.unwrap();
    let key = samples::bare_api_key(owner);
    store.create_api_key(&key, &samples::api_key_hash()).await.unwrap();
    eventually(|| store.api_key(key.id), Result::is_ok).await.unwrap();
    let new_id = ApiKeyId::new(Uuid::new_v4());
    store.rotate_api_key(key.id, new_id, &samples::api_key_hash(), Duration::from_secs(60), time(8)).await.unwrap();
    for (second, status) in [(9, ApiKeyStatus::Suspended), (10, ApiKeyStatus::Active), (11, ApiKeyStatus::Revoked)] {
        store.set_api_key_status(key.id, status, Some(line("late")), time(second)).await.unwrap();
    }
    let webhook = samples::webhook(owner);
    samples::with_secrets(webhook.clone()).create(&mut store.session(), &table.context("r")).await.unwrap();
    store.set_webhook_active(webhook.id, None, false, time(12)).await.unwrap();
    store.set_webhook_active(webhook.id, None, true, time(13)).await.unwrap();
    store.remove_webhook(webhook.id, None, time(14)).await.unwrap();

    use HistoryAction::*;
    let expected = [
        (AddPhoneNumber, "number >+421212345678"),
        (CreateCompany, "name >Café Ľ, plan >STARTER, minutes >600"),
        (CreateKey, "scopes >"),
        (RenameCompany, "name Café Ľ>New"),
        (SetPlan, "plan STARTER>SCALE, minutes 600>1.50, overageAllowed false>true"),
        (SuspendCompany, "subscription ACTIVE>SUSPENDED"),
        (ActivateCompany, "subscription SUSPENDED>ACTIVE"),
        (RemovePhoneNumber, "number +421212345678>"),
        (RotateKey, &format!("newKey >{new_id}, expiresAt >2026-11-23T00:01:08.000Z")),
        (SuspendKey, "status ACTIVE>SUSPENDED, reason >late"),
        (ActivateKey, "status SUSPENDED>ACTIVE, reason late>"),
        (RevokeKey, "status ACTIVE>REVOKED"),
        (PauseWebhook, "paused >REQUESTED"),
        (ResumeWebhook, "paused REQUESTED>"),
        (DeleteWebhook, "name Hooks>"),
    ];
    let expected = expected.map(|(action, words): (_, &str)| (action, words.to_owned()));
    assert_eq!(told(&table, Some(owner), expected.len()).await, expected);
}

#[tokio::test]
async fn a_change_that_is_refused_leaves_none() {
    let table = TestTable::start().await;
    let before = table.items().await;
    let company = samples::company(Some(AtsId::new(Uuid::new_v4())));
    let created = table
        .store
        .create_company(&company, &Allowance::new(company.id, Seconds(1), true, now()), samples::ID_SECRET)
        .await;
    assert!(matches!(created, Err(OperatorError::NotFound(_))), "{created:?}");
    let again = Company { id: table.company_id, ..samples::company(None) };
    let again = table
        .store
        .create_company(&again, &Allowance::new(again.id, Seconds(1), true, now()), samples::ID_SECRET)
        .await;
    assert!(matches!(again, Err(OperatorError::Changed)), "{again:?}");
    assert_eq!(table.items().await, before);
}

#[tokio::test]
async fn pages_go_from_the_newest_to_the_oldest_and_show_each_entry_once() {
    let table = TestTable::start().await;
    let ats = samples::ats();
    table.store.create_ats(&ats, samples::ID_SECRET).await.unwrap();
    for number in 0..4 {
        // All at the same time as the creation of the company.
        table
            .store
            .rename_company(table.company_id, SingleLine::parse(format!("No. {number}")).unwrap(), now())
            .await
            .unwrap();
    }
    let owner = table.owner();
    eventually(|| all(&table, Some(owner)), |found| found.len() == 5).await;
    for (owner, entries) in [(None, 6), (Some(owner), 5), (Some(Owner::Ats(ats.id)), 1)] {
        let (mut found, mut cursor): (Vec<HistoryEntryId>, _) = (Vec::new(), None);
        loop {
            let page = table.store.history(owner, PageRequest { limit: 2, cursor }).await.unwrap();
            assert!(page.items.len() <= 2);
            assert!(owner.is_none() || page.items.iter().all(|entry| entry.owner == owner));
            found.extend(page.items.iter().map(|entry| entry.id));
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(found.len(), entries, "{owner:?}");
        assert!(found.is_sorted_by(|earlier, later| earlier.to_string() > later.to_string()), "{found:?}");
    }
    let nobody = Some(Owner::Company(samples::company_id()));
    assert_eq!(all(&table, nobody).await, []);
}

/// A key and a company are changed once, told as done, and entered once.
#[tokio::test]
async fn a_change_whose_answer_was_lost_is_entered_once() {
    let table = TestTable::start().await;
    let key = samples::bare_api_key(table.owner());
    table.store.create_api_key(&key, &samples::api_key_hash()).await.unwrap();
    eventually(|| table.store.api_key(key.id), Result::is_ok).await.unwrap();
    let lost = || table.break_with(FaultScript::script([(TransactWriteItems, tests::faults::Fault::AnswerLost)]));
    lost();
    let later = at("2026-11-23T00:00:00Z");
    let suspended = table.store.set_api_key_status(key.id, ApiKeyStatus::Suspended, None, later).await.unwrap();
    assert_eq!(suspended.status, ApiKeyStatus::Suspended);
    lost();
    table.store.rename_company(table.company_id, SingleLine::parse("New").unwrap(), later).await.unwrap();
    let mut counts = BTreeMap::new();
    for entry in all(&table, None).await {
        *counts.entry(entry.action.to_string()).or_insert(0) += 1;
    }
    assert_eq!(
        counts,
        ["CREATE_COMPANY", "CREATE_KEY", "RENAME_COMPANY", "SUSPEND_KEY"].map(|action| (action.to_owned(), 1)).into()
    );
}
