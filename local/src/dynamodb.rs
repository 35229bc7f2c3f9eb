//! DynamoDB: an embedded engine with the endpoint that answers its protocol.

mod engine;

pub(crate) use engine::Access;
pub use engine::Engine;
