//! One delivery job: its next step, the attempt, and what that changes.

use domain::Versioned;
use domain::delivery::{AttemptOutcome, Delivery, DeliveryJob, DeliveryStatus, NextStep, ReceivedMessage, lengthened};
use domain::time::Timestamp;
use domain::webhook::{CircuitPhase, PauseReason, Sealed, Webhook};
use futures_util::future::join;
use store::{DeliveryAddress, DeliveryState, Session, StoreError, SystemSession, Updated};

use crate::log::MessageLog;
use crate::{App, Disposition, dead_letter};

/// Most decisions on one message, each after somebody else's change at the same time. After the last, the message comes
/// back when its visibility time-out is over.
const DECISIONS_MAX: usize = 4;
/// Most tries to count an attempt, while others at the same webhook end at the same time. More than a batch has
/// messages.
const COUNTS_MAX: usize = 16;

/// A delivery job as a message brings it.
pub(crate) struct ReceivedJob<'a> {
    pub job: DeliveryJob,
    /// The job as it was sent.
    pub body: &'a str,
    pub message: ReceivedMessage<'a>,
}

impl ReceivedJob<'_> {
    fn address(&self) -> DeliveryAddress {
        DeliveryAddress { webhook_id: self.job.webhook_id, id: self.job.delivery_id }
    }
}

/// Takes the next step of a job.
pub(crate) async fn process(app: &App, received: &ReceivedJob<'_>, log: &mut MessageLog) -> Disposition {
    log.job(&received.job);
    let mut system = app.store.system();
    let disposition = decide_until_settled(app, &mut system, received, log).await;
    log.cost += system.session.cost();
    disposition
}

async fn decide_until_settled(
    app: &App,
    system: &mut SystemSession,
    received: &ReceivedJob<'_>,
    log: &mut MessageLog,
) -> Disposition {
    for _ in 0..DECISIONS_MAX {
        match decide(app, system, received, log).await {
            Ok(Some(disposition)) => return disposition,
            Ok(None) => system.session.restart_budget(),
            Err(error) => {
                log.failed(&error);
                return Disposition::Redeliver;
            }
        }
    }
    Disposition::Redeliver
}

/// One decision about a job; absent if the state that it was based on has changed.
async fn decide(
    app: &App,
    system: &mut SystemSession,
    received: &ReceivedJob<'_>,
    log: &mut MessageLog,
) -> Result<Option<Disposition>, StoreError> {
    let now = app.runtime.now();
    let ReceivedJob { job, message, .. } = received;
    let DeliveryState { webhook, delivery: known, is_suspended } =
        system.delivery(received.address(), job.company_id).await?;
    let Some(mut webhook) = webhook else {
        log.outcome = "WEBHOOK_DELETED";
        return Ok(Some(Disposition::Acknowledge));
    };
    let stored = known.as_ref().map(|known| known.value.clone());
    let delivery = match Delivery::next_step(stored, job, *message, now, &app.schedule) {
        NextStep::Done => {
            log.outcome = "OVER";
            return Ok(Some(Disposition::Acknowledge));
        }
        NextStep::NotBefore(at) => {
            log.outcome = "NOT_DUE";
            return Ok(Some(Disposition::RetryAfter(at.saturating_since(now))));
        }
        NextStep::Attempt(delivery) => *delivery,
    };
    let phase = if webhook.value.is_active() && !is_suspended {
        webhook.value.circuit.phase(now, &app.schedule)
    } else {
        CircuitPhase::OpenUntil(now.saturating_add(app.schedule.look_after_paused_every))
    };
    match phase {
        CircuitPhase::Closed => {}
        CircuitPhase::HalfOpen(circuit) => {
            // As stored: what was sealed within the webhook has moved with the change.
            let probing = Webhook { circuit, sealed_within: None, ..webhook.value.clone() };
            if system.session.change_webhook(&webhook, &probing, None).await? == Updated::Outdated {
                return Ok(None);
            }
            webhook = Versioned { version: webhook.version + 1, value: probing };
        }
        CircuitPhase::OpenUntil(at) => {
            log.outcome = match (webhook.value.is_active(), is_suspended) {
                (false, _) => "PAUSED",
                (true, true) => "COMPANY_SUSPENDED",
                (true, false) => "CIRCUIT_OPEN",
            };
            return wait(app, received, &mut system.session, known, delivery, at, log).await;
        }
    }
    let read = known.map(|known| known.version);
    let attempting = delivery.clone().attempting(app.runtime.fresh_id(), *message, now);
    // The secrets are needed only if something is posted, and their read waits for nothing.
    let mut beside = app.store.session();
    let (written, secrets) =
        join(system.session.write_delivery(read, &attempting), beside.webhook_secrets(&webhook.value)).await;
    log.cost += beside.cost();
    if written? == Updated::Outdated {
        return Ok(None);
    }
    let begun = Begun { before: delivery, version: read.map_or(1, |read| read + 1), attempting };
    let secrets = match secrets {
        Ok(secrets) => secrets,
        Err(error) => {
            log.failed(&error);
            return not_posted(system, &begun).await.map(Some);
        }
    };
    match secrets {
        Some(secrets) => post(app, system, received, &webhook, &secrets.sealed, begun, log).await.map(Some),
        // The webhook was deleted meanwhile.
        None => not_posted(system, &begun).await.map(|_| None),
    }
}

/// Writes the delivery as it was before the attempt began, since nothing was posted. If this fails, it counts as an
/// attempt.
async fn not_posted(system: &mut SystemSession, begun: &Begun) -> Result<Disposition, StoreError> {
    system.session.write_delivery(Some(begun.version), &begun.before).await?;
    Ok(Disposition::Redeliver)
}

/// An attempt that has begun: nobody else makes one meanwhile.
struct Begun {
    before: Delivery,
    /// The version of what was written.
    version: u64,
    attempting: Delivery,
}

/// Puts a job off until its webhook may be posted to, but not for ever. The disposition is absent if the delivery has
/// changed.
async fn wait(
    app: &App,
    received: &ReceivedJob<'_>,
    session: &mut Session,
    known: Option<Versioned<Delivery>>,
    delivery: Delivery,
    until: Timestamp,
    log: &mut MessageLog,
) -> Result<Option<Disposition>, StoreError> {
    let now = app.runtime.now();
    let read = known.as_ref().map(|known| known.version);
    if delivery.gives_up_at(&app.schedule) <= now {
        // A delivery is given up only once its dead letter is sent.
        let disposition = dead_letter(app, received.body, received.job.webhook_id, log).await;
        if matches!(disposition, Disposition::DeadLetter) {
            session.write_delivery(read, &delivery.given_up(now)).await?;
        }
        return Ok(Some(disposition));
    }
    // The delivery is written once while it waits, so that lists show it and its age is known.
    let is_written = known.is_some_and(|known| known.value == delivery);
    if !is_written && session.write_delivery(read, &delivery).await? == Updated::Outdated {
        return Ok(None);
    }
    Ok(Some(Disposition::RetryAfter(lengthened(until.saturating_since(now), (app.jitter)()))))
}

/// Posts, and writes the outcome.
async fn post(
    app: &App,
    system: &mut SystemSession,
    received: &ReceivedJob<'_>,
    webhook: &Versioned<Webhook>,
    sealed: &Sealed,
    begun: Begun,
    log: &mut MessageLog,
) -> Result<Disposition, StoreError> {
    let ReceivedJob { job, body, message } = received;
    let now = app.runtime.now();
    let attempt = delivery::attempt(&app.webhook_client, &app.vault, &webhook.value, sealed, job, now, None).await;
    // The time that the post took does not count as the table's.
    system.session.restart_budget();
    let attempt = match attempt {
        Ok(attempt) => attempt,
        Err(error) => {
            log.failed(&error);
            return not_posted(system, &begun).await;
        }
    };
    let Begun { version, attempting, .. } = begun;
    let own = attempting.running;
    let (mut version, mut delivery) = (version, attempting);
    let outcome = attempt.record.outcome;
    // The circuit is told before the delivery is written, and even if that write fails.
    if let Err(error) = remember(app, system, webhook, outcome, now, log).await {
        log.failed(&error);
    }
    let circuit = &webhook.value.circuit;
    let probe = circuit.next_probe_at.filter(|_| circuit.opened_at.is_some());
    system.session.restart_budget();
    let mut disposition = Disposition::Redeliver;
    for _ in 0..DECISIONS_MAX {
        let record = attempt.record.clone();
        let after = delivery.after(record, attempt.retry_after, *message, probe, (app.jitter)(), &app.schedule);
        log.attempt(&after);
        disposition = match (after.status, after.next_attempt_at) {
            (DeliveryStatus::Succeeded, _) => Disposition::Acknowledge,
            (DeliveryStatus::Pending, Some(at)) => Disposition::RetryAfter(at.saturating_since(app.runtime.now())),
            // A delivery is given up only once its dead letter is sent.
            (DeliveryStatus::Failed, _) | (DeliveryStatus::Pending, None)
                if matches!(disposition, Disposition::DeadLetter) =>
            {
                disposition
            }
            (DeliveryStatus::Failed, _) | (DeliveryStatus::Pending, None) => {
                dead_letter(app, body, job.webhook_id, log).await
            }
        };
        if matches!(disposition, Disposition::Redeliver)
            || system.session.write_delivery(Some(version), &after).await? == Updated::Applied
        {
            break;
        }
        // Somebody asked for the delivery to begin anew meanwhile.
        let DeliveryState { delivery: stored, .. } = system.delivery(received.address(), None).await?;
        let Some(stored) = stored else { return Ok(Disposition::Redeliver) };
        if stored.value.status == DeliveryStatus::Succeeded {
            return Ok(Disposition::Acknowledge);
        }
        // This attempt took longer than any may, and another one has begun.
        if stored.value.running != own && outcome != AttemptOutcome::Delivered {
            return Ok(Disposition::Redeliver);
        }
        (version, delivery) = (stored.version, stored.value);
    }
    Ok(disposition)
}

/// Counts an attempt's outcome in the webhook's circuit, and pauses a webhook whose endpoint says that it is gone. Of
/// more than [`COUNTS_MAX`] attempts that end at the same time, some may go uncounted. Nothing is counted once the
/// owner has changed the webhook since the attempt began: another address must not be paused for the old one's outcome.
async fn remember(
    app: &App,
    system: &mut SystemSession,
    webhook: &Versioned<Webhook>,
    outcome: AttemptOutcome,
    began: Timestamp,
    log: &mut MessageLog,
) -> Result<(), StoreError> {
    let mut webhook = webhook.clone();
    for _ in 0..COUNTS_MAX {
        let after = after_attempt(app, &webhook.value, outcome);
        if after == webhook.value || system.session.change_webhook(&webhook, &after, None).await? == Updated::Applied {
            log.circuit = after.circuit.state();
            return Ok(());
        }
        match system.webhook_again(webhook.value.id).await? {
            Some(stored) if stored.value.url == webhook.value.url && stored.value.updated_at <= began => {
                webhook = stored;
            }
            Some(_) | None => return Ok(()),
        }
    }
    Ok(())
}

fn after_attempt(app: &App, webhook: &Webhook, outcome: AttemptOutcome) -> Webhook {
    let now = app.runtime.now();
    let circuit = webhook.circuit.after(outcome, now, &app.schedule);
    match (outcome, webhook.paused) {
        (AttemptOutcome::Gone, None) => {
            Webhook { circuit, paused: Some(PauseReason::Gone), updated_at: now, ..webhook.clone() }
        }
        _ => Webhook { circuit, ..webhook.clone() },
    }
}
