//! What reaches SQS, and what becomes of its answers.

mod postpone;
mod send_all;
mod sqs;
