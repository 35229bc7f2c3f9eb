//! A test fits its function's time, and its outcome is written down, however slow everything is at once.

use std::net::TcpListener;
use std::time::Duration;

use api::Route;
use domain::limits::WEBHOOK_TEST_MAX;
use local::api_gateway;
use local::functions::Functions;
use local::kms::MasterKey;
use serde_json::{Value, json};
use store::Store;
use tests::api;
use tests::beside::Beside;
use tests::faults::Operation::{BatchGetItem, Decrypt, TransactWriteItems};
use tests::faults::{Fault, FaultScript, Faults};
use tests::server::TABLE;
use tests::{TestServer, body};
use tokio::time::Instant;
use vault::Vault;

use crate::template::template;

/// The time-out of the function, in seconds.
fn function_timeout() -> Duration {
    let timeout = template()["Resources"]["ManageWebhooksFunction"]["Properties"]["Timeout"].as_u64();
    Duration::from_secs(timeout.expect("seconds"))
}

#[test]
fn a_test_keeps_others_out_for_longer_than_its_function_runs() {
    assert!(WEBHOOK_TEST_MAX > function_timeout());
}

/// Runs, at the most, before one is not disturbed. On a busy machine the paused clock may pass a time-out while a request
/// that takes no time of it is answered; then less was slow than there should have been.
const RUNS_MAX: usize = 10;

#[tokio::test]
async fn with_table_key_and_endpoint_slow_at_once_a_test_ends_in_time_and_is_written_down() {
    for _ in 0..RUNS_MAX {
        if everything_slow_at_once().await {
            return;
        }
    }
    panic!("in {RUNS_MAX} runs, no test was written down");
}

/// One test of a webhook while everything is slow. False if the table or the key timed out.
async fn everything_slow_at_once() -> bool {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    // It takes the connection, and says nothing.
    let endpoint = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/", endpoint.local_addr().expect("an address"));
    let webhook = company.created("/webhooks", &body::with(body::webhook(), json!({"url": url}))).await.id();

    let beside = Beside::start();
    let client = || beside.client(local::http_client());
    let (table, keys) = (Faults::none(), Faults::none());
    let functions = Functions {
        store: Store::at_endpoint(TABLE, &server.engine().url(), table.client(client())).await,
        // One that has not opened this webhook's secrets before.
        vault: Vault::at_endpoint(MasterKey::ARN, &server.services_url(), keys.client(client())).await,
        ..server.functions().clone()
    };
    // Four tries each, the last of which succeeds just before nothing would be left of the 6 s, for the short requests
    // between the look-up and the post too; and three of the key.
    let never = |operation| (operation, Fault::AnswerNever);
    let late = |operation, millis| (operation, Fault::DelayAfter(Duration::from_millis(millis)));
    let slow = |operation, last| [never(operation), never(operation), never(operation), late(operation, last)];
    table.follow(FaultScript::script([slow(BatchGetItem, 900), slow(TransactWriteItems, 1_200)].concat()));
    keys.follow(FaultScript::script([never(Decrypt), never(Decrypt), late(Decrypt, 1_300)]));

    let event = company.post(&format!("/webhooks/{webhook}/test")).event();
    tokio::time::pause();
    let begun = Instant::now();
    let answer = api_gateway::answer(&functions.http(), Some(Route::TestWebhook), event.to_string()).await;
    let elapsed = begun.elapsed();
    tokio::time::resume();
    let (head, body) = answer.into_parts();
    // A second is left for a cold start's rest and for answering.
    assert!(elapsed + Duration::from_secs(1) <= function_timeout(), "{elapsed:?}");
    if head.status.as_u16() == 503 {
        return false;
    }
    assert_eq!((table.unused(), keys.unused()), (0, 0), "all was slow");
    let body = axum::body::to_bytes(body, usize::MAX).await.expect("a body");
    let body: Value = serde_json::from_slice(&body).expect("JSON");
    assert_eq!((head.status.as_u16(), &body["success"]), (200, &json!(false)), "{body}");
    let took = body["durationMs"].as_u64().expect("milliseconds");
    assert!((8_000..12_000).contains(&took), "the endpoint had {took} ms");
    assert_eq!(body["message"], format!("The endpoint did not answer within {} seconds.", took / 1_000));
    assert!(elapsed > Duration::from_secs(26), "the worst case took only {elapsed:?}");

    let deliveries = company.deliveries(&webhook).await;
    assert_eq!(deliveries.len(), 1);
    assert_eq!(deliveries[0]["id"], body["deliveryId"]);
    true
}

/// A key service that fails is told as that, and the test that was not made neither counts nor stands in the way.
#[tokio::test]
async fn a_test_whose_secrets_cannot_be_opened_does_not_count() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let webhook = server.webhook_of(&company.key).await;
    let keys = Faults::new(FaultScript::script([(Decrypt, Fault::Unavailable); 30]));
    let vault = Vault::at_endpoint(MasterKey::ARN, &server.services_url(), keys.client(local::http_client())).await;
    let functions = Functions { vault, ..server.functions().clone() };
    let test = async || {
        let event = company.post(&format!("/webhooks/{webhook}/test")).event();
        let answer = api_gateway::answer(&functions.http(), Some(Route::TestWebhook), event.to_string()).await;
        answer.status().as_u16()
    };
    for _ in 0..2 {
        assert_eq!(test().await, 503);
    }
    keys.follow(FaultScript::none());
    for _ in 0..10 {
        assert_eq!(test().await, 200);
    }
    assert_eq!(test().await, 429);
}
