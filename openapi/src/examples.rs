//! The document's example requests, and the answers that the code itself gives to them.

use anyhow::{Context, anyhow};
use api::{AgentResponse, CREATE_AGENT, CREATE_INTERVIEW, ErrorCode, InterviewResponse, Problem, Route};
use domain::{Agent, AgentId, IdSource, IdempotencyKey, NewInterviewIds};
use validation::{AgentShape, InterviewShape, check_body};

use crate::world::{self, World};

/// A request's body, and how it is answered in the [world](crate::world).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// Unique within its route.
    pub name: &'static str,
    /// The route that it is sent to.
    pub route: Route,
    /// What it shows, in a line.
    pub summary: &'static str,
    /// The body, as JSON text.
    pub body: String,
    /// How it is refused; none: it is answered with 201.
    pub refusal: Option<ErrorCode>,
}

impl Example {
    /// The status of its answer.
    pub fn status(&self) -> u16 {
        self.refusal.map_or(201, |code| code.status().as_u16())
    }
}

/// Name, summary, refusal, body. Names of the world in capitals stand for their ids.
type Row = (&'static str, &'static str, Option<ErrorCode>, &'static str);

const AGENTS: &[Row] = &[
    (
        "online",
        "As short as can be: an agent that candidates meet in the browser",
        None,
        r#"{"name": "Talent pool, English", "type": "ONLINE", "focus": "GENERIC", "language": "EN", "duration": 15}"#,
    ),
    (
        "phone",
        "Every field: an agent that calls candidates",
        None,
        r#"{
            "name": "Screening by phone, Slovak",
            "type": "PHONE",
            "focus": "SCREENING",
            "language": "SK",
            "duration": 30,
            "questions": ["Prečo chcete pracovať u nás?", "Kedy môžete nastúpiť?"],
            "instructions": "Be friendly.\nExplain the next steps at the end.",
            "voiceId": "VIERA",
            "companyPhoneNumberId": "PHONE_NUMBER",
            "backgroundSound": "OFF",
            "cefrLevel": "B2",
            "metadata": {"team": "north", "cost_center": 4100}
        }"#,
    ),
    (
        "language_test",
        "An agent that finds out how well a language is spoken",
        None,
        r#"{
            "name": "German at B2",
            "type": "ONLINE",
            "focus": "LANGUAGE_TEST",
            "language": "DE",
            "duration": 20,
            "cefrLevel": "B2"
        }"#,
    ),
    (
        "several_mistakes",
        "All broken rules are named at once",
        Some(ErrorCode::ValidationFailed),
        r#"{"name": "S", "typ": "PHONE", "focus": "SCREENING", "language": "sk", "duration": "30"}"#,
    ),
    (
        "phone_without_number",
        "An agent that calls needs a number to call from",
        Some(ErrorCode::ValidationFailed),
        r#"{"name": "Calls", "type": "PHONE", "focus": "SCREENING", "language": "EN", "duration": 30}"#,
    ),
    (
        "foreign_phone_number",
        "A telephone number of another company",
        Some(ErrorCode::ResourceAccessDenied),
        r#"{
            "name": "Calls",
            "type": "PHONE",
            "focus": "SCREENING",
            "language": "EN",
            "duration": 30,
            "companyPhoneNumberId": "FOREIGN_PHONE_NUMBER"
        }"#,
    ),
    (
        "unknown_phone_number",
        "A telephone number that does not exist",
        Some(ErrorCode::ResourceNotFound),
        r#"{
            "name": "Calls",
            "type": "PHONE",
            "focus": "SCREENING",
            "language": "EN",
            "duration": 30,
            "companyPhoneNumberId": "UNKNOWN_PHONE_NUMBER"
        }"#,
    ),
];

const INTERVIEWS: &[Row] = &[
    (
        "existing_at_once",
        "A known candidate and a known agent, now, for the candidate's only job",
        None,
        r#"{"candidateId": "CANDIDATE", "agentId": "AGENT"}"#,
    ),
    (
        "existing_scheduled",
        "The same for a further job, at a given time, with data of your own",
        None,
        r#"{
            "candidateId": "CANDIDATE",
            "agentId": "AGENT",
            "jobId": "OTHER_JOB",
            "scheduleTime": "2026-12-01T09:30:00+01:00",
            "metadata": {"campaign": "winter", "round": 1}
        }"#,
    ),
    (
        "new_candidate_for_a_job",
        "A new candidate, assigned to a known job",
        None,
        r#"{
            "candidate": {
                "firstName": "Ján",
                "lastName": "Kováč",
                "gdprExpiryDate": "2028-11-22",
                "email": "jan.kovac@example.com",
                "jobId": "JOB"
            },
            "agentId": "AGENT"
        }"#,
    ),
    (
        "talent_pool",
        "A new candidate without a job: the agent must be GENERIC",
        None,
        r#"{
            "candidate": {
                "firstName": "Mária",
                "lastName": "Tóthová",
                "gdprExpiryDate": "2028-11-22T00:00:00Z",
                "email": "maria.tothova@example.com"
            },
            "agentId": "GENERIC_AGENT"
        }"#,
    ),
    (
        "all_new",
        "Candidate, agent and job, all created by one request",
        None,
        r#"{
            "candidate": {
                "firstName": "Peter",
                "lastName": "Horváth",
                "gdprExpiryDate": "2028-11-22",
                "email": "peter.horvath@example.com",
                "phoneNumber": "+421905123456",
                "metadata": {"source": "job fair"}
            },
            "agent": {
                "name": "Screening for warehouses",
                "type": "ONLINE",
                "focus": "SCREENING",
                "language": "EN",
                "duration": 20,
                "questions": ["Why do you want to work with us?"]
            },
            "job": {
                "title": "Forklift operator",
                "description": "Moves goods between the ramp and the racks, in two shifts.",
                "jobUrl": "https://example.com/jobs/forklift-operator",
                "benefits": "Meal vouchers, a fifth week of holidays",
                "requiredSkills": ["Forklift licence"],
                "niceToHaveSkills": ["Inventory systems"],
                "languageRequirements": [{"language": "SK", "proficiency": "B2"}],
                "education": ["SECONDARY_WITH_DIPLOMA", "POST_SECONDARY_VOCATIONAL"],
                "experience": "ONE_TO_3_YEARS",
                "contractType": "FULL_TIME",
                "status": "OPEN",
                "location": {
                    "workMode": "ONSITE",
                    "street": "Prístavná 10",
                    "city": "Bratislava",
                    "postalCode": "821 09",
                    "countryCode": "SK"
                },
                "salary": {"min": 1200, "max": 1500.50, "currency": "EUR", "period": "MONTHLY"},
                "metadata": {"requisition": "R-1024"}
            },
            "scheduleTime": "2026-12-02T08:00:00Z",
            "isTest": false,
            "metadata": {"campaign": "winter"}
        }"#,
    ),
    (
        "phone",
        "By telephone: the candidate needs a number too",
        None,
        r#"{"candidateId": "CANDIDATE", "agentId": "PHONE_AGENT", "jobId": "JOB"}"#,
    ),
    (
        "test_mode",
        "To try an integration: completed at once, with a mock analysis, never billed",
        None,
        r#"{"candidateId": "CANDIDATE", "agentId": "AGENT", "isTest": true}"#,
    ),
    (
        "candidate_twice",
        "Exactly one of candidateId and candidate",
        Some(ErrorCode::ValidationFailed),
        r#"{
            "candidateId": "CANDIDATE",
            "candidate": {"firstName": "Ján", "lastName": "Kováč", "gdprExpiryDate": "2028-11-22", "email": "jan@example.com"},
            "agentId": "AGENT"
        }"#,
    ),
    (
        "two_jobs",
        "A candidate's own job excludes any other",
        Some(ErrorCode::ValidationFailed),
        r#"{
            "candidate": {
                "firstName": "Ján",
                "lastName": "Kováč",
                "gdprExpiryDate": "2028-11-22",
                "email": "jan@example.com",
                "jobId": "JOB"
            },
            "agentId": "AGENT",
            "jobId": "OTHER_JOB"
        }"#,
    ),
    (
        "generic_agent_with_a_job",
        "A GENERIC agent interviews for no job",
        Some(ErrorCode::GenericAgentNeedsUnassignedCandidate),
        r#"{"candidateId": "CANDIDATE", "agentId": "GENERIC_AGENT"}"#,
    ),
    (
        "no_job",
        "Any other agent needs one",
        Some(ErrorCode::JobRequired),
        r#"{
            "candidate": {"firstName": "Ján", "lastName": "Kováč", "gdprExpiryDate": "2028-11-22", "email": "jan@example.com"},
            "agentId": "AGENT"
        }"#,
    ),
    (
        "job_not_chosen",
        "A candidate with several jobs",
        Some(ErrorCode::JobSelectionRequired),
        r#"{"candidateId": "CANDIDATE_WITH_TWO_JOBS", "agentId": "AGENT"}"#,
    ),
    (
        "no_number_to_call",
        "An agent that calls, and a candidate without a telephone number",
        Some(ErrorCode::CandidatePhoneNumberRequired),
        r#"{"candidateId": "CANDIDATE_WITH_TWO_JOBS", "agentId": "PHONE_AGENT", "jobId": "JOB"}"#,
    ),
    (
        "foreign_agent",
        "An agent of another company",
        Some(ErrorCode::ResourceAccessDenied),
        r#"{"candidateId": "CANDIDATE", "agentId": "FOREIGN_AGENT"}"#,
    ),
    (
        "unknown_job",
        "A job that does not exist",
        Some(ErrorCode::ResourceNotFound),
        r#"{"candidateId": "CANDIDATE", "agentId": "AGENT", "jobId": "UNKNOWN_JOB"}"#,
    ),
];

/// The example requests of every route.
pub fn examples() -> Vec<Example> {
    let rows = |route: Route, rows: &'static [Row]| {
        rows.iter().map(move |&(name, summary, refusal, body)| Example {
            name,
            route,
            summary,
            body: with_ids(body),
            refusal,
        })
    };
    rows(CREATE_AGENT, AGENTS).chain(rows(CREATE_INTERVIEW, INTERVIEWS)).collect()
}

fn with_ids(body: &str) -> String {
    let ids = [
        ("CANDIDATE", world::CANDIDATE.uuid()),
        ("CANDIDATE_WITH_TWO_JOBS", world::CANDIDATE_WITH_TWO_JOBS.uuid()),
        ("AGENT", world::AGENT.uuid()),
        ("GENERIC_AGENT", world::GENERIC_AGENT.uuid()),
        ("PHONE_AGENT", world::PHONE_AGENT.uuid()),
        ("FOREIGN_AGENT", world::FOREIGN_AGENT.uuid()),
        ("JOB", world::JOB.uuid()),
        ("OTHER_JOB", world::OTHER_JOB.uuid()),
        ("UNKNOWN_JOB", world::UNKNOWN_JOB.uuid()),
        ("PHONE_NUMBER", world::PHONE_NUMBER.uuid()),
        ("FOREIGN_PHONE_NUMBER", world::FOREIGN_PHONE_NUMBER.uuid()),
        ("UNKNOWN_PHONE_NUMBER", world::UNKNOWN_PHONE_NUMBER.uuid()),
    ];
    ids.iter().fold(body.to_owned(), |body, (name, id)| body.replace(&format!("\"{name}\""), &format!("\"{id}\"")))
}

/// What the code answers to an example: the resource as JSON text, or a problem.
pub(crate) fn answer(example: &Example, world: &World) -> anyhow::Result<Result<String, Problem>> {
    let now = world::now()?;
    let key = IdempotencyKey::parse(example.name).context("an example's name")?;
    let ids = IdSource::Derived { owner: domain::Owner::Company(world::COMPANY), route: example.route.key, key: &key };
    if example.route == CREATE_AGENT {
        let profile = match check_body(&AgentShape, example.body.as_bytes()) {
            Ok(checked) => checked.command,
            Err(error) => return Ok(Err(error.into())),
        };
        if let Err(denied) = world.phone_number_of(&profile) {
            return Ok(Err(denied.into()));
        }
        let agent = Agent::new(AgentId::new(ids.id("agent")), world::COMPANY, profile, now);
        return Ok(Ok(serde_json::to_string(&AgentResponse::from(&agent))?));
    }
    let request = match check_body(&InterviewShape { now }, example.body.as_bytes()) {
        Ok(checked) if checked.untimely.is_empty() => checked.command,
        Ok(checked) => return Err(anyhow!("{}: {:?}", example.name, checked.untimely)),
        Err(error) => return Ok(Err(error.into())),
    };
    let referenced = match world.resolve(&request) {
        Ok(referenced) => referenced,
        Err(denied) => return Ok(Err(denied.into())),
    };
    match request.decide(world::COMPANY, &referenced, NewInterviewIds::from_source(&ids), now) {
        Ok(new) => Ok(Ok(serde_json::to_string(&InterviewResponse::from(&new.interview))?)),
        Err(refusal) => Ok(Err(refusal.into())),
    }
}
