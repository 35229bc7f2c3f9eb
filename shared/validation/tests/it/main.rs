//! The bodies that are accepted, and those that are refused: where, and by which rule.

mod agreement;
mod bodies;
mod contract;
mod documents;
mod fields;
mod patch;
mod results;
mod together;
