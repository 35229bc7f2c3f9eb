//! What every route promises, as checks that take the route.

pub mod bodies;
pub mod callers;
pub mod companies;
pub mod failures;
pub mod repeats;
pub mod webhooks;
