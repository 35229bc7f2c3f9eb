//! Requests, each of which names the answer that it expects.

use std::net::{Ipv4Addr, SocketAddr};

use api::ErrorCode;
use axum::body::Bytes;
use local::api_gateway;
use serde_json::Value;
use uuid::Uuid;

use crate::answer::Answer;
use crate::server::TestServer;

/// A request that is being put together.
pub struct Request {
    server: TestServer,
    builder: reqwest::RequestBuilder,
}

impl Request {
    pub(crate) fn new(server: TestServer, builder: reqwest::RequestBuilder) -> Self {
        Self { server, builder }
    }

    /// Shows an API key.
    pub fn key(self, secret: &str) -> Self {
        self.header("authorization", &format!("Bearer {secret}"))
    }

    /// Adds a header; one of the same name stays beside it.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.builder = self.builder.header(name, value);
        self
    }

    /// Sends an `Idempotency-Key`.
    pub fn idempotent(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }

    /// Sends a JSON body.
    pub fn json(self, body: &Value) -> Self {
        self.text(body.to_string())
    }

    /// Sends a body that is declared as JSON, as it stands.
    pub fn text(self, body: impl Into<String>) -> Self {
        self.header("content-type", "application/json").bytes(body.into())
    }

    /// Sends a body of which nothing is declared.
    pub fn bytes(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.builder = self.builder.body(body.into());
        self
    }

    /// The gateway's event of the request.
    pub fn event(self) -> Value {
        event_of(&self.builder.build().expect("a request"))
    }

    /// Sends the request, and expects this status.
    pub async fn answered(self, status: u16) -> Answer {
        let answer = self.send().await;
        assert_eq!(answer.status, status, "{answer}");
        answer
    }

    /// Sends the request, and expects this refusal with its status, and that it leaves nothing behind: the table is
    /// compared as a whole. Where others write at the same time, use [`Request::send`].
    pub async fn refused(self, code: ErrorCode) -> Answer {
        let server = self.server.clone();
        let before = server.all_items().await;
        let answer = self.send().await;
        assert_eq!(server.all_items().await, before, "a refused request changed the table: {answer}");
        assert_eq!(answer.code(), Some(code.as_str()), "{answer}");
        assert_eq!(answer.status, code.status().as_u16(), "{answer}");
        answer
    }

    /// Hands the request to its function as the gateway's event, with a change, and takes any answer that keeps the rules of
    /// all answers. For what comes through the gateway in AWS, but not through a server of HTTP.
    pub async fn send_event(self, change: impl FnOnce(&mut Value)) -> Answer {
        let request = self.builder.build().expect("a request");
        let asked = (request.method().clone(), request.url().path().to_owned());
        let mut event = event_of(&request);
        change(&mut event);
        let logged_before = self.server.log_length();
        let answer = self.server.answer_event(&event).await;
        Answer::checked(&self.server, asked, answer, logged_before).await
    }

    /// Sends the request, and takes any answer that keeps the rules of all answers.
    pub async fn send(self) -> Answer {
        let (client, request) = self.builder.build_split();
        let request = request.expect("a request");
        let asked = (request.method().clone(), request.url().path().to_owned());
        let logged_before = self.server.log_length();
        let answer = client.execute(request).await.expect("an answer");
        Answer::checked(&self.server, asked, answer, logged_before).await
    }
}

/// The gateway's event of a request from this machine.
fn event_of(request: &reqwest::Request) -> Value {
    let url = request.url();
    let body = request.body().and_then(reqwest::Body::as_bytes).unwrap_or_default();
    let mut head = axum::http::Request::builder().method(request.method()).uri(url.as_str());
    for (name, value) in request.headers() {
        head = head.header(name, value);
    }
    let head = head.header("host", url.authority()).body(()).expect("a head").into_parts().0;
    let (peer, id) = (SocketAddr::from((Ipv4Addr::LOCALHOST, 50_000)), Uuid::new_v4().to_string());
    api_gateway::event_of(&head, &Bytes::copy_from_slice(body), peer, &id, chrono::Utc::now())
}
