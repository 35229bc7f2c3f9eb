//! One attempt of a delivery, from its job to its record.

use std::time::Duration;

use domain::delivery::AttemptRecord;
use domain::event::EventBody;
use domain::time::Timestamp;
use domain::webhook::{Sealed, Webhook};
use tokio::time::Instant;
use vault::Vault;

use crate::client::{POST_TIMEOUT, SignedRequest, WebhookClient};
use crate::secrets::{SealingError, open};

#[derive(Debug, Clone, PartialEq)]
pub struct Attempt {
    pub record: AttemptRecord,
    /// The wait that the endpoint asked for.
    pub retry_after: Option<Duration>,
}

/// Posts an event to a webhook, signed with every secret that is live at that time. The post is over at that deadline, if
/// there is one, and after [`POST_TIMEOUT`] at the latest.
///
/// # Errors
/// The webhook's secrets can't be opened. A failure of the endpoint is no error but an outcome.
pub async fn attempt(
    client: &WebhookClient,
    vault: &Vault,
    webhook: &Webhook,
    sealed: &Sealed,
    body: &EventBody<'_>,
    now: Timestamp,
    deadline: Option<Instant>,
) -> Result<Attempt, SealingError> {
    let secrets = open(vault, webhook.id, sealed).await?;
    let text = serde_json::to_string(body).map_err(|_| SealingError::Unreadable)?;
    let live: Vec<_> = secrets.live(now).cloned().collect();
    let request = SignedRequest {
        url: &webhook.url,
        delivery_id: body.delivery_id,
        at: now,
        body: &text,
        secrets: &live,
        headers: &secrets.headers,
    };
    let left = deadline.map_or(POST_TIMEOUT, |deadline| deadline.saturating_duration_since(Instant::now()));
    let result = client.post_within(&request, left.min(POST_TIMEOUT)).await;
    let record = AttemptRecord {
        at: now,
        outcome: result.outcome,
        http_status: result.http_status,
        duration_ms: u64::try_from(result.duration.as_millis()).unwrap_or(u64::MAX),
        response_body: result.excerpt,
    };
    Ok(Attempt { record, retry_after: result.retry_after })
}
