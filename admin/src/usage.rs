//! `usage …`

use std::io::{self, Write};

use chrono::NaiveDate;
use clap::{Args, Subcommand, ValueEnum};
use domain::agent::Focus;
use domain::allowance::Seconds;
use domain::company::{Company, CompanyId, Plan};
use domain::time::Period;
use domain::usage::Used;
use serde::Serialize;
use store::MonthUsage;

use crate::amount::{Amount, Amounts};
use crate::error::CommandError;
use crate::{Context, argument};

#[derive(Subcommand)]
pub enum Command {
    /// Prints what each company used in each month or on each day, for invoices and spreadsheets
    ///
    /// A line for each company and month that is kept, and for the month that is, which is marked open; by day, a line for each
    /// day and focus with interviews that were settled. If the tool fails on its way, it exits with 1, and what it has printed
    /// is not all.
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
    /// The subject of each line
    #[arg(long, value_enum, default_value_t = By::Month)]
    by: By,
    /// Only this company
    #[arg(long, value_name = "ID", value_parser = argument::id::<CompanyId>)]
    company: Option<CompanyId>,
    /// The form of the lines; else csv, and jsonl with --json
    #[arg(long)]
    format: Option<Format>,
}

#[derive(Clone, Copy, ValueEnum)]
enum By {
    /// The books of a company's month
    Month,
    /// A company's interviews of a focus that ended on a day (UTC)
    Day,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// Comma-separated values under a line of names
    Csv,
    /// A JSON object in each line
    Jsonl,
}

pub async fn run(command: Command, context: &Context) -> Result<(), CommandError> {
    let Command::Export(Export { from, to, by, company, format }) = command;
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
    let mut lines = match by {
        By::Month => Lines::begin(format, &COLUMNS)?,
        By::Day => Lines::begin(format, &DAY_COLUMNS)?,
    };
    while let Some(usages) = page.take() {
        for usage in usages {
            let company = &usage.account.company;
            match by {
                By::Month => {
                    for month in usage.months(context.now).iter().filter(|month| is_wanted(&month.books.period)) {
                        lines.print(|| cells(company, month), &JsonLine::new(company, month))?;
                    }
                }
                By::Day => {
                    for day in context.store.usage_by_day(company.id, from.as_ref(), to.as_ref()).await? {
                        for line in
                            day.usage.by_focus().map(|(focus, used)| DayLine::new(company, day.date, focus, used))
                        {
                            lines.print(|| line.cells(), &line)?;
                        }
                    }
                }
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
    fn begin(format: Format, columns: &[&str]) -> io::Result<Self> {
        Ok(match format {
            Format::Csv => {
                let mut writer = csv::Writer::from_writer(io::stdout());
                writer.write_record(columns)?;
                Self::Csv(Box::new(writer))
            }
            Format::Jsonl => Self::Jsonl(io::BufWriter::new(io::stdout())),
        })
    }

    /// Prints a line: its cells, in the order of the columns, or its JSON.
    fn print(&mut self, cells: impl FnOnce() -> Vec<String>, json: &impl Serialize) -> io::Result<()> {
        match self {
            Self::Csv(writer) => Ok(writer.write_record(cells())?),
            Self::Jsonl(writer) => {
                serde_json::to_writer(&mut *writer, json)?;
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

const DAY_COLUMNS: [&str; 7] = ["companyId", "name", "date", "focus", "interviews", "usedSeconds", "usedMinutes"];

/// The interviews of a company, of a focus, that ended on a day.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DayLine<'a> {
    company_id: CompanyId,
    name: &'a str,
    date: NaiveDate,
    focus: Focus,
    interviews: u64,
    used_seconds: Seconds,
    used_minutes: Amount,
}

impl<'a> DayLine<'a> {
    fn new(company: &'a Company, date: NaiveDate, focus: Focus, Used { interviews, seconds }: Used) -> Self {
        Self {
            company_id: company.id,
            name: company.profile.name.as_str(),
            date,
            focus,
            interviews,
            used_seconds: seconds,
            used_minutes: Amount(seconds),
        }
    }

    /// The cells of the line, in the order of [`DAY_COLUMNS`].
    fn cells(&self) -> Vec<String> {
        let Self { company_id, name, date, focus, interviews, used_seconds, used_minutes } = self;
        vec![
            company_id.to_string(),
            (*name).to_owned(),
            date.to_string(),
            focus.to_string(),
            interviews.to_string(),
            used_seconds.to_string(),
            used_minutes.to_string(),
        ]
    }
}
