//! Lambda's event source mappings, a stream's records or a queue's messages, handed to a function in batches; and schedules.

mod filter;
mod queue;
mod schedule;
mod stream;

use std::time::Duration;

use tokio::{sync::oneshot, task::JoinHandle, time::timeout};

pub use filter::Filter;
pub use stream::StreamMapping;

/// Longest wait of [`EventSource::stop`]. An endpoint may take 15 seconds to answer, but a person waits for the stop.
const STOP_TIMEOUT: Duration = Duration::from_secs(5);

/// An event source mapping or a schedule at work. What a function has not handled when it ends stays in the stream or queue.
pub struct EventSource {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl EventSource {
    /// Starts a task that is to end soon after its receiver hears something: an empty message from [`Self::stop`], or
    /// the error of a mapping that was dropped.
    fn start<T: Future<Output = ()> + Send + 'static>(task: impl FnOnce(oneshot::Receiver<()>) -> T) -> Self {
        let (stop, stopped) = oneshot::channel();
        Self { stop, task: tokio::spawn(task(stopped)) }
    }

    /// Hands over no more batches, and waits up to five seconds for those that the function is handling.
    pub async fn stop(mut self) {
        let _ = self.stop.send(());
        if timeout(STOP_TIMEOUT, &mut self.task).await.is_err() {
            self.task.abort();
        }
    }
}
