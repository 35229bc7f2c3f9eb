//! Events on their way: from an interview to the receiver that anybody can start.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::slice;
use std::time::Duration;

use serde_json::{Value, json};

use crate::program::{Program, command, error_line};

/// `listen`, once it is ready. Killed when dropped.
struct Receiver {
    child: Child,
    lines: BufReader<ChildStdout>,
    url: String,
    /// The id of its own webhook; empty if it was given the secret of another.
    webhook: String,
}

/// A signing secret.
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

impl Receiver {
    /// One with a webhook of its own.
    fn registered(program: &Program, arguments: &[&str]) -> Self {
        Self::start(&[&["--api", program.api.as_str()], arguments].concat())
    }

    /// One for posts that are signed with [`SECRET`].
    fn of_secret(arguments: &[&str]) -> Self {
        Self::start(&[&["--secret", SECRET], arguments].concat())
    }

    fn start(arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_local"));
        command.args(["listen", "--port", "0"]).args(arguments).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut value = |name: &str| {
            let mut line = String::new();
            lines.read_line(&mut line).unwrap();
            line.trim().strip_prefix(name).unwrap_or_else(|| panic!("not `{name}`: {line}")).to_owned()
        };
        let url = value("listening: ");
        let webhook = if arguments.contains(&"--secret") { String::new() } else { value("webhook: ") };
        Self { child, lines, url, webhook }
    }

    fn port(&self) -> &str {
        self.url.rsplit(':').next().unwrap()
    }

    /// Sends a signal, and waits for the end.
    fn end(mut self, signal: &str) {
        let kill = format!("kill -{signal} {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
        self.child.wait().unwrap();
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

/// The ids of the company's webhooks, oldest first.
async fn webhooks(program: &Program) -> Vec<String> {
    let list = reqwest::Client::new().get(format!("{}/webhooks", program.api)).bearer_auth(&program.api_key);
    let list: Value = list.send().await.unwrap().json().await.unwrap();
    let newest_first = list["items"].as_array().unwrap().iter();
    newest_first.rev().map(|webhook| webhook["id"].as_str().unwrap().to_owned()).collect()
}

/// Posts a body that is signed with [`SECRET`] now.
async fn signed_post(url: &str, timeout: Duration) -> reqwest::Result<reqwest::Response> {
    let now = chrono::Utc::now().timestamp();
    let signature = standardwebhooks::Webhook::new(SECRET).unwrap().sign("d-1", now, b"{}").unwrap();
    let post = reqwest::Client::new().post(url).timeout(timeout).body("{}");
    let post = post.header("webhook-id", "d-1").header("webhook-timestamp", now);
    post.header("webhook-signature", signature).send().await
}

#[tokio::test]
async fn both_events_of_a_test_interview_arrive_verified() {
    let program = Program::ephemeral();
    let mut receiver = Receiver::registered(&program, &[]);
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
async fn a_receiver_s_webhook_ends_with_it_and_one_that_was_killed_leaves_it_to_the_next() {
    let program = Program::ephemeral();
    let before = webhooks(&program).await;
    for signal in ["TERM", "INT", "HUP"] {
        let receiver = Receiver::registered(&program, &["--events", "ping"]);
        assert_eq!(webhooks(&program).await, [before.as_slice(), slice::from_ref(&receiver.webhook)].concat());
        receiver.end(signal);
        assert_eq!(webhooks(&program).await, before, "{signal}");
    }

    let killed = Receiver::registered(&program, &[]);
    let port = killed.port().to_owned();
    killed.end("KILL");
    assert_eq!(webhooks(&program).await.len(), before.len() + 1);
    let arguments = ["listen", "--api", &program.api, "--port", &port];
    let mut child = Command::new(env!("CARGO_BIN_EXE_local")).args(arguments).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let own = lines.nth(1).unwrap().strip_prefix("webhook: ").unwrap().to_owned();
    let with_own = [before, vec![own]].concat();
    assert_eq!(webhooks(&program).await, with_own);
    // Its port is taken, so a second one must not touch its webhook.
    let mut second = Command::new(env!("CARGO_BIN_EXE_local"));
    let line = error_line(second.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()));
    assert!(line.contains("is taken"), "{line}");
    assert_eq!(webhooks(&program).await, with_own);
    child.kill().unwrap();
    child.wait().unwrap();
}

#[tokio::test]
async fn what_cannot_be_verified_is_refused_and_the_webhook_that_posts_it_is_named() {
    let program = Program::ephemeral();
    let mut receiver = Receiver::registered(&program, &["--events", "ping"]);
    let other = create_webhook(&program, &format!("http://localhost:{}/other", receiver.port())).await;
    let other = other["id"].as_str().unwrap();
    for (webhook, status) in [(receiver.webhook.clone(), 204), (other.to_owned(), 401)] {
        let test = reqwest::Client::new().post(format!("{}/webhooks/{webhook}/test", program.api));
        let tested = test.bearer_auth(&program.api_key).send().await.unwrap();
        assert_eq!(tested.json::<Value>().await.unwrap()["httpStatus"], status);
    }
    let own = receiver.delivery().0;
    assert_eq!(own[3], "verified");
    let foreign = receiver.delivery().0;
    let whose = format!("it may be of another webhook of this company that posts here: {other}");
    assert_eq!(foreign[3], format!("NOT verified: signature invalid: {whose}"));
    // Nobody's webhook, so no webhook is named.
    let unsigned = reqwest::Client::new().post(&receiver.url).body("stray").send().await.unwrap();
    assert_eq!(unsigned.status(), 401);
    let reason = "NOT verified: missing header id: this is no delivery of Greenroom's";
    assert_eq!(unsigned.text().await.unwrap(), reason);
}

#[tokio::test]
async fn a_receiver_that_cannot_register_says_why_in_a_line() {
    let program = Program::ephemeral();
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let nobody = format!("http://{nobody}");
    for (arguments, reason) in [
        (["--api", &nobody, "--events", "ping"], "cannot be reached; is `local` running there?"),
        (["--api", "https://example.com", "--events", "ping"], "the address of a server on this machine"),
        (["--api", &program.api, "--api-key", "sk_nonsense"], "answers 401 Unauthorized: "),
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_local"));
        command.args(["listen", "--port", "0"]).args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
        let line = error_line(&mut command);
        assert!(line.contains(reason), "{line}");
        assert!(!line.contains("sk_nonsense"), "{line}");
    }
}

#[tokio::test]
async fn a_kill_loses_no_event_of_what_was_answered() {
    let folder = tempfile::tempdir().unwrap();
    let first = Program::on(folder.path());
    let mut receiver = Receiver::registered(&first, &[]);
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
async fn a_receiver_proves_its_address_where_that_is_asked_for() {
    let program = Program::start(&mut command(&["--ephemeral", "--webhook-challenge"]));
    let mut receiver = Receiver::registered(&program, &["--events", "interview.completed"]);
    let (head, ping) = receiver.delivery();
    assert_eq!((head[1].as_str(), head[3].as_str()), ("ping", "verified"));
    assert!(ping["data"]["challenge"].is_string(), "{ping}");
    let mut line = String::new();
    receiver.lines.read_line(&mut line).unwrap();
    assert_eq!(line, "the address is proven\n");
    let interview = create_test_interview(&program, "proven").await;
    assert_eq!(receiver.delivery().1["data"]["interviewId"], interview);
}

#[tokio::test]
async fn fast_retries_take_seconds() {
    let program = Program::start(&mut command(&["--ephemeral", "--fast-retries"]));
    let mut receiver = Receiver::registered(&program, &["--status", "500"]);
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
    let soon = Duration::from_mins(1);
    let receiver = Receiver::of_secret(&["--status", "503", "--delay", "50ms", "--retry-after", "30"]);
    let answer = signed_post(&format!("{}/any/path", receiver.url), soon).await.unwrap();
    assert_eq!(answer.status(), 503);
    assert_eq!(answer.headers()["retry-after"], "30");

    // An answer within a moment would be one without the delay.
    let receiver = Receiver::of_secret(&["--delay", "3600s"]);
    let post = signed_post(&receiver.url, Duration::from_millis(100)).await;
    assert!(post.unwrap_err().is_timeout());

    let receiver = Receiver::of_secret(&[]);
    assert_eq!(signed_post(&receiver.url, soon).await.unwrap().status(), 204);
    let unsigned = reqwest::Client::new().post(&receiver.url).body("{}").send().await.unwrap();
    assert_eq!(unsigned.status(), 401);
    let reason = "NOT verified: missing header id: this is no delivery of Greenroom's";
    assert_eq!(unsigned.text().await.unwrap(), reason);
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

/// Nothing is registered for a secret, so a key would be of no use. In the environment it may be there for others.
#[tokio::test]
async fn a_secret_and_a_key_contradict_each_other_only_on_the_command_line() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_local"));
    let refused =
        command.args(["listen", "--port", "0", "--secret", SECRET, "--api-key", "sk_nonsense"]).output().unwrap();
    assert_eq!(refused.status.code(), Some(2));
    let reason = String::from_utf8(refused.stderr).unwrap();
    assert!(
        reason.contains("--secret") && reason.contains("cannot be used with") && reason.contains("--api-key"),
        "{reason}"
    );
    assert!(!reason.contains("sk_nonsense"), "{reason}");

    let mut command = Command::new(env!("CARGO_BIN_EXE_local"));
    command.env("GREENROOM_API_KEY", "sk_nonsense").args(["listen", "--port", "0", "--secret", SECRET]);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(line.starts_with("listening: "), "{line}");

    let program = Program::ephemeral();
    let mut command = Command::new(env!("CARGO_BIN_EXE_local"));
    command.env("GREENROOM_API_KEY", "sk_nonsense").args(["listen", "--port", "0", "--api", &program.api]);
    let line = error_line(command.stdout(Stdio::piped()).stderr(Stdio::piped()));
    assert!(line.contains("answers 401 Unauthorized: "), "{line}");
}

#[tokio::test]
async fn the_queues_and_the_key_answer_where_the_program_says() {
    let program = Program::ephemeral();
    let config = aws::at_endpoint(&program.services, local::http_client()).await;
    let listed = aws_sdk_sqs::Client::new(&config).list_queues().send().await.unwrap();
    assert_eq!(listed.queue_urls().len(), 6);
    let key = aws_sdk_kms::Client::new(&config).generate_data_key().key_id(local::kms::MasterKey::ARN);
    key.key_spec("AES_256".into()).send().await.unwrap();
}
