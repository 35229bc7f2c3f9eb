//! Requests as they reach SQS, and the results of its answers.

mod postpone;
mod send_all;
mod sqs;
