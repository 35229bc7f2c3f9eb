//! Items as earlier versions wrote them, and as later ones will: still readable.
//!
//! These stay as they are. An attribute that becomes required needs a default, or every item of the table a change.

use domain::agent::{AgentId, AgentType, Language};
use domain::allowance::SubscriptionStatus;
use domain::api_key::ApiKeyHash;
use domain::candidate::CandidateId;
use domain::event::EventType;
use domain::interview::{InterviewId, InterviewStatus};
use domain::job::JobId;
use domain::phone_number::PhoneNumberId;
use domain::webhook::Webhook;
use serde_json::{Value, json};
use store::{Earlier, References};

use crate::samples::{self, with};
use crate::test_table::{TestTable, company_key, now};

const ID: &str = "0a000000-0000-4000-8000-000000000001";

/// The least that an item of this kind was ever stored with, together with what nobody knows yet.
fn old(table: &TestTable, kind: &str, attributes: Value) -> Value {
    let least = json!({
        "PK": format!("{kind}#{ID}"), "SK": kind, "version": 7, "id": ID, "companyId": table.company_id,
        "createdAt": "2026-01-01T00:00:00.000Z", "updatedAt": "2026-01-02T00:00:00.000Z",
        "ofALaterVersion": {"list": [1, "two", null, {"three": true}]}, "expiresAt": 1_800_000_000,
    });
    with(least, attributes)
}

#[tokio::test]
async fn resources_with_fewer_and_with_unknown_attributes() {
    let table = TestTable::start().await;
    let candidate = json!({"firstName": "A", "lastName": "N", "gdprExpiryDate": "2026-11-23"});
    table.write(old(&table, "CANDIDATE", candidate)).await;
    let agent = json!({
        "name": "Al", "type": "UNDEFINED", "focus": "SCREENING", "language": "UNDEFINED", "duration": 10,
        "backgroundSound": "OFFICE",
    });
    table.write(old(&table, "AGENT", agent)).await;
    table.write(old(&table, "JOB", json!({"title": "Baker", "status": "OPEN"}))).await;
    table.write(old(&table, "PHONE", json!({"number": "+421212345678"}))).await;

    let (candidate, agent, job, number): (CandidateId, AgentId, JobId, PhoneNumberId) =
        (ID.parse().unwrap(), ID.parse().unwrap(), ID.parse().unwrap(), ID.parse().unwrap());
    let references = References::default().with(Some(candidate)).with(Some(agent)).with(Some(job)).with(Some(number));
    let scoped = table.scoped(table.owner(), references).await;

    let candidate = scoped.get(candidate).unwrap();
    assert_eq!((candidate.version, candidate.value.job_ids), (7, Vec::new()));
    let agent = scoped.get(agent).unwrap().value;
    assert_eq!((agent.profile.r#type, agent.profile.language), (AgentType::Undefined, Language::Undefined));
    assert_eq!(scoped.get(job).unwrap().value.profile.title.as_str(), "Baker");
    assert_eq!(scoped.get(number).unwrap().value.number.as_str(), "+421212345678");
}

#[tokio::test]
async fn an_interview_with_fewer_and_with_unknown_attributes() {
    let table = TestTable::start().await;
    let interview = json!({
        "candidateId": ID, "agentId": ID, "status": "UNDEFINED", "scheduledAt": "2026-01-01T00:00:00.000Z",
        "durationMinutes": 10, "isTest": false,
        "callAttempts": [{
            "id": ID, "status": "COMPLETED", "startedAt": "2026-01-01T00:00:00.000Z", "endedAt": "2026-01-01T00:05:00.000Z",
        }],
    });
    table.write(old(&table, "INTERVIEW", interview)).await;
    let id: InterviewId = ID.parse().unwrap();
    let earlier = table.store.session().earlier(table.owner(), id).await.unwrap();
    let Some(Earlier::Exists(existing)) = earlier else { panic!("{earlier:?}") };
    assert_eq!(existing.entity.status, InterviewStatus::Undefined);
    assert_eq!((existing.entity.reservation, existing.fingerprint), (None, None));
    let calls = existing.entity.call_attempts.unwrap();
    assert_eq!((calls[0].scheduled_at.to_string().as_str(), calls[0].called_at), ("2026-01-01T00:00:00.000Z", None));
}

#[tokio::test]
async fn companies_and_keys_with_fewer_and_with_unknown_attributes() {
    let table = TestTable::start().await;
    table.write(old(&table, "COMPANY", json!({"name": "Old", "plan": "TRIAL"}))).await;
    let allowance = json!({
        "SK": "ALLOWANCE#00", "companyId": ID, "shard": 0, "shards": 1, "subscription": "ACTIVE", "period": "2026-01",
        "grantedSeconds": 1, "remainingSeconds": 1, "reservedSeconds": 0, "usedSeconds": 0, "overageAllowed": false,
    });
    table.write(old(&table, "COMPANY", allowance)).await;
    table.write(old(&table, "KEY", json!({"scopes": [], "status": "ACTIVE"}))).await;

    let account = table.store.company(ID.parse().unwrap()).await.unwrap();
    assert_eq!((account.company.profile.name.as_str(), account.company.ats_id), ("Old", None));
    assert_eq!(account.allowance.period.as_str(), "2026-01");
    let key = table.api_key(&ApiKeyHash::from_stored(ID.into())).await.unwrap();
    assert_eq!((key.name, key.allowed_ips), (None, Vec::new()));
}

#[tokio::test]
async fn a_webhook_that_does_not_tell_which_key_created_it_and_a_registry_without_suspension() {
    let table = TestTable::start().await;
    let webhook = table.created(&samples::with_secrets(samples::webhook(table.owner()))).await;
    assert!(webhook.created_by_key_id.is_some());
    table.change(&format!("WEBHOOK#{}", webhook.id), "WEBHOOK", json!({"createdByKeyId": null})).await;
    let registry = format!("WEBHOOKS#COMPANY#{}", table.company_id);
    assert_eq!(table.item(&registry, "REGISTER").await.get("isSuspended"), None);
    let found = table.store.webhooks(table.owner()).await.unwrap();
    assert_eq!(found, [Webhook { created_by_key_id: None, ..webhook }]);
}

/// The subscription alone told it, and the webhooks went on.
#[tokio::test]
async fn a_company_that_was_suspended_before_webhooks_were_held_is_suspended_again() {
    let table = TestTable::start().await;
    table.created(&samples::with_secrets(samples::webhook(table.owner()))).await;
    let company = company_key(table.company_id);
    table.change(&company, "ALLOWANCE#00", json!({"subscription": "SUSPENDED"})).await;
    let event = EventType::InterviewCompleted;
    let wanting = async || {
        let found = table.store.system().subscriptions(&[table.company_id]).await.unwrap();
        found.wanting(event, table.company_id).count()
    };
    assert_eq!(wanting().await, 1);
    for _ in 0..2 {
        table.store.set_subscription(table.company_id, SubscriptionStatus::Suspended, now()).await.unwrap();
        assert_eq!(wanting().await, 0);
    }
    assert_eq!(table.item(&company, "COMPANY").await["version"], json!(2), "the second time changes nothing");
    table.store.set_subscription(table.company_id, SubscriptionStatus::Active, now()).await.unwrap();
    assert_eq!(wanting().await, 1);
}

#[tokio::test]
async fn what_is_no_item_of_ours_is_a_defect_and_not_a_panic() {
    let table = TestTable::start().await;
    let company = company_key(table.company_id);
    for broken in [json!({"version": null}), json!({"version": "one"}), json!({"period": 5})] {
        table.change(&company, "ALLOWANCE#00", broken.clone()).await;
        let error = table.store.company(table.company_id).await.unwrap_err();
        assert!(matches!(error, store::OperatorError::Store(ref error) if !error.kind.is_passing()), "{broken}");
        table.change(&company, "ALLOWANCE#00", json!({"version": 1, "period": "2026-11"})).await;
    }
    table.store.company(table.company_id).await.unwrap();
}
