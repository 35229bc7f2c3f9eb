//! The cost of each shape of request: two DynamoDB requests, one that
//! counts beside them, and these capacity units, as the log says them.
//!
//! Read units: one for each item of up to 4 KB that is read consistently. Write units: one for each item of up to 1 KB,
//! two for each write or condition of a transaction, and one for each entry in an index. (The engine does not count the
//! entry that an assignment changes; on AWS an assignment costs one more.)

use std::ops::Add;

use reqwest::Method;
use serde_json::{Value, json};
use tests::faults::Operation::{self, BatchGetItem, PutItem, TransactWriteItems};
use tests::{Answer, Company, Request, TestServer, WebhookReceiver, body};

/// Requests, read units and write units.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Cost(u64, f64, f64);

/// The cost of counting a request towards its key's limits: the counter is read with the key, and incremented beside
/// another request.
const COUNTING: Cost = Cost(1, 1.0, 1.0);

impl Add for Cost {
    type Output = Cost;

    fn add(self, other: Cost) -> Cost {
        Cost(self.0 + other.0, self.1 + other.1, self.2 + other.2)
    }
}

impl Cost {
    /// The cost in the answer's log line.
    fn of(answer: &Answer) -> Cost {
        let dynamodb = &answer.log["dynamodb"];
        assert_eq!((&dynamodb["retries"], &dynamodb["conflicts"]), (&json!(0), &json!(0)));
        let units = |name: &str| dynamodb[name].as_f64().expect("a number");
        assert_eq!(dynamodb["countFailures"], 0);
        Cost(dynamodb["requests"].as_u64().expect("a number"), units("readUnits"), units("writeUnits"))
    }
}

/// Sends a request. Returns its logged cost, which must be that of the requests that were really sent.
async fn cost_of(server: &TestServer, request: Request, write: Operation) -> Cost {
    server.faults().take_requests();
    let answer = request.answered(201).await;
    assert_eq!(server.faults().take_requests(), [BatchGetItem, write]);
    Cost::of(&answer)
}

#[tokio::test]
async fn each_shape_of_agent() {
    let server = TestServer::start().await;
    let ats = server.ats().await;
    let company = server.company().managed_by(ats).create().await;
    let (_, ats_key) = server.ats_key(ats).create().await;
    let by_ats = |body: &Value| server.post(&format!("/agents?companyId={}", company.id)).key(&ats_key).json(body);
    let own = |body: &Value| company.post("/agents").json(body);
    let plain = body::agent();
    let phone = body::phone_agent(&company.phone_number().await);
    let large = body::with(body::agent(), json!({"metadata": {"a": "x".repeat(5_000)}}));
    for (shape, request, write, cost) in [
        // The agent, and its entry in one index.
        ("plain", own(&plain), PutItem, Cost(2, 1.0, 2.0)),
        ("with an idempotency key", own(&plain).idempotent("k"), PutItem, Cost(2, 1.0, 2.0)),
        ("its replay", own(&plain).idempotent("k"), PutItem, Cost(2, 1.0, 0.0)),
        ("of six kilobytes", own(&large), PutItem, Cost(2, 1.0, 7.0)),
        // In a transaction, with a condition on the number, on the company, on both.
        ("with a phone number", own(&phone), TransactWriteItems, Cost(2, 2.0, 5.0)),
        ("its first with a key", own(&phone).idempotent("p"), TransactWriteItems, Cost(2, 2.0, 5.0)),
        ("its replay", own(&phone).idempotent("p"), TransactWriteItems, Cost(2, 2.0, 0.0)),
        ("by a tracking system", by_ats(&plain), TransactWriteItems, Cost(2, 2.0, 5.0)),
        ("by a tracking system, with a phone number", by_ats(&phone), TransactWriteItems, Cost(2, 3.0, 7.0)),
    ] {
        assert_eq!(cost_of(&server, request, write).await, cost + COUNTING, "{shape}");
    }
}

/// Candidate and job of an interview.
#[derive(Debug, Clone, Copy)]
enum Shape {
    ExistingWithItsOnlyJob,
    ExistingWithItsJobNamed,
    ExistingWithAnotherJob,
    ExistingWithNewJob,
    ExistingWithoutJob,
    NewWithExistingJob,
    NewWithItsOwnExistingJob,
    NewWithNewJob,
    NewWithoutJob,
}

/// Read and write units of an immediate interview by an existing agent.
const SHAPES: [(Shape, f64, f64); 9] = [
    // Key, candidate, agent; the interview with four index entries (its company's list, the due ones, by candidate, by job),
    // candidate, agent, allowance. The only job is not read, but a condition.
    (Shape::ExistingWithItsOnlyJob, 3.0, 14.0),
    // … and the job, which is read.
    (Shape::ExistingWithItsJobNamed, 4.0, 14.0),
    (Shape::ExistingWithAnotherJob, 4.0, 14.0),
    // … which is not read but written, with an index entry.
    (Shape::ExistingWithNewJob, 3.0, 15.0),
    (Shape::ExistingWithoutJob, 3.0, 11.0),
    // The candidate is not read but written, with five index entries: its company's list, by the end of the time for which its
    // data may be kept, by first name, last name and e-mail address.
    (Shape::NewWithExistingJob, 3.0, 19.0),
    (Shape::NewWithItsOwnExistingJob, 3.0, 19.0),
    (Shape::NewWithNewJob, 2.0, 20.0),
    (Shape::NewWithoutJob, 2.0, 16.0),
];

impl Shape {
    /// The candidate and the job in a body of this shape.
    async fn body(self, company: &Company) -> Value {
        match self {
            Shape::ExistingWithItsOnlyJob => json!({"candidateId": company.candidate_with_jobs(1).await.0}),
            Shape::ExistingWithItsJobNamed => {
                let (candidate_id, job_ids) = company.candidate_with_jobs(1).await;
                json!({"candidateId": candidate_id, "jobId": job_ids[0]})
            }
            Shape::ExistingWithAnotherJob => {
                json!({"candidateId": company.candidate_with_jobs(1).await.0, "jobId": company.job().await})
            }
            Shape::ExistingWithNewJob => {
                json!({"candidateId": company.candidate_with_jobs(1).await.0, "job": body::job()})
            }
            Shape::ExistingWithoutJob => json!({"candidateId": company.candidate().await}),
            Shape::NewWithExistingJob => json!({"candidate": body::candidate(), "jobId": company.job().await}),
            Shape::NewWithItsOwnExistingJob => {
                json!({"candidate": body::with(body::candidate(), json!({"jobId": company.job().await}))})
            }
            Shape::NewWithNewJob => json!({"candidate": body::candidate(), "job": body::job()}),
            Shape::NewWithoutJob => json!({"candidate": body::candidate()}),
        }
    }

    fn is_jobless(self) -> bool {
        matches!(self, Shape::ExistingWithoutJob | Shape::NewWithoutJob)
    }
}

#[tokio::test]
async fn each_shape_of_interview() {
    let server = TestServer::start().await;
    let ats = server.ats().await;
    let company = server.company().minutes(100_000).managed_by(ats).create().await;
    let (_, ats_key) = server.ats_key(ats).create().await;
    let number = company.phone_number().await;
    for (shape, reads, writes) in SHAPES {
        let focus = json!({"focus": if shape.is_jobless() { "GENERIC" } else { "SCREENING" }});
        let agent = body::with(body::agent(), focus.clone());
        let phone_agent = body::with(body::phone_agent(&number), focus);
        let agents = [
            (json!({"agentId": company.agent(&agent).await}), 0.0, 0.0),
            // Not read but written, with an index entry; a number is read, and a condition.
            (json!({"agent": agent}), -1.0, 1.0),
            (json!({"agent": phone_agent}), 0.0, 3.0),
        ];
        for (agent, agent_reads, agent_writes) in agents {
            let (reads, writes) = (reads + agent_reads, writes + agent_writes);
            let body = body::with(shape.body(&company).await, agent);
            let own = || company.post("/interviews").json(&body);
            let key = server.id().to_string();
            let first = cost_of(&server, own().idempotent(&key), TransactWriteItems).await;
            assert_eq!(first, Cost(2, reads, writes) + COUNTING, "{shape:?} {body}");
            let replay = cost_of(&server, own().idempotent(&key), TransactWriteItems).await;
            assert_eq!(replay, Cost(2, reads, 0.0) + COUNTING, "the replay of {shape:?} {body}");

            let body = body::with(shape.body(&company).await, without_candidate_and_job(body));
            let by_ats = server.post(&format!("/interviews?companyId={}", company.id)).key(&ats_key).json(&body);
            let by_ats = cost_of(&server, by_ats, TransactWriteItems).await;
            // The company is read besides, and a condition.
            assert_eq!(by_ats, Cost(2, reads + 1.0, writes + 2.0) + COUNTING, "by a tracking system: {shape:?} {body}");
        }
    }
}

fn without_candidate_and_job(mut body: Value) -> Value {
    let members = body.as_object_mut().expect("an object");
    members.retain(|name, _| name.starts_with("agent"));
    body
}

/// Changes of resources. A change that changes nothing writes nothing.
#[tokio::test]
async fn each_change_of_a_resource() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let (number, agent) = (company.phone_number().await, company.agent(&body::agent()).await);
    let phone_agent = company.agent(&body::phone_agent(&number)).await;
    let job = company.created("/jobs", &body::job()).await.id();
    let candidate = company.created("/candidates", &body::with(body::candidate(), json!({"jobId": job}))).await.id();
    let (agent, phone_agent) = (format!("/agents/{agent}"), format!("/agents/{phone_agent}"));
    let (job_path, candidate) = (format!("/jobs/{job}"), format!("/candidates/{candidate}"));
    let of_job = body::with(body::candidate(), json!({"jobId": job}));
    let (post, patch, delete) = (Method::POST, Method::PATCH, Method::DELETE);
    let calls = [
        (&post, "/jobs", body::job(), Cost(2, 1.0, 2.0)),
        // Five index entries; without an e-mail address four.
        (&post, "/candidates", body::candidate(), Cost(2, 1.0, 6.0)),
        (&post, "/candidates", body::without(body::candidate(), "email"), Cost(2, 1.0, 5.0)),
        // The job is read, and a condition.
        (&post, "/candidates", of_job, Cost(2, 2.0, 9.0)),
        (&patch, &agent, json!({"duration": 31}), Cost(2, 2.0, 1.0)),
        (&patch, &agent, json!({"duration": 31}), Cost(1, 2.0, 0.0)),
        (&patch, &agent, json!({}), Cost(1, 2.0, 0.0)),
        // The number is a condition; it is read only if the patch names it.
        (&patch, &phone_agent, json!({"duration": 31}), Cost(2, 2.0, 4.0)),
        (&patch, &phone_agent, json!({"duration": 32, "companyPhoneNumberId": number}), Cost(2, 3.0, 4.0)),
        // Indexes hold nothing of what changes.
        (&patch, &job_path, json!({"title": "Shift leader"}), Cost(2, 2.0, 1.0)),
        // The jobs of the candidate are looked for in a request of their own.
        (&patch, &candidate, json!({"status": "ACCEPTED"}), Cost(3, 3.0, 1.0)),
        (&patch, &candidate, json!({"jobIds": []}), Cost(3, 3.0, 1.0)),
        (&patch, &candidate, json!({"status": "REJECTED"}), Cost(2, 2.0, 1.0)),
        (&patch, &candidate, json!({"jobIds": [job]}), Cost(2, 3.0, 4.0)),
        // One entry goes, another comes; of a spelling that is compared as before neither.
        (&patch, &candidate, json!({"firstName": "Eva"}), Cost(3, 3.0, 3.0)),
        (&patch, &candidate, json!({"firstName": "ÉVA"}), Cost(3, 3.0, 1.0)),
        // The item, and its entry in one index.
        (&delete, &agent, Value::Null, Cost(2, 2.0, 2.0)),
        (&delete, &job_path, Value::Null, Cost(2, 2.0, 2.0)),
    ];
    let mut found = Vec::new();
    for (method, path, body, _) in &calls {
        let request = company.request((*method).clone(), path);
        let answer = if body.is_null() { request.send().await } else { request.json(body).send().await };
        assert!(answer.status < 300, "{answer}");
        found.push((path.to_string(), body.clone(), Cost::of(&answer)));
    }
    let expected: Vec<_> =
        calls.iter().map(|(_, path, body, cost)| (path.to_string(), body.clone(), *cost + COUNTING)).collect();
    assert_eq!(found, expected);
}

/// The companies of a system. The system itself is read after its key, since only that tells which it is.
#[tokio::test]
async fn each_route_of_companies() {
    let server = TestServer::start().await;
    let system = server.system().await;
    let create = |key: &str| system.post("/companies").json(&body::company()).idempotent(key);
    assert_eq!(Cost::of(&system.get("/companies").answered(200).await), Cost(2, 1.5, 0.0) + COUNTING, "an empty list");
    let path = format!("/companies/{}", create("one").answered(201).await.id());
    let change = |change: Value| system.patch(&path).json(&change);
    for (what, request, status, cost) in [
        // The company with its entries in two indexes, its allowance, the count of the system's companies, and the system,
        // which is a condition.
        ("create", create("two"), 201, Cost(3, 2.0, 10.0)),
        // It is read again for its subscription.
        ("its replay", create("two"), 201, Cost(4, 4.0, 0.0)),
        // The company and its allowance.
        ("get", system.get(&path), 200, Cost(1, 3.0, 0.0)),
        ("change", change(json!({"name": "Another"})), 200, Cost(2, 3.0, 1.0)),
        ("change nothing", change(json!({"name": "Another"})), 200, Cost(1, 3.0, 0.0)),
        // The page of the index, and two companies with their allowances in one more.
        ("list of two", system.get("/companies"), 200, Cost(3, 5.5, 0.0)),
    ] {
        assert_eq!(Cost::of(&request.answered(status).await), cost + COUNTING, "{what}");
    }
}

/// The ends of interviews and candidates. Each is one read and one write; what is given back is one write more in it.
#[tokio::test]
async fn each_ending() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let scheduled = async || company.created("/interviews", &body::interview()).await;
    let (cancelled, deleted, changed, left) =
        (scheduled().await, scheduled().await, scheduled().await, scheduled().await);
    let candidate = left.text_of("candidateId").to_owned();
    let calls = [
        (Method::POST, format!("/interviews/{}/cancel", cancelled.id()), Value::Null, Cost(2, 2.0, 5.0)),
        (Method::POST, format!("/interviews/{}/cancel", cancelled.id()), Value::Null, Cost(1, 2.0, 0.0)),
        (Method::DELETE, format!("/interviews/{}", deleted.id()), Value::Null, Cost(2, 2.0, 7.0)),
        (Method::DELETE, format!("/interviews/{}", cancelled.id()), Value::Null, Cost(2, 2.0, 3.0)),
        (Method::PATCH, format!("/interviews/{}", changed.id()), json!({"metadata": {"a": 1}}), Cost(2, 2.0, 1.0)),
        (Method::DELETE, format!("/candidates/{candidate}"), Value::Null, Cost(2, 2.0, 7.0)),
    ];
    let mut found = Vec::new();
    for (method, path, body, _) in &calls {
        let request = company.request(method.clone(), path);
        let answer = if body.is_null() { request.send().await } else { request.json(body).send().await };
        assert!(answer.status < 300, "{answer}");
        found.push(Cost::of(&answer));
    }
    assert_eq!(found, calls.map(|(_, _, _, cost)| cost + COUNTING));
}

/// A test interview holds its analysis, and has its transcript beside it: some kilobytes, each two units. It is not due and
/// not charged for, but counted.
#[tokio::test]
async fn a_test_interview() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let (candidate_id, _) = company.candidate_with_jobs(1).await;
    let agent_id = company.agent(&body::agent()).await;
    let body = json!({"candidateId": candidate_id, "agentId": agent_id, "isTest": true});
    let request = || company.post("/interviews").json(&body).idempotent("k");
    assert_eq!(cost_of(&server, request(), TransactWriteItems).await, Cost(2, 3.0, 17.0) + COUNTING);
    assert_eq!(cost_of(&server, request(), TransactWriteItems).await, Cost(2, 3.0, 0.0) + COUNTING);
}

/// A refusal before anything is written costs the one read, and not even that if the key is malformed.
#[tokio::test]
async fn a_refusal() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    for route in body::CREATES {
        let answer = server
            .post(route.entry().path)
            .key("sk_mistyped")
            .json(&tests::accepted::body_of(route))
            .answered(401)
            .await;
        assert_eq!(Cost::of(&answer), Cost(0, 0.0, 0.0));
        let answer = company.post(route.entry().path).text("{").answered(400).await;
        assert_eq!(Cost::of(&answer), Cost(1, 1.0, 0.0) + COUNTING);
    }
}

/// The routes of an ordinary webhook; its secrets are read only to be used.
#[tokio::test]
async fn each_route_of_a_webhook() {
    let (server, endpoint) = (TestServer::start().await, WebhookReceiver::start());
    let company = server.company().create().await;
    let body = body::with(body::webhook(), json!({"url": endpoint.url()}));
    let create = |key: &str| company.post("/webhooks").json(&body).idempotent(key);
    let first = create("one").answered(201).await;
    assert_eq!(Cost::of(&first), Cost(3, 1.0, 6.0) + COUNTING, "the owner's first");
    let path = format!("/webhooks/{}", first.id());
    let change = |change: Value| company.patch(&path).json(&change);
    for (what, request, status, cost) in [
        ("create", create("two"), 201, Cost(2, 1.0, 6.0)),
        ("its replay", create("two"), 201, Cost(3, 2.0, 0.0)),
        ("test", company.post(&format!("{path}/test")), 200, Cost(4, 3.0, 5.0)),
        ("list of two", company.get("/webhooks"), 200, Cost(3, 4.0, 0.0)),
        ("get", company.get(&path), 200, Cost(1, 2.0, 0.0)),
        ("change the name", change(json!({"name": "Another"})), 200, Cost(2, 2.0, 1.0)),
        ("change the events", change(json!({"events": ["ping"]})), 200, Cost(2, 2.0, 4.0)),
        ("change the headers", change(json!({"headers": [{"name": "A", "value": "b"}]})), 200, Cost(3, 3.0, 4.0)),
        ("rotate the secret", company.post(&format!("{path}/rotate-secret")), 200, Cost(3, 3.0, 4.0)),
        ("reset the circuit", company.post(&format!("{path}/reset-circuit")), 200, Cost(2, 2.0, 1.0)),
        ("deliveries", company.get(&format!("{path}/deliveries")), 200, Cost(2, 2.5, 0.0)),
        // And whether something waits for it.
        ("delete", company.request(Method::DELETE, &path), 204, Cost(3, 2.0, 6.0)),
    ] {
        assert_eq!(Cost::of(&request.answered(status).await), cost + COUNTING, "{what}");
    }
}

/// A thing that is named costs one request with its caller; a list two more, or one if there is nothing.
#[tokio::test]
async fn each_route_that_reads() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let phone_numbers = || company.get("/phone-numbers");
    assert_eq!(Cost::of(&phone_numbers().answered(200).await), Cost(2, 1.5, 0.0) + COUNTING, "an empty list");
    company.phone_number().await;
    let interview = json!({"candidate": body::candidate(), "agent": body::agent(), "job": body::job(), "isTest": true});
    let created = company.created("/interviews", &interview).await;
    let bare = company.candidate().await;
    let id = |name: &str| created.text_of(name).to_owned();
    let listed = |path: &str| company.get(path);
    for (what, request, cost) in [
        ("agent", listed(&format!("/agents/{}", id("agentId"))), Cost(1, 2.0, 0.0)),
        ("job", listed(&format!("/jobs/{}", id("jobId"))), Cost(1, 2.0, 0.0)),
        ("interview with its analysis", listed(&format!("/interviews/{}", created.id())), Cost(1, 2.0, 0.0)),
        ("transcript", listed(&format!("/interviews/{}/transcript", created.id())), Cost(1, 3.0, 0.0)),
        // The jobs, to leave out deleted ones, and the number of interviews.
        ("candidate with a job", listed(&format!("/candidates/{}", id("candidateId"))), Cost(3, 3.5, 0.0)),
        ("candidate without jobs", listed(&format!("/candidates/{bare}")), Cost(2, 2.5, 0.0)),
        // The company is known only after its key.
        ("company", listed("/company"), Cost(2, 3.0, 0.0)),
        // The page of the index, and the things.
        ("agents", listed("/agents"), Cost(3, 3.5, 0.0)),
        ("agents of a focus", listed("/agents?focus=SCREENING"), Cost(3, 3.5, 0.0)),
        ("jobs", listed("/jobs"), Cost(3, 2.5, 0.0)),
        ("interviews", listed("/interviews"), Cost(3, 3.5, 0.0)),
        ("interviews of a candidate", listed(&format!("/interviews?candidateId={bare}")), Cost(3, 3.5, 0.0)),
        ("telephone numbers", phone_numbers(), Cost(3, 2.5, 0.0)),
        // … and their jobs.
        ("candidates", listed("/candidates"), Cost(4, 4.5, 0.0)),
    ] {
        assert_eq!(Cost::of(&request.answered(200).await), cost + COUNTING, "{what}");
    }
}

/// Candidates of the company whose searches are measured.
const CANDIDATES: usize = 10_000;

/// The cost of a search follows from what a page shows, not from how many candidates there are or how many match: three queries
/// at once for so many entries each, and one read of the candidates, which have no jobs.
#[tokio::test]
async fn a_search_among_ten_thousand_candidates() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let id = company.created("/candidates", &body::candidate()).await.id();
    let item = server.item(&format!("CANDIDATE#{id}"), "CANDIDATE").await;
    let numbered = |number: usize| {
        let id = format!("0a000000-0000-4000-8000-{number:012}");
        // One in a hundred has another last name.
        let last = if number.is_multiple_of(100) { "adamec" } else { "novak" };
        let keys = json!({
            "PK": {"S": format!("CANDIDATE#{id}")}, "id": {"S": id}, "GSI1SK": {"S": format!("2026-01-01T00:00:00.000Z#{id}")},
            "firstName": {"S": "Anna"}, "lastName": {"S": last}, "email": {"S": format!("anna{number:05}@example.com")},
            "GSI5SK": {"S": format!("anna#{id}")}, "GSI6SK": {"S": format!("{last}#{id}")},
            "GSI7SK": {"S": format!("anna{number:05}@example.com#{id}")},
        });
        body::with(item.clone(), keys)
    };
    server.put_items(&(0..CANDIDATES).map(numbered).collect::<Vec<_>>()).await;
    let search = async |query: &str| company.get(&format!("/candidates?search={query}")).answered(200).await;
    let last = search("adamec&limit=100").await.text_of("nextCursor").to_owned();
    let mut found = Vec::new();
    for query in [
        // All match by two fields.
        "anna",
        "a&limit=100",
        "anna&status=APPLIED&limit=100",
        "anna&status=REJECTED",
        // One matches, and nobody.
        "anna00017@",
        "anna00017@example.org",
        // The page after all of the last names.
        &format!("adamec&limit=100&cursor={last}"),
    ] {
        let answer = search(query).await;
        let shown = answer.body["items"].as_array().expect("items").len();
        found.push((query.split("&cursor").next().unwrap_or_default().to_owned(), shown, Cost::of(&answer)));
    }
    let expected = [
        ("anna", 20, Cost(5, 22.5, 0.0)),
        ("a&limit=100", 100, Cost(5, 108.5, 0.0)),
        ("anna&status=APPLIED&limit=100", 100, Cost(5, 106.5, 0.0)),
        ("anna&status=REJECTED", 0, Cost(5, 106.5, 0.0)),
        ("anna00017@", 1, Cost(5, 3.5, 0.0)),
        ("anna00017@example.org", 0, Cost(4, 2.5, 0.0)),
        ("adamec&limit=100", 0, Cost(3, 2.0, 0.0)),
    ];
    assert_eq!(found, expected.map(|(query, shown, cost)| (query.to_owned(), shown, cost + COUNTING)));
}
