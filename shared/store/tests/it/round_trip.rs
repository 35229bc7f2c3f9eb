//! What is stored is read back as it was: all that can be said of it, and nothing that was not said.

use domain::Versioned;
use domain::allowance::{Allowance, Seconds, SubscriptionStatus};
use domain::api_key::ApiKeySecret;
use domain::company::Owner;
use domain::idempotency::Fingerprint;
use domain::interview::{CandidateChange, Interview, InterviewAgent, InterviewJob, NewInterview, Reservation};
use domain::phone_number::PhoneNumber;
use domain::time::Period;
use store::{Creation, Lookup, Named, Origin, Recorded};

use crate::samples;
use crate::test_table::{TestTable, eventually, now};

/// Everything of a request, read as a later request reads it.
async fn assert_reads_back(table: &TestTable, new: NewInterview) {
    let (CandidateChange::Created(candidate), InterviewAgent::Created(agent, _), InterviewJob::Created(job)) =
        (&new.candidate, &new.agent, &new.job)
    else {
        panic!("a request that brings everything along")
    };
    let named = Named { candidate: Some(candidate.id), agent: Some(agent.id), job: Some(job.id), ..Named::default() };
    let mut session = table.store.session();
    let created = session.create_interview(new.clone(), &table.origin("r")).await.unwrap();
    assert!(matches!(created, Creation::Created(ref interview) if *interview == new.interview), "{created:?}");

    let api_key = ApiKeySecret::generate().unwrap().hash();
    let found = session.look_up(&Lookup { api_key, company: None, named }).await.unwrap();
    let mut opened = found.closed.open(table.company_id);
    assert_eq!(opened.candidate(candidate.id).unwrap(), Versioned { version: 1, value: candidate.clone() });
    assert_eq!(opened.agent(agent.id).unwrap(), Versioned { version: 1, value: agent.clone() });
    assert_eq!(opened.job(job.id).unwrap(), Versioned { version: 1, value: job.clone() });
    let recorded = session.recorded_interview(table.company_id, new.interview.id).await.unwrap();
    assert_eq!(recorded, Some(Recorded { resource: new.interview, fingerprint: None }));
}

#[tokio::test]
async fn resources_with_all_that_can_be_said_of_them() {
    let table = TestTable::start().await;
    let phone_number = samples::phone_number(table.company_id);
    table.store.add_phone_number(&phone_number).await.unwrap();
    let candidate = samples::full_candidate(table.company_id);
    let agent = samples::full_agent(table.company_id, phone_number.id);
    let job = samples::full_job(table.company_id);
    let new = NewInterview {
        interview: samples::full_interview(&candidate, &agent, Some(job.id)),
        candidate: CandidateChange::Created(candidate),
        agent: InterviewAgent::Created(agent, Some(Versioned { version: 1, value: phone_number })),
        job: InterviewJob::Created(job),
        cost: None,
    };
    assert_reads_back(&table, new).await;
}

#[tokio::test]
async fn resources_of_which_nothing_is_said_that_may_be_left_out() {
    let table = TestTable::start().await;
    let candidate = samples::bare_candidate(table.company_id);
    let agent = samples::bare_agent(table.company_id);
    let interview = samples::bare_interview(&candidate, &agent, None);
    let new = NewInterview {
        interview: Interview { job_id: None, ..interview },
        candidate: CandidateChange::Created(candidate),
        agent: InterviewAgent::Created(agent, None),
        job: InterviewJob::Created(samples::bare_job(table.company_id)),
        cost: None,
    };
    assert_reads_back(&table, new).await;
}

#[tokio::test]
async fn an_interview_that_costs_with_its_reservation() {
    let table = TestTable::start().await;
    let new = NewInterview { cost: Some(Seconds(600)), ..samples::all_new(table.company_id) };
    let id = new.interview.id;
    let created = table.store.session().create_interview(new, &table.origin("r")).await.unwrap();
    let Creation::Created(interview) = created else { panic!("{created:?}") };
    assert_eq!(interview.reservation, Some(Reservation { period: Period::of(now()), seconds: Seconds(600) }));
    let recorded = table.store.session().recorded_interview(table.company_id, id).await.unwrap().unwrap();
    assert_eq!(recorded.resource, interview);
}

#[tokio::test]
async fn the_record_of_a_request_beside_what_it_created() {
    let table = TestTable::start().await;
    let fingerprint = Fingerprint::of(&"a request").unwrap();
    let origin = Origin { fingerprint: Some(&fingerprint), ..table.origin("r") };
    let agent = samples::bare_agent(table.company_id);
    let interview = samples::all_new(table.company_id);
    let mut session = table.store.session();
    session.create_agent(agent.clone(), None, &origin).await.unwrap();
    session.create_interview(interview.clone(), &origin).await.unwrap();

    let fingerprint = Some(fingerprint);
    let recorded = session.recorded_agent(table.company_id, agent.id).await.unwrap();
    assert_eq!(recorded, Some(Recorded { resource: agent.clone(), fingerprint: fingerprint.clone() }));
    let recorded = session.recorded_interview(table.company_id, interview.interview.id).await.unwrap();
    assert_eq!(recorded, Some(Recorded { resource: interview.interview.clone(), fingerprint }));

    let other = table.add_company(Seconds(0)).await;
    assert_eq!(session.recorded_agent(other, agent.id).await.unwrap(), None);
    assert_eq!(session.recorded_interview(other, interview.interview.id).await.unwrap(), None);
}

#[tokio::test]
async fn companies_and_what_they_have() {
    let table = TestTable::start().await;
    let ats = samples::ats();
    table.store.create_ats(&ats).await.unwrap();
    assert_eq!(table.store.ats(ats.id).await.unwrap(), ats);

    let company = samples::company(samples::company_id(), Some(ats.id));
    let allowance = Allowance {
        subscription: SubscriptionStatus::Suspended,
        remaining_seconds: Seconds(-9_007_199_254_740_993),
        reserved_seconds: Seconds(i64::MAX),
        used_seconds: Seconds(1),
        ..Allowance::new(company.id, Seconds(i64::MAX), true, now())
    };
    table.store.create_company(&company, &allowance).await.unwrap();
    let standing = table.store.company(company.id).await.unwrap();
    assert_eq!((standing.company, standing.allowance), (company, allowance));

    let number: PhoneNumber = samples::phone_number(table.company_id);
    table.store.add_phone_number(&number).await.unwrap();
    let listed = || async { table.store.phone_numbers(table.company_id).await.unwrap() };
    assert_eq!(eventually(listed, |listed| !listed.is_empty()).await, [number]);
}

#[tokio::test]
async fn api_keys_of_both_kinds_of_owners() {
    let table = TestTable::start().await;
    let ats = samples::ats();
    table.store.create_ats(&ats).await.unwrap();
    for owner in [Owner::Company(table.company_id), Owner::Ats(ats.id)] {
        for key in [samples::bare_api_key(owner), samples::full_api_key(owner)] {
            let secret = ApiKeySecret::generate().unwrap();
            table.store.create_api_key(&key, &secret.hash()).await.unwrap();
            let lookup = Lookup { api_key: secret.hash(), company: None, named: Named::default() };
            assert_eq!(table.store.session().look_up(&lookup).await.unwrap().api_key, Some(key));
        }
    }
}
