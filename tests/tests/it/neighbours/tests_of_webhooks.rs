//! Tests of webhooks: an endpoint decides how long one takes, and nobody can have many functions wait for it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tests::{Company, Reaction, Request, TestServer, WebhookReceiver};
use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::{AT_ONCE, Cost, Neighbour, costs, insisting, outcomes, storm};

/// Tests that hold functions or are refused while others do.
const TESTS: usize = 200;
/// Tests that were sent each second.
const EACH_SECOND: usize = 67;

/// The cost of a refusal, while another test is under way or after ten in the minute: the look-up and the count of any request,
/// and two conditions that do not hold, whose write unit each the engine does not tell.
const REFUSED: Cost = Cost(4, 4.0, 1.0);

fn test_of(company: &Company, webhook: &str) -> Request {
    company.post(&format!("/webhooks/{webhook}/test"))
}

/// An endpoint that answers when it is released.
fn hanging(release: &Arc<Notify>) -> WebhookReceiver {
    let (endpoint, release) = (WebhookReceiver::start(), release.clone());
    endpoint.reacts(move |_| Reaction::Hang(release.clone(), 204));
    endpoint
}

/// Sends two hundred tests of a company's webhooks, none of which ends: as many as there are webhooks are held by their
/// endpoints, and all others are answered while these hang. Then the second company works, and tests its own webhook.
async fn two_hundred_under_way(webhooks: usize) {
    let server = TestServer::start().await;
    let neighbour = Neighbour::of(&server).await;
    let (company, release) = (server.company().create().await, Arc::new(Notify::new()));
    let endpoint = hanging(&release);
    let mut ids = Vec::new();
    for _ in 0..webhooks {
        ids.push(company.webhook(&endpoint).await.id);
    }
    let (mut held, mut refused, mut sent) = (JoinSet::new(), Vec::new(), 0);
    let tests: Vec<_> = (0..TESTS).map(|test| ids[test * webhooks / TESTS].clone()).collect();
    for at_once in tests.chunks(AT_ONCE) {
        for webhook in at_once {
            let (company, webhook) = (company.clone(), webhook.clone());
            held.spawn(insisting(move || test_of(&company, &webhook)));
        }
        sent += at_once.len();
        let tested = tests[..sent].iter().collect::<BTreeSet<_>>().len();
        while refused.len() < sent - tested {
            refused.push(held.join_next().await.expect("an answer").expect("no panic"));
        }
    }
    assert_eq!(outcomes(&refused), BTreeMap::from([("RATE_LIMITED", TESTS - webhooks)]));
    assert_eq!(endpoint.received(webhooks).await.len(), webhooks, "as many are held as there are webhooks");

    // All that the attack holds is held now.
    neighbour.assert_unharmed().await;
    let own = test_of(&neighbour.company, &neighbour.webhook).answered(200).await;
    assert_eq!(own.body["success"], true, "{own}");
    release.notify_waiters();
    let answers = held.join_all().await;
    assert!(answers.iter().all(|answer| answer.status == 200), "{answers:?}");
    assert_eq!((answers.len(), endpoint.posts().len()), (webhooks, webhooks));
    endpoint.answers(204);
    test_of(&company, &ids[0]).answered(200).await;
    neighbour.assert_unharmed().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_hundred_tests_of_a_webhook_one_is_under_way() {
    two_hundred_under_way(1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_hundred_tests_of_fifty_webhooks_fifty_are_under_way() {
    two_hundred_under_way(50).await;
}

/// Sends sixty-seven tests a second of one webhook, for so many seconds of one minute: ten are made, and what the others
/// cost does not grow.
async fn sixty_seven_a_second(seconds: usize) {
    let server = TestServer::start().await;
    server.set_clock("2026-05-15T10:21:00.000Z");
    let neighbour = Neighbour::of(&server).await;
    let (company, endpoint) = (server.company().create().await, WebhookReceiver::start());
    let webhook = company.webhook(&endpoint).await.id;
    // One after another, as they come to an endpoint that answers.
    for _ in 0..10 {
        test_of(&company, &webhook).answered(200).await;
    }
    for _ in 0..seconds {
        let (company, webhook) = (company.clone(), webhook.clone());
        let second = vec![move || test_of(&company, &webhook); EACH_SECOND];
        let answers = neighbour.beside(storm(second)).await;
        assert_eq!(outcomes(&answers), BTreeMap::from([("RATE_LIMITED", EACH_SECOND)]));
        assert!(costs(&answers).iter().all(|cost| *cost == REFUSED), "{:?}", costs(&answers));
        server.pass(Duration::from_secs(1));
    }
    assert_eq!(endpoint.posts().len(), 10);
    let tests = server.item(&format!("WEBHOOK#{webhook}"), "TESTS").await;
    assert_eq!(tests["count"], json!({"N": "10"}), "{tests}");
}

#[tokio::test]
async fn of_sixty_seven_tests_a_second_ten_a_minute_are_made() {
    sixty_seven_a_second(3).await;
}

/// `cargo test -p tests --test it -- --ignored sixty_seven_tests_a_second_for_a_minute`
#[tokio::test]
#[ignore = "takes a minute"]
async fn of_sixty_seven_tests_a_second_for_a_minute_ten_are_made() {
    sixty_seven_a_second(59).await;
}
