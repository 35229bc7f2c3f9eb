//! The HTTP edge: who is calling, which bytes, and how the answer looks.
//!
//! A handler begins a [`Call`], asks it for the checked body and for the authenticated caller, and ends it with a
//! [`Reply`] or a [`Problem`]. The call renders the answer and writes the one log line of the request.
//!
//! Owns authentication, problem documents, the idempotency header and rendering. Does not own rules on what is
//! created: those are the domain's.

mod app;
mod call;
mod caller;
mod error;
mod idempotency;
mod log;
mod problem;
mod reply;
mod resource;
mod route;
mod webhook;

pub use app::{App, Clock, Ids, Log, Runtime};
pub use call::{Asked, Call};
pub use caller::{Caller, WebhookCaller};
pub use error::ErrorCode;
pub use idempotency::Idempotency;
pub use log::chain;
pub use problem::{BODY_MAX_BYTES, Details, ISSUES_MAX, Problem, ProblemDocument};
pub use reply::Reply;
pub use resource::{AgentResponse, InterviewResponse};
pub use route::*;
pub use webhook::{
    DeliveryListResponse, DeliveryResponse, RotatedSecretResponse, TestResponse, WebhookListResponse, WebhookResponse,
};

pub use lambda_http::{Body, Request, Response};
