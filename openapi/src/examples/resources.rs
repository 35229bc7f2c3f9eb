//! Requests that change agents, and for candidates and jobs.

use api::{ErrorCode, Route};

use super::PlacedRow;

const VALIDATION_FAILED: Option<ErrorCode> = Some(ErrorCode::ValidationFailed);
const ACCESS_DENIED: Option<ErrorCode> = Some(ErrorCode::ResourceAccessDenied);
const NOT_FOUND: Option<ErrorCode> = Some(ErrorCode::ResourceNotFound);

pub(crate) const RESOURCES: &[PlacedRow] = &[
    (
        Route::ChangeAgent,
        "some_fields",
        "Another duration; what is null is removed, and the rest stays",
        None,
        "/agents/AGENT",
        Some(r#"{"duration": 45, "instructions": null, "metadata": {"team": "south"}}"#),
    ),
    (
        Route::ChangeAgent,
        "nothing",
        "An empty patch shows the agent as it is",
        None,
        "/agents/GENERIC_AGENT",
        Some("{}"),
    ),
    (
        Route::ChangeAgent,
        "to_phone",
        "An agent that meets candidates in the browser becomes one that calls",
        None,
        "/agents/RETIRED_AGENT",
        Some(r#"{"type": "PHONE", "companyPhoneNumberId": "PHONE_NUMBER"}"#),
    ),
    (
        Route::ChangeAgent,
        "phone_without_number",
        "The result must be an agent that could be created: one that calls needs a number",
        VALIDATION_FAILED,
        "/agents/AGENT",
        Some(r#"{"type": "PHONE", "name": null}"#),
    ),
    (
        Route::ChangeAgent,
        "foreign_phone_number",
        "A telephone number of another company",
        ACCESS_DENIED,
        "/agents/AGENT",
        Some(r#"{"companyPhoneNumberId": "FOREIGN_PHONE_NUMBER"}"#),
    ),
    (Route::ChangeAgent, "unknown", "An agent that does not exist", NOT_FOUND, "/agents/UNKNOWN_AGENT", Some("{}")),
    (Route::DeleteAgent, "retired", "An agent that is no longer needed", None, "/agents/RETIRED_AGENT", None),
    (Route::DeleteAgent, "foreign", "An agent of another company", ACCESS_DENIED, "/agents/FOREIGN_AGENT", None),
    (Route::DeleteAgent, "unknown", "An agent that does not exist", NOT_FOUND, "/agents/UNKNOWN_AGENT", None),
    (Route::DeleteAgent, "no_id", "What is no UUID", VALIDATION_FAILED, "/agents/17", None),
    (
        Route::CreateCandidate,
        "talent_pool",
        "As short as can be: a candidate without a job",
        None,
        "/candidates",
        Some(
            r#"{
            "firstName": "Ada",
            "lastName": "Nagyová",
            "gdprExpiryDate": "2040-12-31",
            "email": "ada.nagyova@example.com"
        }"#,
        ),
    ),
    (
        Route::CreateCandidate,
        "every_field",
        "Every field: a candidate for two jobs",
        None,
        "/candidates",
        Some(
            r#"{
            "firstName": "Ada",
            "lastName": "Nagyová",
            "gdprExpiryDate": "2040-12-31",
            "email": "ada.nagyova@example.com",
            "phoneNumber": "+421901234568",
            "jobIds": ["JOB", "OTHER_JOB"],
            "status": "IN_PROCESS",
            "metadata": {"source": "fair"}
        }"#,
        ),
    ),
    (
        Route::CreateCandidate,
        "unreachable",
        "An address or a number is needed, and a date that is still to come",
        VALIDATION_FAILED,
        "/candidates",
        Some(r#"{"firstName": "Ada", "lastName": "Nagyová", "gdprExpiryDate": "2020-12-31"}"#),
    ),
    (
        Route::CreateCandidate,
        "foreign_job",
        "A job of another company",
        ACCESS_DENIED,
        "/candidates",
        Some(
            r#"{
            "firstName": "Ada",
            "lastName": "Nagyová",
            "gdprExpiryDate": "2040-12-31",
            "email": "ada.nagyova@example.com",
            "jobId": "FOREIGN_JOB"
        }"#,
        ),
    ),
    (
        Route::CreateCandidate,
        "unknown_job",
        "A job that does not exist",
        NOT_FOUND,
        "/candidates",
        Some(
            r#"{
            "firstName": "Ada",
            "lastName": "Nagyová",
            "gdprExpiryDate": "2040-12-31",
            "email": "ada.nagyova@example.com",
            "jobId": "UNKNOWN_JOB"
        }"#,
        ),
    ),
    (
        Route::ChangeCandidate,
        "status",
        "The application goes on",
        None,
        "/candidates/CANDIDATE",
        Some(r#"{"status": "IN_PROCESS", "metadata": {"interviewer": "Eva"}}"#),
    ),
    (
        Route::ChangeCandidate,
        "jobs",
        "Other jobs in place of those before",
        None,
        "/candidates/CANDIDATE_WITH_TWO_JOBS",
        Some(r#"{"jobIds": ["OTHER_JOB", "JOB"]}"#),
    ),
    (
        Route::ChangeCandidate,
        "unreachable",
        "The last way to reach a candidate can't be removed, and jobs are named by jobIds",
        VALIDATION_FAILED,
        "/candidates/CANDIDATE_WITH_TWO_JOBS",
        Some(r#"{"email": null, "jobId": "JOB"}"#),
    ),
    (
        Route::ChangeCandidate,
        "foreign",
        "A candidate of another company",
        ACCESS_DENIED,
        "/candidates/FOREIGN_CANDIDATE",
        Some("{}"),
    ),
    (
        Route::ChangeCandidate,
        "unknown",
        "A candidate that does not exist",
        NOT_FOUND,
        "/candidates/UNKNOWN_CANDIDATE",
        Some("{}"),
    ),
    (
        Route::ChangeCandidate,
        "unknown_job",
        "A job that does not exist",
        NOT_FOUND,
        "/candidates/CANDIDATE",
        Some(r#"{"jobIds": ["UNKNOWN_JOB"]}"#),
    ),
    (Route::CreateJob, "title", "As short as can be", None, "/jobs", Some(r#"{"title": "Warehouse operator"}"#)),
    (
        Route::CreateJob,
        "every_field",
        "Every field",
        None,
        "/jobs",
        Some(
            r#"{
            "title": "Warehouse lead",
            "description": "Leads a team of ten in two shifts.",
            "jobUrl": "https://example.com/jobs/warehouse-lead",
            "benefits": "Meal vouchers, a week of holidays more",
            "requiredSkills": ["Leading people"],
            "niceToHaveSkills": ["Forklift licence"],
            "languageRequirements": [{"language": "SK", "proficiency": "C1"}],
            "education": ["SECONDARY_WITH_DIPLOMA", "BACHELOR_LEVEL"],
            "experience": "ONE_TO_3_YEARS",
            "contractType": "FULL_TIME",
            "status": "OPEN",
            "location": {
                "workMode": "ONSITE",
                "street": "Hlavná 1",
                "city": "Košice",
                "postalCode": "040 01",
                "countryCode": "SK"
            },
            "salary": {"min": 1500, "max": 2000.5, "currency": "EUR", "period": "MONTHLY"},
            "metadata": {"ref": 17}
        }"#,
        ),
    ),
    (
        Route::CreateJob,
        "several_mistakes",
        "All broken rules are named at once",
        VALIDATION_FAILED,
        "/jobs",
        Some(r#"{"title": "Lead", "salary": {"min": 2000, "max": 1500}, "location": {"countryCode": "Slovakia"}}"#),
    ),
    (
        Route::ChangeJob,
        "some_fields",
        "Objects are merged: the salary keeps what the patch does not name",
        None,
        "/jobs/OTHER_JOB",
        Some(r#"{"status": "CLOSED", "salary": {"currency": "EUR", "min": 1800}}"#),
    ),
    (
        Route::ChangeJob,
        "no_title",
        "A job keeps its title",
        VALIDATION_FAILED,
        "/jobs/OTHER_JOB",
        Some(r#"{"title": null}"#),
    ),
    (Route::ChangeJob, "foreign", "A job of another company", ACCESS_DENIED, "/jobs/FOREIGN_JOB", Some("{}")),
    (Route::ChangeJob, "unknown", "A job that does not exist", NOT_FOUND, "/jobs/UNKNOWN_JOB", Some("{}")),
    (Route::DeleteJob, "retired", "A job that is no longer needed", None, "/jobs/RETIRED_JOB", None),
    (Route::DeleteJob, "foreign", "A job of another company", ACCESS_DENIED, "/jobs/FOREIGN_JOB", None),
    (Route::DeleteJob, "unknown", "A job that does not exist", NOT_FOUND, "/jobs/UNKNOWN_JOB", None),
    (Route::DeleteJob, "no_id", "What is no UUID", VALIDATION_FAILED, "/jobs/17", None),
];
