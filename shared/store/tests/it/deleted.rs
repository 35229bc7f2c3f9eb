//! Tombstones: what was deleted is found by nobody.

use domain::delivery::Delivery;
use domain::event::EventType;
use domain::resource::AccessError;
use store::{DeliveryAddress, Earlier, OperatorError};

use crate::deliveries::job;
use crate::lookup::assert_denied;
use crate::samples::{self, Stored};
use crate::test_table::{denied, now};

#[tokio::test]
async fn no_read_gives_a_tombstone() {
    let (table, stored) = Stored::start().await;
    let hash = samples::api_key_hash();
    table.store.create_api_key(&samples::bare_api_key(table.owner()), &hash).await.unwrap();
    let agent = samples::new_agent(samples::bare_agent(table.company_id));
    table.created(&agent).await;
    let interview = table.created(&stored.candidate_unchanged()).await;
    let webhook = table.created(&samples::new_webhook(table.owner())).await;
    let job = job(webhook.id, 0);
    let mut system = table.store.system();
    system.session.write_delivery(None, &Delivery::new(&job, now())).await.unwrap();
    let address = DeliveryAddress { webhook_id: webhook.id, id: job.delivery_id };

    // The registry still names the webhook.
    table.put_tombstone(&format!("WEBHOOK#{}", webhook.id), "WEBHOOK").await;
    assert_eq!(system.session.webhooks(table.owner()).await.unwrap(), []);
    let state = system.delivery(address, None).await.unwrap();
    assert!(state.webhook.is_none() && state.delivery.is_some());

    for (pk, sk) in table.items().await.keys() {
        table.put_tombstone(pk, sk).await;
    }
    let references = stored.references().with(Some(interview.id)).with(Some(webhook.id)).with(Some(address));
    let found = system.session.look_up(&hash, Some(table.company_id), &references).await.unwrap();
    assert!(found.api_key.is_none() && found.company.is_none());
    let scoped = found.unscoped.scope(table.owner());
    assert_denied(&scoped, stored.ids(), AccessError::NotFound);
    assert_eq!(denied(scoped.get(interview.id)), AccessError::NotFound(interview.id.into()));
    assert_eq!(denied(scoped.get(webhook.id)), AccessError::NotFound(webhook.id.into()));
    assert_eq!(denied(scoped.delivery(&webhook, address.id)), AccessError::NotFound(address.id.into()));

    let earlier = system.session.earlier(table.owner(), agent.agent.id).await.unwrap();
    assert_eq!(earlier, Some(Earlier::Deleted(None)));
    assert_eq!(system.session.webhooks(table.owner()).await.unwrap(), []);
    let heard = system.session.interview_heard_by(&webhook, interview.id).await;
    assert_eq!(denied(heard), AccessError::NotFound(interview.id.into()));
    let state = system.delivery(address, Some(table.company_id)).await.unwrap();
    assert!(state.webhook.is_none() && state.delivery.is_none() && !state.is_suspended);
    assert_eq!(system.webhook_again(webhook.id).await.unwrap(), None);
    let subscriptions = system.subscriptions(&[table.company_id]).await.unwrap();
    assert_eq!(subscriptions.wanting(EventType::InterviewCompleted, table.company_id).count(), 0);
    let company = table.store.company(table.company_id).await;
    assert!(matches!(company, Err(OperatorError::NotFound("company"))), "{company:?}");
}
