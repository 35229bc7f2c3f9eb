//! The posts to subscribers: the document's `webhooks`.

use anyhow::Context;
use domain::agent::Focus;
use domain::analysis::{Analysis, AnalysisStatus};
use domain::event::{Event, EventBody, EventType};
use domain::interview::{Interview, InterviewId, InterviewStatus, TEST_DURATION_MINUTES};
use domain::{StringEnum as _, Versioned};
use serde_json::{Value as Json, json};
use serde_norway::{Mapping, Value};
use uuid::Uuid;

use crate::answers::{JSON, mapping, parsed};
use crate::ids;
use crate::order::ordered;
use crate::schemas::reference;

/// The interview that the documented analysis is made for.
const ANALYSED: InterviewId = InterviewId::new(Uuid::from_u128(0x4e06_3274_e292_5945_b39d_7cd0_58da_4d09));

/// The meaning of an endpoint's answers.
const ANSWERS: [(&str, &str); 4] = [
    (
        "2XX",
        "The event has been taken. Only this, within 15 seconds, is success; the body does not matter, but for a ping with a `challenge`, which proves the address if the body is the challenge.",
    ),
    (
        "3XX",
        "A failure: a redirect (301, 302, 303, 307, 308) is not followed. The event is posted again later, under the \
         same `webhook-id`.",
    ),
    ("410", "Nobody is there any more: the webhook is paused, with `pauseReason` GONE, and the event waits meanwhile."),
    (
        "default",
        "A failure. The event is posted again later, under the same `webhook-id`, but not before what a `Retry-After` \
         (seconds or a date, up to 12 hours) asks for.",
    ),
];

/// The name of the schema of an event's body.
fn schema_name(event: EventType) -> String {
    format!("{event:?}Event")
}

/// The occasion on which an event is announced.
fn occasion(event: EventType) -> &'static str {
    match event {
        EventType::InterviewStarted => "An interview has begun",
        EventType::InterviewCompleted => "An interview has come to its end",
        EventType::InterviewFailed => "An interview could not be held, or broke off",
        EventType::AnalysisCompleted => "An interview was analysed",
        EventType::AnalysisFailed => "An interview could not be analysed",
        EventType::Ping => "Somebody tries a webhook",
    }
}

/// The schemas of the posts.
pub(crate) fn schemas() -> Vec<(String, Json)> {
    EventType::ACCEPTED.iter().map(|event| (schema_name(*event), schema(*event))).collect()
}

fn schema(event: EventType) -> Json {
    let data = match event {
        EventType::Ping => reference("PingData"),
        EventType::AnalysisCompleted => {
            json!({"allOf": [reference("InterviewEventData")], "required": ["analysis"]})
        }
        EventType::InterviewStarted
        | EventType::InterviewCompleted
        | EventType::InterviewFailed
        | EventType::AnalysisFailed => reference("InterviewEventData"),
    };
    json!({
        "type": "object",
        "description": format!("{}.", occasion(event)),
        "required": ["event", "timestamp", "deliveryId", "data"],
        "properties": {
            "event": {"type": "string", "enum": [event]},
            "timestamp": {"type": "string", "format": "date-time", "description": "When it happened."},
            "deliveryId": {
                "$ref": reference("Id")["$ref"],
                "description": "Identifies the delivery, the same at each attempt; also the header `webhook-id`.",
            },
            "data": data,
        },
    })
}

/// The section of the document.
pub(crate) fn webhooks() -> anyhow::Result<Value> {
    let mut webhooks = Mapping::new();
    for event in EventType::ACCEPTED {
        webhooks.insert(event.as_str().into(), mapping([("post", operation(*event)?)]));
    }
    Ok(webhooks.into())
}

fn operation(event: EventType) -> anyhow::Result<Value> {
    let reference_to = |kind: &str, name: &str| mapping([("$ref", format!("#/components/{kind}/{name}").into())]);
    let headers = ["webhook-id", "webhook-timestamp", "webhook-signature", "User-Agent"];
    let headers: Vec<Value> = headers.iter().map(|name| reference_to("parameters", name)).collect();
    let example = mapping([("summary", occasion(event).into()), ("value", parsed(&example(event)?)?)]);
    let content = mapping([
        ("schema", ordered(&reference(&schema_name(event)))),
        ("examples", mapping([(event.as_str(), example)])),
    ]);
    let answers =
        ANSWERS.iter().map(|(status, meaning)| (Value::from(*status), mapping([("description", (*meaning).into())])));
    Ok(mapping([
        ("operationId", event.as_str().replace('.', "_").into()),
        ("tags", Value::Sequence(vec!["Events".into()])),
        ("summary", occasion(event).into()),
        ("security", Value::Sequence(Vec::new())),
        ("parameters", headers.into()),
        ("requestBody", mapping([("required", true.into()), ("content", mapping([(JSON, content)]))])),
        ("responses", answers.collect::<Mapping>().into()),
    ]))
}

/// The body of a post, as JSON text.
fn example(event: EventType) -> anyhow::Result<String> {
    let now = ids::now()?;
    let told = match event {
        EventType::Ping => Event::ping(ids::WEBHOOK, Uuid::nil(), now)?,
        other => {
            let changed = Versioned { version: 2, value: interview(other)? };
            let announced = Event::of_change(None, &changed)?;
            announced.into_iter().find(|announced| announced.r#type == event).context("an event")?
        }
    };
    let delivery_id = told.delivery_to(ids::WEBHOOK);
    let body = EventBody { event, timestamp: told.occurred_at, delivery_id, data: &told.data };
    Ok(serde_json::to_string(&body)?)
}

/// An interview to which that has happened.
fn interview(event: EventType) -> anyhow::Result<Interview> {
    let now = ids::now()?;
    let mut analysis = Analysis::mock(ANALYSED, Focus::Screening, &[], now);
    let (status, analysis, is_test) = match event {
        EventType::InterviewStarted => (InterviewStatus::InProgress, None, false),
        EventType::InterviewFailed => (InterviewStatus::Failed, None, false),
        EventType::AnalysisFailed => {
            analysis.general.status = AnalysisStatus::Failed;
            (InterviewStatus::Completed, Some(analysis), false)
        }
        EventType::InterviewCompleted | EventType::AnalysisCompleted | EventType::Ping => {
            (InterviewStatus::Completed, Some(analysis), true)
        }
    };
    Ok(Interview {
        id: ids::INTERVIEW,
        company_id: ids::COMPANY,
        candidate_id: ids::CANDIDATE,
        agent_id: ids::AGENT,
        job_id: Some(ids::JOB),
        status,
        scheduled_at: now,
        duration_minutes: TEST_DURATION_MINUTES,
        started_at: None,
        deadline: None,
        focus: None,
        failure_reason: None,
        finished_date: Some(now),
        metadata: None,
        call_attempts: None,
        analysis,
        analysed: None,
        transcript_available: false,
        is_test,
        reservation: None,
        settlement: None,
        cancel_requested_at: None,
        deleted_at: None,
        erased_at: None,
        created_at: now,
        updated_at: now,
    })
}
