//! The program as a newcomer meets it: started, called, stopped, killed and started again.

mod conductor;
mod console;
mod docs;
mod failure;
mod program;
mod queue_event_source;
mod ready;
mod services;
mod stop;
mod stream_event_source;
mod webhooks;
