//! Promises of every list, and of those of a company's things.

use std::time::Duration;

use api::{ErrorCode, Route};
use domain::resource::ResourceType;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, TestServer, api};

/// The attribute that is the partition of the index of lists.
const PARTITION: &str = "GSI1PK";

/// The kind of things that a list has.
fn kind(route: Route) -> ResourceType {
    match route.entry().path {
        "/agents" => ResourceType::Agent,
        "/candidates" => ResourceType::Candidate,
        "/jobs" => ResourceType::Job,
        "/interviews" => ResourceType::Interview,
        "/phone-numbers" => ResourceType::PhoneNumber,
        "/companies" => ResourceType::Company,
        path => panic!("the kind of things in {path}"),
    }
}

/// The ids of the items on a page, in its order.
pub fn ids(page: &Answer) -> Vec<String> {
    let items = page.body["items"].as_array().unwrap_or_else(|| panic!("no items: {page}"));
    items.iter().map(|item| item["id"].as_str().expect("an id").to_owned()).collect()
}

/// So many things of the list, each a second younger than the one before, newest first.
async fn things(server: &TestServer, route: Route, key: &str, query: &str, count: usize) -> Vec<String> {
    let mut newest_first = Vec::new();
    for _ in 0..count {
        newest_first.insert(0, server.new_thing(kind(route), None, key, query).await);
        server.pass(Duration::from_secs(1));
    }
    newest_first
}

/// A list is read in pages, newest first, each thing once, and ends with a page that names no next one.
pub async fn pages_have_each_thing_once_newest_first(route: Route) {
    let server = TestServer::start().await;
    let caller = server.caller_of(route).await;
    let path = route.entry().path;
    let empty = caller.get(path).answered(200).await;
    assert_eq!((ids(&empty), empty.body.get("nextCursor")), (vec![], None));
    let newest_first = things(&server, route, &caller.key, "", 23).await;

    let first = caller.get(path).answered(200).await;
    assert_eq!(ids(&first), newest_first[..20]);
    let next = first.text_of("nextCursor");
    let last = caller.get(&format!("{path}?cursor={next}")).answered(200).await;
    assert_eq!((ids(&last).as_slice(), last.body.get("nextCursor")), (&newest_first[20..], None));
    let one = caller.get(&format!("{path}?limit=1&cursor={next}")).answered(200).await;
    assert_eq!(ids(&one), newest_first[20..21]);
    let newest = caller.get(&format!("{path}?limit=1")).answered(200).await;
    assert!(newest.log["dynamodb"]["readUnits"].as_f64() < Some(10.0), "a page reads what it shows: {}", newest.log);
    let all = caller.get(&format!("{path}?limit=100")).answered(200).await;
    assert_eq!(ids(&all), newest_first);
    let exactly = caller.get(&format!("{path}?limit=23")).answered(200).await;
    assert_eq!(ids(&exactly), newest_first);
}

/// Each tenant sees its own things, by each way to act for it, and nobody else's.
pub async fn a_tenant_sees_its_own_things_only(route: Route) {
    let server = TestServer::start().await;
    let (ats, other_ats) = (server.ats().await, server.ats().await);
    let company = server.company().managed_by(ats).create().await;
    let sibling = server.company().managed_by(ats).create().await;
    let stranger = server.company().managed_by(other_ats).create().await;
    let (_, ats_key) = server.ats_key(ats).create().await;
    let path = route.entry().path;
    for own in [&company, &sibling, &stranger] {
        let created = things(&server, route, &own.key, "", 2).await;
        let of_others = format!("?companyId={}", company.id);
        for query in ["", of_others.as_str()] {
            assert_eq!(ids(&own.get(&format!("{path}{query}")).answered(200).await), created, "{query}");
        }
        let of_own = format!("{path}?companyId={}", own.id);
        let by_ats = || server.request(Method::GET, &of_own).key(&ats_key);
        if own.id == stranger.id {
            by_ats().refused(ErrorCode::ResourceAccessDenied).await;
        } else {
            assert_eq!(ids(&by_ats().answered(200).await), created);
        }
    }
    server.request(Method::GET, path).key(&ats_key).refused(ErrorCode::CompanyIdRequired).await;
}

/// The owner of each thing is looked at, whatever partition of the index its entry is in.
pub async fn another_owner_s_thing_among_the_entries_is_not_shown(route: Route) {
    let server = TestServer::start().await;
    let (company, stranger) = (server.company().create().await, server.company().create().await);
    let path = route.entry().path;
    let own = things(&server, route, &company.key, "", 2).await;
    let of_another = things(&server, route, &stranger.key, "", 1).await;
    let items = server.all_items().await;
    let listed = |id: &str| {
        let is_listed = |item: &&Value| item["id"]["S"] == id && item.get(PARTITION).is_some();
        items.iter().find(is_listed).unwrap_or_else(|| panic!("no entry of {id}"))
    };
    let [partition_key, sort_key] = ["PK", "SK"].map(|name| listed(&of_another[0])[name]["S"].as_str().expect("a key"));
    let moved = json!({PARTITION: listed(&own[0])[PARTITION]});
    server.set_attributes(partition_key, sort_key, &moved).await;
    assert_eq!(ids(&company.get(path).answered(200).await), own);
    assert_eq!(ids(&stranger.get(path).answered(200).await), [""; 0], "its entry is elsewhere");
}

/// All broken rules on the query are named at once.
pub async fn each_broken_rule_on_the_query_is_named(route: Route) {
    let server = TestServer::start().await;
    let caller = server.caller_of(route).await;
    let path = route.entry().path;
    let others = route.entry().query.iter().filter(|name| !["limit", "cursor"].contains(name));
    let mut query = "limit=101".to_owned();
    let mut expected = vec!["?limit".to_owned()];
    for name in others {
        query.push_str(&format!("&{name}=%20"));
        expected.push(format!("?{name}"));
        let twice = caller.get(&format!("{path}?{name}=1&{name}=1")).refused(ErrorCode::ValidationFailed).await;
        assert_eq!(twice.issues().into_iter().map(|(at, _)| at).collect::<Vec<_>>(), [format!("?{name}")]);
    }
    let answer = caller.get(&format!("{path}?{query}&sort=name")).refused(ErrorCode::ValidationFailed).await;
    let mut found: Vec<_> = answer.issues().into_iter().map(|(at, _)| at).collect();
    found.sort();
    expected.push("?sort".to_owned());
    expected.sort();
    assert_eq!(found, expected);
    for limit in ["0", "101", "-1", "", "1.0", "%2B2", "002", "1&limit=1"] {
        let answer = caller.get(&format!("{path}?limit={limit}")).refused(ErrorCode::ValidationFailed).await;
        assert_eq!(answer.issues(), [("?limit".to_owned(), "range".to_owned())], "{limit}");
    }
}
