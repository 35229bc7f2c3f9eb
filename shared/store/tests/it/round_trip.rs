//! What is stored is read back as it was: all that can be said of it, and nothing that was not said.

use domain::{
    Allowance, ApiKeySecret, CandidateChange, Fingerprint, Interview, InterviewAgent, InterviewJob, NewInterview,
    Owner, Period, PhoneNumber, Reservation, Seconds, Subscription, Versioned,
};
use store::{Creation, Lookup, Named, Origin, Recorded};

use crate::samples;
use crate::world::{World, eventually, now};

/// Everything of a request, read as a later request reads it.
async fn assert_reads_back(world: &World, new: NewInterview) {
    let (CandidateChange::Created(candidate), InterviewAgent::Created(agent, _), InterviewJob::Created(job)) =
        (&new.candidate, &new.agent, &new.job)
    else {
        panic!("a request that brings everything along")
    };
    let named = Named { candidate: Some(candidate.id), agent: Some(agent.id), job: Some(job.id), ..Named::default() };
    let mut session = world.store.session();
    let created = session.create_interview(new.clone(), &world.origin("r")).await.unwrap();
    assert!(matches!(created, Creation::Created(ref interview) if *interview == new.interview), "{created:?}");

    let api_key = ApiKeySecret::generate().unwrap().hash();
    let found = session.look_up(&Lookup { api_key, company: None, named }).await.unwrap();
    let mut opened = found.closed.open(world.company_id);
    assert_eq!(opened.candidate(candidate.id).unwrap(), Versioned { version: 1, value: candidate.clone() });
    assert_eq!(opened.agent(agent.id).unwrap(), Versioned { version: 1, value: agent.clone() });
    assert_eq!(opened.job(job.id).unwrap(), Versioned { version: 1, value: job.clone() });
    let recorded = session.recorded_interview(world.company_id, new.interview.id).await.unwrap();
    assert_eq!(recorded, Some(Recorded { resource: new.interview, fingerprint: None }));
}

#[tokio::test]
async fn resources_with_all_that_can_be_said_of_them() {
    let world = World::start().await;
    let phone_number = samples::phone_number(world.company_id);
    world.store.add_phone_number(&phone_number).await.unwrap();
    let candidate = samples::full_candidate(world.company_id);
    let agent = samples::full_agent(world.company_id, phone_number.id);
    let job = samples::full_job(world.company_id);
    let new = NewInterview {
        interview: samples::full_interview(&candidate, &agent, Some(job.id)),
        candidate: CandidateChange::Created(candidate),
        agent: InterviewAgent::Created(agent, Some(Versioned { version: 1, value: phone_number })),
        job: InterviewJob::Created(job),
        cost: None,
    };
    assert_reads_back(&world, new).await;
}

#[tokio::test]
async fn resources_of_which_nothing_is_said_that_may_be_left_out() {
    let world = World::start().await;
    let candidate = samples::bare_candidate(world.company_id);
    let agent = samples::bare_agent(world.company_id);
    let interview = samples::bare_interview(&candidate, &agent, None);
    let new = NewInterview {
        interview: Interview { job_id: None, ..interview },
        candidate: CandidateChange::Created(candidate),
        agent: InterviewAgent::Created(agent, None),
        job: InterviewJob::Created(samples::bare_job(world.company_id)),
        cost: None,
    };
    assert_reads_back(&world, new).await;
}

#[tokio::test]
async fn an_interview_that_costs_with_its_reservation() {
    let world = World::start().await;
    let new = NewInterview { cost: Some(Seconds(600)), ..samples::all_new(world.company_id) };
    let id = new.interview.id;
    let created = world.store.session().create_interview(new, &world.origin("r")).await.unwrap();
    let Creation::Created(interview) = created else { panic!("{created:?}") };
    assert_eq!(interview.reservation, Some(Reservation { period: Period::of(now()), seconds: Seconds(600) }));
    let recorded = world.store.session().recorded_interview(world.company_id, id).await.unwrap().unwrap();
    assert_eq!(recorded.resource, interview);
}

#[tokio::test]
async fn the_record_of_a_request_beside_what_it_created() {
    let world = World::start().await;
    let fingerprint = Fingerprint::of(&"a request").unwrap();
    let origin = Origin { fingerprint: Some(&fingerprint), ..world.origin("r") };
    let agent = samples::bare_agent(world.company_id);
    let interview = samples::all_new(world.company_id);
    let mut session = world.store.session();
    session.create_agent(agent.clone(), None, &origin).await.unwrap();
    session.create_interview(interview.clone(), &origin).await.unwrap();

    let fingerprint = Some(fingerprint);
    let recorded = session.recorded_agent(world.company_id, agent.id).await.unwrap();
    assert_eq!(recorded, Some(Recorded { resource: agent.clone(), fingerprint: fingerprint.clone() }));
    let recorded = session.recorded_interview(world.company_id, interview.interview.id).await.unwrap();
    assert_eq!(recorded, Some(Recorded { resource: interview.interview.clone(), fingerprint }));

    let other = world.add_company(Seconds(0)).await;
    assert_eq!(session.recorded_agent(other, agent.id).await.unwrap(), None);
    assert_eq!(session.recorded_interview(other, interview.interview.id).await.unwrap(), None);
}

#[tokio::test]
async fn companies_and_what_they_have() {
    let world = World::start().await;
    let ats = samples::ats();
    world.store.create_ats(&ats).await.unwrap();
    assert_eq!(world.store.ats(ats.id).await.unwrap(), ats);

    let company = samples::company(samples::company_id(), Some(ats.id));
    let allowance = Allowance {
        subscription: Subscription::Suspended,
        remaining_seconds: Seconds(-9_007_199_254_740_993),
        reserved_seconds: Seconds(i64::MAX),
        used_seconds: Seconds(1),
        ..Allowance::new(company.id, Seconds(i64::MAX), true, now())
    };
    world.store.create_company(&company, &allowance).await.unwrap();
    let standing = world.store.company(company.id).await.unwrap();
    assert_eq!((standing.company, standing.allowance), (company, allowance));

    let number: PhoneNumber = samples::phone_number(world.company_id);
    world.store.add_phone_number(&number).await.unwrap();
    let listed = || async { world.store.phone_numbers(world.company_id).await.unwrap() };
    assert_eq!(eventually(listed, |listed| !listed.is_empty()).await, [number]);
}

#[tokio::test]
async fn api_keys_of_both_kinds_of_owners() {
    let world = World::start().await;
    let ats = samples::ats();
    world.store.create_ats(&ats).await.unwrap();
    for owner in [Owner::Company(world.company_id), Owner::Ats(ats.id)] {
        for key in [samples::bare_api_key(owner), samples::full_api_key(owner)] {
            let secret = ApiKeySecret::generate().unwrap();
            world.store.create_api_key(&key, &secret.hash()).await.unwrap();
            let lookup = Lookup { api_key: secret.hash(), company: None, named: Named::default() };
            assert_eq!(world.store.session().look_up(&lookup).await.unwrap().api_key, Some(key));
        }
    }
}
