//! Companies that systems create.

use domain::allowance::Seconds;
use domain::company::{Ats, AtsId, CREATED_COMPANIES_MAX, CompanyId, DefaultPlan, Owner, Plan};
use domain::idempotency::{Fingerprint, IdSecret};
use serde_json::{Value, json};
use store::{CreatedCompaniesFull, Creation, Existing, IdempotencyRecord, NewCompany, WriteContext};
use tests::faults::Operation::{GetItem, TransactWriteItems};
use uuid::Uuid;

use crate::samples;
use crate::test_table::{TestTable, now};

/// A table with a system.
async fn start() -> (TestTable, AtsId) {
    let table = TestTable::start().await;
    let ats = samples::ats();
    table.store.create_ats(&ats, samples::ID_SECRET).await.unwrap();
    table.requests();
    (table, ats.id)
}

fn new_company(ats_id: AtsId) -> NewCompany {
    let profile = samples::company(None).profile;
    NewCompany { id: CompanyId::new(Uuid::new_v4()), ats_id, profile, id_secret: IdSecret::from_bytes([9; 16]) }
}

/// A request of the system's key.
fn context(ats_id: AtsId, request_id: &str) -> WriteContext<'_> {
    let record = IdempotencyRecord { request_id, fingerprint: None };
    WriteContext { tenant: Owner::Ats(ats_id), managed: None, record, trace_id: None, now: now() }
}

#[tokio::test]
async fn a_company_is_stored_with_its_allowance_and_counted() {
    let (table, ats_id) = start().await;
    let default = DefaultPlan { plan: Plan::Enterprise, granted_seconds: Seconds(90) };
    table.store.set_default_plan(ats_id, default, now()).await.unwrap();
    let before = table.items().await;
    table.requests();
    let (new, fingerprint) = (new_company(ats_id), Fingerprint::of(&"first").unwrap());
    let record = IdempotencyRecord { request_id: "r", fingerprint: Some(&fingerprint) };
    let context = WriteContext { record, ..context(ats_id, "r") };
    let Creation::Created(company) = table.create(&new, &context).await else { panic!() };
    assert_eq!((company.id, company.ats_id, company.plan), (new.id, Some(ats_id), Plan::Enterprise));
    assert_eq!(table.requests(), [GetItem, TransactWriteItems]);

    let (pk, at) = (format!("COMPANY#{}", new.id), now());
    let expected: [Value; 3] = [
        json!({
            "PK": pk, "SK": "ALLOWANCE#00", "entityType": "Allowance", "version": 1, "companyId": new.id, "shard": 0,
            "shards": 1, "subscription": "ACTIVE", "plan": "ENTERPRISE", "period": "2026-11", "grantedSeconds": 90,
            "remainingSeconds": 90, "reservedSeconds": 0, "usedSeconds": 0, "overageAllowed": false, "createdAt": at,
            "updatedAt": at,
        }),
        json!({
            "PK": pk, "SK": "COMPANY", "GSI1PK": "COMPANIES", "GSI1SK": format!("{at}#{}", new.id),
            "GSI3PK": format!("ATS#{ats_id}"), "entityType": "Company", "version": 1, "id": new.id, "name": "Café Ľ",
            "plan": "ENTERPRISE", "atsId": ats_id, "idSecret": "09090909090909090909090909090909", "requestId": "r",
            "fingerprint": fingerprint.as_str(), "createdAt": at, "updatedAt": at,
        }),
        json!({
            "PK": format!("ATS#{ats_id}"), "SK": "CREATED", "entityType": "CreatedCompanies", "version": 1,
            "atsId": ats_id, "count": 1, "createdAt": at, "updatedAt": at,
        }),
    ];
    for item in &expected {
        let text = |name: &str| item[name].as_str().unwrap();
        assert_eq!(table.item(text("PK"), text("SK")).await, *item);
    }
    assert_eq!(table.items().await.len(), before.len() + expected.len());
}

#[tokio::test]
async fn a_repeat_finds_the_company_and_counts_nothing() {
    let (table, ats_id) = start().await;
    let new = new_company(ats_id);
    let Creation::Created(entity) = table.create(&new, &context(ats_id, "first")).await else { panic!() };
    let key = format!("ATS#{ats_id}");
    table.change(&key, "CREATED", json!({"count": CREATED_COMPANIES_MAX})).await;
    let before = table.items().await;
    let existing = Existing { entity: entity.clone(), fingerprint: None };
    assert!(
        matches!(table.create(&new, &context(ats_id, "second")).await, Creation::Exists(found) if found == existing)
    );
    // The same request again: its first answer was lost, and the transaction's token forgotten.
    assert!(matches!(table.create(&new, &context(ats_id, "first")).await, Creation::Created(found) if found == entity));
    let refused = table.create(&new_company(ats_id), &context(ats_id, "third")).await;
    assert!(matches!(refused, Creation::Refused(CreatedCompaniesFull)), "{refused:?}");
    assert_eq!(table.items().await, before);
}

#[tokio::test]
async fn systems_that_were_stored_before_have_no_default_plan() {
    let (table, ats_id) = start().await;
    let Ats { default_plan, .. } = table.store.ats(ats_id).await.unwrap();
    assert_eq!(default_plan, None);
    let Creation::Created(company) = table.create(&new_company(ats_id), &context(ats_id, "r")).await else { panic!() };
    assert_eq!(company.plan, Plan::Trial);
}
