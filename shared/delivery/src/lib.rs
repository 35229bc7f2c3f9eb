//! How an event reaches an endpoint. (The courier, in `courier.rs`, is being written; then `attempt` joins in.)

mod secrets;

pub use secrets::{SealingError, open, seal};
