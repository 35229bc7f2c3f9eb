//! Usage: what the interviews of a company's day have used, by focus.
//!
//! A day's item lies beside its company. It is made by the first interview that is settled on the day, and counted up by
//! each other one, without being read: the transaction that settles an interview stands under the interview's condition.

use std::collections::BTreeMap;
use std::fmt::Display;

use chrono::NaiveDate;
use domain::StringEnum as _;
use domain::agent::Focus;
use domain::allowance::Seconds;
use domain::company::CompanyId;
use domain::interview::{InterviewId, SettledUse};
use domain::time::{Period, Timestamp};
use domain::usage::{DayUsage, Usage, UsageDays, Used};

use crate::Store;
use crate::entity::{COMPANY_ID, ENTITY_TYPE, EntityId, Item, VERSION, n, s, text};
use crate::error::StoreError;
use crate::key::PrimaryKey;
use crate::operator::OperatorError;
use crate::session::{Commit, Query, Session, SortKeys};
use crate::write::{Transaction, Write};

/// The beginning of the sort keys of a company's usage, which lies beside the company in the order of days.
const SORT_PREFIX: &str = "USAGE#";
/// The value of the attribute `entityType`.
pub(crate) const TYPE: &str = "Usage";
/// Items that a day is spread over. An item serves one transaction at a time; while the allowance is one item, which the
/// same transactions change, more of these would make none of them faster.
const SHARDS: u8 = 1;

/// The attributes that count the interviews of a focus, and the seconds that they used.
fn attributes(focus: Focus) -> (&'static str, &'static str) {
    match focus {
        Focus::Generic => ("genericInterviews", "genericSeconds"),
        Focus::Screening => ("screeningInterviews", "screeningSeconds"),
        Focus::Outreach => ("outreachInterviews", "outreachSeconds"),
        Focus::LanguageTest => ("languageTestInterviews", "languageTestSeconds"),
    }
}

fn usage_key(company_id: CompanyId, date: NaiveDate, shard: u8) -> PrimaryKey {
    company_id.key().beside(format!("{SORT_PREFIX}{date}#{shard:02}"))
}

/// An interview that is settled: it has ended, and what it used is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SettledInterview {
    /// The company whose interview it is.
    pub company_id: CompanyId,
    /// The interview, which decides on the shard.
    pub interview_id: InterviewId,
    /// The part of it that is counted.
    pub used: SettledUse,
}

impl SettledInterview {
    /// The write that counts the interview in its day.
    ///
    /// The write has no condition: it belongs into the transaction that settles the interview, whose condition lets that
    /// happen once.
    pub(crate) fn count(&self, now: Timestamp) -> Write {
        let Self { company_id, interview_id, used: SettledUse { ended_at, focus, seconds } } = *self;
        let (date, shard) = (ended_at.date(), interview_id.uuid().as_bytes()[15].rem_euclid(SHARDS));
        let (interviews_name, seconds_name) = attributes(focus);
        let update = format!(
            "ADD #{interviews_name} :one, #{seconds_name} :seconds, #{VERSION} :one \
             SET #{ENTITY_TYPE} = :type, #{COMPANY_ID} = :company, #date = :date, #shard = :shard, \
             #createdAt = if_not_exists(#createdAt, :now), #updatedAt = :now"
        );
        Write::update(usage_key(company_id, date, shard), update, "")
            .value(":one", n(1))
            .value(":seconds", n(seconds))
            .value(":type", s(TYPE))
            .value(":company", s(company_id))
            .value(":date", s(date))
            .value(":shard", n(shard))
            .value(":now", s(now))
    }
}

/// The day that an item tells of, and what it counts.
pub(crate) fn decoded(item: &Item) -> Result<(NaiveDate, Usage), StoreError> {
    let number = |name: &str| match item.get(name) {
        None => Some(0),
        Some(value) => value.as_n().ok()?.parse::<i64>().ok(),
    };
    let used = |focus: &Focus| {
        let (interviews, seconds) = attributes(*focus);
        let interviews = u64::try_from(number(interviews)?).ok()?;
        Some((*focus, Used { interviews, seconds: Seconds(number(seconds)?) }))
    };
    let date = text(item, "date").and_then(|date| date.parse().ok());
    let counts: Option<Vec<_>> = Focus::ACCEPTED.iter().map(used).collect();
    let (date, counts) = date.zip(counts).ok_or_else(|| StoreError::unknown("decode", "a day's usage that is none"))?;
    let mut usage = Usage::default();
    counts.into_iter().for_each(|(focus, used)| usage.add(focus, used));
    Ok((date, usage))
}

impl Store {
    /// Counts a settled interview by itself, of which the table holds nothing else: for tests.
    pub async fn count_usage(&self, settled: &SettledInterview, now: Timestamp) -> Result<(), StoreError> {
        self.session().commit(Transaction::of((), settled.count(now))).await.map(|_: Commit<()>| ())
    }

    /// The usage of a company on each day of these months, as [`Session::usage`] tells it; without a first or a last month, on all
    /// days that there are.
    pub async fn usage_by_day(
        &self,
        company_id: CompanyId,
        first: Option<&Period>,
        last: Option<&Period>,
    ) -> Result<Vec<DayUsage>, OperatorError> {
        let text = |month: Option<&Period>| month.map_or_else(String::new, Period::to_string);
        Ok(self.session().usage_between(company_id, text(first), text(last)).await?)
    }
}

impl Session {
    /// The usage of a company on each of these days, oldest first; a day without settled interviews is left out.
    ///
    /// All that was settled before is in it. An item has less than half a kilobyte, so that 366 days are one request of at
    /// most 46 read units.
    pub async fn usage(&mut self, company_id: CompanyId, days: UsageDays) -> Result<Vec<DayUsage>, StoreError> {
        let (first, last) = days.dates().into_inner();
        self.usage_between(company_id, first, last).await
    }

    /// The same from a beginning of a date to another, both included.
    async fn usage_between(
        &mut self,
        company_id: CompanyId,
        first: impl Display,
        last: impl Display,
    ) -> Result<Vec<DayUsage>, StoreError> {
        let query = Query {
            index: None,
            partition: company_id.key().partition().to_owned(),
            // Every shard, however many there were when it was written: digits come before a tilde.
            sort_keys: SortKeys::Between(format!("{SORT_PREFIX}{first}"), format!("{SORT_PREFIX}{last}~")),
            newest_first: false,
            consistent: true,
        };
        let mut by_date: BTreeMap<NaiveDate, Usage> = BTreeMap::new();
        let mut after = None;
        loop {
            let (items, next) = self.query(&query, after, None).await?;
            for item in &items {
                let (date, usage) = decoded(item)?;
                by_date.entry(date).or_default().add_all(&usage);
            }
            after = next;
            if after.is_none() {
                return Ok(by_date.into_iter().map(|(date, usage)| DayUsage { date, usage }).collect());
            }
        }
    }
}
