//! The yardstick of the bench: the smallest function that still does one DynamoDB request over TLS.
//!
//! The choices are those that were found fastest for a cold start: a configuration made by hand, ring, a fixed set of
//! roots, a single-threaded runtime. Requests are neither checked nor authenticated. With `REFERENCE_WARM` set, the
//! connection is opened in the init phase, by the same request.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_dynamodb::types::AttributeValue;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use lambda_http::{Error, Request, Response, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let client = client()?;
    let table = std::env::var("TABLE_NAME")?;
    if std::env::var_os("REFERENCE_WARM").is_some() {
        get_item(&client, &table).await?;
    }
    run(service_fn(|_request: Request| async {
        get_item(&client, &table).await?;
        Ok::<_, Error>(Response::new("{}".to_owned()))
    }))
    .await
}

async fn get_item(client: &Client, table: &str) -> Result<(), Error> {
    let key = || AttributeValue::S("REFERENCE".into());
    let get = client.get_item().table_name(table);
    get.key("PK", key()).key("SK", key()).send().await?;
    Ok(())
}

fn client() -> Result<Client, Error> {
    let roots = std::fs::read(std::env::var("AWS_CA_BUNDLE")?)?;
    let tls = TlsContext::builder().with_trust_store(TrustStore::empty().with_pem_certificate(roots)).build()?;
    let http_client = aws_smithy_http_client::Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .tls_context(tls)
        .build_https();
    let credentials = Credentials::new(
        std::env::var("AWS_ACCESS_KEY_ID")?,
        std::env::var("AWS_SECRET_ACCESS_KEY")?,
        std::env::var("AWS_SESSION_TOKEN").ok(),
        None,
        "environment",
    );
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(std::env::var("AWS_REGION")?))
        .credentials_provider(credentials)
        .endpoint_url(std::env::var("AWS_ENDPOINT_URL_DYNAMODB")?)
        .http_client(http_client)
        .build();
    Ok(Client::from_conf(config))
}
