//! Deliveries.

use domain::delivery::{Delivery, DeliveryId};
use domain::webhook::{Webhook, WebhookId};

use crate::entity::{Entity, EntityId, entity, item_of};
use crate::error::StoreError;
use crate::key::PrimaryKey;
use crate::page::{Page, PageRequest};
use crate::session::{Commit, Query, Session, SortKeys, Updated};
use crate::write::{Transaction, Write};

/// The beginning of the sort keys of deliveries.
const SORT_PREFIX: &str = "DELIVERY#";

impl Entity for Delivery {
    const TYPE: &'static str = "Delivery";
}

/// The id of a delivery with that of its webhook. A delivery belongs to the owner of its webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeliveryAddress {
    /// The webhook.
    pub webhook_id: WebhookId,
    /// The delivery.
    pub id: DeliveryId,
}

impl From<DeliveryAddress> for domain::resource::Resource {
    fn from(address: DeliveryAddress) -> Self {
        address.id.into()
    }
}

impl EntityId for DeliveryAddress {
    type Entity = Delivery;

    /// The primary key: deliveries lie beside their webhook, in the order of their events.
    fn key(self) -> PrimaryKey {
        self.webhook_id.key().beside(format!("{SORT_PREFIX}{}", self.id))
    }
}

impl Session {
    /// Writes a delivery: a new one, or one that was read at that version.
    pub async fn write_delivery(&mut self, read: Option<u64>, delivery: &Delivery) -> Result<Updated, StoreError> {
        let key = DeliveryAddress { webhook_id: delivery.webhook_id, id: delivery.id }.key();
        let write = match read {
            None => Write::create(key, delivery)?,
            Some(version) => Write::replace(item_of(key, delivery, version + 1)?, version),
        };
        match self.commit(Transaction::of((), write)).await? {
            Commit::Done => Ok(Updated::Applied),
            // A single write has no token: the item is the one that was written, and the first answer was lost.
            Commit::Failed((), Some(item)) if entity::<Delivery>(item.clone())?.value == *delivery => {
                Ok(Updated::Applied)
            }
            Commit::Failed((), _) => Ok(Updated::Outdated),
        }
    }

    /// The deliveries of a webhook, newest first.
    pub async fn deliveries(
        &mut self,
        webhook: &Webhook,
        page: PageRequest<DeliveryId>,
    ) -> Result<Page<(DeliveryId, Delivery), DeliveryId>, StoreError> {
        let partition = webhook.id.key().partition().to_owned();
        let query = Query {
            index: None,
            partition,
            sort_keys: SortKeys::Prefix(SORT_PREFIX.to_owned()),
            newest_first: true,
            consistent: false,
        };
        let after = page.cursor.map(|id| DeliveryAddress { webhook_id: webhook.id, id }.key().into_attributes());
        let (items, next) = self.query(&query, after, Some(page.limit)).await?;
        let items = items.into_iter().map(|item| {
            let delivery = entity::<Delivery>(item)?.value;
            Ok((delivery.id, delivery))
        });
        let items = items.collect::<Result<Vec<_>, StoreError>>()?;
        Ok(Page { next: items.last().map(|(id, _)| *id).filter(|_| next.is_some()), items })
    }
}
