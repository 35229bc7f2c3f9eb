//! One order: whether it is its turn, the attempt, and what it changes.

use domain::{
    AttemptOutcome, Delivery, DeliveryOrder, DeliveryStatus, Gate, Message, PauseReason, Timestamp, Turn, Versioned,
    Webhook, lengthened,
};
use store::{Changed, Session, StoreError};

use crate::line::Line;
use crate::{App, Fate, bury};

/// How often something is read and decided again that somebody else changes at the same time. What is beyond comes
/// back with the queue's own time-out.
const DECISIONS_MAX: usize = 4;
/// How often it is tried to count an attempt that others end at the same time. More than a batch has messages.
const COUNTINGS_MAX: usize = 16;

/// An order as a message brings it.
pub(crate) struct Brought<'a> {
    pub order: DeliveryOrder,
    /// The order as it was sent.
    pub body: &'a str,
    pub message: Message<'a>,
}

/// Does what is to be done about an order now.
pub(crate) async fn carry_out(app: &App, brought: &Brought<'_>, line: &mut Line) -> Fate {
    line.order(&brought.order);
    for _ in 0..DECISIONS_MAX {
        match decide(app, brought, line).await {
            Ok(Some(fate)) => return fate,
            Ok(None) => {}
            Err(error) => {
                line.failed(&error);
                return Fate::Kept;
            }
        }
    }
    Fate::Kept
}

/// None if what the decision was based on has changed.
async fn decide(app: &App, brought: &Brought<'_>, line: &mut Line) -> Result<Option<Fate>, StoreError> {
    let now = (app.edge.clock)();
    let Brought { order, message, .. } = brought;
    let mut session = app.store.session();
    let (webhook, known) = session.delivery(order.webhook_id, order.delivery_id).await?;
    let Some(mut webhook) = webhook else {
        line.outcome = "WEBHOOK_DELETED";
        return Ok(Some(Fate::Done));
    };
    let stored = known.as_ref().map(|known| known.value.clone());
    let delivery = match Delivery::turn(stored, order, *message, now, &app.pace) {
        Turn::Done => {
            line.outcome = "OVER";
            return Ok(Some(Fate::Done));
        }
        Turn::NotBefore(at) => {
            line.outcome = "NOT_DUE";
            return Ok(Some(Fate::Later(at.saturating_since(now))));
        }
        Turn::Attempt(delivery) => *delivery,
    };
    let gate = if webhook.value.is_active() {
        webhook.value.circuit.gate(now, &app.pace)
    } else {
        Gate::ClosedUntil(now.saturating_add(app.pace.look_after_paused_every))
    };
    match gate {
        Gate::Open => {}
        Gate::Probe(circuit) => {
            let probing = Webhook { circuit, ..webhook.value.clone() };
            if session.change_webhook(&webhook, &probing, None).await? == Changed::Outdated {
                return Ok(None);
            }
            webhook = Versioned { version: webhook.version + 1, value: probing };
        }
        Gate::ClosedUntil(at) => {
            line.outcome = if webhook.value.is_active() { "CIRCUIT_OPEN" } else { "PAUSED" };
            return wait(app, brought, &mut session, known, delivery, at, line).await;
        }
    }
    drop(session);
    post(app, brought, &webhook, known.map(|known| known.version), delivery, line).await.map(Some)
}

/// Puts an order off until its webhook may be posted to, but not for ever. None if the delivery has changed.
async fn wait(
    app: &App,
    brought: &Brought<'_>,
    session: &mut Session,
    known: Option<Versioned<Delivery>>,
    delivery: Delivery,
    until: Timestamp,
    line: &mut Line,
) -> Result<Option<Fate>, StoreError> {
    let now = (app.edge.clock)();
    let read = known.as_ref().map(|known| known.version);
    if delivery.gives_up_at(&app.pace) <= now {
        // Without its letter among the dead it is not given up.
        let fate = bury(app, brought.body, brought.order.webhook_id, line).await;
        if matches!(fate, Fate::Buried) {
            session.write_delivery(read, &delivery.given_up(now)).await?;
        }
        return Ok(Some(fate));
    }
    // Written down once, so that it is seen in lists and its age is known.
    let is_written = known.is_some_and(|known| known.value == delivery);
    if !is_written && session.write_delivery(read, &delivery).await? == Changed::Outdated {
        return Ok(None);
    }
    Ok(Some(Fate::Later(lengthened(until.saturating_since(now), (app.chance)()))))
}

/// Posts, and writes down what came of it.
async fn post(
    app: &App,
    brought: &Brought<'_>,
    webhook: &Versioned<Webhook>,
    mut read: Option<u64>,
    mut before: Delivery,
    line: &mut Line,
) -> Result<Fate, StoreError> {
    let Brought { order, body, message } = brought;
    let now = (app.edge.clock)();
    let attempt = match delivery::attempt(&app.courier, &app.vault, &webhook.value, order, now).await {
        Ok(attempt) => attempt,
        Err(error) => {
            line.failed(&error);
            return Ok(Fate::Kept);
        }
    };
    let outcome = attempt.record.outcome;
    // Known before the delivery is written, and whatever becomes of that.
    if let Err(error) = remember(app, webhook, outcome, now, line).await {
        line.failed(&error);
    }
    let circuit = &webhook.value.circuit;
    let probe = circuit.next_probe_at.filter(|_| circuit.opened_at.is_some());
    // The time that the post took is not the table's.
    let mut session = app.store.session();
    let mut fate = Fate::Kept;
    for _ in 0..DECISIONS_MAX {
        let record = attempt.record.clone();
        let after = before.after(record, attempt.retry_after, *message, probe, (app.chance)(), &app.pace);
        line.attempt(&after);
        fate = match (after.status, after.next_attempt_at) {
            (DeliveryStatus::Succeeded, _) => Fate::Done,
            (DeliveryStatus::Pending, Some(at)) => Fate::Later(at.saturating_since((app.edge.clock)())),
            // Without its letter among the dead it is not given up.
            (DeliveryStatus::Failed, _) | (DeliveryStatus::Pending, None) if matches!(fate, Fate::Buried) => fate,
            (DeliveryStatus::Failed, _) | (DeliveryStatus::Pending, None) => {
                bury(app, body, order.webhook_id, line).await
            }
        };
        if matches!(fate, Fate::Kept) || session.write_delivery(read, &after).await? == Changed::Done {
            break;
        }
        // Another message for the same delivery was quicker.
        let (_, stored) = session.delivery(order.webhook_id, order.delivery_id).await?;
        let Some(stored) = stored else { return Ok(Fate::Kept) };
        if stored.value.status == DeliveryStatus::Succeeded {
            return Ok(Fate::Done);
        }
        (read, before) = (Some(stored.version), stored.value);
    }
    Ok(fate)
}

/// Lets the webhook's circuit know how an attempt ended, and pauses a webhook that nobody wants any more. Of more than
/// [`COUNTINGS_MAX`] attempts that end at the same time some may go uncounted. What its owner has changed since the
/// attempt began is another matter: another address is not to be paused for what became of the old one.
async fn remember(
    app: &App,
    webhook: &Versioned<Webhook>,
    outcome: AttemptOutcome,
    began: Timestamp,
    line: &mut Line,
) -> Result<(), StoreError> {
    let mut session = app.store.session();
    let mut webhook = webhook.clone();
    for _ in 0..COUNTINGS_MAX {
        let after = after_attempt(app, &webhook.value, outcome);
        if after == webhook.value || session.change_webhook(&webhook, &after, None).await? == Changed::Done {
            line.circuit = after.circuit.state();
            return Ok(());
        }
        match session.webhook_again(webhook.value.id).await? {
            Some(stored) if stored.value.url == webhook.value.url && stored.value.updated_at <= began => {
                webhook = stored;
            }
            Some(_) | None => return Ok(()),
        }
    }
    Ok(())
}

fn after_attempt(app: &App, webhook: &Webhook, outcome: AttemptOutcome) -> Webhook {
    let now = (app.edge.clock)();
    let circuit = webhook.circuit.after(outcome, now, &app.pace);
    match (outcome, webhook.paused) {
        (AttemptOutcome::Gone, None) => {
            Webhook { circuit, paused: Some(PauseReason::Gone), updated_at: now, ..webhook.clone() }
        }
        _ => Webhook { circuit, ..webhook.clone() },
    }
}
