//! The most that a request or a message can cost at the table, whatever a caller has stored in webhooks, and whoever asks.
//!
//! The webhooks are the largest that can be: 50 of one owner, with every text at its limit, and headers of 8 KB. Names and
//! values of headers share their limit, so one webhook has the longest names, which lie in its item, and another the
//! longest values, which lie beside it.

use std::collections::BTreeMap;

use domain::StringEnum as _;
use domain::api_key::ApiKeySecret;
use domain::candidate::{CANDIDATE_JOBS_MAX, NAMED_JOBS_MAX};
use domain::delivery::{AttemptOutcome, AttemptRecord, Delivery, DeliveryJob, ReceivedMessage, RetrySchedule};
use domain::event::Event;
use domain::resource::ResourceType;
use domain::webhook::{LIVE_SECRETS_MAX, WEBHOOK_HEADERS_MAX_BYTES, WEBHOOKS_MAX};
use local::sqs::QueueName;
use reqwest::Method;
use serde_json::{Value, json};
use tests::accepted::method;
use tests::api::{ErrorCode, Route};
use tests::events::{Webhook, ping_jobs, set_alarm};
use tests::{Answer, Company, Events, TestServer, WebhookReceiver, body};
use uuid::Uuid;

use super::{Cost, Neighbour, costs, outcomes, storm};

/// Fails unless the row of `docs/security.md` that begins so says that cost.
#[track_caller]
fn assert_documented(row: &str, Cost(requests, reads, writes): Cost) {
    let document = include_str!("../../../../docs/security.md");
    let row = format!("| {row}");
    let found = document.lines().find(|line| line.starts_with(&row)).unwrap_or_else(|| panic!("no {row}"));
    assert!(found.ends_with(&format!("| {requests} | {reads} | {writes} |")), "{found}: {requests} {reads} {writes}");
}

/// A character of four bytes.
fn wide(count: usize) -> String {
    "\u{1d11e}".repeat(count)
}

/// The longest names of headers: 32 of 255 bytes, each with a value of one.
fn long_names() -> Value {
    (0..32).map(|number| json!({"name": format!("{number:0>255}"), "value": "v"})).collect()
}

/// The longest values: two of 4,095 bytes, each of which is two in JSON.
fn long_values() -> Value {
    json!([{"name": "a", "value": "\"".repeat(4_095)}, {"name": "b", "value": "\"".repeat(4_095)}])
}

/// The largest webhook, to that base address.
fn largest(url: &str, headers: &Value) -> Value {
    json!({
        "url": format!("{url}/{}", wide(2_047 - url.len())),
        "events": domain::event::EventType::ACCEPTED.iter().map(|event| event.as_str()).collect::<Vec<_>>(),
        "name": wide(255),
        "description": wide(1_000),
        "headers": headers,
    })
}

/// Creates a company's fifty webhooks. Returns the ids of two: with the longest names, and with the longest values and as
/// many secrets as can be; and the answer to the last creation.
async fn fifty(company: &Company, url: &str) -> ([String; 2], Answer) {
    let create = async |headers| {
        company
            .post("/webhooks")
            .json(&largest(url, &headers))
            .idempotent(&Uuid::new_v4().to_string())
            .answered(201)
            .await
    };
    let values = create(long_values()).await.id();
    for _ in 1..LIVE_SECRETS_MAX {
        company.post(&format!("/webhooks/{values}/rotate-secret")).answered(200).await;
    }
    let names = create(long_names()).await.id();
    for _ in 3..WEBHOOKS_MAX {
        create(long_names()).await;
    }
    let last = create(long_names()).await;
    ([names, values], last)
}

/// Stores a hundred deliveries to a webhook with the longest excerpts of answers. Returns the id of one.
async fn hundred_deliveries(server: &TestServer, webhook: &str) -> String {
    let mut last = String::new();
    for _ in 0..100 {
        let ping = Event::ping(webhook.parse().unwrap(), server.id(), server.now()).unwrap();
        let job = DeliveryJob::new(&ping, webhook.parse().unwrap());
        let record = AttemptRecord {
            at: server.now(),
            outcome: AttemptOutcome::BadStatus,
            http_status: Some(500),
            duration_ms: 15_000,
            response_body: Some("x".repeat(1_024)),
        };
        let message = ReceivedMessage { id: "", sent_at: server.now() };
        let begun = Delivery::new(&job, server.now()).attempting(server.id(), message, server.now());
        let failed = begun.after(record, None, message, None, 0.0, &RetrySchedule::STANDARD);
        server.store().session().write_delivery(None, &failed.given_up(server.now())).await.unwrap();
        last = ping.delivery_to(webhook.parse().unwrap()).to_string();
    }
    last
}

/// The most that a route costs when its caller has the largest webhooks.
fn most_with_webhooks(route: Route) -> Option<Cost> {
    match route {
        // They know no webhooks. What they cost is in `cost.rs`.
        Route::CreateAgent
        | Route::CreateInterview
        | Route::ListAgents
        | Route::GetAgent
        | Route::ListCandidates
        | Route::GetCandidate
        | Route::ListJobs
        | Route::GetJob
        | Route::ListInterviews
        | Route::GetInterview
        | Route::GetTranscript
        | Route::ListPhoneNumbers
        | Route::GetCompany
        | Route::ChangeInterview
        | Route::CancelInterview
        | Route::DeleteInterview
        | Route::ChangeAgent
        | Route::DeleteAgent
        | Route::CreateCandidate
        | Route::ChangeCandidate
        | Route::DeleteCandidate
        | Route::CreateJob
        | Route::ChangeJob
        | Route::DeleteJob
        | Route::ListCompanies
        | Route::GetUsage
        | Route::GetManagedCompany
        | Route::CreateCompany
        | Route::ChangeCompany => None,
        Route::CreateWebhook => Some(Cost(3, 2.0, 81.0)),
        Route::ListWebhooks => Some(Cost(4, 304.0, 1.0)),
        Route::GetWebhook => Some(Cost(2, 8.0, 1.0)),
        Route::ChangeWebhook => Some(Cost(5, 11.0, 100.0)),
        Route::DeleteWebhook => Some(Cost(4, 8.0, 84.0)),
        Route::TestWebhook => Some(Cost(5, 11.0, 6.0)),
        Route::RotateWebhookSecret => Some(Cost(4, 11.0, 65.0)),
        Route::ResetWebhookCircuit => Some(Cost(4, 8.0, 26.0)),
        Route::ListDeliveries => Some(Cost(3, 27.0, 1.0)),
        Route::Redeliver => Some(Cost(3, 9.0, 3.0)),
    }
}

#[tokio::test]
async fn no_route_costs_more_than_this_with_the_largest_webhooks() {
    let server = TestServer::start().await;
    let neighbour = Neighbour::of(&server).await;
    let company = server.company().create().await;
    let ([names, values], created) = fifty(&company, "http://127.0.0.1:9").await;
    let mut found = vec![(Route::CreateWebhook, Cost::of(&created.log))];
    let others = |route: &Route| !matches!(route, Route::CreateWebhook | Route::DeleteWebhook);
    for route in Route::ALL.iter().copied().filter(others).chain([Route::DeleteWebhook]) {
        if most_with_webhooks(route).is_none() {
            continue;
        }
        let mut most = Cost(0, 0.0, 0.0);
        // Of all webhooks, the list is largest with the longest names.
        let list = async |headers| {
            let change = company.request(Method::PATCH, &format!("/webhooks/{values}"));
            change.json(&json!({"headers": headers})).answered(200).await
        };
        if route == Route::ListWebhooks {
            list(long_names()).await;
        }
        for id in [&names, &values] {
            if route == Route::RotateWebhookSecret {
                // Room for one more.
                server.pass(std::time::Duration::from_secs(25 * 60 * 60));
                for _ in 2..LIVE_SECRETS_MAX {
                    company.post(&format!("/webhooks/{id}/rotate-secret")).answered(200).await;
                }
            }
            let delivery = if route.entry().path.contains("eliver") {
                hundred_deliveries(&server, id).await
            } else {
                String::new()
            };
            // Something waits for it, at a circuit that is open.
            let later = server.now().saturating_add(std::time::Duration::from_secs(60));
            set_alarm(&server, id.parse().expect("an id"), later, 1).await;
            if route == Route::ResetWebhookCircuit {
                server.set_attributes(&format!("WEBHOOK#{id}"), "WEBHOOK", &open_circuit()).await;
            }
            let path = route.entry().path.replace("{id}", id).replace("{deliveryId}", &delivery);
            let path = if route == Route::ListDeliveries { format!("{path}?limit=100") } else { path };
            let request = company.request(method(route), &path);
            let request = match route {
                // The largest change: of one kind of headers for the other.
                Route::ChangeWebhook if *id == names => {
                    request.json(&json!({"headers": long_values(), "isActive": false}))
                }
                Route::ChangeWebhook => request.json(&json!({"headers": long_names(), "isActive": false})),
                _ => request,
            };
            let answer = request.answered(route.entry().success.status().as_u16()).await;
            most = most.most(Cost::of(&answer.log));
            if route == Route::ChangeWebhook {
                // Back to what it was.
                let headers = if *id == names { long_names() } else { long_values() };
                let back = company.request(Method::PATCH, &path).json(&json!({"headers": headers, "isActive": true}));
                most = most.most(Cost::of(&back.answered(200).await.log));
            }
        }
        if route == Route::ListWebhooks {
            list(long_values()).await;
        }
        found.push((route, most));
    }
    for (route, cost) in &found {
        assert_documented(&format!("`{}`", route.entry().key), *cost);
    }
    let expected: Vec<_> =
        found.iter().map(|(route, _)| (*route, most_with_webhooks(*route).expect("a bound"))).collect();
    assert_eq!(found, expected);
    neighbour.assert_unharmed().await;
}

/// A circuit that is open, and may be probed.
fn open_circuit() -> Value {
    json!({"circuit": {"M": {
        "consecutiveFailures": {"N": "20"}, "failingSince": {"S": "2026-01-01T00:00:00.000Z"},
        "openedAt": {"S": "2026-01-01T02:00:00.000Z"}, "nextProbeAt": {"S": "2026-01-01T02:15:00.000Z"},
    }}})
}

/// The costs in the log lines of deliver-webhook, with their outcomes.
fn of_deliveries(server: &TestServer) -> Vec<(String, Cost)> {
    let lines = server.log().into_iter().map(|line| serde_json::from_str::<Value>(&line).expect("a line in JSON"));
    let delivered = lines.filter(|line| line["function"] == "deliver-webhook");
    delivered.map(|line| (line["outcome"].as_str().expect("an outcome").to_owned(), Cost::of(&line))).collect()
}

async fn cost_of_one(server: &TestServer, events: &Events, id: &str) -> (String, Cost) {
    let before = of_deliveries(server).len();
    let webhook = Webhook { id: id.to_owned(), secret: String::new() };
    server.queues().send(QueueName::Deliveries, ping_jobs(server, &webhook, 1)).await.expect("a message");
    events.quiet().await;
    let mut lines = of_deliveries(server).split_off(before);
    assert_eq!(lines.len(), 1, "{lines:?}");
    lines.remove(0)
}

#[tokio::test]
async fn no_message_costs_more_than_this_with_the_largest_webhooks() {
    let (server, endpoint) = (TestServer::start().await, WebhookReceiver::start());
    let events = Events::start(&server).await;
    let neighbour = Neighbour::of(&server).await;
    let company = server.company().create().await;
    let ([names, values], _) = fifty(&company, &endpoint.url()).await;
    let mut found = Vec::new();
    for (kind, id) in [("names", &names), ("values", &values)] {
        let partition = format!("WEBHOOK#{id}");
        let mut deliver = async |what, status| {
            endpoint.answers(status);
            let (outcome, cost) = cost_of_one(&server, &events, id).await;
            found.push((kind, what, outcome, cost));
        };
        deliver("first", 200).await;
        deliver("failure", 500).await;
        for (what, status) in [("failed probe", 500), ("look", 500), ("probe that closes it", 200)] {
            if what != "look" {
                server.set_attributes(&partition, "WEBHOOK", &open_circuit()).await;
            }
            deliver(what, status).await;
        }
        deliver("pause", 410).await;
        deliver("look", 200).await;
    }
    let found: Vec<_> =
        found.iter().map(|(kind, what, outcome, cost)| (*kind, *what, outcome.as_str(), *cost)).collect();
    let expected = [
        ("names", "first", "DELIVERED", Cost(4, 10.0, 2.0)),
        ("names", "failure", "BAD_STATUS", Cost(5, 10.0, 24.0)),
        ("names", "failed probe", "BAD_STATUS", Cost(7, 10.0, 27.0)),
        ("names", "look", "CIRCUIT_OPEN", Cost(5, 7.0, 3.0)),
        ("names", "probe that closes it", "DELIVERED", Cost(7, 10.0, 49.0)),
        ("names", "pause", "GONE", Cost(5, 10.0, 62.0)),
        ("names", "look", "PAUSED", Cost(5, 7.0, 3.0)),
        ("values", "first", "DELIVERED", Cost(4, 10.0, 2.0)),
        ("values", "failure", "BAD_STATUS", Cost(5, 10.0, 16.0)),
        ("values", "failed probe", "BAD_STATUS", Cost(7, 10.0, 19.0)),
        ("values", "look", "CIRCUIT_OPEN", Cost(5, 5.0, 3.0)),
        ("values", "probe that closes it", "DELIVERED", Cost(7, 10.0, 33.0)),
        ("values", "pause", "GONE", Cost(5, 10.0, 46.0)),
        ("values", "look", "PAUSED", Cost(5, 5.0, 3.0)),
    ];
    assert_eq!(found, expected);
    for (row, place) in [
        ("a delivery that arrives", 0),
        ("a failed attempt", 1),
        ("a failed probe", 2),
        ("a delivery that is put into the table", 3),
        ("a probe that closes", 4),
        ("an attempt that pauses", 5),
    ] {
        assert_documented(row, expected[place].3);
    }
    neighbour.assert_unharmed().await;
    neighbour.assert_events_arrive().await;
}

/// Headers of 200 KB, as fifty webhooks once had, are refused, and so is a byte more than the limit. While their owner asks
/// for all that it has over and over, the second company works as ever.
#[tokio::test]
async fn headers_of_200_kb_are_refused() {
    let server = TestServer::start().await;
    let neighbour = Neighbour::of(&server).await;
    let company = server.company().create().await;
    let ([id, _], _) = fifty(&company, "http://127.0.0.1:9").await;
    company.request(Method::DELETE, &format!("/webhooks/{id}")).answered(204).await;
    let header = |number: usize, length| json!({"name": format!("x{number:0>9}"), "value": "v".repeat(length)});
    let of_200_kb: Value = (0..50).map(|number| header(number, 4_085)).collect();
    let a_byte_more =
        json!([header(1, WEBHOOK_HEADERS_MAX_BYTES / 2 - 10), header(2, WEBHOOK_HEADERS_MAX_BYTES / 2 - 9)]);
    for headers in [of_200_kb, a_byte_more] {
        let webhook = body::with(body::webhook(), json!({"headers": headers}));
        let answer = company.post("/webhooks").json(&webhook).refused(ErrorCode::ValidationFailed).await;
        assert_eq!(answer.issues(), [("/headers".to_owned(), "maxBytes".to_owned())]);
    }
    let lists = neighbour.beside(storm(vec![move || company.get("/webhooks"); 20])).await;
    assert_eq!(outcomes(&lists), BTreeMap::from([("OK", 20)]));
    assert!(costs(&lists).iter().all(|Cost(_, read, _)| *read <= 304.0), "{:?}", costs(&lists));
}

/// The costs of messages that `docs/performance.md` has, as the log tells them.
#[tokio::test]
async fn a_message_of_an_ordinary_webhook_costs_a_few_units() {
    let (server, endpoint) = (TestServer::start().await, WebhookReceiver::start());
    let events = Events::start(&server).await;
    let company = server.company().create().await;
    let id = company.webhook(&endpoint).await.id;
    let mut found = Vec::new();
    for status in [200, 500, 200] {
        endpoint.answers(status);
        found.push(cost_of_one(&server, &events, &id).await.1);
    }
    company.request(Method::DELETE, &format!("/webhooks/{id}")).answered(204).await;
    found.push(cost_of_one(&server, &events, &id).await.1);
    assert_eq!(found, [Cost(4, 3.0, 2.0), Cost(5, 3.0, 3.0), Cost(5, 3.0, 3.0), Cost(1, 2.0, 0.0)]);
}

/// The most that a request with a forged key reads, which anybody can make: the checksum of keys is public.
#[tokio::test]
async fn a_forged_key_reads_no_more_than_this() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let ([names, values], _) = fifty(&company, "http://127.0.0.1:9").await;
    let agent = body::with(
        body::agent(),
        json!({
            "name": wide(100), "questions": vec![wide(500); 50], "instructions": wide(2_000),
            "metadata": {"a": "x".repeat(10_232)},
        }),
    );
    let forged = ApiKeySecret::generate().expect("randomness").reveal().to_owned();
    let metadata = json!({"a": "x".repeat(10_232)});
    let job = json!({
        "title": wide(200), "description": wide(5_000), "benefits": wide(5_000), "metadata": metadata,
        "requiredSkills": (0..10).map(|number| format!("{number}{}", wide(127))).collect::<Vec<_>>(),
    });
    let candidate =
        body::with(body::candidate(), json!({"firstName": wide(100), "lastName": wide(100), "metadata": metadata}));
    let existing = json!({"agentId": company.agent(&agent).await, "candidate": candidate, "job": job, "isTest": true});
    let existing = company.created("/interviews", &existing).await;
    let named = |name: &str| existing.text_of(name).to_owned();
    let interview = json!({"agentId": named("agentId"), "candidateId": named("candidateId"), "jobId": named("jobId")});
    let jobs: Vec<_> = (0..CANDIDATE_JOBS_MAX).map(|_| json!({"S": Uuid::new_v4()})).collect();
    server
        .set_attributes(&format!("CANDIDATE#{}", named("candidateId")), "CANDIDATE", &json!({"jobIds": {"L": jobs}}))
        .await;

    let managed = json!({"name": wide(100), "description": wide(1_000), "metadata": metadata});
    let managed_id = server.system().await.post("/companies").json(&managed).answered(201).await.id();

    let fifty: Vec<_> = (0..NAMED_JOBS_MAX).map(|_| Uuid::new_v4()).collect();
    let of_fifty_jobs = body::with(candidate.clone(), json!({"jobIds": fifty}));

    // A BatchGetItem of the key, of its counter and of what is named by an id.
    let bound = |route: Route| match route {
        Route::CreateAgent
        | Route::CreateJob
        | Route::CreateCompany
        | Route::CreateWebhook
        | Route::ListCompanies
        | Route::GetUsage
        | Route::ListWebhooks
        | Route::ListAgents
        | Route::ListCandidates
        | Route::ListJobs
        | Route::ListInterviews
        | Route::ListPhoneNumbers
        | Route::GetCompany => Cost(1, 2.0, 0.0),
        Route::GetAgent | Route::ChangeAgent | Route::DeleteAgent => Cost(1, 32.0, 0.0),
        Route::GetCandidate | Route::DeleteCandidate => Cost(1, 15.0, 0.0),
        Route::GetJob | Route::ChangeJob | Route::DeleteJob => Cost(1, 16.0, 0.0),
        Route::GetInterview | Route::ChangeInterview | Route::CancelInterview | Route::DeleteInterview => {
            Cost(1, 3.0, 0.0)
        }
        // A company is read with its allowance.
        Route::GetManagedCompany | Route::ChangeCompany => Cost(1, 7.0, 0.0),
        Route::GetTranscript => Cost(1, 30.0, 0.0),
        Route::CreateCandidate => Cost(1, 52.0, 0.0),
        Route::ChangeCandidate => Cost(1, 65.0, 0.0),
        Route::CreateInterview => Cost(1, 59.0, 0.0),
        Route::GetWebhook
        | Route::ChangeWebhook
        | Route::DeleteWebhook
        | Route::TestWebhook
        | Route::RotateWebhookSecret
        | Route::ResetWebhookCircuit
        | Route::ListDeliveries => Cost(1, 8.0, 0.0),
        Route::Redeliver => Cost(1, 9.0, 0.0),
    };
    let mut found = Vec::new();
    for route in Route::ALL {
        let mut most = Cost(0, 0.0, 0.0);
        for id in [&names, &values] {
            let delivery =
                if *route == Route::Redeliver { hundred_deliveries(&server, id).await } else { String::new() };
            let own = match route.entry().names.first() {
                Some(ResourceType::Agent) => named("agentId"),
                Some(ResourceType::Candidate) => named("candidateId"),
                Some(ResourceType::Job) => named("jobId"),
                Some(ResourceType::Interview) => named("id"),
                Some(ResourceType::Company) => managed_id.clone(),
                _ => id.clone(),
            };
            let path = route.entry().path.replace("{id}", &own).replace("{deliveryId}", &delivery);
            let request = server.request(method(*route), &path).key(&forged);
            let request = match route {
                Route::CreateInterview => request.json(&interview),
                Route::CreateAgent | Route::ChangeAgent => request.json(&agent),
                Route::CreateCandidate | Route::ChangeCandidate => request.json(&of_fifty_jobs),
                Route::CreateJob | Route::ChangeJob => request.json(&job),
                Route::CreateCompany | Route::ChangeCompany => request.json(&managed),
                Route::CreateWebhook | Route::ChangeWebhook => {
                    request.json(&largest("http://127.0.0.1:9", &long_names()))
                }
                _ => request,
            };
            most = most.most(Cost::of(&request.answered(401).await.log));
        }
        found.push((*route, most));
    }
    let expected: Vec<_> = Route::ALL.iter().map(|route| (*route, bound(*route))).collect();
    assert_eq!(found, expected);
}
