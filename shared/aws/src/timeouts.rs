//! Time-outs and retries of a client.

use std::time::Duration;

use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;

/// A client's time-outs and number of attempts. Each service's crate knows those that suit it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientTimeouts {
    /// Time to open a connection.
    pub connect_timeout: Duration,
    /// Time for one attempt, the connection included.
    pub attempt_timeout: Duration,
    /// Attempts in all. More than one: after throttling, a failing service, a lost connection and a time-out.
    pub attempts: u32,
}

/// Longest wait before the second attempt; it doubles from there, and a random part of it is really waited (full
/// jitter). The SDK's own second is longer than the answer of any service that we ask.
const BACKOFF: Duration = Duration::from_millis(100);

impl ClientTimeouts {
    /// Values for services that answer within tens of milliseconds and whose requests may be repeated: SQS and KMS.
    ///
    /// - 1 s to connect: within a region that takes a few milliseconds; a second is a lost packet or worse.
    /// - 2 s for an attempt: a hundred times what is usual, and such an answer is better asked for again.
    /// - 3 attempts: one lost packet or one failing host is passed over, a service that is down is not besieged. All of
    ///   them and the waits between end within 6.3 s, far below the time-out of any function that asks.
    pub const STANDARD: Self =
        Self { connect_timeout: Duration::from_secs(1), attempt_timeout: Duration::from_secs(2), attempts: 3 };

    /// The configuration with these timeouts.
    pub fn applied_to(self, config: &SdkConfig) -> SdkConfig {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(self.connect_timeout)
            .operation_attempt_timeout(self.attempt_timeout)
            .operation_timeout(self.total());
        let retries = match self.attempts {
            0 | 1 => RetryConfig::disabled(),
            attempts => RetryConfig::standard().with_max_attempts(attempts).with_initial_backoff(BACKOFF),
        };
        config.to_builder().timeout_config(timeouts.build()).retry_config(retries).build()
    }

    /// Longest time of all attempts and the waits between them. The SDK would exceed it only for an answer that tells it
    /// to wait longer.
    pub fn total(self) -> Duration {
        let waits = (1..self.attempts).map(|attempt| BACKOFF * 2_u32.saturating_pow(attempt - 1)).sum::<Duration>();
        self.attempt_timeout * self.attempts.max(1) + waits
    }
}
