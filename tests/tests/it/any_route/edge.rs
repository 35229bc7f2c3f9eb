//! Refusals of a request before anybody looks for its route, with a key and without.

use api::{ErrorCode, Route};
use serde_json::json;
use tests::{Accepted, Answer, Caller, Request, TestServer, api};

/// Queries that `lambda_http` ends the process at.
pub const NO_QUERIES: [&str; 7] = ["a=\"b\"", "a=<b", "a=b>", "a=b c", "a=\u{7f}", "a=\n", "a#b"];

async fn accepted(route: Route) -> (TestServer, Caller, Accepted) {
    let server = TestServer::start().await;
    let caller = server.caller_of(route).await;
    let accepted = server.accepted(route, &caller.key).await;
    (server, caller, accepted)
}

/// Panics unless the answer is that refusal, by one rule at one place.
pub fn assert_refused(answer: &Answer, pointer: &str, rule: &str) {
    assert_eq!(answer.code(), Some(ErrorCode::ValidationFailed.as_str()), "{answer}");
    assert_eq!(answer.issues(), [(pointer.to_owned(), rule.to_owned())], "{answer}");
}

/// A query with characters that no URI has is refused, whoever asks; and the table is not asked.
pub async fn a_query_that_no_request_line_can_have_is_refused(route: Route) {
    let (server, caller, accepted) = accepted(route).await;
    server.faults().take_requests();
    for query in NO_QUERIES {
        for request in [accepted.request(&server), accepted.request(&server).key(&caller.key)] {
            let answer = request.send_event(|event| event["rawQueryString"] = json!(query)).await;
            assert_refused(&answer, "?", "query");
        }
    }
    assert_eq!(server.faults().take_requests(), []);
}

/// An event that is none of the gateway's is refused too, instead of failing the invocation.
pub async fn an_event_that_is_no_request_is_refused(route: Route) {
    let (server, caller, accepted) = accepted(route).await;
    for (pointer, value) in [
        ("/headers", json!({"a b": "c"})),
        ("/headers", json!({"a": "\u{0}"})),
        ("/requestContext/http/method", json!("G T")),
        ("/requestContext", json!(null)),
        ("/rawQueryString", json!(1)),
    ] {
        let request = accepted.request(&server).key(&caller.key);
        let answer = request.send_event(|event| *event.pointer_mut(pointer).expect("a place") = value);
        assert_refused(&answer.await, "", "event");
    }
}

/// Headers that only a post of a delivery carries, in any deployment and version.
pub fn posts() -> Vec<Vec<(&'static str, &'static str)>> {
    vec![
        vec![("webhook-id", "1"), ("webhook-signature", "v1,x")],
        vec![("Webhook-Id", ""), ("Webhook-Signature", "")],
        vec![("user-agent", domain::webhook::POST_USER_AGENT)],
        vec![("user-agent", "greenroom-webhooks/99.0.0 (later)")],
    ]
}

/// A request with what only we send is refused before anything else, and costs nothing: so no webhook can drive the API.
pub async fn a_post_of_our_own_webhooks_is_refused(route: Route) {
    let (server, caller, accepted) = accepted(route).await;
    server.faults().take_requests();
    for headers in posts() {
        let with = |request: Request| headers.iter().fold(request, |to, (name, value)| to.header(name, value));
        let answer = with(accepted.request(&server).key(&caller.key)).refused(ErrorCode::LoopDetected).await;
        assert_eq!(
            (&answer.log["level"], &answer.log["dynamodb"]["requests"]),
            (&json!("INFO"), &json!(0)),
            "{answer}"
        );
        with(accepted.request(&server)).refused(ErrorCode::LoopDetected).await;
        let odd = with(accepted.request(&server)).send_event(|event| event["rawQueryString"] = json!("<"));
        assert_eq!(odd.await.code(), Some(ErrorCode::LoopDetected.as_str()));
    }
    assert_eq!(server.faults().take_requests(), []);
    // One of the two alone is anybody's.
    for (name, value) in [("webhook-id", "1"), ("webhook-signature", "v1,x"), ("user-agent", "Greenroom-Webhooks")] {
        let accepted = server.accepted(route, &caller.key).await;
        accepted.request(&server).key(&caller.key).header(name, value).answered(accepted.status()).await;
    }
}
