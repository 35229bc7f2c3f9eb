//! One attempt of a delivery, from its order to what came of it.

use std::time::Duration;

use domain::delivery::{AttemptRecord, DeliveryJob};
use domain::event::EventBody;
use domain::time::Timestamp;
use domain::webhook::Webhook;
use vault::Vault;

use crate::client::{SignedRequest, WebhookClient};
use crate::secrets::{SealingError, open};

/// What came of an attempt.
#[derive(Debug, Clone, PartialEq)]
pub struct Attempt {
    /// To be kept with the delivery.
    pub record: AttemptRecord,
    /// How long the endpoint wants to be left alone, if it says so.
    pub retry_after: Option<Duration>,
}

/// Posts an order to a webhook, signed with every secret that is live at that time.
///
/// # Errors
/// If the webhook's secrets can't be opened. Whatever the endpoint does is no error but an outcome.
pub async fn attempt(
    client: &WebhookClient,
    vault: &Vault,
    webhook: &Webhook,
    order: &DeliveryJob,
    now: Timestamp,
) -> Result<Attempt, SealingError> {
    let secrets = open(vault, webhook).await?;
    let body = EventBody {
        event: order.event,
        timestamp: order.occurred_at,
        delivery_id: order.delivery_id,
        data: &order.data,
    };
    let body = serde_json::to_string(&body).map_err(|_| SealingError::Unreadable)?;
    let live: Vec<_> = secrets.live(now).cloned().collect();
    let post = SignedRequest {
        url: &webhook.url,
        delivery_id: order.delivery_id,
        at: now,
        body: &body,
        secrets: &live,
        headers: &secrets.headers,
    };
    let posted = client.post(&post).await;
    let record = AttemptRecord {
        at: now,
        outcome: posted.outcome,
        http_status: posted.http_status,
        duration_ms: u64::try_from(posted.duration.as_millis()).unwrap_or(u64::MAX),
        response_body: posted.excerpt,
    };
    Ok(Attempt { record, retry_after: posted.retry_after })
}
