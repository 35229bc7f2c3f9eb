//! `table …`

use clap::Subcommand;
use serde::Serialize;

use crate::Context;
use crate::error::CommandError;
use crate::show::Show;

#[derive(Subcommand)]
pub enum Command {
    /// Creates the table as template.yaml defines it, and waits until it can be used
    Create,
}

impl Command {
    pub fn changes(&self) -> bool {
        match self {
            Self::Create => true,
        }
    }
}

pub async fn run(command: Command, context: &Context) -> Result<(), CommandError> {
    match command {
        Command::Create => {
            context.store.create_table().await?;
            context.store.enter_table(context.now).await?;
        }
    }
    Ok(context.output.one(&Table { id: &context.table })?)
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
