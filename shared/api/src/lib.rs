//! The HTTP edge: routes, callers, and the form of answers.
//!
//! A function has each event answered ([`answer`]): a [`RequestContext`] begins, and the route's handler has the caller
//! admitted. The admission looks at the form of the caller's key, has the handler read the [`Content`] that it needs, and
//! alone opens it. The handler ends with a [`Reply`] or a [`Problem`]. The context renders the answer and writes the one log
//! line of the request.
//!
//! Owns the table of routes, admission, the idempotency header, problem documents and rendering. Does not own rules on
//! what is created: those are the domain's.

#[cfg(feature = "admission")]
mod admission;
#[cfg(feature = "admission")]
mod answer;
#[cfg(feature = "admission")]
mod change;
#[cfg(feature = "admission")]
mod content;
#[cfg(feature = "admission")]
mod create;
mod cursor;
mod error;
mod etag;
mod event;
#[cfg(feature = "admission")]
mod idempotency;
#[cfg(feature = "admission")]
mod list;
mod log;
mod problem;
mod reply;
mod request;
mod resource;
mod route;
mod usage;
mod webhook;

#[cfg(feature = "admission")]
pub use admission::{Admission, Caller, Companies, NamedCompany, Tenant};
#[cfg(feature = "admission")]
pub use answer::{Processing, answer};
#[cfg(feature = "admission")]
pub use change::Changed;
#[cfg(feature = "admission")]
pub use content::{Content, ContentReader, GivenDays, ValidRequest};
pub use cursor::ListScope;
pub use error::ErrorCode;
pub use etag::{ETag, IfMatch, Representation};
pub use event::{Event, Response, run};
#[cfg(feature = "admission")]
pub use idempotency::Idempotency;
#[cfg(feature = "admission")]
pub use list::{PageQuery, shown};
pub use log::TableCost;
pub use problem::{BODY_MAX_BYTES, Details, Problem, ProblemDocument};
pub use reply::Reply;
pub use request::RequestContext;
pub use resource::{
    AgentResponse, CandidateResponse, CompanyResponse, InterviewResponse, JobResponse, ListResponse,
    PhoneNumberResponse, TranscriptResponse,
};
pub use route::{
    ActsFor, CreateAgentRoute, CreateInterviewRoute, DEFAULT_KEY, EDGE, Entry, Function, InterviewRoute, ReadRoute,
    ResourceRoute, Route, Success, WebhookRoute,
};
pub use usage::{CompanyUsageResponse, UsageResponse};
pub use webhook::{DeliveryResponse, RotatedSecretResponse, TestResponse, WebhookResponse};
