//! Lambda's event source mappings: batches of a stream's records or of a queue's messages, handed to a function.

mod filter;
pub mod queue;
pub mod stream;

pub use filter::Filter;
