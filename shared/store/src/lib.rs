//! The one table: its keys, its items and its transactions. The only crate that knows DynamoDB.
//!
//! A request gets a [`Session`], which counts what it costs and bounds the time that it may take. It reads everything
//! that the request names in one round trip ([`Session::look_up`]), and makes everything that the request changes take
//! effect in a second one, or nothing of it ([`Session::create_interview`]). What was read is not trusted: each
//! write stands under the condition that it still holds.
//!
//! Does not decide: rules are the domain's. It asks the domain where a stored state calls for a decision.

mod client;
mod create;
mod error;
mod item;
mod key;
mod lookup;
mod operator;
mod session;
mod table;
mod write;

use aws_sdk_dynamodb::Client;
use aws_smithy_runtime_api::client::http::SharedHttpClient;

pub use client::ConfigurationError;
pub use create::{Creation, Never, Recorded};
pub use error::{Answer, FailureKind, StoreError};
pub use lookup::{Found, Lookup, LookupError, Named, Opened, Sealed};
pub use operator::{CompanyStanding, OperatorError, PlanChange};
pub use session::{Cost, Session};
pub use table::CreateError;
pub use write::Origin;

use crate::key::Key;

/// The table.
#[derive(Clone)]
pub struct Store {
    client: Client,
    table: String,
}

impl Store {
    /// The table that `TABLE_NAME` names, as a function reaches it.
    ///
    /// # Errors
    /// If a variable is missing.
    pub async fn from_environment() -> Result<Self, ConfigurationError> {
        let table = std::env::var("TABLE_NAME").map_err(|_| ConfigurationError::new("TABLE_NAME is not set"))?;
        Ok(Self { client: client::for_function().await?, table })
    }

    /// The table as an operator reaches it: like the AWS command line, or at a given endpoint.
    pub async fn for_operator(table: &str, endpoint_url: Option<String>) -> Result<Self, ConfigurationError> {
        Ok(Self { client: client::for_operator(endpoint_url).await?, table: table.to_owned() })
    }

    /// The table in an engine that asks for no credentials, through that HTTP client.
    pub async fn at_endpoint(table: &str, endpoint_url: &str, http_client: SharedHttpClient) -> Self {
        Self { client: client::for_endpoint(endpoint_url, http_client).await, table: table.to_owned() }
    }

    /// Begins one request's dealings with the table; its time runs from here.
    pub fn session(&self) -> Session {
        Session::new(self.client.clone(), self.table.clone())
    }

    /// Opens the connection, by looking for an item that does not exist, so that no caller waits for it.
    pub async fn warm_up(&self) -> Result<(), StoreError> {
        let request = self.client.get_item().table_name(&self.table);
        let key = Key::nothing().into_attributes();
        request.set_key(Some(key)).send().await.map(|_| ()).map_err(|error| StoreError::from_sdk("GetItem", error))
    }
}
