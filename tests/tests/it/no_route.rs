//! What no route takes.

mod status_404;
mod status_405;
