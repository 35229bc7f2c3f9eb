//! The use of a key: its last day and its sources are told to an operator, at no further request and without anybody's
//! address.

use std::time::Duration;

use domain::api_key::{ApiKeyId, ApiKeySecret};
use domain::key_use::{KEY_USE_KEPT, KeyUse, SOURCES_LISTED_MAX};
use serde_json::{Value, json};
use store::UseOfKey;
use tests::faults::Operation::{BatchGetItem, CountUse};
use tests::faults::{Fault, FaultScript};
use tests::{Answer, Company, TestServer, body};
use tokio::task::JoinSet;

const HOME: &str = "203.0.113.7";
const ELSEWHERE: &str = "198.51.100.9";

/// An address among any number of different ones.
fn address(number: usize) -> String {
    format!("192.0.2.{number}")
}

async fn use_from(company: &Company, key: &str, address: &str) -> Answer {
    let request = company.server().request(reqwest::Method::GET, "/webhooks").key(key);
    request.send_event(|event| event["requestContext"]["http"]["sourceIp"] = address.into()).await
}

async fn use_of(server: &TestServer, id: ApiKeyId) -> KeyUse {
    server.store().use_of_key(id, None, server.now()).await.expect("the key").uses
}

/// The first and the last hour of use from an address, if the key was used from there.
async fn hours_from(server: &TestServer, id: ApiKeyId, address: &str) -> Option<[String; 2]> {
    let address = address.parse().expect("an address");
    let UseOfKey { from_address, .. } =
        server.store().use_of_key(id, Some(address), server.now()).await.expect("the key");
    from_address.map(|hours| [hours.first_hour, hours.last_hour].map(|hour| hour.to_string()))
}

#[tokio::test]
async fn the_last_day_and_the_sources_of_a_key_are_told() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let (id, key) = company.api_key().create().await;
    assert_eq!(use_of(&server, id).await, KeyUse { last_used_on: None, sources: Vec::new(), requests_of_others: 0 });
    assert_eq!(hours_from(&server, id, HOME).await, None);

    for _ in 0..2 {
        assert_eq!(use_from(&company, &key, HOME).await.status, 200);
    }
    server.set_clock("2026-05-17T23:59:59.999Z");
    assert_eq!(use_from(&company, &key, ELSEWHERE).await.status, 200);
    server.set_clock("2026-05-18T00:00:00.000Z");
    let used = use_of(&server, id).await;
    assert_eq!(used.last_used_on.map(|day| day.to_string()).as_deref(), Some("2026-05-17"));
    assert_eq!((used.sources.len(), used.requests_of_others), (2, 0));
    let hour = |hour: &str| Some([hour.to_owned(), hour.to_owned()]);
    assert_eq!(hours_from(&server, id, HOME).await, hour("2026-05-15T10:00:00.000Z"));
    assert_eq!(hours_from(&server, id, ELSEWHERE).await, hour("2026-05-17T23:00:00.000Z"));
    assert_eq!(hours_from(&server, id, &address(1)).await, None);
}

/// A month's pseudonyms say nothing of another month's, and yet an address is found in both.
#[tokio::test]
async fn a_source_has_another_pseudonym_in_each_month() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let (id, key) = company.api_key().create().await;
    server.set_clock("2026-05-31T23:59:59.999Z");
    use_from(&company, &key, HOME).await;
    server.set_clock("2026-06-01T00:00:00.000Z");
    use_from(&company, &key, HOME).await;
    let sources = use_of(&server, id).await.sources;
    assert_eq!(sources.iter().map(|source| source.month.as_str()).collect::<Vec<_>>(), ["2026-06", "2026-05"]);
    assert_ne!(sources[0].pseudonym, sources[1].pseudonym);
    let [first, last] = hours_from(&server, id, HOME).await.expect("a use");
    assert_eq!([first, last], ["2026-05-31T23:00:00.000Z", "2026-06-01T00:00:00.000Z"]);
}

/// Two keys of one owner can be compared, those of two owners can't. Nobody's use is another key's.
#[tokio::test]
async fn each_key_s_use_is_its_own() {
    let server = TestServer::start().await;
    let (company, other) = (server.company().create().await, server.company().create().await);
    let (id, key) = company.api_key().create().await;
    let (second, second_key) = company.api_key().create().await;
    let (unused, _) = company.api_key().create().await;
    let (others, others_key) = other.api_key().create().await;
    for (company, key) in [(&company, &key), (&company, &second_key), (&other, &others_key)] {
        use_from(company, key, HOME).await;
    }
    let mut pseudonyms = Vec::new();
    for id in [id, second, others] {
        pseudonyms.extend(use_of(&server, id).await.sources.iter().map(|source| source.pseudonym));
    }
    assert_eq!(pseudonyms.len(), 3);
    assert_eq!(pseudonyms[0], pseudonyms[1]);
    assert_ne!(pseudonyms[0], pseudonyms[2]);
    assert_eq!(use_of(&server, unused).await.last_used_on, None);
}

/// A request that is counted is noted, whatever becomes of it: also one from an address that the key is not allowed for.
/// One that is refused by the limits is neither.
#[tokio::test]
async fn every_counted_request_is_noted() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let limits = domain::limits::UseLimits { minute: 2, hour: 9 };
    let (id, key) = company.api_key().from(&["203.0.113.0/24"]).limits(limits).create().await;
    assert_eq!(use_from(&company, &key, HOME).await.status, 200);
    assert_eq!(use_from(&company, &key, ELSEWHERE).await.code(), Some("IP_NOT_ALLOWED"));
    assert_eq!(use_from(&company, &key, &address(1)).await.code(), Some("RATE_LIMITED"));
    assert!(hours_from(&server, id, HOME).await.is_some());
    assert!(hours_from(&server, id, ELSEWHERE).await.is_some());
    assert_eq!(hours_from(&server, id, &address(1)).await, None);
}

#[tokio::test]
async fn a_stranger_leaves_nothing() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let stranger = ApiKeySecret::generate().expect("randomness");
    let items = server.items().await;
    server.faults().take_arrivals();
    for _ in 0..2 {
        assert_eq!(use_from(&company, stranger.reveal(), HOME).await.status, 401);
    }
    assert_eq!(server.faults().take_arrivals(), [BatchGetItem; 2]);
    assert_eq!((server.items().await, server.counters().await), (items, Vec::new()));
}

/// Machines change their IPv6 addresses within their network by themselves.
#[tokio::test]
async fn an_ipv6_source_is_its_network() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let (id, key) = company.api_key().create().await;
    for address in ["2001:db8::1", "2001:db8::ffff:1", "::ffff:203.0.113.7", HOME] {
        use_from(&company, &key, address).await;
    }
    assert_eq!(use_of(&server, id).await.sources.len(), 2);
    assert!(hours_from(&server, id, "2001:db8::2").await.is_some());
    assert_eq!(hours_from(&server, id, "2001:db8:0:1::1").await, None);
}

/// No address is stored or logged: neither as text, nor its bytes in hexadecimal or base64.
#[tokio::test]
async fn no_address_is_kept() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let answer = use_from(&company, &company.key, HOME).await;
    assert_eq!(answer.status, 200);
    let kept = json!([server.all_items().await, server.counters().await]).to_string() + &server.log().concat();
    for text in [HOME, "cb007107", "ywBxBw"] {
        assert!(!kept.contains(text), "{text}");
    }
}

/// Sixteen sources of an hour are listed; what comes from others is counted. A request takes one count either way.
#[tokio::test]
async fn sixteen_sources_of_an_hour_are_listed() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let (id, key) = company.api_key().create().await;
    for number in 0..SOURCES_LISTED_MAX {
        use_from(&company, &key, &address(number)).await;
    }
    assert_eq!(use_of(&server, id).await.requests_of_others, 0);
    server.faults().take_arrivals();
    for number in [SOURCES_LISTED_MAX, 0, SOURCES_LISTED_MAX + 1, SOURCES_LISTED_MAX] {
        let answer = use_from(&company, &key, &address(number)).await;
        let dynamodb = &answer.log["dynamodb"];
        assert_eq!((answer.status, &dynamodb["countFailures"], &dynamodb["writeUnits"]), (200, &json!(0), &json!(1.0)));
    }
    let arrivals = server.faults().take_arrivals();
    // The instance learns by the first further source that the list is full.
    assert_eq!(arrivals.iter().filter(|operation| **operation == CountUse).count(), 4 + 1, "{arrivals:?}");
    let used = use_of(&server, id).await;
    assert_eq!((used.sources.len(), used.requests_of_others), (SOURCES_LISTED_MAX, 3));
    assert!(hours_from(&server, id, &address(0)).await.is_some());
    assert_eq!(hours_from(&server, id, &address(SOURCES_LISTED_MAX)).await, None);

    server.set_clock("2026-05-15T11:00:00.000Z");
    use_from(&company, &key, &address(SOURCES_LISTED_MAX)).await;
    assert!(hours_from(&server, id, &address(SOURCES_LISTED_MAX)).await.is_some(), "another hour lists others");
}

/// However many sources come at once, the list is never longer, and every counted request is one of a listed source or one
/// of others. (On a busy machine, some may not be counted in time: these pass.)
#[tokio::test]
async fn the_list_is_bounded_at_any_concurrency() {
    const CALLERS: usize = 40;
    let server = TestServer::start().await;
    let company = server.company().create().await;
    for is_known in [false, true] {
        let (id, key) = company.api_key().create().await;
        if is_known {
            use_from(&company, &key, &address(CALLERS)).await;
        }
        let mut answers = JoinSet::new();
        for number in 0..CALLERS {
            let (company, key) = (company.clone(), key.clone());
            answers.spawn(async move { use_from(&company, &key, &address(number)).await.status });
        }
        assert_eq!(answers.join_all().await, [200; CALLERS]);
        let used = use_of(&server, id).await;
        assert_eq!(used.sources.len(), SOURCES_LISTED_MAX);
        let hash = ApiKeySecret::parse(&key).expect("a key").hash();
        let is_its = |item: &&Value| item["PK"]["S"] == format!("USES#{}", hash.as_str());
        let counters = server.counters().await;
        let counter = counters.iter().find(is_its).expect("a counter");
        let counted: u64 = counter["hour"]["N"].as_str().and_then(|count| count.parse().ok()).expect("a number");
        assert_eq!(counted, SOURCES_LISTED_MAX as u64 + used.requests_of_others);
    }
}

/// The item of an hour with sixteen sources, in each of whose minutes a key with high limits was used, is written for one unit.
#[tokio::test]
async fn the_fullest_counter_costs_one_write_unit() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    for number in 0..SOURCES_LISTED_MAX {
        use_from(&company, &company.key, &address(number)).await;
    }
    let [counter] = <[_; 1]>::try_from(server.counters().await).expect("one counter");
    let text = |name: &str| counter[name]["S"].as_str().expect("a key").to_owned();
    let mut full = json!({"hour": {"N": "5999999"}, "ofOthers": {"N": "5999999"}});
    for minute in 0..60 {
        full[format!("minute{minute:02}")] = json!({"N": "99999"});
    }
    server.set_attributes(&text("PK"), &text("SK"), &full).await;
    for number in [0, SOURCES_LISTED_MAX] {
        let answer = use_from(&company, &company.key, &address(number)).await;
        assert_eq!(answer.log["dynamodb"]["writeUnits"], 1.0, "{answer}");
    }
}

/// The use of a key is told for 62 days, and the table drops it then.
#[tokio::test]
async fn the_use_of_a_key_is_kept_for_62_days() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let (id, key) = company.api_key().create().await;
    server.set_clock("2026-05-15T10:00:00.000Z");
    use_from(&company, &key, HOME).await;
    let [counter] = <[_; 1]>::try_from(server.counters().await).expect("one counter");
    let end = server.now().saturating_add(KEY_USE_KEPT);
    assert_eq!(counter["expiresAt"]["N"], end.epoch_seconds().to_string());
    server.pass(KEY_USE_KEPT - Duration::from_millis(1));
    assert!(hours_from(&server, id, HOME).await.is_some());
    server.pass(Duration::from_millis(1));
    assert_eq!((use_of(&server, id).await.last_used_on, hours_from(&server, id, HOME).await), (None, None));
}

/// An owner without a secret has no pseudonyms: its keys' requests are counted, and their day is known.
#[tokio::test]
async fn without_a_secret_no_source_is_listed() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let (id, key) = company.api_key().create().await;
    let hash = ApiKeySecret::parse(&key).expect("a key").hash();
    server.remove_attribute(&format!("KEY#{}", hash.as_str()), "KEY", "idSecret").await;
    use_from(&company, &key, HOME).await;
    use_from(&company, &key, HOME).await;
    let used = use_of(&server, id).await;
    assert_eq!((used.sources.len(), used.requests_of_others), (0, 2));
    assert!(used.last_used_on.is_some());
}

/// If noting fails, in whatever way, the request passes.
#[tokio::test]
async fn a_request_that_can_t_be_noted_passes() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let (id, key) = company.api_key().create().await;
    for number in 0..SOURCES_LISTED_MAX {
        use_from(&company, &key, &address(number)).await;
    }
    for faults in [
        vec![(CountUse, Fault::Throttled)],
        vec![(CountUse, Fault::AnswerNever)],
        // The list is full: the second request is the one that counts.
        vec![(CountUse, Fault::None), (CountUse, Fault::InternalServerError)],
    ] {
        let (_, key) = company.api_key().create().await;
        for number in 0..SOURCES_LISTED_MAX {
            use_from(&company, &key, &address(number)).await;
        }
        server.faults().follow(FaultScript::script(faults));
        let answer = use_from(&company, &key, &address(SOURCES_LISTED_MAX)).await;
        assert_eq!(server.faults().unused(), 0, "{answer}");
        assert_eq!((answer.status, &answer.log["dynamodb"]["countFailures"]), (200, &json!(1)), "{answer}");
    }
    server.faults().follow(FaultScript::none());
    assert_eq!(use_of(&server, id).await.requests_of_others, 0);
}

/// The key of a tracking system is noted with the system's secret, for whichever company it acts.
#[tokio::test]
async fn a_system_s_key_has_one_pseudonym_of_a_source() {
    let server = TestServer::start().await;
    let ats = server.ats().await;
    let (id, key) = server.ats_key(ats).create().await;
    for _ in 0..2 {
        let company = server.company().managed_by(ats).create().await;
        let path = format!("/agents?companyId={}", company.id);
        let request = server.post(&path).key(&key).json(&body::agent());
        let answer = request.send_event(|event| event["requestContext"]["http"]["sourceIp"] = HOME.into()).await;
        assert_eq!(answer.status, 201);
    }
    assert_eq!(use_of(&server, id).await.sources.len(), 1);
    assert!(hours_from(&server, id, HOME).await.is_some());
}
