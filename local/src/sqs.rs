//! SQS: the two queues of the template, and the operations by which clients reach them.

pub(crate) mod protocol;
mod queues;

pub use queues::{Counts, INVISIBLE_MAX, Message, NewMessage, Postponed, Queue, Queues, Receive, digest};
