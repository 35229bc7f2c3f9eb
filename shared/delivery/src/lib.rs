//! One attempt to deliver an event to an endpoint.
//!
//! The crate owns the request and its signature (Standard Webhooks 1.0), the connection and the addresses that it may
//! be made to ([`WebhookClient`]), the meaning of the endpoint's answer, and the sealed secrets of a webhook ([`seal`],
//! [`open`]).
//!
//! The crate does not decide when to post, and knows neither the queue nor the table.
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
//! use delivery::{WebhookClient, SignedRequest};
//! use domain::delivery::AttemptOutcome;
//! use domain::webhook::{SigningSecret, Targets, WebhookUrl};
//!
//! let client = WebhookClient::new(Targets::Public, &[]).unwrap();
//! let posted = client
//!     .post(&SignedRequest {
//!         url: &WebhookUrl::parse("https://2130706433/inside", Targets::Public).unwrap(),
//!         delivery_id: "0f8fad5b-d9cb-869f-a165-70867728950e".parse().unwrap(),
//!         at: "2026-11-22T10:00:00Z".parse().unwrap(),
//!         body: "{}",
//!         secrets: &[SigningSecret::generate().unwrap()],
//!         headers: &[],
//!     })
//!     .await;
//! assert_eq!(posted.outcome, AttemptOutcome::AddressRefused, "127.0.0.1 in disguise");
//! # });
//! ```

mod address;
mod answer;
mod attempt;
mod client;
mod connect;
mod head;
mod secrets;
mod signature;

pub use address::is_allowed;
pub use answer::RETRY_AFTER_MAX;
pub use attempt::{Attempt, attempt};
pub use client::{POST_TIMEOUT, PostResult, RESPONSE_MAX_BYTES, SignedRequest, WebhookClient, WebhookClientError};
pub use secrets::{SealingError, open, seal};
