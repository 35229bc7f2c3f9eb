//! The program as a newcomer meets it: started, called, stopped, killed and started again.

mod deliveries;
mod docs;
mod failure;
mod program;
mod ready;
mod services;
mod stop;
mod stream;
mod webhooks;
