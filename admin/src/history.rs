//! `history`

use clap::Args;
use domain::company::{AtsId, CompanyId, Owner};
use domain::history::{HistoryEntry, HistoryEntryId, ValueChange};
use store::{Page, PageRequest};

use crate::error::CommandError;
use crate::show::{NOTHING, Show, words};
use crate::{Context, argument};

/// Most changes that are shown at once.
const PAGE_MAX: i64 = 500;

#[derive(Args)]
pub struct History {
    /// Only changes of this company, its keys, numbers and webhooks
    #[arg(long, value_name = "ID", value_parser = argument::id::<CompanyId>, conflicts_with = "ats")]
    company: Option<CompanyId>,
    /// Only changes of this applicant tracking system, its keys and webhooks
    #[arg(long, value_name = "ID", value_parser = argument::id::<AtsId>)]
    ats: Option<AtsId>,
    /// Most changes to show, up to 500
    #[arg(long, default_value_t = 50, value_name = "NUMBER", value_parser = clap::value_parser!(u16).range(1..=PAGE_MAX))]
    limit: u16,
    /// Only changes before this one: the `id` of the last one shown
    #[arg(long, value_name = "ID", value_parser = argument::id::<HistoryEntryId>)]
    before: Option<HistoryEntryId>,
}

pub async fn run(arguments: History, context: &Context) -> Result<(), CommandError> {
    let History { company, ats, limit, before } = arguments;
    let owner = company.map(Owner::Company).or(ats.map(Owner::Ats));
    let Page { items, next } = context.store.history(owner, PageRequest { limit, cursor: before }).await?;
    if let (true, Some(owner)) = (items.is_empty(), owner) {
        context.owner_exists(owner).await?;
    }
    context.output.all(&items, "no changes")?;
    if let Some(last) = next {
        context.output.note(&format!("Older ones: --before {last}"))?;
    }
    Ok(())
}

impl Show for HistoryEntry {
    fn fields(&self) -> Vec<(&'static str, String)> {
        let (company, ats) = match self.owner {
            Some(Owner::Company(id)) => (Some(id), None),
            Some(Owner::Ats(id)) => (None, Some(id)),
            None => (None, None),
        };
        let changes: Vec<_> = self.changes.iter().map(in_words).collect();
        vec![
            ("time", self.created_at.to_string()),
            ("by", self.by.to_string()),
            ("action", self.action.to_string().to_lowercase().replace('_', " ")),
            ("subject", self.subject.clone()),
            ("company", words(company)),
            ("ats", words(ats)),
            ("changes", if changes.is_empty() { NOTHING.to_owned() } else { changes.join(", ") }),
        ]
    }
}

fn in_words(change: &ValueChange) -> String {
    let ValueChange { name, from, to } = change;
    match (from, to) {
        (Some(from), Some(to)) => format!("{name} {from} → {to}"),
        (Some(from), None) => format!("{name} {from} → none"),
        (None, Some(to)) => format!("{name} {to}"),
        (None, None) => name.clone(),
    }
}
