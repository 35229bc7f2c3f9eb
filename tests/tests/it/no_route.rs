//! Requests that no route takes.

pub mod status_400;
pub mod status_404;
pub mod status_405;
pub mod status_508;
