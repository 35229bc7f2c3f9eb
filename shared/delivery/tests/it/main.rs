//! The client, against endpoints that answer as a test wants it, or must never be reached.

mod addresses;
mod answers;
mod endpoint;
mod environment;
mod post;
mod tls;
