//! The program, run as an operator runs it, against an engine in this process.

mod ats;
mod audit;
mod candidate;
mod company;
mod doctor;
mod document;
mod engine;
mod failure;
mod history;
mod key;
mod phone_number;
mod production;
mod table;
mod usage;
mod webhook;
