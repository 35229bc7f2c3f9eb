//! `cargo run -p local`: Greenroom on this machine.

use std::{
    io::{self, Write as _},
    net::{IpAddr, Ipv4Addr},
    path::PathBuf,
    process::ExitCode,
};

use anyhow::Result;
use chrono::Utc;
use clap::Parser;
use local::{Options, Server};
use tokio::signal::unix::{SignalKind, signal};

/// Runs Greenroom's API on this machine, on an embedded DynamoDB.
///
/// Prints where everything is as soon as it can be used. Each request's log line goes to standard error.
#[derive(Parser)]
struct Arguments {
    /// Port of the API; 0: any that is free
    #[arg(long, default_value_t = 3000)]
    port: u16,

    /// Port of the DynamoDB endpoint; 0: any that is free
    #[arg(long, default_value_t = 8000)]
    dynamodb_port: u16,

    /// Address that the DynamoDB endpoint listens on; containers reach only 0.0.0.0 or their bridge's address
    #[arg(long, default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    dynamodb_host: IpAddr,

    /// Folder that keeps the data between runs
    #[arg(long, default_value = ".greenroom", conflicts_with = "ephemeral")]
    data: PathBuf,

    /// Keep the data in memory only
    #[arg(long)]
    ephemeral: bool,
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
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;

    let options = Options {
        port: arguments.port,
        dynamodb_host: arguments.dynamodb_host,
        dynamodb_port: arguments.dynamodb_port,
        data: (!arguments.ephemeral).then_some(arguments.data),
    };
    let server = Server::start(&options, say).await?;
    announce(&server);

    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    say("stopping");
    server.stop().await;
    Ok(())
}

/// Tells a person what is going on. Nobody listening is no reason to stop, here and below.
fn say(what: &str) {
    let _ = writeln!(io::stderr(), "{what} …");
}

/// The lines that people and scripts wait for.
fn announce(server: &Server) {
    let (api, demo) = (server.api_url(), &server.demo);
    let _ = writeln!(
        io::stdout(),
        "api: {api}\ndocs: {api}/docs\ndynamodb: {}\ncompany: {}\napi key: {}\n{}",
        server.dynamodb_url(),
        demo.company_id,
        demo.api_key,
        demo.curl(&api, Utc::now().date_naive()),
    );
}
