//! Cursors: each holds for one list of one tenant, narrowed in one way, and for nothing else. Every list of the table of routes
//! is tried, with all its filters.

use std::time::Duration;

use api::{ActsFor, ErrorCode, Route};
use domain::StringEnum as _;
use domain::resource::ResourceType;
use serde_json::Value;
use tests::{Accepted, Answer, Request, TestServer, api, document};

use crate::isolation::{Party, World};

/// The routes that list something.
fn lists() -> impl Iterator<Item = Route> {
    Route::ALL.iter().copied().filter(|route| route.entry().query.contains(&"cursor"))
}

/// A tenant whose list may have several pages.
fn tenant_of(route: Route) -> Party {
    match route.entry().acts_for {
        ActsFor::Company | ActsFor::Owner => Party::Own,
        ActsFor::Ats | ActsFor::Companies => Party::System,
    }
}

/// The kind of things that a route lists, by the name of its answer.
fn kind_of_items(route: Route) -> ResourceType {
    // Usage is told of one company after another.
    if route == Route::GetUsage {
        return ResourceType::Company;
    }
    let name = route.entry().response.and_then(|name| name.strip_suffix("ResponseList")).expect("a list");
    let spelt = |(place, c): (usize, char)| match c {
        'A'..='Z' if place > 0 => format!("_{c}"),
        c => c.to_ascii_uppercase().to_string(),
    };
    let word: String = name.char_indices().map(spelt).collect();
    ResourceType::parse(&word).unwrap_or_else(|_| panic!("no kind {word}"))
}

/// A list with two things at least, as one tenant asks for it.
struct List {
    accepted: Accepted,
    key: String,
}

impl List {
    async fn new(world: &World, route: Route, tenant: Party) -> Self {
        let (server, key) = (&world.server, world.key_of(tenant));
        let accepted = world.accepted(route, tenant).await;
        let first = route.parameters(&accepted.path).first().map(|(_, id)| (*id).to_owned());
        for _ in 0..2 {
            server.new_thing(kind_of_items(route), first.as_deref(), key, "").await;
            server.pass(Duration::from_secs(1));
        }
        Self { accepted, key: key.to_owned() }
    }

    fn page(&self, server: &TestServer, parameters: &[(&str, &str)]) -> Request {
        let parameters: Vec<_> = parameters.iter().map(|(name, value)| format!("{name}={value}")).collect();
        self.accepted.at(server, &format!("?{}", parameters.join("&"))).key(&self.key)
    }

    /// The cursor of the first page of one thing, if another page follows.
    async fn cursor(&self, server: &TestServer, filter: &[(&str, &str)]) -> Option<String> {
        let page = self.page(server, &[filter, &[("limit", "1")]].concat()).answered(200).await;
        page.body["nextCursor"].as_str().map(str::to_owned)
    }

    async fn is_refused(&self, server: &TestServer, filter: &[(&str, &str)], cursor: &str) {
        let answer = self.page(server, &[filter, &[("cursor", cursor)]].concat()).send().await;
        assert_refused(&answer, cursor);
    }
}

fn assert_refused(answer: &Answer, cursor: &str) {
    assert_eq!(answer.code(), Some(ErrorCode::ValidationFailed.as_str()), "{cursor}: {answer}");
    assert_eq!(answer.issues(), [("?cursor".to_owned(), "cursor".to_owned())], "{cursor}");
}

/// A cursor of another tenant, of another list, or of another thing's list is refused.
#[tokio::test]
async fn of_another_list() {
    let world = World::start().await;
    let server = &world.server;
    let mut own = Vec::new();
    for route in lists() {
        let list = List::new(&world, route, tenant_of(route)).await;
        let cursor = list.cursor(server, &[]).await.unwrap_or_else(|| panic!("a second page of {route:?}"));
        list.page(server, &[("cursor", &cursor)]).answered(200).await;
        own.push((route, list, cursor));
    }
    for (route, list, cursor) in &own {
        let others: &[Party] = match route.entry().acts_for {
            ActsFor::Company => &[Party::Sibling],
            ActsFor::Owner => &[Party::Sibling, Party::System],
            ActsFor::Ats | ActsFor::Companies => &[Party::OtherSystem],
        };
        for tenant in others {
            let other = List::new(&world, *route, *tenant).await;
            other.is_refused(server, &[], cursor).await;
            list.is_refused(server, &[], &other.cursor(server, &[]).await.expect("a second page")).await;
        }
        // Below another thing of the same tenant.
        if !route.entry().names.is_empty() {
            List::new(&world, *route, tenant_of(*route)).await.is_refused(server, &[], cursor).await;
        }
        for (_, _, of_other_route) in own.iter().filter(|(other, ..)| other != route) {
            list.is_refused(server, &[], of_other_route).await;
        }
    }
}

/// A cursor of the list that is narrowed in another way is refused: by each filter and each of its values.
#[tokio::test]
async fn of_another_filter() {
    let world = World::start().await;
    let server = &world.server;
    for route in lists() {
        let list = List::new(&world, route, tenant_of(route)).await;
        let of_all = list.cursor(server, &[]).await.expect("a second page");
        for (name, schema) in document::query_parameters(route) {
            if ["companyId", "limit", "cursor"].contains(&name.as_str()) {
                continue;
            }
            let mut values = Vec::new();
            for value in values_of(&world, &name, &schema).await {
                // Some words stand in stored data only.
                let taken = list.page(server, &[(&name, &value)]).send().await.status == 200;
                values.extend(taken.then_some(value));
            }
            assert!(values.len() > 1 || document::is_id(&schema), "values of {name}: {values:?}");
            for value in &values {
                list.is_refused(server, &[(&name, value)], &of_all).await;
                let Some(narrowed) = list.cursor(server, &[(&name, value)]).await else { continue };
                list.page(server, &[(&name, value), ("cursor", &narrowed)]).answered(200).await;
                list.is_refused(server, &[], &narrowed).await;
                for other in values.iter().filter(|other| *other != value) {
                    list.is_refused(server, &[(&name, other)], &narrowed).await;
                }
            }
        }
    }
}

/// Values that a query parameter takes.
async fn values_of(world: &World, name: &str, schema: &Value) -> Vec<String> {
    if document::is_id(schema) {
        return vec![world.new_thing(crate::isolation::kind_of(name), Party::Own).await];
    }
    if schema["format"] == "date" {
        let today = world.server.now().date();
        return [today.pred_opt(), Some(today)].into_iter().flatten().map(|day| day.to_string()).collect();
    }
    let words = schema["enum"].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned);
    let others: &[&str] = match (schema["type"].as_str(), schema["format"].as_str()) {
        (Some("boolean"), _) => &["true", "false"],
        (_, Some("date-time")) => &["2000-01-01T00:00:00Z", "2100-01-01T00:00:00Z"],
        (Some("string"), None) if schema["enum"].is_null() => &["a", "b"],
        _ => &[],
    };
    words.chain(others.iter().map(|text| (*text).to_owned())).collect()
}

/// A cursor with another character in any place, of which something is missing, or with something behind it is refused.
#[tokio::test]
async fn that_is_altered() {
    let world = World::start().await;
    let server = &world.server;
    for route in lists() {
        let list = List::new(&world, route, tenant_of(route)).await;
        let cursor = list.cursor(server, &[]).await.expect("a second page");
        for at in 0..cursor.len() {
            let with = |c: char| format!("{}{c}{}", &cursor[..at], &cursor[at + 1..]);
            let other = if cursor[at..].starts_with('0') { '1' } else { '0' };
            list.is_refused(server, &[], &with(other)).await;
        }
        let (place, check) = cursor.split_once('.').expect("a place and a check");
        for altered in [
            String::new(),
            "next".to_owned(),
            place.to_owned(),
            format!("{place}."),
            format!(".{check}"),
            format!("{place}.{}", "0".repeat(check.len())),
            cursor[..cursor.len() - 1].to_owned(),
            format!("{cursor}0"),
            format!("{cursor}."),
            cursor.to_uppercase(),
            format!("{cursor}&cursor={cursor}"),
        ] {
            list.is_refused(server, &[], &altered).await;
        }
    }
}
