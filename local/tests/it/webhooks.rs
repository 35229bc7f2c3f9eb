//! Events on their way: from an interview to the receiver that anybody can start.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::program::{Program, command, error_line};

/// `listen`, once it is ready. Killed when dropped.
struct Receiver {
    child: Child,
    lines: BufReader<ChildStdout>,
    url: String,
}

impl Receiver {
    fn start(arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_local"));
        command.args(["listen", "--port", "0"]).args(arguments).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut ready = String::new();
        lines.read_line(&mut ready).unwrap();
        let url = ready.trim().strip_prefix("listening: ").unwrap().to_owned();
        Self { child, lines, url }
    }

    /// The head line of the next delivery, and its body.
    fn delivery(&mut self) -> (Vec<String>, Value) {
        let mut line = || {
            let mut line = String::new();
            self.lines.read_line(&mut line).unwrap();
            line
        };
        let head = line().trim().split("  ").map(str::to_owned).collect();
        let mut body = String::new();
        while !body.ends_with("\n    }\n") {
            body += &line();
        }
        (head, serde_json::from_str(&body).unwrap())
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Creates a webhook.
async fn create_webhook(program: &Program, url: &str) -> Value {
    let events = ["interview.completed", "analysis.completed"];
    let created = program.post("/webhooks", "a-webhook", &json!({ "url": url, "events": events })).await;
    assert_eq!(created.status(), 201);
    created.json().await.unwrap()
}

/// Creates a test interview, and gives its id.
async fn create_test_interview(program: &Program, name: &str) -> String {
    let interview = json!({
        "isTest": true,
        "candidate": {
            "firstName": "Ada", "lastName": "Novak", "email": "ada@example.com", "gdprExpiryDate": "2999-01-01",
        },
        "agent": { "name": "First", "type": "ONLINE", "focus": "GENERIC", "language": "EN", "duration": 15 },
    });
    let created = program.post("/interviews", name, &interview).await;
    assert_eq!(created.status(), 201);
    let interview: Value = created.json().await.unwrap();
    interview["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn both_events_of_a_test_interview_arrive_verified() {
    let program = Program::ephemeral();
    // The receiver must be told the webhook's secret, and the webhook the receiver's port.
    let webhook = create_webhook(&program, "https://example.com/").await;
    let mut receiver = Receiver::start(&["--secret", webhook["signingSecret"].as_str().unwrap()]);
    let webhook = format!("{}/webhooks/{}", program.api, webhook["id"].as_str().unwrap());
    let changed = reqwest::Client::new().patch(webhook).bearer_auth(&program.api_key);
    assert_eq!(changed.json(&json!({ "url": receiver.url })).send().await.unwrap().status(), 200);
    let interview = create_test_interview(&program, "an-interview").await;

    let mut deliveries = [receiver.delivery(), receiver.delivery()];
    deliveries.sort_by_key(|(_, body)| body["event"].to_string());
    for ((head, body), event) in deliveries.iter().zip(["analysis.completed", "interview.completed"]) {
        assert_eq!(head[1..], [event, body["deliveryId"].as_str().unwrap(), "verified"]);
        assert_eq!(body["event"], event);
        assert_eq!(body["data"]["interviewId"], interview.as_str());
    }
}

#[tokio::test]
async fn a_kill_loses_no_event_of_what_was_answered() {
    let folder = tempfile::tempdir().unwrap();
    let first = Program::on(folder.path());
    let mut receiver = Receiver::start(&[]);
    create_webhook(&first, &receiver.url).await;
    let mut interviews = Vec::new();
    for number in 0..5 {
        interviews.push(create_test_interview(&first, &format!("interview-{number}")).await);
    }
    // Right after the last answer: of its events, some are in the stream still, and some in the queue.
    first.signal("KILL");
    first.end();

    let _second = Program::on(folder.path());
    let mut announced = std::collections::BTreeSet::new();
    while announced.len() < 10 {
        let (_, body) = receiver.delivery();
        announced.insert(format!("{} {}", body["event"], body["data"]["interviewId"]));
    }
    for interview in interviews {
        for event in ["interview.completed", "analysis.completed"] {
            assert!(announced.contains(&format!("\"{event}\" \"{interview}\"")), "{event} {interview}");
        }
    }
}

#[tokio::test]
async fn fast_retries_take_seconds() {
    let program = Program::start(&mut command(&["--ephemeral", "--fast-retries"]));
    let mut receiver = Receiver::start(&["--status", "500"]);
    create_webhook(&program, &receiver.url).await;
    create_test_interview(&program, "an-interview").await;
    let mut attempts = std::collections::BTreeMap::<String, u32>::new();
    // The third attempt is made after some two seconds, and otherwise after five minutes.
    while attempts.values().all(|attempts| *attempts < 3) {
        let (_, body) = receiver.delivery();
        *attempts.entry(body["deliveryId"].to_string()).or_default() += 1;
    }
}

#[tokio::test]
async fn the_receiver_plays_the_endpoint_that_it_is_told_to() {
    let receiver = Receiver::start(&["--status", "503", "--delay", "50ms", "--retry-after", "30"]);
    let answer = reqwest::Client::new().post(format!("{}/any/path", receiver.url)).body("{}").send().await.unwrap();
    assert_eq!(answer.status(), 503);
    assert_eq!(answer.headers()["retry-after"], "30");

    // An answer within a moment would be one without the delay.
    let receiver = Receiver::start(&["--delay", "3600s"]);
    let post = reqwest::Client::new().post(&receiver.url).timeout(Duration::from_millis(100)).body("{}");
    assert!(post.send().await.unwrap_err().is_timeout());

    let receiver = Receiver::start(&[]);
    let answer = reqwest::Client::new().post(&receiver.url).body("{}").send().await.unwrap();
    assert_eq!(answer.status(), 204);
}

#[test]
fn a_receiver_that_cannot_start_says_why_in_a_line() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    for (arguments, reason) in [
        (["--port", &port], format!("port {port} is taken")),
        (["--secret", "whsec_no base64"], "a signing secret has the form whsec_".to_owned()),
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_local"));
        command.arg("listen").args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
        let line = error_line(&mut command);
        assert!(line.contains(&reason), "{line}");
    }
}

#[tokio::test]
async fn the_queues_and_the_key_answer_where_the_program_says() {
    let program = Program::ephemeral();
    let config = aws::at_endpoint(&program.services, local::http_client()).await;
    let listed = aws_sdk_sqs::Client::new(&config).list_queues().send().await.unwrap();
    assert_eq!(listed.queue_urls().len(), 2);
    let key = aws_sdk_kms::Client::new(&config).generate_data_key().key_id(local::kms::MasterKey::ARN);
    key.key_spec("AES_256".into()).send().await.unwrap();
}
