//! `cargo run -p admin -- …`: the operator's tool for companies, plans, API keys and telephone numbers.
//!
//! Turns words of a command line into values of the domain, has the store carry them out, and shows what became of it.
//! Decides nothing itself.

mod argument;
mod ats;
mod company;
mod failure;
mod key;
mod phone_number;
mod show;
mod table;

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use domain::time::Timestamp;
use store::Store;

use crate::failure::Failure;
use crate::show::Output;

/// Greenroom's operator's tool.
///
/// Works on the table of the AWS account and region that the environment names (AWS_PROFILE, AWS_REGION and so on), or
/// on any endpoint that speaks DynamoDB's protocol.
#[derive(Parser)]
#[command(name = "admin", version)]
struct Admin {
    #[command(flatten)]
    place: Place,

    /// Print JSON, for scripts
    #[arg(long, global = true)]
    json: bool,

    #[command(subcommand)]
    command: Command,
}

/// Where the table is.
#[derive(Args)]
struct Place {
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

/// What every command works with.
struct Context {
    store: Store,
    table: String,
    output: Output,
    now: Timestamp,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let Admin { place, json, command } = Admin::parse();
    match run(&place, json, command).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            // Causes come from far away and may hold line ends.
            let line = failure.explain(&place).split_whitespace().collect::<Vec<_>>().join(" ");
            // Nobody listening is no reason to fail differently.
            let _ = writeln!(io::stderr(), "error: {line}");
            ExitCode::from(failure.exit_code())
        }
    }
}

async fn run(place: &Place, json: bool, command: Command) -> Result<(), Failure> {
    let context = Context {
        store: Store::for_operator(&place.table, place.endpoint_url.clone()).await?,
        table: place.table.clone(),
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
