//! `cargo run --bin admin -- …`: the operator's tool for companies, plans, API keys and telephone numbers.
//!
//! The tool turns words of a command line into values of the domain, has the store carry them out, and shows the
//! result. It decides nothing itself.

mod argument;
mod ats;
mod company;
mod error;
mod key;
mod phone_number;
mod show;
mod table;

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use domain::time::Timestamp;
use store::Store;

use crate::error::CommandError;
use crate::show::Output;

/// Greenroom's operator's tool.
///
/// Works on the table of the AWS account and region that the environment names (AWS_PROFILE, AWS_REGION and so on), or
/// on any endpoint that speaks DynamoDB's protocol.
#[derive(Parser)]
#[command(name = "admin", version)]
struct Admin {
    #[command(flatten)]
    location: TableLocation,

    /// Print JSON, for scripts
    #[arg(long, global = true)]
    json: bool,

    #[command(subcommand)]
    command: Command,
}

/// The table's endpoint and name.
#[derive(Args)]
struct TableLocation {
    /// Endpoint to use instead of AWS's, for example http://127.0.0.1:8000; needs no AWS account
    #[arg(long, global = true, value_name = "URL", env = "AWS_ENDPOINT_URL_DYNAMODB", value_parser = argument::endpoint_url)]
    endpoint_url: Option<String>,

    /// Table to work on: the stack's output TableName, or `greenroom` where `local` has made it
    #[arg(long, global = true, value_name = "NAME", env = "TABLE_NAME", default_value = "greenroom")]
    table: String,
}

#[derive(Subcommand)]
enum Command {
    /// Companies, their plans and what is left of them
    #[command(subcommand)]
    Company(company::Command),
    /// Applicant tracking systems, whose keys act for several companies
    #[command(subcommand)]
    Ats(ats::Command),
    /// API keys
    #[command(subcommand)]
    Key(key::Command),
    /// Telephone numbers that agents call from
    #[command(subcommand)]
    PhoneNumber(phone_number::Command),
    /// The table, where no stack creates it
    #[command(subcommand)]
    Table(table::Command),
}

/// The store, the output and the time of a command.
struct Context {
    store: Store,
    table: String,
    output: Output,
    now: Timestamp,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let Admin { location, json, command } = Admin::parse();
    match run(&location, json, command).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Causes may hold line ends.
            let line = error.explain(&location).split_whitespace().collect::<Vec<_>>().join(" ");
            // A closed standard error changes nothing about the exit code.
            let _ = writeln!(io::stderr(), "error: {line}");
            ExitCode::from(error.exit_code())
        }
    }
}

async fn run(location: &TableLocation, json: bool, command: Command) -> Result<(), CommandError> {
    let context = Context {
        store: Store::for_operator(&location.table, location.endpoint_url.clone()).await?,
        table: location.table.clone(),
        output: Output { json },
        now: Timestamp::new(chrono::Utc::now()),
    };
    match command {
        Command::Company(command) => company::run(command, &context).await,
        Command::Ats(command) => ats::run(command, &context).await,
        Command::Key(command) => key::run(command, &context).await,
        Command::PhoneNumber(command) => phone_number::run(command, &context).await,
        Command::Table(command) => table::run(command, &context).await,
    }
}
