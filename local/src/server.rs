//! Everything together, as the program starts it.

use std::{
    io::{self, ErrorKind, Write as _},
    net::{IpAddr, Ipv4Addr, TcpListener},
    path::PathBuf,
    sync::Arc,
};

use anyhow::{Result, anyhow};
use api::{App, Edge};
use aws_smithy_http_client::Builder;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use store::Store;

use crate::{demo::Demo, docs, engine::Engine, folder::Folder, functions, gateway, http::Serving};

/// The table's name in the engine.
pub const TABLE: &str = "greenroom";

/// What a server is started with.
#[derive(Debug, Clone)]
pub struct Options {
    /// The API's port; 0 for any that is free.
    pub port: u16,
    /// The address on which the DynamoDB endpoint listens.
    pub dynamodb_host: IpAddr,
    /// The port of the DynamoDB endpoint; 0 for any that is free.
    pub dynamodb_port: u16,
    /// The folder that keeps the data; none: in memory, gone when the server stops.
    pub data: Option<PathBuf>,
}

/// A running server.
pub struct Server {
    /// The company to call it as.
    pub demo: Demo,
    api: Serving,
    engine: Engine,
    /// Held until the engine has stopped.
    _folder: Option<Folder>,
}

impl Server {
    /// Starts everything and returns when requests can be answered. `say` hears what is being done.
    pub async fn start(options: &Options, say: impl Fn(&str)) -> Result<Self> {
        let folder = options.data.as_deref().map(Folder::open).transpose()?;
        let api = listen(Ipv4Addr::LOCALHOST.into(), options.port, "--port")?;
        let dynamodb = listen(options.dynamodb_host, options.dynamodb_port, "--dynamodb-port")?;

        say("starting the database");
        let engine = match &folder {
            Some(folder) => Engine::file_on(&folder.database(), dynamodb)?,
            None => Engine::memory_on(dynamodb)?,
        };
        let demo = match &folder {
            Some(folder) => Demo::of(folder)?,
            None => Demo::fresh(),
        };
        say("creating what is missing of the table and the demo company");
        let store = Store::at_endpoint(TABLE, &engine.url(), http_client()).await;
        // A folder from an earlier run has the table already.
        if store.warm_up().await.is_err() {
            store.create_table().await?;
        }
        let edge = Edge { log: Arc::new(log), ..Edge::of_system() };
        demo.store(&store, (edge.clock)()).await?;

        let functions = functions::of(App { edge, store });
        let routes = gateway::router(functions).merge(docs::router());
        Ok(Self { demo, api: Serving::start(api, routes)?, engine, _folder: folder })
    }

    /// Where the API answers.
    pub fn api_url(&self) -> String {
        self.api.url()
    }

    /// Where the DynamoDB endpoint answers.
    pub fn dynamodb_url(&self) -> String {
        self.engine.url()
    }

    /// Answers the requests that have come, and stops.
    pub async fn stop(self) {
        // In this order: what is being answered still needs the database.
        self.api.stop().await;
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

fn listen(host: IpAddr, port: u16, option: &str) -> Result<TcpListener> {
    TcpListener::bind((host, port)).map_err(|error| match error.kind() {
        ErrorKind::AddrInUse => {
            anyhow!("port {port} is taken; choose another with {option} (0: any that is free)")
        }
        _ => anyhow!("{host} port {port} cannot be listened on: {error}"),
    })
}
