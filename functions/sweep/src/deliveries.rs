//! Deliveries that wait: webhook by webhook, those that are due are sent to the queue.

use std::mem;

use domain::Versioned;
use domain::delivery::{DeliveryJob, SweepReason, WaitingDelivery};
use domain::time::Timestamp;
use domain::webhook::CircuitPhase;
use futures_util::{StreamExt, stream};
use queue::OutgoingMessage;
use store::{Cost, DueAlarm, DueThings, Shards, StoreError, SystemSession, Updated, WebhookState};
use tokio::time::Instant;

use crate::App;
use crate::log::{Counts, SweepLog};

/// Most alarms of a shard that are read at a time.
const ALARMS_MAX: u16 = 100;
/// Webhooks that are read at a time: with their alarms and registries as many keys as two requests hold.
const WEBHOOKS_READ_MAX: usize = 50;
/// Webhooks that are swept at the same time. Each has one request under way, and while it removes, `REMOVED_AT_A_TIME`.
const WEBHOOKS_AT_A_TIME: usize = 16;
/// Most deliveries that are read, sent and removed at a time.
const PAGE_MAX: u16 = 100;
/// Deliveries of a webhook that are removed at the same time.
const REMOVED_AT_A_TIME: usize = 8;
/// Most deliveries of one webhook that a sweep sends, or removes. Ten thousand, which is as many as may wait, are sent within ten
/// minutes; a company's fifty webhooks take some seconds of a sweep, and others are swept beside them.
const SENT_MAX: u64 = 1_000;

/// Sweeps the webhooks whose alarms are due, the oldest first, until none is left or no time is.
pub(crate) async fn sweep(app: &App, deadline: Instant, log: &mut SweepLog) {
    let (now, mut shards) = (log.time, Shards::all());
    while !shards.are_done() {
        if Instant::now() >= deadline {
            log.is_cut_short = true;
            return;
        }
        let pages = shards.next_pages(|shard, after| async move {
            let mut system = app.store.system();
            (system.due_alarms(shard, now, after, ALARMS_MAX).await, system.session.cost())
        });
        let DueThings { things: mut due, cost, errors } = pages.await;
        log.cost += cost;
        errors.iter().for_each(|error| log.failed(None, error));
        due.iter().for_each(|alarm| log.due(alarm.due_at));
        due.sort_unstable_by_key(|alarm| alarm.due_at);
        sweep_webhooks(app, &due, deadline, log).await;
    }
}

async fn sweep_webhooks(app: &App, due: &[DueAlarm], deadline: Instant, log: &mut SweepLog) {
    for chunk in due.chunks(WEBHOOKS_READ_MAX) {
        if Instant::now() >= deadline {
            log.is_cut_short = true;
            return;
        }
        let mut system = app.store.system();
        let states = system.webhooks_of(chunk, log.time).await;
        log.cost += system.session.cost();
        let states = match states {
            Ok(states) => states,
            Err(error) => {
                log.failed(None, &error);
                continue;
            }
        };
        let swept = states.into_iter().map(|state| WebhookSweep::new(app, state, log.time).run(deadline));
        let mut swept = stream::iter(swept.collect::<Vec<_>>()).buffer_unordered(WEBHOOKS_AT_A_TIME);
        while let Some(WebhookSweep { state, counts, cost, is_cut_short, error, .. }) = swept.next().await {
            log.webhooks += 1;
            log.counts += counts;
            log.cost += cost;
            log.is_cut_short |= is_cut_short;
            if let Some(error) = error {
                log.failed(Some(state.alarm.value.webhook_id), &*error);
            }
        }
    }
}

type SweepError = Box<dyn std::error::Error + Send + Sync>;

/// The fate of a waiting delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// It is sent to the queue.
    Send(SweepReason),
    /// It is removed.
    Drop,
    /// It goes on waiting.
    Wait,
}

/// The sweep of one webhook.
struct WebhookSweep<'a> {
    app: &'a App,
    state: WebhookState,
    now: Timestamp,
    counts: Counts,
    /// The deliveries that were taken off the table.
    removed: u64,
    /// True once a delivery was sent that tries out the endpoint, whose circuit is open.
    has_probe: bool,
    cost: Cost,
    is_cut_short: bool,
    error: Option<SweepError>,
}

impl<'a> WebhookSweep<'a> {
    fn new(app: &'a App, state: WebhookState, now: Timestamp) -> Self {
        let (counts, cost) = (Counts::default(), Cost::default());
        Self { app, state, now, counts, removed: 0, has_probe: false, cost, is_cut_short: false, error: None }
    }

    async fn run(mut self, deadline: Instant) -> Self {
        self.is_cut_short = Instant::now() >= deadline;
        if self.is_cut_short {
            return self;
        }
        let mut system = self.app.store.system();
        if let Err(error) = self.sweep(&mut system, deadline).await {
            self.error = Some(error);
            // The alarm stays due. If this fails too, the count is wrong until no delivery waits.
            system.session.restart_budget();
            let removed = i64::try_from(self.removed).unwrap_or(i64::MAX);
            let _ = system.uncount(self.state.alarm.value.webhook_id, removed, self.now).await;
        }
        self.cost += system.session.cost();
        self
    }

    /// Sends what is due, page by page, and moves the alarm on.
    async fn sweep(&mut self, system: &mut SystemSession, deadline: Instant) -> Result<(), SweepError> {
        let id = self.state.alarm.value.webhook_id;
        let look_at = loop {
            system.session.restart_budget();
            // Surplus deliveries need not be due, and those of a deleted webhook never will be.
            let due_only = self.state.webhook.is_some() && self.surplus() == 0;
            let page = system.waiting(id, due_only.then_some(self.now), self.page_size()).await?;
            let fates = self.fates(&page.deliveries);
            if self.send_and_remove(&page.deliveries, &fates).await? == Updated::Outdated {
                break Some(self.now);
            }
            let waits = page.deliveries.iter().zip(&fates).find(|(_, fate)| **fate == Fate::Wait);
            if let Some((waiting, _)) = waits {
                break Some(self.next_look(waiting.value.due_at));
            }
            if !page.has_more {
                let later = if due_only { system.waiting(id, None, 1).await?.deliveries } else { Vec::new() };
                break later.first().map(|first| self.next_look(first.value.due_at));
            }
            self.is_cut_short = Instant::now() >= deadline;
            if self.is_cut_short || self.counts.sent + self.counts.dropped >= SENT_MAX {
                break Some(self.now);
            }
        };
        system.session.restart_budget();
        Ok(system.move_alarm(&self.state.alarm, look_at, self.removed, self.now).await?)
    }

    /// The phase of the webhook's circuit; none if the webhook was deleted.
    fn phase(&self) -> Option<CircuitPhase> {
        let webhook = self.state.webhook.as_ref()?;
        Some(webhook.phase(self.state.is_suspended, self.now, &self.app.schedule))
    }

    /// The number of deliveries that wait beyond those that may, less what this sweep has removed.
    fn surplus(&self) -> u64 {
        self.state.alarm.value.surplus().saturating_sub(self.removed)
    }

    /// The number of deliveries to read. Of a webhook that may not be posted to, the oldest one tells whether any is to be
    /// given up, and is the one that probes.
    fn page_size(&self) -> u16 {
        let is_held = matches!(self.phase(), Some(CircuitPhase::HalfOpen(_) | CircuitPhase::OpenUntil(_)));
        let gives_up = self.counts.sent > u64::from(self.has_probe);
        if is_held && !gives_up && self.surplus() == 0 { 1 } else { PAGE_MAX }
    }

    /// The fates of the oldest deliveries.
    fn fates(&mut self, oldest: &[Versioned<WaitingDelivery>]) -> Vec<Fate> {
        let Some(phase) = self.phase() else { return vec![Fate::Drop; oldest.len()] };
        let surplus = usize::try_from(self.surplus()).unwrap_or(usize::MAX);
        let fates = oldest.iter().enumerate().map(|(place, Versioned { value: waiting, .. })| {
            if place < surplus {
                return Fate::Send(SweepReason::Surplus);
            }
            let is_due = waiting.due_at <= self.now;
            let may_be_attempted = match phase {
                CircuitPhase::Closed => true,
                CircuitPhase::HalfOpen(_) => is_due && !mem::replace(&mut self.has_probe, true),
                CircuitPhase::OpenUntil(_) => false,
            };
            let is_over = waiting.gives_up_at <= self.now;
            if is_due && (may_be_attempted || is_over) { Fate::Send(SweepReason::Due) } else { Fate::Wait }
        });
        fates.collect()
    }

    /// The time of the next look, while a delivery of that time is the oldest that waits.
    fn next_look(&self, due_at: Timestamp) -> Timestamp {
        let not_before = match self.phase() {
            // What the probe finds out moves the alarm to an earlier time.
            Some(CircuitPhase::HalfOpen(probing)) if self.has_probe => probing.next_probe_at,
            Some(CircuitPhase::OpenUntil(at)) => Some(at),
            Some(CircuitPhase::Closed | CircuitPhase::HalfOpen(_)) | None => None,
        };
        due_at.max(not_before.unwrap_or(self.now))
    }

    /// Sends deliveries to the queue, and removes those that were sent. Outdated if somebody else removed one, or has it wait
    /// anew.
    async fn send_and_remove(
        &mut self,
        page: &[Versioned<WaitingDelivery>],
        fates: &[Fate],
    ) -> Result<Updated, SweepError> {
        let (mut messages, mut sent, mut done) = (Vec::new(), Vec::new(), Vec::new());
        for (waiting, fate) in page.iter().zip(fates) {
            match fate {
                Fate::Send(reason) => {
                    // What can't be read is sent as it is, and ends among the dead letters.
                    let job = serde_json::from_str::<DeliveryJob>(&waiting.value.job);
                    let job = job.and_then(|job| serde_json::to_string(&DeliveryJob { swept: Some(*reason), ..job }));
                    let body = job.unwrap_or_else(|_| waiting.value.job.clone());
                    messages.push(OutgoingMessage { body, group: waiting.value.webhook_id.to_string() });
                    sent.push((waiting, *reason));
                }
                Fate::Drop => done.push(waiting),
                Fate::Wait => {}
            }
        }
        self.counts.dropped += done.len() as u64;
        let mut failed = None;
        for ((waiting, reason), result) in sent.into_iter().zip(self.app.queue.send_all(&messages).await) {
            match result {
                Ok(()) => {
                    self.counts.sent += 1;
                    self.counts.surplus += u64::from(reason == SweepReason::Surplus);
                    done.push(waiting);
                }
                Err(error) => failed = Some(error),
            }
        }
        let removing = done.into_iter().map(|waiting| remove(self.app, waiting)).collect::<Vec<_>>();
        let mut removing = stream::iter(removing).buffer_unordered(REMOVED_AT_A_TIME);
        let mut updated = Updated::Applied;
        while let Some((removed, cost)) = removing.next().await {
            self.cost += cost;
            match removed? {
                true => self.removed += 1,
                false => updated = Updated::Outdated,
            }
        }
        failed.map_or(Ok(updated), |error| Err(error.into()))
    }
}

/// Removes a waiting delivery. True if it was there.
async fn remove(app: &App, waiting: &Versioned<WaitingDelivery>) -> (Result<bool, StoreError>, Cost) {
    let mut system = app.store.system();
    let removed = system.remove_waiting(waiting).await;
    (removed, system.session.cost())
}
