//! Endpoints that webhooks post to: one that works, and those that do not.

use anyhow::Result;
use axum::http::StatusCode;
use local::http::Serving;
use local::listen::Receiver;
use serde_json::Value;
use std::net::TcpListener;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// An endpoint's reaction to a post.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reaction {
    Accepts,
    Hangs,
    Fails,
    Redirects,
}

/// A post that arrived.
#[derive(Debug, Clone)]
pub struct ReceivedPost {
    /// The time when its last byte had come.
    pub at: Instant,
    pub body: Value,
}

/// A server on a port of its own, in this process.
pub struct WebhookReceiver {
    served: Serving,
    posts: Arc<Mutex<Vec<ReceivedPost>>>,
}

impl WebhookReceiver {
    pub fn start(reaction: Reaction) -> Result<WebhookReceiver> {
        let (status, delay) = match reaction {
            Reaction::Accepts => (StatusCode::NO_CONTENT, Duration::ZERO),
            Reaction::Hangs => (StatusCode::NO_CONTENT, Duration::MAX),
            Reaction::Fails => (StatusCode::INTERNAL_SERVER_ERROR, Duration::ZERO),
            Reaction::Redirects => (StatusCode::TEMPORARY_REDIRECT, Duration::ZERO),
        };
        let posts = Arc::<Mutex<Vec<ReceivedPost>>>::default();
        let received = Arc::clone(&posts);
        let receiver = Receiver::new(&[])?.answering(status, delay, None);
        let served = receiver.serve(TcpListener::bind("127.0.0.1:0")?, move |post| {
            let post = ReceivedPost { at: Instant::now(), body: serde_json::from_slice(post.body).unwrap_or_default() };
            locked(&received).push(post);
        })?;
        Ok(WebhookReceiver { served, posts })
    }

    pub fn url(&self) -> String {
        format!("{}/hooks", self.served.url())
    }

    /// The posts so far.
    pub fn posts(&self) -> Vec<ReceivedPost> {
        locked(&self.posts).clone()
    }

    /// The number of posts so far.
    pub fn count(&self) -> usize {
        locked(&self.posts).len()
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
