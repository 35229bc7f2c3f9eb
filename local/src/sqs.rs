//! SQS: the queues of the template, in a database file or in memory, and the operations by which clients reach them.

pub(crate) mod protocol;
mod queue_name;
mod queues;

pub use queue_name::QueueName;
pub(crate) use queues::md5_of_body;
pub use queues::{Counts, Message, NewMessage, Postponed, Queues, ReceiveOptions};
