//! Limits of use: a key that asks without pause, and strangers who do, use up nothing of anybody else's.

use std::collections::BTreeMap;

use domain::company::Plan;
use domain::limits::UseLimits;
use reqwest::Method;
use serde_json::json;
use tests::TestServer;
use tests::api::ErrorCode;
use tests::faults::Operation::BatchGetItem;

use crate::limits::{get, left};

use super::{Cost, Neighbour, costs, outcomes, storm};

/// Requests that one key sends at once.
const HAMMERING: usize = 1_000;

/// The smallest plan's key sends a thousand requests in a minute: thirty are carried out, and each other one costs a read.
#[tokio::test]
async fn a_key_that_hammers_is_refused_for_one_read_each() {
    let server = TestServer::start().await;
    let neighbour = Neighbour::of(&server).await;
    let company = server.company().plan(Plan::Trial).create().await;
    let (_, key) = company.api_key().limited().create().await;
    // Known to the instance, so that the limit is exact for requests at once too.
    assert_eq!(left(&get(&company, &key).await), (29, 499));
    let request = {
        let (server, key) = (server.clone(), key.clone());
        move || server.request(Method::GET, "/webhooks").key(&key)
    };
    let answers = neighbour.beside(storm(vec![request.clone(); HAMMERING - 1])).await;
    // A count that this machine could not make in time lets its request pass.
    let uncounted: u64 = answers.iter().filter_map(|answer| answer.log["dynamodb"]["countFailures"].as_u64()).sum();
    let passed = outcomes(&answers).get("OK").copied().unwrap_or_default() as u64;
    assert!(passed <= 29 + uncounted, "{passed} passed, {uncounted} were not counted");
    assert_eq!(outcomes(&answers).get("RATE_LIMITED").copied(), Some(HAMMERING - 1 - passed as usize));
    // Requests at once may be counted beside the read; once it is known that nothing is left, none is.
    server.faults().take_arrivals();
    let later = storm(vec![request; 100]).await;
    assert_eq!((outcomes(&later), costs(&later)), (BTreeMap::from([("RATE_LIMITED", 100)]), vec![Cost(1, 2.0, 0.0)]));
    assert!(server.faults().take_arrivals().iter().all(|operation| *operation == BatchGetItem));
    neighbour.assert_unharmed().await;
}

/// A stranger's request costs one read and no write; one without a well-formed key nothing.
#[tokio::test]
async fn strangers_cost_no_write() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let stranger = TestServer::start().await.company().create().await.key.clone();
    server.faults().take_arrivals();
    for _ in 0..3 {
        let answer = get(&company, &stranger).await;
        assert_eq!((answer.status, &answer.log["dynamodb"]["writeUnits"]), (401, &json!(0.0)));
    }
    assert_eq!(server.faults().take_arrivals(), [BatchGetItem; 3]);
    assert_eq!(get(&company, "sk_mistyped").await.status, 401);
    assert_eq!(server.faults().take_arrivals(), []);
    assert_eq!(server.counters().await.len(), 0);
}

/// Another company's use, and another key's, are their own.
#[tokio::test]
async fn nobody_else_is_affected() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let other = server.company().plan(Plan::Trial).create().await;
    let (_, key) = company.api_key().limits(UseLimits { minute: 1, hour: 1 }).create().await;
    let (_, second) = company.api_key().limited().create().await;
    let (_, others) = other.api_key().limited().create().await;
    get(&company, &key).await;
    assert_eq!(get(&company, &key).await.code(), Some(ErrorCode::RateLimited.as_str()));
    assert_eq!(left(&get(&company, &second).await), (299, 14_999));
    assert_eq!(left(&get(&other, &others).await), (29, 499));
}
