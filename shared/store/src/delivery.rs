//! Deliveries: what became of each announcement, and the change of an interview that is announced.

use std::collections::HashMap;

use domain::Versioned;
use domain::delivery::{Delivery, DeliveryId};
use domain::interview::{Interview, InterviewId};
use domain::webhook::{Webhook, WebhookId};

use crate::error::StoreError;
use crate::item::{COMPANY_ID, Entity, VERSION, entity, is_tombstone, new_item, text};
use crate::key::{Key, PK, SK};
use crate::session::{Commit, Session};
use crate::webhook::Changed;
use crate::write::{create, n, replace_item, s};

/// A page of a webhook's deliveries.
#[derive(Debug, Clone, PartialEq)]
pub struct DeliveryPage {
    /// Newest first.
    pub deliveries: Vec<Delivery>,
    /// Where the next page begins, if there is one.
    pub next: Option<DeliveryId>,
}

impl Session {
    /// A webhook and one of its deliveries, as far as they exist.
    pub async fn delivery(
        &mut self,
        webhook_id: WebhookId,
        id: DeliveryId,
    ) -> Result<(Option<Versioned<Webhook>>, Option<Versioned<Delivery>>), StoreError> {
        let (webhook_key, delivery_key) = (Key::webhook(webhook_id), Key::delivery(webhook_id, id));
        let mut items = self.get(vec![webhook_key.clone(), delivery_key.clone()]).await?;
        let webhook = items.remove(&webhook_key).filter(|item| !is_tombstone(item));
        let delivery = items.remove(&delivery_key);
        Ok((webhook.map(entity::<Webhook>).transpose()?, delivery.map(entity::<Delivery>).transpose()?))
    }

    /// Writes a delivery down: a new one, or one that was read at that version.
    pub async fn write_delivery(&mut self, read: Option<u64>, delivery: &Delivery) -> Result<Changed, StoreError> {
        let key = Key::delivery(delivery.webhook_id, delivery.id);
        let write = match read {
            None => create(&self.table, key, delivery)?,
            Some(version) => {
                let mut item = new_item(key, delivery)?;
                item.insert(VERSION.to_owned(), n(version + 1));
                replace_item(&self.table, item, version)?
            }
        };
        match self.commit(vec![write]).await? {
            Commit::Done => Ok(Changed::Done),
            Commit::Refused(refusals) => match refusals.into_iter().flatten().find_map(|refusal| refusal.item) {
                // A write of its own has no token: this is it, and its first answer was lost.
                Some(item) if entity::<Delivery>(item.clone())?.value == *delivery => Ok(Changed::Done),
                Some(_) | None => Ok(Changed::Outdated),
            },
        }
    }

    /// The deliveries of a webhook, newest first: at most so many, from one on if it is given (and without it).
    pub async fn deliveries(
        &mut self,
        webhook_id: WebhookId,
        after: Option<DeliveryId>,
        limit: u16,
    ) -> Result<DeliveryPage, StoreError> {
        let partition = s(Key::webhook(webhook_id).partition());
        let query = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("#pk = :pk AND begins_with(#sk, :deliveries)")
            .expression_attribute_names("#pk", PK)
            .expression_attribute_names("#sk", SK)
            .expression_attribute_values(":pk", partition)
            .expression_attribute_values(":deliveries", s(Key::DELIVERIES))
            .set_exclusive_start_key(after.map(|id| Key::delivery(webhook_id, id).into_attributes()))
            .scan_index_forward(false)
            .limit(i32::from(limit));
        let page = self.query(query).await?;
        let deliveries = page.items.unwrap_or_default().into_iter();
        let deliveries: Vec<_> =
            deliveries.map(|item| Ok(entity::<Delivery>(item)?.value)).collect::<Result<_, StoreError>>()?;
        let more = page.last_evaluated_key.is_some();
        Ok(DeliveryPage { next: deliveries.last().map(|delivery| delivery.id).filter(|_| more), deliveries })
    }

    /// The interview of that id, if there is one.
    pub async fn interview(&mut self, id: InterviewId) -> Result<Option<Interview>, StoreError> {
        let item = self.get_one(Key::interview(id)).await?;
        Ok(item.map(entity::<Interview>).transpose()?.map(|interview| interview.value))
    }
}

/// A change of an interview, as the table's stream tells it.
#[derive(Debug, Clone, PartialEq)]
pub struct InterviewChange {
    /// As it was, if it was there.
    pub old: Option<Interview>,
    /// As it is.
    pub new: Versioned<Interview>,
}

impl InterviewChange {
    /// Reads the images of a change; none if the item is no interview, or is gone.
    ///
    /// # Errors
    /// If an image of an interview is none that we wrote.
    pub fn from_images(old: serde_dynamo::Item, new: serde_dynamo::Item) -> Result<Option<Self>, StoreError> {
        let (old, new) = (HashMap::from(old), HashMap::from(new));
        if text(&new, "entityType") != Some(Interview::TYPE) || text(&new, COMPANY_ID).is_none() {
            return Ok(None);
        }
        let old = (!old.is_empty()).then(|| entity::<Interview>(old)).transpose()?;
        Ok(Some(Self { old: old.map(|old| old.value), new: entity(new)? }))
    }
}
