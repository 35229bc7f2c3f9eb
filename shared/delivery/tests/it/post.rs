//! The request, byte for byte, and its signatures.

use domain::delivery::AttemptOutcome;
use domain::webhook::SigningSecret;
use standardwebhooks::Webhook;

use crate::endpoint::{TestEndpoint, answers, at, id, local_client, post_with, stored_headers};

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";

#[tokio::test]
async fn a_post_is_json_with_the_headers_of_standard_webhooks() {
    let endpoint = TestEndpoint::start(answers(OK)).await;
    let secret = SigningSecret::generate().unwrap();
    let url = endpoint.url("/hooks/ž?a=b&c=%20d");
    let posted = post_with(&local_client(), &url, std::slice::from_ref(&secret), &[]).await;
    assert_eq!(posted.outcome, AttemptOutcome::Delivered);

    let request = endpoint.request();
    assert_eq!(request.line, "POST /hooks/%C5%BE?a=b&c=%20d HTTP/1.1");
    assert_eq!(request.body, r#"{"a": 1}"#);
    assert_eq!(request.header("content-length"), ["8"]);
    assert_eq!(request.header("content-type"), ["application/json"]);
    assert_eq!(request.header("host"), [endpoint.address.to_string()]);
    assert_eq!(request.header("user-agent"), [concat!("Greenroom-Webhooks/", env!("CARGO_PKG_VERSION"))]);
    assert_eq!(request.header("webhook-id"), [id().to_string()]);
    assert_eq!(request.header("webhook-timestamp"), [at().epoch_seconds().to_string()]);
    let reference = Webhook::new(secret.reveal()).unwrap();
    let signature = reference.sign(&id().to_string(), at().epoch_seconds(), request.body.as_bytes()).unwrap();
    assert_eq!(request.header("webhook-signature"), [signature]);
    assert_eq!(request.headers.len(), 7, "{request:?}");
}

#[tokio::test]
async fn every_live_secret_signs_and_no_other() {
    let endpoint = TestEndpoint::start(answers(OK)).await;
    let secrets: Vec<_> = (0..3).map(|_| SigningSecret::generate().unwrap()).collect();
    post_with(&local_client(), &endpoint.url("/"), &secrets[..2], &[]).await;

    let request = endpoint.request();
    let signatures: Vec<&str> = request.header("webhook-signature")[0].split(' ').collect();
    let by = |secret: &SigningSecret| {
        let reference = Webhook::new(secret.reveal()).unwrap();
        reference.sign(&id().to_string(), at().epoch_seconds(), request.body.as_bytes()).unwrap()
    };
    assert_eq!(signatures, [by(&secrets[0]), by(&secrets[1])]);
}

#[tokio::test]
async fn a_webhook_s_own_headers_come_along() {
    let endpoint = TestEndpoint::start(answers(OK)).await;
    let headers = stored_headers(&[("X-Team", "a"), ("x-team", "b"), ("Authorization", "Basic Zm9vOmJhcg==")]);
    post_with(&local_client(), &endpoint.url("/"), &[], &headers).await;
    let request = endpoint.request();
    assert_eq!(request.header("x-team"), ["a", "b"]);
    assert_eq!(request.header("authorization"), ["Basic Zm9vOmJhcg=="]);
}

/// Headers that validation refuses.
#[tokio::test]
async fn no_stored_header_can_frame_or_sign_a_post() {
    let endpoint = TestEndpoint::start(answers(OK)).await;
    let headers = stored_headers(&[
        ("Host", "evil.example"),
        ("Content-Length", "0"),
        ("Transfer-Encoding", "chunked"),
        ("Connection", "upgrade"),
        ("Content-Type", "text/plain"),
        ("User-Agent", "somebody"),
        ("Webhook-Id", "another"),
        ("WEBHOOK-SIGNATURE", "v1,AAAA"),
        ("webhook-timestamp", "0"),
        ("Proxy-Authorization", "Basic AAAA"),
        ("X-Split", "a\r\nX-Injected: b"),
        ("X-Line", "a\nX-Injected: b"),
        ("X-Nul", "a\0b"),
        ("X-Name: b\r\nX-Injected", "c"),
        ("X Name", "c"),
        ("", "c"),
        ("X-Good", "d"),
    ]);
    let secrets = [SigningSecret::generate().unwrap()];
    assert_eq!(post_with(&local_client(), &endpoint.url("/"), &secrets, &headers).await.http_status, Some(200));
    let request = endpoint.request();
    assert_eq!(request.headers.len(), 8, "{request:?}");
    assert_eq!(request.header("x-good"), ["d"]);
    assert_eq!(request.header("host"), [endpoint.address.to_string()]);
    assert_eq!(request.header("webhook-id"), [id().to_string()]);
    assert_eq!(request.header("content-type"), ["application/json"]);
}
