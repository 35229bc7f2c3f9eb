//! Everything together, as the program starts it.

use std::{
    io::{self, ErrorKind, Write as _},
    net::{IpAddr, Ipv4Addr, TcpListener},
    path::PathBuf,
    sync::Arc,
};

use anyhow::{Context as _, Result, anyhow};
use aws_smithy_http_client::Builder;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use delivery::WebhookClient;
use domain::delivery::RetrySchedule;
use domain::webhook::Targets;
use runtime::Runtime;
use store::Store;
use vault::Vault;

use crate::{
    deliveries,
    demo::Demo,
    docs,
    engine::Engine,
    filter::Filter,
    folder::Folder,
    functions::Functions,
    gateway,
    http::Serving,
    keys::Keys,
    queue::{Queue, Queues},
    services,
    stream::{self, Stream},
};

/// The table's name in the engine.
pub const TABLE: &str = "greenroom";

/// What a server is started with.
#[derive(Debug, Clone)]
pub struct Options {
    /// The API's port; 0 for any that is free.
    pub port: u16,
    /// The address on which the DynamoDB endpoint and that of the services listen.
    pub dynamodb_host: IpAddr,
    /// The port of the DynamoDB endpoint; 0 for any that is free.
    pub dynamodb_port: u16,
    /// The port of the SQS and KMS endpoint; 0 for any that is free.
    pub services_port: u16,
    /// The folder that keeps the data; none: in memory, gone when the server stops.
    pub data: Option<PathBuf>,
    /// When deliveries are attempted.
    pub schedule: RetrySchedule,
}

/// A running server.
pub struct Server {
    /// The company to call it as.
    pub demo: Demo,
    api: Serving,
    services: Serving,
    publishing: stream::Pump,
    delivering: deliveries::Pump,
    engine: Engine,
    /// Held until the engine has stopped.
    _folder: Option<Folder>,
}

impl Server {
    /// Starts everything and returns when requests can be answered. `say` hears what is being done.
    pub async fn start(options: &Options, say: impl Fn(&str)) -> Result<Self> {
        let folder = options.data.as_deref().map(Folder::open).transpose()?;
        let api = bind(Ipv4Addr::LOCALHOST.into(), options.port, "--port")?;
        let dynamodb = bind(options.dynamodb_host, options.dynamodb_port, "--dynamodb-port")?;
        let services = bind(options.dynamodb_host, options.services_port, "--services-port")?;
        let runtime = Runtime { log: Arc::new(log), ..Runtime::of_system() };

        say("starting the database and the queues");
        let (engine, queues, keys, demo) = match &folder {
            Some(folder) => (
                Engine::file_on(&folder.database(), dynamodb)?,
                Queues::file(&folder.queues(), runtime.clock.clone())?,
                Keys::of(folder)?,
                Demo::of(folder)?,
            ),
            None => {
                (Engine::memory_on(dynamodb)?, Queues::memory(runtime.clock.clone())?, Keys::fresh()?, Demo::fresh())
            }
        };
        let services = services::serve(services, queues.clone(), Arc::new(keys))?;
        say("creating what is missing of the table and the demo company");
        let store = Store::at_endpoint(TABLE, &engine.url(), http_client()).await;
        // A folder from an earlier run has the table already.
        if store.warm_up().await.is_err() {
            store.create_table().await?;
        }
        let stream = Stream::of(&engine, TABLE).await.with_context(|| {
            let folder = options.data.clone().unwrap_or_default();
            format!(
                "the data folder {} is of an earlier version of this program; remove it, or choose another with --data",
                folder.display()
            )
        })?;
        demo.store(&store, (runtime.clock)()).await?;

        let queue = async |queue: Queue| ::queue::Queue::at_endpoint(&queue.url(&services.url()), http_client()).await;
        let functions = Functions {
            runtime,
            store,
            vault: Vault::at_endpoint(Keys::KEY_ARN, &services.url(), http_client()).await,
            queue: queue(Queue::Deliveries).await,
            dead_letters: queue(Queue::DeadLetters).await,
            webhook_client: WebhookClient::new(Targets::PublicAndLoopback, &[])?,
            schedule: options.schedule.clone(),
            jitter: Arc::new(fastrand::f64),
        };
        let routes = gateway::router(functions.http()).merge(docs::router());
        let api = Serving::start(api, routes)?;
        let publisher = functions.clone();
        let publishing =
            stream::Pump::start(stream, Filter::of_template()?, move |event| publisher.clone().publish_events(event));
        let delivering =
            deliveries::Pump::start(queues, Queue::Deliveries, move |event| functions.clone().deliver_webhook(event));
        Ok(Self { demo, api, services, publishing, delivering, engine, _folder: folder })
    }

    /// Where the API answers.
    pub fn api_url(&self) -> String {
        self.api.url()
    }

    /// Where the DynamoDB endpoint answers.
    pub fn dynamodb_url(&self) -> String {
        self.engine.url()
    }

    /// Where the SQS and KMS endpoint answers.
    pub fn services_url(&self) -> String {
        self.services.url()
    }

    /// Answers the requests that have come, finishes the deliveries that have begun, and stops. The others stay in
    /// their queue.
    pub async fn stop(self) {
        // In this order: what is being answered or delivered still needs the queue and the database.
        self.api.stop().await;
        tokio::join!(self.publishing.stop(), self.delivering.stop());
        self.services.stop().await;
        self.engine.stop().await;
    }
}

/// The client that reaches an engine on this machine: no TLS.
pub fn http_client() -> SharedHttpClient {
    Builder::new().build_http()
}

/// The functions' log lines. Standard output is for those who wait for the server to be ready.
fn log(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// Listens, or says in a line why not. `option` is the one that chooses the port.
pub fn bind(host: IpAddr, port: u16, option: &str) -> Result<TcpListener> {
    TcpListener::bind((host, port)).map_err(|error| match error.kind() {
        ErrorKind::AddrInUse => {
            anyhow!("port {port} is taken; choose another with {option} (0: any that is free)")
        }
        _ => anyhow!("{host} port {port} cannot be listened on: {error}"),
    })
}
