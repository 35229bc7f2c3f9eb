//! The costs of reading, changing, ending and erasing what there is.

use crate::costs::{self, CostRow, call, text};
use crate::event;
use crate::meter::Meter;
use crate::runtime_api::FunctionProcess;
use crate::testbed::Testbed;
use crate::webhooks::{self, NOWHERE};
use anyhow::{Context, Result, ensure};
use chrono::Utc;
use domain::delivery::{Delivery, DeliveryJob, RetrySchedule, WaitingDelivery};
use domain::event::Event;
use domain::time::Timestamp;
use domain::webhook::WebhookId;
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;
use uuid::Uuid;

/// Ids in `events/erase.json`, which stand for those of the testbed.
const COMPANY: &str = "0b8ab9a4-7f2c-4a39-8d7c-1c2b3a4d5e6f";
const CANDIDATE: &str = "00000000-0000-4000-8000-000000000000";
/// The time at which the pass of `events/erase.json` began: that of the deletion.
const DELETED_AT: &str = "2025-11-03T13:06:40.000Z";
/// Things on a full page.
const PAGE: usize = 20;

/// Things that are read, changed and ended.
struct Existing {
    agent: String,
    phone_agent: String,
    job: String,
    /// Assigned to the job.
    candidate: String,
    interview: String,
    test_interview: String,
}

impl Existing {
    /// Creates a page of each kind of thing, the last ones of which are named.
    async fn create(creating: &mut FunctionProcess, testbed: &Testbed) -> Result<Self> {
        let mut last = Value::Null;
        for _ in 0..PAGE {
            last = created(creating, testbed, &costs::inline_interview()).await?;
        }
        let id = |name: &str| text(&last[name]);
        let mut phone = costs::inline_interview();
        phone["agent"]["type"] = json!("PHONE");
        phone["agent"]["companyPhoneNumberId"] = json!(testbed.company.phone_number_id);
        let phone_agent = text(&created(creating, testbed, &phone).await?["agentId"])?;
        let test = json!({"candidateId": id("candidateId")?, "agentId": id("agentId")?, "isTest": true});
        let test_interview = text(&created(creating, testbed, &test).await?["id"])?;
        Ok(Self {
            agent: id("agentId")?,
            phone_agent,
            job: id("jobId")?,
            candidate: id("candidateId")?,
            interview: id("id")?,
            test_interview,
        })
    }
}

async fn created(creating: &mut FunctionProcess, testbed: &Testbed, body: &Value) -> Result<Value> {
    Ok(call(creating, testbed, "POST /interviews", None, Some(body)).await?.0)
}

/// Reads each kind of thing, and a page of each list.
pub async fn read(
    function: &mut FunctionProcess,
    creating: &mut FunctionProcess,
    testbed: &Testbed,
) -> Result<Vec<CostRow>> {
    let existing = Existing::create(creating, testbed).await?;
    let Existing { agent, job, candidate, interview, test_interview, .. } = &existing;
    let mut rows = Vec::new();
    for (name, route) in [
        ("agent", format!("GET /agents/{agent}")),
        ("candidate with a job", format!("GET /candidates/{candidate}")),
        ("job", format!("GET /jobs/{job}")),
        ("interview", format!("GET /interviews/{interview}")),
        ("test interview, with its analysis", format!("GET /interviews/{test_interview}")),
        ("transcript", format!("GET /interviews/{test_interview}/transcript")),
        ("company", "GET /company".to_owned()),
        ("agents, a page of 20", "GET /agents".to_owned()),
        ("agents of a focus, a page of 20", "GET /agents?focus=SCREENING".to_owned()),
        ("candidates, a page of 20", "GET /candidates".to_owned()),
        ("jobs, a page of 20", "GET /jobs".to_owned()),
        ("interviews, a page of 20", "GET /interviews".to_owned()),
        ("interviews of a candidate, two", format!("GET /interviews?candidateId={candidate}")),
        ("interviews for a job, two", format!("GET /interviews?jobId={job}")),
        ("telephone numbers, one", "GET /phone-numbers".to_owned()),
    ] {
        rows.push(CostRow::new(name, call(function, testbed, &route, None, None).await.context(name)?.1));
    }
    Ok(rows)
}

/// Creates, changes and deletes candidates and jobs, changes and deletes agents.
pub async fn manage(
    function: &mut FunctionProcess,
    creating: &mut FunctionProcess,
    testbed: &Testbed,
) -> Result<Vec<CostRow>> {
    let existing = Existing::create(creating, testbed).await?;
    let Existing { agent, phone_agent, job, candidate, .. } = &existing;
    let of_job = {
        let mut body = costs::candidate();
        body["jobId"] = json!(job);
        body
    };
    let mut rows = Vec::new();
    for (name, route, key, body) in [
        ("create a candidate", "POST /candidates".to_owned(), None, Some(costs::candidate())),
        ("create a candidate for a job", "POST /candidates".to_owned(), None, Some(of_job)),
        (
            "create a candidate, with idempotency key",
            "POST /candidates".to_owned(),
            Some("a"),
            Some(costs::candidate()),
        ),
        ("create a candidate, replay", "POST /candidates".to_owned(), Some("a"), Some(costs::candidate())),
        ("create a job", "POST /jobs".to_owned(), None, Some(costs::job())),
        ("change an agent", format!("PATCH /agents/{agent}"), None, Some(json!({"duration": 2}))),
        ("change an agent, to what it is", format!("PATCH /agents/{agent}"), None, Some(json!({"duration": 2}))),
        ("change an agent with a number", format!("PATCH /agents/{phone_agent}"), None, Some(json!({"duration": 2}))),
        (
            "change a candidate's status",
            format!("PATCH /candidates/{candidate}"),
            None,
            Some(json!({"status": "ACCEPTED"})),
        ),
        ("change a candidate's jobs", format!("PATCH /candidates/{candidate}"), None, Some(json!({"jobIds": []}))),
        ("change a job", format!("PATCH /jobs/{job}"), None, Some(json!({"title": "Engineer"}))),
        ("delete an agent", format!("DELETE /agents/{agent}"), None, None),
        ("delete a job", format!("DELETE /jobs/{job}"), None, None),
        ("delete a candidate", format!("DELETE /candidates/{candidate}"), None, None),
    ] {
        let (_, cost) = call(function, testbed, &route, key, body.as_ref()).await.context(name)?;
        rows.push(CostRow::new(name, cost));
    }
    Ok(rows)
}

/// Changes interviews and ends them.
pub async fn end(
    function: &mut FunctionProcess,
    creating: &mut FunctionProcess,
    testbed: &Testbed,
) -> Result<Vec<CostRow>> {
    let existing = Existing::create(creating, testbed).await?;
    let other = text(&created(creating, testbed, &costs::inline_interview()).await?["id"])?;
    let Existing { interview, test_interview, .. } = &existing;
    let mut rows = Vec::new();
    for (name, route, body) in [
        ("change the metadata", format!("PATCH /interviews/{interview}"), Some(json!({"metadata": {"round": 2}}))),
        ("cancel", format!("POST /interviews/{interview}/cancel"), None),
        ("cancel again", format!("POST /interviews/{interview}/cancel"), None),
        ("delete, scheduled", format!("DELETE /interviews/{other}"), None),
        ("delete, cancelled before", format!("DELETE /interviews/{interview}"), None),
        ("delete, a test with its transcript", format!("DELETE /interviews/{test_interview}"), None),
    ] {
        rows.push(CostRow::new(name, call(function, testbed, &route, None, body.as_ref()).await.context(name)?.1));
    }
    Ok(rows)
}

/// Erases what deleted candidates leave behind in their interviews, and ends an erasure.
pub async fn erase(
    function: &mut FunctionProcess,
    creating: &mut FunctionProcess,
    managing: &mut FunctionProcess,
    testbed: &Testbed,
    meter: &Meter,
) -> Result<Vec<CostRow>> {
    let mut rows = Vec::new();
    for (name, interviews, is_test) in [
        ("no interviews", 0, false),
        ("1 scheduled interview", 1, false),
        ("1 test interview", 1, true),
        ("20 scheduled interviews", PAGE, false),
    ] {
        let candidate =
            text(&call(managing, testbed, "POST /candidates", None, Some(&costs::candidate())).await?.0["id"])?;
        for _ in 0..interviews {
            let body = json!({"candidateId": candidate, "agent": costs::agent("GENERIC"), "isTest": is_test});
            created(creating, testbed, &body).await?;
        }
        call(managing, testbed, &format!("DELETE /candidates/{candidate}"), None, None).await?;
        meter.take();
        webhooks::require_done(&function.invoke(&erase_event(testbed, &candidate)?).await?.payload).context(name)?;
        rows.push(CostRow::new(name, meter.take()));
        if interviews == 0 {
            webhooks::require_done(&function.invoke(&last_pass_event(testbed, &candidate)?).await?.payload)?;
            rows.push(CostRow::new("the last pass, a minute later", meter.take()));
        }
    }
    Ok(rows)
}

/// A batch of the table's stream: the deletion of that candidate.
pub fn erase_event(testbed: &Testbed, candidate: &str) -> Result<Value> {
    let file = std::fs::read_to_string(Path::new("events/erase.json"))?;
    let text = file.replace(COMPANY, &testbed.company.company_id.to_string()).replace(CANDIDATE, candidate);
    Ok(serde_json::from_str(&text)?)
}

/// The same of the last pass, which began when the index was settled.
fn last_pass_event(testbed: &Testbed, candidate: &str) -> Result<Value> {
    let mut event = erase_event(testbed, candidate)?;
    let image = &mut event["Records"][0]["dynamodb"]["NewImage"];
    ensure!(image["passBeganAt"]["S"] == DELETED_AT, "events/erase.json has another time");
    image["passBeganAt"]["S"] = json!("2025-11-03T13:07:40.000Z");
    image["version"]["N"] = json!("3");
    Ok(event)
}

/// Sweeps when nothing is due, and when deliveries of a webhook are.
pub async fn sweep(
    function: &mut FunctionProcess,
    managing: &mut FunctionProcess,
    testbed: &Testbed,
    meter: &Meter,
) -> Result<Vec<CostRow>> {
    let mut rows = Vec::new();
    for (name, waiting) in
        [("nothing is due", 0), ("1 delivery is due", 1), ("20 deliveries of a webhook are due", PAGE)]
    {
        if waiting > 0 {
            let webhook = webhooks::create(managing, &testbed.company, NOWHERE).await?.parse()?;
            for _ in 0..waiting {
                wait(testbed, webhook).await?;
            }
        }
        meter.take();
        function.invoke(&sweep_event()?).await.context(name)?;
        rows.push(CostRow::new(name, meter.take()));
    }
    Ok(rows)
}

/// The event of the schedule.
pub fn sweep_event() -> Result<Value> {
    Ok(serde_json::from_str(&std::fs::read_to_string(Path::new("events/sweep.json"))?)?)
}

/// Has a delivery wait that was due a second ago.
async fn wait(testbed: &Testbed, webhook: WebhookId) -> Result<()> {
    let now = Timestamp::new(Utc::now());
    let then = Timestamp::new(Utc::now() - Duration::from_secs(1));
    let job = DeliveryJob::new(&Event::ping(webhook, Uuid::new_v4(), then)?, webhook);
    let delivery = Delivery { next_attempt_at: Some(then), ..Delivery::new(&job, then) };
    let waiting = WaitingDelivery::new(&delivery, serde_json::to_string(&job)?, now, &RetrySchedule::STANDARD);
    let mut session = testbed.store.session();
    session.write_delivery(None, &delivery).await?;
    Ok(session.hold_delivery(&waiting, then).await?)
}

/// The deletion of a new candidate, as the stream tells it.
pub async fn deleted_candidate(managing: &mut FunctionProcess, testbed: &Testbed) -> Result<Value> {
    let key = &testbed.company.api_key;
    let created = managing.invoke(&event::post("/candidates", key, None, &costs::candidate())?).await?;
    costs::require_created(&created)?;
    let candidate = text(&created.body()["id"])?;
    let deleted =
        managing.invoke(&event::request("DELETE", &format!("/candidates/{candidate}"), key, None, None)?).await?;
    ensure!(deleted.status() == 204, "answered {}", deleted.payload);
    erase_event(testbed, &candidate)
}
