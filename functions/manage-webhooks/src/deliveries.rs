//! Deliveries of a webhook: trying it, seeing what became of them, delivering once more.

use api::{
    Call, DeliveryListResponse, DeliveryResponse, LIST_DELIVERIES, Problem, REDELIVER, Reply, TEST_WEBHOOK,
    TestResponse,
};
use domain::api_key::Scope;
use domain::delivery::{
    AttemptOutcome, Delivery, DeliveryId, DeliveryJob, DeliveryStatus, ReceivedMessage, RetrySchedule,
};
use domain::event::{Event, EventId};
use domain::resource::AccessError;
use domain::webhook::Webhook;
use queue::OutgoingMessage;
use store::{Changed, LookupError, Named, Session};

use crate::{Addressed, App, failed, sealing_failed};

/// Deliveries on a page, unless another number is asked for.
const PAGE_DEFAULT: u16 = 20;
/// Most deliveries on a page. One has at most about 2 KB, so that a page stays below the 1 MB that DynamoDB reads at a
/// time.
const PAGE_MAX: u16 = 100;

pub(crate) async fn test(app: &App, call: &mut Call<'_>, session: &mut Session) -> Result<Reply, Problem> {
    let addressed = Addressed::read(call, session, TEST_WEBHOOK, Scope::WriteWebhooks, Named::default()).await?;
    let webhook = &addressed.webhook.value;
    let event = Event::ping(webhook.id, call.fresh_id(), call.now).map_err(Problem::internal)?;
    let order = DeliveryJob::new(&event, webhook.id);
    let attempt =
        delivery::attempt(&app.webhook_client, &app.vault, webhook, &order, call.now).await.map_err(sealing_failed)?;
    let record = attempt.record.clone();
    let nobody = ReceivedMessage { id: "", sent_at: call.now };
    let after =
        Delivery::new(&order, call.now).after(attempt.record, None, nobody, None, 0.0, &RetrySchedule::STANDARD);
    // A try is over, however it went.
    let over = match after.status {
        DeliveryStatus::Pending => after.given_up(call.now),
        DeliveryStatus::Succeeded | DeliveryStatus::Failed => after,
    };
    // The time that the post took is not the table's.
    session.begin_anew();
    session.write_delivery(None, &over).await?;
    Reply::ok(&TestResponse {
        success: record.outcome == AttemptOutcome::Delivered,
        delivery_id: over.id,
        http_status: record.http_status,
        duration_ms: record.duration_ms,
        message: explained(record.outcome),
    })
}

/// What an outcome means to who runs the endpoint.
fn explained(outcome: AttemptOutcome) -> &'static str {
    match outcome {
        AttemptOutcome::Delivered => "The endpoint took the ping.",
        AttemptOutcome::BadStatus => "The endpoint answered with a status outside 200 to 299.",
        AttemptOutcome::Redirect => "The endpoint redirects, which is not followed: set the final address as url.",
        AttemptOutcome::Gone => "The endpoint answered 410: an event would pause the webhook.",
        AttemptOutcome::Timeout => "The endpoint did not answer within 15 seconds.",
        AttemptOutcome::DnsFailed => "The host's name could not be resolved.",
        AttemptOutcome::AddressRefused => "The host's address is not a public one.",
        AttemptOutcome::ConnectFailed => "No connection to the endpoint could be opened.",
        AttemptOutcome::TlsFailed => "TLS failed: the endpoint's certificate must be valid for its name.",
        AttemptOutcome::ResponseBroken => "The endpoint closed the connection, or did not answer in HTTP.",
    }
}

pub(crate) async fn list(call: &mut Call<'_>, session: &mut Session) -> Result<Reply, Problem> {
    let message = format!("must be given once, as a whole number from 1 to {PAGE_MAX}");
    let page_size = |text: &str| text.parse().ok().filter(|size| (1..=PAGE_MAX).contains(size));
    let limit = call.query("limit", page_size, "range", &message);
    let cursor =
        call.query("cursor", |text| text.parse().ok(), "cursor", "must be given once, as nextCursor of a page before");
    let asked = Problem::both(limit, cursor);
    let (addressed, (limit, cursor)) =
        Addressed::read_for(call, session, LIST_DELIVERIES, Scope::ReadWebhooks, Named::default(), None, asked).await?;
    let page = session.deliveries(addressed.webhook.value.id, cursor, limit.unwrap_or(PAGE_DEFAULT)).await?;
    Reply::ok(&DeliveryListResponse {
        deliveries: page.deliveries.iter().map(DeliveryResponse::from).collect(),
        next_cursor: page.next,
    })
}

pub(crate) async fn redeliver(app: &App, call: &mut Call<'_>, session: &mut Session) -> Result<Reply, Problem> {
    let id = call.path_id::<DeliveryId>(REDELIVER, "deliveryId");
    let named = Named { delivery: id.as_ref().ok().copied(), ..Named::default() };
    let (mut addressed, id) =
        Addressed::read_for(call, session, REDELIVER, Scope::WriteWebhooks, named, None, id).await?;
    loop {
        let stored = addressed.opened.delivery(&addressed.webhook.value, id)?;
        let event = event(call, session, &addressed.webhook.value, &stored.value).await?;
        let again = stored.value.again(call.now);
        if session.write_delivery(Some(stored.version), &again).await? == Changed::Outdated {
            addressed.read_again(call, session).await?;
            continue;
        }
        // If this fails the caller is told so, and what is written does no harm until it asks again.
        let body = serde_json::to_string(&DeliveryJob::again(&again, event)).map_err(Problem::internal)?;
        let group = again.webhook_id.to_string();
        app.queue.send(OutgoingMessage { body, group }).await.map_err(|error| {
            let is_passing = error.is_passing();
            failed(error, is_passing)
        })?;
        return Reply::accepted(&DeliveryResponse::from(&again));
    }
}

/// The event of a delivery, told from the interview as it stands: no copy of it is kept with the delivery. Whoever would
/// not hear of it today does not hear of it again.
async fn event(
    call: &Call<'_>,
    session: &mut Session,
    webhook: &Webhook,
    delivery: &Delivery,
) -> Result<Event, Problem> {
    let Some(interview_id) = delivery.interview_id else {
        return Event::ping(delivery.webhook_id, call.fresh_id(), delivery.occurred_at).map_err(Problem::internal);
    };
    let interview = session.interview(interview_id).await?;
    let interview = interview.ok_or(LookupError::Access(AccessError::NotFound(interview_id.into())))?;
    let heard_of = session.hears_of(webhook, interview.company_id).await?;
    if !heard_of {
        return Err(AccessError::Forbidden(interview_id.into()).into());
    }
    let id = EventId::new(delivery.id.uuid());
    Event::of_interview(id, delivery.event, delivery.occurred_at, &interview).map_err(Problem::internal)
}
