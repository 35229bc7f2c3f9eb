//! The program, run as an operator runs it, against an engine in this process.

mod company;
mod failure;
mod key;
mod phone_number;
mod table;
mod world;
