//! Items as earlier versions wrote them, and as later ones will: still readable.
//!
//! These stay as they are. An attribute that becomes required needs a default, or every item of the table a change.

use domain::{AgentId, AgentType, ApiKeyHash, CandidateId, InterviewStatus, JobId, Language, PhoneNumberId};
use serde_json::{Value, json};
use store::{Lookup, Named};
use uuid::Uuid;

use crate::world::{World, company_key};

const ID: &str = "0a000000-0000-4000-8000-000000000001";

/// The least that an item of this kind was ever stored with, together with what nobody knows yet.
fn old(world: &World, kind: &str, attributes: Value) -> Value {
    let mut item = json!({
        "PK": format!("{kind}#{ID}"), "SK": kind, "version": 7, "id": ID, "companyId": world.company_id,
        "createdAt": "2026-01-01T00:00:00.000Z", "updatedAt": "2026-01-02T00:00:00.000Z",
        "ofALaterVersion": {"list": [1, "two", null, {"three": true}]}, "expiresAt": 1_800_000_000,
    });
    item.as_object_mut().unwrap().extend(attributes.as_object().unwrap().clone());
    item
}

#[tokio::test]
async fn resources_with_fewer_and_with_unknown_attributes() {
    let world = World::start().await;
    let candidate = json!({"firstName": "A", "lastName": "N", "gdprExpiryDate": "2026-11-23"});
    world.write(old(&world, "CANDIDATE", candidate)).await;
    let agent = json!({
        "name": "Al", "type": "UNDEFINED", "focus": "SCREENING", "language": "UNDEFINED", "duration": 10,
        "backgroundSound": "OFFICE",
    });
    world.write(old(&world, "AGENT", agent)).await;
    world.write(old(&world, "JOB", json!({"title": "Baker", "status": "OPEN"}))).await;
    world.write(old(&world, "PHONE", json!({"number": "+421212345678"}))).await;

    let (candidate, agent, job, number): (CandidateId, AgentId, JobId, PhoneNumberId) =
        (ID.parse().unwrap(), ID.parse().unwrap(), ID.parse().unwrap(), ID.parse().unwrap());
    let named = Named {
        candidate: Some(candidate),
        agent: Some(agent),
        job: Some(job),
        phone_number: Some(number),
        ..Named::default()
    };
    let lookup = Lookup { api_key: ApiKeyHash::from_stored("none".into()), company: None, named };
    let mut opened = world.store.session().look_up(&lookup).await.unwrap().closed.open(world.company_id);

    let candidate = opened.candidate(candidate).unwrap();
    assert_eq!((candidate.version, candidate.value.job_ids), (7, Vec::new()));
    let agent = opened.agent(agent).unwrap().value;
    assert_eq!((agent.profile.r#type, agent.profile.language), (AgentType::Undefined, Language::Undefined));
    assert_eq!(opened.job(job).unwrap().value.profile.title.as_str(), "Baker");
    assert_eq!(opened.phone_number(number).unwrap().value.number.as_str(), "+421212345678");
}

#[tokio::test]
async fn an_interview_with_fewer_and_with_unknown_attributes() {
    let world = World::start().await;
    let interview = json!({
        "candidateId": ID, "agentId": ID, "status": "UNDEFINED", "scheduledAt": "2026-01-01T00:00:00.000Z",
        "durationMinutes": 10, "isTest": false,
    });
    world.write(old(&world, "INTERVIEW", interview)).await;
    let recorded = world.store.session().recorded_interview(world.company_id, ID.parse().unwrap()).await;
    let recorded = recorded.unwrap().unwrap();
    assert_eq!(recorded.resource.status, InterviewStatus::Undefined);
    assert_eq!((recorded.resource.reservation, recorded.fingerprint), (None, None));
}

#[tokio::test]
async fn companies_and_keys_with_fewer_and_with_unknown_attributes() {
    let world = World::start().await;
    let id: Uuid = ID.parse().unwrap();
    world.write(old(&world, "COMPANY", json!({"name": "Old", "plan": "TRIAL"}))).await;
    let allowance = json!({
        "SK": "ALLOWANCE#00", "companyId": ID, "shard": 0, "shards": 1, "subscription": "ACTIVE", "period": "2026-01",
        "grantedSeconds": 1, "remainingSeconds": 1, "reservedSeconds": 0, "usedSeconds": 0, "overageAllowed": false,
    });
    world.write(old(&world, "COMPANY", allowance)).await;
    world.write(old(&world, "KEY", json!({"scopes": [], "status": "ACTIVE"}))).await;

    let standing = world.store.company(domain::CompanyId::new(id)).await.unwrap();
    assert_eq!((standing.company.name.as_str(), standing.company.ats_id), ("Old", None));
    assert_eq!(standing.allowance.period.as_str(), "2026-01");
    let lookup = Lookup { api_key: ApiKeyHash::from_stored(ID.into()), company: None, named: Named::default() };
    let key = world.store.session().look_up(&lookup).await.unwrap().api_key.unwrap();
    assert_eq!((key.name, key.allowed_ips), (None, Vec::new()));
}

#[tokio::test]
async fn what_is_no_item_of_ours_is_a_defect_and_not_a_panic() {
    let world = World::start().await;
    let company = company_key(world.company_id);
    for broken in [json!({"version": null}), json!({"version": "one"}), json!({"period": 5})] {
        world.change(&company, "ALLOWANCE#00", broken.clone()).await;
        let error = world.store.company(world.company_id).await.unwrap_err();
        assert!(matches!(error, store::OperatorError::Store(ref error) if !error.kind.is_passing()), "{broken}");
        world.change(&company, "ALLOWANCE#00", json!({"version": 1, "period": "2026-11"})).await;
    }
    world.store.company(world.company_id).await.unwrap();
}
