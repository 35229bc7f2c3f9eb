//! Promises of every route about the things that its path names. The first one is the tenant's, or refused.

use api::{ActsFor, ErrorCode, Route};
use domain::resource::ResourceType;
use reqwest::Method;
use serde_json::json;
use tests::{Accepted, Answer, Caller, Request, TestServer, api, body};

use super::callers::keys_at_fault;

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

/// An unknown id, the id of something else, and the id of a thing that was deleted are not found. Of companies, an unknown id is
/// refused like that of somebody else's.
pub async fn an_unknown_thing_is_not_found(route: Route) {
    let server = TestServer::start().await;
    let caller = server.caller_of(route).await;
    let accepted = server.accepted(route, &caller.key).await;
    let new = async |kind, first: Option<&str>| server.new_thing(kind, first, &caller.key, "").await;
    let kind = kind(route);
    let mut unknown = vec![server.id().to_string()];
    match kind {
        // A system has nothing else by itself.
        ResourceType::Company => {}
        ResourceType::Agent => unknown.push(new(ResourceType::Interview, None).await),
        _ => unknown.push(new(ResourceType::Agent, None).await),
    }
    let deleted = new(kind, None).await;
    let below = match route.entry().names.get(1) {
        Some(below) => new(*below, Some(&deleted)).await,
        None => String::new(),
    };
    let path_of_deleted = format!("{}/{deleted}", route.entry().path.split("/{").next().unwrap_or_default());
    // Some kinds of things can't be deleted.
    if Route::of("DELETE", &path_of_deleted).is_some() {
        caller.request(Method::DELETE, &path_of_deleted).answered(204).await;
        unknown.push(deleted);
    }
    for unknown in unknown {
        let path = path(route, &unknown, &below);
        let answer = request(&server, &accepted, &path).key(&caller.key).refused(absent(route)).await;
        assert_names_only(&answer, kind, &unknown);
    }
}

fn assert_names_only(answer: &Answer, kind: ResourceType, id: &str) {
    assert_eq!(answer.body["resourceType"], json!(kind), "{answer}");
    assert_eq!(answer.body["resourceId"], id, "{answer}");
    let members: Vec<&String> = answer.body.as_object().expect("an object").keys().collect();
    let expected = ["code", "detail", "requestId", "resourceId", "resourceType", "status", "title", "type"];
    assert_eq!(members, expected, "nothing else of the resource");
}

/// A key, and the query by which it acts for a tenant.
type Way = (String, String);

/// Tenants by all the ways to act for each. Both companies are managed by the first of two applicant tracking systems.
async fn tenants(server: &TestServer, acts_for: ActsFor) -> Vec<Vec<Way>> {
    let (ats, other_ats) = (server.ats().await, server.ats().await);
    let company = server.company().managed_by(ats).create().await;
    let sibling = server.company().managed_by(ats).create().await;
    let (_, ats_key) = server.ats_key(ats).create().await;
    let (_, other_ats_key) = server.ats_key(other_ats).create().await;
    let (of_company, of_sibling) = (format!("?companyId={}", company.id), format!("?companyId={}", sibling.id));
    match acts_for {
        // The company that the query names changes nothing, also for an applicant tracking system's key.
        ActsFor::Owner => [company.key.clone(), sibling.key.clone(), ats_key, other_ats_key]
            .into_iter()
            .map(|key| vec![(key.clone(), String::new()), (key, of_company.clone())])
            .collect(),
        ActsFor::Companies => panic!("a route about companies names nothing in its path"),
        ActsFor::Ats => [ats_key, other_ats_key]
            .into_iter()
            .map(|key| vec![(key.clone(), String::new()), (key, of_company.clone())])
            .collect(),
        ActsFor::Company => {
            let foreign = server.company().managed_by(other_ats).create().await;
            let of_foreign = format!("?companyId={}", foreign.id);
            vec![
                vec![
                    (company.key.clone(), String::new()),
                    (company.key.clone(), of_sibling.clone()),
                    (ats_key.clone(), of_company),
                ],
                vec![(sibling.key.clone(), String::new()), (ats_key, of_sibling)],
                vec![(foreign.key.clone(), String::new()), (other_ats_key, of_foreign)],
            ]
        }
    }
}

/// A tenant reaches its own things, by each way to act for it, and nobody else does.
pub async fn somebody_else_s_thing_is_denied(route: Route) {
    let server = TestServer::start().await;
    let tenants = tenants(&server, route.entry().acts_for).await;
    for own in &tenants {
        for (key, query) in own {
            let accepted = server.accepted_for(route, key, query).await;
            for (other_key, other_query) in tenants.iter().filter(|other| *other != own).flatten() {
                let by_other = accepted.with_body(accepted.at(&server, other_query)).key(other_key);
                let answer = by_other.refused(ErrorCode::ResourceAccessDenied).await;
                assert_names_only(&answer, kind(route), &first_id(&accepted));
            }
            accepted.with_body(accepted.at(&server, query)).key(key).answered(accepted.status()).await;
        }
    }
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
