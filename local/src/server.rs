//! The server: all modules together, as the program starts them.

use std::{
    io::{self, ErrorKind, Write as _},
    net::{IpAddr, Ipv4Addr, TcpListener},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use anyhow::{Context as _, Result, anyhow};
use aws_smithy_http_client::Builder;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use delivery::WebhookClient;
use domain::delivery::RetrySchedule;
use domain::webhook::{AddressProof, Targets};
use queue::Queue;
use runtime::Runtime;
use store::{CreateError, OperatorError, Store};
use vault::Vault;

use crate::{
    api_gateway,
    conductor::{Conductor, Simulation},
    console,
    demo::{DemoCompany, SYSTEM_API_KEY},
    docs,
    dynamodb::{Engine, Stream},
    event_source::{EventSource, Filter, StreamMapping},
    examples,
    folder::Folder,
    functions::Functions,
    http::Serving,
    kms::MasterKey,
    services,
    sqs::{QueueName, Queues},
};

/// The table's name in the engine.
pub const TABLE: &str = "greenroom";

/// The settings of a server.
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
    /// The folder that keeps the data. Without one they are in memory, and gone when the server stops.
    pub data: Option<PathBuf>,
    /// The times of a delivery's attempts.
    pub schedule: RetrySchedule,
    /// The option that addresses of webhooks have to be proven.
    pub address_proof: AddressProof,
    /// The time after an interview's duration for which its result is waited for.
    pub result_grace: Duration,
    /// The simulated conductor; none for interviews that another program conducts.
    pub conductor: Option<Simulation>,
    /// True to leave out the functions' log lines.
    pub quiet: bool,
}

/// A running server.
pub struct Server {
    /// The company whose key opens the API.
    pub demo: DemoCompany,
    api: Serving,
    services: Serving,
    at_stream: EventSource,
    deliver_webhook: EventSource,
    sweep: EventSource,
    start_interviews: EventSource,
    record_result: EventSource,
    conductor: Option<EventSource>,
    engine: Engine,
    /// The lock on the folder, kept until the engine has stopped.
    _folder: Option<Folder>,
}

impl Server {
    /// Starts everything and returns when requests can be answered. `say` is given what is being done.
    pub async fn start(options: &Options, say: impl Fn(&str)) -> Result<Self> {
        let folder = options.data.as_deref().map(Folder::open).transpose()?;
        let api = bind(Ipv4Addr::LOCALHOST.into(), options.port, "--port")?;
        let dynamodb = bind(options.dynamodb_host, options.dynamodb_port, "--dynamodb-port")?;
        let services = bind(options.dynamodb_host, options.services_port, "--services-port")?;
        let runtime = Runtime {
            log: if options.quiet { Arc::new(|_| {}) } else { Arc::new(log) },
            ..Runtime::of_system("local")
        };

        say("starting the database and the queues");
        let (engine, queues, master_key, demo) = match &folder {
            Some(folder) => {
                // The keys first: the folder's check takes data without them for a loss.
                let (master_key, demo) = (MasterKey::of(folder)?, DemoCompany::of(folder)?);
                let engine = Engine::file_on(&folder.database(), dynamodb)?;
                (engine, Queues::file(&folder.queues(), runtime.clock.clone())?, master_key, demo)
            }
            None => (
                Engine::memory_on(dynamodb)?,
                Queues::memory(runtime.clock.clone())?,
                MasterKey::fresh()?,
                DemoCompany::documented(),
            ),
        };
        let services = services::serve(services, queues.clone(), Arc::new(master_key))?;
        say("creating what is missing of the table and the demo company");
        let store = Store::at_endpoint(TABLE, &engine.url(), http_client()).await;
        // A folder from an earlier run has the table already.
        if let Err(error) = store.warm_up().await {
            match store.create_table().await {
                Err(OperatorError::Table(CreateError::Exists)) => Err(error).context("the table cannot be read")?,
                created => created?,
            }
        }
        let stream = Stream::of(&engine, TABLE).await.with_context(|| {
            let folder = options.data.clone().unwrap_or_default();
            format!(
                "the data folder {} is of an earlier version of this program; remove it, or choose another with --data",
                folder.display()
            )
        })?;
        let vault = Vault::at_endpoint(MasterKey::ARN, &services.url(), http_client()).await;
        let api_url = crate::url(api.local_addr()?);
        let endpoint = format!("{api_url}{}", docs::ENDPOINT);
        let now = (runtime.clock)();
        demo.store(&store, now).await?;
        examples::store(&store, &vault, &demo, &endpoint, now).await?;

        let queue = async |name: QueueName| Queue::at_endpoint(&name.url(&services.url()), http_client()).await;
        let clock = runtime.clock.clone();
        let functions = Functions {
            runtime,
            store,
            vault,
            queue: queue(QueueName::Deliveries).await,
            dead_letters: queue(QueueName::DeadLetters).await,
            interview_starts: queue(QueueName::InterviewStarts).await,
            interview_results_dead_letters: queue(QueueName::InterviewResultsDeadLetters).await,
            result_grace: options.result_grace,
            webhook_client: WebhookClient::new(Targets::PublicAndLoopback, &[])?,
            schedule: options.schedule.clone(),
            jitter: Arc::new(fastrand::f64),
            address_proof: options.address_proof,
            document_url: Some(format!("{api_url}/openapi.yaml")),
            domain_name: None,
        };
        let routes = api_gateway::router(functions.http())
            .merge(docs::router(&demo.api_key, SYSTEM_API_KEY))
            .merge(console::router(&demo.api_key));
        let api = Serving::start(api, routes)?;
        let (publisher, eraser, starter) = (functions.clone(), functions.clone(), functions.clone());
        let mappings = [
            StreamMapping::new(Filter::of_template("PublishEventsStream")?, move |event| {
                publisher.clone().publish_events(event)
            }),
            StreamMapping::new(Filter::of_template("EraseStream")?, move |event| eraser.clone().erase(event)),
            StreamMapping::new(Filter::of_template("StartInterviewsStream")?, move |event| {
                starter.clone().follow_interviews(event)
            }),
        ];
        let at_stream = EventSource::of_stream(stream, mappings);
        let sweeper = functions.clone();
        let sweep = EventSource::of_schedule(options.schedule.swept_every, move || sweeper.clone().sweep());
        let starter = functions.clone();
        let start_interviews =
            EventSource::of_schedule(options.schedule.swept_every, move || starter.clone().sweep_interviews());
        let recorder = functions.clone();
        let record_result = EventSource::of_queue(queues.clone(), QueueName::InterviewResults, move |event| {
            recorder.clone().record_result(event)
        });
        let conductor = options.conductor.map(|simulation| {
            let conductor = Conductor { queues: queues.clone(), clock: clock.clone(), simulation };
            EventSource::of_queue(queues.clone(), QueueName::InterviewStarts, move |event| {
                conductor.clone().conduct(event)
            })
        });
        let deliver_webhook =
            EventSource::of_queue(queues, QueueName::Deliveries, move |event| functions.clone().deliver_webhook(event));
        Ok(Self {
            demo,
            api,
            services,
            at_stream,
            deliver_webhook,
            sweep,
            start_interviews,
            record_result,
            conductor,
            engine,
            _folder: folder,
        })
    }

    pub fn api_url(&self) -> String {
        self.api.url()
    }

    pub fn dynamodb_url(&self) -> String {
        self.engine.url()
    }

    pub fn services_url(&self) -> String {
        self.services.url()
    }

    /// Answers the requests that have come, finishes the deliveries that have begun, and stops. All other deliveries
    /// stay in their queue.
    pub async fn stop(self) {
        // The queue and the database are last: requests and deliveries still need them.
        self.api.stop().await;
        tokio::join!(
            self.at_stream.stop(),
            self.deliver_webhook.stop(),
            self.sweep.stop(),
            self.start_interviews.stop(),
            self.record_result.stop(),
            async {
                if let Some(conductor) = self.conductor {
                    conductor.stop().await;
                }
            },
        );
        self.services.stop().await;
        self.engine.stop().await;
    }
}

/// The client that reaches an engine on this machine: no TLS.
pub fn http_client() -> SharedHttpClient {
    Builder::new().build_http()
}

/// Writes the functions' log lines. Standard output is for the lines that say that the server is ready.
fn log(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// Listens, or says in a line why that failed. `option` is the one that chooses the port.
pub fn bind(host: IpAddr, port: u16, option: &str) -> Result<TcpListener> {
    TcpListener::bind((host, port)).map_err(|error| match error.kind() {
        ErrorKind::AddrInUse => {
            anyhow!("port {port} is taken; choose another with {option} (0: any that is free)")
        }
        _ => anyhow!("{host} port {port} cannot be listened on: {error}"),
    })
}
