//! Promises of every route below `/webhooks/{id}` about the webhook that its path names.

use api::{ErrorCode, Route};
use serde_json::json;
use tests::{Accepted, Answer, Request, TestServer, api, body};

/// A path of the route with these ids.
fn path(route: Route, webhook: &str, delivery: &str) -> String {
    route.entry().path.replace("{id}", webhook).replace("{deliveryId}", delivery)
}

/// The same request to another path.
fn request(server: &TestServer, accepted: &Accepted, path: &str) -> Request {
    accepted.with_body(accepted.by(server, path))
}

/// Texts in a path that are no ids, also those that begin with one that exists.
const NO_IDS: [&str; 4] = [
    "1",
    "3f2a8c1e5b7d4e9a8c6f1d2e3f4a5b6c",
    "3f2a8c1e-5b7d-4e9a-8c6f-1d2e3f4a5b6g",
    "%7B3f2a8c1e-5b7d-4e9a-8c6f-1d2e3f4a5b6c%7D",
];

/// A text that is no id is refused by its place in the path; an id in upper case is one.
pub async fn a_malformed_id_in_the_path_is_refused(route: Route) {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let accepted = server.accepted(route, &company.key).await;
    for malformed in NO_IDS {
        let path = path(route, malformed, malformed);
        let answer = request(&server, &accepted, &path).key(&company.key).refused(ErrorCode::ValidationFailed).await;
        let issues: Vec<_> = route
            .parameters(route.entry().path)
            .into_iter()
            .map(|(name, _)| (format!("path:{name}"), "uuid".to_owned()))
            .collect();
        assert_eq!(answer.issues(), issues, "{malformed}");
    }
    // An id with something behind it that a path could end at, or that a reader might trim.
    for tail in ["%23x", "%3Fx", "%00", "%20", "%0A", "%3Fdry-run=1"] {
        let path = accepted.path.replacen(
            &webhook_id(route, &accepted),
            &format!("{}{tail}", webhook_id(route, &accepted)),
            1,
        );
        let answer = request(&server, &accepted, &path).key(&company.key).refused(ErrorCode::ValidationFailed).await;
        assert_eq!(answer.issues(), [("path:id".to_owned(), "uuid".to_owned())], "{tail}");
    }
    let ids: Vec<String> = route.parameters(&accepted.path).iter().map(|(_, id)| id.to_uppercase()).collect();
    let path = path(route, &ids[0], ids.last().map_or("", String::as_str));
    request(&server, &accepted, &path).key(&company.key).answered(accepted.status()).await;
}

/// The id of the webhook that an accepted request names.
fn webhook_id(route: Route, accepted: &Accepted) -> String {
    route.parameters(&accepted.path)[0].1.to_owned()
}

/// An unknown id, the id of something else, and the id of a webhook that was deleted are not found.
pub async fn an_unknown_webhook_is_not_found(route: Route) {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let accepted = server.accepted(route, &company.key).await;
    let other_kind = company.agent(&body::agent()).await;
    let deleted = server.webhook_of(&company.key).await;
    let delivery = server.delivery_to(&deleted).await;
    company.request(reqwest::Method::DELETE, &format!("/webhooks/{deleted}")).answered(204).await;
    for unknown in [server.id().to_string(), other_kind, deleted] {
        let path = path(route, &unknown, &delivery);
        let answer = request(&server, &accepted, &path).key(&company.key).refused(ErrorCode::ResourceNotFound).await;
        assert_names_only(&answer, "WEBHOOK", &unknown);
    }
}

fn assert_names_only(answer: &Answer, kind: &str, id: &str) {
    assert_eq!(answer.body["resourceType"], kind, "{answer}");
    assert_eq!(answer.body["resourceId"], id, "{answer}");
    let members: Vec<&String> = answer.body.as_object().expect("an object").keys().collect();
    let expected = ["code", "detail", "requestId", "resourceId", "resourceType", "status", "title", "type"];
    assert_eq!(members, expected, "nothing else of the resource");
}

/// Each owner sees its own webhooks only: a company, another one, the system that manages both, another system.
pub async fn somebody_else_s_webhook_is_denied(route: Route) {
    let server = TestServer::start().await;
    let (ats, other_ats) = (server.ats().await, server.ats().await);
    let company = server.company().managed_by(ats).create().await;
    let sibling = server.company().managed_by(ats).create().await;
    let (_, ats_key) = server.ats_key(ats).create().await;
    let (_, other_ats_key) = server.ats_key(other_ats).create().await;
    let keys = [company.key.clone(), sibling.key.clone(), ats_key, other_ats_key];
    for owner in &keys {
        let accepted = server.accepted(route, owner).await;
        let id = route.parameters(&accepted.path)[0].1.to_owned();
        for other in keys.iter().filter(|other| *other != owner) {
            let answer = accepted.request(&server).key(other).refused(ErrorCode::ResourceAccessDenied).await;
            assert_names_only(&answer, "WEBHOOK", &id);
            // The company that the query names changes nothing, also for an applicant tracking system's key.
            let query = format!("?companyId={}", company.id);
            let named = accepted.with_body(accepted.at(&server, &query));
            named.key(other).refused(ErrorCode::ResourceAccessDenied).await;
        }
        accepted.request(&server).key(owner).answered(accepted.status()).await;
    }
}

/// The stages in their order: a request that is at fault at one stage and at all later ones is answered by that stage.
pub async fn the_earliest_stage_at_fault_answers(route: Route) {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let accepted = server.accepted(route, &company.key).await;
    let key = || company.api_key();
    let good = key().create().await.1;
    let no_scope = key().scopes(&[]).create().await.1;
    let elsewhere = key().scopes(&[]).from(&["10.0.0.0/8"]).create().await.1;
    let suspended = key().scopes(&[]).from(&["10.0.0.0/8"]).suspended().create().await.1;
    let expired = key().scopes(&[]).from(&["10.0.0.0/8"]).suspended().until(server.now()).create().await.1;
    let unknown = TestServer::start().await.company().create().await.key;
    let malformed = &good[..51];

    let foreign = server.webhook_of(&server.company().create().await.key).await;
    let nobody_s = server.id().to_string();
    let no_id = path(route, "1", "1");
    let state = [path(route, &foreign, &nobody_s), path(route, &nobody_s, &nobody_s)];
    let ladder = [
        (malformed, ErrorCode::InvalidApiKey),
        (&unknown, ErrorCode::InvalidApiKey),
        (&expired, ErrorCode::InvalidApiKey),
        (&suspended, ErrorCode::ApiKeySuspended),
        (&elsewhere, ErrorCode::IpNotAllowed),
        (&no_scope, ErrorCode::InsufficientPermissions),
    ];
    for path in state.iter().chain([&no_id]) {
        for (key, code) in ladder {
            let answer = request(&server, &accepted, path).key(key).refused(code).await;
            assert!(answer.body.get("resourceType").is_none(), "{answer}");
        }
    }
    request(&server, &accepted, &no_id).key(&good).refused(ErrorCode::ValidationFailed).await;
    for (path, code) in state.iter().zip([ErrorCode::ResourceAccessDenied, ErrorCode::ResourceNotFound]) {
        request(&server, &accepted, path).key(&good).refused(code).await;
        if let Some(body) = &accepted.body {
            let to = || accepted.by(&server, path).key(&good);
            to().text("{").refused(ErrorCode::MalformedJson).await;
            to().header("content-type", "text/plain").bytes("{}").refused(ErrorCode::UnsupportedMediaType).await;
            to().text(" ".repeat(api::BODY_MAX_BYTES + 1)).refused(ErrorCode::PayloadTooLarge).await;
            to().json(&body::with(body.clone(), json!({"surplus": 1}))).refused(ErrorCode::ValidationFailed).await;
            let of_another = body::with(body.clone(), json!({"companyId": nobody_s}));
            let answer = to().json(&of_another).refused(ErrorCode::ResourceAccessDenied).await;
            assert_names_only(&answer, "COMPANY", &nobody_s);
        }
    }
}
