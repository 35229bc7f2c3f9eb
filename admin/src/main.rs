//! `cargo run --bin admin -- …`: the operator's tool for companies, plans, API keys, telephone numbers and webhooks.
//!
//! The tool turns words of a command line into values of the domain, has the store carry them out, and shows the
//! result. It decides nothing itself. Before it changes a table in AWS it asks.

mod amount;
mod argument;
mod ats;
mod audit;
mod candidate;
mod company;
mod confirm;
mod doctor;
mod error;
mod history;
mod key;
mod phone_number;
mod secret;
mod show;
mod table;
mod usage;
mod webhook;

use std::io::{self, Write as _};
use std::process::ExitCode;

use aws::SdkConfig;
use clap::error::ErrorKind;
use clap::{Args, CommandFactory as _, Parser, Subcommand};
use clap_complete::Shell;
use domain::company::Owner;
use domain::history::Operator;
use domain::idempotency::IdSecret;
use domain::time::Timestamp;
use serde::Serialize;
use store::Store;

use crate::confirm::{Place, confirm};
use crate::error::CommandError;
use crate::show::{Output, Show};

/// Greenroom's operator's tool.
///
/// Works on the table of the AWS account and region that the environment names (AWS_PROFILE, AWS_REGION and so on), or
/// on any endpoint that speaks DynamoDB's protocol.
#[derive(Parser)]
#[command(name = "admin", version)]
struct Admin {
    #[command(flatten)]
    options: GlobalOptions,

    #[command(subcommand)]
    command: Command,
}

/// The options of every command: the table's endpoint and name, and who uses the tool, a person or a script.
#[derive(Args)]
#[command(next_help_heading = "Global options")]
struct GlobalOptions {
    /// Endpoint to use instead of AWS's, for example http://127.0.0.1:8000; a local one needs no AWS account
    #[arg(long, global = true, value_name = "URL", env = "AWS_ENDPOINT_URL_DYNAMODB", value_parser = argument::endpoint_url)]
    endpoint_url: Option<String>,

    /// Table to work on: the stack's output TableName, or `greenroom` where `local` has made it
    #[arg(long, global = true, value_name = "NAME", env = "TABLE_NAME", default_value = "greenroom")]
    table: String,

    /// Print JSON, for scripts; asks nothing
    #[arg(long, global = true)]
    json: bool,

    /// Do not ask before a change of a table in AWS
    #[arg(long, short, global = true)]
    yes: bool,
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
    /// Candidates: what is kept about a person
    #[command(subcommand)]
    Candidate(candidate::Command),
    /// Webhooks, which their owners manage by the API
    #[command(subcommand)]
    Webhook(webhook::Command),
    /// Usage of companies, by month or by day
    #[command(subcommand)]
    Usage(usage::Command),
    /// Shows who changed what with this tool in the last 400 days, newest first
    History(history::History),
    /// Reads the whole table, and names what contradicts itself; changes nothing
    ///
    /// Exits with 1 if there is a contradiction. With --json, each one is a line, and the last line is the summary.
    Audit(audit::Audit),
    /// Checks account, stack and table, and says what to do about what is not as it should be
    Doctor(doctor::Doctor),
    /// The table, where no stack creates it
    #[command(subcommand)]
    Table(table::Command),
    /// Prints a script that makes a shell complete this tool's commands
    Completions {
        /// The shell
        shell: Shell,
    },
}

impl Command {
    /// True if the command changes the table.
    fn changes(&self) -> bool {
        match self {
            Self::Company(command) => command.changes(),
            Self::Ats(command) => command.changes(),
            Self::Key(command) => command.changes(),
            Self::PhoneNumber(command) => command.changes(),
            Self::Candidate(command) => command.changes(),
            Self::Webhook(command) => command.changes(),
            Self::Table(command) => command.changes(),
            Self::Usage(_) | Self::History(_) | Self::Audit(_) | Self::Doctor(_) | Self::Completions { .. } => false,
        }
    }
}

/// The store, the output and the time of a command.
struct Context {
    store: Store,
    table: String,
    output: Output,
    now: Timestamp,
}

impl Context {
    /// Makes sure that there is a company or a system of which nothing was found.
    async fn owner_exists(&self, owner: Owner) -> Result<(), CommandError> {
        match owner {
            Owner::Company(id) => drop(self.store.company(id).await?),
            Owner::Ats(id) => drop(self.store.ats(id).await?),
        }
        Ok(())
    }

    /// Gives a company or a system, and all its keys, the secret that its ids are derived with, as far as they lack it.
    async fn set_id_secret(&self, owner: Owner) -> Result<(), CommandError> {
        let given = self.store.set_id_secret(owner, IdSecret::generate()?, self.now).await?;
        let view = IdSecretView { owner, changed: given.is_some(), keys: given.unwrap_or(0) };
        Ok(self.output.one(&view)?)
    }
}

/// The change of an owner that lacked the secret for its ids. The secret itself is shown to nobody.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct IdSecretView {
    #[serde(flatten)]
    owner: Owner,
    /// False if there was nothing to do.
    changed: bool,
    /// The number of keys that lacked it.
    keys: usize,
}

impl Show for IdSecretView {
    fn fields(&self) -> Vec<(&'static str, String)> {
        let owner = match self.owner {
            Owner::Company(id) => ("company", id.to_string()),
            Owner::Ats(id) => ("ats", id.to_string()),
        };
        let done = if self.changed { "set" } else { "was there already" };
        vec![owner, ("secret", done.to_owned()), ("keys given it", self.keys.to_string())]
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let Admin { options, command } = match Admin::try_parse() {
        Ok(admin) => admin,
        Err(error) => return misunderstood(&error),
    };
    let changes = command.changes();
    match run(&options, command).await {
        Ok(()) => ExitCode::SUCCESS,
        // What a change prints, such as a new key, may be needed.
        Err(error) if error.is_closed_pipe() && !changes => ExitCode::SUCCESS,
        Err(error) => {
            // Causes may hold line ends.
            let line = error.explain(&options).split_whitespace().collect::<Vec<_>>().join(" ");
            complain(&format!("error: {line}\n"));
            ExitCode::from(error.exit_code())
        }
    }
}

/// Says what was wrong with the command line, or prints the help that was asked for.
fn misunderstood(error: &clap::Error) -> ExitCode {
    let text = error.render().to_string();
    let masked = secret::masked(&text);
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) || masked == text {
        // In colours, where the terminal has them.
        let _ = error.print();
    } else {
        complain(&masked);
        complain("\nA secret on the command line stays in the shell's history.\n");
    }
    ExitCode::from(if error.use_stderr() { 2 } else { 0 })
}

/// Writes to standard error, with secrets masked. That it is closed changes nothing about the exit code.
fn complain(text: &str) {
    let _ = io::stderr().write_all(secret::masked(text).as_bytes());
}

async fn run(options: &GlobalOptions, command: Command) -> Result<(), CommandError> {
    if let Command::Completions { shell } = command {
        return complete(shell);
    }
    let config = aws::for_operator(options.endpoint_url.clone()).await;
    if let Command::Doctor(arguments) = &command {
        return doctor::run(arguments, config, options).await;
    }
    let config = config?;
    let operator = if command.changes() { may_change(&config, options).await? } else { Operator::unknown() };
    let context = Context {
        store: Store::for_operator(&config, &options.table, operator),
        table: options.table.clone(),
        output: Output { json: options.json },
        now: Timestamp::new(chrono::Utc::now()),
    };
    match command {
        Command::Company(command) => company::run(command, &context).await,
        Command::Ats(command) => ats::run(command, &context).await,
        Command::Key(command) => key::run(command, &context).await,
        Command::PhoneNumber(command) => phone_number::run(command, &context).await,
        Command::Candidate(command) => candidate::run(command, &context).await,
        Command::Webhook(command) => webhook::run(command, &context).await,
        Command::Usage(command) => usage::run(command, &context).await,
        Command::History(arguments) => history::run(arguments, &context).await,
        Command::Audit(arguments) => audit::run(&arguments, &context).await,
        Command::Table(command) => table::run(command, &context).await,
        Command::Doctor(arguments) => doctor::run(&arguments, Ok(config), options).await,
        Command::Completions { shell } => complete(shell),
    }
}

/// Finds out who is about to change the table, for the history, and asks whether to go on. A table at a local endpoint
/// knows neither accounts nor questions.
async fn may_change(config: &SdkConfig, options: &GlobalOptions) -> Result<Operator, CommandError> {
    if config.endpoint_url().is_some_and(aws::is_local) {
        return Ok(Operator::unknown());
    }
    let identity = aws::caller_identity(config).await;
    if let Err(error) = &identity {
        // A key that got out is to be revoked even so.
        complain(&format!("warning: the history will name nobody: {}\n", error::chain(error)));
    }
    let identity = identity.ok();
    if !options.yes && !options.json {
        confirm(&Place {
            account: identity.as_ref().map(|identity| identity.account.as_str()),
            region: config.region().map_or("unknown", |region| region.as_ref()),
            table: &options.table,
        })?;
    }
    Ok(identity.map_or_else(Operator::unknown, |identity| Operator::identified(identity.arn)))
}

fn complete(shell: Shell) -> Result<(), CommandError> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Admin::command(), "admin", &mut script);
    Ok(show::print(&String::from_utf8_lossy(&script))?)
}
