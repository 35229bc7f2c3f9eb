//! The one log line of a sweep. Holds no address, no header, no body.

use std::error::Error;
use std::ops::AddAssign;

use domain::time::Timestamp;
use domain::webhook::WebhookId;
use runtime::{LogLine, chain};
use store::Cost;

use crate::candidates::CandidatesSwept;

/// The deliveries that a sweep dealt with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Sent to the queue, those to be given up included.
    pub sent: u64,
    /// Sent to be given up, because more wait for their webhook than may.
    pub surplus: u64,
    /// Removed because their webhook was deleted.
    pub dropped: u64,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.sent += other.sent;
        self.surplus += other.surplus;
        self.dropped += other.dropped;
    }
}

/// Facts of a sweep, gathered for its log line.
pub(crate) struct SweepLog {
    pub time: Timestamp,
    pub counts: Counts,
    /// The webhooks that were looked at.
    pub webhooks: u64,
    candidates: CandidatesSwept,
    /// The cost at the table.
    pub cost: Cost,
    /// True if something due was left to the next sweep, for want of time.
    pub is_cut_short: bool,
    oldest_due_at: Option<Timestamp>,
    failures: u64,
    first_failed: Option<WebhookId>,
    error: Option<String>,
}

impl SweepLog {
    pub fn new(time: Timestamp) -> Self {
        Self {
            time,
            counts: Counts::default(),
            webhooks: 0,
            candidates: CandidatesSwept::default(),
            cost: Cost::default(),
            is_cut_short: false,
            oldest_due_at: None,
            failures: 0,
            first_failed: None,
            error: None,
        }
    }

    /// Notes an alarm that was found due.
    pub fn due(&mut self, due_at: Timestamp) {
        self.oldest_due_at = Some(self.oldest_due_at.map_or(due_at, |oldest| oldest.min(due_at)));
    }

    /// Notes the work on candidates.
    pub fn candidates(&mut self, swept: CandidatesSwept) {
        self.cost += swept.cost;
        self.is_cut_short |= swept.is_cut_short;
        self.failures += swept.failures;
        self.error = self.error.take().or_else(|| swept.error.clone());
        self.candidates = swept;
    }

    /// Notes a failure, of a webhook or of many.
    pub fn failed(&mut self, webhook_id: Option<WebhookId>, error: &(dyn Error + 'static)) {
        self.failures += 1;
        self.first_failed = self.first_failed.or(webhook_id);
        self.error.get_or_insert_with(|| chain(error));
    }

    pub fn line(&self) -> LogLine {
        let age = self.oldest_due_at.map_or(0, |due_at| self.time.saturating_since(due_at).as_secs());
        LogLine::new(self.time)
            .field("function", "sweep")
            .field("webhooks", self.webhooks)
            .field("surplus", self.counts.surplus)
            .field("dropped", self.counts.dropped)
            .field("isCutShort", self.is_cut_short)
            .field("dynamodb", self.cost)
            .field("failedWebhookId", self.first_failed)
            .error(self.error.as_deref())
            .count(&[], "DeliveriesSwept", self.counts.sent)
            .count(&[], "CandidatesExpired", self.candidates.expired)
            .count(&[], "ErasuresResumed", self.candidates.resumed)
            .count(&[], "SweepFailures", self.failures)
            .count(&[], "OldestDueSeconds", age)
    }
}
