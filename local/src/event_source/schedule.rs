//! A schedule of EventBridge: a function is invoked again and again.

use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};

use super::EventSource;

impl EventSource {
    /// Invokes a function each time that so much time has passed, one invocation after the other. Must be called inside a
    /// Tokio runtime.
    ///
    /// A panic ends that invocation only. A schedule that is dropped ends after the invocation that is under way.
    pub fn of_schedule<F, R>(every: Duration, invoke: F) -> Self
    where
        F: Fn() -> R + Send + Sync + 'static,
        R: Future<Output = ()> + Send + 'static,
    {
        Self::start(move |mut stop| async move {
            let mut ticks = interval(every);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                tokio::select! {
                    biased;
                    _ = &mut stop => return,
                    _ = ticks.tick() => drop(tokio::spawn(invoke()).await),
                }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::time::sleep;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_function_is_invoked_at_once_and_after_each_interval_whatever_becomes_of_it() {
        let invocations = Arc::new(AtomicUsize::new(0));
        let counted = invocations.clone();
        let schedule = EventSource::of_schedule(Duration::from_secs(60), move || {
            let number = counted.fetch_add(1, Ordering::SeqCst);
            async move { assert_ne!(number, 1, "the second one panics on purpose") }
        });
        for expected in 1..=3 {
            sleep(Duration::from_secs(59)).await;
            assert_eq!(invocations.load(Ordering::SeqCst), expected);
            sleep(Duration::from_secs(1)).await;
        }
        schedule.stop().await;
        let before = invocations.load(Ordering::SeqCst);
        sleep(Duration::from_secs(600)).await;
        assert_eq!(invocations.load(Ordering::SeqCst), before);
    }
}
