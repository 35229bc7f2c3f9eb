//! The nouns of Greenroom and their rules.
//!
//! Owns what an agent, a candidate, a job, an interview, an allowance and an API key *are*, which values they
//! may hold, and what may happen to them. Knows nothing of HTTP, of AWS or of how anything is stored: every
//! function here is pure, and the clock and fresh ids are handed in.
//!
//! ```
//! use domain::text::SingleLine;
//!
//! let name: SingleLine<2, 100> = SingleLine::parse("Screening, English").unwrap();
//! assert_eq!(name.as_str(), "Screening, English");
//! assert_eq!(SingleLine::<2, 100>::parse("x").unwrap_err().rule, "minLength");
//! ```

pub mod agent;
pub mod allowance;
pub mod analysis;
pub mod api_key;
pub mod candidate;
pub mod company;
pub mod conducting;
pub mod contact;
pub mod delivery;
pub mod event;
pub mod history;
pub mod id;
pub mod idempotency;
pub mod interview;
pub mod job;
pub mod json;
pub mod key_use;
pub mod limits;
pub mod metadata;
pub mod phone_number;
pub mod resource;
mod string_enum;
pub mod text;
pub mod time;
pub mod trace;
pub mod transcript;
pub mod usage;
mod violation;
pub mod webhook;

pub use string_enum::StringEnum;
pub use violation::{PLACES_MAX_BYTES, VIOLATIONS_MAX, Violation};

/// A value together with the version of the stored item that it was read from.
///
/// Whatever is decided on such a value is written under the condition that the version still stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Versioned<T> {
    /// Counts the writes of the item, from 1.
    pub version: u64,
    /// The value at that version.
    pub value: T,
}

/// A thing that a request either names by its id or brings along to be created.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub enum Reference<Id, New> {
    /// A thing that exists already.
    Existing(Id),
    /// A thing that the request creates.
    New(New),
}

impl<Id: Copy, New: Clone> Reference<Id, New> {
    /// The same with the thing that was read in place of its id.
    pub fn resolve<T, E>(&self, read: impl FnOnce(Id) -> Result<T, E>) -> Result<Reference<T, New>, E> {
        match self {
            Self::Existing(id) => read(*id).map(Reference::Existing),
            Self::New(new) => Ok(Reference::New(new.clone())),
        }
    }

    /// The id, if it is named by one.
    pub fn id(&self) -> Option<Id> {
        match self {
            Self::Existing(id) => Some(*id),
            Self::New(_) => None,
        }
    }
}

impl<Id, New> Reference<Id, New> {
    /// The same with another form of the new thing.
    pub fn map_new<T>(self, map: impl FnOnce(New) -> T) -> Reference<Id, T> {
        match self {
            Self::Existing(id) => Reference::Existing(id),
            Self::New(new) => Reference::New(map(new)),
        }
    }
}
