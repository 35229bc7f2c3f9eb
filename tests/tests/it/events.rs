//! Events: the webhooks that get them, how often, and their outcome.

mod arrival;
mod attempts;
pub mod changes;
mod circuit;
mod isolation;
mod publishing;
mod secrets;
mod storm;
mod suspension;
mod sweeps;
mod traces;
