//! `cargo run --bin local`: Greenroom on this machine.

use std::{
    io::{self, Write as _},
    net::{IpAddr, Ipv4Addr},
    path::PathBuf,
    process::ExitCode,
    time::Duration,
};

use anyhow::{Context as _, Result};
use axum::http::{HeaderValue, StatusCode};
use chrono::Utc;
use clap::{Args, Parser, Subcommand, ValueEnum};
use domain::{
    StringEnum as _, delivery::RetrySchedule, event::EventType, interview::RESULT_GRACE, webhook::AddressProof,
};
use local::{
    Options, Server,
    conductor::{Pace, Simulation},
    demo,
    listen::{self, Receiver, Registration},
};
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Runs Greenroom's API on this machine, on an embedded DynamoDB, with its webhooks.
///
/// Prints where everything is as soon as it can be used. Each request's log line goes to standard error.
#[derive(Parser)]
#[command(version, args_conflicts_with_subcommands = true)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,

    #[command(flatten)]
    serve: Serve,
}

#[derive(Subcommand)]
enum Command {
    /// Receives webhooks: prints each delivery, and refuses with 401 what it cannot verify
    ///
    /// Registers a webhook of its own with the API, and removes it at the end.
    Listen(Listen),
}

#[derive(Args)]
struct Serve {
    /// Port of the API; 0: any that is free
    #[arg(long, default_value_t = 3000)]
    port: u16,

    /// Port of the DynamoDB endpoint; 0: any that is free
    #[arg(long, default_value_t = 8000)]
    dynamodb_port: u16,

    /// Port of the SQS and KMS endpoint; 0: any that is free
    #[arg(long, default_value_t = 8001)]
    services_port: u16,

    /// Address of the DynamoDB, SQS and KMS endpoints; containers reach only 0.0.0.0 or their bridge's address
    #[arg(long, default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    dynamodb_host: IpAddr,

    /// Folder that keeps the data between runs
    #[arg(long, default_value = ".greenroom", conflicts_with = "ephemeral")]
    data: PathBuf,

    /// Keep the data in memory only
    #[arg(long)]
    ephemeral: bool,

    /// Repeat failed deliveries after seconds instead of minutes and hours
    #[arg(long)]
    fast_retries: bool,

    /// Pause webhooks until their address is proven by a test
    #[arg(long)]
    webhook_challenge: bool,

    /// Seconds beyond an interview's duration after which it fails without a result
    #[arg(long, value_name = "SECONDS", default_value_t = RESULT_GRACE.as_secs())]
    result_grace: u64,

    /// Conductor of the interviews: a simulation, or nobody but your own program at the queues
    #[arg(long, value_enum, default_value_t = ConductedBy::Simulated)]
    conductor: ConductedBy,

    /// Speed of the simulated interviews: with 60, a minute passes in a second
    #[arg(long, value_name = "FACTOR", default_value_t = Pace::DEFAULT)]
    conductor_pace: Pace,

    /// Share of the simulated interviews that fail, and of their analyses
    #[arg(long, value_name = "PERCENT", default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=100))]
    conductor_failures: u8,

    /// Leave out the log line of each request, batch and delivery
    #[arg(short, long)]
    quiet: bool,
}

/// The option `--conductor`.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ConductedBy {
    Simulated,
    Off,
}

#[derive(Args)]
struct Listen {
    /// Port to listen on; 0: any that is free
    #[arg(long, default_value_t = 4000)]
    port: u16,

    /// Address of the API that the webhook is registered with
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:3000")]
    api: String,

    /// Key of the company or system whose events are wanted; by default that in GREENROOM_API_KEY, or the demo company's
    // Not clap's `env`: the variable may well be set for other programs, and then `--secret` is no contradiction.
    #[arg(long, value_name = "sk_…")]
    api_key: Option<String>,

    /// Events that are wanted; all by default
    #[arg(long, value_name = "EVENT,…", value_delimiter = ',', value_parser = listen::event)]
    events: Vec<EventType>,

    /// Signing secret of a webhook that exists, in place of registering one; two during a rotation: one is enough
    #[arg(long = "secret", value_name = "whsec_…", conflicts_with_all = ["api", "api_key", "events"])]
    secrets: Vec<String>,

    /// Status to answer with, to play an endpoint that fails
    #[arg(long, default_value = "204")]
    status: StatusCode,

    /// Time before each answer, to play an endpoint that is slow
    #[arg(long, default_value = "0s", value_parser = listen::duration)]
    delay: Duration,

    /// Retry-After of each answer, to play an endpoint that is busy
    #[arg(long, value_name = "SECONDS OR DATE")]
    retry_after: Option<HeaderValue>,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let line = format!("{error:#}").replace('\n', " ");
            let _ = writeln!(io::stderr(), "error: {line}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<()> {
    // Before anything starts, so that no signal finds the default behaviour.
    let stop = StopSignals {
        interrupt: signal(SignalKind::interrupt())?,
        terminate: signal(SignalKind::terminate())?,
        hangup: signal(SignalKind::hangup())?,
    };
    match arguments.command {
        None => serve(arguments.serve, stop).await,
        Some(Command::Listen(arguments)) => listen(arguments, stop).await,
    }
}

async fn serve(arguments: Serve, mut stop: StopSignals) -> Result<()> {
    let options = Options {
        port: arguments.port,
        dynamodb_host: arguments.dynamodb_host,
        dynamodb_port: arguments.dynamodb_port,
        services_port: arguments.services_port,
        data: (!arguments.ephemeral).then_some(arguments.data),
        schedule: if arguments.fast_retries { RetrySchedule::FAST } else { RetrySchedule::STANDARD },
        address_proof: if arguments.webhook_challenge { AddressProof::On } else { AddressProof::Off },
        result_grace: Duration::from_secs(arguments.result_grace),
        conductor: (arguments.conductor == ConductedBy::Simulated)
            .then_some(Simulation { pace: arguments.conductor_pace, failures_percent: arguments.conductor_failures }),
        quiet: arguments.quiet,
    };
    let server = Server::start(&options, say).await?;
    announce(&server);
    stop.received().await;
    say("stopping");
    server.stop().await;
    Ok(())
}

async fn listen(arguments: Listen, mut stop: StopSignals) -> Result<()> {
    let Listen { port, api, api_key, events, secrets, status, delay, retry_after } = arguments;
    let listener = local::bind(Ipv4Addr::LOCALHOST.into(), port, "--port")?;
    let registration = if secrets.is_empty() {
        let api_key = api_key.or_else(|| std::env::var("GREENROOM_API_KEY").ok()).filter(|key| !key.is_empty());
        let api_key = api_key.as_deref().unwrap_or(demo::API_KEY);
        let events = if events.is_empty() { EventType::ACCEPTED } else { &events };
        Some(Registration::create(&api, api_key, listener.local_addr()?.port(), events).await?)
    } else {
        None
    };
    let receiver = match &registration {
        Some(registration) => Receiver::registered(registration)?,
        None => Receiver::new(&secrets)?,
    };
    let receiving = receiver.answering(status, delay, retry_after).serve(listener, |post| {
        let _ = write!(io::stdout().lock(), "{}", post.text(Utc::now()));
    })?;
    let _ = writeln!(io::stdout(), "listening: {}", receiving.url());
    if let Some(registration) = &registration {
        let _ = writeln!(io::stdout(), "webhook: {}", registration.id());
        match registration.prove().await {
            Ok(true) => drop(writeln!(io::stdout(), "the address is proven")),
            Ok(false) => {}
            Err(error) => drop(writeln!(io::stderr(), "warning: {error:#}")),
        }
    }
    stop.received().await;
    let removed = match &registration {
        Some(registration) => registration.remove().await,
        None => Ok(()),
    };
    receiving.stop().await;
    removed.context("the webhook is left, until `listen` is started on this port again")
}

struct StopSignals {
    interrupt: Signal,
    terminate: Signal,
    /// The end of its terminal.
    hangup: Signal,
}

impl StopSignals {
    async fn received(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            _ = self.hangup.recv() => {}
        }
    }
}

/// Tells a person what is being done. A closed standard error is no reason to stop, nor is a closed output below.
fn say(activity: &str) {
    let _ = writeln!(io::stderr(), "{activity} …");
}

/// The lines that people and scripts wait for.
fn announce(server: &Server) {
    let (api, demo) = (server.api_url(), &server.demo);
    let _ = writeln!(
        io::stdout(),
        "api: {api}\ndocs: {api}/docs\nconsole: {api}/console\ndynamodb: {}\nservices: {}\ncompany: {}\napi key: {}\nsystem's api key: {}\n{}\n\n{}",
        server.dynamodb_url(),
        server.services_url(),
        demo.company_id,
        demo.api_key,
        demo::SYSTEM_API_KEY,
        demo.curl(&api, Utc::now().date_naive()),
        demo.webhook_hint(&api),
    );
}
