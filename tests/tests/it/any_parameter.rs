//! Query parameters and headers that the document forbids are refused, and those that it allows are taken.

use std::cell::Cell;

use api::{ErrorCode, Route};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use tests::{Answer, TestServer, api, body, document};
use tokio::runtime::Runtime;

/// Cases for each parameter; a server serves so many.
const CASES: u32 = 192;

/// Sends each text as that parameter, and compares the answer with the document. `taken` says if an answer is one to a
/// parameter that is right. Both kinds must come.
fn taken_as_documented(
    runtime: &Runtime,
    parameter: &str,
    texts: impl Strategy<Value = String>,
    send: impl AsyncFn(&str) -> Answer,
    taken: impl Fn(&Answer) -> bool,
) {
    let (allowed, forbidden) = (Cell::new(0), Cell::new(0));
    let config = Config { cases: CASES, source_file: Some(file!()), ..Config::default() };
    let sent = TestRunner::new(config).run(&texts, |text| {
        let answer = runtime.block_on(send(&text));
        let documented = document::allows(parameter, &text);
        let count = if documented { &allowed } else { &forbidden };
        count.set(count.get() + 1);
        prop_assert_eq!(taken(&answer), documented, "{:?}: {}", text, answer);
        prop_assert!(documented || answer.code() == Some(ErrorCode::ValidationFailed.as_str()), "{}", answer);
        Ok(())
    });
    sent.unwrap_or_else(|failure| panic!("{parameter}: {failure}"));
    assert!(allowed.get() > 5 && forbidden.get() > 5, "{parameter}: {allowed:?} allowed, {forbidden:?} forbidden");
}

/// A text as a query has it.
fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime")
}

#[test]
fn the_number_of_items_on_a_page() {
    let runtime = runtime();
    let server = runtime.block_on(TestServer::start());
    let company = runtime.block_on(server.company().create());
    let path = runtime.block_on(async { format!("/webhooks/{}/deliveries", server.webhook_of(&company.key).await) });
    let texts = prop_oneof![
        4 => (0_u16..110).prop_map(|number| number.to_string()),
        4 => "[-+ 0]{0,2}[0-9]{1,3}(\\.0|e0)?",
        1 => "[\u{660}-\u{669}\u{ff11}]{1,2}",
        1 => any::<String>(),
    ];
    let send = async |text: &str| company.get(&format!("{path}?limit={}", encoded(text))).send().await;
    taken_as_documented(&runtime, "limit", texts, send, |answer| answer.status == 200);
}

#[test]
fn the_company_that_a_system_acts_for() {
    let runtime = runtime();
    let server = runtime.block_on(TestServer::start());
    let key = runtime.block_on(async { server.ats_key(server.ats().await).create().await.1 });
    let texts = prop_oneof![
        4 => "[0-9a-fA-F]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9A-F]{12}",
        4 => "[0-9a-g]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9A-F]{12}",
        1 => "(\\{|urn:uuid:)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\\}?",
        1 => any::<String>().prop_filter("absent", |text| !text.is_empty()),
    ];
    let body = body::agent();
    let send = async |text: &str| {
        server.post(&format!("/agents?companyId={}", encoded(text))).key(&key).json(&body).send().await
    };
    // Nobody manages any of these companies.
    taken_as_documented(&runtime, "companyId", texts, send, |answer| answer.status == 403);
}

#[test]
fn the_key_of_a_request_that_may_be_repeated() {
    let runtime = runtime();
    let server = runtime.block_on(TestServer::start());
    let company = runtime.block_on(server.company().create());
    let texts = prop_oneof![
        4 => "[!-~]{1,6}",
        2 => "\"[!-~]{0,4}\"?",
        2 => "[a-z,]{1,3}(, ?[a-z]{1,3})?",
        1 => (254_usize..258).prop_map(|length| "k".repeat(length)),
        1 => "[!-~][ -~]{0,6}[!-~]",
    ];
    let body = body::agent();
    let send =
        async |text: &str| company.post(Route::CreateAgent.entry().path).json(&body).idempotent(text).send().await;
    taken_as_documented(&runtime, "Idempotency-Key", texts, send, |answer| answer.status == 201);
}

/// A cursor says where a page of one list ended; whatever else looks like one is refused.
#[test]
fn a_cursor_is_one_that_the_list_gave() {
    let runtime = runtime();
    let server = runtime.block_on(TestServer::start());
    let company = runtime.block_on(server.company().create());
    let (webhook, other) =
        runtime.block_on(async { (server.webhook_of(&company.key).await, server.webhook_of(&company.key).await) });
    let path = format!("/webhooks/{webhook}/deliveries");
    let last = runtime.block_on(async {
        server.delivery_to(&webhook).await;
        server.delivery_to(&webhook).await;
        company.get(&format!("{path}?limit=1")).answered(200).await.text_of("nextCursor").to_owned()
    });
    assert!(document::allows("cursor", &last), "{last}");
    let by_another_spelling = format!("/webhooks/{}/deliveries?cursor={last}", webhook.to_uppercase());
    runtime.block_on(company.get(&by_another_spelling).answered(200));
    let elsewhere = company.get(&format!("/webhooks/{other}/deliveries?cursor={last}"));
    assert_eq!(runtime.block_on(elsewhere.refused(ErrorCode::ValidationFailed)).issues()[0].0, "?cursor");
    let texts = prop_oneof![
        Just(server.id().to_string()),
        Just(last.split('.').next().unwrap_or_default().to_owned()),
        Just(last.to_uppercase()),
        (0..last.len()).prop_map({
            let last = last.clone();
            move |end| last[..end].to_owned()
        }),
        (0..last.len(), "[0-9a-f.-]").prop_map({
            let last = last.clone();
            move |(at, with)| format!("{}{with}{}", &last[..at], &last[at + 1..])
        }),
        any::<String>(),
    ];
    let texts = texts.prop_filter("the cursor itself", move |text| *text != last);
    let config = Config { cases: CASES, source_file: Some(file!()), ..Config::default() };
    let sent = TestRunner::new(config).run(&texts, |text| {
        let answer = runtime.block_on(company.get(&format!("{path}?cursor={}", encoded(&text))).send());
        prop_assert_eq!(answer.issues(), [("?cursor".to_owned(), "cursor".to_owned())], "{:?}: {}", text, answer);
        Ok(())
    });
    sent.unwrap_or_else(|failure| panic!("{failure}"));
}
