//! Webhooks and deliveries as callers see them.

use domain::company::{CompanyId, Owner};
use domain::delivery::{AttemptRecord, Delivery, DeliveryId, DeliveryStatus};
use domain::event::EventType;
use domain::interview::InterviewId;
use domain::time::Timestamp;
use domain::webhook::{Circuit, CircuitState, HeaderName, PauseReason, SigningSecret, Webhook, WebhookId};
use serde::Serialize;

use crate::etag::{ETag, Representation};
use crate::problem::Problem;

/// The stand-in for a header's value, which is not shown.
const MASK: &str = "********";

/// A webhook.
#[derive(Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct WebhookResponse<'a> {
    /// Identity.
    id: WebhookId,
    /// Where events are posted to.
    url: &'a str,
    /// Which events are announced.
    events: &'a [EventType],
    /// For people.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    /// For people.
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    /// What is sent with each post.
    headers: Vec<MaskedHeader<'a>>,
    /// The company whose events are announced; absent: those of all companies that the applicant tracking system
    /// manages.
    #[serde(skip_serializing_if = "Option::is_none")]
    company_id: Option<CompanyId>,
    /// Whether events are announced to it.
    is_active: bool,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pause_reason: Option<PauseReason>,
    /// How the endpoint is doing.
    circuit: CircuitResponse,
    /// What posts are signed with. Shown at creation only.
    #[serde(skip_serializing_if = "Option::is_none")]
    signing_secret: Option<&'a str>,
    /// When the webhook was created.
    created_at: Timestamp,
    /// When the webhook was last changed.
    updated_at: Timestamp,
}

/// A header whose value is not shown.
#[derive(Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
struct MaskedHeader<'a> {
    /// Its name.
    name: &'a HeaderName,
    /// Always the same.
    value: &'static str,
}

/// How an endpoint is doing.
#[derive(Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
struct CircuitResponse {
    /// OPEN after 20 failures in a row over at least an hour: then one attempt is made each 15 minutes.
    state: CircuitState,
    /// Attempts that failed since the last one that succeeded, counted up to 20.
    consecutive_failures: u32,
    /// When the first of them was.
    #[serde(skip_serializing_if = "Option::is_none")]
    failing_since: Option<Timestamp>,
    /// Since when the circuit is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    opened_at: Option<Timestamp>,
    /// From when on the next attempt is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_probe_at: Option<Timestamp>,
}

impl From<&Circuit> for CircuitResponse {
    fn from(circuit: &Circuit) -> Self {
        Self {
            state: circuit.state(),
            consecutive_failures: circuit.consecutive_failures,
            failing_since: circuit.failing_since,
            opened_at: circuit.opened_at,
            next_probe_at: circuit.next_probe_at,
        }
    }
}

/// The secret, which only one answer shows, is no part of the version.
impl Representation for WebhookResponse<'_> {
    fn etag(&self) -> Result<ETag, Problem> {
        ETag::of(&Self { signing_secret: None, ..self.clone() })
    }
}

impl<'a> WebhookResponse<'a> {
    /// The webhook with its secret: the one time that it is shown.
    pub fn with_secret(webhook: &'a Webhook, secret: Option<&'a SigningSecret>) -> Self {
        Self { signing_secret: secret.map(SigningSecret::reveal), ..Self::from(webhook) }
    }
}

impl<'a> From<&'a Webhook> for WebhookResponse<'a> {
    fn from(webhook: &'a Webhook) -> Self {
        let company_id = match webhook.owner {
            Owner::Company(id) => Some(id),
            Owner::Ats(_) => webhook.only_company_id,
        };
        Self {
            id: webhook.id,
            url: webhook.url.as_str(),
            events: &webhook.events,
            name: webhook.name.as_ref().map(|name| name.as_str()),
            description: webhook.description.as_ref().map(|description| description.as_str()),
            headers: webhook.header_names.iter().map(|name| MaskedHeader { name, value: MASK }).collect(),
            company_id,
            is_active: webhook.is_active(),
            pause_reason: webhook.paused,
            circuit: CircuitResponse::from(&webhook.circuit),
            signing_secret: None,
            created_at: webhook.created_at,
            updated_at: webhook.updated_at,
        }
    }
}

/// The webhooks of a company or of an applicant tracking system: at most 50.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct WebhookListResponse<'a> {
    /// Oldest first.
    pub webhooks: Vec<WebhookResponse<'a>>,
}

/// A webhook's new secret.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct RotatedSecretResponse<'a> {
    /// The webhook.
    pub webhook_id: WebhookId,
    /// What posts are signed with from now on. Shown this once.
    pub signing_secret: &'a str,
    /// Until when posts are signed with the secret of before as well.
    pub previous_secret_expires_at: Timestamp,
}

/// How a try of a webhook went.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct TestResponse {
    /// Whether the endpoint answered with a status from 200 to 299 in time, and has proven its address, if it was
    /// unproven.
    pub success: bool,
    /// The delivery of the ping.
    pub delivery_id: DeliveryId,
    /// What the endpoint answered, if it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http_status: Option<u16>,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// What happened, for people.
    pub message: String,
}

/// The announcement of one event to one webhook.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct DeliveryResponse<'a> {
    /// Identity: what posts carry as `deliveryId`, and as their header `webhook-id`.
    id: DeliveryId,
    /// To whom.
    webhook_id: WebhookId,
    /// What happened.
    event: EventType,
    /// When.
    timestamp: Timestamp,
    /// To which interview; absent for a ping.
    #[serde(skip_serializing_if = "Option::is_none")]
    interview_id: Option<InterviewId>,
    /// Whose interview; absent for a ping.
    #[serde(skip_serializing_if = "Option::is_none")]
    company_id: Option<CompanyId>,
    /// How far it is.
    status: DeliveryStatus,
    /// Attempts made, one that is under way included.
    attempts: u32,
    /// The latest attempt.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_attempt: Option<&'a AttemptRecord>,
    /// When the next attempt is planned; a paused webhook and an open circuit put it off.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_attempt_at: Option<Timestamp>,
    /// When it was first taken up.
    created_at: Timestamp,
    /// When it was last changed. 30 days later it is forgotten.
    updated_at: Timestamp,
}

impl<'a> From<&'a Delivery> for DeliveryResponse<'a> {
    fn from(delivery: &'a Delivery) -> Self {
        Self {
            id: delivery.id,
            webhook_id: delivery.webhook_id,
            event: delivery.event,
            timestamp: delivery.occurred_at,
            interview_id: delivery.interview_id,
            company_id: delivery.company_id,
            status: delivery.status,
            attempts: delivery.attempts,
            last_attempt: delivery.last_attempt.as_ref(),
            next_attempt_at: delivery.next_attempt_at,
            created_at: delivery.created_at,
            updated_at: delivery.updated_at,
        }
    }
}

/// A page of a webhook's deliveries.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct DeliveryListResponse<'a> {
    /// Newest first.
    pub deliveries: Vec<DeliveryResponse<'a>>,
    /// For the query parameter `cursor` of the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}
