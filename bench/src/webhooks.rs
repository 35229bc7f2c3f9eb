//! The costs of events: requests to `/webhooks`, batches of the table's stream, messages of the queue. Batches and
//! messages are made of the files of `events/`.

use crate::company;
use crate::costs::{self, Cost, CostRow, text};
use crate::event;
use crate::meter::Meter;
use crate::receiver::{Reaction, WebhookReceiver};
use crate::runtime_api::FunctionProcess;
use crate::testbed::Testbed;
use anyhow::{Context, Result, ensure};
use chrono::Utc;
use domain::delivery::{Delivery, DeliveryJob};
use domain::event::Event;
use domain::time::Timestamp;
use domain::webhook::{Circuit, Webhook, WebhookId};
use local::demo::DemoCompany;
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;
use uuid::Uuid;

/// Ids in the files of `events/`, which stand for those of the testbed.
const COMPANY: &str = "0b8ab9a4-7f2c-4a39-8d7c-1c2b3a4d5e6f";
const INTERVIEW: &str = "295f520e-8180-4d7f-b5f8-8ef6467a2c0e";
const WEBHOOK: &str = "5d1f7c1e-8a4b-4c57-9d0e-2b6f3a8c9e10";
const DELIVERY: &str = "019a49d3-ab00-8f3a-9b1d-7e2c4d6f8a01";

/// The URL of webhooks that nothing is posted to.
pub const NOWHERE: &str = "http://127.0.0.1:9/hooks";
/// Most records of a batch, as in `template.yaml`.
const BATCH: usize = 100;

/// Sends each request to `/webhooks` once.
pub async fn manage(function: &mut FunctionProcess, testbed: &Testbed) -> Result<Vec<CostRow>> {
    let endpoint = WebhookReceiver::start(Reaction::Accepts)?;
    let mut rows = Vec::new();
    let body = webhook(&endpoint.url());
    let created = call(function, testbed, "POST /webhooks", "", None, Some(&body)).await?;
    let id = text(&created.0["id"])?;
    rows.push(CostRow::new("create, the owner's first", created.1));
    for name in ["create, with idempotency key", "create, replay"] {
        let (_, cost) = call(function, testbed, "POST /webhooks", "", Some("bench"), Some(&body)).await?;
        rows.push(CostRow::new(name, cost));
    }
    let other_name = json!({"name": "Another name"});
    let other_headers = json!({"headers": [{"name": "X-Team", "value": "north"}]});
    let other_events = json!({"events": ["ping"]});
    let delivery = call(function, testbed, "POST /webhooks/{id}/test", &id, None, None).await?;
    rows.push(CostRow::new("test", delivery.1));
    for (name, route, body) in [
        ("list", "GET /webhooks", None),
        ("get", "GET /webhooks/{id}", None),
        ("change the name", "PATCH /webhooks/{id}", Some(&other_name)),
        ("change the events", "PATCH /webhooks/{id}", Some(&other_events)),
        ("change the headers", "PATCH /webhooks/{id}", Some(&other_headers)),
        ("rotate the secret", "POST /webhooks/{id}/rotate-secret", None),
        ("reset the circuit", "POST /webhooks/{id}/reset-circuit", None),
        ("deliveries, one", "GET /webhooks/{id}/deliveries", None),
    ] {
        rows.push(CostRow::new(name, call(function, testbed, route, &id, None, body).await?.1));
    }
    let route = format!("POST /webhooks/{{id}}/deliveries/{}/redeliver", text(&delivery.0["deliveryId"])?);
    rows.push(CostRow::new("redeliver", call(function, testbed, &route, &id, None, None).await?.1));
    // Stored, since no webhook is tested twenty times in a minute.
    let (webhook, now) = (id.parse::<WebhookId>()?, Timestamp::new(Utc::now()));
    for _ in 1..20 {
        let job = DeliveryJob::new(&Event::ping(webhook, Uuid::new_v4(), now)?, webhook);
        testbed.store.session().write_delivery(None, &Delivery::new(&job, now)).await?;
    }
    let (_, cost) = call(function, testbed, "GET /webhooks/{id}/deliveries", &id, None, None).await?;
    rows.push(CostRow::new("deliveries, a page of 20", cost));
    rows.push(CostRow::new("delete", call(function, testbed, "DELETE /webhooks/{id}", &id, None, None).await?.1));
    Ok(rows)
}

/// Publishes batches: of a company without subscribers, of one company and of many.
pub async fn publish(
    function: &mut FunctionProcess,
    managing: &mut FunctionProcess,
    testbed: &Testbed,
    meter: &Meter,
) -> Result<Vec<CostRow>> {
    let unheard = company::create(&testbed.store).await?;
    create(managing, &testbed.company, NOWHERE).await?;
    let mut many = Vec::new();
    for _ in 0..BATCH {
        let company = company::create(&testbed.store).await?;
        create(managing, &company, NOWHERE).await?;
        many.push(company);
    }
    let mut rows = Vec::new();
    for (name, companies) in [
        ("1 record, nobody subscribed", vec![&unheard]),
        ("1 record", vec![&testbed.company]),
        ("100 records of 1 company", vec![&testbed.company; BATCH]),
        ("100 records of 100 companies", many.iter().collect()),
    ] {
        let event = stream_event(&companies)?;
        meter.take();
        require_done(&function.invoke(&event).await?.payload).context(name)?;
        rows.push(CostRow::new(name, meter.take()));
    }
    Ok(rows)
}

/// Delivers messages, one at a time, to endpoints that work and fail, and to circuits in all their states.
pub async fn deliver(
    function: &mut FunctionProcess,
    managing: &mut FunctionProcess,
    testbed: &Testbed,
    meter: &Meter,
) -> Result<Vec<CostRow>> {
    let (working, failing) = (WebhookReceiver::start(Reaction::Accepts)?, WebhookReceiver::start(Reaction::Fails)?);
    let working = create(managing, &testbed.company, &working.url()).await.map(|id| (id, working))?;
    let failing = create(managing, &testbed.company, &failing.url()).await.map(|id| (id, failing))?;
    let (good, bad) = (&working.0, &failing.0);
    let (first, failed, waiting) = (queue_event(good)?, queue_event(bad)?, queue_event(good)?);
    let now = Timestamp::new(Utc::now());
    let later = now.saturating_add(Duration::from_secs(600));
    let once_failed = Circuit { consecutive_failures: 1, failing_since: Some(now), ..Circuit::default() };
    let open = |probe_at| Circuit {
        consecutive_failures: Circuit::FAILURES,
        failing_since: Some(now),
        opened_at: Some(now),
        next_probe_at: Some(probe_at),
    };
    let mut rows = Vec::new();
    for (name, event, circuit, kept) in [
        ("delivered", first.clone(), None, false),
        ("the same message again", first, None, false),
        ("failed", failed.clone(), None, true),
        ("the same message, not yet due", failed, None, true),
        ("delivered, the first after a failure", queue_event(good)?, Some(once_failed), false),
        ("circuit open, put into the table", waiting.clone(), Some(open(later)), false),
        ("the same message again, put there anew", waiting, None, false),
        ("probe, which closes the circuit", queue_event(good)?, Some(open(now)), false),
        ("webhook deleted", queue_event(&Uuid::new_v4().to_string())?, None, false),
    ] {
        if let Some(circuit) = circuit {
            set_circuit(testbed, good, circuit).await?;
        }
        meter.take();
        let answer = function.invoke(&event).await?.payload;
        let is_kept = answer["batchItemFailures"].as_array().is_some_and(|failures| !failures.is_empty());
        ensure!(is_kept == kept, "{name}: answered {answer}");
        rows.push(CostRow::new(name, meter.take()));
    }
    Ok(rows)
}

/// Fails unless the whole batch was handled.
pub fn require_done(answer: &Value) -> Result<()> {
    ensure!(*answer == json!({"batchItemFailures": []}), "answered {answer}");
    Ok(())
}

/// Creates a webhook for the events of a test interview, and returns its id.
pub async fn create(managing: &mut FunctionProcess, company: &DemoCompany, url: &str) -> Result<String> {
    let answer = managing.invoke(&event::post("/webhooks", &company.api_key, None, &webhook(url))?).await?;
    costs::require_created(&answer)?;
    text(&answer.body()["id"])
}

/// A usual webhook.
pub fn webhook(url: &str) -> Value {
    json!({
        "url": url,
        "events": ["interview.completed", "analysis.completed"],
        "name": "Backend",
        "headers": [{"name": "X-Environment", "value": "trial"}],
    })
}

/// A batch of the table's stream: a finished test interview of each of these companies.
pub fn stream_event(companies: &[&DemoCompany]) -> Result<Value> {
    let file = std::fs::read_to_string(Path::new("events/publish-events.json"))?;
    let mut records = Vec::new();
    for (number, company) in companies.iter().enumerate() {
        let text =
            file.replace(COMPANY, &company.company_id.to_string()).replace(INTERVIEW, &Uuid::new_v4().to_string());
        let mut event: Value = serde_json::from_str(&text)?;
        let mut record = event["Records"][0].take();
        record["dynamodb"]["SequenceNumber"] = json!(format!("{}", 400_000_000_000_000 + number));
        records.push(record);
    }
    Ok(json!({"Records": records}))
}

/// A batch of the queue: one event for this webhook, under an id of its own.
pub fn queue_event(webhook: &str) -> Result<Value> {
    let file = std::fs::read_to_string(Path::new("events/deliver-webhook.json"))?;
    let mut event: Value =
        serde_json::from_str(&file.replace(WEBHOOK, webhook).replace(DELIVERY, &Uuid::new_v4().to_string()))?;
    // A message of last year would have waited for too long.
    event["Records"][0]["attributes"]["SentTimestamp"] = json!(Utc::now().timestamp_millis().to_string());
    Ok(event)
}

async fn set_circuit(testbed: &Testbed, webhook: &str, circuit: Circuit) -> Result<()> {
    let mut system = testbed.store.system();
    let stored = system.webhook(webhook.parse::<WebhookId>()?).await?.context("no such webhook")?;
    let changed = Webhook { circuit, ..stored.value.clone() };
    let outcome = system.session.change_webhook(&stored, &changed, None, changed.updated_at).await?;
    ensure!(outcome == store::Updated::Applied, "the webhook has changed");
    Ok(())
}

/// Sends a request about a webhook, which must succeed, and returns the answer's body and the cost.
async fn call(
    function: &mut FunctionProcess,
    testbed: &Testbed,
    route: &str,
    id: &str,
    idempotency_key: Option<&str>,
    body: Option<&Value>,
) -> Result<(Value, Cost)> {
    costs::call(function, testbed, &route.replace("{id}", id), idempotency_key, body).await
}
