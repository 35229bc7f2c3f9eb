//! Isolation: a webhook gets the events of its owner's companies only, and waits for no other webhook's endpoint.

use std::collections::BTreeSet;
use std::sync::Arc;

use local::sqs::QueueName;
use serde_json::json;
use tests::api::ErrorCode;
use tests::events::ping_jobs;
use tests::{Events, Reaction, TestServer, WebhookReceiver};
use tokio::sync::Notify;

/// Messages for an endpoint that hangs.
const HANGING: usize = 200;

/// Endpoints that hang: the webhooks that a company may have.
const ENDPOINTS: usize = 50;

#[tokio::test]
async fn a_company_s_events_go_to_its_own_webhooks_and_to_those_of_the_system_that_manages_it() {
    let server = TestServer::start().await;
    let events = Events::start(&server).await;
    let (ats, other_ats) = (server.ats().await, server.ats().await);
    let (_, ats_key) = server.ats_key(ats).create().await;
    let (_, other_key) = server.ats_key(other_ats).create().await;
    let first = server.company().managed_by(ats).create().await;
    let second = server.company().managed_by(ats).create().await;
    let foreign = server.company().managed_by(other_ats).create().await;
    let alone = server.company().create().await;

    let endpoints: Vec<_> = (0..5).map(|_| WebhookReceiver::start()).collect();
    let [of_all, of_first, of_foreign, own, others] = &endpoints[..] else { panic!("five") };
    let create = async |key: &str, endpoint: &WebhookReceiver, company_id: Option<String>| {
        let mut body = json!({"url": endpoint.url(), "events": ["interview.completed"]});
        company_id.into_iter().for_each(|id| body["companyId"] = json!(id));
        server.post("/webhooks").key(key).json(&body).answered(201).await
    };
    create(&ats_key, of_all, None).await;
    create(&ats_key, of_first, Some(first.id.to_string())).await;
    create(&other_key, of_foreign, None).await;
    create(&first.key, own, Some(first.id.to_string())).await;
    create(&alone.key, others, None).await;

    let mut interviews = Vec::new();
    for company in [&first, &second, &foreign, &alone] {
        interviews.push(company.test_interview().await);
    }
    events.published().await;
    let heard = |endpoint: &WebhookReceiver| -> BTreeSet<String> {
        endpoint.posts().iter().map(tests::ReceivedPost::interview_id).collect()
    };
    let of = |numbers: &[usize]| numbers.iter().map(|number| interviews[*number].clone()).collect::<BTreeSet<_>>();
    assert_eq!(heard(of_all), of(&[0, 1]));
    assert_eq!(heard(of_first), of(&[0]));
    assert_eq!(heard(of_foreign), of(&[2]));
    assert_eq!(heard(own), of(&[0]));
    assert_eq!(heard(others), of(&[3]));
}

#[tokio::test]
async fn a_system_hears_no_more_of_a_company_that_it_does_not_manage_any_more() {
    let (server, endpoint) = (TestServer::start().await, WebhookReceiver::start());
    let events = Events::start(&server).await;
    let ats = server.ats().await;
    let (_, key) = server.ats_key(ats).create().await;
    let company = server.company().managed_by(ats).create().await;
    let body = json!({"url": endpoint.url(), "events": ["interview.completed"], "companyId": company.id});
    let created = server.post("/webhooks").key(&key).json(&body).answered(201).await;
    company.test_interview().await;
    endpoint.received(1).await;
    events.quiet().await;
    let other = server.ats().await;
    let managed = json!({"atsId": {"S": other.to_string()}});
    server.set_attributes(&format!("COMPANY#{}", company.id), "COMPANY", &managed).await;
    company.test_interview().await;
    events.published().await;
    assert_eq!(endpoint.posts().len(), 1);

    // An event that the webhook has had before is not delivered to it again either.
    let path = format!("/webhooks/{}/deliveries/{}/redeliver", created.id(), endpoint.posts()[0].delivery_id());
    let refused = server.post(&path).key(&key).refused(ErrorCode::ResourceAccessDenied).await;
    assert_eq!(refused.body["resourceType"], "INTERVIEW");
}

/// The hanging endpoint answers only after the healthy one has everything: if one held up the other, this would not end.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn endpoints_that_hang_fail_and_redirect_do_not_hold_up_a_healthy_one() {
    let server = TestServer::start().await;
    let released = Arc::new(Notify::new());
    let (hanging, failing, redirecting, healthy) =
        (WebhookReceiver::start(), WebhookReceiver::start(), WebhookReceiver::start(), WebhookReceiver::start());
    let until = released.clone();
    hanging.reacts(move |_| Reaction::Hang(until.clone(), 204));
    failing.answers(500);
    let target = healthy.url();
    redirecting.reacts(move |_| Reaction::Answer(307, "location", target.clone(), String::new()));
    let slow = server.company().create().await;
    let hung = slow.webhook(&hanging).await;
    slow.webhook(&failing).await;
    slow.webhook(&redirecting).await;
    let company = server.company().create().await;
    company.webhook(&healthy).await;

    // The slow company's events come first, all at once.
    server.queues().send(QueueName::Deliveries, ping_jobs(&server, &hung, HANGING)).await.expect("sent");
    let _events = Events::start(&server).await;
    hanging.received(1).await;
    for _ in 0..20 {
        slow.test_interview().await;
        company.test_interview().await;
    }
    assert_eq!(healthy.received(40).await.len(), 40);
    assert!(failing.posts().len() + redirecting.posts().len() > 0);
    released.notify_waiters();
}

/// The hanging endpoints answer only at the end, so that all of their deliveries compete with the healthy one's.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_endpoints_that_hang_hold_few_posts_and_a_healthy_one_has_everything_meanwhile() {
    let server = TestServer::start().await;
    let released = Arc::new(Notify::new());
    let (slow, company) = (server.company().create().await, server.company().create().await);
    let healthy = WebhookReceiver::start();
    company.webhook(&healthy).await;
    let mut hanging = Vec::new();
    for _ in 0..ENDPOINTS {
        let (endpoint, until) = (WebhookReceiver::start(), released.clone());
        endpoint.reacts(move |_| Reaction::Hang(until.clone(), 204));
        let webhook = slow.webhook(&endpoint).await;
        server.queues().send(QueueName::Deliveries, ping_jobs(&server, &webhook, 24)).await.expect("sent");
        hanging.push(endpoint);
    }
    let _events = Events::start(&server).await;
    for endpoint in &hanging {
        endpoint.received(1).await;
    }
    for _ in 0..12 {
        company.test_interview().await;
    }
    assert_eq!(healthy.received(24).await.len(), 24);
    // One each, and another each time that one has hung for so long that it is given up.
    let posts: usize = hanging.iter().map(|endpoint| endpoint.posts().len()).sum();
    assert!(posts < ENDPOINTS * 8, "{posts} posts at once");
    released.notify_waiters();
}
