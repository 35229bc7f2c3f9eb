//! The books of a company, added up from all of its items.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::NaiveDate;
use domain::agent::Focus;
use domain::allowance::Books;
use domain::company::CompanyId;
use domain::time::{Period, Timestamp};
use serde::{Deserialize, Serialize};

use crate::entity::{EntityId, text};
use crate::error::StoreError;
use crate::session::{Query, Session, SortKeys};

use super::AuditPage;
use super::finding::{Contradiction, Finding};

/// The time by which clocks of functions may be behind that of who audits.
const CLOCKS_DIFFER_MAX: Duration = Duration::from_secs(5 * 60);

/// The part of an item in the books of its company.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum BooksEntry {
    /// The company itself.
    Company,
    /// Anything that belongs to it.
    Thing,
    /// A month: its amounts.
    Month(Box<Books>),
    /// An interview: the time that it holds and the time that it has used, each with its month, and the day of its end.
    Interview { held: Option<(Period, i64)>, used: Option<(Period, i64)>, day: Option<(NaiveDate, Focus)> },
    /// A day's usage: interviews and seconds of a focus.
    Day(NaiveDate, Vec<(Focus, i64, i64)>),
}

/// The sums over the items of a company.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CompanyBooks {
    is_known: bool,
    /// Seconds reserved and used of each month, as its books have them.
    months: BTreeMap<Period, [i64; 2]>,
    /// The months that took others over, by those.
    taken_over: BTreeMap<Period, Period>,
    /// Seconds that interviews hold and have used, by the months that they name.
    interviews: BTreeMap<Period, [i64; 2]>,
    /// Interviews and seconds by day and focus: those of usage less those of interviews, unless that is nothing.
    usage: BTreeMap<NaiveDate, BTreeMap<Focus, [i64; 2]>>,
}

impl CompanyBooks {
    pub fn add(&mut self, entry: BooksEntry) {
        match entry {
            BooksEntry::Company => self.is_known = true,
            BooksEntry::Thing => {}
            BooksEntry::Month(books) => {
                let Books { period, reserved_seconds, used_seconds, mended_periods, .. } = *books;
                // Several shards are one month.
                let [reserved, used] = self.months.entry(period.clone()).or_default();
                (*reserved, *used) = (*reserved + reserved_seconds.0, *used + used_seconds.0);
                self.taken_over.extend(mended_periods.into_iter().map(|mended| (mended, period.clone())));
            }
            BooksEntry::Interview { held, used, day } => {
                if let (Some((_, seconds)), Some((date, focus))) = (&used, day) {
                    self.count(date, focus, -1, -seconds);
                }
                for (at, (period, seconds)) in [(0, held), (1, used)].into_iter().filter_map(|(at, of)| Some((at, of?)))
                {
                    self.interviews.entry(period).or_default()[at] += seconds;
                }
            }
            BooksEntry::Day(date, counts) => {
                for (focus, interviews, seconds) in counts {
                    self.count(date, focus, interviews, seconds);
                }
            }
        }
    }

    fn count(&mut self, date: NaiveDate, focus: Focus, interviews: i64, seconds: i64) {
        let day = self.usage.entry(date).or_default();
        let sum = day.entry(focus).or_default();
        (sum[0], sum[1]) = (sum[0] + interviews, sum[1] + seconds);
        if *sum == [0, 0] {
            day.remove(&focus);
        }
        if day.is_empty() {
            self.usage.remove(&date);
        }
    }

    /// The contradictions of the sums; none if the company has changed since the audit began.
    pub async fn judge(
        &self,
        session: &mut Session,
        id: CompanyId,
        began_at: Timestamp,
    ) -> Result<AuditPage, StoreError> {
        let findings = self.findings(id);
        if findings.is_empty() || !has_changed(session, id, began_at).await? {
            return Ok(AuditPage { findings, in_motion: None });
        }
        Ok(AuditPage { findings: Vec::new(), in_motion: Some(id) })
    }

    fn findings(&self, id: CompanyId) -> Vec<Finding> {
        let beside = |sort: String| format!("{} {sort}", id.key().partition());
        let mut findings = Vec::new();
        if !self.is_known || self.months.is_empty() {
            let (is, should) = if self.is_known {
                ("the company has no allowance", "an allowance beside the company")
            } else {
                ("there is no such company, and things of it", "the company's item")
            };
            findings.push(Finding::new(Contradiction::NoCompany, Some(id), [beside("COMPANY".to_owned())], is, should));
            return findings;
        }
        let mut told = self.interviews.clone();
        for (mended, by) in &self.taken_over {
            let [held, used] = told.remove(mended).unwrap_or_default();
            let sum = told.entry(by.clone()).or_default();
            *sum = [sum[0] + held, sum[1] + used];
        }
        let periods: BTreeSet<_> = self.months.keys().chain(told.keys()).collect();
        for period in periods {
            let [reserved, used] = self.months.get(period).copied().unwrap_or_default();
            let [held, settled] = told.get(period).copied().unwrap_or_default();
            let key = || [beside(format!("ALLOWANCE#00 or PERIOD#{period}"))];
            if reserved != held {
                let is = format!("{reserved} s are reserved in {period}");
                let should = format!("{held} s, which interviews hold of {period}");
                findings.push(Finding::new(Contradiction::ReservedDiffers, Some(id), key(), is, should));
            }
            if used != settled {
                let is = format!("{used} s are used in {period}");
                let should = format!("{settled} s, which settled interviews have used of {period}");
                findings.push(Finding::new(Contradiction::UsedDiffers, Some(id), key(), is, should));
            }
        }
        for (date, focuses) in &self.usage {
            for (focus, [interviews, seconds]) in focuses {
                let is = format!(
                    "{focus} on {date} has {interviews:+} interviews and {seconds:+} s against the settled ones"
                );
                let key = [beside(format!("USAGE#{date}#…"))];
                let should = "what the interviews used that ended on that day";
                findings.push(Finding::new(Contradiction::UsageDiffers, Some(id), key, is, should));
            }
        }
        findings
    }
}

/// True if anything in a company's books has changed since that time.
async fn has_changed(session: &mut Session, id: CompanyId, since: Timestamp) -> Result<bool, StoreError> {
    let query = Query {
        index: None,
        partition: id.key().partition().to_owned(),
        sort_keys: SortKeys::All,
        newest_first: false,
        consistent: true,
    };
    let mut after = None;
    loop {
        let (items, next) = session.query(&query, after, None).await?;
        let is_newer =
            |text: &str| text.parse::<Timestamp>().is_ok_and(|at| at.saturating_add(CLOCKS_DIFFER_MAX) >= since);
        if items.iter().any(|item| text(item, "updatedAt").is_some_and(is_newer)) {
            return Ok(true);
        }
        after = next;
        if after.is_none() {
            return Ok(false);
        }
        session.restart_budget();
    }
}
