//! Webhooks: where events are announced to, and what is known of how that went.

mod challenge;
mod circuit;
mod header;
mod ports;
mod secrets;
mod url;

use serde::{Deserialize, Serialize};

use crate::api_key::ApiKeyId;
use crate::company::{CompanyId, Owner};
use crate::delivery::RetrySchedule;
use crate::event::EventType;
use crate::id::id;
use crate::string_enum::string_enum;
use crate::text::{MultiLine, SingleLine};
use crate::time::Timestamp;

pub use self::url::*;
pub use challenge::*;
pub use circuit::*;
pub use header::*;
pub use ports::*;
pub use secrets::*;

id! {
    /// Where events are announced to.
    WebhookId
}

/// Most webhooks of a company or of an applicant tracking system. Each is a message for each event, so the number
/// bounds what one interview can cause.
pub const WEBHOOKS_MAX: usize = 50;

/// The webhook's name, for people.
pub type WebhookName = SingleLine<0, 255>;

/// The webhook's description, for people.
pub type WebhookDescription = MultiLine<0, 1_000>;

string_enum! {
    /// Why a webhook is paused.
    pub enum PauseReason {
        /// Somebody asked for it.
        Requested = "REQUESTED",
        /// The endpoint answered 410: nobody is there any more.
        Gone = "GONE",
        /// The deployment asks for a proof of the address, and no test has proven it yet.
        Unproven = "UNPROVEN",
    }
}

/// An endpoint to which the events of a company, or of the companies that a system manages, are announced.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Webhook {
    pub id: WebhookId,
    #[serde(flatten)]
    pub owner: Owner,
    /// The one company of a system's webhook; without it, all that the system manages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub only_company_id: Option<CompanyId>,
    pub url: WebhookUrl,
    pub events: Vec<EventType>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<WebhookName>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<WebhookDescription>,
    /// The headers that each post carries, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub header_names: Vec<HeaderName>,
    /// The reason of a pause; none if the webhook is active.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paused: Option<PauseReason>,
    /// The endpoint's failures so far.
    #[serde(default)]
    pub circuit: Circuit,
    /// The [`WebhookSecrets`], encrypted, if the webhook was last written when they were part of it: its next change
    /// moves them beside it, as [`SealedSecrets`].
    #[serde(rename = "sealed", default, skip_serializing_if = "Option::is_none")]
    pub sealed_within: Option<Sealed>,
    /// The key that created it; none if that was before webhooks had this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_by_key_id: Option<ApiKeyId>,
    pub created_at: Timestamp,
    /// The time of the last change by the owner, or of the pause.
    pub updated_at: Timestamp,
}

impl Webhook {
    /// True if events are announced to it.
    pub fn is_active(&self) -> bool {
        self.paused.is_none()
    }

    /// The phase of its circuit at an instant. While it is paused, or its owner suspended, no attempt is made before the
    /// next look.
    pub fn phase(&self, is_suspended: bool, now: Timestamp, schedule: &RetrySchedule) -> CircuitPhase {
        if self.is_active() && !is_suspended {
            self.circuit.phase(now, schedule)
        } else {
            CircuitPhase::OpenUntil(now.saturating_add(schedule.look_after_paused_every))
        }
    }

    /// True if a change from this webhook to that one ends a pause or closes a circuit: what waits can go on.
    pub fn is_released_by(&self, changed: &Self) -> bool {
        let is_held = |webhook: &Self| !webhook.is_active() || webhook.circuit.state() == CircuitState::Open;
        is_held(self) && !is_held(changed)
    }

    /// The same webhook after its address was proven.
    pub fn proven(&self, now: Timestamp) -> Self {
        Self { paused: None, circuit: Circuit::default(), updated_at: now, ..self.clone() }
    }

    /// The part that the publisher needs to know.
    pub fn subscription(&self) -> EventSubscription {
        EventSubscription {
            events: self.events.clone(),
            is_active: self.is_active(),
            only_company_id: self.only_company_id,
        }
    }
}

/// The part of a webhook that the publisher needs to know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EventSubscription {
    pub events: Vec<EventType>,
    pub is_active: bool,
    /// The one company of a system's webhook.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub only_company_id: Option<CompanyId>,
}

impl EventSubscription {
    /// True if it gets an event of that kind from that company.
    pub fn wants(&self, event: EventType, company_id: CompanyId) -> bool {
        self.is_active && self.events.contains(&event) && self.only_company_id.is_none_or(|only| only == company_id)
    }
}

/// A webhook that a caller asks for.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CreateWebhook {
    pub url: WebhookUrl,
    /// The events, each once.
    pub events: Vec<EventType>,
    pub name: Option<WebhookName>,
    pub description: Option<WebhookDescription>,
    /// The headers that each post carries besides.
    pub headers: Vec<WebhookHeader>,
    /// The company of the events; without it, the key's company, or all that the key's system manages.
    pub company_id: Option<CompanyId>,
}

/// A webhook as a change leaves it, but for its headers, whose values are sealed.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ChangedWebhook {
    pub url: WebhookUrl,
    /// The events, each once.
    pub events: Vec<EventType>,
    pub name: Option<WebhookName>,
    pub description: Option<WebhookDescription>,
    /// The one company of a system's webhook; without it, all that the system manages.
    pub company_id: Option<CompanyId>,
    /// False while it is paused.
    pub is_active: bool,
}

impl ChangedWebhook {
    /// The webhook as it stands.
    pub fn of(webhook: &Webhook) -> Self {
        Self {
            url: webhook.url.clone(),
            events: webhook.events.clone(),
            name: webhook.name.clone(),
            description: webhook.description.clone(),
            company_id: webhook.only_company_id,
            is_active: webhook.is_active(),
        }
    }

    /// The webhook after the change, with these headers instead of its own, if any are given; but for what is sealed. To go
    /// on after a pause is to begin anew, and so is another address: what the endpoint's failures were is forgotten.
    pub fn apply(self, webhook: &Webhook, headers: Option<&[WebhookHeader]>, now: Timestamp) -> Webhook {
        let names = headers.map(|headers| headers.iter().map(|header| header.name.clone()).collect());
        let paused = if self.is_active { None } else { webhook.paused.or(Some(PauseReason::Requested)) };
        let resumes = webhook.paused.is_some() && paused.is_none();
        let moves = self.url != webhook.url;
        let circuit = if resumes || moves { Circuit::default() } else { webhook.circuit.clone() };
        Webhook {
            url: self.url,
            events: self.events,
            name: self.name.filter(|name| !name.as_str().is_empty()),
            description: self.description.filter(|description| !description.as_str().is_empty()),
            header_names: names.unwrap_or_else(|| webhook.header_names.clone()),
            only_company_id: match webhook.owner {
                Owner::Company(_) => None,
                Owner::Ats(_) => self.company_id,
            },
            paused,
            circuit,
            updated_at: now,
            ..webhook.clone()
        }
    }
}

#[cfg(test)]
mod tests;
