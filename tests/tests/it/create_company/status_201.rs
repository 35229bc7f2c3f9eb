use std::time::Duration;

use domain::allowance::{Allowance, Seconds, SubscriptionStatus};
use domain::company::{AtsId, CompanyId, DefaultPlan, Owner, Plan};
use reqwest::Method;
use serde_json::{Value, json};
use store::CompanyAccount;
use tests::faults::{Fault, FaultScript, Operation};
use tests::{Answer, Caller, TestServer, api, body};

use crate::any_route::lists;
use crate::concurrency::all_at_once;
use crate::derived_ids::{computed_under, secret};

/// The id of the system.
fn ats_id(system: &Caller) -> AtsId {
    match system.owner {
        Owner::Ats(id) => id,
        Owner::Company(_) => panic!("a company"),
    }
}

async fn account(system: &Caller, created: &Answer) -> CompanyAccount {
    system.server().store().company(created.id().parse().unwrap()).await.unwrap()
}

#[tokio::test]
pub async fn every_field_is_answered_as_it_was_sent_and_only_the_name_is_needed() {
    let system = TestServer::start().await.system().await;
    let now = system.server().now();
    let besides =
        |id: String| json!({"id": id, "plan": "TRIAL", "subscription": "ACTIVE", "createdAt": now, "updatedAt": now});
    let full = json!({"name": "Potraviny Malá", "description": "Three\nshops.", "metadata": {"customer": 4711.50}});
    for company in [full, body::company()] {
        let created = system.post("/companies").json(&company).answered(201).await;
        assert_eq!(created.header("location"), Some(format!("/companies/{}", created.id()).as_str()));
        assert_eq!(created.body, body::with(company, besides(created.id())));
        let shown = system.get(&format!("/companies/{}", created.id())).answered(200).await;
        assert_eq!((&shown.text, shown.header("etag")), (&created.text, created.header("etag")));
    }
}

/// Everything that the operator's creation makes: the company is listed at once, its allowance is whole, its system acts for
/// it, its ids have a secret of their own, and the operator can give it keys.
#[tokio::test]
pub async fn a_created_company_is_complete() {
    let server = TestServer::start().await;
    let system = server.system().await;
    let created = system.post("/companies").json(&body::company()).answered(201).await;
    let id: CompanyId = created.id().parse().unwrap();
    assert_eq!(lists::ids(&system.get("/companies").answered(200).await), [id.to_string()]);

    let CompanyAccount { company, allowance } = account(&system, &created).await;
    assert_eq!(company.ats_id, Some(ats_id(&system)));
    let hour = Seconds::from_minutes(60);
    assert_eq!(allowance, Allowance { plan: Some(Plan::Trial), ..Allowance::new(id, hour, false, server.now()) });
    let secrets = [
        secret(&server, &format!("COMPANY#{id}"), "COMPANY").await,
        secret(&server, &format!("ATS#{}", ats_id(&system)), "ATS").await,
    ];
    assert!(secrets[0].is_some() && secrets[0] != secrets[1]);

    let agents = format!("/agents?companyId={id}");
    let agent = system.post(&agents).json(&body::agent()).idempotent("k").answered(201).await;
    let itself = server.caller_for(id).await;
    assert!(itself.post("/agents").json(&body::agent()).idempotent("k").answered(201).await.replayed());
    assert_eq!(agent.id(), computed_under("k", id, secrets[0], (api::Route::CreateAgent, "agent")));
    assert_eq!(server.store().companies().await.unwrap(), [company]);
}

#[tokio::test]
pub async fn it_has_the_plan_that_the_operator_set_for_the_system() {
    let server = TestServer::start().await;
    let (system, other) = (server.system().await, server.system().await);
    let create = async |system: &Caller| system.post("/companies").json(&body::company()).answered(201).await;
    let before = create(&system).await;
    for (plan, minutes, granted) in [(Plan::Business, None, 3_000), (Plan::Enterprise, Some(70), 70)] {
        let default = DefaultPlan { plan, granted_seconds: plan.grant(minutes).unwrap() };
        server.store().set_default_plan(ats_id(&system), default, server.now()).await.unwrap();
        let created = create(&system).await;
        assert_eq!(created.body["plan"], json!(plan));
        let CompanyAccount { company, allowance } = account(&system, &created).await;
        assert_eq!((company.plan, allowance.granted_seconds), (plan, Seconds::from_minutes(granted)));
        assert_eq!((allowance.remaining_seconds, allowance.plan), (Seconds::from_minutes(granted), Some(plan)));
    }
    assert_eq!(create(&other).await.body["plan"], "TRIAL", "another system's is its own");
    assert_eq!(account(&system, &before).await.company.plan, Plan::Trial, "what was created keeps its plan");
}

/// A repeat is answered by the company as it stands, whatever has become of it, and does not meet the system's limit.
#[tokio::test]
pub async fn a_repeat_shows_the_company_as_it_stands() {
    let server = TestServer::start().await;
    let system = server.system().await;
    let create = || system.post("/companies").json(&body::company()).idempotent("once").answered(201);
    let id = create().await.id();
    server.pass(Duration::from_secs(1));
    system.patch(&format!("/companies/{id}")).json(&json!({"name": "Renamed"})).answered(200).await;
    let suspended = SubscriptionStatus::Suspended;
    server.store().set_subscription(id.parse().unwrap(), suspended, server.now()).await.unwrap();
    let full = json!({"count": {"N": "1000"}});
    server.set_attributes(&format!("ATS#{}", ats_id(&system)), "CREATED", &full).await;
    let repeat = create().await;
    assert!(repeat.replayed());
    assert_eq!(
        (repeat.id(), repeat.text_of("name"), repeat.text_of("subscription")),
        (id.clone(), "Renamed", "SUSPENDED")
    );
    assert_eq!(repeat.text, system.get(&format!("/companies/{id}")).answered(200).await.text);
}

/// A key of the system means nothing to another system, and the same to all keys of this one.
#[tokio::test]
pub async fn an_idempotency_key_is_the_system_s() {
    let server = TestServer::start().await;
    let (system, other) = (server.system().await, server.system().await);
    let second_key = server.caller_for(ats_id(&system)).await;
    let create = |caller: &Caller| caller.post("/companies").json(&body::company()).idempotent("k").answered(201);
    let first = create(&system).await;
    let own = secret(&server, &format!("ATS#{}", ats_id(&system)), "ATS").await;
    assert_eq!(first.id(), computed_under("k", system.owner, own, (api::Route::CreateCompany, "company")));
    let (again, foreign) = (create(&second_key).await, create(&other).await);
    assert!(again.replayed() && again.id() == first.id());
    assert!(!foreign.replayed() && foreign.id() != first.id());
}

/// Of any number at once under one key, one creates; under different keys, each does, and each is counted.
#[tokio::test]
pub async fn simultaneous_requests_under_one_key_create_one_company() {
    for faults in [FaultScript::none(), FaultScript::none().with_conflicts(Duration::from_millis(1))] {
        let server = TestServer::start().await;
        let system = server.system().await;
        server.faults().follow(faults);
        let requests = (0..24).map(|caller| {
            let system = system.clone();
            move || system.post("/companies").json(&body::company()).idempotent(["one", "two", "three"][caller % 3])
        });
        let outcome = all_at_once(requests).await;
        assert!(outcome.created().len() == 3 || outcome.repeats > 0, "{} created", outcome.created().len());
        assert_eq!(outcome.created().len() + outcome.replayed().len(), 24);
        let companies = server.store().companies().await.unwrap();
        assert_eq!(companies.len(), 3);
        let count = server.item(&format!("ATS#{}", ats_id(&system)), "CREATED").await;
        assert_eq!((&count["count"], &count["version"]), (&json!({"N": "3"}), &json!({"N": "3"})));
        for company in companies {
            let allowance = server.item(&format!("COMPANY#{}", company.id), "ALLOWANCE#00").await;
            assert_eq!(allowance["remainingSeconds"], json!({"N": "3600"}), "{allowance}");
        }
    }
}

/// An answer that is lost is no second company, and neither is a request.
#[tokio::test]
pub async fn a_lost_answer_creates_nothing_twice() {
    let server = TestServer::start().await;
    let system = server.system().await;
    let faults = [Fault::AnswerLost, Fault::AnswerAndTokenLost, Fault::RequestLost];
    for (before, fault) in faults.into_iter().enumerate() {
        server.faults().follow(FaultScript::script([(Operation::TransactWriteItems, fault)]));
        let created = system.post("/companies").json(&body::company()).answered(201).await;
        assert!(!created.replayed(), "{fault:?}");
        assert_eq!(server.faults().unused(), 0, "{fault:?} befell nothing");
        assert_eq!(server.store().companies().await.unwrap().len(), before + 1, "{fault:?}");
    }
}

/// The plan is that of the moment in which the company is created: one that was read before a change is not used.
#[tokio::test]
pub async fn a_plan_that_changes_meanwhile_is_read_again() {
    let server = TestServer::start().await;
    let system = server.system().await;
    // Between the read of the system and the transaction.
    server.faults().follow(FaultScript::script([(Operation::TransactWriteItems, Fault::ConflictAt(0)); 200]));
    let request = system.post("/companies").json(&body::company());
    let change = async {
        while !server.faults().requests().contains(&Operation::TransactWriteItems) {
            tokio::task::yield_now().await;
        }
        let plan = DefaultPlan { plan: Plan::Scale, granted_seconds: Seconds(60) };
        server.store().set_default_plan(ats_id(&system), plan, server.now()).await.unwrap();
        server.faults().follow(FaultScript::none());
    };
    let (created, ()) = tokio::join!(request.answered(201), change);
    assert_eq!(created.body["plan"], "SCALE");
    let granted: Value =
        server.item(&format!("COMPANY#{}", created.id()), "ALLOWANCE#00").await["grantedSeconds"].take();
    assert_eq!(granted, json!({"N": "60"}));
}

/// The system is read after its key, since only that tells which it is.
#[tokio::test]
pub async fn it_costs_three_requests() {
    let server = TestServer::start().await;
    let system = server.system().await;
    server.faults().take_requests();
    system.request(Method::POST, "/companies").json(&body::company()).answered(201).await;
    let requests = server.faults().take_requests();
    assert_eq!(requests, [Operation::BatchGetItem, Operation::GetItem, Operation::TransactWriteItems]);
}
