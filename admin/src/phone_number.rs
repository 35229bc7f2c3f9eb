//! `phone-number …`

use clap::Subcommand;
use domain::company::CompanyId;
use domain::contact::E164;
use domain::phone_number::{PhoneNumber, PhoneNumberId};

use crate::error::CommandError;
use crate::show::Show;
use crate::{Context, argument};

#[derive(Subcommand)]
pub enum Command {
    /// Adds a number that the company's agents may call from; each number once
    Add {
        /// The company's id
        #[arg(long, value_name = "ID", value_parser = argument::id::<CompanyId>)]
        company: CompanyId,
        /// Number in E.164 form, for example +421901234567
        #[arg(long, value_parser = E164::parse)]
        number: E164,
    },
    /// Lists a company's numbers, oldest first
    List {
        /// The company's id
        #[arg(long, value_name = "ID", value_parser = argument::id::<CompanyId>)]
        company: CompanyId,
    },
    /// Removes a number; agents that call from it keep its id, and need another number
    Remove {
        /// The number's id
        #[arg(value_parser = argument::id::<PhoneNumberId>)]
        id: PhoneNumberId,
    },
}

impl Command {
    pub fn changes(&self) -> bool {
        match self {
            Self::Add { .. } | Self::Remove { .. } => true,
            Self::List { .. } => false,
        }
    }
}

pub async fn run(command: Command, context: &Context) -> Result<(), CommandError> {
    let Context { store, output, now, .. } = context;
    match command {
        Command::Add { company, number } => {
            // One that was added before ids followed from numbers has another id.
            let same = store.phone_numbers(company).await?.into_iter().find(|known| known.number == number);
            if let Some(PhoneNumber { id, .. }) = same {
                return Err(CommandError::NumberTaken(id));
            }
            let id = PhoneNumberId::of(company, &number);
            let number = PhoneNumber { id, company_id: company, number, created_at: *now, updated_at: *now };
            store.add_phone_number(&number).await?;
            output.one(&number)?;
        }
        Command::Remove { id } => output.one(&store.remove_phone_number(id, *now).await?)?,
        Command::List { company } => {
            let numbers = store.phone_numbers(company).await?;
            if numbers.is_empty() {
                // A company without numbers, or a mistyped id.
                store.company(company).await?;
            }
            output.all(&numbers, "no telephone numbers")?;
        }
    }
    Ok(())
}

impl Show for PhoneNumber {
    fn fields(&self) -> Vec<(&'static str, String)> {
        vec![
            ("id", self.id.to_string()),
            ("number", self.number.as_str().to_owned()),
            ("added", self.created_at.to_string()),
        ]
    }
}
