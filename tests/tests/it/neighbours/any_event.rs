//! Any event is answered by a function: nothing in it ends the process.

use std::cell::Cell;

use api::{ErrorCode, Event, Problem, RequestContext, Route};
use domain::company::CompanyId;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use tests::{Company, TestServer, api};

use crate::any_route::edge::NO_QUERIES;

use super::Neighbour;

/// Cases for each function of the gateway.
const CASES: u32 = 512;

/// Places of an event. Those that are not there are added.
const PLACES: [&str; 33] = [
    "",
    "/version",
    "/routeKey",
    "/rawPath",
    "/rawQueryString",
    "/cookies",
    "/cookies/0",
    "/headers",
    "/headers/authorization",
    "/headers/content-type",
    "/headers/content-encoding",
    "/headers/cookie",
    "/headers/host",
    "/headers/idempotency-key",
    "/headers/user-agent",
    "/headers/webhook-id",
    "/headers/webhook-signature",
    "/headers/x-forwarded-proto",
    "/headers/x-amzn-trace-id",
    "/pathParameters",
    "/pathParameters/id",
    "/pathParameters/deliveryId",
    "/queryStringParameters",
    "/requestContext",
    "/requestContext/domainName",
    "/requestContext/http/method",
    "/requestContext/http/path",
    "/requestContext/http/sourceIp",
    "/requestContext/requestId",
    "/requestContext/routeKey",
    "/requestContext/stage",
    "/body",
    "/isBase64Encoded",
];

/// Any text, with a liking for what is special in a request.
fn text() -> impl Strategy<Value = String> {
    let special = [
        "",
        " ",
        "\"",
        "<",
        "\u{7f}",
        "\0",
        "\r\n",
        "%",
        "%zz",
        "#",
        "?",
        "/",
        "//",
        ":",
        "://",
        "[",
        "[::1",
        "a:99999",
        "@",
        "é",
        "\u{fffd}",
        "https",
        "ht tp",
        "javascript",
        "127.0.0.1",
        "::1",
        "$default",
        "prod",
        "e30=",
        "e30",
        "gzip",
        "application/json",
        "Bearer ",
        "limit=1",
        "limit=1&limit=1",
        "cursor=",
        "companyId=\"",
        "POST /agents",
        "GET",
        "Greenroom-Webhooks/0",
    ];
    prop_oneof![3 => select(special.to_vec()).prop_map(str::to_owned), 2 => any::<String>(), 1 => "[ -~]{0,40}"]
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        8 => text().prop_map(Value::from),
        1 => any::<bool>().prop_map(Value::from),
        1 => Just(Value::Null),
        1 => any::<f64>().prop_map(Value::from),
        1 => vec(text(), 0..3).prop_map(Value::from),
        1 => vec((text(), text()), 0..3)
            .prop_map(|members| members.into_iter().map(|(name, value)| (name, Value::from(value))).collect()),
    ]
}

/// Sets the value at that place of the event; nothing happens if what it would be in is no object or list.
fn set(event: &mut Value, place: &str, value: Value) {
    let Some((parent, name)) = place.rsplit_once('/') else {
        *event = value;
        return;
    };
    match event.pointer_mut(parent) {
        Some(Value::Object(members)) => drop(members.insert(name.to_owned(), value)),
        Some(Value::Array(items)) => items.push(value),
        Some(_) | None => {}
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime")
}

/// Panics unless the function that is handed the event answers it, as a success or by a problem that is no defect.
async fn assert_answered(server: &TestServer, route: Option<Route>, event: &Value) -> u16 {
    let invoke = server.functions().http();
    let answer = local::api_gateway::answer(&invoke, route, event.to_string()).await;
    let status = answer.status().as_u16();
    let body = axum::body::to_bytes(answer.into_body(), usize::MAX).await.expect("a body");
    let body: Value = if body.is_empty() { Value::Null } else { serde_json::from_slice(&body).expect("JSON") };
    let is_problem = body["code"].is_string() && body["status"] == status;
    let is_loop = body["code"] == ErrorCode::LoopDetected.as_str();
    assert!((status < 500 || is_loop) && (status < 400 || is_problem), "{status} {body}: {event}");
    status
}

/// Whole events of one function, from such as it carries out to anything.
fn any_event_is_answered(route: Option<Route>) {
    let runtime = runtime();
    let server = runtime.block_on(TestServer::start());
    let company = runtime.block_on(server.company().create());
    let event = match route {
        Some(route) => runtime.block_on(accepted_event(&server, &company, route)),
        None => server.request(reqwest::Method::GET, "/nothing").event(),
    };
    let (carried_out, refused) = (Cell::new(0), Cell::new(0));
    let config = Config { cases: CASES, source_file: Some(file!()), ..Config::default() };
    let changes = vec((select(PLACES.to_vec()), value()), 0..4);
    let run = TestRunner::new(config).run(&changes, |changes| {
        let mut event = event.clone();
        for (place, value) in changes {
            set(&mut event, place, value);
        }
        let status = runtime.block_on(assert_answered(&server, route, &event));
        let count = if status < 400 { &carried_out } else { &refused };
        count.set(count.get() + 1);
        Ok(())
    });
    run.unwrap_or_else(|failure| panic!("{failure}"));
    assert!(refused.get() > 20 && (route.is_none() || carried_out.get() > 20), "{carried_out:?} {refused:?}");
}

async fn accepted_event(server: &TestServer, company: &Company, route: Route) -> Value {
    server.accepted(route, &company.key).await.request(server).key(&company.key).event()
}

#[test]
fn any_event_is_answered_by_the_function_that_creates_agents() {
    any_event_is_answered(Some(Route::CreateAgent));
}

#[test]
fn any_event_is_answered_by_the_function_that_creates_interviews() {
    any_event_is_answered(Some(Route::CreateInterview));
}

#[test]
fn any_event_is_answered_by_the_function_that_manages_webhooks() {
    any_event_is_answered(Some(Route::ListDeliveries));
}

#[test]
fn any_event_is_answered_by_the_function_that_finds_nothing() {
    any_event_is_answered(None);
}

/// Events that the conversion into `http::Request` panics at, although nothing of it concerns the request.
#[tokio::test]
async fn what_only_a_conversion_could_not_bear_changes_nothing() {
    let server = TestServer::start().await;
    for (place, value) in [
        ("/headers/x-forwarded-proto", json!("")),
        ("/headers/x-forwarded-proto", json!("ht tp")),
        ("/headers/x-forwarded-proto", json!("https,http")),
        ("/headers/host", json!("[")),
        ("/headers/host", json!("a b")),
        ("/headers/host", json!("")),
        ("/requestContext/domainName", json!("a:99999")),
        ("/rawPath", json!("agents")),
        ("/cookies", json!(["a=\u{7f}"])),
    ] {
        let company = server.company().create().await;
        for route in Route::ALL {
            let caller = company.caller_of(*route).await;
            let accepted = server.accepted(*route, &caller.key).await;
            let request = accepted.request(&server).key(&caller.key);
            let answer = request.send_event(|event| set(event, place, value.clone())).await;
            assert_eq!(answer.status, accepted.status(), "{place} {value}: {answer}");
        }
    }
}

/// Queries that once ended the process, from whoever has no key, at every route and at none: each is refused.
#[tokio::test]
async fn a_stream_of_what_once_ended_the_process_is_refused() {
    let server = TestServer::start().await;
    let neighbour = Neighbour::of(&server).await;
    let routes = Route::ALL.iter().map(|route| (tests::accepted::method(*route), route.entry().path));
    let attack = async {
        for (method, path) in routes.chain([(reqwest::Method::GET, "/nothing")]) {
            let path = path.replace(['{', '}'], "");
            for query in NO_QUERIES {
                let request = server.request(method.clone(), &path);
                let answer = request.send_event(|event| event["rawQueryString"] = json!(query)).await;
                assert_eq!(answer.code(), Some(ErrorCode::ValidationFailed.as_str()), "{answer}");
            }
        }
    };
    neighbour.beside(attack).await;
}

#[tokio::test]
async fn content_is_not_read_for_a_caller_without_a_well_formed_key() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let mistyped = format!("{}{}", &company.key[..51], if company.key.ends_with('x') { 'y' } else { 'x' });
    for key in ["sk_", &mistyped] {
        let event = server.post(Route::CreateAgent.entry().path).key(key).event();
        let event: Event = serde_json::from_str(&event.to_string()).expect("an event");
        let runtime = &server.functions().runtime;
        let mut context = RequestContext::begin(runtime, event).expect("a request");
        let mut session = server.functions().store.session();
        let read = |_: &api::ContentReader<'_>| -> api::Content<()> { panic!("the content was read") };
        let admitted = context.admit::<CompanyId, _>(&mut session, read).await;
        let problem: Problem = admitted.err().expect("a refusal");
        assert_eq!(problem.document("").code(), ErrorCode::InvalidApiKey);
    }
}
