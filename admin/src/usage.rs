//! `usage …`

use std::io::{self, Write};

use clap::{Args, Subcommand, ValueEnum};
use domain::allowance::Seconds;
use domain::company::{Company, CompanyId, Plan};
use domain::time::Period;
use serde::Serialize;
use store::MonthUsage;

use crate::amount::{Amount, Amounts};
use crate::error::CommandError;
use crate::{Context, argument};

#[derive(Subcommand)]
pub enum Command {
    /// Prints what each company used in each month, for invoices and spreadsheets
    ///
    /// A line for each company and month that is kept, and for the month that is, which is marked open. If the tool
    /// fails on its way, it exits with 1, and what it has printed is not all.
    Export(Export),
}

#[derive(Args)]
pub struct Export {
    /// The first month, for example 2026-01; else the first that is kept
    #[arg(long, value_name = "MONTH", value_parser = argument::month)]
    from: Option<Period>,
    /// The last month; else the one that is
    #[arg(long, value_name = "MONTH", value_parser = argument::month)]
    to: Option<Period>,
    /// Only this company
    #[arg(long, value_name = "ID", value_parser = argument::id::<CompanyId>)]
    company: Option<CompanyId>,
    /// The form of the lines; else csv, and jsonl with --json
    #[arg(long)]
    format: Option<Format>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// Comma-separated values under a line of names
    Csv,
    /// A JSON object in each line
    Jsonl,
}

pub async fn run(command: Command, context: &Context) -> Result<(), CommandError> {
    let Command::Export(Export { from, to, company, format }) = command;
    if let (Some(from), Some(to)) = (&from, &to)
        && from > to
    {
        return Err(CommandError::Usage("--from is later than --to"));
    }
    let is_wanted =
        |period: &Period| from.as_ref().is_none_or(|from| period >= from) && to.as_ref().is_none_or(|to| period <= to);
    let format = format.unwrap_or(if context.output.json { Format::Jsonl } else { Format::Csv });
    let mut pages = context.store.usage();
    // Read before anything is printed: nothing is, if the company or the table is not there.
    let mut page = match company {
        Some(id) => Some(vec![context.store.company_usage(id).await?]),
        None => pages.next().await?,
    };
    let mut lines = Lines::begin(format)?;
    while let Some(usages) = page.take() {
        for usage in usages {
            let months = usage.months(context.now).into_iter().filter(|month| is_wanted(&month.books.period));
            for month in months {
                lines.print(&usage.account.company, &month)?;
            }
        }
        lines.flush()?;
        if company.is_none() {
            page = pages.next().await?;
        }
    }
    Ok(())
}

/// The output, line by line.
enum Lines {
    Csv(Box<csv::Writer<io::Stdout>>),
    Jsonl(io::BufWriter<io::Stdout>),
}

impl Lines {
    fn begin(format: Format) -> io::Result<Self> {
        Ok(match format {
            Format::Csv => {
                let mut writer = csv::Writer::from_writer(io::stdout());
                writer.write_record(COLUMNS)?;
                Self::Csv(Box::new(writer))
            }
            Format::Jsonl => Self::Jsonl(io::BufWriter::new(io::stdout())),
        })
    }

    fn print(&mut self, company: &Company, month: &MonthUsage) -> io::Result<()> {
        match self {
            Self::Csv(writer) => Ok(writer.write_record(cells(company, month))?),
            Self::Jsonl(writer) => {
                serde_json::to_writer(&mut *writer, &JsonLine::new(company, month))?;
                writer.write_all(b"\n")
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Csv(writer) => writer.flush(),
            Self::Jsonl(writer) => writer.flush(),
        }
    }
}

const COLUMNS: [&str; 18] = [
    "companyId",
    "name",
    "plan",
    "period",
    "open",
    "overageAllowed",
    "grantedSeconds",
    "reservedSeconds",
    "usedSeconds",
    "remainingSeconds",
    "overageSeconds",
    "overdrawnSeconds",
    "grantedMinutes",
    "reservedMinutes",
    "usedMinutes",
    "remainingMinutes",
    "overageMinutes",
    "overdrawnMinutes",
];

/// The cells of a line, in the order of [`COLUMNS`].
fn cells(company: &Company, MonthUsage { books, open }: &MonthUsage) -> Vec<String> {
    let mut cells = vec![
        company.id.to_string(),
        company.profile.name.to_string(),
        books.plan.map(|plan| plan.to_string()).unwrap_or_default(),
        books.period.to_string(),
        open.to_string(),
        books.overage_allowed.to_string(),
    ];
    cells.extend(Amounts::of(books, |seconds| seconds).cells());
    cells.extend(Amounts::of(books, Amount).cells());
    cells
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct JsonLine<'a> {
    company_id: CompanyId,
    name: &'a str,
    /// The plan at the end of the month; none where it was not stored yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    plan: Option<Plan>,
    period: &'a Period,
    open: bool,
    overage_allowed: bool,
    seconds: Amounts<Seconds>,
    minutes: Amounts<Amount>,
}

impl<'a> JsonLine<'a> {
    fn new(company: &'a Company, MonthUsage { books, open }: &'a MonthUsage) -> Self {
        Self {
            company_id: company.id,
            name: company.profile.name.as_str(),
            plan: books.plan,
            period: &books.period,
            open: *open,
            overage_allowed: books.overage_allowed,
            seconds: Amounts::of(books, |seconds| seconds),
            minutes: Amounts::of(books, Amount),
        }
    }
}
