//! Erasing: the interviews of a deleted or expired candidate, from the table's stream, whatever happens on the way.

use std::time::Duration;

use aws_lambda_events::dynamodb::Event;
use aws_lambda_events::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use domain::candidate::CandidateId;
use local::dynamodb::Stream;
use local::event_source::{EventSource, Filter, StreamMapping};
use local::functions::Functions;
use reqwest::Method;
use serde_json::{Value, json};
use store::DueOutcome;
use tests::faults::Operation::{BatchGetItem, Query, TransactWriteItems, UpdateItem};
use tests::faults::{Fault, FaultScript, Faults};
use tests::server::TABLE;
use tests::{Company, Events, TestServer, WebhookReceiver, body};

use crate::concurrency::Stored;

/// Words by which only one person is known.
const WORDS: [&str; 7] =
    ["Xaveria", "Quintova", "xaveria.quintova", "421999888777", "plays-the-bassoon", "afternoons-only", "2031-07-19"];

fn person() -> Value {
    json!({
        "firstName": "Xaveria",
        "lastName": "Quintova",
        "gdprExpiryDate": "2031-07-19",
        "email": "xaveria.quintova@example.com",
        "phoneNumber": "+421999888777",
        "metadata": {"hobby": "plays-the-bassoon"},
    })
}

/// Panics if any of a person's words is in the table, in a queue or in the log.
async fn assert_nothing_known(server: &TestServer) {
    let items = server.all_items().await;
    let mut entries = Vec::new();
    for index in ["GSI5", "GSI6", "GSI7"] {
        entries.extend(server.entries(index).await);
    }
    for word in WORDS {
        // Searches compare names in lower case.
        let holds = |item: &&Value| item.to_string().to_lowercase().contains(&word.to_lowercase());
        let holding = items.iter().chain(&entries).find(holds);
        assert!(holding.is_none(), "{word}: {holding:?}");
        assert!(!server.log().iter().any(|line| line.contains(word)), "{word} is in the log");
    }
    // Content that is no word of ours.
    let of_candidate = |item: &&Value| item["erasedAt"].is_object();
    for interview in items.iter().filter(of_candidate) {
        for gone in ["analysis", "metadata"] {
            assert!(interview.get(gone).is_none(), "{gone}: {interview}");
        }
    }
}

/// A candidate with so many interviews that are to come, and one in test mode.
async fn candidate(company: &Company, scheduled: usize) -> String {
    let agent_id = company.agent(&body::generic_agent()).await;
    let test = json!({
        "candidate": person(), "agentId": agent_id, "isTest": true, "metadata": {"when": "afternoons-only"},
    });
    let created = company.created("/interviews", &test).await;
    let id = created.text_of("candidateId").to_owned();
    // What is beside the interview belongs to it.
    let key = format!("INTERVIEW#{}", created.id());
    let transcript = json!({
        "PK": {"S": key}, "SK": {"S": "TRANSCRIPT"}, "entityType": {"S": "Transcript"}, "version": {"N": "1"},
        "words": {"S": "Xaveria speaking"},
    });
    company.server().set_attributes(&key, "TRANSCRIPT", &transcript).await;
    for _ in 0..scheduled {
        let body = json!({"candidateId": id, "agentId": agent_id, "metadata": {"when": "afternoons-only"}});
        company.created("/interviews", &body).await;
    }
    id
}

/// Looks at every candidate that is due, as the sweep does. Returns the outcomes.
async fn sweep(server: &TestServer) -> Vec<DueOutcome> {
    let mut system = server.store().system();
    let mut outcomes = Vec::new();
    for shard in 0..store::SystemSession::DUE_SHARDS {
        let due = system.due_candidates(shard, server.now(), None, 100).await.expect("a page");
        for candidate in due.items {
            outcomes.push(system.look_at_candidate(&candidate, server.now()).await.expect("a look"));
        }
    }
    outcomes
}

/// The interviews of a candidate, as stored.
async fn interviews(server: &TestServer, candidate_id: &str) -> Vec<Value> {
    let items = server.all_items().await.into_iter();
    items.filter(|item| item["entityType"]["S"] == "Interview" && item["candidateId"]["S"] == candidate_id).collect()
}

async fn delete(company: &Company, id: &str) {
    company.request(Method::DELETE, &format!("/candidates/{id}")).answered(204).await;
}

/// Passes the time until the index is settled, and has the last pass made.
async fn last_pass(server: &TestServer, id: &str) {
    server.pass(Duration::from_secs(60));
    assert_eq!(sweep(server).await, [DueOutcome::Resumed]);
    pass_over(server, id).await;
}

/// The time between looks at a tombstone.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// Waits until the pass over a deleted candidate's interviews is over.
async fn pass_over(server: &TestServer, id: &str) {
    while server.item(&format!("CANDIDATE#{id}"), "CANDIDATE").await["erasure"]["S"] == "RUNNING" {
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// Everything that an erasure takes away is told before, to whoever asks what is kept.
#[tokio::test]
async fn an_export_tells_all_that_is_kept() {
    let server = TestServer::start().await;
    let company = server.company().minutes(300).create().await;
    let id = candidate(&company, 2).await;
    let data = server.store().candidate_data(id.parse().expect("an id")).await.expect("the data");
    let text = serde_json::to_string(&data).expect("JSON");
    for word in WORDS.into_iter().chain(["Xaveria speaking", "strongPoints"]) {
        assert!(text.contains(word), "{word}: {text}");
    }
    assert_eq!(data.interviews.len(), 3);
    assert!(!text.contains("GSI"), "{text}");
}

#[tokio::test]
async fn an_erased_candidate_is_known_nowhere_and_the_books_stay() {
    let (server, endpoint) = (TestServer::start().await, WebhookReceiver::start());
    let company = server.company().minutes(300).create().await;
    company.webhook(&endpoint).await;
    let events = Events::start(&server).await;
    let id = candidate(&company, 4).await;
    for (index, kept) in [("GSI5", "xaveria#"), ("GSI6", "quintova#"), ("GSI7", "xaveria.quintova@example.com#")] {
        let entries = server.entries(index).await;
        assert!(entries.iter().any(|entry| entry[format!("{index}SK")]["S"] == format!("{kept}{id}")), "{entries:?}");
    }
    events.quiet().await;
    assert_eq!(company.allowance().await.reserved_seconds.0, 4 * 1_800);
    delete(&company, &id).await;
    pass_over(&server, &id).await;
    assert_nothing_known(&server).await;
    assert!(events.empty().await, "messages are left");

    let left = interviews(&server, &id).await;
    assert_eq!(left.len(), 5);
    for interview in &left {
        let status = if interview["isTest"]["BOOL"] == true { "COMPLETED" } else { "CANCELLED" };
        assert_eq!(interview["status"]["S"], status, "{interview}");
        assert!(["scheduledAt", "createdAt", "durationMinutes"].iter().all(|name| interview.get(name).is_some()));
        assert!(interview.get("GSI1PK").is_some(), "no longer in lists: {interview}");
        assert!(interview.get("GSI3PK").is_none(), "still found by its candidate: {interview}");
    }
    let allowance = company.allowance().await;
    assert_eq!((allowance.reserved_seconds.0, allowance.remaining_seconds.0), (0, 300 * 60));

    // What remains of the candidate is a tombstone, which the table drops.
    events.quiet().await;
    last_pass(&server, &id).await;
    let item = server.item(&format!("CANDIDATE#{id}"), "CANDIDATE").await;
    for gone in ["erasure", "companyId", "candidateId", "GSI2PK", "GSI2SK"] {
        assert!(item.get(gone).is_none(), "{gone}: {item}");
    }
    assert!(item.get("expiresAt").is_some(), "{item}");
    server.pass(Duration::from_secs(24 * 60 * 60));
    assert_eq!(sweep(&server).await, []);
}

/// Two sweeps that found an erasure due have its next pass made once.
#[tokio::test]
async fn an_erasure_that_was_resumed_meanwhile_is_not_resumed_again() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let id = candidate(&company, 0).await;
    let events = Events::start(&server).await;
    delete(&company, &id).await;
    pass_over(&server, &id).await;
    drop(events);
    server.pass(Duration::from_secs(60));
    let mut system = server.store().system();
    let mut due = Vec::new();
    for shard in 0..store::SystemSession::DUE_SHARDS {
        due.extend(system.due_candidates(shard, server.now(), None, 100).await.expect("a page").items);
    }
    assert_eq!(sweep(&server).await, [DueOutcome::Resumed]);
    let resumed = server.item(&format!("CANDIDATE#{id}"), "CANDIDATE").await;
    assert_eq!(system.look_at_candidate(&due[0], server.now()).await.expect("a look"), DueOutcome::NotDue);
    assert_eq!(server.item(&format!("CANDIDATE#{id}"), "CANDIDATE").await, resumed);
}

/// It holds its time until it ends, and nothing of its content is kept then.
#[tokio::test]
async fn a_running_interview_is_marked_to_end_as_a_cancelled_one() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let id = candidate(&company, 1).await;
    let [running] = <[Value; 1]>::try_from(
        interviews(&server, &id).await.into_iter().filter(|item| item["isTest"]["BOOL"] == false).collect::<Vec<_>>(),
    )
    .expect("one");
    let key = running["PK"]["S"].as_str().expect("a key");
    server.set_attributes(key, "INTERVIEW", &json!({"status": {"S": "IN_PROGRESS"}})).await;
    let _events = Events::start(&server).await;
    delete(&company, &id).await;
    pass_over(&server, &id).await;
    let item = server.item(key, "INTERVIEW").await;
    assert_eq!((&item["status"]["S"], &item["cancelRequestedAt"]["S"]), (&json!("IN_PROGRESS"), &json!(server.now())));
    assert_eq!(item["reservation"]["M"]["seconds"]["N"], "1800");
    assert!(item.get("metadata").is_none() && item.get("erasedAt").is_some(), "{item}");
}

/// An invocation that ends when it has sent what the faults are injected into, and is handed over again.
async fn killed(functions: Functions, batch: Event, faults: Faults) -> DynamoDbEventResponse {
    let mut response = DynamoDbEventResponse::default();
    let mut failure = DynamoDbBatchItemFailure::default();
    failure.item_identifier = batch.records[0].change.sequence_number.clone();
    let was_injected = !faults.injected().is_empty();
    tokio::select! {
        handled = functions.erase(batch) => return handled,
        () = async {
            while was_injected || faults.injected().is_empty() {
                tokio::task::yield_now().await;
            }
        } => {}
    }
    response.batch_item_failures.push(failure);
    response
}

/// Before and after each request to the table: what was begun goes on.
#[tokio::test]
async fn an_erasure_that_ends_between_any_two_steps_is_resumed() {
    let never = [Fault::AnswerNever, Fault::DelayBefore(Duration::from_secs(3_600))];
    for (operation, steps) in [(Query, 1), (BatchGetItem, 1), (TransactWriteItems, 4), (UpdateItem, 1)] {
        for (step, fault) in (0..steps).flat_map(|step| never.map(|fault| (step, fault))) {
            let server = TestServer::start().await;
            let company = server.company().minutes(300).create().await;
            let id = candidate(&company, 3).await;
            delete(&company, &id).await;
            let script = std::iter::repeat_n((operation, Fault::None), step).chain([(operation, fault)]);
            server.faults().follow(FaultScript::script(script));
            let faults = server.faults().clone();
            let _events =
                Events::start_erasing(&server, move |functions, batch| killed(functions, batch, faults.clone())).await;
            pass_over(&server, &id).await;
            assert_eq!(server.faults().injected().len(), 1, "{operation:?} {step} {fault:?}: nobody was killed");
            last_pass(&server, &id).await;
            assert_nothing_known(&server).await;
            let allowance = company.allowance().await;
            assert_eq!(
                (allowance.reserved_seconds.0, allowance.remaining_seconds.0),
                (0, 300 * 60),
                "{operation:?} {step}"
            );
            let item = server.item(&format!("CANDIDATE#{id}"), "CANDIDATE").await;
            assert!(item.get("erasure").is_none(), "{operation:?} {step}: {item}");
        }
    }
}

/// More interviews than one invocation erases: each part has the next one done.
#[tokio::test]
async fn a_candidate_of_many_interviews_is_erased_in_parts() {
    let server = TestServer::start().await;
    let company = server.company().minutes(30 * 300).create().await;
    let id = candidate(&company, 230).await;
    let _events = Events::start(&server).await;
    delete(&company, &id).await;
    pass_over(&server, &id).await;
    assert_nothing_known(&server).await;
    assert!(interviews(&server, &id).await.iter().all(|interview| interview.get("erasedAt").is_some()));
    assert_eq!(company.allowance().await.reserved_seconds.0, 0);
    let lines = server.log().into_iter().filter(|line| line.contains("\"function\":\"erase\""));
    let erased: Vec<u64> = lines
        .map(|line| serde_json::from_str::<Value>(&line).expect("JSON")["InterviewsErased"].as_u64().expect("a number"))
        .filter(|erased| *erased > 0)
        .collect();
    assert_eq!(erased.iter().sum::<u64>(), 231);
    assert!(erased.iter().all(|erased| *erased <= 100), "{erased:?}");
}

/// The stream's record is lost: nothing is erased until the alarm clock rings.
#[tokio::test]
async fn an_erasure_whose_record_is_lost_goes_on_after_ten_minutes() {
    let server = TestServer::start().await;
    let company = server.company().minutes(300).create().await;
    let id = candidate(&company, 1).await;
    delete(&company, &id).await;
    let (sender, mut lost) = tokio::sync::mpsc::unbounded_channel();
    let filter = Filter::of_template("EraseStream").expect("a filter");
    let losing = StreamMapping::new(filter, move |batch: Event| {
        let _ = sender.send(batch.records.len());
        async { DynamoDbEventResponse::default() }
    });
    let stream = Stream::of(server.engine(), TABLE).await.expect("a stream");
    let losing = EventSource::of_stream(stream, [losing]);
    assert_eq!(lost.recv().await, Some(1));
    losing.stop().await;
    let events = Events::start(&server).await;
    events.published().await;
    assert_eq!(company.allowance().await.reserved_seconds.0, 1_800);
    server.pass(Duration::from_secs(10 * 60) - Duration::from_millis(1));
    assert_eq!(sweep(&server).await, []);
    server.pass(Duration::from_millis(1));
    assert_eq!(sweep(&server).await, [DueOutcome::Resumed]);
    pass_over(&server, &id).await;
    assert_nothing_known(&server).await;
    let item = server.item(&format!("CANDIDATE#{id}"), "CANDIDATE").await;
    assert!(item.get("erasure").is_none(), "{item}");
}

/// Kept to the end of the day in UTC, and not a moment longer: not by TTL, which may be days late.
#[tokio::test]
async fn a_candidate_expires_with_the_end_of_the_day() {
    let server = TestServer::start().await;
    let company = server.company().minutes(300).create().await;
    let id = candidate(&company, 1).await;
    let other = company.candidate().await;
    let _events = Events::start(&server).await;
    server.set_clock("2030-12-31T23:59:59.999Z");
    assert_eq!(sweep(&server).await, []);
    server.set_clock("2031-01-01T00:00:00.000Z");
    assert_eq!(sweep(&server).await, [DueOutcome::Expired]);
    pass_over(&server, &other).await;
    last_pass(&server, &other).await;
    server.set_clock("2031-07-19T23:59:59.999Z");
    assert_eq!(sweep(&server).await, []);
    server.set_clock("2031-07-20T00:00:00.000Z");
    assert_eq!(sweep(&server).await, [DueOutcome::Expired]);
    assert_eq!(sweep(&server).await, []);
    pass_over(&server, &id).await;
    assert_nothing_known(&server).await;
    for id in [id, other] {
        assert!(id.parse::<CandidateId>().is_ok());
        let item = server.item(&format!("CANDIDATE#{id}"), "CANDIDATE").await;
        assert_eq!(item["entityType"]["S"], "Tombstone");
    }
}

/// Two sweeps at once, and a deletion by the company beside them, delete once.
#[tokio::test]
async fn two_sweeps_and_a_deletion_erase_once() {
    let server = TestServer::start().await;
    let company = server.company().minutes(300).create().await;
    let id = candidate(&company, 2).await;
    let _events = Events::start(&server).await;
    server.set_clock("2031-07-20T00:00:00.000Z");
    let path = format!("/candidates/{id}");
    let (first, second, deleted) =
        tokio::join!(sweep(&server), sweep(&server), company.request(Method::DELETE, &path).send());
    let by_sweeps = [first, second].concat().iter().filter(|outcome| **outcome == DueOutcome::Expired).count();
    // Two sweeps of one time write the same, and one that meets the other's write takes it for its own, whose answer was
    // lost. What follows is done once all the same.
    assert!(by_sweeps + usize::from(deleted.status == 204) >= 1, "{deleted}");
    pass_over(&server, &id).await;
    assert_nothing_known(&server).await;
    let allowance = company.allowance().await;
    assert_eq!((allowance.reserved_seconds.0, allowance.remaining_seconds.0), (0, 300 * 60));
    Stored::read(&server).await;
}

/// Deliveries that wait in the table, and dead letters, hold no content: an analysis is told as it stands when its time has
/// come, and not at all once it was erased.
#[tokio::test]
async fn what_waits_or_was_given_up_holds_nothing_of_an_erased_candidate() {
    let (server, endpoint) = (TestServer::start().await, WebhookReceiver::start());
    let company = server.company().create().await;
    let webhook = company.webhook(&endpoint).await;
    let events = Events::start(&server).await;
    endpoint.answers(500);
    let id = candidate(&company, 0).await;
    events.quiet().await;
    // The first attempts have failed. The next ones are minutes away.
    events.pass(Duration::from_secs(10)).await;
    let waiting = |items: &[Value]| {
        let kept = items.iter().filter(|item| item["entityType"]["S"] == "WaitingDelivery");
        kept.map(|item| item["job"]["S"].as_str().expect("an order").to_owned()).collect::<Vec<_>>()
    };
    let orders = waiting(&server.all_items().await);
    assert_eq!(orders.len(), 2, "{orders:?}");
    assert!(!orders.iter().any(|order| order.contains("strongPoints")), "{orders:?}");
    delete(&company, &id).await;
    pass_over(&server, &id).await;
    let before = endpoint.posts().len();
    endpoint.answers(200);
    events.pass(Duration::from_secs(60 * 60)).await;
    // The other event has no content, and is told.
    let told: Vec<_> = endpoint.posts().split_off(before).iter().map(|post| post.event()).collect();
    assert_eq!(told, ["interview.completed"]);
    let mut outcomes: Vec<_> = company.deliveries(&webhook.id).await;
    outcomes.sort_by_key(|delivery| delivery["event"].as_str().map(str::to_owned));
    let outcomes: Vec<_> = outcomes.iter().map(|delivery| (&delivery["event"], &delivery["status"])).collect();
    assert_eq!(
        outcomes,
        [(&json!("analysis.completed"), &json!("FAILED")), (&json!("interview.completed"), &json!("SUCCEEDED")),]
    );
    assert_nothing_known(&server).await;
}
