//! Endpoints that webhooks post to: a test says how they react, and the posts that arrive are kept.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use local::http::Serving;
use serde_json::Value;
use standardwebhooks::Webhook;
use tokio::sync::Notify;
use tokio::time::timeout;

use crate::document;
use crate::server::free_port;

/// The longest wait for posts. They take milliseconds, unless something is broken.
const TIMEOUT: Duration = Duration::from_secs(60);

/// The reaction of an endpoint to a post.
#[derive(Clone)]
pub enum Reaction {
    /// An answer with that status.
    Status(u16),
    /// An answer with that status, that header and that body.
    Answer(u16, &'static str, String, String),
    /// An answer with that status, and with a body that is made from the post; not before the test notifies, if it does.
    Reply { until: Option<Arc<Notify>>, status: u16, body: fn(&ReceivedPost) -> String },
    /// No answer before the test notifies, and then one with that status.
    Hang(Arc<Notify>, u16),
}

/// A post that arrived.
#[derive(Debug, Clone)]
pub struct ReceivedPost {
    /// The path and the query.
    pub path: String,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, as it came.
    pub body: String,
}

impl ReceivedPost {
    /// The body, parsed.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("JSON")
    }

    /// Panics unless headers and body are as the OpenAPI document says.
    pub fn check(&self) {
        document::check_post(&self.headers, &self.json());
    }

    /// The type of the event.
    pub fn event(&self) -> String {
        self.json()["event"].as_str().expect("an event").to_owned()
    }

    /// The id of the delivery, in the body and in the header alike.
    pub fn delivery_id(&self) -> String {
        let id = self.json()["deliveryId"].as_str().expect("an id").to_owned();
        assert_eq!(self.headers["webhook-id"], id.as_str(), "one delivery, two ids");
        id
    }

    /// The interview that the post tells of.
    pub fn interview_id(&self) -> String {
        self.json()["data"]["interviewId"].as_str().expect("an interview").to_owned()
    }

    /// True if one of the post's signatures was made with that secret. The post's age is not checked: clocks in tests
    /// stand still.
    pub fn is_signed_with(&self, secret: &str) -> bool {
        let text = |name: &str| self.headers[name].to_str().expect("text").to_owned();
        let timestamp = text("webhook-timestamp").parse().expect("seconds");
        let expected =
            Webhook::new(secret).expect("a secret").sign(&text("webhook-id"), timestamp, self.body.as_bytes());
        text("webhook-signature").split(' ').any(|signature| signature == expected.as_ref().expect("a signature"))
    }

    /// The number of signatures.
    pub fn signatures(&self) -> usize {
        self.headers["webhook-signature"].to_str().expect("text").split(' ').count()
    }
}

struct Parts {
    posts: Mutex<Vec<ReceivedPost>>,
    arrived: Notify,
    reaction: Mutex<Arc<dyn Fn(usize) -> Reaction + Send + Sync>>,
}

/// A receiver on a port of its own, which ends when it is dropped. Answers 204 until told otherwise.
pub struct WebhookReceiver {
    parts: Arc<Parts>,
    served: Serving,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl WebhookReceiver {
    /// Starts a receiver.
    pub fn start() -> Self {
        let reaction: Arc<dyn Fn(usize) -> Reaction + Send + Sync> = Arc::new(|_| Reaction::Status(204));
        let parts = Arc::new(Parts { posts: Mutex::default(), arrived: Notify::new(), reaction: Mutex::new(reaction) });
        let router = Router::new().fallback(receive).with_state(parts.clone());
        Self { parts, served: Serving::start(free_port(), router).expect("a server") }
    }

    /// The URL to post to.
    pub fn url(&self) -> String {
        format!("{}/hooks", self.served.url())
    }

    /// Sets the reaction to each post from now on, by the post's number, which counts from 0.
    pub fn reacts(&self, reaction: impl Fn(usize) -> Reaction + Send + Sync + 'static) {
        *locked(&self.parts.reaction) = Arc::new(reaction);
    }

    /// Answers every post from now on with that status.
    pub fn answers(&self, status: u16) {
        self.reacts(move |_| Reaction::Status(status));
    }

    /// The posts that have arrived so far.
    pub fn posts(&self) -> Vec<ReceivedPost> {
        locked(&self.parts.posts).clone()
    }

    /// Waits until so many posts have arrived, and returns all.
    pub async fn received(&self, count: usize) -> Vec<ReceivedPost> {
        let arrived = async {
            loop {
                let mut notified = std::pin::pin!(self.parts.arrived.notified());
                notified.as_mut().enable();
                if locked(&self.parts.posts).len() >= count {
                    return self.posts();
                }
                notified.await;
            }
        };
        match timeout(TIMEOUT, arrived).await {
            Ok(posts) => posts,
            Err(_) => panic!("{} posts arrived, expected {count}", self.posts().len()),
        }
    }
}

async fn receive(State(parts): State<Arc<Parts>>, request: axum::extract::Request) -> Response {
    let (head, body) = request.into_parts();
    let body: Bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
    let path = head.uri.path_and_query().map(ToString::to_string).unwrap_or_default();
    let post = ReceivedPost { path, headers: head.headers, body: String::from_utf8_lossy(&body).into_owned() };
    let number = {
        let mut posts = locked(&parts.posts);
        posts.push(post);
        posts.len() - 1
    };
    parts.arrived.notify_waiters();
    let reaction = locked(&parts.reaction).clone();
    match reaction(number) {
        Reaction::Status(status) => status_code(status).into_response(),
        Reaction::Answer(status, name, value, body) => (status_code(status), [(name, value)], body).into_response(),
        Reaction::Reply { until, status, body } => {
            let body = body(&locked(&parts.posts)[number]);
            if let Some(until) = until {
                until.notified().await;
            }
            (status_code(status), body).into_response()
        }
        Reaction::Hang(until, status) => {
            until.notified().await;
            status_code(status).into_response()
        }
    }
}

fn status_code(status: u16) -> StatusCode {
    StatusCode::from_u16(status).expect("a status")
}
