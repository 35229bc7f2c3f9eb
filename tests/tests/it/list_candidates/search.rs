//! `search`: the beginning of first or last name or e-mail address.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use domain::candidate::{Candidate, CandidateId, CandidateStatus, CreateCandidate};
use domain::company::{CompanyId, Owner};
use fastrand::Rng;
use reqwest::Method;
use serde_json::{Value, json};
use store::{Create as _, IdempotencyRecord, NewCandidate, WriteContext};
use tests::api::ErrorCode;
use tests::{Answer, Company, TestServer, body};

use crate::any_route::lists::ids;

/// A text as a query has it.
fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// A candidate of that name and address, and without one reachable by telephone.
fn named(first_name: &str, last_name: &str, email: Option<&str>) -> Value {
    let names = json!({"firstName": first_name, "lastName": last_name});
    match email {
        Some(email) => body::with(body::with(body::candidate(), names), json!({"email": email})),
        None => body::without(body::with(body::candidate(), names), "email"),
    }
}

async fn create(company: &Company, candidate: &Value) -> String {
    company.created("/candidates", candidate).await.id()
}

/// The first page of a search with further parameters.
async fn page(company: &Company, search: &str, others: &str) -> Answer {
    company.get(&format!("/candidates?search={}{others}", encoded(search))).answered(200).await
}

/// All that a search finds, on one page.
async fn found(company: &Company, search: &str) -> BTreeSet<String> {
    let page = page(company, search, "&limit=100").await;
    assert!(page.body.get("nextCursor").is_none(), "{page}");
    let ids = ids(&page);
    let found = BTreeSet::from_iter(ids.iter().cloned());
    assert_eq!(found.len(), ids.len(), "a candidate comes twice: {ids:?}");
    found
}

fn set<const N: usize>(ids: [&String; N]) -> BTreeSet<String> {
    ids.into_iter().cloned().collect()
}

/// At once: without the table's stream.
#[tokio::test]
pub async fn a_candidate_is_found_by_each_of_three_fields_whatever_case_and_accents() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let zuzana = create(&company, &named("Zuzana", "Nováková", Some("Sue@Example.com"))).await;
    let cruz = create(&company, &named("Élodie", "de la Cruz", None)).await;
    let sisyphos = create(&company, &named("ΣΊΣΥΦΟΣ", "Strauß", Some("s@example.com"))).await;
    let kim = create(&company, &named("김", "김", None)).await;
    for (search, expected) in [
        ("zuz", set([&zuzana])),
        ("ŽUŽANA", set([&zuzana])),
        ("novak", set([&zuzana])),
        ("NOVA\u{301}KOVA\u{301}", set([&zuzana])),
        ("sue@example.c", set([&zuzana])),
        ("s", set([&zuzana, &sisyphos])),
        ("de la", set([&cruz])),
        ("De La Crux", set([])),
        ("cruz", set([])),
        ("elodie", set([&cruz])),
        ("e\u{301}l", set([&cruz])),
        ("σισυφος", set([&sisyphos])),
        ("strauss", set([&sisyphos])),
        ("STRAUẞ", set([&sisyphos])),
        ("기", set([&kim])),
        ("\u{1100}\u{1175}", set([&kim])),
        ("uzana", set([])),
        ("example", set([])),
        ("421", set([])),
        ("zuzana#", set([])),
        ("%", set([])),
    ] {
        assert_eq!(found(&company, search).await, expected, "{search:?}");
    }
}

/// A request that creates an interview brings its candidate along.
#[tokio::test]
pub async fn a_candidate_that_came_with_an_interview_is_found() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let id = company.candidate().await;
    assert_eq!(found(&company, "zuzana.novakova@").await, set([&id]));
}

#[tokio::test]
pub async fn a_candidate_whose_fields_all_match_comes_once() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let mut all = BTreeSet::new();
    for number in 0..25 {
        all.insert(create(&company, &named("Anna", "ANNA", Some(&format!("anna{number}@example.com")))).await);
    }
    assert_eq!(found(&company, "anna").await, all);
    for limit in [1, 7, 24, 25] {
        assert_eq!(walk(&company, "anna", &format!("&limit={limit}")).await, all, "{limit}");
    }
}

/// All that the pages of a search show.
async fn walk(company: &Company, search: &str, others: &str) -> BTreeSet<String> {
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = page(company, search, &format!("{others}{cursor}")).await;
        seen.extend(ids(&page));
        let Some(next) = page.body["nextCursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    let all = BTreeSet::from_iter(seen.iter().cloned());
    assert_eq!(all.len(), seen.len(), "a candidate comes twice: {seen:?}");
    all
}

/// An index keeps 64 characters of a field; the rest is compared with the candidate.
#[tokio::test]
pub async fn a_text_beyond_what_an_index_keeps_is_compared_as_well() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let (same, long) = ("x".repeat(63), "y".repeat(36));
    let one = create(&company, &named(&format!("{same}1{long}"), "A", None)).await;
    let other = create(&company, &named(&format!("{same}1{}z", &long[1..]), "A", None)).await;
    // By the first name up to what the index keeps, by the last name to its end.
    let last = create(&company, &named(&format!("{same}1"), &format!("{same}1{long}"), None)).await;
    for (search, expected) in [
        (same.clone(), set([&one, &other, &last])),
        (format!("{same}1"), set([&one, &other, &last])),
        (format!("{same}2"), set([])),
        (format!("{same}1y"), set([&one, &other, &last])),
        (format!("{same}1{}", &long[1..]), set([&one, &other, &last])),
        (format!("{same}1{long}"), set([&one, &last])),
        (format!("{same}1{}z", &long[1..]), set([&other])),
    ] {
        assert_eq!(found(&company, &search).await, expected, "{search:?}");
        assert_eq!(walk(&company, &search, "&limit=1").await, expected, "{search:?}");
    }
    // U+FDFA is 18 characters as it is compared: a name of 100 has 1,800.
    let longest = create(&company, &named(&"\u{fdfa}".repeat(100), "A", None)).await;
    assert_eq!(found(&company, &"\u{fdfa}".repeat(5)).await, set([&longest]));
    page(&company, "a", "").await;
}

#[tokio::test]
pub async fn a_search_has_1_to_100_characters_as_it_is_compared() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    for search in
        ["", " ", "\u{3000}", "\u{301}", "\u{301}\u{327}", &"a".repeat(101), &"ß".repeat(51), &"\u{fdfa}".repeat(6)]
    {
        let path = format!("/candidates?search={}", encoded(search));
        let refused = company.get(&path).refused(ErrorCode::ValidationFailed).await;
        assert_eq!(refused.issues(), [("?search".to_owned(), "search".to_owned())], "{search:?}");
    }
    for search in ["a", " a", "#", "\0", &"a".repeat(100), &"ß".repeat(50), &"e\u{301}".repeat(100), "👩\u{200d}💻"]
    {
        assert!(found(&company, search).await.is_empty());
    }
    let refused = company.get("/candidates?search=a&search=b").refused(ErrorCode::ValidationFailed).await;
    assert_eq!(refused.issues(), [("?search".to_owned(), "search".to_owned())]);
}

/// Together with the broken rules of other parameters, and after what they name.
#[tokio::test]
pub async fn all_that_is_wrong_with_the_query_is_told_at_once() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let refused = company.get("/candidates?search=&status=HIRED&limit=0").refused(ErrorCode::ValidationFailed).await;
    let mut pointers: Vec<_> = refused.issues().into_iter().map(|(pointer, _)| pointer).collect();
    pointers.sort();
    assert_eq!(pointers, ["?limit", "?search", "?status"]);
    let path = format!("/candidates?search=&jobId={}", server.id());
    company.get(&path).refused(ErrorCode::ResourceNotFound).await;
}

#[tokio::test]
pub async fn somebody_else_s_candidate_is_never_found() {
    let server = TestServer::start().await;
    let ats = server.ats().await;
    let company = server.company().managed_by(ats).create().await;
    let stranger = server.company().managed_by(ats).create().await;
    let (_, ats_key) = server.ats_key(ats).create().await;
    let own = create(&company, &body::candidate()).await;
    let foreign = create(&stranger, &body::candidate()).await;
    for search in ["zuz", "nov", "zuzana.novakova@example.com"] {
        assert_eq!(found(&company, search).await, set([&own]));
        assert_eq!(found(&stranger, search).await, set([&foreign]));
        let path = format!("/candidates?search={search}&companyId={}", stranger.id);
        assert_eq!(
            ids(&server.request(Method::GET, &path).key(&ats_key).answered(200).await),
            std::slice::from_ref(&foreign)
        );
    }
}

#[tokio::test]
pub async fn a_change_of_name_or_address_takes_the_place_of_what_was_found_before() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let id = create(&company, &body::candidate()).await;
    let path = format!("/candidates/{id}");
    let change = json!({"firstName": "Eva", "lastName": "Horváth", "email": "eva@example.org"});
    company.patch(&path).json(&change).answered(200).await;
    for (search, expected) in [
        ("zuz", set([])),
        ("nov", set([])),
        ("zuzana.", set([])),
        ("eva@", set([&id])),
        ("horvath", set([&id])),
        ("EVA", set([&id])),
    ] {
        assert_eq!(found(&company, search).await, expected, "{search}");
    }
    company.patch(&path).json(&json!({"email": null})).answered(200).await;
    assert_eq!(found(&company, "eva@").await, set([]));
    assert_eq!(found(&company, "eva").await, set([&id]));
    company.patch(&path).json(&json!({"status": "ACCEPTED"})).answered(200).await;
    assert_eq!(found(&company, "horv").await, set([&id]));
}

/// The indexes by first name, last name and e-mail address.
const INDEXES: [&str; 3] = ["GSI5", "GSI6", "GSI7"];

#[tokio::test]
pub async fn a_deleted_candidate_is_found_no_more_and_has_no_entries() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let id = create(&company, &body::candidate()).await;
    for index in INDEXES {
        assert_eq!(server.entries(index).await.len(), 1, "{index}");
    }
    company.request(Method::DELETE, &format!("/candidates/{id}")).answered(204).await;
    assert_eq!(found(&company, "zuz").await, set([]));
    for index in INDEXES {
        assert_eq!(server.entries(index).await, [Value::Null; 0], "{index}");
    }
}

/// Also while it is still stored: the sweep has not come yet.
#[tokio::test]
pub async fn a_candidate_is_found_no_more_once_its_day_has_ended() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let id = create(&company, &body::candidate()).await;
    server.set_clock("2030-12-31T23:59:59.999Z");
    assert_eq!(found(&company, "zuz").await, set([&id]));
    server.set_clock("2031-01-01T00:00:00.000Z");
    assert_eq!(found(&company, "zuz").await, set([]));
}

#[tokio::test]
pub async fn a_search_combines_with_the_filters() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let (job, other_job) = (company.job().await, company.job().await);
    let with = async |first: &str, job: &str, status: &str| {
        let members = json!({"firstName": first, "lastName": "Quine", "jobId": job, "status": status});
        create(&company, &body::without(body::with(body::candidate(), members), "email")).await
    };
    let one = with("Anna", &job, "REJECTED").await;
    let two = with("Annabel", &job, "APPLIED").await;
    let three = with("Ann", &other_job, "REJECTED").await;
    with("Eva", &job, "REJECTED").await;
    for (query, expected) in [
        (String::new(), set([&one, &two, &three])),
        (format!("&jobId={job}"), set([&one, &two])),
        ("&status=REJECTED".to_owned(), set([&one, &three])),
        (format!("&status=REJECTED&jobId={job}"), set([&one])),
        (format!("&status=ACCEPTED&jobId={job}"), set([])),
    ] {
        assert_eq!(walk(&company, "ann", &format!("&limit=1{query}")).await, expected, "{query}");
    }
}

/// Of the same search: however it is written.
#[tokio::test]
pub async fn a_cursor_holds_for_its_search_and_filters_alone() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    for _ in 0..2 {
        create(&company, &body::candidate()).await;
        server.pass(Duration::from_secs(1));
    }
    let of_search = page(&company, "zuz", "&limit=1").await.text_of("nextCursor").to_owned();
    let of_list = company.get("/candidates?limit=1").answered(200).await.text_of("nextCursor").to_owned();
    assert_eq!(ids(&page(&company, "ŽUZ", &format!("&cursor={of_search}")).await).len(), 1);
    for query in [
        format!("search=zuza&cursor={of_search}"),
        format!("search=zu&cursor={of_search}"),
        format!("search=zuz&status=APPLIED&cursor={of_search}"),
        format!("cursor={of_search}"),
        format!("search=zuz&cursor={of_list}"),
    ] {
        let refused = company.get(&format!("/candidates?{query}")).refused(ErrorCode::ValidationFailed).await;
        assert_eq!(refused.issues(), [("?cursor".to_owned(), "cursor".to_owned())], "{query}");
    }
}

/// A candidate as it is created and written, without the way of a request.
async fn store(server: &TestServer, company_id: CompanyId, candidate: &Value, status: CandidateStatus) -> Candidate {
    let profile = serde_json::from_value(candidate.clone()).expect("a profile");
    let new = CreateCandidate { profile, job_ids: Vec::new(), status };
    let candidate = Candidate::new(CandidateId::new(server.id()), company_id, new, server.now());
    let context = WriteContext {
        tenant: Owner::Company(company_id),
        managed: None,
        record: IdempotencyRecord { request_id: "search", fingerprint: None },
        trace_id: None,
        now: server.now(),
    };
    NewCandidate(candidate.clone()).create(&mut server.store().session(), &context).await.expect("a candidate");
    candidate
}

const NAMES: [&str; 10] = ["Ana", "ANA", "Aná", "Anna", "Ann a", "Änne", "Ba", "Ba#a", "b", "Straße"];
const EMAILS: [Option<&str>; 5] =
    [None, Some("ana@example.com"), Some("Anna@example.com"), Some("b.a@example.com"), Some("strasse@example.com")];
const SEARCHES: [&str; 12] = ["a", "an", "ána", "ANNA", "ann", "ann ", "b", "ba", "ba#", "STRASSE", "stras", "c"];
const STATUSES: [CandidateStatus; 2] = [CandidateStatus::Applied, CandidateStatus::Rejected];

/// The text as it is compared, by a table of the letters of these tests.
fn plain(text: &str) -> String {
    let letters = |c: char| match c {
        'á' => "a".to_owned(),
        'Ä' => "a".to_owned(),
        'ß' => "ss".to_owned(),
        c => c.to_ascii_lowercase().to_string(),
    };
    text.chars().map(letters).collect()
}

fn matches(candidate: &Value, search: &str) -> bool {
    ["firstName", "lastName", "email"]
        .iter()
        .filter_map(|name| candidate[name].as_str())
        .any(|text| plain(text).starts_with(&plain(search)))
}

fn some_candidate(rng: &mut Rng) -> Value {
    let (first, last, email) = (rng.usize(..NAMES.len()), rng.usize(..NAMES.len()), rng.usize(..EMAILS.len()));
    named(NAMES[first], NAMES[last], EMAILS[email])
}

/// Companies of random candidates: each search, by pages of any size, finds what comparing each candidate finds.
#[tokio::test]
pub async fn a_search_finds_what_comparing_each_candidate_finds() {
    let server = TestServer::start().await;
    let stranger = server.company().create().await.id;
    for seed in 0..6 {
        let rng = &mut Rng::with_seed(seed);
        let company = server.company().create().await;
        let mut all: BTreeMap<String, (Value, CandidateStatus)> = BTreeMap::new();
        for _ in 0..rng.usize(1..60) {
            let (candidate, status) = (some_candidate(rng), STATUSES[rng.usize(..2)]);
            store(&server, stranger, &candidate, status).await;
            let id = store(&server, company.id, &candidate, status).await.id;
            all.insert(id.to_string(), (candidate, status));
        }
        for search in SEARCHES {
            let status = rng.bool().then(|| STATUSES[rng.usize(..2)]);
            let fits = |(candidate, own): &(Value, CandidateStatus)| {
                matches(candidate, search) && status.is_none_or(|status| status == *own)
            };
            let expected: BTreeSet<_> = all.iter().filter(|(_, own)| fits(own)).map(|(id, _)| id.clone()).collect();
            let mut others = format!("&limit={}", rng.u8(1..40));
            others.extend(status.map(|status| format!("&status={status}")));
            assert_eq!(walk(&company, search, &others).await, expected, "seed {seed}: {search} {others}");
        }
    }
}

/// A walk through what a search finds, while candidates are created, deleted and changed: each whose name and address
/// stayed comes exactly once.
#[tokio::test]
pub async fn each_candidate_that_was_found_throughout_comes_exactly_once() {
    for seed in 0..10 {
        let rng = &mut Rng::with_seed(seed);
        let server = TestServer::start().await;
        let company = server.company().create().await;
        let mut candidates = BTreeMap::new();
        for _ in 0..rng.usize(5..40) {
            let candidate = some_candidate(rng);
            let id = store(&server, company.id, &candidate, CandidateStatus::Applied).await.id.to_string();
            candidates.insert(id, candidate);
        }
        let search = ["a", "an", "b"][rng.usize(..3)];
        let matching = candidates.iter().filter(|(_, candidate)| matches(candidate, search));
        let mut throughout: BTreeSet<String> = matching.map(|(id, _)| id.clone()).collect();
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = page(&company, search, &format!("&limit={}{cursor}", rng.u8(1..6))).await;
            seen.extend(ids(&page).into_iter().filter(|id| throughout.contains(id)));
            let Some(next) = page.body["nextCursor"].as_str() else { break };
            cursor = format!("&cursor={next}");
            let some = rng.choice(candidates.keys().cloned().collect::<Vec<_>>());
            match (rng.u8(0..5), some) {
                (0, _) | (_, None) => {
                    let candidate = some_candidate(rng);
                    let id = store(&server, company.id, &candidate, CandidateStatus::Applied).await.id.to_string();
                    candidates.insert(id, candidate);
                }
                (1, Some(id)) => {
                    company.request(Method::DELETE, &format!("/candidates/{id}")).answered(204).await;
                    candidates.remove(&id);
                    throughout.remove(&id);
                }
                (2, Some(id)) => {
                    let change = some_candidate(rng);
                    let name = json!({"firstName": change["firstName"], "lastName": change["lastName"]});
                    company.patch(&format!("/candidates/{id}")).json(&name).answered(200).await;
                    throughout.remove(&id);
                }
                (_, Some(id)) => {
                    let change = json!({"status": "REJECTED", "metadata": {"seen": rng.u8(..)}});
                    company.patch(&format!("/candidates/{id}")).json(&change).answered(200).await;
                }
            }
        }
        seen.retain(|id| throughout.contains(id));
        let once = BTreeSet::from_iter(seen.iter().cloned());
        assert_eq!(once.len(), seen.len(), "seed {seed}: a candidate comes twice: {seen:?}");
        assert_eq!(once, throughout, "seed {seed}: {search}");
    }
}
