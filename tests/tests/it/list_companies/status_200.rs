use std::time::Duration;

use domain::allowance::SubscriptionStatus;
use serde_json::json;
use tests::{TestServer, body};

use crate::any_route::lists;
use crate::rights::hand_over;

/// A system sees the companies that it manages, whoever created them, and no other; `companyId` narrows nothing.
#[tokio::test]
pub async fn a_system_sees_its_own_companies_only() {
    let server = TestServer::start().await;
    let (ats, other_ats) = (server.ats().await, server.ats().await);
    let (system, other) = (server.caller_for(ats).await, server.caller_for(other_ats).await);
    let by_operator = server.company().managed_by(ats).create().await;
    server.company().create().await;
    server.pass(Duration::from_secs(1));
    let foreign = other.post("/companies").json(&body::company()).answered(201).await;
    server.pass(Duration::from_secs(1));
    let created = system.post("/companies").json(&body::company()).answered(201).await;
    for query in ["".to_owned(), format!("?companyId={}", foreign.id()), "?companyId=1".to_owned()] {
        let page = system.get(&format!("/companies{query}")).answered(200).await;
        assert_eq!(lists::ids(&page), [created.id(), by_operator.id.to_string()], "{query}");
    }
    assert_eq!(lists::ids(&other.get("/companies").answered(200).await), [foreign.id()]);
}

/// A company that another system manages since is not shown, though the entry of the index still says otherwise.
#[tokio::test]
pub async fn a_company_that_was_handed_over_is_not_shown() {
    let server = TestServer::start().await;
    let ats = server.ats().await;
    let system = server.caller_for(ats).await;
    let (kept, left) =
        (server.company().managed_by(ats).create().await, server.company().managed_by(ats).create().await);
    hand_over(&left).await;
    assert_eq!(lists::ids(&system.get("/companies").answered(200).await), [kept.id.to_string()]);
}

/// An item is shown as the company itself is, with its subscription as it is now, and without its allowance.
#[tokio::test]
pub async fn items_are_what_the_company_is_shown_as() {
    let server = TestServer::start().await;
    let system = server.system().await;
    let full = json!({"name": "Potraviny Malá", "description": "Three shops.", "metadata": {"customer": 4711}});
    let id = system.post("/companies").json(&full).answered(201).await.id();
    let suspended = SubscriptionStatus::Suspended;
    server.store().set_subscription(id.parse().unwrap(), suspended, server.now()).await.unwrap();
    let page = system.get("/companies").answered(200).await;
    let shown = system.get(&format!("/companies/{id}")).answered(200).await;
    assert_eq!(page.body["items"], json!([shown.body]));
    assert_eq!((&shown.body["subscription"], shown.body.get("allowance")), (&json!("SUSPENDED"), None));
}

/// The largest page has twice as many items as one read takes.
#[tokio::test]
pub async fn a_page_of_a_hundred_has_each_company_once() {
    let server = TestServer::start().await;
    let ats = server.ats().await;
    let system = server.caller_for(ats).await;
    let mut newest_first = Vec::new();
    for _ in 0..101 {
        newest_first.insert(0, system.post("/companies").json(&body::company()).answered(201).await.id());
        server.pass(Duration::from_millis(1));
    }
    let page = system.get("/companies?limit=100").answered(200).await;
    assert_eq!(lists::ids(&page), newest_first[..100]);
    let next = page.text_of("nextCursor");
    let last = system.get(&format!("/companies?limit=100&cursor={next}")).answered(200).await;
    assert_eq!((lists::ids(&last).as_slice(), last.body.get("nextCursor")), (&newest_first[100..], None));
}
