//! Entities are read back as they were stored, with every attribute that they had and no other.

use domain::agent::NewAgent;
use domain::allowance::{Allowance, Seconds, SubscriptionStatus};
use domain::candidate::Candidate;
use domain::company::Owner;
use domain::interview::{Interview, NewInterview, Reservation};
use domain::job::Job;
use domain::time::Period;
use store::{Earlier, Existing, References};

use crate::samples::{self, first};
use crate::test_table::{TestTable, eventually, now};

/// Everything of a request, read as a later request reads it.
async fn assert_reads_back(table: &TestTable, candidate: Candidate, agent: NewAgent, job: Job, interview: Interview) {
    let new = samples::bringing(candidate.clone(), agent.clone(), job.clone());
    assert_eq!(table.created(&NewInterview { interview: interview.clone(), ..new }).await, interview);
    let agent = agent.agent;
    let references = References::default().with(Some(candidate.id)).with(Some(agent.id)).with(Some(job.id));
    let scoped = table.scoped(table.owner(), references).await;
    assert_eq!(scoped.get(candidate.id).unwrap(), first(candidate));
    assert_eq!(scoped.get(agent.id).unwrap(), first(agent));
    assert_eq!(scoped.get(job.id).unwrap(), first(job));
    let earlier = table.store.session().earlier(table.owner(), interview.id).await.unwrap();
    assert_eq!(earlier, Some(Earlier::Exists(Existing { entity: interview, fingerprint: None })));
}

#[tokio::test]
async fn resources_with_all_that_can_be_said_of_them() {
    let table = TestTable::start().await;
    let phone_number = samples::phone_number(table.company_id);
    table.store.add_phone_number(&phone_number).await.unwrap();
    let candidate = samples::full_candidate(table.company_id);
    let agent = samples::full_agent(table.company_id, phone_number.id);
    let job = samples::full_job(table.company_id);
    let interview = samples::full_interview(&candidate, &agent, Some(job.id));
    let agent = NewAgent { agent, phone_number: Some(first(phone_number)) };
    assert_reads_back(&table, candidate, agent, job, interview).await;
}

#[tokio::test]
async fn resources_of_which_nothing_is_said_that_may_be_left_out() {
    let table = TestTable::start().await;
    let id = table.company_id;
    let (candidate, agent, job) = (samples::bare_candidate(id), samples::bare_agent(id), samples::bare_job(id));
    let interview = samples::bare_interview(&candidate, &agent, None);
    assert_reads_back(&table, candidate, samples::new_agent(agent), job, interview).await;
}

#[tokio::test]
async fn an_interview_that_costs_with_its_reservation() {
    let table = TestTable::start().await;
    let new = NewInterview { cost: Some(Seconds(600)), ..samples::all_new(table.company_id) };
    let interview = table.created(&new).await;
    assert_eq!(interview.reservation, Some(Reservation { period: Period::of(now()), seconds: Seconds(600) }));
    let earlier = table.store.session().earlier(table.owner(), interview.id).await.unwrap();
    assert_eq!(earlier, Some(Earlier::Exists(Existing { entity: interview, fingerprint: None })));
}

#[tokio::test]
async fn companies_and_what_they_have() {
    let table = TestTable::start().await;
    let ats = samples::ats();
    table.store.create_ats(&ats, samples::ID_SECRET).await.unwrap();
    assert_eq!(table.store.ats(ats.id).await.unwrap(), ats);

    let company = samples::company(Some(ats.id));
    let allowance = Allowance {
        subscription: SubscriptionStatus::Suspended,
        plan: Some(company.plan),
        remaining_seconds: Seconds(-9_007_199_254_740_993),
        reserved_seconds: Seconds(i64::MAX),
        used_seconds: Seconds(1),
        ..Allowance::new(company.id, Seconds(i64::MAX), true, now())
    };
    table.store.create_company(&company, &allowance, samples::ID_SECRET).await.unwrap();
    let account = table.store.company(company.id).await.unwrap();
    assert_eq!((account.company, account.allowance), (company, allowance));

    let number = samples::phone_number(table.company_id);
    table.store.add_phone_number(&number).await.unwrap();
    let listed = || async { table.store.phone_numbers(table.company_id).await.unwrap() };
    assert_eq!(eventually(listed, |listed| !listed.is_empty()).await, [number]);
}

#[tokio::test]
async fn api_keys_of_both_kinds_of_owners() {
    let table = TestTable::start().await;
    let ats = samples::ats();
    table.store.create_ats(&ats, samples::ID_SECRET).await.unwrap();
    for owner in [table.owner(), Owner::Ats(ats.id)] {
        for key in [samples::bare_api_key(owner), samples::full_api_key(owner)] {
            let hash = samples::api_key_hash();
            let key = table.store.create_api_key(&key, &hash).await.unwrap();
            assert_eq!(table.api_key(&hash).await, Some(key));
        }
    }
}
