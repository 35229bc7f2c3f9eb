//! The connection to DynamoDB, told everything so that nothing is probed at a cold start.

use std::path::Path;
use std::time::Duration;

use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{AppName, BehaviorVersion, ConfigLoader, Region};
use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use aws_sdk_dynamodb::Client;
use aws_smithy_http_client::{Builder, tls};
use aws_smithy_runtime_api::client::http::SharedHttpClient;

/// The authorities that sign for AWS endpoints: Amazon Trust Services. Valid until 2037 at least, and named by AWS as
/// the set to trust. Scanning the system's store instead costs a cold start 0.7 ms.
const AMAZON_ROOTS: &[u8] = include_bytes!("../certificates/amazon-trust-services.pem");

/// Time to open a connection. Within a region it takes a few milliseconds; a second is a lost packet or worse.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// Time for one try. DynamoDB answers a transaction in 10–50 ms.
const ATTEMPT_TIMEOUT: Duration = Duration::from_millis(1_500);

/// A missing or unusable setting.
#[derive(Debug)]
pub struct ConfigurationError(String);

impl ConfigurationError {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl std::fmt::Display for ConfigurationError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ConfigurationError {}

/// The client of a function: region and credentials from the variables that Lambda sets, and nowhere else.
///
/// `AWS_ENDPOINT_URL_DYNAMODB` and `AWS_CA_BUNDLE` work as in all AWS tools.
pub(crate) async fn for_function() -> Result<Client, ConfigurationError> {
    let region = std::env::var("AWS_REGION").map_err(|_| ConfigurationError("AWS_REGION is not set".into()))?;
    let no_files = EnvConfigFiles::builder()
        .with_contents(EnvConfigFileKind::Config, "")
        .with_contents(EnvConfigFileKind::Credentials, "")
        .build();
    let loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(https_client()?)
        .profile_files(no_files)
        .region(Region::new(region))
        .credentials_provider(EnvironmentVariableCredentialsProvider::new())
        .use_fips(false)
        .use_dual_stack(false);
    Ok(build(loader).await)
}

/// The client of an operator: region and credentials from wherever the AWS command line finds them.
pub(crate) async fn for_operator(endpoint_url: Option<String>) -> Result<Client, ConfigurationError> {
    let mut loader = aws_config::defaults(BehaviorVersion::latest()).http_client(https_client()?);
    if let Some(url) = endpoint_url {
        loader = loader.endpoint_url(url);
    }
    Ok(build(loader).await)
}

/// A client of an endpoint that asks for no real credentials, such as the embedded engine's.
pub(crate) async fn for_endpoint(endpoint_url: &str, http_client: SharedHttpClient) -> Client {
    let loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(http_client)
        .endpoint_url(endpoint_url)
        .region(Region::from_static("local"))
        .credentials_provider(aws_sdk_dynamodb::config::Credentials::new("local", "local", None, None, "local"));
    build(loader).await
}

async fn build(loader: ConfigLoader) -> Client {
    let timeouts =
        TimeoutConfig::builder().connect_timeout(CONNECT_TIMEOUT).operation_attempt_timeout(ATTEMPT_TIMEOUT).build();
    let loader = loader.timeout_config(timeouts).retry_config(RetryConfig::disabled());
    let loader = match AppName::new("greenroom") {
        Ok(name) => loader.app_name(name),
        Err(_) => loader,
    };
    Client::new(&loader.load().await)
}

fn https_client() -> Result<SharedHttpClient, ConfigurationError> {
    let roots = match std::env::var_os("AWS_CA_BUNDLE") {
        Some(path) => std::fs::read(&path).map_err(|error| {
            ConfigurationError(format!("AWS_CA_BUNDLE {} can't be read: {error}", Path::new(&path).display()))
        })?,
        None => AMAZON_ROOTS.to_vec(),
    };
    let context = tls::TlsContext::builder()
        .with_trust_store(tls::TrustStore::empty().with_pem_certificate(roots))
        .build()
        .map_err(|error| ConfigurationError(format!("no TLS: {error}")))?;
    let provider = tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring);
    Ok(Builder::new().tls_provider(provider).tls_context(context).build_https())
}
