//! The first round trip: who is calling, and what the request names.

use domain::agent::AgentId;
use domain::allowance::Seconds;
use domain::api_key::ApiKeySecret;
use domain::candidate::CandidateId;
use domain::company::{CompanyId, Owner};
use domain::job::JobId;
use domain::phone_number::PhoneNumberId;
use domain::resource::{AccessError, Resource};
use store::{Lookup, LookupError, Named};
use tests::faults::Operation::BatchGetItem;
use uuid::Uuid;

use crate::differences;
use crate::samples::{self, Stored};
use crate::test_table::TestTable;

fn all(stored: &Stored) -> Named {
    Named {
        candidate: Some(stored.candidate.value.id),
        agent: Some(stored.agent.value.id),
        job: Some(stored.job.value.id),
        phone_number: Some(stored.phone_number.value.id),
        ..Named::default()
    }
}

#[tokio::test]
async fn one_request_reads_the_key_the_company_and_all_that_is_named() {
    let table = TestTable::start().await;
    let stored = Stored::store(&table).await;
    let (key, secret) = (samples::bare_api_key(Owner::Company(table.company_id)), ApiKeySecret::generate().unwrap());
    table.store.create_api_key(&key, &secret.hash()).await.unwrap();
    table.requests();

    let mut session = table.store.session();
    let lookup = Lookup { api_key: secret.hash(), company: Some(table.company_id), named: all(&stored) };
    let found = session.look_up(&lookup).await.unwrap();
    assert_eq!(found.api_key, Some(key));
    assert_eq!(found.company.unwrap().value.id, table.company_id);
    let mut opened = found.closed.open(table.company_id);
    assert_eq!(opened.candidate(stored.candidate.value.id).unwrap(), stored.candidate);
    assert_eq!(opened.agent(stored.agent.value.id).unwrap(), stored.agent);
    assert_eq!(opened.job(stored.job.value.id).unwrap(), stored.job);
    assert_eq!(opened.phone_number(stored.phone_number.value.id).unwrap(), stored.phone_number);

    assert_eq!(table.requests(), [BatchGetItem]);
    let cost = session.cost();
    assert_eq!((cost.requests, cost.retries, cost.conflicts), (1, 0, 0));
}

#[tokio::test]
async fn the_capacity_that_a_request_consumes_is_counted() {
    if differences::known("lookup::the_capacity_that_a_request_consumes_is_counted") {
        return;
    }
    let table = TestTable::start().await;
    let stored = Stored::store(&table).await;
    let api_key = ApiKeySecret::generate().unwrap().hash();
    let mut session = table.store.session();
    session.look_up(&Lookup { api_key, company: Some(table.company_id), named: all(&stored) }).await.unwrap();
    // A unit for each of six keys, whether there is an item or not.
    assert_eq!((session.cost().read_units, session.cost().write_units), (6.0, 0.0));
    session.create_interview(stored.all_named(), &table.origin("r")).await.unwrap();
    // Two units for each of five operations of the transaction, and those of the indexes.
    assert!(session.cost().write_units >= 10.0, "{:?}", session.cost());
    let before = session.cost().read_units;
    session.recorded_interview(table.company_id, stored.all_named().interview.id).await.unwrap();
    assert_eq!(session.cost().read_units, before + 1.0);
}

#[tokio::test]
async fn what_is_named_opens_for_its_own_company_only() {
    let table = TestTable::start().await;
    let stored = Stored::store(&table).await;
    let other = table.add_company(Seconds(0)).await;
    let lookup = Lookup { api_key: ApiKeySecret::generate().unwrap().hash(), company: None, named: all(&stored) };
    let found = table.store.session().look_up(&lookup).await.unwrap();
    assert_eq!(found.api_key, None);
    let mut opened = found.closed.open(other);
    let foreign = |resource: Resource| AccessError::Forbidden(resource);
    let ids = (stored.candidate.value.id, stored.agent.value.id, stored.job.value.id, stored.phone_number.value.id);
    assert_eq!(denied(opened.candidate(ids.0)), foreign(ids.0.into()));
    assert_eq!(denied(opened.agent(ids.1)), foreign(ids.1.into()));
    assert_eq!(denied(opened.job(ids.2)), foreign(ids.2.into()));
    assert_eq!(denied(opened.phone_number(ids.3)), foreign(ids.3.into()));
}

#[tokio::test]
async fn what_does_not_exist_is_missing() {
    let table = TestTable::start().await;
    let id = Uuid::new_v4();
    let ids = (CandidateId::new(id), AgentId::new(id), JobId::new(id), PhoneNumberId::new(id));
    let named = Named {
        candidate: Some(ids.0),
        agent: Some(ids.1),
        job: Some(ids.2),
        phone_number: Some(ids.3),
        ..Named::default()
    };
    let (api_key, company) = (ApiKeySecret::generate().unwrap().hash(), Some(CompanyId::new(id)));
    let found = table.store.session().look_up(&Lookup { api_key, company, named }).await.unwrap();
    assert!(found.api_key.is_none() && found.company.is_none());
    let mut opened = found.closed.open(table.company_id);
    assert_eq!(denied(opened.candidate(ids.0)), AccessError::NotFound(ids.0.into()));
    assert_eq!(denied(opened.agent(ids.1)), AccessError::NotFound(ids.1.into()));
    assert_eq!(denied(opened.job(ids.2)), AccessError::NotFound(ids.2.into()));
    assert_eq!(denied(opened.phone_number(ids.3)), AccessError::NotFound(ids.3.into()));
}

fn denied<T: std::fmt::Debug>(opened: Result<T, LookupError>) -> AccessError {
    match opened {
        Err(LookupError::Access(denied)) => denied,
        other => panic!("{other:?}"),
    }
}
