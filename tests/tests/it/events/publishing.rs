//! A batch of the stream: what is published of it, and which record is named when something fails.

use aws_lambda_events::dynamodb::Event;
use local::functions::Functions;
use local::sqs::QueueName;
use serde_json::{Value, json};
use tests::{Company, TestServer, WebhookReceiver};

/// A record of the stream: the interview as it was and as it is, in DynamoDB's notation.
fn record(number: usize, old: Option<&Value>, new: &Value) -> Value {
    let mut record = json!({
        "eventID": number.to_string(), "eventName": if old.is_some() { "MODIFY" } else { "INSERT" },
        "eventSource": "aws:dynamodb", "awsRegion": "local",
        "dynamodb": {
            "ApproximateCreationDateTime": 1_780_000_000, "Keys": {"PK": new["PK"], "SK": new["SK"]}, "NewImage": new,
            "SequenceNumber": format!("{number:021}"), "SizeBytes": 1, "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
    });
    if let Some(old) = old {
        record["dynamodb"]["OldImage"] = old.clone();
    }
    record
}

fn batch(records: &[Value]) -> Event {
    serde_json::from_value(json!({"Records": records})).expect("a batch")
}

/// The record that is named as the first that failed.
async fn failed(functions: &Functions, records: &[Value]) -> Option<usize> {
    let response = functions.clone().publish_events(batch(records)).await;
    let failures: Vec<_> =
        response.batch_item_failures.into_iter().filter_map(|failure| failure.item_identifier).collect();
    assert!(failures.len() <= 1, "{failures:?}");
    failures.first().map(|number| number.parse().expect("a number"))
}

async fn image(company: &Company) -> Value {
    let id = company.test_interview().await;
    company.server().item(&format!("INTERVIEW#{id}"), "INTERVIEW").await
}

async fn ordered(server: &TestServer) -> u64 {
    server.queues().counts(QueueName::Deliveries).await.expect("counts").visible
}

#[tokio::test]
async fn an_unchanged_write_and_what_is_no_interview_are_ignored() {
    let (server, endpoint) = (TestServer::start().await, WebhookReceiver::start());
    let company = server.company().create().await;
    company.webhook(&endpoint).await;
    let interview = image(&company).await;
    let mut touched = interview.clone();
    touched["version"] = json!({"N": "2"});
    let mut unknown = interview.clone();
    unknown["entityType"] = json!({"S": "FromTheFuture"});
    let candidate = format!("CANDIDATE#{}", interview["candidateId"]["S"].as_str().unwrap());
    let candidate = server.item(&candidate, "CANDIDATE").await;
    let records = [
        record(1, Some(&interview), &touched),
        record(2, Some(&interview), &interview),
        record(3, None, &unknown),
        record(4, None, &candidate),
    ];
    assert_eq!(failed(server.functions(), &records).await, None);
    assert_eq!(ordered(&server).await, 0);
    assert_eq!(failed(server.functions(), &[record(5, None, &interview)]).await, None);
    assert_eq!(ordered(&server).await, 2);
}

#[tokio::test]
async fn the_first_record_that_could_not_be_published_is_named_and_what_could_be_is() {
    let (server, endpoint) = (TestServer::start().await, WebhookReceiver::start());
    let (silent, company) = (server.company().create().await, server.company().create().await);
    company.webhook(&endpoint).await;
    let (of_silent, first, second) = (image(&silent).await, image(&company).await, image(&company).await);
    let mut unreadable = second.clone();
    unreadable["status"] = json!({"S": "FROM_THE_FUTURE"});
    let records =
        [record(1, None, &of_silent), record(2, None, &first), record(3, None, &unreadable), record(4, None, &second)];
    assert_eq!(failed(server.functions(), &records).await, Some(3));
    assert_eq!(ordered(&server).await, 4, "the others, before and after");

    // A queue that can't be reached. A record that no webhook is subscribed to does not need it.
    let queue = queue::Queue::at_endpoint("http://127.0.0.1:1/0/deliveries", local::http_client()).await;
    let deaf = Functions { queue, ..server.functions().clone() };
    assert_eq!(failed(&deaf, &records[..2]).await, Some(2));
    assert_eq!(failed(&deaf, &records[..1]).await, None);

    // The subscriptions can't be read: nothing of the batch can be published.
    server.faults().follow(tests::faults::FaultScript::script(
        [(tests::faults::Operation::BatchGetItem, tests::faults::Fault::InternalServerError); 64],
    ));
    assert_eq!(failed(server.functions(), &records[..2]).await, Some(1));
}

#[tokio::test]
async fn a_batch_that_is_repeated_orders_the_same_deliveries() {
    let (server, endpoint) = (TestServer::start().await, WebhookReceiver::start());
    let company = server.company().create().await;
    company.webhook(&endpoint).await;
    let interview = image(&company).await;
    let mut ids = Vec::new();
    for _ in 0..2 {
        assert_eq!(failed(server.functions(), &[record(1, None, &interview)]).await, None);
        let visibility = QueueName::Deliveries.visibility_timeout();
        let receive = local::sqs::ReceiveOptions::new(10, visibility);
        let messages =
            server.queues().receive(QueueName::Deliveries, receive, std::time::Duration::ZERO).await.expect("messages");
        let id = |body: &str| serde_json::from_str::<Value>(body).expect("JSON")["deliveryId"].clone();
        let mut found: Vec<_> = messages.iter().map(|message| id(&message.body).to_string()).collect();
        found.sort();
        ids.push(found);
    }
    assert_eq!(ids[0].len(), 2);
    assert_eq!(ids[0], ids[1]);
}
