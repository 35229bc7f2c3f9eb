//! The connection to DynamoDB.

use std::time::Duration;

use aws::{ClientTimeouts, SdkConfig};
use aws_sdk_dynamodb::Client;

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

pub(crate) fn new(config: &SdkConfig, timeouts: ClientTimeouts) -> Client {
    Client::new(&timeouts.applied_to(config))
}
