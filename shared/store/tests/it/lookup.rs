//! The first round trip: the caller, and the entities that the request names.

use domain::agent::{Agent, AgentId};
use domain::candidate::{Candidate, CandidateId};
use domain::company::CompanyId;
use domain::delivery::{Delivery, DeliveryId};
use domain::interview::InterviewId;
use domain::job::{Job, JobId};
use domain::phone_number::{PhoneNumber, PhoneNumberId};
use domain::resource::{AccessError, Resource};
use domain::webhook::{Webhook, WebhookId};
use store::{Create as _, DeliveryAddress, References, Scoped};
use tests::faults::Operation::BatchGetItem;
use uuid::Uuid;

use crate::samples::{self, Stored, first};
use crate::test_table::{TestTable, denied, now};
use crate::{deliveries, differences};

#[tokio::test]
async fn one_request_reads_the_key_the_company_and_all_that_is_named() {
    let (table, stored) = Stored::start().await;
    let (key, hash) = (samples::bare_api_key(table.owner()), samples::api_key_hash());
    let key = table.store.create_api_key(&key, &hash).await.unwrap();
    table.requests();

    let mut session = table.store.session();
    let found = session.look_up(&hash, Some(table.company_id), &stored.references()).await.unwrap();
    assert_eq!(found.api_key, Some(key));
    assert_eq!(found.company.unwrap().value.id, table.company_id);
    stored.assert_seen(&found.unscoped.scope(table.owner()));

    assert_eq!(table.requests(), [BatchGetItem]);
    let cost = session.cost();
    assert_eq!((cost.requests, cost.retries, cost.conflicts), (1, 0, 0));
}

/// DynamoDB refuses a request that names a key twice.
#[tokio::test]
async fn what_is_named_twice_is_read_once() {
    let (table, stored) = Stored::start().await;
    let twice = stored.references().with(Some(stored.agent.value.id)).and(stored.references());
    let references = twice.with(Some(table.company_id));
    let mut session = table.store.session();
    let found = session.look_up(&samples::api_key_hash(), Some(table.company_id), &references).await.unwrap();
    assert!(found.company.is_some());
    stored.assert_seen(&found.unscoped.scope(table.owner()));
    let companies = [table.company_id, table.company_id];
    table.store.system().subscriptions(&companies).await.unwrap();
}

#[tokio::test]
async fn the_capacity_that_a_request_consumes_is_counted() {
    if differences::known("lookup::the_capacity_that_a_request_consumes_is_counted") {
        return;
    }
    let (table, stored) = Stored::start().await;
    let references = stored.references().and(stored.references());
    let mut session = table.store.session();
    session.look_up(&samples::api_key_hash(), Some(table.company_id), &references).await.unwrap();
    // A unit for each of six keys, whether there is an item or not.
    assert_eq!((session.cost().read_units, session.cost().write_units), (6.0, 0.0));
    stored.all_named().create(&mut session, &table.context("r")).await.unwrap();
    // Two units for each of five operations of the transaction, and those of the indexes.
    assert!(session.cost().write_units >= 10.0, "{:?}", session.cost());
    let before = session.cost().read_units;
    session.earlier(table.owner(), InterviewId::new(Uuid::new_v4())).await.unwrap();
    assert_eq!(session.cost().read_units, before + 1.0);
}

/// All of them have the same UUID.
#[tokio::test]
async fn each_id_reads_its_own_kind() {
    let (table, id) = (TestTable::start().await, Uuid::new_v4());
    let company_id = table.company_id;
    let candidate = Candidate { id: CandidateId::new(id), ..samples::bare_candidate(company_id) };
    let agent = Agent { id: AgentId::new(id), ..samples::bare_agent(company_id) };
    let job = Job { id: JobId::new(id), ..samples::bare_job(company_id) };
    let mut new = samples::bringing(candidate.clone(), samples::new_agent(agent.clone()), job.clone());
    new.interview.id = InterviewId::new(id);
    let interview = table.created(&new).await;
    let number = PhoneNumber { id: PhoneNumberId::new(id), ..samples::phone_number(company_id) };
    table.store.add_phone_number(&number).await.unwrap();
    let webhook = Webhook { id: WebhookId::new(id), ..samples::webhook(table.owner()) };
    table.created(&samples::with_secrets(webhook.clone())).await;
    let delivery = Delivery { id: DeliveryId::new(id), ..Delivery::new(&deliveries::job(webhook.id, 0), now()) };
    table.store.session().write_delivery(None, &delivery).await.unwrap();

    let address = DeliveryAddress { webhook_id: webhook.id, id: delivery.id };
    let references = References::default().with(Some(candidate.id)).with(Some(agent.id)).with(Some(job.id));
    let references =
        references.with(Some(interview.id)).with(Some(number.id)).with(Some(webhook.id)).with(Some(address));
    let scoped = table.scoped(table.owner(), references).await;
    assert_eq!(scoped.get(candidate.id).unwrap(), first(candidate));
    assert_eq!(scoped.get(agent.id).unwrap(), first(agent));
    assert_eq!(scoped.get(job.id).unwrap(), first(job));
    assert_eq!(scoped.get(interview.id).unwrap(), first(interview));
    assert_eq!(scoped.get(number.id).unwrap(), first(number));
    assert_eq!(scoped.get(webhook.id).unwrap(), first(webhook.clone()));
    assert_eq!(scoped.delivery(&webhook, delivery.id).unwrap(), first(delivery));
}

/// Fails unless a tenant can use none of these, for that reason.
pub fn assert_denied(
    scoped: &Scoped,
    ids: (CandidateId, AgentId, JobId, PhoneNumberId),
    reason: fn(Resource) -> AccessError,
) {
    assert_eq!(denied(scoped.get(ids.0)), reason(ids.0.into()));
    assert_eq!(denied(scoped.get(ids.1)), reason(ids.1.into()));
    assert_eq!(denied(scoped.get(ids.2)), reason(ids.2.into()));
    assert_eq!(denied(scoped.get(ids.3)), reason(ids.3.into()));
}

#[tokio::test]
async fn what_is_named_opens_for_its_own_company_only() {
    let (table, stored) = Stored::start().await;
    let scoped = table.scoped(samples::company_id().into(), stored.references()).await;
    assert_denied(&scoped, stored.ids(), AccessError::Forbidden);
}

#[tokio::test]
async fn what_does_not_exist_is_missing() {
    let (table, id) = (TestTable::start().await, Uuid::new_v4());
    let ids = (CandidateId::new(id), AgentId::new(id), JobId::new(id), PhoneNumberId::new(id));
    let references = References::default().with(Some(ids.0)).with(Some(ids.1)).with(Some(ids.2)).with(Some(ids.3));
    let company = Some(CompanyId::new(id));
    let found = table.store.session().look_up(&samples::api_key_hash(), company, &references).await.unwrap();
    assert!(found.api_key.is_none() && found.company.is_none());
    assert_denied(&found.unscoped.scope(table.owner()), ids, AccessError::NotFound);
}
