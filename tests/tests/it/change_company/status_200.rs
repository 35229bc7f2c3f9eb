use std::time::Duration;

use domain::allowance::SubscriptionStatus;
use domain::company::Plan;
use serde_json::json;
use store::PlanChange;
use tests::faults::{Fault, FaultScript, Operation};
use tests::{TestServer, body};

use crate::concurrency::all_at_once;

#[tokio::test]
pub async fn named_fields_change_null_removes_and_metadata_is_merged() {
    let server = TestServer::start().await;
    let system = server.system().await;
    let full =
        json!({"name": "Potraviny Malá", "description": "Three shops.", "metadata": {"a": 1, "b": {"c": 2, "d": 3}}});
    let created = system.post("/companies").json(&full).answered(201).await;
    let path = format!("/companies/{}", created.id());
    server.pass(Duration::from_secs(1));
    let patch = json!({"name": "Potraviny", "description": null, "metadata": {"a": null, "b": {"c": 4}, "e": 5}});
    let changed = system.patch(&path).json(&patch).answered(200).await;
    let mut expected = body::with(
        created.body.clone(),
        json!({"name": "Potraviny", "metadata": {"b": {"c": 4, "d": 3}, "e": 5}, "updatedAt": server.now()}),
    );
    expected.as_object_mut().unwrap().remove("description");
    assert_eq!(changed.body, expected);
    let shown = system.get(&path).answered(200).await;
    assert_eq!((&shown.text, shown.header("etag")), (&changed.text, changed.header("etag")));

    server.pass(Duration::from_secs(1));
    for nothing in [json!({}), json!({"name": "Potraviny"})] {
        assert_eq!(system.patch(&path).json(&nothing).answered(200).await.text, shown.text);
    }
    let bare = system.patch(&path).json(&json!({"metadata": null})).answered(200).await;
    assert_eq!(bare.body.get("metadata"), None);
}

/// An operator's changes of plan and subscription are not lost, and the request that meets one is carried out.
#[tokio::test]
pub async fn an_operator_s_change_at_the_same_time_stays() {
    let server = TestServer::start().await;
    let ats = server.ats().await;
    let (system, company) = (server.caller_for(ats).await, server.company().managed_by(ats).create().await);
    // Between the read and the write of the request.
    server.faults().follow(FaultScript::script([(Operation::UpdateItem, Fault::Throttled); 200]));
    let request = system.patch(&format!("/companies/{}", company.id)).json(&json!({"name": "Another name"}));
    let operator = async {
        while !server.faults().requests().contains(&Operation::UpdateItem) {
            tokio::task::yield_now().await;
        }
        let plan = PlanChange { plan: Some(Plan::Scale), ..PlanChange::default() };
        server.store().set_plan(company.id, plan, server.now()).await.unwrap();
        server.store().set_subscription(company.id, SubscriptionStatus::Suspended, server.now()).await.unwrap();
        server.faults().follow(FaultScript::none());
    };
    let (changed, ()) = tokio::join!(request.answered(200), operator);
    let expected = ("Another name", "SCALE", "SUSPENDED");
    assert_eq!((changed.text_of("name"), changed.text_of("plan"), changed.text_of("subscription")), expected);
    assert_eq!(company.account().await.company.plan, Plan::Scale);
}

/// Each of many changes at once is made: none is lost.
#[tokio::test]
pub async fn changes_at_once_are_all_made() {
    let server = TestServer::start().await;
    let system = server.system().await;
    let path = format!("/companies/{}", system.post("/companies").json(&body::company()).answered(201).await.id());
    let requests = (0..16).map(|number| {
        let (system, path) = (system.clone(), path.clone());
        move || system.patch(&path).json(&json!({"metadata": {format!("n{number}"): number}}))
    });
    let outcome = all_at_once(requests).await;
    assert!(outcome.answers.iter().all(|answer| answer.status == 200));
    let shown = system.get(&path).answered(200).await;
    assert_eq!(shown.body["metadata"].as_object().unwrap().len(), 16);
}
