//! The connection to DynamoDB, told everything so that nothing is probed at a cold start.

use std::error::Error;
use std::path::Path;
use std::time::Duration;

use aws_config::environment::{EnvironmentVariableCredentialsProvider, EnvironmentVariableRegionProvider};
use aws_config::meta::credentials::CredentialsProviderChain;
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::{ProfileFileCredentialsProvider, ProfileFileRegionProvider};
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{AppName, BehaviorVersion, ConfigLoader, Region};
use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{Credentials, ProvideCredentials, SharedCredentialsProvider};
use aws_smithy_http_client::{Builder, tls};
use aws_smithy_runtime_api::client::http::SharedHttpClient;

/// The authorities that sign for AWS endpoints: Amazon Trust Services. Valid until 2037 at least, and named by AWS as
/// the set to trust. Scanning the system's store instead would make a cold start half as long again.
const AMAZON_ROOTS: &[u8] = include_bytes!("../certificates/amazon-trust-services.pem");

/// Time to open a connection. Within a region it takes a few milliseconds; a second is a lost packet or worse.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// Time for one try. DynamoDB answers a transaction in 10–50 ms.
const ATTEMPT_TIMEOUT: Duration = Duration::from_millis(1_500);

/// The same for an operator, who may be a continent away and would rather wait than try again.
const OPERATOR_CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
const OPERATOR_ATTEMPT_TIMEOUT: Duration = Duration::from_secs(5);

/// A missing or unusable setting.
#[derive(Debug)]
pub struct ConfigurationError {
    text: String,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl ConfigurationError {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), source: None }
    }

    fn because(self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { source: Some(source.into()), ..self }
    }
}

impl std::fmt::Display for ConfigurationError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

impl Error for ConfigurationError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

/// The client of a function: region and credentials from the variables that Lambda sets, and nowhere else.
///
/// `AWS_ENDPOINT_URL_DYNAMODB` and `AWS_CA_BUNDLE` work as in all AWS tools.
pub(crate) async fn for_function() -> Result<Client, ConfigurationError> {
    let region = std::env::var("AWS_REGION").map_err(|_| ConfigurationError::new("AWS_REGION is not set"))?;
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
    Ok(Client::new(&settled(loader, CONNECT_TIMEOUT, ATTEMPT_TIMEOUT).load().await))
}

/// The client of an operator: region and credentials from wherever the AWS command line finds them.
///
/// At an endpoint of its own, what neither the variables nor a profile say is made up: an engine asks for no
/// more, and this machine's metadata service, which would be asked next, has nothing to do with it.
pub(crate) async fn for_operator(endpoint_url: Option<String>) -> Result<Client, ConfigurationError> {
    let http_client = https_client()?;
    let mut loader = aws_config::defaults(BehaviorVersion::latest()).http_client(http_client.clone());
    if let Some(url) = endpoint_url {
        let region = RegionProviderChain::first_try(EnvironmentVariableRegionProvider::new())
            .or_else(ProfileFileRegionProvider::new())
            .or_else(MADE_UP_REGION);
        let around = ProviderConfig::default().with_http_client(http_client).with_region(region.region().await);
        let profile = ProfileFileCredentialsProvider::builder().configure(&around).build();
        let credentials =
            CredentialsProviderChain::first_try("Environment", EnvironmentVariableCredentialsProvider::new())
                .or_else("Profile", profile)
                .or_else("MadeUp", made_up_credentials());
        loader = loader.endpoint_url(url).region(region).credentials_provider(credentials);
    }
    let config = settled(loader, OPERATOR_CONNECT_TIMEOUT, OPERATOR_ATTEMPT_TIMEOUT).load().await;

    if config.region().is_none() {
        return Err(ConfigurationError::new(
            "no AWS region is known; set AWS_REGION, or AWS_PROFILE to a profile of yours",
        ));
    }
    let Some(provider) = config.credentials_provider() else {
        return Err(ConfigurationError::new("no source of AWS credentials is known"));
    };
    // Asked for here and once: as part of a request, credentials that are missing look like a network that fails.
    let credentials = provider.provide_credentials().await.map_err(|error| {
        let text = "no AWS credentials could be had (log in, or set AWS_PROFILE to a profile of yours)";
        ConfigurationError::new(text).because(error)
    })?;
    let provider = SharedCredentialsProvider::new(credentials);
    Ok(Client::new(&config.into_builder().credentials_provider(provider).build()))
}

/// A client of an endpoint that asks for no real credentials, such as the embedded engine's. AWS's own endpoints do:
/// there, region and credentials are the environment's.
pub(crate) async fn for_endpoint(endpoint_url: &str, http_client: SharedHttpClient) -> Client {
    let loader = aws_config::defaults(BehaviorVersion::latest()).http_client(http_client).endpoint_url(endpoint_url);
    let loader = if endpoint_url.ends_with(".amazonaws.com") {
        loader
    } else {
        loader.region(MADE_UP_REGION).credentials_provider(made_up_credentials())
    };
    Client::new(&settled(loader, CONNECT_TIMEOUT, ATTEMPT_TIMEOUT).load().await)
}

const MADE_UP_REGION: Region = Region::from_static("local");

fn made_up_credentials() -> Credentials {
    Credentials::new("local", "local", None, None, "local")
}

/// What holds for every client. Sessions retry, and know better than the SDK when to.
fn settled(loader: ConfigLoader, connect_timeout: Duration, attempt_timeout: Duration) -> ConfigLoader {
    let timeouts =
        TimeoutConfig::builder().connect_timeout(connect_timeout).operation_attempt_timeout(attempt_timeout).build();
    let loader = loader.timeout_config(timeouts).retry_config(RetryConfig::disabled());
    match AppName::new("greenroom") {
        Ok(name) => loader.app_name(name),
        Err(_) => loader,
    }
}

fn https_client() -> Result<SharedHttpClient, ConfigurationError> {
    let roots = match std::env::var_os("AWS_CA_BUNDLE") {
        Some(path) => std::fs::read(&path).map_err(|error| {
            let path = Path::new(&path).display();
            ConfigurationError::new(format!("AWS_CA_BUNDLE {path} can't be read")).because(error)
        })?,
        None => AMAZON_ROOTS.to_vec(),
    };
    let context = tls::TlsContext::builder()
        .with_trust_store(tls::TrustStore::empty().with_pem_certificate(roots))
        .build()
        .map_err(|error| ConfigurationError::new("no TLS").because(error))?;
    let provider = tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring);
    Ok(Builder::new().tls_provider(provider).tls_context(context).build_https())
}
