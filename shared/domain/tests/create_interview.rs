//! The interview that comes of a request: every rule of `CreateInterview::decide`, and what holds for all of them.

use std::sync::LazyLock;

use domain::agent::{
    Agent, AgentId, AgentProfile, AgentType, BackgroundSound, DurationMinutes, Focus, Language, Question,
};
use domain::allowance::Seconds;
use domain::analysis::Analysis;
use domain::candidate::{CANDIDATE_JOBS_MAX, Candidate, CandidateId, CandidateProfile};
use domain::company::CompanyId;
use domain::contact::{E164, Email};
use domain::interview::{
    CallStatus, CandidateChange, CreateInterview, InterviewAgent, InterviewId, InterviewJob, InterviewRefusal,
    InterviewStatus, NewInterview, NewInterviewIds, Referenced,
};
use domain::job::{Job, JobId, JobProfile, JobStatus};
use domain::json::Json;
use domain::metadata::Metadata;
use domain::phone_number::{PhoneNumber, PhoneNumberId};
use domain::text::{MultiLine, SingleLine};
use domain::time::Timestamp;
use domain::{Reference, StringEnum, Versioned};
use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;
use uuid::Uuid;

const COMPANY: CompanyId = CompanyId::new(Uuid::from_u128(1));
const NEW: NewInterviewIds = NewInterviewIds {
    interview: InterviewId::new(Uuid::from_u128(0x11)),
    candidate: CandidateId::new(Uuid::from_u128(0x12)),
    agent: AgentId::new(Uuid::from_u128(0x13)),
    job: JobId::new(Uuid::from_u128(0x14)),
};
const STORED_CANDIDATE: CandidateId = CandidateId::new(Uuid::from_u128(0x22));
const STORED_AGENT: AgentId = AgentId::new(Uuid::from_u128(0x23));
const PHONE_NUMBER: PhoneNumberId = PhoneNumberId::new(Uuid::from_u128(0x25));

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

/// A request and all that is stored of what it names.
#[derive(Debug, Clone)]
struct Scenario {
    candidate: CandidateSource,
    candidate_has_phone_number: bool,
    agent: AgentSource,
    agent_type: AgentType,
    focus: Focus,
    duration_minutes: u16,
    job: JobSource,
    schedule_time: Option<Timestamp>,
    is_test: bool,
    metadata: Option<Metadata>,
}

#[derive(Debug, Clone, PartialEq)]
enum CandidateSource {
    Inline,
    /// Assigned to these jobs.
    Stored(Vec<JobId>),
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum AgentSource {
    Inline,
    Stored,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum JobSource {
    None,
    Inline,
    Stored(JobId),
}

impl Default for Scenario {
    /// The plainest request that succeeds.
    fn default() -> Self {
        Self {
            candidate: CandidateSource::Stored(jobs([1])),
            candidate_has_phone_number: true,
            agent: AgentSource::Stored,
            agent_type: AgentType::Online,
            focus: Focus::Screening,
            duration_minutes: 30,
            job: JobSource::None,
            schedule_time: None,
            is_test: false,
            metadata: None,
        }
    }
}

impl Scenario {
    fn candidate_profile(&self) -> CandidateProfile {
        CandidateProfile {
            first_name: SingleLine::parse("Ada").unwrap(),
            last_name: SingleLine::parse("Ng").unwrap(),
            gdpr_expiry_date: NOW.date(),
            email: Some(Email::parse("ada@example.com").unwrap()),
            phone_number: self.candidate_has_phone_number.then(|| E164::parse("+421901234567").unwrap()),
            metadata: None,
        }
    }

    fn agent_profile(&self) -> AgentProfile {
        AgentProfile {
            name: SingleLine::parse("Screener").unwrap(),
            r#type: self.agent_type,
            focus: self.focus,
            language: Language::Sk,
            duration: DurationMinutes::new(i64::from(self.duration_minutes)).unwrap(),
            questions: Some(vec![Question::parse("Prečo?").unwrap()]),
            instructions: None,
            voice_id: None,
            company_phone_number_id: (self.agent_type == AgentType::Phone).then_some(PHONE_NUMBER),
            background_sound: BackgroundSound::Office,
            cefr_level: None,
            metadata: None,
        }
    }

    fn job_profile(&self) -> JobProfile {
        JobProfile {
            title: SingleLine::parse("Baker").unwrap(),
            description: Some(MultiLine::parse("Bakes bread.").unwrap()),
            job_url: None,
            benefits: None,
            required_skills: None,
            nice_to_have_skills: None,
            language_requirements: None,
            education: None,
            experience: None,
            contract_type: None,
            status: JobStatus::Open,
            location: None,
            salary: None,
            metadata: None,
        }
    }

    fn request(&self) -> CreateInterview {
        CreateInterview {
            candidate: match &self.candidate {
                CandidateSource::Inline => Reference::New(self.candidate_profile()),
                CandidateSource::Stored(_) => Reference::Existing(STORED_CANDIDATE),
            },
            agent: match self.agent {
                AgentSource::Inline => Reference::New(self.agent_profile()),
                AgentSource::Stored => Reference::Existing(STORED_AGENT),
            },
            job: match self.job {
                JobSource::None => None,
                JobSource::Inline => Some(Reference::New(self.job_profile())),
                JobSource::Stored(id) => Some(Reference::Existing(id)),
            },
            schedule_time: self.schedule_time,
            is_test: self.is_test,
            metadata: self.metadata.clone(),
        }
    }

    fn referenced(&self) -> Referenced {
        Referenced {
            candidate: match &self.candidate {
                CandidateSource::Inline => None,
                CandidateSource::Stored(job_ids) => Some(stored(Candidate {
                    id: STORED_CANDIDATE,
                    company_id: COMPANY,
                    profile: self.candidate_profile(),
                    job_ids: job_ids.clone(),
                    created_at: *BEFORE,
                    updated_at: *BEFORE,
                })),
            },
            agent: (self.agent == AgentSource::Stored)
                .then(|| stored(Agent::new(STORED_AGENT, COMPANY, self.agent_profile(), *BEFORE))),
            job: match self.job {
                JobSource::Stored(id) => Some(stored(Job {
                    id,
                    company_id: COMPANY,
                    profile: self.job_profile(),
                    created_at: *BEFORE,
                    updated_at: *BEFORE,
                })),
                JobSource::None | JobSource::Inline => None,
            },
            phone_number: (self.agent == AgentSource::Inline && self.agent_type == AgentType::Phone).then(|| {
                stored(PhoneNumber {
                    id: PHONE_NUMBER,
                    company_id: COMPANY,
                    number: E164::parse("+421212345678").unwrap(),
                    created_at: *BEFORE,
                    updated_at: *BEFORE,
                })
            }),
        }
    }

    /// The jobs that the candidate is assigned to beforehand.
    fn assigned(&self) -> &[JobId] {
        match &self.candidate {
            CandidateSource::Inline => &[],
            CandidateSource::Stored(job_ids) => job_ids,
        }
    }

    fn decide(&self) -> Result<NewInterview, InterviewRefusal> {
        self.request().decide(COMPANY, &self.referenced(), NEW, *NOW)
    }
}

fn stored<T>(value: T) -> Versioned<T> {
    Versioned { version: 7, value }
}

/// The success that a table of cases expects: the interview's job, and what happens to job and candidate.
#[derive(Debug, PartialEq)]
struct Outcome {
    job_id: Option<JobId>,
    job: &'static str,
    candidate: &'static str,
}

fn outcome(new: &NewInterview) -> Outcome {
    Outcome {
        job_id: new.interview.job_id,
        job: match new.job {
            InterviewJob::None => "none",
            InterviewJob::Created(_) => "created",
            InterviewJob::Named(_) => "named",
            InterviewJob::OnlyAssigned(_) => "only assigned",
        },
        candidate: match new.candidate {
            CandidateChange::Created(_) => "created",
            CandidateChange::Unchanged(_) => "unchanged",
            CandidateChange::Assigned(..) => "assigned",
        },
    }
}

fn ok(job_id: Option<JobId>, job: &'static str, candidate: &'static str) -> Result<Outcome, InterviewRefusal> {
    Ok(Outcome { job_id, job, candidate })
}

#[test]
fn the_job_is_chosen_in_the_documented_order() {
    use CandidateSource::{Inline as New, Stored as Known};
    use InterviewRefusal::{
        GenericAgentNeedsUnassignedCandidate as NeedsUnassigned, JobRequired, JobSelectionRequired,
    };
    let none = || Known(Vec::new());
    let one = || Known(jobs([1]));
    let two = || Known(jobs([2, 1]));
    let created = || Some(NEW.job);
    let stored_job = |number| JobSource::Stored(job(number));
    const INLINE: JobSource = JobSource::Inline;
    const ABSENT: JobSource = JobSource::None;

    // With any focus but GENERIC.
    let focused = [
        // 1. An inline job is created and assigned, whatever the candidate has.
        (New, INLINE, ok(created(), "created", "created")),
        (none(), INLINE, ok(created(), "created", "assigned")),
        (one(), INLINE, ok(created(), "created", "assigned")),
        (two(), INLINE, ok(created(), "created", "assigned")),
        // 2. A named job is assigned if it is not yet, whatever else the candidate has.
        (New, stored_job(1), ok(Some(job(1)), "named", "created")),
        (none(), stored_job(1), ok(Some(job(1)), "named", "assigned")),
        (one(), stored_job(3), ok(Some(job(3)), "named", "assigned")),
        (one(), stored_job(1), ok(Some(job(1)), "named", "unchanged")),
        (two(), stored_job(3), ok(Some(job(3)), "named", "assigned")),
        (two(), stored_job(1), ok(Some(job(1)), "named", "unchanged")),
        // 4. The only assigned job.
        (one(), ABSENT, ok(Some(job(1)), "only assigned", "unchanged")),
        // 5. Several, in the order of their assignment.
        (two(), ABSENT, Err(JobSelectionRequired(jobs([2, 1])))),
        // 6. No job at all.
        (none(), ABSENT, Err(JobRequired)),
        (New, ABSENT, Err(JobRequired)),
    ];
    // 3. With focus GENERIC.
    let generic = [
        (New, ABSENT, ok(None, "none", "created")),
        (none(), ABSENT, ok(None, "none", "unchanged")),
        (one(), ABSENT, Err(NeedsUnassigned)),
        (two(), ABSENT, Err(NeedsUnassigned)),
        (New, INLINE, Err(NeedsUnassigned)),
        (none(), INLINE, Err(NeedsUnassigned)),
        (one(), INLINE, Err(NeedsUnassigned)),
        (two(), INLINE, Err(NeedsUnassigned)),
        (New, stored_job(1), Err(NeedsUnassigned)),
        (none(), stored_job(1), Err(NeedsUnassigned)),
        (one(), stored_job(1), Err(NeedsUnassigned)),
        (two(), stored_job(3), Err(NeedsUnassigned)),
    ];

    for &focus in Focus::ACCEPTED {
        let cases = if focus == Focus::Generic { &generic[..] } else { &focused[..] };
        for (candidate, job, expected) in cases {
            for agent in [AgentSource::Inline, AgentSource::Stored] {
                for is_test in [false, true] {
                    let candidate = candidate.clone();
                    let scenario = Scenario { candidate, agent, focus, job: *job, is_test, ..Scenario::default() };
                    assert_eq!(&scenario.decide().map(|new| outcome(&new)), expected, "{scenario:?}");
                }
            }
        }
    }
}

#[test]
fn a_phone_agent_needs_a_candidate_with_a_number() {
    for candidate in [CandidateSource::Inline, CandidateSource::Stored(jobs([1]))] {
        for agent in [AgentSource::Inline, AgentSource::Stored] {
            for is_test in [false, true] {
                let callable = Scenario {
                    candidate: candidate.clone(),
                    agent,
                    is_test,
                    agent_type: AgentType::Phone,
                    job: JobSource::Stored(job(1)),
                    ..Scenario::default()
                };
                assert!(callable.decide().is_ok(), "{callable:?}");
                let unreachable = Scenario { candidate_has_phone_number: false, ..callable };
                let refusal = unreachable.decide().unwrap_err();
                assert_eq!(refusal, InterviewRefusal::CandidatePhoneNumberRequired, "{unreachable:?}");
                let online = Scenario { agent_type: AgentType::Online, ..unreachable };
                assert!(online.decide().is_ok(), "{online:?}");
            }
        }
    }
}

#[test]
fn of_several_faults_that_of_the_job_is_named() {
    let faulty = |focus, assigned: &[u128]| Scenario {
        focus,
        candidate: CandidateSource::Stored(jobs(assigned.iter().copied())),
        candidate_has_phone_number: false,
        agent_type: AgentType::Phone,
        ..Scenario::default()
    };
    for (scenario, expected) in [
        (faulty(Focus::Generic, &[1]), InterviewRefusal::GenericAgentNeedsUnassignedCandidate),
        (faulty(Focus::Outreach, &[]), InterviewRefusal::JobRequired),
        (faulty(Focus::Outreach, &[1, 2]), InterviewRefusal::JobSelectionRequired(jobs([1, 2]))),
    ] {
        assert_eq!(scenario.decide().unwrap_err(), expected, "{scenario:?}");
    }
}

#[test]
fn a_candidate_is_assigned_to_at_most_so_many_jobs() {
    let most = CANDIDATE_JOBS_MAX as u128;
    let with_jobs =
        |count, job| Scenario { candidate: CandidateSource::Stored(jobs(0..count)), job, ..Scenario::default() };
    for another in [JobSource::Inline, JobSource::Stored(job(most))] {
        let assigned = with_jobs(most - 1, another).decide().unwrap();
        assert_eq!(outcome(&assigned).candidate, "assigned");
        assert_eq!(with_jobs(most, another).decide(), Err(InterviewRefusal::TooManyJobs));
    }
    let known = with_jobs(most, JobSource::Stored(job(most - 1))).decide().unwrap();
    assert_eq!(outcome(&known).candidate, "unchanged");
    let refusal = with_jobs(most, JobSource::None).decide().unwrap_err();
    assert_eq!(refusal, InterviewRefusal::JobSelectionRequired(jobs(0..most)));
}

#[test]
fn an_immediate_interview_is_due_when_it_is_created() {
    let interview =
        Scenario { metadata: Some(metadata(r#"{"a":1.0}"#)), ..Scenario::default() }.decide().unwrap().interview;
    assert_eq!(interview.status, InterviewStatus::Scheduled);
    assert_eq!(interview.scheduled_at, interview.created_at);
    assert_eq!((interview.created_at, interview.updated_at), (*NOW, *NOW));
    assert_eq!(interview.duration_minutes, 30);
    assert_eq!(interview.metadata, Some(metadata(r#"{"a":1.0}"#)));
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
    let interview =
        |agent_type, is_test| Scenario { agent_type, is_test, ..Scenario::default() }.decide().unwrap().interview;
    assert_eq!(interview(AgentType::Online, false).call_attempts, None);
    assert_eq!(interview(AgentType::Online, true).call_attempts, None);
    assert_eq!(interview(AgentType::Phone, false).call_attempts, Some(Vec::new()));
    let calls = interview(AgentType::Phone, true).call_attempts.unwrap();
    let [call] = calls.as_slice() else { panic!("{calls:?}") };
    assert_eq!(call.status, CallStatus::Completed);
    assert_eq!((call.started_at, call.ended_at), (at("2026-11-22T09:55:00.123Z"), *NOW));
    assert_eq!(interview(AgentType::Phone, true).call_attempts.unwrap(), calls, "the same for the same interview");
}

#[test]
fn a_test_interview_is_over_analysed_marked_and_free() {
    for schedule_time in [None, Some(at("2026-12-01T08:00:00Z"))] {
        let scenario = Scenario {
            is_test: true,
            schedule_time,
            metadata: Some(metadata(r#"{"a":1.0,"isTest":"no"}"#)),
            ..Scenario::default()
        };
        let NewInterview { interview, cost, .. } = scenario.decide().unwrap();
        assert_eq!(cost, None);
        assert_eq!(interview.reservation, None);
        assert_eq!(interview.status, InterviewStatus::Completed);
        assert_eq!(interview.duration_minutes, 5);
        assert_eq!(interview.finished_date, Some(*NOW));
        assert!(interview.is_test);
        assert_eq!(interview.metadata, Some(metadata(r#"{"a":1.0,"isTest":true}"#)));
        let AgentProfile { focus, language, questions, .. } = scenario.agent_profile();
        let analysis = Analysis::mock(NEW.interview, focus, language, &questions.unwrap(), *NOW);
        assert_eq!(interview.analysis, Some(analysis));
    }
    let unmarked = Scenario { is_test: true, ..Scenario::default() }.decide().unwrap().interview;
    assert_eq!(unmarked.metadata, Some(metadata(r#"{"isTest":true}"#)));
    assert_eq!(unmarked.scheduled_at, *NOW);
}

#[test]
fn an_inline_phone_agent_comes_with_the_number_that_vouches_for_it() {
    let scenario = Scenario { agent: AgentSource::Inline, agent_type: AgentType::Phone, ..Scenario::default() };
    let expected = Agent::new(NEW.agent, COMPANY, scenario.agent_profile(), *NOW);
    let phone_number = scenario.referenced().phone_number;
    assert!(phone_number.is_some());
    assert_eq!(scenario.decide().unwrap().agent, InterviewAgent::Created(expected, phone_number));
}

#[test]
fn what_was_not_found_is_never_guessed() {
    let scenario = Scenario { job: JobSource::Stored(job(1)), ..Scenario::default() };
    let all = scenario.referenced();
    for missing in [
        Referenced { candidate: None, ..all.clone() },
        Referenced { agent: None, ..all.clone() },
        Referenced { job: None, ..all.clone() },
    ] {
        let decided = scenario.request().decide(COMPANY, &missing, NEW, *NOW);
        assert_eq!(decided, Err(InterviewRefusal::Unresolved));
    }
}

/// Job numbers that requests and candidates draw from: few, so that they often meet.
const POOL: std::ops::Range<u128> = 0..4;

prop_compose! {
    fn scenarios()(
        candidate in prop_oneof![
            Just(CandidateSource::Inline),
            proptest::sample::subsequence(jobs(POOL), 0..=3).prop_shuffle().prop_map(CandidateSource::Stored),
            (0..4u128).prop_map(|fewer| {
                CandidateSource::Stored(jobs(POOL.end - 2..POOL.end + CANDIDATE_JOBS_MAX as u128 - fewer))
            }),
        ],
        candidate_has_phone_number in any::<bool>(),
        agent in proptest::sample::select(&[AgentSource::Inline, AgentSource::Stored][..]),
        agent_type in proptest::sample::select(AgentType::ACCEPTED),
        focus in proptest::sample::select(Focus::ACCEPTED),
        duration_minutes in DurationMinutes::MIN..=DurationMinutes::MAX,
        job in prop_oneof![
            Just(JobSource::None),
            Just(JobSource::Inline),
            POOL.prop_map(|number| JobSource::Stored(job(number))),
        ],
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
    let referenced = scenario.referenced();
    assert_eq!((interview.id, interview.company_id), (NEW.interview, COMPANY));

    // The job: none exactly with a GENERIC agent, and otherwise where the request says.
    assert_eq!(interview.job_id.is_none(), scenario.focus == Focus::Generic);
    match (job, scenario.job) {
        (InterviewJob::None, JobSource::None) => {
            assert_eq!(interview.job_id, None);
            assert_eq!(scenario.assigned(), []);
        }
        (InterviewJob::Created(job), JobSource::Inline) => {
            assert_eq!((job.id, job.company_id, interview.job_id), (NEW.job, COMPANY, Some(NEW.job)));
        }
        (InterviewJob::Named(job), JobSource::Stored(id)) => {
            assert_eq!((Some(job), interview.job_id), (referenced.job.as_ref(), Some(id)));
        }
        (InterviewJob::OnlyAssigned(id), JobSource::None) => {
            assert_eq!((scenario.assigned(), interview.job_id), (&[*id][..], Some(*id)));
        }
        other => panic!("{other:?}"),
    }

    // The candidate: afterwards assigned to the interview's job, and otherwise as before.
    match (candidate, interview.job_id) {
        (CandidateChange::Created(created), job_id) => {
            assert_eq!(scenario.candidate, CandidateSource::Inline);
            assert_eq!((created.id, created.company_id), (NEW.candidate, COMPANY));
            assert_eq!(created.job_ids, Vec::from_iter(job_id));
            assert_eq!(interview.candidate_id, NEW.candidate);
        }
        (CandidateChange::Unchanged(known), job_id) => {
            assert_eq!(Some(known), referenced.candidate.as_ref());
            assert!(job_id.is_none_or(|job_id| known.value.job_ids.contains(&job_id)));
            assert_eq!(interview.candidate_id, STORED_CANDIDATE);
        }
        (CandidateChange::Assigned(known, assigned), job_id) => {
            assert_eq!(Some(known), referenced.candidate.as_ref());
            assert_eq!(Some(*assigned), job_id);
            assert!(!known.value.job_ids.contains(assigned));
            assert!(known.value.job_ids.len() < CANDIDATE_JOBS_MAX);
            assert_eq!(interview.candidate_id, STORED_CANDIDATE);
        }
    }

    // The agent.
    match agent {
        InterviewAgent::Created(created, phone_number) => {
            assert_eq!((created.id, created.company_id, interview.agent_id), (NEW.agent, COMPANY, NEW.agent));
            assert_eq!((scenario.agent, phone_number), (AgentSource::Inline, &referenced.phone_number));
        }
        InterviewAgent::Named(named) => {
            assert_eq!((Some(named), interview.agent_id), (referenced.agent.as_ref(), STORED_AGENT));
        }
    }
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
    let assigned = scenario.assigned();
    let justified = match refusal {
        InterviewRefusal::GenericAgentNeedsUnassignedCandidate => {
            generic && (scenario.job != JobSource::None || !assigned.is_empty())
        }
        InterviewRefusal::JobRequired => !generic && scenario.job == JobSource::None && assigned.is_empty(),
        InterviewRefusal::JobSelectionRequired(job_ids) => {
            !generic && scenario.job == JobSource::None && assigned.len() > 1 && job_ids == assigned
        }
        InterviewRefusal::CandidatePhoneNumberRequired => {
            scenario.agent_type == AgentType::Phone && !scenario.candidate_has_phone_number
        }
        InterviewRefusal::TooManyJobs => {
            let further = match scenario.job {
                JobSource::None => false,
                JobSource::Inline => true,
                JobSource::Stored(id) => !assigned.contains(&id),
            };
            further && assigned.len() >= CANDIDATE_JOBS_MAX
        }
        InterviewRefusal::Unresolved => false,
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
            decided.map(|new| (new.candidate, new.agent, new.job, new.interview.job_id, new.interview.scheduled_at))
        };
        prop_assert_eq!(decide(true), decide(false));
    }
}
