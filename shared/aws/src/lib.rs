//! The configuration of AWS clients: region, credentials, the one HTTPS client, and time-outs.
//!
//! A configuration is [`for_function`], [`for_operator`] or [`at_endpoint`]. It has no retries. The crate of each
//! service (`store`, `queue`, `vault`) makes a client of it, with [`ClientTimeouts`] that suit the service, and
//! classifies its failures by [`FailureKind`]. Region and credentials are given to the SDK, so that it probes for
//! nothing at a cold start. The endpoint of a single service comes from the usual variables, such as
//! `AWS_ENDPOINT_URL_SQS`.
//!
//! The crate knows no service but STS, which says whose the credentials are ([`caller_identity`]).
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
//! # fn plain_http_client() -> aws::HttpClient { aws_smithy_http_client::Builder::new().build_http() }
//! use aws::ClientTimeouts;
//!
//! let config = aws::at_endpoint("http://127.0.0.1:9324", plain_http_client()).await;
//! let config = ClientTimeouts::STANDARD.applied_to(&config);
//! assert_eq!(config.retry_config().unwrap().max_attempts(), 3);
//! # });
//! ```

mod endpoint;
mod error;
mod failure;
mod https;
mod identity;
mod timeouts;

use std::collections::BTreeSet;

use aws_config::environment::{EnvironmentVariableCredentialsProvider, EnvironmentVariableRegionProvider};
use aws_config::meta::credentials::CredentialsProviderChain;
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::{ProfileFileCredentialsProvider, ProfileFileRegionProvider};
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::{AppName, BehaviorVersion, ConfigLoader, Region};
use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use aws_runtime::env_config::section::EnvConfigSections;
use aws_types::os_shim_internal::{Env, Fs};

pub use aws_config::SdkConfig;
pub use aws_smithy_runtime_api::client::http::SharedHttpClient as HttpClient;
pub use endpoint::is_local;
pub use error::ConfigurationError;
pub use failure::FailureKind;
pub use identity::{CallerIdentity, caller_identity};
pub use timeouts::ClientTimeouts;

/// The configuration of a function: region and credentials from the variables that Lambda sets, and nowhere else.
///
/// `AWS_ENDPOINT_URL`, `AWS_ENDPOINT_URL_DYNAMODB` and its like, and `AWS_CA_BUNDLE` work as in all AWS tools. Clients
/// made of one configuration share their connections.
///
/// # Errors
/// `AWS_REGION` is missing, or the file of `AWS_CA_BUNDLE` can't be used. Credentials are looked at when a request
/// needs them.
pub async fn for_function() -> Result<SdkConfig, ConfigurationError> {
    let region = variable("AWS_REGION")?;
    let no_files = EnvConfigFiles::builder()
        .with_contents(EnvConfigFileKind::Config, "")
        .with_contents(EnvConfigFileKind::Credentials, "")
        .build();
    let loader = loader(https::client()?)
        .profile_files(no_files)
        .region(Region::new(region))
        .credentials_provider(EnvironmentVariableCredentialsProvider::new())
        .use_fips(false)
        .use_dual_stack(false);
    Ok(loader.load().await)
}

/// The configuration of an operator: region and credentials from wherever the AWS command line finds them.
///
/// For a [local](is_local) endpoint, region and credentials that neither the variables nor a profile have are made up:
/// an engine asks for no more, and this machine's metadata service, which would be asked next, has nothing to do with
/// it.
///
/// # Errors
/// `AWS_PROFILE` names a profile that does not exist, no region is known, or no credentials are to be had.
pub async fn for_operator(endpoint_url: Option<String>) -> Result<SdkConfig, ConfigurationError> {
    let http_client = https::client()?;
    let mut loader = loader(http_client.clone());
    let is_local = endpoint_url.as_deref().is_some_and(is_local);
    if let Some(url) = endpoint_url {
        loader = loader.endpoint_url(url);
    }
    if is_local {
        let region = RegionProviderChain::first_try(EnvironmentVariableRegionProvider::new())
            .or_else(ProfileFileRegionProvider::new())
            .or_else(MADE_UP_REGION);
        let around = ProviderConfig::default().with_http_client(http_client).with_region(region.region().await);
        let profile = ProfileFileCredentialsProvider::builder().configure(&around).build();
        let credentials =
            CredentialsProviderChain::first_try("Environment", EnvironmentVariableCredentialsProvider::new())
                .or_else("Profile", profile)
                .or_else("MadeUp", made_up_credentials());
        loader = loader.region(region).credentials_provider(credentials);
    } else {
        named_profile_exists().await?;
    }
    let config = loader.load().await;

    if config.region().is_none() {
        return Err(ConfigurationError::new(
            "no AWS region is known; set AWS_REGION, or AWS_PROFILE to a profile of yours",
        ));
    }
    let Some(provider) = config.credentials_provider() else {
        return Err(ConfigurationError::new("no source of AWS credentials is known"));
    };
    // Provided here and once: as part of a request, missing credentials look like a network that fails.
    let credentials = provider.provide_credentials().await.map_err(|error| {
        let text = "no AWS credentials could be had (log in, or set AWS_PROFILE to a profile of yours)";
        ConfigurationError::new(text).because(error)
    })?;
    let provider = SharedCredentialsProvider::new(credentials);
    Ok(config.into_builder().credentials_provider(provider).build())
}

/// Makes sure that there is the profile that `AWS_PROFILE` names. Without it the SDK would look for credentials elsewhere,
/// and perhaps find those of another account.
async fn named_profile_exists() -> Result<(), ConfigurationError> {
    let read = aws_runtime::env_config::source::load(&Env::real(), &Fs::real(), &EnvConfigFiles::default()).await;
    // A file that can't be read is told by the providers that need it.
    let Some(profiles) = read.ok().and_then(|source| EnvConfigSections::parse(source).ok()) else { return Ok(()) };
    let name = profiles.selected_profile();
    if name == "default" || profiles.get_profile(name).is_some() {
        return Ok(());
    }
    let known = profiles.profiles().map(|name| format!("`{name}`"));
    let known = known.collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join(", ");
    let known = if known.is_empty() { "there are none".to_owned() } else { format!("there are {known}") };
    Err(ConfigurationError::new(format!(
        "AWS_PROFILE names the profile `{name}`, which neither the AWS configuration nor the credentials file has ({known})"
    )))
}

/// The configuration for an endpoint that asks for no real credentials, such as the embedded engine's, through that
/// HTTP client. For AWS's own endpoints, which do ask, region and credentials are the environment's.
pub async fn at_endpoint(endpoint_url: &str, http_client: HttpClient) -> SdkConfig {
    let loader = loader(http_client).endpoint_url(endpoint_url);
    let loader = if endpoint_url.ends_with(".amazonaws.com") {
        loader
    } else {
        loader.region(MADE_UP_REGION).credentials_provider(made_up_credentials())
    };
    loader.load().await
}

/// The value of a variable that has to be there.
///
/// # Errors
/// The variable is not set, or not text.
pub fn variable(name: &str) -> Result<String, ConfigurationError> {
    std::env::var(name).map_err(|error| match error {
        std::env::VarError::NotPresent => ConfigurationError::new(format!("{name} is not set")),
        std::env::VarError::NotUnicode(_) => ConfigurationError::new(format!("{name} is not text")),
    })
}

const MADE_UP_REGION: Region = Region::from_static("local");

fn made_up_credentials() -> Credentials {
    Credentials::new("local", "local", None, None, "local")
}

/// The common part of every configuration. No request is sent twice unless the service's crate allows it.
fn loader(http_client: HttpClient) -> ConfigLoader {
    let loader =
        aws_config::defaults(BehaviorVersion::latest()).http_client(http_client).retry_config(RetryConfig::disabled());
    match AppName::new("greenroom") {
        Ok(name) => loader.app_name(name),
        Err(_) => loader,
    }
}
