//! `ats …`

use clap::Subcommand;
use domain::company::{Ats, AtsId};
use domain::text::SingleLine;
use uuid::Uuid;

use crate::error::CommandError;
use crate::show::Show;
use crate::{Context, argument};

#[derive(Subcommand)]
pub enum Command {
    /// Creates an applicant tracking system
    Create {
        /// The system's name, for people
        #[arg(long, value_parser = argument::line)]
        name: SingleLine<1, 255>,
    },
}

pub async fn run(command: Command, context: &Context) -> Result<(), CommandError> {
    let Command::Create { name } = command;
    let ats = Ats { id: AtsId::new(Uuid::new_v4()), name, created_at: context.now, updated_at: context.now };
    context.store.create_ats(&ats).await?;
    Ok(context.output.one(&ats)?)
}

impl Show for Ats {
    fn fields(&self) -> Vec<(&'static str, String)> {
        vec![("id", self.id.to_string()), ("name", self.name.to_string()), ("created", self.created_at.to_string())]
    }
}
