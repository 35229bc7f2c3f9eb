//! The identity of the caller of AWS.

use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_sts::config::Builder;

use crate::{ClientTimeouts, ConfigurationError};

/// The owner of the credentials in a configuration, as AWS knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallerIdentity {
    /// The account, 12 digits.
    pub account: String,
    /// The user, or the role with the name of its session.
    pub arn: String,
}

/// The time-outs of the one question. An operator waits for it before each change: two tries, ten seconds in all.
const TIMEOUTS: ClientTimeouts =
    ClientTimeouts { connect_timeout: Duration::from_secs(2), attempt_timeout: Duration::from_secs(5), attempts: 2 };

/// Asks STS whose the credentials of a configuration are. It answers whoever has credentials, whatever their rights.
///
/// An endpoint that was given for the table is not asked: the endpoint of STS is AWS's, or that of
/// `AWS_ENDPOINT_URL_STS`.
///
/// # Errors
/// STS does not answer, or does not take the credentials.
pub async fn caller_identity(config: &SdkConfig) -> Result<CallerIdentity, ConfigurationError> {
    let mut builder = Builder::from(&TIMEOUTS.applied_to(config));
    builder.set_endpoint_url(std::env::var("AWS_ENDPOINT_URL_STS").ok());
    let answer = aws_sdk_sts::Client::from_conf(builder.build()).get_caller_identity().send().await;
    let answer = answer.map_err(|error| ConfigurationError::new("STS does not say who you are").because(error))?;
    match (answer.account, answer.arn) {
        (Some(account), Some(arn)) => Ok(CallerIdentity { account, arn }),
        (_, _) => Err(ConfigurationError::new("STS does not say who you are")),
    }
}
