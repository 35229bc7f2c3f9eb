//! Isolation, as a matrix that is made from the table of routes: every id that a request may name, in its path, its query
//! and its body × whose thing the id stands for × whose key asks, and for which company.
//!
//! No answer is recorded. What is expected follows from the contract's rules, which stand in [`tenant`] and [`verdict`]. The
//! ids of a path are those that the route's entry names; the ids of queries and bodies are found in the document's schemas,
//! which the shapes of bodies write.

use std::collections::{BTreeSet, HashMap};

use api::{ActsFor, ErrorCode, Route};
use domain::company::{AtsId, CompanyId};
use domain::resource::ResourceType;
use reqwest::Method;
use serde_json::{Value, json};
use tests::faults::Operation;
use tests::{Accepted, Answer, Company, Request, TestServer, api, body, document};

/// An owner of things. The system manages the first two companies, the other system the third.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Party {
    Own,
    Sibling,
    Foreign,
    System,
    OtherSystem,
}

const COMPANIES: [Party; 3] = [Party::Own, Party::Sibling, Party::Foreign];
const OWNERS: [Party; 5] = [Party::Own, Party::Sibling, Party::Foreign, Party::System, Party::OtherSystem];

/// A key that asks: of the company [`Party::Own`], or of the system that manages it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Key {
    Ordinary,
    System,
}

/// The company that the query names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Named {
    Absent,
    Company(Party),
    Unknown,
    Malformed,
}

type Way = (Key, Named);

/// The ways to ask in which every id is tried.
const WAYS: [Way; 5] = [
    (Key::Ordinary, Named::Absent),
    (Key::System, Named::Company(Party::Own)),
    (Key::System, Named::Company(Party::Sibling)),
    (Key::System, Named::Company(Party::Foreign)),
    (Key::System, Named::Absent),
];

/// The ways to ask that are tried once for each route.
const OTHER_WAYS: [Way; 6] = [
    (Key::Ordinary, Named::Company(Party::Sibling)),
    (Key::Ordinary, Named::Company(Party::Foreign)),
    (Key::Ordinary, Named::Unknown),
    (Key::Ordinary, Named::Malformed),
    (Key::System, Named::Unknown),
    (Key::System, Named::Malformed),
];

/// The thing that an id stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Thing {
    Of(Party),
    DeletedOf(Party),
    Unknown,
    /// A thing of [`Party::Own`], of another kind than is named.
    OfAnotherKind,
    Malformed,
}

/// The place of an id in a request.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    /// The name in the route's path. What is not the first one must belong to the first.
    Path(&'static str, usize),
    /// The name of a query parameter.
    Query(String),
    /// The pointer into the body.
    Body(String),
}

impl Place {
    /// The place as a problem names it.
    fn pointer(&self) -> String {
        match self {
            Self::Path(name, _) => format!("path:{name}"),
            Self::Query(name) => format!("?{name}"),
            Self::Body(pointer) => pointer.clone(),
        }
    }
}

/// The part of a request that a refusal blames.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Blamed {
    Nothing,
    /// The company that the query names.
    Company,
    /// The place of the company that the query names.
    CompanyParameter,
    /// The thing.
    Thing,
    /// The place of the id.
    Place,
}

/// A refusal, with what it blames.
type Refusal = (ErrorCode, Blamed);

/// The tenant that a key acts for.
fn tenant(route: Route, (key, named): Way) -> Result<Party, Refusal> {
    match (route.entry().acts_for, key, named) {
        (ActsFor::Company | ActsFor::Companies | ActsFor::Owner, Key::Ordinary, _) => Ok(Party::Own),
        (ActsFor::Ats, Key::Ordinary, _) => Err((ErrorCode::InsufficientPermissions, Blamed::Nothing)),
        (ActsFor::Owner | ActsFor::Ats, Key::System, _) => Ok(Party::System),
        (ActsFor::Company, Key::System, Named::Absent) => Err((ErrorCode::CompanyIdRequired, Blamed::Nothing)),
        (ActsFor::Companies, Key::System, Named::Absent) => Ok(Party::System),
        (ActsFor::Company | ActsFor::Companies, Key::System, Named::Company(company)) if is_managed(company) => {
            Ok(company)
        }
        (ActsFor::Company | ActsFor::Companies, Key::System, Named::Company(_) | Named::Unknown) => {
            Err((ErrorCode::ResourceAccessDenied, Blamed::Company))
        }
        (ActsFor::Company | ActsFor::Companies, Key::System, Named::Malformed) => {
            Err((ErrorCode::ValidationFailed, Blamed::CompanyParameter))
        }
    }
}

/// A tenant of the route's, for requests that are refused to whoever asks.
pub fn any_tenant(route: Route) -> Party {
    match route.entry().acts_for {
        ActsFor::Company | ActsFor::Companies | ActsFor::Owner => Party::Own,
        ActsFor::Ats => Party::System,
    }
}

/// True if the system manages that company.
fn is_managed(company: Party) -> bool {
    matches!(company, Party::Own | Party::Sibling)
}

/// True if a thing of that kind and owner is the tenant's.
fn is_tenant_s(tenant: Party, kind: ResourceType, owner: Party) -> bool {
    tenant == owner || (kind == ResourceType::Company && tenant == Party::System && is_managed(owner))
}

/// The answer to a request that is right but for one id: the tenant that it is carried out for, or a refusal.
fn verdict(route: Route, way: Way, place: &Place, kind: ResourceType, thing: Thing) -> Result<Party, Refusal> {
    let tenant = tenant(route, way)?;
    let unknown = match kind {
        // Nobody learns which companies there are.
        ResourceType::Company => ErrorCode::ResourceAccessDenied,
        _ => ErrorCode::ResourceNotFound,
    };
    let may_be_deleted = route == Route::ListInterviews && matches!(kind, ResourceType::Agent | ResourceType::Job);
    match thing {
        Thing::Malformed => Err((ErrorCode::ValidationFailed, Blamed::Place)),
        Thing::Unknown | Thing::OfAnotherKind => Err((unknown, Blamed::Thing)),
        Thing::DeletedOf(owner) if may_be_deleted && is_tenant_s(tenant, kind, owner) => Ok(tenant),
        Thing::DeletedOf(_) => Err((unknown, Blamed::Thing)),
        // Whoever owns it: it does not belong to the first thing of the path.
        Thing::Of(_) if matches!(place, Place::Path(_, 1..)) => Err((unknown, Blamed::Thing)),
        Thing::Of(owner) if is_tenant_s(tenant, kind, owner) => Ok(tenant),
        Thing::Of(_) => Err((ErrorCode::ResourceAccessDenied, Blamed::Thing)),
    }
}

/// The places of ids in the route's path, with the kinds of things that they name.
fn places_in_path(route: Route) -> Vec<(Place, ResourceType)> {
    let names = route.parameters(route.entry().path).into_iter().map(|(name, _)| name);
    let names = names.zip(route.entry().names).enumerate();
    names.map(|(index, (name, kind))| (Place::Path(name, index), *kind)).collect()
}

/// The same in its query, but for the company that a system's key acts for.
fn places_in_query(route: Route) -> Vec<(Place, ResourceType)> {
    let mut names = document::ids_in_query(route);
    let acts_for_it = matches!(route.entry().acts_for, ActsFor::Company | ActsFor::Companies);
    assert_eq!(names.iter().any(|name| name == "companyId"), acts_for_it, "companyId, of {route:?}");
    names.retain(|name| name != "companyId");
    names.into_iter().map(|name| (Place::Query(name.clone()), kind_of(&name))).collect()
}

/// The same in its body.
fn places_in_body(route: Route) -> Vec<(Place, ResourceType)> {
    let kind = |pointer: &str| kind_of(pointer.split('/').rfind(|name| *name != "0").unwrap_or_default());
    document::ids_in_body(route).into_iter().map(|pointer| (Place::Body(pointer.clone()), kind(&pointer))).collect()
}

/// The kind of things that a query parameter or a member of a body names.
pub fn kind_of(name: &str) -> ResourceType {
    match name {
        "companyId" => ResourceType::Company,
        "candidateId" => ResourceType::Candidate,
        "agentId" => ResourceType::Agent,
        "jobId" | "jobIds" => ResourceType::Job,
        "companyPhoneNumberId" => ResourceType::PhoneNumber,
        name => panic!("say here what kind of thing {name} names"),
    }
}

/// The things that an id of a kind is tried with.
fn things(kind: ResourceType) -> Vec<Thing> {
    let owners: &[Party] = match kind {
        ResourceType::Company
        | ResourceType::Candidate
        | ResourceType::Agent
        | ResourceType::Job
        | ResourceType::PhoneNumber
        | ResourceType::Interview
        | ResourceType::Transcript => &COMPANIES,
        ResourceType::Webhook | ResourceType::Delivery => &OWNERS,
    };
    // Companies stay, and deliveries are dropped by time.
    let can_be_deleted = !matches!(kind, ResourceType::Company | ResourceType::Delivery);
    let existing = owners.iter().map(|owner| Thing::Of(*owner));
    let deleted = owners.iter().filter(|_| can_be_deleted).map(|owner| Thing::DeletedOf(*owner));
    existing.chain(deleted).chain([Thing::Unknown, Thing::OfAnotherKind, Thing::Malformed]).collect()
}

/// The statuses of the matrix's answers to requests of a route.
pub fn statuses(route: Route) -> BTreeSet<u16> {
    let places = [places_in_path(route), places_in_query(route), places_in_body(route)].concat();
    let of_place = |(place, kind): (Place, ResourceType)| {
        let each_way = WAYS.map(|way| {
            things(kind).into_iter().map(|thing| verdict(route, way, &place, kind, thing)).collect::<Vec<_>>()
        });
        each_way.into_iter().flatten().collect::<Vec<_>>()
    };
    let ways = WAYS.into_iter().chain(OTHER_WAYS).map(|way| tenant(route, way));
    let status = |verdict: Result<Party, Refusal>| match verdict {
        Ok(_) => route.entry().success.status().as_u16(),
        Err((code, _)) => code.status().as_u16(),
    };
    places.into_iter().flat_map(of_place).chain(ways).map(status).collect()
}

/// A server with the companies, their systems and their things.
pub struct World {
    /// The server.
    pub server: TestServer,
    companies: HashMap<Party, Company>,
    system_key: String,
    other_system_key: String,
    ids: HashMap<(ResourceType, Thing), String>,
}

impl World {
    pub async fn start() -> Self {
        let server = TestServer::start().await;
        let (system, other_system) = (server.ats().await, server.ats().await);
        let company = async |managed_by: AtsId| server.company().minutes(100_000).managed_by(managed_by).create().await;
        let companies = HashMap::from([
            (Party::Own, company(system).await),
            (Party::Sibling, company(system).await),
            (Party::Foreign, company(other_system).await),
        ]);
        let (_, system_key) = server.ats_key(system).create().await;
        let (_, other_system_key) = server.ats_key(other_system).create().await;
        Self { server, companies, system_key, other_system_key, ids: HashMap::new() }
    }

    fn company_id(&self, party: Party) -> CompanyId {
        self.companies[&party].id
    }

    /// A key of an owner's.
    pub fn key_of(&self, owner: Party) -> &str {
        match owner {
            Party::Own | Party::Sibling | Party::Foreign => &self.companies[&owner].key,
            Party::System => &self.system_key,
            Party::OtherSystem => &self.other_system_key,
        }
    }

    fn key(&self, key: Key) -> &str {
        self.key_of(match key {
            Key::Ordinary => Party::Own,
            Key::System => Party::System,
        })
    }

    /// The value of the query parameter `companyId`.
    fn named(&self, named: Named) -> Option<String> {
        match named {
            Named::Absent => None,
            Named::Company(party) => Some(self.company_id(party).to_string()),
            Named::Unknown => Some(UNKNOWN.to_owned()),
            Named::Malformed => Some(MALFORMED.to_owned()),
        }
    }

    /// A request of the route that its tenant may make, with everything that it names, all new.
    pub async fn accepted(&self, route: Route, tenant: Party) -> Accepted {
        let mut accepted = self.server.accepted(route, self.key_of(tenant)).await;
        if route == Route::CreateInterview {
            // A GENERIC agent would not take the jobs that are named.
            accepted.body = Some(json!({"candidate": body::candidate(), "agent": body::agent(), "job": body::job()}));
        }
        accepted
    }

    /// The id of a thing, which is made once.
    async fn id(&mut self, kind: ResourceType, thing: Thing) -> String {
        if let Some(id) = self.ids.get(&(kind, thing)) {
            return id.clone();
        }
        let id = match thing {
            Thing::Of(owner) => self.new_thing(kind, owner).await,
            Thing::DeletedOf(owner) => {
                let id = self.new_thing(kind, owner).await;
                self.delete(kind, owner, &id).await;
                id
            }
            Thing::Unknown => UNKNOWN.to_owned(),
            Thing::OfAnotherKind => {
                let other = if kind == ResourceType::Agent { ResourceType::Interview } else { ResourceType::Agent };
                self.new_thing(other, Party::Own).await
            }
            Thing::Malformed => MALFORMED.to_owned(),
        };
        self.ids.insert((kind, thing), id.clone());
        id
    }

    pub async fn new_thing(&self, kind: ResourceType, owner: Party) -> String {
        let key = self.key_of(owner);
        match kind {
            ResourceType::Company => self.company_id(owner).to_string(),
            ResourceType::Delivery => self.server.delivery_to(&self.server.webhook_of(key).await).await,
            ResourceType::Candidate
            | ResourceType::Agent
            | ResourceType::Job
            | ResourceType::PhoneNumber
            | ResourceType::Interview
            | ResourceType::Transcript
            | ResourceType::Webhook => self.server.new_thing(kind, None, key, "").await,
        }
    }

    async fn delete(&self, kind: ResourceType, owner: Party, id: &str) {
        let collection = match kind {
            ResourceType::PhoneNumber => {
                let (store, now) = (self.server.store(), self.server.now());
                store.remove_phone_number(id.parse().expect("an id"), now).await.expect("a removal");
                return;
            }
            ResourceType::Candidate => "/candidates",
            ResourceType::Agent => "/agents",
            ResourceType::Job => "/jobs",
            ResourceType::Interview => "/interviews",
            ResourceType::Webhook => "/webhooks",
            ResourceType::Company | ResourceType::Transcript | ResourceType::Delivery => {
                panic!("no {kind} is deleted by itself")
            }
        };
        let request = self.server.request(Method::DELETE, &format!("{collection}/{id}"));
        request.key(self.key_of(owner)).answered(204).await;
    }

    /// The request with that id in that place, and the way in which it is asked.
    fn request(&self, accepted: &Accepted, (key, named): Way, id: Option<(&Place, &str)>) -> Request {
        let mut asked = accepted.clone();
        let mut query: Vec<(&str, String)> =
            self.named(named).into_iter().map(|company| ("companyId", company)).collect();
        match id {
            None => {}
            Some((Place::Path(name, _), id)) => {
                let own = asked.route.parameters(&asked.path).into_iter().find(|(own, _)| own == name);
                let own = own.expect("the id in the path").1.to_owned();
                asked.path = asked.path.replace(&own, id);
            }
            Some((Place::Query(name), id)) => query.push((name, id.to_owned())),
            Some((Place::Body(pointer), id)) => {
                asked.body = asked.body.map(|body| naming(body, pointer, id));
            }
        }
        let query: Vec<String> = query.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = asked.at(&self.server, &format!("?{}", query.join("&")));
        asked.with_body(request).key(self.key(key))
    }

    /// Sends the request, and compares the answer with the verdict.
    async fn check(
        &self,
        request: Request,
        accepted: &Accepted,
        verdict: Result<Party, Refusal>,
        named: Named,
        id: Option<(&Place, ResourceType, &str)>,
    ) {
        let (code, blamed) = match verdict {
            Ok(tenant) => {
                let answer = request.answered(accepted.status()).await;
                if COMPANIES.contains(&tenant) {
                    assert_eq!(answer.log["companyId"], json!(self.company_id(tenant)), "{answer}");
                }
                return;
            }
            Err(refusal) => refusal,
        };
        self.server.faults().take_requests();
        let answer = request.send().await;
        let requests = self.server.faults().take_requests();
        assert!(requests.iter().all(|request| READS.contains(request)), "a refusal has sent {requests:?}: {answer}");
        assert_eq!((answer.status, answer.code()), (code.status().as_u16(), Some(code.as_str())), "{answer}");
        match blamed {
            Blamed::Nothing => {}
            Blamed::Company => {
                assert_names_only(&answer, ResourceType::Company, &self.named(named).expect("a named company"));
            }
            Blamed::CompanyParameter => assert_eq!(answer.issues(), [("?companyId".to_owned(), "uuid".to_owned())]),
            Blamed::Thing => {
                let (_, kind, id) = id.expect("a thing");
                assert_names_only(&answer, kind, id);
            }
            Blamed::Place => {
                let (place, ..) = id.expect("a place");
                assert_eq!(answer.issues(), [(place.pointer(), "uuid".to_owned())], "{answer}");
            }
        }
    }

    /// Tries all that an id in a place may stand for, in each way to ask.
    async fn try_place(&mut self, route: Route, place: &Place, kind: ResourceType) {
        for way in WAYS {
            let tenant = tenant(route, way).unwrap_or(any_tenant(route));
            // For all refusals, which leave it as it is.
            let shared = self.accepted(route, tenant).await;
            for thing in things(kind) {
                let verdict = verdict(route, way, place, kind, thing);
                let id = self.id(kind, thing).await;
                let request = match verdict {
                    // What the path names is changed or deleted, so that each request has its own.
                    Ok(_) if matches!(place, Place::Path(..)) => {
                        let own = self.accepted(route, tenant).await;
                        self.check(self.request(&own, way, None), &own, verdict, way.1, None).await;
                        continue;
                    }
                    Ok(_) => {
                        let own = self.accepted(route, tenant).await;
                        self.request(&own, way, Some((place, &id)))
                    }
                    Err(_) => self.request(&shared, way, Some((place, &id))),
                };
                self.check(request, &shared, verdict, way.1, Some((place, kind, &id))).await;
            }
        }
    }
}

/// The operations that a refusal may have sent to the table, besides the count of the key's requests.
const READS: [Operation; 3] = [Operation::BatchGetItem, Operation::GetItem, Operation::Query];
/// A text that is no id, but an id's digits.
const MALFORMED: &str = "3f2a8c1e5b7d4e9a8c6f1d2e3f4a5b6c";
/// An id that nothing has.
const UNKNOWN: &str = "3f2a8c1e-5b7d-4e9a-8c6f-1d2e3f4a5b6c";

/// A body that names a thing by that id, and has nothing that excludes it: a `jobId` stands in place of a `job`.
fn naming(mut body: Value, pointer: &str, id: &str) -> Value {
    let name = pointer.rsplit('/').find(|name| *name != "0").unwrap_or_default();
    let in_place_of = name.trim_end_matches("Ids").trim_end_matches("Id");
    body.as_object_mut().expect("an object").remove(in_place_of);
    let mut target = &mut body;
    for step in pointer.split('/').skip(1) {
        target = match step.parse::<usize>() {
            Ok(_) => {
                *target = json!([null]);
                &mut target[0]
            }
            Err(_) => &mut target[step],
        };
    }
    *target = json!(id);
    body
}

/// Panics unless a refusal names that thing, and nothing else of it.
pub fn assert_names_only(answer: &Answer, kind: ResourceType, id: &str) {
    assert_eq!(answer.body["resourceType"], json!(kind), "{answer}");
    assert_eq!(answer.body["resourceId"], id, "{answer}");
    let members: Vec<&String> = answer.body.as_object().expect("an object").keys().collect();
    let expected = ["code", "detail", "requestId", "resourceId", "resourceType", "status", "title", "type"];
    assert_eq!(members, expected, "nothing else of the resource");
}

/// Each key acts for its tenant, whatever company the query names, or is refused.
#[tokio::test]
async fn each_key_with_each_company_of_the_query() {
    for route in Route::ALL {
        let world = World::start().await;
        let left_as_it_is = world.accepted(*route, any_tenant(*route)).await;
        for way in WAYS.into_iter().chain(OTHER_WAYS) {
            let verdict = tenant(*route, way);
            let accepted = match verdict {
                Ok(tenant) => &world.accepted(*route, tenant).await,
                Err(_) => &left_as_it_is,
            };
            world.check(world.request(accepted, way, None), accepted, verdict, way.1, None).await;
        }
    }
}

#[tokio::test]
async fn each_id_in_a_path() {
    try_all(places_in_path).await;
}

#[tokio::test]
async fn each_id_in_a_query() {
    try_all(places_in_query).await;
}

#[tokio::test]
async fn each_id_in_a_body() {
    try_all(places_in_body).await;
}

async fn try_all(places: impl Fn(Route) -> Vec<(Place, ResourceType)>) {
    for route in Route::ALL {
        let mut world = World::start().await;
        for (place, kind) in places(*route) {
            world.try_place(*route, &place, kind).await;
        }
    }
}

/// A query parameter that must be a UUID is known to the matrix, also if the document did not say so.
#[tokio::test]
async fn no_other_query_parameter_is_an_id() {
    let world = World::start().await;
    for route in Route::ALL.iter().filter(|route| !route.entry().query.is_empty()) {
        let tenant = any_tenant(*route);
        let accepted = world.accepted(*route, tenant).await;
        let query: Vec<String> = route.entry().query.iter().map(|name| format!("{name}=%20")).collect();
        let request = accepted.at(&world.server, &format!("?{}", query.join("&"))).key(world.key_of(tenant));
        let answer = request.refused(ErrorCode::ValidationFailed).await;
        let ids = answer.issues().into_iter().filter(|(_, rule)| rule == "uuid").map(|(pointer, _)| pointer);
        let known = places_in_query(*route).into_iter().map(|(place, _)| place.pointer());
        assert_eq!(ids.collect::<BTreeSet<_>>(), known.collect(), "{route:?}");
    }
}
