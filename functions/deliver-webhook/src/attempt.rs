//! One order: whether it is its turn, the attempt, and what it changes.

use domain::{
    AttemptOutcome, Delivery, DeliveryOrder, DeliveryStatus, Gate, Message, PauseReason, Timestamp, Turn, Versioned,
    Webhook, jittered,
};
use store::{Changed, StoreError};

use crate::line::Line;
use crate::{App, Fate, bury};

/// How often something is read and decided again that somebody else changes at the same time. What is beyond comes
/// back with the queue's own time-out.
const DECISIONS_MAX: usize = 4;

/// How often it is tried to count an attempt that others end at the same time. More than a batch has messages.
const COUNTINGS_MAX: usize = 16;

/// Does what is to be done about an order now. None if it failed: then it comes back by itself.
pub(crate) async fn carry_out(
    app: &App,
    order: &DeliveryOrder,
    body: &str,
    message: Message<'_>,
    line: &mut Line,
) -> Option<Fate> {
    line.order(order);
    for _ in 0..DECISIONS_MAX {
        match decide(app, order, body, message, line).await {
            Ok(Some(fate)) => return fate,
            Ok(None) => {}
            Err(error) => {
                line.failed(&error);
                return None;
            }
        }
    }
    None
}

/// None if what the decision was based on has changed.
async fn decide(
    app: &App,
    order: &DeliveryOrder,
    body: &str,
    message: Message<'_>,
    line: &mut Line,
) -> Result<Option<Option<Fate>>, StoreError> {
    let now = (app.edge.clock)();
    let mut session = app.store.session();
    let (webhook, known) = session.delivery(order.webhook_id, order.delivery_id).await?;
    let Some(mut webhook) = webhook else {
        line.outcome = "WEBHOOK_DELETED";
        return Ok(Some(Some(Fate::Done)));
    };
    let read = known.as_ref().map(|known| known.version);
    let stored = known.map(|known| known.value);
    let delivery = match Delivery::turn(stored.clone(), order, message, now, &app.pace) {
        Turn::Done => {
            line.outcome = "OVER";
            return Ok(Some(Some(Fate::Done)));
        }
        Turn::NotBefore(at) => {
            line.outcome = "NOT_DUE";
            return Ok(Some(Some(Fate::Later(at.saturating_since(now)))));
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
            if delivery.gives_up_at(&app.pace) <= now {
                let fate = bury(app, body, &order.webhook_id.to_string(), line).await;
                if fate.is_some() {
                    session.write_delivery(read, &delivery.given_up(now)).await?;
                }
                return Ok(Some(fate));
            }
            // Written down once, so that it is seen in lists and its age is known.
            if stored.as_ref() != Some(&delivery) && session.write_delivery(read, &delivery).await? == Changed::Outdated
            {
                return Ok(None);
            }
            return Ok(Some(Some(Fate::Later(jittered(at.saturating_since(now), (app.chance)())))));
        }
    }
    drop(session);
    post(app, order, body, message, &webhook, Versioned { version: read.unwrap_or(0), value: delivery }, line)
        .await
        .map(Some)
}

/// Posts, and writes down what came of it. A delivery of version 0 is not stored yet.
async fn post(
    app: &App,
    order: &DeliveryOrder,
    body: &str,
    message: Message<'_>,
    webhook: &Versioned<Webhook>,
    delivery: Versioned<Delivery>,
    line: &mut Line,
) -> Result<Option<Fate>, StoreError> {
    let now = (app.edge.clock)();
    let attempt = match delivery::attempt(&app.courier, &app.vault, &webhook.value, order, now).await {
        Ok(attempt) => attempt,
        Err(error) => {
            line.failed(&error);
            return Ok(None);
        }
    };
    let outcome = attempt.record.outcome;
    let probe = webhook.value.circuit.next_probe_at.filter(|_| webhook.value.circuit.opened_at.is_some());
    let (mut version, mut before) = (delivery.version, delivery.value);
    // The time that the post took is not the table's.
    let mut session = app.store.session();
    let mut fate = None;
    for _ in 0..DECISIONS_MAX {
        let after =
            before.after(attempt.record.clone(), attempt.retry_after, message, probe, (app.chance)(), &app.pace);
        line.attempt(&after);
        fate = match after.status {
            DeliveryStatus::Succeeded => Some(Fate::Done),
            DeliveryStatus::Pending => {
                Some(Fate::Later(after.next_attempt_at.unwrap_or(now).saturating_since((app.edge.clock)())))
            }
            DeliveryStatus::Failed => bury(app, body, &order.webhook_id.to_string(), line).await,
        };
        // Without its letter among the dead it is not given up.
        if fate.is_none() || session.write_delivery(Some(version).filter(|v| *v > 0), &after).await? == Changed::Done {
            break;
        }
        // Another message for the same delivery was quicker.
        let (_, stored) = session.delivery(order.webhook_id, order.delivery_id).await?;
        let Some(stored) = stored else { break };
        if stored.value.status == DeliveryStatus::Succeeded {
            fate = Some(Fate::Done);
            break;
        }
        (version, before) = (stored.version, stored.value);
    }
    if let Err(error) = remember(app, webhook, outcome, line).await {
        // The delivery is as it is, whether the webhook knows or not.
        line.failed(&error);
    }
    Ok(fate)
}

/// Lets the webhook's circuit know how an attempt ended, and pauses a webhook that nobody wants any more. Of more than
/// [`COUNTINGS_MAX`] attempts that end at the same time some may go uncounted.
async fn remember(
    app: &App,
    webhook: &Versioned<Webhook>,
    outcome: AttemptOutcome,
    line: &mut Line,
) -> Result<(), StoreError> {
    let mut session = app.store.session();
    let mut webhook = webhook.clone();
    for _ in 0..COUNTINGS_MAX {
        let now = (app.edge.clock)();
        let after = after_attempt(&webhook.value, outcome, now, app);
        if after == webhook.value || session.change_webhook(&webhook, &after, None).await? == Changed::Done {
            line.circuit = after.circuit.state();
            return Ok(());
        }
        match session.webhook_again(webhook.value.id).await? {
            Some(stored) => webhook = stored,
            None => return Ok(()),
        }
    }
    Ok(())
}

fn after_attempt(webhook: &Webhook, outcome: AttemptOutcome, now: Timestamp, app: &App) -> Webhook {
    let circuit = webhook.circuit.after(outcome, now, &app.pace);
    match (outcome, webhook.paused) {
        (AttemptOutcome::Gone, None) => {
            Webhook { circuit, paused: Some(PauseReason::Gone), updated_at: now, ..webhook.clone() }
        }
        _ => Webhook { circuit, ..webhook.clone() },
    }
}
