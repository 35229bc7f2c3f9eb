//! The audit of the table: whether what it holds contradicts itself.
//!
//! The whole table is read once, in pages, and each item judged by itself and by what it names. What can only be judged
//! when all was read is added up for each company and each webhook: sums, not items. A table that is in use changes meanwhile,
//! so what is added up is judged only where nothing has changed since the audit began; all other companies are named.

mod books;
mod finding;
mod item;

use std::collections::{BTreeMap, HashMap};

use domain::company::CompanyId;
use domain::time::Timestamp;
use domain::webhook::WebhookId;
use serde::{Deserialize, Serialize};

use crate::Store;
use crate::entity::{COMPANY_ID, Item, is_deleted, text};
use crate::error::StoreError;
use crate::key::PrimaryKey;
use crate::operator::OperatorError;
use crate::session::Session;

use books::CompanyBooks;
use item::Judgement;

pub use finding::{Contradiction, Finding};

/// Most keys whose owners are read at once: what one BatchGetItem takes.
const NAMED_AT_ONCE: usize = 100;

/// The attribute of the time at which an interview's content was erased.
const ERASED_AT: &str = "erasedAt";

/// An audit under way, which can be kept and gone on with: sums of each company, and how far the table was read.
///
/// It takes about 100 bytes for each company and month, and for each company and day whose usage is not settled up yet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditProgress {
    /// The time from which on a change makes sums uncertain.
    pub began_at: Timestamp,
    /// The only company that is audited; none: every company is.
    pub only: Option<CompanyId>,
    /// Items that were read.
    pub items: u64,
    /// Contradictions that were found.
    pub findings: u64,
    /// Companies whose books have changed meanwhile, so that they were not judged.
    pub in_motion: u64,
    /// The key of the last item that was read.
    after: Option<PrimaryKey>,
    /// True if every item was read.
    is_read: bool,
    companies: BTreeMap<CompanyId, CompanyBooks>,
    webhooks: BTreeMap<WebhookId, Waits>,
}

/// The traces of waiting deliveries of a webhook, that are old enough to be judged.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Waits {
    deliveries: u64,
    has_alarm: bool,
    /// True if a sweep should have looked at the alarm long ago.
    is_overdue: bool,
}

/// The result of a part of an audit.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AuditPage {
    /// The contradictions.
    pub findings: Vec<Finding>,
    /// The company whose sums differ, and whose books have changed since the audit began.
    pub in_motion: Option<CompanyId>,
}

impl AuditProgress {
    /// An audit of all companies, or of one, that begins at that time.
    pub fn new(began_at: Timestamp, only: Option<CompanyId>) -> Self {
        Self {
            began_at,
            only,
            items: 0,
            findings: 0,
            in_motion: 0,
            after: None,
            is_read: false,
            companies: BTreeMap::new(),
            webhooks: BTreeMap::new(),
        }
    }

    fn is_wanted(&self, item: &Item) -> bool {
        self.only.is_none_or(|id| text(item, COMPANY_ID) == Some(&id.to_string()) || item::is_at(item, id))
    }
}

impl Store {
    /// The next part of an audit: a page of the table, then the sums of a company, then the waits of a webhook. None if it is over.
    ///
    /// Reads only, a megabyte of items at a time and what they name.
    pub async fn audit(
        &self,
        progress: &mut AuditProgress,
        now: Timestamp,
    ) -> Result<Option<AuditPage>, OperatorError> {
        let mut session = self.session();
        let page = if !progress.is_read {
            read_page(&mut session, progress, now).await?
        } else if let Some(id) = progress.companies.keys().next().copied() {
            let page = match progress.companies.get(&id) {
                Some(books) => books.judge(&mut session, id, progress.began_at).await?,
                None => AuditPage::default(),
            };
            progress.companies.remove(&id);
            page
        } else if let Some((id, waits)) = progress.webhooks.pop_first() {
            let findings = waits.finding(id).into_iter().collect();
            AuditPage { findings, in_motion: None }
        } else {
            return Ok(None);
        };
        progress.findings += u64::try_from(page.findings.len()).unwrap_or(u64::MAX);
        progress.in_motion += u64::from(page.in_motion.is_some());
        Ok(Some(page))
    }
}

impl Waits {
    fn finding(self, id: WebhookId) -> Option<Finding> {
        let alarm = format!("WEBHOOK#{id} ALARM");
        match self {
            Self { deliveries: 1.., has_alarm: false, .. } => {
                let is = format!("{} deliveries wait for the webhook, and it has no alarm", self.deliveries);
                let should = "an alarm by which a sweep looks at them";
                Some(Finding::new(Contradiction::WaitingWithoutAlarm, None, [alarm], is, should))
            }
            Self { deliveries: 0, is_overdue: true, .. } => {
                let is = "no delivery waits for the webhook, and no sweep has looked at its alarm for an hour";
                Some(Finding::new(Contradiction::AlarmWithoutWaiting, None, [alarm], is, "no alarm"))
            }
            Self { .. } => None,
        }
    }
}

/// Reads a page of the table, and judges each of its items.
async fn read_page(
    session: &mut Session,
    progress: &mut AuditProgress,
    now: Timestamp,
) -> Result<AuditPage, OperatorError> {
    let (items, next) = session.scan(progress.after.clone().map(PrimaryKey::into_attributes)).await?;
    let mut judgements = Vec::new();
    for item in items.iter().filter(|item| progress.is_wanted(item)) {
        judgements.push(Judgement::of(item, now));
    }
    let things = things(session, judgements.iter().flat_map(Judgement::names)).await?;
    let mut findings = Vec::new();
    let read = u64::try_from(items.len()).unwrap_or(u64::MAX);
    for judgement in judgements {
        findings.extend(judgement.findings(&things));
        if let Some((id, entry)) = judgement.books {
            progress.companies.entry(id).or_default().add(entry);
        }
        if let Some((id, waits)) = judgement.waits {
            let sum = progress.webhooks.entry(id).or_default();
            sum.deliveries += waits.deliveries;
            sum.has_alarm |= waits.has_alarm;
            sum.is_overdue |= waits.is_overdue;
        }
    }
    progress.items += read;
    progress.after = next.as_ref().and_then(PrimaryKey::from_item);
    progress.is_read = progress.after.is_none();
    Ok(AuditPage { findings, in_motion: None })
}

/// Items that others name.
type Things = HashMap<PrimaryKey, Thing>;

/// An item that is there, deleted or not.
#[derive(Debug)]
struct Thing {
    /// The company, if the item tells it.
    company: Option<String>,
    /// True if nothing of its content may be kept any more.
    is_without_content: bool,
}

async fn things(session: &mut Session, keys: impl Iterator<Item = PrimaryKey>) -> Result<Things, StoreError> {
    let mut keys: Vec<_> = keys.collect();
    keys.sort_unstable();
    keys.dedup();
    let mut things = Things::new();
    for keys in keys.chunks(NAMED_AT_ONCE) {
        session.restart_budget();
        for (key, item) in session.get_with_deleted(keys.to_vec()).await? {
            let company = text(&item, COMPANY_ID).map(str::to_owned);
            let is_without_content = is_deleted(&item) || item.contains_key(ERASED_AT);
            things.insert(key, Thing { company, is_without_content });
        }
    }
    Ok(things)
}
