//! One delivery job: its next step, the attempt, and what that changes.

use std::borrow::Cow;

use domain::Versioned;
use domain::delivery::{
    AttemptOutcome, Delivery, DeliveryJob, DeliveryStatus, NextStep, QUEUED_WAIT_MAX, ReceivedMessage,
    WAITING_JOB_MAX_BYTES, WaitingDelivery,
};
use domain::event::{Event, EventBody, EventId};
use domain::time::Timestamp;
use domain::webhook::{CircuitPhase, PauseReason, Sealed, Webhook};
use futures_util::future::join;
use serde_json::value::RawValue;
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
    /// The job as it is kept: as it was sent, but for content of an interview and the sweep that may have sent it.
    pub body: Cow<'a, str>,
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
        NextStep::Wait(delivery) => {
            log.outcome = "NOT_DUE";
            let look_at = delivery.next_attempt_at.unwrap_or(now);
            return hold(app, received, &mut system.session, known, *delivery, look_at).await;
        }
        NextStep::GiveUp(delivery) => {
            log.outcome = "SURPLUS";
            return give_up(app, received, &mut system.session, known, *delivery, log).await.map(Some);
        }
        NextStep::Attempt(delivery) => *delivery,
    };
    match webhook.value.phase(is_suspended, now, &app.schedule) {
        CircuitPhase::Closed => {}
        CircuitPhase::HalfOpen(circuit) => {
            // As stored: what was sealed within the webhook has moved with the change.
            let probing = Webhook { circuit, sealed_within: None, ..webhook.value.clone() };
            if system.session.change_webhook(&webhook, &probing, None, now).await? == Updated::Outdated {
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
            if delivery.gives_up_at(&app.schedule) <= now {
                return give_up(app, received, &mut system.session, known, delivery, log).await.map(Some);
            }
            return hold(app, received, &mut system.session, known, delivery, at).await;
        }
    }
    let read = known.map(|known| known.version);
    let Some(told) = told(system, job).await? else {
        log.outcome = "CONTENT_GONE";
        let over = delivery.given_up(now);
        let written = system.session.write_delivery(read, &over).await?;
        return Ok((written == Updated::Applied).then_some(Disposition::Acknowledge));
    };
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
        Some(secrets) => {
            let post = Post { body: received.job.body(&told), webhook: &webhook, sealed: &secrets.sealed };
            send(app, system, received, post, begun, log).await.map(Some)
        }
        // The webhook was deleted meanwhile.
        None => not_posted(system, &begun).await.map(|_| None),
    }
}

/// The JSON that subscribers are told; none if that was deleted or erased while the order was kept.
async fn told<'a>(system: &mut SystemSession, job: &'a DeliveryJob) -> Result<Option<Cow<'a, RawValue>>, StoreError> {
    if let Some(data) = &job.data {
        return Ok(Some(Cow::Borrowed(data)));
    }
    let Some(id) = job.interview_id else { return Ok(None) };
    let Some(interview) = system.interview(id).await? else { return Ok(None) };
    let beside = system.session.analysis_of(&interview).await?;
    if interview.analysis.is_none() && beside.is_none() {
        return Ok(None);
    }
    let id = EventId::new(job.delivery_id.uuid());
    let event = Event::of_interview(id, job.event, job.occurred_at, &interview, beside.as_ref());
    Ok(event.ok().map(|event| Cow::Owned(event.data)))
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

/// Gives a delivery up, but only once its dead letter is sent.
async fn give_up(
    app: &App,
    received: &ReceivedJob<'_>,
    session: &mut Session,
    known: Option<Versioned<Delivery>>,
    delivery: Delivery,
    log: &mut MessageLog,
) -> Result<Disposition, StoreError> {
    let disposition = dead_letter(app, &received.body, received.job.webhook_id, log).await;
    if matches!(disposition, Disposition::DeadLetter) {
        let over = delivery.given_up(app.runtime.now());
        session.write_delivery(known.map(|known| known.version), &over).await?;
        log.given_up(&over);
    }
    Ok(disposition)
}

/// Has a delivery wait in the table until a sweep looks at its webhook. The disposition is absent if the delivery has
/// changed.
async fn hold(
    app: &App,
    received: &ReceivedJob<'_>,
    session: &mut Session,
    known: Option<Versioned<Delivery>>,
    delivery: Delivery,
    look_at: Timestamp,
) -> Result<Option<Disposition>, StoreError> {
    let delivery = delivery.in_table();
    let read = known.as_ref().map(|known| known.version);
    let is_written = known.is_some_and(|known| known.value == delivery);
    if !is_written && session.write_delivery(read, &delivery).await? == Updated::Outdated {
        return Ok(None);
    }
    keep(app, received, session, &delivery, look_at).await.map(Some)
}

/// Keeps the order of a delivery that was written as waiting. Its message is done only once the order lies in the table
/// and its webhook's alarm is set.
async fn keep(
    app: &App,
    received: &ReceivedJob<'_>,
    session: &mut Session,
    delivery: &Delivery,
    look_at: Timestamp,
) -> Result<Disposition, StoreError> {
    let now = app.runtime.now();
    if received.body.len() > WAITING_JOB_MAX_BYTES {
        return Ok(Disposition::RetryAfter(look_at.saturating_since(now)));
    }
    let waiting = WaitingDelivery::new(delivery, received.body.clone().into_owned(), now, &app.schedule);
    session.hold_delivery(&waiting, look_at).await?;
    Ok(Disposition::Acknowledge)
}

/// Everything that a post is made of.
struct Post<'a> {
    body: EventBody<'a>,
    webhook: &'a Versioned<Webhook>,
    /// The webhook's secrets.
    sealed: &'a Sealed,
}

/// Posts, and writes the outcome.
async fn send(
    app: &App,
    system: &mut SystemSession,
    received: &ReceivedJob<'_>,
    post: Post<'_>,
    begun: Begun,
    log: &mut MessageLog,
) -> Result<Disposition, StoreError> {
    let ReceivedJob { job, body, message } = received;
    let Post { body: told, webhook, sealed } = post;
    let now = app.runtime.now();
    let attempt = delivery::attempt(&app.webhook_client, &app.vault, &webhook.value, sealed, &told, now, None).await;
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
    let mut is_dead_letter = false;
    for _ in 0..DECISIONS_MAX {
        let record = attempt.record.clone();
        let after = delivery.after(record, attempt.retry_after, *message, probe, (app.jitter)(), &app.schedule);
        let wait = match (after.status, after.next_attempt_at) {
            (DeliveryStatus::Pending, Some(at)) => Some((at, at.saturating_since(app.runtime.now()))),
            (DeliveryStatus::Pending, None) | (DeliveryStatus::Succeeded | DeliveryStatus::Failed, _) => None,
        };
        let after = if wait.is_some_and(|(_, wait)| wait > QUEUED_WAIT_MAX) { after.in_table() } else { after };
        log.attempt(&after);
        // A delivery is given up only once its dead letter is sent.
        if wait.is_none() && after.status != DeliveryStatus::Succeeded && !is_dead_letter {
            match dead_letter(app, body, job.webhook_id, log).await {
                Disposition::DeadLetter => is_dead_letter = true,
                failed => return Ok(failed),
            }
        }
        if system.session.write_delivery(Some(version), &after).await? == Updated::Applied {
            return match wait {
                Some((at, wait)) if wait > QUEUED_WAIT_MAX => {
                    keep(app, received, &mut system.session, &after, at).await
                }
                Some((_, wait)) => Ok(Disposition::RetryAfter(wait)),
                None if is_dead_letter => Ok(Disposition::DeadLetter),
                None => Ok(Disposition::Acknowledge),
            };
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
    Ok(if is_dead_letter { Disposition::DeadLetter } else { Disposition::Redeliver })
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
        if after == webhook.value
            || system.session.change_webhook(&webhook, &after, None, app.runtime.now()).await? == Updated::Applied
        {
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
