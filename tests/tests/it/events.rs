//! What is announced, to whom, how often, and what becomes of it.

mod arrival;
mod attempts;
pub mod changes;
mod circuit;
mod isolation;
mod publishing;
mod storm;
