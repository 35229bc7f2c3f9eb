//! Reads of the system itself, which acts for no tenant: publishing and delivering events.

use domain::Versioned;
use domain::company::CompanyId;
use domain::interview::{Interview, InterviewId};
use domain::webhook::{Webhook, WebhookId};

use crate::delivery::DeliveryAddress;
use crate::entity::{EntityId, entity};
use crate::error::StoreError;
use crate::session::Session;
use crate::webhook::{DeliveryState, Subscriptions};

/// A session of the system itself, which reads for no tenant. No function behind the gateway has one.
pub struct SystemSession {
    /// The session.
    pub session: Session,
}

impl SystemSession {
    /// A webhook and one of its deliveries, as far as they exist, and whether the webhook's owner is suspended, if
    /// that is the company of the event.
    pub async fn delivery(
        &mut self,
        address: DeliveryAddress,
        company: Option<CompanyId>,
    ) -> Result<DeliveryState, StoreError> {
        self.session.delivery_state(address, company).await
    }

    /// An interview, if it exists.
    pub async fn interview(&mut self, id: InterviewId) -> Result<Option<Interview>, StoreError> {
        let item = self.session.get_one(id.key()).await?;
        Ok(item.map(entity::<Interview>).transpose()?.map(|stored| stored.value))
    }

    /// A webhook, if it exists.
    pub async fn webhook(&mut self, id: WebhookId) -> Result<Option<Versioned<Webhook>>, StoreError> {
        self.session.get_one(id.key()).await?.map(entity::<Webhook>).transpose()
    }

    /// A webhook, read again after a write found it changed: a while later, and only while there is time.
    pub async fn webhook_again(&mut self, id: WebhookId) -> Result<Option<Versioned<Webhook>>, StoreError> {
        self.session.pause_after_change().await?;
        self.webhook(id).await
    }

    /// The subscribers to the events of companies: their own webhooks, unless the company is suspended, and those of the
    /// systems that manage them now.
    pub async fn subscriptions(&mut self, companies: &[CompanyId]) -> Result<Subscriptions, StoreError> {
        self.session.read_subscriptions(companies).await
    }
}
