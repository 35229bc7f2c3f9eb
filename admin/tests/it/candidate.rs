//! Candidates.

use domain::candidate::{Candidate, CandidateId, CandidateStatus, CreateCandidate};
use domain::company::{CompanyId, Owner};
use domain::time::Timestamp;
use serde_json::json;
use store::{Create as _, Creation, IdempotencyRecord, NewCandidate, WriteContext};

use crate::engine::{NOBODY, TestEngine, id};

/// A candidate, as its company creates it with the API.
pub async fn create(engine: &TestEngine, company_id: CompanyId) -> String {
    let (now, id) = (Timestamp::new(chrono::Utc::now()), CandidateId::new(uuid::Uuid::new_v4()));
    let profile = json!({
        "firstName": "Zuzana", "lastName": "Nováková", "gdprExpiryDate": "2040-12-31", "email": "zuzana@example.com",
    });
    let profile = serde_json::from_value(profile).unwrap();
    let new = CreateCandidate { profile, job_ids: Vec::new(), status: CandidateStatus::Applied };
    let record = IdempotencyRecord { request_id: "test", fingerprint: None };
    let context = WriteContext { tenant: Owner::Company(company_id), managed: None, record, trace_id: None, now };
    let new = NewCandidate(Candidate::new(id, company_id, new, now));
    let created = new.create(&mut engine.store().await.session(), &context).await.unwrap();
    assert!(matches!(created, Creation::Created(_)), "{created:?}");
    id.to_string()
}

#[tokio::test]
async fn what_is_kept_about_a_person_is_exported_and_erased() {
    let engine = TestEngine::new();
    let company = id(&engine.json("company create --name Acme"));
    let candidate = create(&engine, company.parse().unwrap()).await;
    let exported = engine.json(&format!("candidate export {candidate}"));
    assert_eq!(exported["candidate"]["lastName"], "Nováková");
    assert_eq!(exported["candidate"]["email"], "zuzana@example.com");
    assert_eq!(exported["interviews"], json!([]));

    assert_eq!(id(&engine.json(&format!("candidate erase {candidate}"))), candidate);
    for command in ["export", "erase"] {
        let refusal = engine.refusal(&format!("candidate {command} {candidate}"));
        assert!(refusal.contains("there is no such candidate"), "{refusal}");
    }
    engine.refusal(&format!("candidate erase {NOBODY}"));
    let history = engine.json(&format!("history --company {company}"));
    let entry = history.as_array().unwrap().iter().find(|entry| entry["subject"] == candidate.as_str()).unwrap();
    assert_eq!(entry["action"], "ERASE_CANDIDATE");
    assert!(!history.to_string().contains("Nováková"), "{history}");
}
