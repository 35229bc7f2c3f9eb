//! Endpoints that webhooks post to: one that works, and those that do not.

use anyhow::Result;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use local::http::Serving;
use serde_json::Value;
use std::net::TcpListener;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// What an endpoint does about a post.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reaction {
    /// It takes it.
    Takes,
    /// It never answers.
    Hangs,
    /// It answers 500.
    Fails,
    /// It sends whoever posts elsewhere.
    Redirects,
}

/// A post that arrived.
#[derive(Debug, Clone)]
pub struct ReceivedPost {
    /// When its last byte had come.
    pub at: Instant,
    /// Its body.
    pub body: Value,
}

/// A server on a port of its own, in this process.
pub struct WebhookReceiver {
    served: Serving,
    posts: Arc<Mutex<Vec<ReceivedPost>>>,
}

impl WebhookReceiver {
    /// Starts one.
    pub fn start(reaction: Reaction) -> Result<WebhookReceiver> {
        let posts = Arc::<Mutex<Vec<ReceivedPost>>>::default();
        let router = Router::new().fallback(receive).with_state((reaction, Arc::clone(&posts)));
        Ok(WebhookReceiver { served: Serving::start(TcpListener::bind("127.0.0.1:0")?, router)?, posts })
    }

    /// Where it is.
    pub fn url(&self) -> String {
        format!("{}/hooks", self.served.url())
    }

    /// What has arrived so far.
    pub fn posts(&self) -> Vec<ReceivedPost> {
        self.posts.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How much has arrived so far.
    pub fn count(&self) -> usize {
        self.posts.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}

async fn receive(State((reaction, posts)): State<(Reaction, Arc<Mutex<Vec<ReceivedPost>>>)>, body: Bytes) -> Response {
    let post = ReceivedPost { at: Instant::now(), body: serde_json::from_slice(&body).unwrap_or_default() };
    posts.lock().unwrap_or_else(PoisonError::into_inner).push(post);
    match reaction {
        Reaction::Takes => StatusCode::NO_CONTENT.into_response(),
        Reaction::Hangs => std::future::pending().await,
        Reaction::Fails => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Reaction::Redirects => (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, "/elsewhere")]).into_response(),
    }
}
