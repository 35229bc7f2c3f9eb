//! Promises of every route about the things that its path names. The first one is the tenant's, or refused.

use api::{ActsFor, ErrorCode, Route};
use domain::resource::ResourceType;
use serde_json::json;
use tests::{Accepted, Caller, Request, TestServer, api, body};

use super::callers::keys_at_fault;
use crate::isolation::assert_names_only;

/// A path of the route with that id of the first thing, and that one of any other.
fn path(route: Route, first: &str, other: &str) -> String {
    let names = route.parameters(route.entry().path).into_iter().map(|(name, _)| format!("{{{name}}}"));
    let ids = std::iter::once(first).chain(std::iter::repeat(other));
    names.zip(ids).fold(route.entry().path.to_owned(), |path, (name, id)| path.replace(&name, id))
}

/// The kind of the first thing.
fn kind(route: Route) -> ResourceType {
    route.entry().names[0]
}

/// The id of the first thing that an accepted request names.
fn first_id(accepted: &Accepted) -> String {
    accepted.route.parameters(&accepted.path)[0].1.to_owned()
}

/// The same request to another path.
fn request(server: &TestServer, accepted: &Accepted, path: &str) -> Request {
    accepted.with_body(accepted.by(server, path))
}

/// The refusal of an id that nothing has.
fn absent(route: Route) -> ErrorCode {
    if kind(route) == ResourceType::Company { ErrorCode::ResourceAccessDenied } else { ErrorCode::ResourceNotFound }
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
    let caller = server.caller_of(route).await;
    let accepted = server.accepted(route, &caller.key).await;
    for malformed in NO_IDS {
        let path = path(route, malformed, malformed);
        let answer = request(&server, &accepted, &path).key(&caller.key).refused(ErrorCode::ValidationFailed).await;
        let issues: Vec<_> = route
            .parameters(route.entry().path)
            .into_iter()
            .map(|(name, _)| (format!("path:{name}"), "uuid".to_owned()))
            .collect();
        assert_eq!(answer.issues(), issues, "{malformed}");
    }
    // An id with something behind it that a path could end at, or that a reader might trim.
    let id = first_id(&accepted);
    for tail in ["%23x", "%3Fx", "%00", "%20", "%0A", "%3Fdry-run=1"] {
        let path = accepted.path.replacen(&id, &format!("{id}{tail}"), 1);
        let answer = request(&server, &accepted, &path).key(&caller.key).refused(ErrorCode::ValidationFailed).await;
        assert_eq!(answer.issues(), [("path:id".to_owned(), "uuid".to_owned())], "{tail}");
    }
    let ids: Vec<String> = route.parameters(&accepted.path).iter().map(|(_, id)| id.to_uppercase()).collect();
    let path = path(route, &ids[0], ids.last().map_or("", String::as_str));
    request(&server, &accepted, &path).key(&caller.key).answered(accepted.status()).await;
}

/// The stages in their order: a request that is at fault at one stage and at all later ones is answered by that stage.
pub async fn the_earliest_stage_at_fault_answers(route: Route) {
    let server = TestServer::start().await;
    let ats = server.ats().await;
    let company = server.company().managed_by(ats).create().await;
    let stranger = server.company().create().await;
    let (caller, other): (Caller, Caller) = (company.caller_of(route).await, stranger.caller_of(route).await);
    let accepted = server.accepted(route, &caller.key).await;
    let (good, at_fault) = keys_at_fault(&server, || caller.api_key()).await;

    let foreign = server.new_thing(kind(route), None, &other.key, "").await;
    let nobody_s = server.id().to_string();
    let no_id = path(route, "1", "1");
    let state = [path(route, &foreign, &nobody_s), path(route, &nobody_s, &nobody_s)];
    let mut ladder: Vec<_> = at_fault.iter().map(|(key, code)| (key.as_str(), String::new(), *code)).collect();
    let of_ats = server.ats_key(ats).create().await.1;
    match route.entry().acts_for {
        ActsFor::Owner | ActsFor::Companies => {}
        ActsFor::Ats => ladder.push((&company.key, String::new(), ErrorCode::InsufficientPermissions)),
        ActsFor::Company => ladder.extend([
            (of_ats.as_str(), String::new(), ErrorCode::CompanyIdRequired),
            (&of_ats, "?companyId=1".to_owned(), ErrorCode::ValidationFailed),
            (&of_ats, format!("?companyId={}", stranger.id), ErrorCode::ResourceAccessDenied),
        ]),
    }
    for path in state.iter().chain([&no_id]) {
        for (key, query, code) in &ladder {
            let answer = request(&server, &accepted, &format!("{path}{query}")).key(key).refused(*code).await;
            // Nobody learns of a thing before being admitted to its tenant.
            let kind = answer.body.get("resourceType");
            assert!(kind.is_none_or(|kind| *kind == json!(ResourceType::Company)), "{answer}");
            assert!(!answer.text.contains("path:"), "{answer}");
        }
    }
    request(&server, &accepted, &no_id).key(&good).refused(ErrorCode::ValidationFailed).await;
    for (path, code) in state.iter().zip([ErrorCode::ResourceAccessDenied, absent(route)]) {
        request(&server, &accepted, path).key(&good).refused(code).await;
        // What the path names comes before anything that is wrong with the rest.
        request(&server, &accepted, &format!("{path}?surplus=1")).key(&good).refused(code).await;
        if let Some(body) = &accepted.body {
            let to = || accepted.by(&server, path).key(&good);
            to().text("{").refused(code).await;
            to().header("content-type", "text/plain").bytes("{}").refused(code).await;
            to().text(" ".repeat(api::BODY_MAX_BYTES + 1)).refused(code).await;
            to().json(&body::with(body.clone(), json!({"surplus": 1}))).refused(code).await;
            if route.entry().acts_for == ActsFor::Owner {
                let of_another = body::with(body.clone(), json!({"companyId": nobody_s}));
                let answer = to().json(&of_another).refused(ErrorCode::ResourceAccessDenied).await;
                assert_names_only(&answer, ResourceType::Company, &nobody_s);
            }
        }
    }
}
