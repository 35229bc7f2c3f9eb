//! What a function finds when it starts: the engine behind TLS, the table, a company with a key.

use crate::company::{self, Company};
use crate::tls::Authority;
use anyhow::Result;
use domain::PhoneNumberId;
use local::engine::Engine;
use std::collections::HashMap;
use tempfile::TempDir;
use tokio::task::JoinHandle;

const TABLE: &str = "bench";

/// A database in memory with one company, reachable over TLS. It ends when dropped.
pub struct World {
    /// A key of the company, with all scopes.
    pub api_key: String,
    /// A phone number of the company.
    pub phone_number_id: PhoneNumberId,
    authority: Authority,
    endpoint: String,
    proxy: JoinHandle<()>,
    _folder: TempDir,
    _engine: Engine,
}

impl World {
    /// Starts everything; takes some milliseconds.
    pub async fn create() -> Result<World> {
        let engine = Engine::memory()?;
        let store = company::store(&engine.url(), TABLE).await;
        store.create_table().await?;
        let company = Company::create(&store).await?;
        let folder = tempfile::tempdir()?;
        let authority = Authority::new(folder.path())?;
        let (port, proxy) = authority.proxy(&engine.url()).await?;
        Ok(World {
            api_key: company.api_key,
            phone_number_id: company.phone_number_id,
            authority,
            endpoint: format!("https://localhost:{port}"),
            proxy,
            _folder: folder,
            _engine: engine,
        })
    }

    /// The variables that tell a function where its database is.
    pub fn environment(&self) -> HashMap<&'static str, String> {
        HashMap::from([
            ("TABLE_NAME", TABLE.to_owned()),
            ("AWS_ENDPOINT_URL_DYNAMODB", self.endpoint.clone()),
            ("AWS_CA_BUNDLE", self.authority.bundle().display().to_string()),
        ])
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.proxy.abort();
    }
}
