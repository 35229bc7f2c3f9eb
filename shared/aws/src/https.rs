//! The HTTPS client: rustls on ring, and Amazon's roots.

use std::path::Path;

use aws_smithy_http_client::{Builder, tls};
use aws_smithy_runtime_api::client::http::SharedHttpClient;

use crate::ConfigurationError;

/// The authorities that sign for AWS endpoints: Amazon Trust Services. Valid until 2037 at least, and named by AWS as
/// the set to trust. Scanning the system's store instead would make a cold start half as long again.
const AMAZON_ROOTS: &[u8] = include_bytes!("../certificates/amazon-trust-services.pem");

/// A client that trusts Amazon's roots, or in their place those of the file that `AWS_CA_BUNDLE` names.
pub(crate) fn client() -> Result<SharedHttpClient, ConfigurationError> {
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
