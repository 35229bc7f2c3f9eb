//! The connection to DynamoDB, and DynamoDB's clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use aws::{ClientTimeouts, SdkConfig};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::interceptors::BeforeDeserializationInterceptorContextRef;
use aws_sdk_dynamodb::config::{Builder, ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;
use aws_sdk_dynamodb::primitives::{DateTime, DateTimeFormat};
use domain::time::Timestamp;

/// The time-outs of a function's client. One attempt: sessions retry, and know better than the SDK when to.
///
/// - 1 s to connect: within a region that takes a few milliseconds; a second is a lost packet or worse.
/// - 1.5 s for the answer: DynamoDB answers a transaction in 10–50 ms.
pub(crate) const FUNCTION_TIMEOUTS: ClientTimeouts = ClientTimeouts {
    connect_timeout: Duration::from_secs(1),
    attempt_timeout: Duration::from_millis(1_500),
    attempts: 1,
};

/// The time-outs of an operator's client. The operator may be a continent away, and would rather wait than try again.
pub(crate) const OPERATOR_TIMEOUTS: ClientTimeouts =
    ClientTimeouts { connect_timeout: Duration::from_secs(2), attempt_timeout: Duration::from_secs(5), attempts: 1 };

/// A client, and the clock that its answers tell.
pub(crate) fn new(config: &SdkConfig, timeouts: ClientTimeouts) -> (Client, TableClock) {
    let clock = TableClock::default();
    let config = Builder::from(&timeouts.applied_to(config)).interceptor(clock.clone()).build();
    (Client::from_conf(config), clock)
}

/// DynamoDB's clock, as the header `Date` of its latest answer tells it: evidence of the time that is not this program's
/// own, and costs no request. Clones are the same clock.
#[derive(Debug, Clone)]
pub(crate) struct TableClock(Arc<AtomicI64>);

/// The milliseconds of a clock that no answer has told.
const UNKNOWN: i64 = i64::MIN;

impl Default for TableClock {
    fn default() -> Self {
        Self(Arc::new(AtomicI64::new(UNKNOWN)))
    }
}

impl TableClock {
    /// The time of the latest answer, to the second; none before the first, and of an engine that dates none.
    pub fn time(&self) -> Option<Timestamp> {
        Some(self.0.load(Ordering::Relaxed)).filter(|time| *time != UNKNOWN).and_then(Timestamp::from_epoch_ms)
    }
}

impl Intercept for TableClock {
    fn name(&self) -> &'static str {
        "TableClock"
    }

    fn read_after_transmit(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let date = context.response().headers().get("date");
        let time = date.and_then(|date| DateTime::from_str(date, DateTimeFormat::HttpDate).ok());
        if let Some(milliseconds) = time.and_then(|time| time.to_millis().ok()) {
            self.0.store(milliseconds, Ordering::Relaxed);
        }
        Ok(())
    }
}
