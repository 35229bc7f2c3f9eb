//! An SQS of which each answer is given.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use queue::{OutgoingMessage, Queue};
use serde_json::{Value, json};

/// The answer to a request.
#[derive(Clone)]
pub enum Answer {
    /// Every message is taken.
    Taken,
    /// Messages with these bodies are not, for that code; `true` if by the sender's fault.
    Except(Vec<&'static str>, &'static str, bool),
    /// Messages are taken, and those with these bodies not mentioned.
    Forgotten(Vec<&'static str>),
    /// The whole request fails.
    Failed(u16, &'static str),
}

/// A request: its operation and its body.
pub type Request = (String, Value);

#[derive(Clone)]
pub struct Sqs {
    pub queue: Queue,
    answers: Arc<Mutex<VecDeque<Answer>>>,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Sqs {
    /// Gives these answers in turn, and takes everything afterwards.
    pub async fn answering(answers: impl IntoIterator<Item = Answer>) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/000000000000/deliveries", listener.local_addr().unwrap());
        let http_client = aws_smithy_http_client::Builder::new().build_http();
        let sqs = Self {
            queue: Queue::at_endpoint(&url, http_client).await,
            answers: Arc::new(Mutex::new(answers.into_iter().collect())),
            requests: Arc::default(),
        };
        let router = axum::Router::new().fallback(answer).with_state(sqs.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        sqs
    }

    /// The requests until now.
    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    /// The bodies of the messages of each request until now.
    pub fn batches(&self) -> Vec<Vec<String>> {
        let bodies = |request: &Request| {
            assert_eq!(request.0, "AmazonSQS.SendMessageBatch");
            request.1["Entries"].as_array().unwrap().iter().map(|entry| text(&entry["MessageBody"])).collect()
        };
        self.requests().iter().map(bodies).collect()
    }
}

async fn answer(State(sqs): State<Sqs>, headers: HeaderMap, body: Bytes) -> (StatusCode, String) {
    let operation = headers["x-amz-target"].to_str().unwrap().to_owned();
    let request: Value = serde_json::from_slice(&body).unwrap();
    sqs.requests.lock().unwrap().push((operation.clone(), request.clone()));
    let answer = sqs.answers.lock().unwrap().pop_front().unwrap_or(Answer::Taken);
    if let Answer::Failed(status, code) = answer {
        let body = json!({"__type": format!("com.amazonaws.sqs#{code}"), "message": "as the test wants it"});
        return (StatusCode::from_u16(status).unwrap(), body.to_string());
    }
    let mut successful = Vec::new();
    let mut failed = Vec::new();
    for entry in request["Entries"].as_array().into_iter().flatten() {
        let body = text(&entry["MessageBody"]);
        match &answer {
            Answer::Except(bodies, code, fault) if bodies.contains(&body.as_str()) => {
                failed.push(json!({"Id": entry["Id"], "Code": code, "SenderFault": fault, "Message": "no"}));
            }
            Answer::Forgotten(bodies) if bodies.contains(&body.as_str()) => {}
            _ => successful.push(json!({"Id": entry["Id"], "MessageId": "1", "MD5OfMessageBody": "0"})),
        }
    }
    (StatusCode::OK, json!({"Successful": successful, "Failed": failed}).to_string())
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// Messages with these bodies.
pub fn messages<'a>(bodies: impl IntoIterator<Item = &'a str>) -> Vec<OutgoingMessage> {
    let message = |body: &str| OutgoingMessage { body: body.to_owned(), group: "group".to_owned() };
    bodies.into_iter().map(message).collect()
}
