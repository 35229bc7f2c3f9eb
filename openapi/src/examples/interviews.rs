//! Requests for interviews.

use api::ErrorCode;

use super::Row;

pub(crate) const INTERVIEWS: &[Row] = &[
    (
        "existing_at_once",
        "A known candidate and a known agent, now, for the candidate's only job",
        None,
        r#"{"candidateId": "CANDIDATE", "agentId": "AGENT"}"#,
    ),
    (
        "existing_scheduled",
        "A candidate with several jobs, for one of them, at a given time, with data of your own",
        None,
        r#"{
            "candidateId": "CANDIDATE_WITH_TWO_JOBS",
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
