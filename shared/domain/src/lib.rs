//! The nouns of Greenroom and their rules.
//!
//! Owns what an agent, a candidate, a job, an interview, an allowance and an API key *are*, which values they
//! may hold, and what may happen to them. Knows nothing of HTTP, of AWS or of how anything is stored: every
//! function here is pure, and the clock and fresh ids are handed in.
//!
//! ```
//! use domain::{Line, TextError};
//!
//! let name: Line<2, 100> = Line::parse("Screening, English").unwrap();
//! assert_eq!(name.as_str(), "Screening, English");
//! assert_eq!(Line::<2, 100>::parse("x"), Err(TextError::TooShort));
//! ```

mod agent;
mod allowance;
mod analysis;
mod api_key;
mod candidate;
mod company;
mod contact;
mod delivery;
mod event;
mod id;
mod idempotency;
mod interview;
mod job;
mod json;
mod metadata;
mod resource;
mod string_enum;
mod text;
mod time;
mod webhook;

pub use agent::*;
pub use allowance::*;
pub use analysis::*;
pub use api_key::*;
pub use candidate::*;
pub use company::*;
pub use contact::*;
pub use delivery::*;
pub use event::*;
pub use id::*;
pub use idempotency::*;
pub use interview::*;
pub use job::*;
pub use json::*;
pub use metadata::*;
pub use resource::*;
pub use string_enum::StringEnum;
pub use text::*;
pub use time::*;
pub use webhook::*;

/// A value together with the version of the stored item that it was read from.
///
/// Whatever is decided on such a value is written under the condition that the version still stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Versioned<T> {
    /// Counts the writes of the item, from 1.
    pub version: u64,
    /// What the item said at that version.
    pub value: T,
}

/// Something a request either names by its id or brings along to be created.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub enum Reference<Id, New> {
    /// It exists already.
    Existing(Id),
    /// It is created by the request.
    New(New),
}
