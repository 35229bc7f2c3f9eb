//! Where each entity lives and how it looks there, attribute by attribute: `docs/data-model.md` says the same.
//!
//! A change here is a change of what is stored: what was stored before must stay readable (`old_items.rs`).

use domain::Versioned;
use domain::agent::AgentId;
use domain::allowance::{Allowance, Seconds};
use domain::api_key::{ApiKeyHash, ApiKeyId};
use domain::candidate::CandidateId;
use domain::company::{Ats, AtsId, Company, CompanyId, Owner};
use domain::interview::{CandidateChange, InterviewAgent, InterviewId, InterviewJob};
use domain::job::{Job, JobId};
use domain::phone_number::{PhoneNumber, PhoneNumberId};
use serde_json::{Value, json};
use store::Origin;
use uuid::Uuid;

use crate::samples;
use crate::test_table::{TestTable, at, company_key};

/// The id that ends in these digits.
fn id(digits: u128) -> Uuid {
    Uuid::from_u128(0x0a00_0000_0000_4000_8000_0000_0000_0000 + digits)
}

const COMPANY: &str = "0a000000-0000-4000-8000-0000000000c0";

fn company_id() -> CompanyId {
    CompanyId::new(id(0xc0))
}

async fn assert_stored(table: &TestTable, expected: Value) {
    let text = |name: &str| expected[name].as_str().unwrap();
    let stored = table.item(text("PK"), text("SK")).await;
    assert_eq!(stored, expected, "{stored:#}");
}

#[tokio::test]
async fn companies_keys_and_numbers() {
    let table = TestTable::start().await;
    let ats = Ats { id: AtsId::new(id(0xa7)), ..samples::ats() };
    table
        .store
        .create_ats(&Ats { name: domain::text::SingleLine::parse("Hire").unwrap(), ..ats.clone() })
        .await
        .unwrap();
    assert_stored(
        &table,
        json!({
            "PK": "ATS#0a000000-0000-4000-8000-0000000000a7", "SK": "ATS",
            "entityType": "Ats", "version": 1,
            "id": "0a000000-0000-4000-8000-0000000000a7", "name": "Hire",
            "createdAt": "2026-11-22T10:00:00.123Z", "updatedAt": "2026-11-22T10:00:00.123Z",
        }),
    )
    .await;

    let company: Company = samples::company(company_id(), Some(ats.id));
    let allowance = Allowance::new(company.id, Seconds(36_000), false, company.created_at);
    table.store.create_company(&company, &allowance).await.unwrap();
    assert_stored(
        &table,
        json!({
            "PK": "COMPANY#0a000000-0000-4000-8000-0000000000c0", "SK": "COMPANY",
            "GSI1PK": "COMPANIES", "GSI1SK": "2026-11-22T10:00:00.123Z#0a000000-0000-4000-8000-0000000000c0",
            "entityType": "Company", "version": 1,
            "id": COMPANY, "name": "Café Ľ", "plan": "STARTER", "atsId": "0a000000-0000-4000-8000-0000000000a7",
            "createdAt": "2026-11-22T10:00:00.123Z", "updatedAt": "2026-11-22T10:00:00.123Z",
        }),
    )
    .await;
    assert_stored(
        &table,
        json!({
            "PK": "COMPANY#0a000000-0000-4000-8000-0000000000c0", "SK": "ALLOWANCE#00",
            "entityType": "Allowance", "version": 1,
            "companyId": COMPANY, "shard": 0, "shards": 1, "subscription": "ACTIVE", "period": "2026-11",
            "grantedSeconds": 36_000, "remainingSeconds": 36_000, "reservedSeconds": 0, "usedSeconds": 0,
            "overageAllowed": false,
            "createdAt": "2026-11-22T10:00:00.123Z", "updatedAt": "2026-11-22T10:00:00.123Z",
        }),
    )
    .await;

    let number = PhoneNumber { id: PhoneNumberId::new(id(0xf0)), ..samples::phone_number(company.id) };
    table.store.add_phone_number(&number).await.unwrap();
    assert_stored(
        &table,
        json!({
            "PK": "PHONE#0a000000-0000-4000-8000-0000000000f0", "SK": "PHONE",
            "GSI1PK": "COMPANY#0a000000-0000-4000-8000-0000000000c0#PHONE",
            "GSI1SK": "2026-11-22T10:00:00.123Z#0a000000-0000-4000-8000-0000000000f0",
            "entityType": "PhoneNumber", "version": 1,
            "id": "0a000000-0000-4000-8000-0000000000f0", "companyId": COMPANY, "number": "+421212345678",
            "createdAt": "2026-11-22T10:00:00.123Z", "updatedAt": "2026-11-22T10:00:00.123Z",
        }),
    )
    .await;
}

#[tokio::test]
async fn api_keys_live_at_the_hash_of_their_secret() {
    let table = TestTable::start().await;
    let ats = samples::ats();
    table.store.create_ats(&ats).await.unwrap();
    let owners = [
        (Owner::Company(table.company_id), format!("{}#KEY", company_key(table.company_id)), "companyId"),
        (Owner::Ats(ats.id), format!("ATS#{}#KEY", ats.id), "atsId"),
    ];
    for (number, (owner, partition, owner_attribute)) in owners.into_iter().enumerate() {
        let mut key = samples::full_api_key(owner);
        key.id = ApiKeyId::new(id(0x1e));
        let hash = ApiKeyHash::from_stored(format!("{number:064}"));
        table.store.create_api_key(&key, &hash).await.unwrap();
        let owner_id = match owner {
            Owner::Company(id) => id.to_string(),
            Owner::Ats(id) => id.to_string(),
        };
        let mut expected = json!({
            "PK": format!("KEY#{number:064}"), "SK": "KEY",
            "GSI1PK": partition,
            "GSI1SK": "2026-11-22T10:00:00.123Z#0a000000-0000-4000-8000-00000000001e",
            "GSI2PK": "KEYID#0a000000-0000-4000-8000-00000000001e", "GSI2SK": "KEY",
            "entityType": "ApiKey", "version": 1,
            "id": "0a000000-0000-4000-8000-00000000001e", "name": "For the office",
            "scopes": ["write:agents", "write:interviews", "read:webhooks", "write:webhooks"],
            "status": "SUSPENDED", "suspendedAt": "2026-11-22T10:00:00.123Z", "suspensionReason": "unpaid",
            "validUntil": "9999-12-31T23:59:59.999Z", "allowedIps": ["192.0.2.0/24", "2001:db8::1/128"],
            "createdAt": "2026-11-22T10:00:00.123Z", "updatedAt": "2026-11-22T10:00:00.123Z",
        });
        expected[owner_attribute] = json!(owner_id);
        assert_stored(&table, expected).await;
    }
}

#[tokio::test]
async fn agents_jobs_candidates_and_interviews() {
    let table = TestTable::start().await;
    table
        .store
        .create_company(
            &samples::company(company_id(), None),
            &Allowance::new(company_id(), Seconds(36_000), false, crate::test_table::now()),
        )
        .await
        .unwrap();
    let mut candidate = samples::bare_candidate(company_id());
    candidate.id = CandidateId::new(id(0xca));
    candidate.profile.metadata = Some(samples::metadata());
    let mut agent = samples::bare_agent(company_id());
    agent.id = AgentId::new(id(0xa6));
    let job = Job { id: JobId::new(id(0x0b)), ..samples::bare_job(company_id()) };
    candidate.job_ids = vec![job.id];
    let mut new = samples::all_new(company_id());
    new.interview = samples::bare_interview(&candidate, &agent, Some(job.id));
    new.interview.id = InterviewId::new(id(0x1f));
    new.interview.scheduled_at = at("2026-12-01T12:00:00+02:00");
    new.candidate = CandidateChange::Created(candidate);
    new.agent = InterviewAgent::Created(agent, None);
    new.job = InterviewJob::Created(job);
    new.cost = Some(Seconds(600));
    let fingerprint = domain::idempotency::Fingerprint::of(&1).unwrap();
    let origin = Origin { company_id: company_id(), fingerprint: Some(&fingerprint), ..table.origin("request-1") };
    table.store.session().create_interview(new, &origin).await.unwrap();

    assert_stored(
        &table,
        json!({
            "PK": "CANDIDATE#0a000000-0000-4000-8000-0000000000ca", "SK": "CANDIDATE",
            "GSI1PK": "COMPANY#0a000000-0000-4000-8000-0000000000c0#CANDIDATE",
            "GSI1SK": "2026-11-22T10:00:00.123Z#0a000000-0000-4000-8000-0000000000ca",
            "entityType": "Candidate", "version": 1,
            "id": "0a000000-0000-4000-8000-0000000000ca", "companyId": COMPANY,
            "firstName": "A", "lastName": "N", "gdprExpiryDate": "2026-11-23",
            "metadata": "{\"deep\":{\"3\":{\"4\":{\"5\":true}}},\"digits\":[1.10,-0,1E300,\
                         12345678901234567890123456789012345678901.5],\"empty\":[{},[],\"\",null],\
                         \"text\":\"ž\\u0000\\n\\\"\\\\𝄞\"}",
            "jobIds": ["0a000000-0000-4000-8000-00000000000b"],
            "createdAt": "2026-11-22T10:00:00.123Z", "updatedAt": "2026-11-22T10:00:00.123Z",
        }),
    )
    .await;
    assert_stored(
        &table,
        json!({
            "PK": "AGENT#0a000000-0000-4000-8000-0000000000a6", "SK": "AGENT",
            "GSI1PK": "COMPANY#0a000000-0000-4000-8000-0000000000c0#AGENT",
            "GSI1SK": "2026-11-22T10:00:00.123Z#0a000000-0000-4000-8000-0000000000a6",
            "entityType": "Agent", "version": 1,
            "id": "0a000000-0000-4000-8000-0000000000a6", "companyId": COMPANY,
            "name": "Al", "type": "ONLINE", "focus": "SCREENING", "language": "EN", "duration": 10,
            "backgroundSound": "OFFICE",
            "createdAt": "2026-11-22T10:00:00.123Z", "updatedAt": "2026-11-22T10:00:00.123Z",
        }),
    )
    .await;
    assert_stored(
        &table,
        json!({
            "PK": "JOB#0a000000-0000-4000-8000-00000000000b", "SK": "JOB",
            "GSI1PK": "COMPANY#0a000000-0000-4000-8000-0000000000c0#JOB",
            "GSI1SK": "2026-11-22T10:00:00.123Z#0a000000-0000-4000-8000-00000000000b",
            "entityType": "Job", "version": 1,
            "id": "0a000000-0000-4000-8000-00000000000b", "companyId": COMPANY,
            "title": "Baker", "status": "OPEN",
            "createdAt": "2026-11-22T10:00:00.123Z", "updatedAt": "2026-11-22T10:00:00.123Z",
        }),
    )
    .await;
    assert_stored(
        &table,
        json!({
            "PK": "INTERVIEW#0a000000-0000-4000-8000-00000000001f", "SK": "INTERVIEW",
            "GSI1PK": "COMPANY#0a000000-0000-4000-8000-0000000000c0#INTERVIEW",
            "GSI1SK": "2026-11-22T10:00:00.123Z#0a000000-0000-4000-8000-00000000001f",
            "GSI2PK": "DUE#15", "GSI2SK": "2026-12-01T10:00:00.000Z#0a000000-0000-4000-8000-00000000001f",
            "entityType": "Interview", "version": 1,
            "requestId": "request-1",
            "fingerprint": "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b",
            "id": "0a000000-0000-4000-8000-00000000001f", "companyId": COMPANY,
            "candidateId": "0a000000-0000-4000-8000-0000000000ca", "agentId": "0a000000-0000-4000-8000-0000000000a6",
            "jobId": "0a000000-0000-4000-8000-00000000000b",
            "status": "SCHEDULED", "scheduledAt": "2026-12-01T10:00:00.000Z", "durationMinutes": 10, "isTest": false,
            "reservation": {"period": "2026-11", "seconds": 600},
            "createdAt": "2026-11-22T10:00:00.123Z", "updatedAt": "2026-11-22T10:00:00.123Z",
        }),
    )
    .await;
}

#[tokio::test]
async fn an_interview_that_is_over_is_not_due() {
    let table = TestTable::start().await;
    let stored = samples::Stored::store(&table).await;
    let mut items = table.items().await.into_values();
    let interview = items.find(|item| item["entityType"] == "Interview").unwrap();
    assert_eq!(interview["status"], "COMPLETED");
    assert_eq!(interview["GSI2PK"], Value::Null);
    assert_eq!(interview["companyId"], stored.agent.value.company_id.to_string());
}

#[tokio::test]
async fn due_interviews_are_spread_over_sixteen_partitions() {
    let table = TestTable::start().await;
    let stored = samples::Stored::store(&table).await;
    for digits in 0..32 {
        let mut new = stored.candidate_unchanged();
        new.interview.id = InterviewId::new(id(digits));
        table.store.session().create_interview(new, &table.origin("r")).await.unwrap();
        let item = table.item(&format!("INTERVIEW#{}", id(digits)), "INTERVIEW").await;
        assert_eq!(item["GSI2PK"], format!("DUE#{:02}", digits % 16));
    }
}

#[tokio::test]
async fn an_assignment_changes_the_candidate_and_nothing_else_of_it() {
    let table = TestTable::start().await;
    let stored = samples::Stored::store(&table).await;
    let key = format!("CANDIDATE#{}", stored.candidate.value.id);
    let mut expected = table.item(&key, "CANDIDATE").await;
    let later = at("2026-11-22T11:00:00Z");
    let origin = Origin { now: later, ..table.origin("r") };
    table.store.session().create_interview(stored.all_named(), &origin).await.unwrap();

    expected["jobIds"] = json!([stored.job.value.id]);
    expected["version"] = json!(2);
    expected["updatedAt"] = json!(later);
    assert_stored(&table, expected).await;

    // A second job goes behind the first.
    let mut again = stored.all_named();
    again.interview.id = InterviewId::new(id(1));
    let CandidateChange::Assigned(Versioned { version, .. }, _) = &mut again.candidate else { panic!() };
    *version = 2;
    table.store.session().create_interview(again, &origin).await.unwrap();
    assert_eq!(table.item(&key, "CANDIDATE").await["jobIds"].as_array().unwrap().len(), 2);
}
