//! DynamoDB: an embedded engine with the endpoint that answers its protocol, and the stream of a table.

mod engine;
mod stream;

pub use engine::Engine;
pub use stream::Stream;
