//! The life of interviews: they start, are handed over, end by a result or without one, whatever happens on the way.

mod at_once;
mod dead_letters;
mod faults;
mod start;
mod told;

use std::time::Duration;

use aws_lambda_events::sqs::SqsEvent;
use local::sqs::{Message, QueueName, ReceiveOptions};
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Company, Events, TestServer, WebhookReceiver, body};

/// All events that there are of interviews.
const EVENTS: [&str; 5] =
    ["interview.started", "interview.completed", "interview.failed", "analysis.completed", "analysis.failed"];

/// The seconds that an interview of the tests' agents reserves.
const RESERVED: i64 = 1_800;

/// A server whose interviews take place, and a company that hears of them.
struct Life {
    server: TestServer,
    company: Company,
    endpoint: WebhookReceiver,
    events: Events,
}

impl Life {
    async fn start() -> Self {
        let server = TestServer::start().await;
        let company = server.company().minutes(600).create().await;
        Self::of(server, company).await
    }

    async fn of(server: TestServer, company: Company) -> Self {
        let endpoint = WebhookReceiver::start();
        let webhook = json!({"url": endpoint.url(), "events": EVENTS});
        company.created("/webhooks", &webhook).await;
        let events = Events::start_interviewing(&server).await;
        Self { server, company, endpoint, events }
    }

    /// The id of a new interview that is due in an hour.
    async fn scheduled(&self) -> String {
        let at = self.server.after(chrono::TimeDelta::hours(1));
        self.company.created("/interviews", &body::with(body::interview(), json!({"scheduleTime": at}))).await.id()
    }

    /// The id of an interview that has started, and was handed over.
    async fn running(&self) -> String {
        let id = self.company.created("/interviews", &body::interview()).await.id();
        self.events.quiet().await;
        self.stream_handled(&id).await;
        id
    }

    /// Waits until the stream has started an interview that begins at once, and handed it over.
    async fn stream_handled(&self, id: &str) {
        while self.stored(id).await["status"]["S"] == "SCHEDULED" {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        self.settled().await;
    }

    /// Waits until all that was written is published and delivered.
    async fn settled(&self) {
        self.events.published().await;
    }

    /// Lets time pass, and sweeps.
    async fn pass(&self, time: Duration) {
        self.server.pass(time);
        self.sweep().await;
    }

    async fn sweep(&self) {
        self.server.functions().clone().sweep_interviews().await;
        self.settled().await;
    }

    /// An interview's item.
    async fn stored(&self, id: &str) -> Value {
        self.server.item(&format!("INTERVIEW#{id}"), "INTERVIEW").await
    }

    /// An interview as its company sees it.
    async fn shown(&self, id: &str) -> Value {
        self.company.get(&format!("/interviews/{id}")).answered(200).await.body
    }

    /// Records results, in one batch. Returns how many of them are to come back.
    async fn record(&self, results: &[Value]) -> usize {
        let left = record(&self.server, results).await;
        self.settled().await;
        left
    }

    /// The messages by which interviews were handed over, which stay in the queue.
    async fn starts(&self) -> Vec<Value> {
        let messages = messages(&self.server, QueueName::InterviewStarts).await;
        messages.iter().map(|message| serde_json::from_str(&message.body).expect("JSON")).collect()
    }

    /// The events that the company was told of an interview, in order of their times, and of [`EVENTS`] within one.
    fn told(&self, id: &str) -> Vec<&'static str> {
        let posts = self.endpoint.posts().into_iter().filter(|post| post.interview_id() == id);
        let place = |event: String| EVENTS.iter().position(|known| *known == event).expect("an event");
        let mut told: Vec<_> = posts.map(|post| (post.json()["timestamp"].to_string(), place(post.event()))).collect();
        told.sort_unstable();
        told.into_iter().map(|(_, place)| EVENTS[place]).collect()
    }

    /// Seconds that are reserved, used and left.
    async fn books(&self) -> (i64, i64, i64) {
        let allowance = self.company.allowance().await;
        let (reserved, used, left) = (allowance.reserved_seconds, allowance.used_seconds, allowance.remaining_seconds);
        assert_eq!(reserved + used + left, allowance.granted_seconds, "{allowance:?}");
        (reserved.0, used.0, left.0)
    }

    /// Interviews and seconds in the company's usage, over all days and focuses.
    async fn usage(&self) -> (i64, i64) {
        usage(&self.server).await
    }
}

/// Interviews and seconds in the usage of all companies.
async fn usage(server: &TestServer) -> (i64, i64) {
    let items = server.all_items().await;
    let sum = |suffix: &str| {
        let counts = items.iter().filter(|item| item["entityType"]["S"] == "Usage").flat_map(|item| {
            let attributes = item.as_object().expect("an item").iter();
            attributes.filter(|(name, _)| name.ends_with(suffix)).map(|(_, value)| number(value))
        });
        counts.sum::<i64>()
    };
    (sum("Interviews"), sum("Seconds"))
}

fn number(value: &Value) -> i64 {
    value["N"].as_str().and_then(|digits| digits.parse().ok()).unwrap_or_else(|| panic!("no number: {value}"))
}

/// All messages of a queue, which stay in it.
async fn messages(server: &TestServer, queue: QueueName) -> Vec<Message> {
    let mut all = Vec::new();
    loop {
        let options = ReceiveOptions::new(10, Duration::from_secs(1));
        let received = server.queues().receive(queue, options, Duration::ZERO).await.expect("messages");
        if received.is_empty() {
            server.pass(Duration::from_secs(1));
            return all;
        }
        all.extend(received);
    }
}

/// Has results recorded, in one batch. Returns how many of them are to come back.
async fn record(server: &TestServer, results: &[Value]) -> usize {
    let message =
        |(number, result): (usize, &Value)| json!({"messageId": number.to_string(), "body": result.to_string()});
    let records: Vec<_> = results.iter().enumerate().map(message).collect();
    let batch: SqsEvent = serde_json::from_value(json!({"Records": records})).expect("an event");
    server.functions().clone().record_result(batch).await.batch_item_failures.len()
}

/// The result of an interview that took so many seconds.
fn completed(id: &str, seconds: f64) -> Value {
    json!({
        "version": 1, "interviewId": id, "event": "completed",
        "startedAt": "2026-05-15T11:00:00Z", "endedAt": "2026-05-15T11:30:00.5Z", "durationSeconds": seconds,
        "transcript": [
            {"speaker": "AGENT", "text": "Good morning.", "startSeconds": 0, "endSeconds": 2},
            {"speaker": "CANDIDATE", "text": "plays-the-bassoon", "startSeconds": 3, "endSeconds": 5},
        ],
    })
}

fn failed(id: &str, reason: &str) -> Value {
    json!({"version": 1, "interviewId": id, "event": "failed", "reason": reason})
}

fn analysis(id: &str) -> Value {
    json!({
        "version": 1, "interviewId": id, "event": "analysis.completed",
        "analysis": {
            "general": {
                "overallRating": 71, "companyFitRating": "MEDIUM", "education": "A school.", "experience": "Some years.",
                "strongPoints": ["bassoon"], "weakPoints": [], "evaluation": ["Answered."],
            },
            "specific": {
                "kind": "SCREENING",
                "conversationCheck": {"candidateInterest": true, "conversationCompleted": true},
                "scores": {"communication": 70, "motivation": 71, "experience": 72, "language": 73},
                "recommendation": "ADVANCE", "strongPoints": ["bassoon"], "weakPoints": [],
            },
        },
    })
}

fn analysis_failed(id: &str) -> Value {
    json!({"version": 1, "interviewId": id, "event": "analysis.failed", "reason": "silence"})
}

async fn delete(company: &Company, path: &str) {
    company.request(Method::DELETE, path).answered(204).await;
}
