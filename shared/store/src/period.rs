//! Months that are over, and what companies used in each month.

use domain::Versioned;
use domain::allowance::{Allowance, Books, ClosedPeriod};
use domain::company::{Company, CompanyId};
use domain::history::HistoryAction;
use domain::time::{Period, Timestamp};

use crate::Store;
use crate::allowance::allowance_key;
use crate::company::{COMPANIES, CompanyAccount, UNKNOWN, read_company};
use crate::entity::{Entity, EntityId, Item, encoded, entity, is_deleted, n, s, tombstone};
use crate::error::StoreError;
use crate::key::PrimaryKey;
use crate::operator::OperatorError;
use crate::session::{Query, Session, SortKeys};
use crate::write::{Transaction, Write};

impl Entity for ClosedPeriod {
    const TYPE: &'static str = "ClosedPeriod";
}

/// The beginning of the sort keys of a company's closed months, which lie beside the company in their order.
const SORT_PREFIX: &str = "PERIOD#";
/// Companies of a page: with a query of the months of each, a page takes a session about a second.
const COMPANIES_PER_PAGE: u16 = 25;

/// The key of a closed month's books.
pub(crate) fn period_key(company_id: CompanyId, period: &Period) -> PrimaryKey {
    company_id.key().beside(format!("{SORT_PREFIX}{period}"))
}

/// Keeps the books of a month, together with the opening of the next one. The functions' rights to a company's partition
/// end at updates.
pub(crate) fn close(company_id: CompanyId, books: &Books, now: Timestamp) -> Result<Write, StoreError> {
    let closed = ClosedPeriod { company_id, books: books.clone(), created_at: now, updated_at: now };
    Write::create_by_update(period_key(company_id, &books.period), &closed)
}

/// A company with the books of all months that are kept.
#[derive(Debug, Clone)]
pub struct CompanyUsage {
    /// The company, and its allowance as stored.
    pub account: CompanyAccount,
    /// The months that are closed, oldest first.
    pub closed: Vec<ClosedPeriod>,
}

/// The books of a month, and whether they may still change by new interviews.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MonthUsage {
    /// The books.
    pub books: Books,
    /// True for the month that interviews are charged to.
    pub open: bool,
}

impl CompanyUsage {
    /// The months that are kept and the one that is, oldest first.
    pub fn months(&self, now: Timestamp) -> Vec<MonthUsage> {
        let CompanyAccount { company, allowance } = &self.account;
        // The plan of an allowance that does not tell it has not changed since.
        let stored = Allowance { plan: allowance.plan.or(Some(company.plan)), ..allowance.clone() };
        let closed = self.closed.iter().map(|closed| closed.books.clone());
        let current = stored.clone().as_of(now).books();
        let over = (stored.period < current.period).then(|| stored.books());
        let mut months: Vec<_> = closed.chain(over).map(|books| MonthUsage { books, open: false }).collect();
        months.push(MonthUsage { books: current, open: true });
        months
    }
}

/// The usage of all companies, oldest first, a page at a time.
pub struct UsagePages<'a> {
    store: &'a Store,
    /// The key after which the next page begins.
    after: Option<Item>,
    is_over: bool,
}

impl UsagePages<'_> {
    /// The next page, which may be empty; none after the last.
    pub async fn next(&mut self) -> Result<Option<Vec<CompanyUsage>>, OperatorError> {
        if self.is_over {
            return Ok(None);
        }
        let (companies, after) =
            self.store.list_page::<Company>(COMPANIES, self.after.take(), Some(COMPANIES_PER_PAGE)).await?;
        (self.is_over, self.after) = (after.is_none(), after);
        let mut session = self.store.session();
        let mut allowances =
            session.get(companies.iter().map(|company| allowance_key(company.id, 0)).collect()).await?;
        let mut page = Vec::new();
        for company in companies {
            let allowance = allowances.remove(&allowance_key(company.id, 0)).ok_or(UNKNOWN)?;
            let account = CompanyAccount { company, allowance: entity(allowance)?.value };
            page.push(with_closed(&mut session, account).await?);
        }
        Ok(Some(page))
    }
}

/// A company that was read, with its closed months.
async fn with_closed(session: &mut Session, account: CompanyAccount) -> Result<CompanyUsage, OperatorError> {
    let closed = closed_periods(session, account.company.id).await?;
    let closed: Vec<_> = closed.into_iter().map(|closed| closed.value).collect();
    let read = &account.allowance.period;
    if !closed.iter().any(|closed| closed.books.period >= *read) {
        return Ok(CompanyUsage { account, closed });
    }
    // The month was closed after the allowance was read.
    let (company, allowance) = read_company(session, account.company.id).await?;
    Ok(CompanyUsage { account: CompanyAccount { company: company.value, allowance: allowance.value }, closed })
}

/// A company's closed months, oldest first.
pub(crate) async fn closed_periods(
    session: &mut Session,
    company_id: CompanyId,
) -> Result<Vec<Versioned<ClosedPeriod>>, StoreError> {
    let partition = company_id.key().partition().to_owned();
    let query = Query {
        index: None,
        partition,
        sort_keys: SortKeys::Prefix(SORT_PREFIX.to_owned()),
        newest_first: false,
        consistent: true,
    };
    let (mut closed, mut after) = (Vec::new(), None);
    loop {
        let (items, next) = session.query(&query, after, None).await?;
        for item in items.into_iter().filter(|item| !is_deleted(item)) {
            closed.push(entity(item)?);
        }
        after = next;
        if after.is_none() {
            return Ok(closed);
        }
    }
}

impl Store {
    /// The usage of all companies, month by month.
    pub fn usage(&self) -> UsagePages<'_> {
        UsagePages { store: self, after: None, is_over: false }
    }

    /// The usage of a company, month by month.
    pub async fn company_usage(&self, id: CompanyId) -> Result<CompanyUsage, OperatorError> {
        let mut session = self.session();
        let (company, allowance) = read_company(&mut session, id).await?;
        let account = CompanyAccount { company: company.value, allowance: allowance.value };
        with_closed(&mut session, account).await
    }

    /// Brings a company whose stored month is still to come back into the month that is. All that was counted is counted
    /// there: what the later month holds, and what was closed before it in this one or since. False if the stored month
    /// is not in the future.
    pub async fn mend_period(&self, id: CompanyId, now: Timestamp) -> Result<bool, OperatorError> {
        let mut session = self.session();
        let (company, allowance) = read_company(&mut session, id).await?;
        let from = &allowance.value.period;
        let to = Period::of(now);
        let table = session.clocks(now).table.map(Period::of);
        if let Some(table) = table.filter(|table| *table != to) {
            return Err(OperatorError::ClocksDiffer { own: to, table });
        }
        if *from <= to {
            return Ok(false);
        }
        let mut closed = closed_periods(&mut session, id).await?;
        closed.retain(|closed| closed.value.books.period >= to);
        let mut mended: Vec<_> = closed.iter().flat_map(|closed| closed.value.books.mended_periods.clone()).collect();
        mended.extend(closed.iter().map(|closed| closed.value.books.period.clone()).filter(|period| *period != to));
        mended.push(from.clone());
        let reserved: i64 = closed.iter().map(|closed| closed.value.books.reserved_seconds.0).sum();
        let used: i64 = closed.iter().map(|closed| closed.value.books.used_seconds.0).sum();

        let touched = Company { updated_at: now, ..company.value.clone() };
        let mut transaction = Transaction::of(OperatorError::Changed, Write::change(id.key(), &company, &touched)?);
        // Relative to what stands: interviews go on meanwhile.
        let update = "SET #period = :to, #remainingSeconds = #remainingSeconds - :counted, \
                      #reservedSeconds = #reservedSeconds + :reserved, #usedSeconds = #usedSeconds + :used, \
                      #mendedPeriods = list_append(if_not_exists(#mendedPeriods, :none), :mended), \
                      #version = #version + :one, #updatedAt = :now";
        let write = Write::update(allowance_key(id, 0), update, "#period = :from")
            .value(":from", s(from))
            .value(":to", s(&to))
            .value(":counted", n(reserved + used))
            .value(":reserved", n(reserved))
            .value(":used", n(used))
            .value(":none", encoded(Vec::<Period>::new())?)
            .value(":mended", encoded(&mended)?)
            .value(":one", n(1))
            .value(":now", s(now));
        transaction.add(OperatorError::Changed, write);
        for Versioned { version, value } in &closed {
            let gone = tombstone(period_key(id, &value.books.period), version + 1, now);
            transaction.add(OperatorError::Changed, Write::replace(gone, *version));
        }
        let entry = self.entry(HistoryAction::MendPeriod, id, Some(id.into()), now);
        self.commit(transaction, entry.value("period", Some(from), Some(&to))).await?;
        Ok(true)
    }
}
