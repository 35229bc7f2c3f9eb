//! `table …`

use std::io::{self, IsTerminal as _};

use clap::Subcommand;
use serde::Serialize;
use store::MigrationProgress;

use crate::Context;
use crate::error::CommandError;
use crate::show::Show;

#[derive(Subcommand)]
pub enum Command {
    /// Creates the table as template.yaml defines it, and waits until it can be used
    Create,
    /// Gives items of earlier versions their places in the indexes, and moves transcripts out of analyses. Can be interrupted
    /// and repeated; no caller notices
    Migrate,
}

impl Command {
    pub fn changes(&self) -> bool {
        match self {
            Self::Create | Self::Migrate => true,
        }
    }
}

pub async fn run(command: Command, context: &Context) -> Result<(), CommandError> {
    match command {
        Command::Create => {
            context.store.create_table().await?;
            context.store.enter_table(context.now).await?;
        }
        Command::Migrate => {
            let done = context.store.migrate(tell).await?;
            if io::stderr().is_terminal() {
                eprintln!();
            }
            return Ok(context.output.one(&Migrated(done))?);
        }
    }
    Ok(context.output.one(&Table { id: &context.table })?)
}

/// Tells people how far a migration is, on one line that is written anew.
fn tell(MigrationProgress { companies, items, migrated }: &MigrationProgress) {
    if io::stderr().is_terminal() {
        eprint!("\r{companies} companies, {items} items looked at, {migrated} migrated");
    }
}

#[derive(Serialize)]
#[serde(transparent)]
struct Migrated(MigrationProgress);

impl Show for Migrated {
    fn fields(&self) -> Vec<(&'static str, String)> {
        let Self(MigrationProgress { companies, items, migrated }) = self;
        vec![("companies", companies.to_string()), ("items", items.to_string()), ("migrated", migrated.to_string())]
    }
}

#[derive(Serialize)]
struct Table<'a> {
    id: &'a str,
}

impl Show for Table<'_> {
    fn fields(&self) -> Vec<(&'static str, String)> {
        vec![("table", self.id.to_owned())]
    }
}
