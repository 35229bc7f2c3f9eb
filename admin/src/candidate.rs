//! `candidate …`

use clap::Subcommand;
use domain::candidate::CandidateId;
use serde::Serialize;

use crate::error::CommandError;
use crate::show::{Show, print_json};
use crate::{Context, argument};

#[derive(Subcommand)]
pub enum Command {
    /// Prints all that is kept about a person, as JSON: the candidate, and the interviews with what lies beside them
    Export {
        /// The candidate's id
        #[arg(value_parser = argument::id::<CandidateId>)]
        id: CandidateId,
    },
    /// Deletes a candidate and has erased what is known of the person; this can't be undone
    ///
    /// Name, address, number and metadata are gone at once, and the content of the interviews within minutes. What had not
    /// ended is cancelled.
    Erase {
        /// The candidate's id
        #[arg(value_parser = argument::id::<CandidateId>)]
        id: CandidateId,
    },
}

impl Command {
    pub fn changes(&self) -> bool {
        match self {
            Self::Erase { .. } => true,
            Self::Export { .. } => false,
        }
    }
}

pub async fn run(command: Command, context: &Context) -> Result<(), CommandError> {
    let Context { store, output, now, .. } = context;
    match command {
        Command::Export { id } => print_json(&store.candidate_data(id).await?)?,
        Command::Erase { id } => {
            store.erase_candidate(id, *now).await?;
            output.one(&Erased { id })?;
        }
    }
    Ok(())
}

/// A candidate that was deleted.
#[derive(Serialize)]
struct Erased {
    id: CandidateId,
}

impl Show for Erased {
    fn fields(&self) -> Vec<(&'static str, String)> {
        vec![("id", self.id.to_string()), ("status", "deleted; the interviews follow within minutes".to_owned())]
    }
}
