use domain::company::{AtsId, CREATED_COMPANIES_MAX, Owner};
use serde_json::json;
use tests::api::ErrorCode;
use tests::{Caller, TestServer, body};

async fn set_count(system: &Caller, count: usize) {
    let Owner::Ats(id) = system.owner else { panic!("a company") };
    let count = json!({"count": {"N": count.to_string()}});
    system.server().set_attributes(&format!("ATS#{id}"), "CREATED", &count).await;
}

#[tokio::test]
pub async fn a_system_creates_a_thousand_companies_and_not_one_more() {
    assert_eq!(CREATED_COMPANIES_MAX, 1_000);
    let server = TestServer::start().await;
    let (system, other) = (server.system().await, server.system().await);
    let create = |system: &Caller| system.post("/companies").json(&body::company());
    create(&system).answered(201).await;
    set_count(&system, 999).await;
    create(&system).answered(201).await;
    for request in [create(&system), create(&system).idempotent("k")] {
        let answer = request.refused(ErrorCode::LimitReached).await;
        assert_eq!(answer.body["limit"], 1_000);
    }
    create(&other).answered(201).await;
}

/// Companies that the operator creates for the system do not count.
#[tokio::test]
pub async fn the_operator_may_create_further_ones() {
    let server = TestServer::start().await;
    let ats: AtsId = server.ats().await;
    let system = server.caller_for(ats).await;
    server.company().managed_by(ats).create().await;
    let first = system.post("/companies").json(&body::company()).answered(201).await;
    set_count(&system, CREATED_COMPANIES_MAX).await;
    let further = server.company().managed_by(ats).create().await;
    system.get(&format!("/companies/{}", further.id)).answered(200).await;
    system.get(&format!("/companies/{}", first.id())).answered(200).await;
}
