//! Deliveries of a webhook: a test, the list, delivering once more.

use std::time::Duration;

use api::{Admission, DeliveryResponse, Problem, Reply, RequestContext, TestResponse, shown};
use domain::company::Owner;
use domain::delivery::{
    AttemptOutcome, AttemptRecord, Delivery, DeliveryId, DeliveryJob, DeliveryStatus, ReceivedMessage, RetrySchedule,
};
use domain::event::{Event, EventId};
use domain::time::Timestamp;
use domain::webhook::{Challenge, PauseReason, Webhook, WebhookId};
use queue::OutgoingMessage;
use store::{DeliveryAddress, References, Session, Updated};
use tokio::time::Instant;

use crate::{App, sealing_failed};

/// Time from the beginning of a test to the end of its post. Before it the table takes at most 6 s and the key 6.3 s, so
/// that a post has 8 s at the least and mostly its 15; after it the table takes at most 6 s. Of the function's 29 s, two are
/// left.
const POSTED_WITHIN: Duration = Duration::from_secs(21);

pub(crate) async fn test(app: &App, context: &mut RequestContext<'_>, session: &mut Session) -> Result<Reply, Problem> {
    let deadline = Instant::now() + POSTED_WITHIN;
    let (mut admission, id) =
        context.admit::<Owner, _>(session, |reader| reader.path_reference::<WebhookId>("id")).await?;
    let (webhook, secrets) = loop {
        let webhook = admission.get(id)?.value;
        match session.webhook_secrets(&webhook).await? {
            Some(secrets) => break (webhook, secrets),
            None => admission.reload(session).await?,
        }
    };
    let (webhook, now) = (&webhook, context.now);
    let challenge = (webhook.paused == Some(PauseReason::Unproven)).then(Challenge::generate);
    let challenge = challenge.transpose().map_err(Problem::internal)?;
    let fresh = app.runtime.fresh_id();
    let event = match &challenge {
        Some(challenge) => Event::challenging_ping(id, challenge, fresh, now),
        None => Event::ping(id, fresh, now),
    };
    let event = event.map_err(Problem::internal)?;
    let job = DeliveryJob::new(&event, webhook.id);
    session.begin_webhook_test(id, job.delivery_id, now).await??;
    let attempt = delivery::attempt(
        &app.webhook_client,
        &app.vault,
        webhook,
        &secrets.sealed,
        &job.body(&event.data),
        now,
        Some(deadline),
    )
    .await;
    // The time that the post took does not count as the table's.
    session.restart_budget();
    let attempt = match attempt {
        Ok(attempt) => attempt,
        Err(error) => {
            // If this fails too, the next test has to wait until this one is over for certain.
            let _ = session.cancel_webhook_test(id, job.delivery_id, now).await;
            return Err(sealing_failed(error));
        }
    };
    let record = attempt.record.clone();
    let no_message = ReceivedMessage { id: "", sent_at: now };
    let begun = Delivery::new(&job, now).attempting(app.runtime.fresh_id(), no_message, now);
    let after = begun.after(attempt.record, None, no_message, None, 0.0, &RetrySchedule::STANDARD);
    // A test is over, whatever its outcome: it is not tried again.
    let over = match after.status {
        DeliveryStatus::Pending => {
            let ended_at = after.updated_at;
            after.given_up(ended_at)
        }
        DeliveryStatus::Succeeded | DeliveryStatus::Failed => after,
    };
    session.end_webhook_test(&over, now).await?;
    let taken = record.outcome == AttemptOutcome::Delivered;
    let (success, message) = match challenge.filter(|_| taken) {
        None => (taken, explained(&record)),
        Some(challenge) if challenge.is_answered_by(record.response_body.as_deref().unwrap_or_default()) => {
            match activate(&mut admission, session, webhook, now).await? {
                true => (true, "The endpoint has proven its address: the webhook is active.".to_owned()),
                false => (false, "The webhook was changed while it was tried: try it again.".to_owned()),
            }
        }
        Some(_) => (false, "The endpoint took the ping, but its answer was not data.challenge alone.".to_owned()),
    };
    let AttemptRecord { http_status, duration_ms, .. } = record;
    Reply::ok(&TestResponse { success, delivery_id: over.id, http_status, duration_ms, message })
}

/// Makes a webhook active whose address has been proven. False if the webhook has another address or another pause by now.
async fn activate(
    admission: &mut Admission<Owner>,
    session: &mut Session,
    tried: &Webhook,
    now: Timestamp,
) -> Result<bool, Problem> {
    loop {
        let old = admission.get(tried.id)?;
        match old.value.paused {
            _ if old.value.url != tried.url => return Ok(false),
            Some(PauseReason::Requested | PauseReason::Gone) => return Ok(false),
            // It is active already if the answer to the change was lost.
            None => return Ok(true),
            Some(PauseReason::Unproven) => {}
        }
        match session.change_webhook(&old, &old.value.proven(now), None, now).await? {
            Updated::Applied => return Ok(true),
            Updated::Outdated => admission.reload(session).await?,
        }
    }
}

/// The meaning of an attempt to the people who run the endpoint.
fn explained(record: &AttemptRecord) -> String {
    let text = match record.outcome {
        AttemptOutcome::Delivered => "The endpoint took the ping.",
        AttemptOutcome::BadStatus => "The endpoint answered with a status outside 200 to 299.",
        AttemptOutcome::Redirect => "The endpoint redirects, which is not followed: set the final address as url.",
        AttemptOutcome::Gone => "The endpoint answered 410: an event would pause the webhook.",
        AttemptOutcome::Timeout => {
            return format!("The endpoint did not answer within {} seconds.", record.duration_ms / 1_000);
        }
        AttemptOutcome::DnsFailed => "The host's name could not be resolved.",
        AttemptOutcome::AddressRefused => "The host's address is not a public one, or its port is not allowed.",
        AttemptOutcome::ConnectFailed => "No connection to the endpoint could be opened.",
        AttemptOutcome::TlsFailed => "TLS failed: the endpoint's certificate must be valid for its name.",
        AttemptOutcome::ResponseBroken => "The endpoint closed the connection, or did not answer in HTTP.",
    };
    text.to_owned()
}

pub(crate) async fn list(context: &mut RequestContext<'_>, session: &mut Session) -> Result<Reply, Problem> {
    let (admission, (id, page)) = context
        .admit::<Owner, _>(session, |reader| reader.path_reference::<WebhookId>("id").and(reader.page()))
        .await?;
    let list = context.list(admission.caller.tenant, &());
    let page = session.deliveries(&admission.get(id)?.value, list.page(&page)?).await?;
    list.reply(page, |delivery| shown(&DeliveryResponse::from(delivery)))
}

pub(crate) async fn redeliver(
    app: &App,
    context: &mut RequestContext<'_>,
    session: &mut Session,
) -> Result<Reply, Problem> {
    let (mut admission, (webhook_id, id)) = context
        .admit::<Owner, _>(session, |reader| {
            let ids = reader.path_reference::<WebhookId>("id").and(reader.path_id::<DeliveryId>("deliveryId"));
            ids.naming(|(webhook_id, id)| {
                References::default().with(Some(DeliveryAddress { webhook_id: *webhook_id, id: *id }))
            })
        })
        .await?;
    loop {
        let webhook = &admission.get(webhook_id)?.value;
        let stored = admission.delivery(webhook, id)?;
        let event = event(app, session, webhook, &stored.value).await?.traced(context.trace_id);
        let again = stored.value.again(context.now);
        if session.write_delivery(Some(stored.version), &again).await? == Updated::Outdated {
            admission.reload(session).await?;
            continue;
        }
        // If this fails, the caller is told so, and the delivery as written does no harm until the caller asks again.
        let body = serde_json::to_string(&DeliveryJob::again(&again, event)).map_err(Problem::internal)?;
        let group = again.webhook_id.to_string();
        app.queue.send(OutgoingMessage { body, group }).await.map_err(|error| {
            let is_passing = error.is_passing();
            Problem::failure(error, is_passing)
        })?;
        return Reply::accepted(&DeliveryResponse::from(&again));
    }
}

/// The event of a delivery, made from the interview as it stands: no copy of it is kept with the delivery. An owner who
/// would not be told of the event today is not told of it again.
async fn event(app: &App, session: &mut Session, webhook: &Webhook, delivery: &Delivery) -> Result<Event, Problem> {
    let Some(interview_id) = delivery.interview_id else {
        let fresh = app.runtime.fresh_id();
        return Event::ping(delivery.webhook_id, fresh, delivery.occurred_at).map_err(Problem::internal);
    };
    let interview = session.interview_heard_by(webhook, interview_id).await?;
    let id = EventId::new(delivery.id.uuid());
    Event::of_interview(id, delivery.event, delivery.occurred_at, &interview, None).map_err(Problem::internal)
}
