//! Suspension: the webhooks of a company that is suspended get nothing, and nobody else's are touched.

use domain::allowance::SubscriptionStatus;
use serde_json::json;
use tests::{Company, Events, TestServer, WebhookReceiver};

use crate::events::attempts::subscribed;

const QUARTER: u64 = 20 * 60;

async fn activate(company: &Company) {
    let (store, now) = (company.server().store(), company.server().now());
    store.set_subscription(company.id, SubscriptionStatus::Active, now).await.unwrap();
}

#[tokio::test]
async fn a_suspended_company_s_webhook_misses_what_happens_and_what_was_under_way_waits() {
    let here = subscribed(500).await;
    here.first_attempt().await;
    here.company.suspend().await;
    here.company.test_interview().await;
    here.events.published().await;
    here.pass_seconds(QUARTER).await;
    assert_eq!(here.endpoint.posts().len(), 1, "neither the one that failed nor another");
    assert_eq!(here.company.get_webhook(&here.webhook.id).await["isActive"], true, "the owner's own pause is none");

    here.endpoint.answers(200);
    activate(&here.company).await;
    here.pass_seconds(QUARTER).await;
    here.events.published().await;
    assert_eq!(here.endpoint.posts().len(), 2, "the one that waited, not the one that was missed");
    assert_eq!(here.delivery().await["status"], "SUCCEEDED");
}

#[tokio::test]
async fn a_webhook_that_is_created_or_resumed_during_the_suspension_gets_nothing_either() {
    let (server, endpoint) = (TestServer::start().await, WebhookReceiver::start());
    let events = Events::start(&server).await;
    let company = server.company().create().await;
    // The company's first webhook: there was no registry when it was suspended.
    company.suspend().await;
    let webhook = company.webhook(&endpoint).await;
    for is_active in [false, true] {
        company.patch(&format!("/webhooks/{}", webhook.id)).json(&json!({"isActive": is_active})).answered(200).await;
    }
    company.test_interview().await;
    events.published().await;
    assert_eq!(endpoint.posts().len(), 0);

    activate(&company).await;
    company.test_interview().await;
    endpoint.received(2).await;
}

#[tokio::test]
async fn the_end_of_a_suspension_leaves_what_the_owner_has_paused_paused() {
    let here = subscribed(200).await;
    let path = format!("/webhooks/{}", here.webhook.id);
    let paused = here.company.patch(&path).json(&json!({"isActive": false})).answered(200).await;
    here.company.suspend().await;
    activate(&here.company).await;
    assert_eq!(here.company.get_webhook(&here.webhook.id).await, paused.body);
    here.company.test_interview().await;
    here.events.published().await;
    assert_eq!(here.endpoint.posts().len(), 0);
}

#[tokio::test]
async fn the_webhooks_of_systems_and_of_other_companies_go_on() {
    let server = TestServer::start().await;
    let events = Events::start(&server).await;
    let ats = server.ats().await;
    let (_, ats_key) = server.ats_key(ats).create().await;
    let suspended = server.company().managed_by(ats).create().await;
    let neighbour = server.company().managed_by(ats).create().await;
    let endpoints: Vec<_> = (0..3).map(|_| WebhookReceiver::start()).collect();
    let [of_system, of_suspended, of_neighbour] = &endpoints[..] else { panic!("three") };
    for (key, endpoint) in [(&ats_key, of_system), (&suspended.key, of_suspended), (&neighbour.key, of_neighbour)] {
        let body = json!({"url": endpoint.url(), "events": ["interview.completed"]});
        server.post("/webhooks").key(key).json(&body).answered(201).await;
    }
    suspended.suspend().await;
    suspended.test_interview().await;
    neighbour.test_interview().await;
    events.published().await;
    events.quiet().await;
    let posts = endpoints.iter().map(|endpoint| endpoint.posts().len()).collect::<Vec<_>>();
    assert_eq!(posts, [2, 0, 1]);
}
