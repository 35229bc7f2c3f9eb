//! The interview that comes of a request: every rule of `ResolvedInterview::decide`, and what holds for all of them.

use std::convert::Infallible;
use std::sync::LazyLock;

use domain::agent::{Agent, AgentId, AgentType, DurationMinutes, Focus, NewAgent};
use domain::allowance::Seconds;
use domain::analysis::Analysis;
use domain::candidate::{CANDIDATE_JOBS_MAX, Candidate, CandidateId, CandidateStatus, CreateCandidate};
use domain::company::CompanyId;
use domain::interview::{
    CallDirection, CallStatus, CandidateChange, InterviewId, InterviewJob, InterviewRefusal, InterviewStatus,
    NewInterview, NewInterviewIds, ResolvedInterview,
};
use domain::job::{Job, JobId};
use domain::json::Json;
use domain::metadata::Metadata;
use domain::time::Timestamp;
use domain::{Reference, StringEnum, Versioned};
use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use uuid::Uuid;

use Reference::{Existing, New};

const COMPANY: CompanyId = CompanyId::new(Uuid::from_u128(1));
const NEW: NewInterviewIds = NewInterviewIds {
    interview: InterviewId::new(Uuid::from_u128(0x11)),
    candidate: CandidateId::new(Uuid::from_u128(0x12)),
    agent: AgentId::new(Uuid::from_u128(0x13)),
    job: JobId::new(Uuid::from_u128(0x14)),
};
const STORED_CANDIDATE: CandidateId = CandidateId::new(Uuid::from_u128(0x22));
const STORED_AGENT: AgentId = AgentId::new(Uuid::from_u128(0x23));
const PHONE_NUMBER: Uuid = Uuid::from_u128(0x25);

static NOW: LazyLock<Timestamp> = LazyLock::new(|| at("2026-11-22T10:00:00.123Z"));
static BEFORE: LazyLock<Timestamp> = LazyLock::new(|| at("2026-01-01T00:00:00Z"));

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// The stored job of that number.
fn job(number: u128) -> JobId {
    JobId::new(Uuid::from_u128(0x1_0000 + number))
}

/// The stored jobs of these numbers.
fn jobs(numbers: impl IntoIterator<Item = u128>) -> Vec<JobId> {
    numbers.into_iter().map(job).collect()
}

fn metadata(text: &str) -> Metadata {
    Metadata::from_json(&Json::parse(text.as_bytes()).unwrap()).unwrap()
}

/// A value from its stored form.
fn of<T: DeserializeOwned>(stored: Value) -> T {
    serde_json::from_value(stored).unwrap()
}

fn read<T>(value: T) -> Versioned<T> {
    Versioned { version: 7, value }
}

/// A request, and what is stored of the things that it names.
#[derive(Debug, Clone)]
struct Scenario {
    /// New, or assigned to these jobs.
    candidate: Reference<Vec<JobId>, ()>,
    candidate_has_phone_number: bool,
    agent: Reference<(), ()>,
    agent_type: AgentType,
    focus: Focus,
    duration_minutes: u16,
    job: Option<Reference<JobId, ()>>,
    schedule_time: Option<Timestamp>,
    is_test: bool,
    metadata: Option<Metadata>,
}

impl Default for Scenario {
    /// The plainest request that succeeds.
    fn default() -> Self {
        Self {
            candidate: Existing(jobs([1])),
            candidate_has_phone_number: true,
            agent: Existing(()),
            agent_type: AgentType::Online,
            focus: Focus::Screening,
            duration_minutes: 30,
            job: None,
            schedule_time: None,
            is_test: false,
            metadata: None,
        }
    }
}

impl Scenario {
    fn resolved(&self) -> ResolvedInterview {
        let phone_number = self.candidate_has_phone_number.then_some("+421901234567");
        let profile = of(json!({
            "firstName": "Ada", "lastName": "Ng", "gdprExpiryDate": NOW.date(), "phoneNumber": phone_number,
        }));
        let candidate = match self.candidate.clone() {
            New(()) => New(profile),
            Existing(job_ids) => Existing(read(Candidate {
                id: STORED_CANDIDATE,
                company_id: COMPANY,
                profile,
                job_ids,
                status: CandidateStatus::Applied,
                created_at: *BEFORE,
                updated_at: *BEFORE,
            })),
        };
        let calls_from = (self.agent_type == AgentType::Phone).then_some(PHONE_NUMBER);
        let profile = of(json!({
            "name": "Screener", "type": self.agent_type, "focus": self.focus, "language": "SK",
            "duration": self.duration_minutes, "questions": ["Prečo?"], "companyPhoneNumberId": calls_from,
            "backgroundSound": "OFFICE",
        }));
        let number = |id| {
            let number = json!({
                "id": id, "companyId": COMPANY, "number": "+421212345678", "createdAt": *BEFORE, "updatedAt": *BEFORE,
            });
            read(of(number))
        };
        let agent = match self.agent {
            New(()) => New(NewAgent {
                agent: Agent::new(NEW.agent, COMPANY, profile, *NOW),
                phone_number: calls_from.map(number),
            }),
            Existing(()) => Existing(read(Agent::new(STORED_AGENT, COMPANY, profile, *BEFORE))),
        };
        let job = |id, created_at| Job::new(id, COMPANY, of(json!({"title": "Baker", "status": "OPEN"})), created_at);
        ResolvedInterview {
            candidate,
            assigned: self.assigned().to_vec(),
            agent,
            job: self.job.as_ref().map(|reference| match reference {
                New(()) => New(job(NEW.job, *NOW)),
                Existing(id) => Existing(read(job(*id, *BEFORE))),
            }),
            schedule_time: self.schedule_time,
            is_test: self.is_test,
            metadata: self.metadata.clone(),
        }
    }

    /// The jobs that the candidate is assigned to beforehand.
    fn assigned(&self) -> &[JobId] {
        match &self.candidate {
            New(()) => &[],
            Existing(job_ids) => job_ids,
        }
    }

    fn decide(&self) -> Result<NewInterview, InterviewRefusal> {
        self.resolved().decide(COMPANY, NEW, *NOW)
    }
}

/// The success that a table of cases expects: the interview's job, and what happens to job and candidate.
type Outcome = (Option<JobId>, &'static str, &'static str);

fn outcome(new: &NewInterview) -> Outcome {
    let job = match new.job {
        InterviewJob::None => "none",
        InterviewJob::Created(_) => "created",
        InterviewJob::Named(_) => "named",
        InterviewJob::OnlyAssigned(_) => "only assigned",
    };
    let candidate = match new.candidate {
        CandidateChange::Created(_) => "created",
        CandidateChange::Unchanged(_) => "unchanged",
        CandidateChange::Assigned(..) => "assigned",
    };
    (new.interview.job_id, job, candidate)
}

#[test]
fn the_job_is_chosen_in_the_documented_order() {
    use InterviewRefusal::{
        GenericAgentNeedsUnassignedCandidate as NeedsUnassigned, JobRequired, JobSelectionRequired,
    };
    let none = || Existing(Vec::new());
    let one = || Existing(jobs([1]));
    let two = || Existing(jobs([2, 1]));
    let stored = |number| Some(Existing(job(number)));
    let inline = || Some(New(()));
    let created = Some(NEW.job);

    // With any focus but GENERIC.
    let focused = [
        // 1. An inline job is created and assigned, whatever the candidate has.
        (New(()), inline(), Ok((created, "created", "created"))),
        (none(), inline(), Ok((created, "created", "assigned"))),
        (one(), inline(), Ok((created, "created", "assigned"))),
        (two(), inline(), Ok((created, "created", "assigned"))),
        // 2. A named job is assigned if it is not yet, whatever else the candidate has.
        (New(()), stored(1), Ok((Some(job(1)), "named", "created"))),
        (none(), stored(1), Ok((Some(job(1)), "named", "assigned"))),
        (one(), stored(3), Ok((Some(job(3)), "named", "assigned"))),
        (one(), stored(1), Ok((Some(job(1)), "named", "unchanged"))),
        (two(), stored(3), Ok((Some(job(3)), "named", "assigned"))),
        (two(), stored(1), Ok((Some(job(1)), "named", "unchanged"))),
        // 4. The only assigned job.
        (one(), None, Ok((Some(job(1)), "only assigned", "unchanged"))),
        // 5. Several, in the order of their assignment.
        (two(), None, Err(JobSelectionRequired(jobs([2, 1])))),
        // 6. No job at all.
        (none(), None, Err(JobRequired)),
        (New(()), None, Err(JobRequired)),
    ];
    // 3. With focus GENERIC.
    let mut generic = vec![
        (New(()), None, Ok((None, "none", "created"))),
        (none(), None, Ok((None, "none", "unchanged"))),
        (one(), None, Err(NeedsUnassigned)),
        (two(), None, Err(NeedsUnassigned)),
    ];
    for candidate in [New(()), none(), one(), two()] {
        generic.extend([inline(), stored(1), stored(3)].map(|job| (candidate.clone(), job, Err(NeedsUnassigned))));
    }

    for &focus in Focus::ACCEPTED {
        let cases = if focus == Focus::Generic { &generic[..] } else { &focused[..] };
        for (candidate, job, expected) in cases {
            for (agent, is_test) in kinds_of_requests() {
                let (candidate, job) = (candidate.clone(), job.clone());
                let scenario = Scenario { candidate, agent, focus, job, is_test, ..Scenario::default() };
                assert_eq!(&scenario.decide().map(|new| outcome(&new)), expected, "{scenario:?}");
            }
        }
    }
}

/// Agents from either source, each in test mode and not: the rules on jobs and telephone numbers are the same.
fn kinds_of_requests() -> [(Reference<(), ()>, bool); 4] {
    [(New(()), false), (New(()), true), (Existing(()), false), (Existing(()), true)]
}

#[test]
fn a_phone_agent_needs_a_candidate_with_a_number() {
    for candidate in [New(()), Existing(jobs([1]))] {
        for (agent, is_test) in kinds_of_requests() {
            let (candidate, job, agent_type) = (candidate.clone(), Some(Existing(job(1))), AgentType::Phone);
            let callable = Scenario { candidate, agent, is_test, agent_type, job, ..Scenario::default() };
            assert!(callable.decide().is_ok(), "{callable:?}");
            let unreachable = Scenario { candidate_has_phone_number: false, ..callable };
            let refusal = unreachable.decide().unwrap_err();
            assert_eq!(refusal, InterviewRefusal::CandidatePhoneNumberRequired, "{unreachable:?}");
            let online = Scenario { agent_type: AgentType::Online, ..unreachable };
            assert!(online.decide().is_ok(), "{online:?}");
        }
    }
}

#[test]
fn of_several_faults_that_of_the_job_is_named() {
    for (focus, assigned, expected) in [
        (Focus::Generic, jobs([1]), InterviewRefusal::GenericAgentNeedsUnassignedCandidate),
        (Focus::Outreach, jobs([]), InterviewRefusal::JobRequired),
        (Focus::Outreach, jobs([1, 2]), InterviewRefusal::JobSelectionRequired(jobs([1, 2]))),
    ] {
        let scenario = Scenario {
            focus,
            candidate: Existing(assigned),
            candidate_has_phone_number: false,
            agent_type: AgentType::Phone,
            ..Scenario::default()
        };
        assert_eq!(scenario.decide().unwrap_err(), expected, "{scenario:?}");
    }
}

#[test]
fn a_candidate_is_assigned_to_at_most_so_many_jobs() {
    let most = CANDIDATE_JOBS_MAX as u128;
    let decide = |count, job| Scenario { candidate: Existing(jobs(0..count)), job, ..Scenario::default() }.decide();
    for another in [New(()), Existing(job(most))] {
        assert_eq!(outcome(&decide(most - 1, Some(another.clone())).unwrap()).2, "assigned");
        assert_eq!(decide(most, Some(another)), Err(InterviewRefusal::TooManyJobs));
    }
    assert_eq!(outcome(&decide(most, Some(Existing(job(most - 1)))).unwrap()).2, "unchanged");
    assert_eq!(decide(most, None), Err(InterviewRefusal::JobSelectionRequired(jobs(0..most))));
}

#[test]
fn an_immediate_interview_is_due_when_it_is_created() {
    let metadata = Some(metadata(r#"{"a":1.0}"#));
    let interview = Scenario { metadata: metadata.clone(), ..Scenario::default() }.decide().unwrap().interview;
    assert_eq!((interview.status, interview.duration_minutes), (InterviewStatus::Scheduled, 30));
    assert_eq!([interview.scheduled_at, interview.created_at, interview.updated_at], [*NOW; 3]);
    assert_eq!(interview.metadata, metadata);
    assert_eq!((interview.finished_date, interview.analysis, interview.is_test), (None, None, false));
}

#[test]
fn a_scheduled_interview_is_due_when_it_was_asked_for() {
    let later = at("2026-12-01T08:00:00Z");
    let interview = Scenario { schedule_time: Some(later), ..Scenario::default() }.decide().unwrap().interview;
    assert_eq!(interview.status, InterviewStatus::Scheduled);
    assert_eq!((interview.scheduled_at, interview.created_at), (later, *NOW));
}

#[test]
fn only_interviews_by_phone_have_call_attempts() {
    let call_attempts = |agent_type, is_test| {
        Scenario { agent_type, is_test, ..Scenario::default() }.decide().unwrap().interview.call_attempts
    };
    assert_eq!(call_attempts(AgentType::Online, false), None);
    assert_eq!(call_attempts(AgentType::Online, true), None);
    assert_eq!(call_attempts(AgentType::Phone, false), Some(Vec::new()));
    let calls = call_attempts(AgentType::Phone, true).unwrap();
    let [call] = calls.as_slice() else { panic!("{calls:?}") };
    assert_eq!((call.direction, call.status, call.reason_code), (CallDirection::Outbound, CallStatus::Completed, None));
    assert_eq!((call.scheduled_at, call.called_at, call.duration, call.retry_number), (*NOW, Some(*NOW), Some(300), 0));
    assert_eq!(call_attempts(AgentType::Phone, true).unwrap(), calls, "the same for the same interview");
}

#[test]
fn a_test_interview_is_over_analysed_marked_and_free() {
    for schedule_time in [None, Some(at("2026-12-01T08:00:00Z"))] {
        let given = Some(metadata(r#"{"a":1.0,"isTest":"no"}"#));
        let scenario = Scenario { is_test: true, schedule_time, metadata: given, ..Scenario::default() };
        let NewInterview { interview, cost, .. } = scenario.decide().unwrap();
        assert_eq!((cost, interview.reservation), (None, None));
        assert_eq!((interview.status, interview.duration_minutes), (InterviewStatus::Completed, 5));
        assert_eq!(interview.finished_date, Some(*NOW));
        assert!(interview.is_test);
        assert_eq!(interview.metadata, Some(metadata(r#"{"a":1.0,"isTest":true}"#)));
        let Existing(agent) = scenario.resolved().agent else { panic!("{scenario:?}") };
        let agent = agent.value.profile;
        let analysis = Analysis::mock(NEW.interview, agent.focus, agent.language, &agent.questions.unwrap(), *NOW);
        assert_eq!(interview.analysis, Some(analysis));
    }
    let unmarked = Scenario { is_test: true, ..Scenario::default() }.decide().unwrap().interview;
    assert_eq!(unmarked.metadata, Some(metadata(r#"{"isTest":true}"#)));
    assert_eq!(unmarked.scheduled_at, *NOW);
    let schedule_time = Some(at("2026-12-01T09:00:00Z"));
    let planned = Scenario { is_test: true, schedule_time, ..Scenario::default() }.decide().unwrap().interview;
    assert_eq!(planned.scheduled_at, *NOW, "whatever the request says");
}

#[test]
fn an_inline_phone_agent_comes_with_the_number_that_vouches_for_it() {
    let scenario = Scenario { agent: New(()), agent_type: AgentType::Phone, ..Scenario::default() };
    let New(agent) = scenario.resolved().agent else { panic!("{scenario:?}") };
    assert!(agent.phone_number.is_some());
    assert_eq!(scenario.decide().unwrap().agent, New(agent));
}

#[test]
fn what_was_not_found_is_never_guessed_and_what_is_new_is_never_read() {
    let named: Reference<AgentId, &str> = Existing(STORED_AGENT);
    assert_eq!(named.resolve(Err::<Agent, _>), Err(STORED_AGENT));
    assert_eq!(named.resolve(|id| Ok::<_, Infallible>(id.uuid())), Ok(Existing(STORED_AGENT.uuid())));
    let new: Reference<AgentId, &str> = New("profile");
    assert_eq!(new.resolve(Err::<Agent, _>), Ok(New("profile")));
}

/// Job numbers that requests and candidates draw from: few, so that they often meet.
const POOL: std::ops::Range<u128> = 0..4;

prop_compose! {
    fn scenarios()(
        candidate in prop_oneof![
            Just(New(())),
            proptest::sample::subsequence(jobs(POOL), 0..=3).prop_shuffle().prop_map(Existing),
            (0..4u128).prop_map(|fewer| Existing(jobs(POOL.end - 2..POOL.end + CANDIDATE_JOBS_MAX as u128 - fewer))),
        ],
        candidate_has_phone_number in any::<bool>(),
        agent in prop_oneof![Just(New(())), Just(Existing(()))],
        agent_type in proptest::sample::select(AgentType::ACCEPTED),
        focus in proptest::sample::select(Focus::ACCEPTED),
        duration_minutes in DurationMinutes::MIN..=DurationMinutes::MAX,
        job in prop_oneof![Just(None), Just(Some(New(()))), POOL.prop_map(|number| Some(Existing(job(number))))],
        schedule_time in proptest::option::of(Just(at("2026-12-01T08:00:00Z"))),
        is_test in any::<bool>(),
        metadata in proptest::option::of(Just(metadata(r#"{"a":1.0}"#))),
    ) -> Scenario {
        Scenario {
            candidate, candidate_has_phone_number, agent, agent_type, focus, duration_minutes, job, schedule_time,
            is_test, metadata,
        }
    }
}

/// The properties of every interview that is created.
fn check_created(scenario: &Scenario, new: &NewInterview) {
    let NewInterview { interview, candidate, agent, job, cost } = new;
    let given = scenario.resolved();
    assert_eq!((interview.id, interview.company_id), (NEW.interview, COMPANY));

    // The job: none exactly with a GENERIC agent, and otherwise where the request says.
    assert_eq!(interview.job_id.is_none(), scenario.focus == Focus::Generic);
    match (job, &given.job) {
        (InterviewJob::None, None) => assert_eq!((interview.job_id, scenario.assigned()), (None, &[][..])),
        (InterviewJob::Created(job), Some(New(new))) => {
            assert_eq!((job, interview.job_id), (new, Some(NEW.job)));
        }
        (InterviewJob::Named(job), Some(Existing(named))) => {
            assert_eq!((job, interview.job_id), (named, Some(named.value.id)));
        }
        (InterviewJob::OnlyAssigned(id), None) => {
            assert_eq!((scenario.assigned(), interview.job_id), (&[*id][..], Some(*id)));
        }
        other => panic!("{other:?}"),
    }

    // The candidate: afterwards assigned to the interview's job, and otherwise as before.
    match (candidate, given.candidate) {
        (CandidateChange::Created(created), New(profile)) => {
            let (id, job_ids, now) = (NEW.candidate, Vec::from_iter(interview.job_id), *NOW);
            let new = CreateCandidate { profile, job_ids, status: CandidateStatus::Applied };
            let expected = Candidate::new(id, COMPANY, new, now);
            assert_eq!((created, interview.candidate_id), (&expected, NEW.candidate));
        }
        (CandidateChange::Unchanged(known), Existing(candidate)) => {
            assert_eq!((known, interview.candidate_id), (&candidate, STORED_CANDIDATE));
            assert!(interview.job_id.is_none_or(|job_id| known.value.job_ids.contains(&job_id)));
        }
        (CandidateChange::Assigned(known, assigned), Existing(candidate)) => {
            assert_eq!((known, interview.candidate_id), (&candidate, STORED_CANDIDATE));
            assert_eq!(Some(*assigned), interview.job_id);
            assert!(!known.value.job_ids.contains(assigned));
            assert!(known.value.job_ids.len() < CANDIDATE_JOBS_MAX);
        }
        other => panic!("{other:?}"),
    }

    // The agent.
    let agent_id = if scenario.agent == New(()) { NEW.agent } else { STORED_AGENT };
    assert_eq!((agent, interview.agent_id), (&given.agent, agent_id));
    let by_phone = scenario.agent_type == AgentType::Phone;
    assert!(!by_phone || scenario.candidate_has_phone_number);
    assert_eq!(interview.call_attempts.is_some(), by_phone);

    // What it costs, and what a test is.
    let duration = Seconds::from_minutes(u32::from(scenario.duration_minutes));
    assert_eq!(*cost, (!scenario.is_test).then_some(duration));
    assert_eq!(interview.duration_minutes, if scenario.is_test { 5 } else { scenario.duration_minutes });
    assert_eq!(interview.reservation, None);
    assert_eq!(interview.is_test, scenario.is_test);
    assert_eq!(interview.status == InterviewStatus::Completed, scenario.is_test);
    assert_eq!(interview.analysis.is_some(), scenario.is_test);
    assert_eq!(interview.finished_date, scenario.is_test.then_some(*NOW));
}

/// No request is refused without the reason that is given.
fn check_refused(scenario: &Scenario, refusal: &InterviewRefusal) {
    let generic = scenario.focus == Focus::Generic;
    let (assigned, jobless) = (scenario.assigned(), scenario.job.is_none());
    let justified = match refusal {
        InterviewRefusal::GenericAgentNeedsUnassignedCandidate => generic && (!jobless || !assigned.is_empty()),
        InterviewRefusal::JobRequired => !generic && jobless && assigned.is_empty(),
        InterviewRefusal::JobSelectionRequired(job_ids) => {
            !generic && jobless && assigned.len() > 1 && job_ids == assigned
        }
        InterviewRefusal::CandidatePhoneNumberRequired => {
            scenario.agent_type == AgentType::Phone && !scenario.candidate_has_phone_number
        }
        InterviewRefusal::TooManyJobs => {
            let further = match &scenario.job {
                None => false,
                Some(New(())) => true,
                Some(Existing(id)) => !assigned.contains(id),
            };
            further && assigned.len() >= CANDIDATE_JOBS_MAX
        }
    };
    assert!(justified, "{refusal:?}");
}

proptest! {
    #![proptest_config(ProptestConfig {
        // Beside this file: proptest looks for a folder with a `main.rs` otherwise.
        failure_persistence: Some(Box::new(FileFailurePersistence::WithSource("proptest-regressions"))),
        ..ProptestConfig::with_cases(2_000)
    })]

    #[test]
    fn whatever_is_asked_the_answer_is_consistent(scenario in scenarios()) {
        match scenario.decide() {
            Ok(new) => check_created(&scenario, &new),
            Err(refusal) => check_refused(&scenario, &refusal),
        }
    }

    #[test]
    fn a_test_obeys_the_same_rules(scenario in scenarios()) {
        let decide = |is_test| {
            let decided = Scenario { is_test, ..scenario.clone() }.decide();
            decided.map(|new| (new.candidate, new.agent, new.job, new.interview.job_id))
        };
        prop_assert_eq!(decide(true), decide(false));
    }
}
