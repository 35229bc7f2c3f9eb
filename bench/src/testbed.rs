//! The surroundings of a function: the engine, the queues and the key behind TLS, the table, a company with a key.

use crate::company;
use crate::meter::Meter;
use crate::tls::Authority;
use anyhow::{Context, Result, ensure};
use api::Route;
use chrono::Utc;
use domain::time::Timestamp;
use local::demo::DemoCompany;
use local::dynamodb::Engine;
use local::http::Serving;
use local::kms::MasterKey;
use local::services;
use local::sqs::{QueueName, Queues};
use std::collections::{BTreeSet, HashMap};
use std::net::TcpListener;
use std::sync::{Arc, Mutex, PoisonError};
use store::Store;
use tempfile::TempDir;
use tokio::task::JoinHandle;

const TABLE: &str = "bench";

/// A testbed in memory, with one company, reachable over TLS until dropped.
pub struct Testbed {
    /// The table, without TLS.
    pub store: Store,
    pub company: DemoCompany,
    /// The routes whose cost was measured.
    measured: Mutex<BTreeSet<Route>>,
    authority: Authority,
    dynamodb: String,
    services: String,
    proxies: [JoinHandle<()>; 2],
    _serving: Serving,
    _folder: TempDir,
    _engine: Engine,
}

impl Testbed {
    /// Starts a testbed; takes some milliseconds.
    pub async fn create() -> Result<Testbed> {
        let engine = Engine::memory()?;
        let url = engine.url();
        Testbed::with(engine, &url).await
    }

    /// The same, with a meter between functions and engine.
    pub async fn metered() -> Result<(Testbed, Meter)> {
        let engine = Engine::memory()?;
        let meter = Meter::start(&engine.url())?;
        Ok((Testbed::with(engine, &meter.url()).await?, meter))
    }

    async fn with(engine: Engine, dynamodb_url: &str) -> Result<Testbed> {
        let store = Store::at_endpoint(TABLE, &engine.url(), local::http_client()).await;
        store.create_table().await?;
        let company = company::create(&store).await?;
        let queues = Queues::memory(Arc::new(|| Timestamp::new(Utc::now())))?;
        let serving = services::serve(TcpListener::bind("127.0.0.1:0")?, queues, Arc::new(MasterKey::fresh()?))?;
        let folder = tempfile::tempdir()?;
        let authority = Authority::new(folder.path())?;
        let (dynamodb_port, dynamodb_proxy) = authority.proxy(dynamodb_url).await?;
        let (services_port, services_proxy) = authority.proxy(&serving.url()).await?;
        Ok(Testbed {
            store,
            company,
            measured: Mutex::default(),
            authority,
            dynamodb: format!("https://localhost:{dynamodb_port}"),
            services: format!("https://localhost:{services_port}"),
            proxies: [dynamodb_proxy, services_proxy],
            _serving: serving,
            _folder: folder,
            _engine: engine,
        })
    }

    /// Notes that the cost of a request was measured.
    pub fn note(&self, method: &str, path: &str) -> Result<()> {
        let path = path.split('?').next().unwrap_or_default();
        let route = Route::of(method, path).with_context(|| format!("no route takes {method} {path}"))?;
        self.measured.lock().unwrap_or_else(PoisonError::into_inner).insert(route);
        Ok(())
    }

    /// Fails unless the cost of every route was measured.
    pub fn require_all_routes(&self) -> Result<()> {
        let measured = self.measured.lock().unwrap_or_else(PoisonError::into_inner);
        let missing: Vec<_> = Route::ALL.iter().filter(|route| !measured.contains(route)).collect();
        ensure!(missing.is_empty(), "no cost of {missing:?} is measured");
        Ok(())
    }

    /// The function's environment variables. It may post to this machine.
    pub fn environment(&self) -> HashMap<&'static str, String> {
        HashMap::from([
            ("STACK_NAME", "bench".to_owned()),
            ("TABLE_NAME", TABLE.to_owned()),
            ("DELIVERY_QUEUE_URL", QueueName::Deliveries.url(&self.services)),
            ("DEAD_LETTER_QUEUE_URL", QueueName::DeadLetters.url(&self.services)),
            ("SECRETS_KEY_ID", MasterKey::ARN.to_owned()),
            ("WEBHOOK_TARGETS", "public-and-loopback".to_owned()),
            ("AWS_ENDPOINT_URL_DYNAMODB", self.dynamodb.clone()),
            ("AWS_ENDPOINT_URL_SQS", self.services.clone()),
            ("AWS_ENDPOINT_URL_KMS", self.services.clone()),
            ("AWS_CA_BUNDLE", self.authority.bundle().display().to_string()),
        ])
    }
}

impl Drop for Testbed {
    fn drop(&mut self) {
        self.proxies.iter().for_each(JoinHandle::abort);
    }
}
