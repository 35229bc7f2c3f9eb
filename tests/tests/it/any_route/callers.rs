//! Callers: their keys, their addresses, their scopes, and the order of the stages.

use api::{ErrorCode, Route};
use chrono::TimeDelta;
use domain::StringEnum as _;
use domain::api_key::Scope;
use serde_json::json;
use tests::accepted::{body_of, unknown_in};
use tests::faults::Operation;
use tests::{Accepted, Caller, KeyBuilder, Request, TestServer, api, body};

/// A server with a caller, and a request of the caller's that may be made once.
async fn accepted(route: Route) -> (TestServer, Caller, Accepted) {
    let server = TestServer::start().await;
    let caller = server.caller_of(route).await;
    let accepted = server.accepted(route, &caller.key).await;
    (server, caller, accepted)
}

/// A header that holds no well-formed key is refused, and the table is not asked.
pub async fn malformed_keys_are_refused_without_the_table(route: Route) {
    let (server, caller, accepted) = accepted(route).await;
    let request = || accepted.request(&server);
    let key = caller.key.as_str();
    let mistyped = format!("{}{}", &key[..51], if key.ends_with('x') { 'y' } else { 'x' });
    let headers = [
        String::new(),
        "Bearer".to_owned(),
        "Bearer ".to_owned(),
        key.to_owned(),
        format!("Basic {key}"),
        format!("Bearer:{key}"),
        format!("Token {key}"),
        format!("Bearer {key} {key}"),
        format!("Bearer {key},Bearer {key}"),
        format!("Bearer \"{key}\""),
        format!("Bearer {mistyped}"),
        format!("Bearer {}", key.to_lowercase()),
        format!("Bearer {}", &key[3..]),
        format!("Bearer {}", &key[..51]),
        format!("Bearer {key}0"),
        format!("Bearer pk_{}", &key[3..]),
        "Bearer sk_".to_owned(),
        format!("Bearer sk_{}", "é".repeat(24)),
        format!("Bearer {}", "x".repeat(4_000)),
    ];
    server.faults().take_requests();
    request().refused(ErrorCode::InvalidApiKey).await;
    for header in headers {
        let answer = request().header("authorization", &header).refused(ErrorCode::InvalidApiKey).await;
        assert_eq!(answer.log["dynamodb"]["requests"], 0, "{header}");
    }
    let doubled = request().key(key).key(key);
    doubled.refused(ErrorCode::InvalidApiKey).await;
    let elsewhere = accepted.at(&server, &format!("?api_key={key}")).header("x-api-key", key);
    elsewhere.refused(ErrorCode::InvalidApiKey).await;
    assert_eq!(server.faults().take_requests(), [], "a malformed key costs no request to the table");
}

/// An unknown key is looked for, and refused.
pub async fn an_unknown_key_is_refused(route: Route) {
    let (server, _, accepted) = accepted(route).await;
    let stranger = TestServer::start().await.company().create().await;
    server.faults().take_requests();
    accepted.request(&server).key(&stranger.key).refused(ErrorCode::InvalidApiKey).await;
    assert_eq!(server.faults().take_requests(), [Operation::BatchGetItem]);
}

/// Revoked and expired keys are refused like unknown ones; a key expires at the very instant that it names.
pub async fn revoked_and_expired_keys_are_refused(route: Route) {
    let (server, caller, accepted) = accepted(route).await;
    let ends_now = caller.api_key().until(server.now()).create().await.1;
    let revoked = caller.api_key().revoked().create().await.1;
    let unknown = TestServer::start().await.company().create().await.key.clone();
    let mut problems = Vec::new();
    for key in [ends_now, revoked, unknown] {
        let mut answer = accepted.request(&server).key(&key).refused(ErrorCode::InvalidApiKey).await;
        answer.body["requestId"] = json!("");
        problems.push(answer.body);
    }
    assert!(problems.windows(2).all(|pair| pair[0] == pair[1]), "they can be told apart: {problems:?}");

    let ends_soon = caller.api_key().until(server.after(TimeDelta::milliseconds(1))).create().await.1;
    accepted.request(&server).key(&ends_soon).answered(accepted.status()).await;
}

/// A suspended key is told apart, with the instant and the reason where they are known.
pub async fn a_suspended_key_is_refused(route: Route) {
    let (server, caller, accepted) = accepted(route).await;
    let suspended_at = server.after(TimeDelta::hours(-1));
    let (_, explained) = caller.api_key().suspended_since(suspended_at, "Unusual traffic.").create().await;
    let answer = accepted.request(&server).key(&explained).refused(ErrorCode::ApiKeySuspended).await;
    assert_eq!(answer.body["suspendedAt"], json!(suspended_at));
    assert_eq!(answer.body["reason"], "Unusual traffic.");

    let (_, unexplained) = caller.api_key().suspended().create().await;
    let answer = accepted.request(&server).key(&unexplained).refused(ErrorCode::ApiKeySuspended).await;
    assert!(answer.body.get("suspendedAt").is_none() && answer.body.get("reason").is_none(), "{answer}");
}

/// The scheme's name has no case.
pub async fn the_scheme_is_read_in_any_case(route: Route) {
    let server = TestServer::start().await;
    let caller = server.caller_of(route).await;
    for scheme in ["Bearer", "bearer", "BEARER"] {
        let accepted = server.accepted(route, &caller.key).await;
        let header = format!("{scheme} {}", caller.key);
        accepted.request(&server).header("authorization", &header).answered(accepted.status()).await;
    }
}

/// A key with a list of addresses works from these only.
pub async fn a_key_works_from_its_addresses_only(route: Route) {
    let (server, caller, accepted) = accepted(route).await;
    for blocks in [&["10.0.0.0/8", "127.0.0.2/32"][..], &["::1/128"], &["::/0"]] {
        let (_, key) = caller.api_key().from(blocks).create().await;
        accepted.request(&server).key(&key).refused(ErrorCode::IpNotAllowed).await;
        // A caller's own word on its address proves nothing.
        let claimed = accepted.request(&server).header("x-forwarded-for", "10.0.0.1");
        claimed.key(&key).refused(ErrorCode::IpNotAllowed).await;
    }
    for blocks in [&["127.0.0.0/8"][..], &["10.0.0.0/8", "127.0.0.1/32"]] {
        let (_, key) = caller.api_key().from(blocks).create().await;
        let accepted = server.accepted(route, &caller.key).await;
        accepted.request(&server).key(&key).answered(accepted.status()).await;
    }
}

/// A key with the scopes of all other routes is refused, and the scope that it lacks is named.
pub async fn a_missing_scope_is_named(route: Route) {
    let (server, caller, accepted) = accepted(route).await;
    let others: Vec<Scope> = Scope::ACCEPTED.iter().copied().filter(|other| *other != route.entry().scope).collect();
    for scopes in [&others[..], &[]] {
        let (_, key) = caller.api_key().scopes(scopes).create().await;
        let answer = accepted.request(&server).key(&key).refused(ErrorCode::InsufficientPermissions).await;
        assert_eq!(answer.body["requiredScopes"], json!([route.entry().scope]));
        assert_eq!(answer.body["missingScopes"], json!([route.entry().scope]));
    }
    let (_, key) = caller.api_key().scopes(&[route.entry().scope]).create().await;
    accepted.request(&server).key(&key).answered(accepted.status()).await;
}

/// A good key, and a key at fault at each stage of a caller's admission, with its refusal, in the order of the stages. Each
/// is at fault at all later stages too.
pub(super) async fn keys_at_fault(
    server: &TestServer,
    key: impl Fn() -> KeyBuilder,
) -> (String, Vec<(String, ErrorCode)>) {
    let good = key().create().await.1;
    let no_scope = key().scopes(&[]).create().await.1;
    let elsewhere = key().scopes(&[]).from(&["10.0.0.0/8"]).create().await.1;
    let suspended = key().scopes(&[]).from(&["10.0.0.0/8"]).suspended().create().await.1;
    let expired = key().scopes(&[]).from(&["10.0.0.0/8"]).suspended().until(server.now()).create().await.1;
    let unknown = TestServer::start().await.company().create().await.key.clone();
    let malformed = good[..51].to_owned();
    let at_fault = vec![
        (malformed, ErrorCode::InvalidApiKey),
        (unknown, ErrorCode::InvalidApiKey),
        (expired, ErrorCode::InvalidApiKey),
        (suspended, ErrorCode::ApiKeySuspended),
        (elsewhere, ErrorCode::IpNotAllowed),
        (no_scope, ErrorCode::InsufficientPermissions),
    ];
    (good, at_fault)
}

/// The stages in their order: a request that is at fault at one stage and at all later ones is answered by that stage.
pub async fn the_earliest_stage_at_fault_answers(route: Route) {
    let server = TestServer::start().await;
    let ats = server.ats().await;
    let company = server.company().managed_by(ats).create().await;
    let foreign = server.company().managed_by(server.ats().await).create().await;
    let own = format!("{}?companyId={}", route.entry().path, company.id);
    let of_another = format!("{}?companyId={}", route.entry().path, foreign.id);

    let (good, at_fault) = keys_at_fault(&server, || server.ats_key(ats)).await;

    // The last stages: a resource that does not exist; a rule, the syntax, the media type, the size of the body.
    let unknown = unknown_in(route, server.id());
    let state = body::with(body_of(route), unknown.clone().map_or(json!({}), |(members, _)| members));
    let rule = |to: Request| to.json(&body::with(state.clone(), json!({"surplus": 1})));
    let syntax = |to: Request| to.text("{");
    let media_type = |to: Request| to.header("content-type", "text/plain").bytes("{");
    let size = |to: Request| to.header("content-type", "text/plain").bytes("{".repeat(api::BODY_MAX_BYTES + 1));

    let companies = [
        (&good, route.entry().path, ErrorCode::CompanyIdRequired),
        (&good, &of_another, ErrorCode::ResourceAccessDenied),
    ];
    let callers = at_fault.iter().map(|(key, code)| (key, route.entry().path, *code));
    for (key, path, code) in callers.chain(companies) {
        let to = || server.post(path).key(key);
        for to in [rule(to()), syntax(to()), media_type(to()), size(to()), to().json(&state)] {
            let answer = to.header("idempotency-key", "a b").refused(code).await;
            // A caller learns of no resource before being admitted to the resource's company.
            let of_body = answer.body["resourceType"].as_str().is_some_and(|kind| kind != "COMPANY");
            assert!(!of_body, "{answer}");
        }
    }
    let to = || server.post(&own).key(&good);
    size(to()).refused(ErrorCode::PayloadTooLarge).await;
    media_type(to()).refused(ErrorCode::UnsupportedMediaType).await;
    syntax(to()).header("idempotency-key", "a b").refused(ErrorCode::MalformedJson).await;
    rule(to()).refused(ErrorCode::ValidationFailed).await;
    to().json(&state).header("idempotency-key", "a b").refused(ErrorCode::ValidationFailed).await;
    if unknown.is_some() {
        to().json(&state).refused(ErrorCode::ResourceNotFound).await;
    }
}
