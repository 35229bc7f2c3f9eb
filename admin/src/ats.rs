//! `ats …`

use clap::Subcommand;
use domain::company::{Ats, AtsId, DefaultPlan, Owner, Plan};
use domain::idempotency::IdSecret;
use domain::text::SingleLine;
use serde::Serialize;
use store::AtsAccount;
use uuid::Uuid;

use crate::company::grant;
use crate::error::CommandError;
use crate::show::{Show, list_of, words};
use crate::{Context, argument};

#[derive(Subcommand)]
pub enum Command {
    /// Creates an applicant tracking system
    Create {
        /// The system's name, for people
        #[arg(long, value_parser = argument::line::<1, 255>)]
        name: SingleLine<1, 255>,
    },
    /// Lists all systems, oldest first
    List,
    /// Shows a system with the companies that it manages
    Show {
        /// The system's id
        #[arg(value_parser = argument::id::<AtsId>)]
        id: AtsId,
    },
    /// Sets the plan of the companies that a system creates from now on; those that it has keep theirs
    SetDefaultPlan {
        /// The system's id
        #[arg(value_parser = argument::id::<AtsId>)]
        id: AtsId,
        /// trial, starter, business, scale or enterprise, in any case; trial until another is set
        #[arg(value_parser = argument::plan)]
        plan: Plan,
        /// Minutes a month of each company, instead of the plan's own; enterprise has none of its own
        #[arg(long)]
        minutes: Option<u32>,
    },
    /// Has the ids of a system without a secret derived with one from now on, as those of newer systems are
    SetIdSecret {
        /// The system's id
        #[arg(value_parser = argument::id::<AtsId>)]
        id: AtsId,
    },
}

impl Command {
    pub fn changes(&self) -> bool {
        match self {
            Self::Create { .. } | Self::SetDefaultPlan { .. } | Self::SetIdSecret { .. } => true,
            Self::List | Self::Show { .. } => false,
        }
    }
}

pub async fn run(command: Command, context: &Context) -> Result<(), CommandError> {
    let Context { store, output, now, .. } = context;
    match command {
        Command::Create { name } => {
            let ats = Ats::new(AtsId::new(Uuid::new_v4()), name, *now);
            store.create_ats(&ats, IdSecret::generate()?).await?;
            output.one(&AtsView::from(AtsAccount { ats, companies: Vec::new() }))?;
        }
        Command::List => {
            let systems: Vec<_> = store.ats_accounts().await?.into_iter().map(AtsView::from).collect();
            output.all(&systems, "no applicant tracking systems")?;
        }
        Command::Show { id } => output.one(&AtsView::from(store.ats_account(id).await?))?,
        Command::SetDefaultPlan { id, plan, minutes } => {
            let plan = DefaultPlan { plan, granted_seconds: grant(plan, minutes)? };
            store.set_default_plan(id, plan, *now).await?;
            output.one(&AtsView::from(store.ats_account(id).await?))?;
        }
        Command::SetIdSecret { id } => context.set_id_secret(Owner::Ats(id)).await?,
    }
    Ok(())
}

/// A system with the ids of its companies.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AtsView {
    #[serde(flatten)]
    ats: Ats,
    company_ids: Vec<String>,
}

impl From<AtsAccount> for AtsView {
    fn from(AtsAccount { ats, companies }: AtsAccount) -> Self {
        Self { ats, company_ids: companies.iter().map(|company| company.id.to_string()).collect() }
    }
}

/// The plan of new companies, with their minutes a month.
fn in_words(DefaultPlan { plan, granted_seconds }: DefaultPlan) -> String {
    format!("{}, {} minutes", plan.to_string().to_lowercase(), granted_seconds.whole_minutes())
}

impl Show for AtsView {
    fn fields(&self) -> Vec<(&'static str, String)> {
        vec![
            ("id", self.ats.id.to_string()),
            ("name", self.ats.name.to_string()),
            ("companies", list_of(&self.company_ids)),
            ("default plan", words(self.ats.default_plan.map(in_words))),
            ("created", self.ats.created_at.to_string()),
        ]
    }

    fn row(&self) -> Vec<(&'static str, String)> {
        vec![
            ("id", self.ats.id.to_string()),
            ("name", self.ats.name.to_string()),
            ("companies", self.company_ids.len().to_string()),
            ("created", self.ats.created_at.to_string()),
        ]
    }
}
