//! Support for the end-to-end tests.
//!
//! A test starts a [`TestServer`]: a server of its own, from the HTTP port down to a DynamoDB engine in memory, whose
//! clock and ids are given and whose log lines are kept. On it are [`Company`]s, which send requests made of [`body`]s;
//! the sending of a request names the answer that is expected, and every [`Answer`] is checked against the OpenAPI
//! document and the rules of all answers. [`Events`] carries events to [`WebhookReceiver`]s. [`faults`] breaks the
//! connection between the store and its database on purpose.
//!
//! The tests themselves are in `tests/tests/`: a folder for each route, a file for each status.
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
//! use serde_json::json;
//! use tests::{TestServer, api::ErrorCode, body};
//!
//! let server = TestServer::start().await;
//! let company = server.company().create().await;
//! let agent = company.post("/agents").json(&body::agent()).answered(201).await;
//! assert_eq!(agent.body["companyId"], company.id.to_string());
//!
//! let nameless = body::with(body::agent(), json!({"name": null}));
//! company.post("/agents").json(&nameless).refused(ErrorCode::ValidationFailed).await;
//! # });
//! ```

pub mod accepted;
pub mod answer;
pub mod beside;
pub mod body;
pub mod caller;
pub mod company;
pub mod document;
pub mod events;
pub mod faults;
pub mod receiver;
pub mod request;
pub mod server;

pub use accepted::Accepted;
pub use answer::Answer;
pub use api;
pub use caller::Caller;
pub use company::{Company, KeyBuilder};
pub use events::Events;
pub use receiver::{Reaction, ReceivedPost, WebhookReceiver};
pub use request::Request;
pub use server::TestServer;
