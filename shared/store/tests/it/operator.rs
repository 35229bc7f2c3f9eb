//! The operator's work.

use std::time::Duration;

use domain::allowance::{Allowance, Seconds, SubscriptionStatus};
use domain::api_key::{ApiKey, ApiKeyId, ApiKeyStatus, RotationRefusal};
use domain::company::{Ats, AtsId, Company, CompanyProfile, Owner, Plan};
use domain::event::EventType;
use domain::text::SingleLine;
use domain::webhook::{Circuit, PauseReason, Webhook};
use serde_json::json;
use store::{CreateError, OperatorError, PlanChange};
use tests::faults::Fault::{AnswerAndTokenLost, AnswerLost, DelayBefore};
use tests::faults::FaultScript as Faults;
use tests::faults::Operation::TransactWriteItems;
use uuid::Uuid;

use crate::samples::{self, company_id};
use crate::test_table::{GRANTED, TestTable, at, company_key, eventually, now};

fn not_found<T: std::fmt::Debug>(outcome: Result<T, OperatorError>) -> &'static str {
    match outcome {
        Err(OperatorError::NotFound(what)) => what,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_table_of_that_name_is_left_as_it_is() {
    let table = TestTable::start().await;
    let before = table.items().await;
    let created = table.store.create_table().await;
    assert!(matches!(created, Err(OperatorError::Table(CreateError::Exists))), "{created:?}");
    assert_eq!(table.items().await, before);
}

#[tokio::test]
async fn companies_are_listed_oldest_first() {
    let table = TestTable::start().await;
    let mut created = vec![table.company_id];
    for created_at in ["2026-11-23T00:00:00Z", "2026-11-22T10:00:00.124Z", "2027-01-01T00:00:00Z"] {
        let company = Company { created_at: at(created_at), ..samples::company(None) };
        table.add_company(&company).await;
        created.push(company.id);
    }
    let list = || async { table.store.companies().await.unwrap() };
    let listed: Vec<_> = eventually(list, |list| list.len() == 4).await.iter().map(|company| company.id).collect();
    assert_eq!(listed, [created[0], created[2], created[1], created[3]]);
}

#[tokio::test]
async fn a_company_is_created_once_and_whole() {
    let table = TestTable::start().await;
    let name = SingleLine::parse("Another").unwrap();
    let profile = CompanyProfile { name, ..samples::company(None).profile };
    let company = Company { id: table.company_id, profile, ..samples::company(None) };
    let before = table.items().await;
    let again = table
        .store
        .create_company(&company, &Allowance::new(company.id, Seconds(1), true, now()), samples::ID_SECRET)
        .await;
    assert!(matches!(again, Err(OperatorError::Changed)), "{again:?}");

    let company = samples::company(Some(AtsId::new(Uuid::new_v4())));
    let created = table
        .store
        .create_company(&company, &Allowance::new(company.id, Seconds(1), true, now()), samples::ID_SECRET)
        .await;
    assert_eq!(not_found(created), "applicant tracking system");
    assert_eq!(table.items().await, before);
    assert_eq!(not_found(table.store.company(company.id).await), "company");
}

#[tokio::test]
async fn a_plan_is_changed_in_the_parts_that_are_given() {
    let table = TestTable::start().await;
    let account = || async { table.store.company(table.company_id).await.unwrap() };
    let set = async |change| table.store.set_plan(table.company_id, change, at("2026-11-23T00:00:00Z")).await.unwrap();

    set(PlanChange { plan: Some(Plan::Scale), ..PlanChange::default() }).await;
    assert_eq!((account().await.company.plan, account().await.allowance.granted_seconds), (Plan::Scale, GRANTED));
    set(PlanChange { granted: Some(Seconds(60)), ..PlanChange::default() }).await;
    set(PlanChange { overage_allowed: Some(true), ..PlanChange::default() }).await;
    let changed = account().await;
    assert_eq!(changed.company.plan, Plan::Scale);
    assert_eq!(changed.company.updated_at, at("2026-11-23T00:00:00Z"));
    assert_eq!((changed.allowance.granted_seconds, changed.allowance.remaining_seconds), (Seconds(60), Seconds(60)));
    assert!(changed.allowance.overage_allowed);
    assert_eq!(not_found(table.store.set_plan(company_id(), PlanChange::default(), now()).await), "company");
}

/// Each sees either none or all of another's change; whichever comes too late is told so.
#[tokio::test]
async fn simultaneous_changes_of_a_plan_do_not_mix() {
    let table = TestTable::start().await;
    let change = |plan, granted| {
        let change = PlanChange { plan: Some(plan), granted: Some(Seconds(granted)), overage_allowed: None };
        table.store.set_plan(table.company_id, change, now())
    };
    let (first, second) = tokio::join!(change(Plan::Trial, 1), change(Plan::Scale, 2));
    let account = table.store.company(table.company_id).await.unwrap();
    let last = (account.company.plan, account.allowance.granted_seconds);
    match (first, second) {
        (Ok(()), Err(OperatorError::Changed)) => assert_eq!(last, (Plan::Trial, Seconds(1))),
        (Err(OperatorError::Changed), Ok(())) => assert_eq!(last, (Plan::Scale, Seconds(2))),
        (Ok(()), Ok(())) => {
            assert!(last == (Plan::Trial, Seconds(1)) || last == (Plan::Scale, Seconds(2)))
        }
        other => panic!("{other:?}"),
    }
    table.assert_books_balance().await;
}

#[tokio::test]
async fn a_subscription_is_suspended_and_activated() {
    let table = TestTable::start().await;
    for subscription in [SubscriptionStatus::Suspended, SubscriptionStatus::Suspended, SubscriptionStatus::Active] {
        table.store.set_subscription(table.company_id, subscription, now()).await.unwrap();
        assert_eq!(table.allowance().await.subscription, subscription);
    }
    assert_eq!(
        not_found(table.store.set_subscription(company_id(), SubscriptionStatus::Active, now()).await),
        "company"
    );
}

/// The decision rests on what is no longer so: somebody else has suspended the company and activated it again in between.
#[tokio::test]
async fn a_subscription_is_not_changed_on_the_strength_of_what_is_past() {
    let table = TestTable::start().await;
    // Only the first transaction is late; the others come while it is on its way.
    table.break_with(Faults::script([(TransactWriteItems, DelayBefore(Duration::from_millis(500)))]));
    let set = |subscription| table.store.set_subscription(table.company_id, subscription, now());
    let others = async {
        while table.faults.unused() > 0 {
            tokio::task::yield_now().await;
        }
        set(SubscriptionStatus::Suspended).await.unwrap();
        set(SubscriptionStatus::Active).await.unwrap();
    };
    let (late, ()) = tokio::join!(set(SubscriptionStatus::Suspended), others);
    assert!(matches!(late, Err(OperatorError::Changed)), "{late:?}");
    assert_eq!(table.allowance().await.subscription, SubscriptionStatus::Active);
}

/// Versions of the company's item and of its allowance, and the number of entries in the history.
async fn written(table: &TestTable) -> (i64, i64, usize) {
    let items = table.items().await;
    let version = |sort: &str| items[&(company_key(table.company_id), sort.to_owned())]["version"].as_i64().unwrap();
    let entries = items.keys().filter(|(partition, _)| partition == "HISTORY#OPERATORS").count();
    (version("COMPANY"), version("ALLOWANCE#00"), entries)
}

/// The answer and the token are lost, so the repeat is judged by its conditions alone. It finds its own entry.
#[tokio::test]
async fn a_change_is_made_once_and_told_as_made_whatever_is_lost() {
    let table = TestTable::start().await;
    let lost = || {
        let lost = [(TransactWriteItems, AnswerAndTokenLost), (TransactWriteItems, AnswerAndTokenLost)];
        table.break_with(Faults::script(lost));
    };
    assert_eq!(written(&table).await, (1, 1, 1));
    lost();
    table.store.set_subscription(table.company_id, SubscriptionStatus::Suspended, now()).await.unwrap();
    // Two reads, then the transaction three times.
    assert_eq!((table.requests().len(), table.faults.unused()), (5, 0));
    assert_eq!(table.allowance().await.subscription, SubscriptionStatus::Suspended);
    assert_eq!(written(&table).await, (2, 2, 2));
    lost();
    let change = PlanChange { granted: Some(GRANTED + GRANTED), ..PlanChange::default() };
    table.store.set_plan(table.company_id, change, now()).await.unwrap();
    assert_eq!(table.faults.unused(), 0);
    assert_eq!(table.allowance().await.remaining_seconds, GRANTED + GRANTED);
    assert_eq!(written(&table).await, (3, 3, 3));
    lost();
    let name = SingleLine::parse("New").unwrap();
    table.store.rename_company(table.company_id, name, now()).await.unwrap();
    assert_eq!(written(&table).await, (4, 3, 4));
    table.assert_books_balance().await;
}

#[tokio::test]
async fn keys_are_listed_for_their_owner_and_belong_to_one_that_exists() {
    let table = TestTable::start().await;
    let ats = samples::ats();
    table.store.create_ats(&ats, samples::ID_SECRET).await.unwrap();
    let other = samples::company(None);
    table.add_company(&other).await;
    for owner in [table.owner(), Owner::Ats(ats.id), Owner::Company(other.id)] {
        let key = samples::full_api_key(owner);
        let hash = samples::api_key_hash();
        let key = table.store.create_api_key(&key, &hash).await.unwrap();
        let list = || async { table.store.api_keys(owner).await.unwrap() };
        assert_eq!(eventually(list, |list| !list.is_empty()).await, std::slice::from_ref(&key));

        let another = ApiKey { id: ApiKeyId::new(Uuid::new_v4()), ..key };
        let again = table.store.create_api_key(&another, &hash).await;
        assert!(matches!(again, Err(OperatorError::Changed)), "the same secret again: {again:?}");
    }
    let hash = samples::api_key_hash();
    let create = async |owner| table.store.create_api_key(&samples::bare_api_key(owner), &hash).await;
    assert_eq!(not_found(create(Owner::Company(company_id())).await), "company");
    let ats_id = AtsId::new(Uuid::new_v4());
    assert_eq!(not_found(create(Owner::Ats(ats_id)).await), "applicant tracking system");
    assert_eq!(not_found(table.store.ats(ats_id).await), "applicant tracking system");
}

#[tokio::test]
async fn a_key_is_suspended_activated_and_revoked_for_good() {
    let table = TestTable::start().await;
    let key = samples::bare_api_key(table.owner());
    let hash = samples::api_key_hash();
    let key = table.store.create_api_key(&key, &hash).await.unwrap();
    let list = || async { table.store.api_keys(key.owner).await.unwrap() };
    eventually(list, |list| !list.is_empty()).await;

    let later = at("2026-11-23T00:00:00Z");
    let reason = SingleLine::parse("unpaid").ok();
    let steps = [
        (ApiKeyStatus::Suspended, reason.clone(), Some(later), reason.clone()),
        (ApiKeyStatus::Suspended, None, Some(later), reason.clone()),
        (ApiKeyStatus::Active, reason.clone(), None, None),
        (ApiKeyStatus::Suspended, reason.clone(), Some(later), reason.clone()),
        (ApiKeyStatus::Revoked, reason.clone(), None, None),
        (ApiKeyStatus::Revoked, None, None, None),
    ];
    for (status, reason, suspended_at, suspension_reason) in steps {
        let told = table.store.set_api_key_status(key.id, status, reason, later).await.unwrap();
        let expected = ApiKey { status, suspended_at, suspension_reason, updated_at: later, ..key.clone() };
        assert_eq!(told, expected);
        assert_eq!(table.api_key(&hash).await, Some(expected));
    }
    for status in [ApiKeyStatus::Active, ApiKeyStatus::Suspended] {
        let refused = table.store.set_api_key_status(key.id, status, None, later).await;
        assert!(matches!(refused, Err(OperatorError::Revoked)), "{refused:?}");
    }
    let unknown = ApiKeyId::new(Uuid::new_v4());
    let missing = table.store.set_api_key_status(unknown, ApiKeyStatus::Revoked, None, later).await;
    assert_eq!(not_found(missing), "API key");
}

#[tokio::test]
async fn a_suspension_keeps_its_time_and_takes_another_reason() {
    let table = TestTable::start().await;
    let key = samples::bare_api_key(table.owner());
    table.store.create_api_key(&key, &samples::api_key_hash()).await.unwrap();
    eventually(|| table.store.api_key(key.id), Result::is_ok).await.unwrap();
    let (first, second) = (at("2026-11-23T00:00:00Z"), at("2026-11-24T00:00:00Z"));
    let line = |text: &str| SingleLine::parse(text).ok();
    let suspend = async |reason, time| {
        let status = ApiKeyStatus::Suspended;
        let key = table.store.set_api_key_status(key.id, status, reason, time).await.unwrap();
        (key.suspended_at, key.suspension_reason, key.updated_at)
    };
    assert_eq!(suspend(None, first).await, (Some(first), None, first));
    assert_eq!(suspend(None, second).await, (Some(first), None, first));
    assert_eq!(suspend(line("unpaid"), second).await, (Some(first), line("unpaid"), second));
    assert_eq!(suspend(None, second).await, (Some(first), line("unpaid"), second));
}

#[tokio::test]
async fn a_key_is_replaced_by_another_with_its_rights() {
    let table = TestTable::start().await;
    let key = ApiKey {
        status: ApiKeyStatus::Active,
        suspended_at: None,
        suspension_reason: None,
        replaced_by: None,
        ..samples::full_api_key(table.owner())
    };
    let (hash, new_hash) = (samples::api_key_hash(), samples::api_key_hash());
    let key = table.store.create_api_key(&key, &hash).await.unwrap();
    eventually(|| table.store.api_key(key.id), Result::is_ok).await.unwrap();
    let (new_id, later) = (ApiKeyId::new(Uuid::new_v4()), at("2026-11-23T00:00:00Z"));
    let rotate = async || table.store.rotate_api_key(key.id, new_id, &new_hash, Duration::from_secs(60), later).await;
    let rotated = rotate().await.unwrap();
    let end = at("2026-11-23T00:01:00Z");
    assert_eq!(table.api_key(&hash).await, Some(rotated.old.clone()));
    assert_eq!(
        rotated.old,
        ApiKey { valid_until: Some(end), replaced_by: Some(new_id), updated_at: later, ..key.clone() }
    );
    assert_eq!(table.api_key(&new_hash).await, Some(rotated.new.clone()));
    assert_eq!(rotated.new, ApiKey { id: new_id, created_at: later, updated_at: later, ..key.clone() });
    assert_eq!(table.store.api_key_by_secret(&new_hash).await.unwrap(), rotated.new);
    assert_eq!(not_found(table.store.api_key_by_secret(&samples::api_key_hash()).await), "API key");

    let again = rotate().await;
    let refused = matches!(&again, Err(OperatorError::NotRotated(RotationRefusal::Replaced(by))) if *by == new_id);
    assert!(refused, "{again:?}");
    // The secret is taken.
    let taken = table.store.rotate_api_key(new_id, key.id, &hash, Duration::ZERO, later).await;
    assert!(matches!(taken, Err(OperatorError::Changed)), "{taken:?}");
    table.store.set_api_key_status(key.id, ApiKeyStatus::Revoked, None, later).await.unwrap();
    let revoked = rotate().await;
    assert!(matches!(revoked, Err(OperatorError::NotRotated(RotationRefusal::Over))), "{revoked:?}");
    assert_eq!(not_found(table.store.api_key(ApiKeyId::new(Uuid::new_v4())).await), "API key");
}

#[tokio::test]
async fn systems_are_listed_oldest_first_with_their_companies_also_those_of_before_the_list() {
    let table = TestTable::start().await;
    let (late, unlisted) = (samples::ats(), samples::ats());
    let late = Ats { created_at: at("2026-11-23T00:00:00Z"), ..late };
    for ats in [&late, &unlisted] {
        table.store.create_ats(ats, samples::ID_SECRET).await.unwrap();
    }
    let company = samples::company(Some(unlisted.id));
    table.add_company(&company).await;
    table.change(&format!("ATS#{}", unlisted.id), "ATS", json!({"GSI1PK": null, "GSI1SK": null})).await;
    let list = || async { table.store.ats_accounts().await.unwrap() };
    let systems = eventually(list, |systems| systems.len() == 2).await;
    assert_eq!(systems.iter().map(|system| system.ats.id).collect::<Vec<_>>(), [unlisted.id, late.id]);
    assert_eq!((systems[0].companies.as_slice(), systems[1].companies.len()), (std::slice::from_ref(&company), 0));
    assert_eq!(table.store.ats_account(unlisted.id).await.unwrap().companies, [company]);
    assert_eq!(not_found(table.store.ats_account(AtsId::new(Uuid::new_v4())).await), "applicant tracking system");
}

#[tokio::test]
async fn a_company_is_renamed_and_its_allowance_stays() {
    let table = TestTable::start().await;
    let (before, later) = (table.allowance().await, at("2026-11-23T00:00:00Z"));
    let name = SingleLine::parse("New").unwrap();
    table.store.rename_company(table.company_id, name.clone(), later).await.unwrap();
    let account = table.store.company(table.company_id).await.unwrap();
    assert_eq!(
        (account.company.profile.name, account.company.updated_at, account.allowance),
        (name.clone(), later, before)
    );
    assert_eq!(not_found(table.store.rename_company(company_id(), name, later).await), "company");
    let list = || async { table.store.company_accounts().await.unwrap() };
    let accounts = eventually(list, |accounts| accounts.len() == 1).await;
    assert_eq!(accounts[0].allowance, table.allowance().await);
}

#[tokio::test]
async fn a_telephone_number_that_was_removed_is_unknown_and_may_come_again() {
    let table = TestTable::start().await;
    let number = samples::phone_number(table.company_id);
    table.store.add_phone_number(&number).await.unwrap();
    assert_eq!(table.store.remove_phone_number(number.id, now()).await.unwrap(), number);
    assert_eq!(not_found(table.store.remove_phone_number(number.id, now()).await), "telephone number");
    let list = || async { table.store.phone_numbers(table.company_id).await.unwrap() };
    assert_eq!(eventually(list, Vec::is_empty).await, []);
    table.store.add_phone_number(&number).await.unwrap();
    assert_eq!(eventually(list, |list| !list.is_empty()).await, std::slice::from_ref(&number));
    let again = table.store.add_phone_number(&number).await;
    assert!(matches!(again, Err(OperatorError::Changed)), "{again:?}");
}

/// As the owner's own change: the registry tells the publisher, and going on forgets the endpoint's failures.
#[tokio::test]
async fn a_webhook_is_paused_resumed_and_deleted_for_its_owner_only() {
    let table = TestTable::start().await;
    let failing = Circuit { consecutive_failures: 3, failing_since: Some(now()), ..Circuit::default() };
    let failing_webhook = Webhook { circuit: failing.clone(), ..samples::webhook(table.owner()) };
    let webhook = table.created(&samples::with_secrets(failing_webhook)).await;
    let (id, owner, other) = (webhook.id, Some(table.owner()), Some(Owner::Company(company_id())));
    let wanted = async || {
        let subscriptions = table.store.system().subscriptions(&[table.company_id]).await.unwrap();
        subscriptions.wanting(EventType::InterviewCompleted, table.company_id).count()
    };
    let (first, second) = (at("2026-11-23T00:00:00Z"), at("2026-11-24T00:00:00Z"));

    assert_eq!(not_found(table.store.webhook(id, other).await), "webhook");
    assert_eq!(not_found(table.store.set_webhook_active(id, other, false, first).await), "webhook");
    assert_eq!(not_found(table.store.remove_webhook(id, other, first).await), "webhook");
    assert_eq!(table.store.webhooks(table.owner()).await.unwrap(), std::slice::from_ref(&webhook));
    assert_eq!(wanted().await, 1);

    let paused = table.store.set_webhook_active(id, owner, false, first).await.unwrap();
    assert_eq!((paused.paused, paused.updated_at, &paused.circuit), (Some(PauseReason::Requested), first, &failing));
    assert_eq!(wanted().await, 0);
    assert_eq!(table.store.set_webhook_active(id, owner, false, second).await.unwrap(), paused);
    let resumed = table.store.set_webhook_active(id, None, true, second).await.unwrap();
    assert_eq!((resumed.paused, &resumed.circuit), (None, &Circuit::default()));
    assert_eq!(table.store.webhook(id, owner).await.unwrap(), resumed);
    assert_eq!(wanted().await, 1);

    assert_eq!(table.store.remove_webhook(id, owner, second).await.unwrap(), resumed);
    assert_eq!(wanted().await, 0);
    assert_eq!(not_found(table.store.webhook(id, owner).await), "webhook");
}

#[tokio::test]
async fn telephone_numbers_belong_to_a_company_that_exists() {
    let table = TestTable::start().await;
    assert_eq!(not_found(table.store.add_phone_number(&samples::phone_number(company_id())).await), "company");
    let number = samples::phone_number(table.company_id);
    table.store.add_phone_number(&number).await.unwrap();
    let again = table.store.add_phone_number(&number).await;
    assert!(matches!(again, Err(OperatorError::Changed)), "{again:?}");
}

/// More than one BatchGetItem takes.
#[tokio::test]
async fn long_lists_are_read_to_their_end() {
    let table = TestTable::start().await;
    for _ in 0..101 {
        table.store.add_phone_number(&samples::phone_number(table.company_id)).await.unwrap();
    }
    let list = || async { table.store.phone_numbers(table.company_id).await.unwrap() };
    assert_eq!(eventually(list, |list| list.len() == 101).await.len(), 101);
}

/// An operator who is not answered must not be told of a failure, nor have anything counted twice.
#[tokio::test]
async fn an_answer_that_was_lost_is_asked_for_again() {
    let table = TestTable::start().await;
    let lost = || table.break_with(Faults::script([(TransactWriteItems, AnswerLost)]));
    lost();
    let ats = samples::ats();
    table.store.create_ats(&ats, samples::ID_SECRET).await.unwrap();
    lost();
    table.store.set_subscription(table.company_id, SubscriptionStatus::Suspended, now()).await.unwrap();
    let allowance = table.item(&company_key(table.company_id), "ALLOWANCE#00").await;
    assert_eq!(allowance["version"], json!(2));
    lost();
    let more = PlanChange { granted: Some(GRANTED + GRANTED), ..PlanChange::default() };
    table.store.set_plan(table.company_id, more, now()).await.unwrap();
    assert_eq!(table.allowance().await.remaining_seconds, GRANTED + GRANTED);
    lost();
    table.add_company(&samples::company(Some(ats.id))).await;

    let other = Ats { name: SingleLine::parse("Another").unwrap(), ..ats };
    let taken = table.store.create_ats(&other, samples::ID_SECRET).await;
    assert!(matches!(taken, Err(OperatorError::Changed)), "{taken:?}");
}
