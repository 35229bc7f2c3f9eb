//! The item of each entity, attribute by attribute: `docs/data-model.md` says the same.
//!
//! A change here is a change of what is stored: what was stored before must stay readable (`old_items.rs`).

use domain::StringEnum as _;
use domain::agent::{Agent, AgentId};
use domain::allowance::Seconds;
use domain::api_key::{ApiKeyHash, ApiKeyId, Scope};
use domain::candidate::CandidateId;
use domain::company::{Ats, AtsId, Company, CompanyId, Owner};
use domain::idempotency::Fingerprint;
use domain::interview::InterviewId;
use domain::job::{Job, JobId};
use domain::phone_number::{PhoneNumber, PhoneNumberId};
use domain::text::SingleLine;
use serde_json::{Value, json};
use store::{IdempotencyRecord, WriteContext};
use uuid::Uuid;

use crate::samples::{self, Stored, with};
use crate::test_table::{TestTable, at, company_key};

/// The id that ends in these digits.
fn id(digits: u128) -> Uuid {
    Uuid::from_u128(0x0a00_0000_0000_4000_8000_0000_0000_0000 + digits)
}

/// [`samples::ID_SECRET`] as stored.
const SECRET: &str = "07070707070707070707070707070707";
const COMPANY: &str = "0a000000-0000-4000-8000-0000000000c0";

fn company_id() -> CompanyId {
    CompanyId::new(id(0xc0))
}

async fn assert_stored(table: &TestTable, expected: Value) {
    let text = |name: &str| expected[name].as_str().unwrap();
    let stored = table.item(text("PK"), text("SK")).await;
    assert_eq!(stored, expected, "{stored:#}");
}

/// The item of an entity alone in its partition, by the last digits of its id.
fn alone(kind: &str, entity_type: &str, digits: &str, attributes: Value) -> Value {
    let id = format!("0a000000-0000-4000-8000-0000000000{digits}");
    let item = json!({
        "PK": format!("{kind}#{id}"), "SK": kind, "entityType": entity_type, "version": 1, "id": id,
        "createdAt": "2026-11-22T10:00:00.123Z", "updatedAt": "2026-11-22T10:00:00.123Z",
    });
    with(item, attributes)
}

/// The same of an entity in a list of its company.
fn listed(kind: &str, entity_type: &str, digits: &str, attributes: Value) -> Value {
    let list = json!({
        "GSI1PK": format!("COMPANY#0a000000-0000-4000-8000-0000000000c0#{kind}"),
        "GSI1SK": format!("2026-11-22T10:00:00.123Z#0a000000-0000-4000-8000-0000000000{digits}"),
        "companyId": COMPANY,
    });
    with(alone(kind, entity_type, digits, attributes), list)
}

#[tokio::test]
async fn companies_keys_and_numbers() {
    let table = TestTable::start().await;
    let ats = Ats { id: AtsId::new(id(0xa7)), name: SingleLine::parse("Hire").unwrap(), ..samples::ats() };
    table.store.create_ats(&ats, samples::ID_SECRET).await.unwrap();
    let attributes = json!({
        "GSI1PK": "SYSTEMS", "GSI1SK": "2026-11-22T10:00:00.123Z#0a000000-0000-4000-8000-0000000000a7", "name": "Hire",
        "idSecret": SECRET,
    });
    assert_stored(&table, alone("ATS", "Ats", "a7", attributes)).await;

    table.add_company(&Company { id: company_id(), ..samples::company(Some(ats.id)) }).await;
    let attributes = json!({
        "GSI1PK": "COMPANIES", "GSI1SK": "2026-11-22T10:00:00.123Z#0a000000-0000-4000-8000-0000000000c0",
        "GSI3PK": "ATS#0a000000-0000-4000-8000-0000000000a7",
        "idSecret": SECRET, "name": "Café Ľ", "plan": "STARTER", "atsId": "0a000000-0000-4000-8000-0000000000a7",
    });
    assert_stored(&table, alone("COMPANY", "Company", "c0", attributes)).await;
    let allowance = json!({
        "PK": "COMPANY#0a000000-0000-4000-8000-0000000000c0", "SK": "ALLOWANCE#00",
        "entityType": "Allowance", "version": 1,
        "companyId": COMPANY, "shard": 0, "shards": 1, "subscription": "ACTIVE", "plan": "STARTER", "period": "2026-11",
        "grantedSeconds": 36_000, "remainingSeconds": 36_000, "reservedSeconds": 0, "usedSeconds": 0,
        "overageAllowed": false,
        "createdAt": "2026-11-22T10:00:00.123Z", "updatedAt": "2026-11-22T10:00:00.123Z",
    });
    assert_stored(&table, allowance).await;

    let number = PhoneNumber { id: PhoneNumberId::new(id(0xf0)), ..samples::phone_number(company_id()) };
    table.store.add_phone_number(&number).await.unwrap();
    assert_stored(&table, listed("PHONE", "PhoneNumber", "f0", json!({"number": "+421212345678"}))).await;
}

#[tokio::test]
async fn api_keys_live_at_the_hash_of_their_secret() {
    let table = TestTable::start().await;
    let ats = samples::ats();
    table.store.create_ats(&ats, samples::ID_SECRET).await.unwrap();
    let owners = [
        (table.owner(), company_key(table.company_id), "companyId", table.company_id.to_string()),
        (Owner::Ats(ats.id), format!("ATS#{}", ats.id), "atsId", ats.id.to_string()),
    ];
    for (number, (owner, owner_key, owner_attribute, owner_id)) in owners.into_iter().enumerate() {
        let mut key = samples::full_api_key(owner);
        key.id = ApiKeyId::new(id(0x1e));
        let hash = ApiKeyHash::from_stored(format!("{number:064}"));
        table.store.create_api_key(&key, &hash).await.unwrap();
        let mut expected = json!({
            "PK": format!("KEY#{number:064}"), "SK": "KEY",
            "GSI1PK": format!("{owner_key}#KEY"),
            "GSI1SK": "2026-11-22T10:00:00.123Z#0a000000-0000-4000-8000-00000000001e",
            "GSI2PK": "KEYID#0a000000-0000-4000-8000-00000000001e", "GSI2SK": "KEY",
            "entityType": "ApiKey", "version": 1, "idSecret": SECRET,
            "id": "0a000000-0000-4000-8000-00000000001e", "name": "For the office",
            "scopes": Scope::ACCEPTED,
            "status": "SUSPENDED", "suspendedAt": "2026-11-22T10:00:00.123Z", "suspensionReason": "unpaid",
            "replacedBy": "00000000-0000-0000-0000-000000000009",
            "validUntil": "9999-12-31T23:59:59.999Z", "allowedIps": ["192.0.2.0/24", "2001:db8::1/128"],
            "createdAt": "2026-11-22T10:00:00.123Z", "updatedAt": "2026-11-22T10:00:00.123Z",
        });
        expected[owner_attribute] = json!(owner_id);
        if owner_attribute == "companyId" {
            expected["ownerLimits"] = json!({"minute": 120, "hour": 5_000});
        }
        assert_stored(&table, expected).await;
    }
}

#[tokio::test]
async fn agents_jobs_candidates_and_interviews() {
    let table = TestTable::start().await;
    table.add_company(&Company { id: company_id(), ..samples::company(None) }).await;
    let job = Job { id: JobId::new(id(0x0b)), ..samples::bare_job(company_id()) };
    let agent = Agent { id: AgentId::new(id(0xa6)), ..samples::bare_agent(company_id()) };
    let mut candidate = samples::bare_candidate(company_id());
    (candidate.id, candidate.job_ids) = (CandidateId::new(id(0xca)), vec![job.id]);
    candidate.profile.metadata = Some(samples::metadata());
    let mut new = samples::bringing(candidate, samples::new_agent(agent), job);
    (new.interview.id, new.cost) = (InterviewId::new(id(0x1f)), Some(Seconds(600)));
    new.interview.scheduled_at = at("2026-12-01T12:00:00+02:00");
    let fingerprint = Fingerprint::of(&1).unwrap();
    let record = IdempotencyRecord { request_id: "request-1", fingerprint: Some(&fingerprint) };
    let context = WriteContext { tenant: company_id().into(), record, ..table.context("") };
    table.create(&new, &context).await;

    let attributes = json!({
        "GSI2PK": "CANDIDATES#10", "GSI2SK": "2026-11-24T00:00:00.000Z#0a000000-0000-4000-8000-0000000000ca",
        "GSI5SK": "a#0a000000-0000-4000-8000-0000000000ca", "GSI6SK": "n#0a000000-0000-4000-8000-0000000000ca",
        "firstName": "A", "lastName": "N", "gdprExpiryDate": "2026-11-23",
        "metadata": "{\"deep\":{\"3\":{\"4\":{\"5\":true}}},\"digits\":[1.10,-0,1E300,\
                     12345678901234567890123456789012345678901.5],\"empty\":[{},[],\"\",null],\
                     \"text\":\"ž\\u0000\\n\\\"\\\\𝄞\"}",
        "jobIds": ["0a000000-0000-4000-8000-00000000000b"], "status": "APPLIED",
    });
    assert_stored(&table, listed("CANDIDATE", "Candidate", "ca", attributes)).await;
    let attributes = json!({
        "name": "Al", "type": "ONLINE", "focus": "SCREENING", "language": "EN", "duration": 10,
        "backgroundSound": "OFFICE",
    });
    assert_stored(&table, listed("AGENT", "Agent", "a6", attributes)).await;
    assert_stored(&table, listed("JOB", "Job", "0b", json!({"title": "Baker", "status": "OPEN"}))).await;
    let attributes = json!({
        "GSI2PK": "DUE#15", "GSI2SK": "2026-12-01T10:00:00.000Z#0a000000-0000-4000-8000-00000000001f",
        "GSI3PK": "CANDIDATE#0a000000-0000-4000-8000-0000000000ca", "GSI4PK": "JOB#0a000000-0000-4000-8000-00000000000b",
        "requestId": "request-1",
        "fingerprint": "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b",
        "candidateId": "0a000000-0000-4000-8000-0000000000ca", "agentId": "0a000000-0000-4000-8000-0000000000a6",
        "jobId": "0a000000-0000-4000-8000-00000000000b",
        "status": "SCHEDULED", "scheduledAt": "2026-12-01T10:00:00.000Z", "durationMinutes": 10, "isTest": false,
        "reservation": {"period": "2026-11", "seconds": 600},
    });
    assert_stored(&table, listed("INTERVIEW", "Interview", "1f", attributes)).await;
}

#[tokio::test]
async fn an_interview_that_is_over_is_not_due() {
    let (table, stored) = Stored::start().await;
    let mut items = table.items().await.into_values();
    let interview = items.find(|item| item["entityType"] == "Interview").unwrap();
    assert_eq!(interview["status"], "COMPLETED");
    assert_eq!(interview["GSI2PK"], Value::Null);
    assert_eq!(interview["companyId"], stored.agent.value.company_id.to_string());
}

#[tokio::test]
async fn due_interviews_are_spread_over_sixteen_partitions() {
    let (table, stored) = Stored::start().await;
    for digits in 0..32 {
        let mut new = stored.candidate_unchanged();
        new.interview.id = InterviewId::new(id(digits));
        table.created(&new).await;
        let item = table.item(&format!("INTERVIEW#{}", id(digits)), "INTERVIEW").await;
        assert_eq!(item["GSI2PK"], format!("DUE#{:02}", digits % 16));
    }
}

#[tokio::test]
async fn an_assignment_changes_the_candidate_and_nothing_else_of_it() {
    let (table, mut stored) = Stored::start().await;
    let key = format!("CANDIDATE#{}", stored.candidate.value.id);
    let mut expected = table.item(&key, "CANDIDATE").await;
    let later = at("2026-11-22T11:00:00Z");
    let context = WriteContext { now: later, ..table.context("r") };
    table.create(&stored.all_named(), &context).await;

    expected["jobIds"] = json!([stored.job.value.id]);
    expected["version"] = json!(2);
    expected["updatedAt"] = json!(later);
    assert_stored(&table, expected).await;

    // A second job goes behind the first.
    stored.candidate.version = 2;
    table.create(&stored.all_named(), &context).await;
    assert_eq!(table.item(&key, "CANDIDATE").await["jobIds"].as_array().unwrap().len(), 2);
}
