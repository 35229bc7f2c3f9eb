//! The trace id of a request goes along to the log lines of the deliveries that the request led to.

use local::sqs::QueueName;
use serde_json::{Value, json};
use tests::events::ping_jobs;
use tests::{Answer, Company, Events, Request, TestServer, WebhookReceiver, body};

const ID: &str = "1-5759e988-bd862e3fe1be46a994272793";
const OTHER: &str = "1-5759e989-000000000000000000000001";

fn test_interview(company: &Company) -> Request {
    company.post("/interviews").json(&body::with(body::interview(), json!({"isTest": true})))
}

/// The trace ids in the log lines of deliver-webhook, for which each message has one.
fn of_deliveries(server: &TestServer) -> Vec<Value> {
    let lines = server.log().into_iter().map(|line| serde_json::from_str::<Value>(&line).expect("a line in JSON"));
    let delivered = lines.filter(|line| line["function"] == "deliver-webhook" && line["outcome"] == "DELIVERED");
    delivered.map(|line| line["traceId"].clone()).collect()
}

async fn stored(server: &TestServer, interview: &Answer) -> Value {
    server.item(&format!("INTERVIEW#{}", interview.id()), "INTERVIEW").await["traceId"]["S"].clone()
}

#[tokio::test]
async fn a_request_its_interview_and_its_deliveries_have_the_same_trace_id() {
    let (server, endpoint) = (TestServer::start().await, WebhookReceiver::start());
    let events = Events::start(&server).await;
    let company = server.company().create().await;
    company.webhook(&endpoint).await;
    let header = format!("Root={ID};Parent=53995c3f42cd8ad8;Sampled=1");
    let request = || test_interview(&company).idempotent("k");
    let created = request().header("x-amzn-trace-id", &header).answered(201).await;
    endpoint.received(2).await;
    events.quiet().await;
    assert_eq!(created.log["traceId"], ID);
    assert_eq!(stored(&server, &created).await, ID);
    assert_eq!(of_deliveries(&server), [ID, ID]);

    // A repeat is another request: its own line has its own id, the interview keeps its first.
    let repeated = request().header("x-amzn-trace-id", &format!("Root={OTHER}")).answered(201).await;
    assert_eq!((&repeated.log["code"], &repeated.log["traceId"]), (&json!("REPLAYED"), &json!(OTHER)));
    assert_eq!(stored(&server, &created).await, ID);

    // It is for the log alone.
    for post in endpoint.posts() {
        assert!(!format!("{:?} {}", post.headers, post.json()).contains(ID));
    }
    assert!(!created.text.contains(ID));
}

#[tokio::test]
async fn the_gateway_gives_an_id_to_a_request_that_brings_none() {
    let (server, endpoint) = (TestServer::start().await, WebhookReceiver::start());
    let events = Events::start(&server).await;
    let company = server.company().create().await;
    company.webhook(&endpoint).await;
    let created = test_interview(&company).answered(201).await;
    endpoint.received(2).await;
    events.quiet().await;
    let id = &created.log["traceId"];
    assert!(id.as_str().is_some_and(|id| id.starts_with("1-")), "{}", created.log);
    assert_eq!(of_deliveries(&server), [id.clone(), id.clone()]);
}

#[tokio::test]
async fn a_header_of_another_form_is_ignored_and_its_interview_is_announced() {
    let (server, endpoint) = (TestServer::start().await, WebhookReceiver::start());
    let events = Events::start(&server).await;
    let company = server.company().create().await;
    company.webhook(&endpoint).await;
    for (number, header) in ["mark-of-a-caller", "Root=1-5759E988-BD862E3FE1BE46A994272793", ""].into_iter().enumerate()
    {
        let created = test_interview(&company).header("x-amzn-trace-id", header).answered(201).await;
        assert_eq!((created.log.get("traceId"), stored(&server, &created).await), (None, Value::Null), "{header}");
        endpoint.received(2 * (number + 1)).await;
    }
    // One that the gateway has joined of two.
    let twice = test_interview(&company).header("x-amzn-trace-id", &format!("Root={ID}"));
    let created = twice.header("x-amzn-trace-id", &format!("Root={OTHER}")).answered(201).await;
    assert_eq!(created.log.get("traceId"), None);
    endpoint.received(8).await;
    events.quiet().await;
    assert_eq!(of_deliveries(&server), vec![Value::Null; 8]);
    assert!(!server.log().join("\n").contains("mark-of-a-caller"));
}

#[tokio::test]
async fn items_and_messages_with_a_trace_id_that_is_none_are_announced_without_it() {
    let (server, endpoint) = (TestServer::start().await, WebhookReceiver::start());
    let company = server.company().create().await;
    let webhook = company.webhook(&endpoint).await;
    let created = test_interview(&company).answered(201).await;
    let malformed = json!({"traceId": {"S": "of a later version"}});
    server.set_attributes(&format!("INTERVIEW#{}", created.id()), "INTERVIEW", &malformed).await;
    let mut pings = ping_jobs(&server, &webhook, 2);
    for (ping, trace_id) in pings.iter_mut().zip([json!(7), json!(ID)]) {
        ping.body = body::with(serde_json::from_str(&ping.body).unwrap(), json!({"traceId": trace_id})).to_string();
    }
    server.queues().send(QueueName::Deliveries, pings).await.expect("sent");
    let events = Events::start(&server).await;
    endpoint.received(4).await;
    events.quiet().await;
    let delivered = of_deliveries(&server);
    assert_eq!(delivered.len(), 4);
    assert!(delivered.contains(&Value::Null) && delivered.contains(&json!(ID)), "{delivered:?}");
}

#[tokio::test]
async fn a_redelivery_has_the_trace_id_of_the_request_that_asked_for_it() {
    let (server, endpoint) = (TestServer::start().await, WebhookReceiver::start());
    let events = Events::start(&server).await;
    let company = server.company().create().await;
    let webhook = company.webhook(&endpoint).await;
    test_interview(&company).header("x-amzn-trace-id", &format!("Root={ID}")).answered(201).await;
    endpoint.received(2).await;
    events.quiet().await;
    let delivery = company.deliveries(&webhook.id).await[0]["id"].as_str().expect("an id").to_owned();
    let path = format!("/webhooks/{}/deliveries/{delivery}/redeliver", webhook.id);
    company.post(&path).header("x-amzn-trace-id", &format!("Root={OTHER}")).answered(202).await;
    endpoint.received(3).await;
    events.quiet().await;
    assert_eq!(of_deliveries(&server), [ID, ID, OTHER]);
}
