//! Requests that are sent again with their idempotency key.

use api::{ErrorCode, Route};
use serde_json::{Value, json};
use tests::accepted::{body_of, unknown_in};
use tests::{TestServer, api, body};

/// A repeat is answered by what the first request created, and creates nothing.
pub async fn a_repeat_is_answered_by_what_it_created(route: Route) {
    let server = TestServer::start().await;
    let caller = server.caller_of(route).await;
    let request = || caller.post(route.entry().path).json(&body_of(route)).idempotent("order-1");
    let first = request().answered(201).await;
    assert!(!first.replayed());
    let items = server.all_items().await;
    for _ in 0..3 {
        let replay = request().answered(201).await;
        assert!(replay.replayed());
        assert_eq!(replay.text, first.text);
        assert_eq!(replay.header("location"), first.header("location"));
        assert_ne!(replay.header("x-request-id"), first.header("x-request-id"));
    }
    assert_eq!(server.all_items().await, items);
}

/// Without the header, and with another key, each request is its own.
pub async fn each_key_and_each_request_without_one_creates(route: Route) {
    let caller = TestServer::start().await.caller_of(route).await;
    let request = || caller.post(route.entry().path).json(&body_of(route));
    let longest = "k".repeat(255);
    let mut ids = vec![request().answered(201).await.id(), request().answered(201).await.id()];
    for key in ["a", "A", "b", "!~", longest.as_str()] {
        let answer = request().idempotent(key).answered(201).await;
        assert!(!answer.replayed(), "{key}");
        ids.push(answer.id());
    }
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 7);
}

/// A key may be spelled bare or as a quoted string.
pub async fn a_quoted_key_is_the_same_key(route: Route) {
    let caller = TestServer::start().await.caller_of(route).await;
    let request = |key: &str| caller.post(route.entry().path).json(&body_of(route)).idempotent(key);
    let first = request("order-1").answered(201).await;
    let replay = request("\"order-1\"").answered(201).await;
    assert!(replay.replayed());
    assert_eq!(replay.text, first.text);
}

/// A key that breaks the header's rule is refused together with the broken rules of the body.
pub async fn an_ill_formed_key_is_refused(route: Route) {
    let caller = TestServer::start().await.caller_of(route).await;
    let too_long = "k".repeat(256);
    for key in ["", "\"\"", "k,k", "\"k\", \"k\"", "a b", "\"a", "\"a\"b", "é", too_long.as_str()] {
        let request = caller.post(route.entry().path).json(&body_of(route)).idempotent(key);
        let answer = request.refused(ErrorCode::ValidationFailed).await;
        assert_eq!(answer.issues(), [("header:Idempotency-Key".to_owned(), "idempotencyKey".to_owned())], "{key}");
    }
    // Two headers arrive as one, joined by a comma.
    let twice = caller.post(route.entry().path).json(&body_of(route)).idempotent("k").idempotent("k");
    twice.refused(ErrorCode::ValidationFailed).await;
    let body = body::with(body_of(route), json!({"surplus": 1}));
    let answer =
        caller.post(route.entry().path).json(&body).idempotent("a b").refused(ErrorCode::ValidationFailed).await;
    let pointers: Vec<String> = answer.issues().into_iter().map(|(pointer, _)| pointer).collect();
    assert_eq!(pointers, ["header:Idempotency-Key", "/surplus"]);
}

/// Bodies are compared by their meaning: spellings of one and the same request are repeats.
pub async fn another_spelling_is_the_same_request(route: Route, spellings: &[String]) {
    let caller = TestServer::start().await.caller_of(route).await;
    let request = |text: &str| caller.post(route.entry().path).text(text).idempotent("spelling");
    let first = request(&spellings[0]).answered(201).await;
    for spelling in &spellings[1..] {
        let replay = request(spelling).answered(201).await;
        assert!(replay.replayed(), "{spelling}");
        assert_eq!(replay.text, first.text);
    }
}

/// Under a key that was used, any other request is refused, and changes nothing.
pub async fn another_request_under_a_used_key_is_refused(route: Route, others: &[Value]) {
    let caller = TestServer::start().await.caller_of(route).await;
    let request = |body: &Value| caller.post(route.entry().path).json(body).idempotent("used");
    let first = request(&body_of(route)).answered(201).await;
    for other in others {
        request(other).refused(ErrorCode::IdempotencyKeyReused).await;
    }
    let replay = request(&body_of(route)).answered(201).await;
    assert!(replay.replayed());
    assert_eq!(replay.text, first.text);
}

/// A key is a company's own, for one route.
pub async fn a_key_is_scoped_by_company_and_route(route: Route) {
    let server = TestServer::start().await;
    let ats = server.ats().await;
    let (one, two) = (server.company().managed_by(ats).create().await, server.company().managed_by(ats).create().await);
    let (_, ats_key) = server.ats_key(ats).create().await;
    let first = one.post(route.entry().path).json(&body_of(route)).idempotent("k").answered(201).await;
    for other in body::CREATES.into_iter().filter(|other| *other != route) {
        let answer = one.post(other.entry().path).json(&body_of(other)).idempotent("k").answered(201).await;
        assert!(!answer.replayed(), "the key of {} hit {}", route.entry().key, other.entry().key);
    }
    let answer = two.post(route.entry().path).json(&body_of(route)).idempotent("k").answered(201).await;
    assert!(!answer.replayed());
    assert_ne!(answer.id(), first.id());

    // The company counts, not the key that acts for it.
    for (company, created) in [(&one, &first), (&two, &answer)] {
        let path = format!("{}?companyId={}", route.entry().path, company.id);
        let by_ats = server.post(&path).key(&ats_key).json(&body_of(route)).idempotent("k").answered(201).await;
        assert!(by_ats.replayed());
        assert_eq!(by_ats.text, created.text);
    }
}

/// A refused request stores nothing: its key is free for the request as it should have been.
pub async fn a_refused_request_leaves_its_key_free(route: Route) {
    let server = TestServer::start().await;
    let caller = server.caller_of(route).await;
    let (_, no_scope) = caller.api_key().scopes(&[]).create().await;
    let body = body_of(route);
    let request = || caller.post(route.entry().path).idempotent("k");
    server
        .post(route.entry().path)
        .key(&no_scope)
        .idempotent("k")
        .json(&body)
        .refused(ErrorCode::InsufficientPermissions)
        .await;
    request().text("{").refused(ErrorCode::MalformedJson).await;
    request().json(&body::with(body.clone(), json!({"surplus": 1}))).refused(ErrorCode::ValidationFailed).await;
    if let Some((state, code)) = unknown_in(route, server.id()) {
        request().json(&body::with(body.clone(), state)).refused(code).await;
    }
    assert!(!request().json(&body).answered(201).await.replayed());
}
