//! Keys that nobody has: their checksum is public, so anybody can make as many as he likes.
//!
//! The most that one costs where it names the largest things is in `bounds`.

use std::collections::BTreeMap;

use domain::api_key::ApiKeySecret;
use reqwest::Method;
use tests::TestServer;
use tests::api::Route;
use tests::faults::Operation::BatchGetItem;

use super::{Cost, Neighbour, costs, outcomes, storm};

/// A key that has the form of one.
fn forged() -> String {
    ApiKeySecret::generate().expect("randomness").reveal().to_owned()
}

/// Forged keys at each route.
const EACH: usize = 50;

#[tokio::test]
async fn forged_keys_at_each_route_cost_one_read_each_and_leave_nothing() {
    let server = TestServer::start().await;
    let neighbour = Neighbour::of(&server).await;
    let company = server.company().create().await;
    let mut requests = Vec::new();
    for route in Route::ALL {
        let caller = company.caller_of(*route).await;
        let accepted = server.accepted(*route, &caller.key).await;
        requests.extend((0..EACH).map(|_| {
            let (server, accepted, key) = (server.clone(), accepted.clone(), forged());
            move || accepted.request(&server).key(&key)
        }));
    }
    let before = (server.all_items().await, server.counters().await.len());
    server.faults().take_arrivals();
    let answers = storm(requests).await;
    assert!(server.faults().take_arrivals().iter().all(|operation| *operation == BatchGetItem));
    assert_eq!((server.all_items().await, server.counters().await.len()), before, "no item more, and none changed");
    neighbour.assert_unharmed().await;
    assert_eq!(outcomes(&answers), BTreeMap::from([("INVALID_API_KEY", EACH * Route::ALL.len())]));
    assert!(costs(&answers).iter().all(|Cost(_, read, _)| (2.0..=4.0).contains(read)), "{:?}", costs(&answers));
}

/// A thousand keys at one route, while the second company works: not even what it is told of its own limits changes.
#[tokio::test]
async fn a_thousand_forged_keys_do_not_count_for_anybody() {
    let server = TestServer::start().await;
    let neighbour = Neighbour::of(&server).await;
    let requests = (0..1_000).map(|_| {
        let (server, key) = (server.clone(), forged());
        move || server.request(Method::GET, "/webhooks").key(&key)
    });
    let answers = neighbour.beside(storm(requests)).await;
    assert_eq!(outcomes(&answers), BTreeMap::from([("INVALID_API_KEY", 1_000)]));
    assert_eq!(costs(&answers), [Cost(1, 2.0, 0.0)]);
    assert_eq!(server.counters().await.len(), 1, "of the second company's key alone");
}
