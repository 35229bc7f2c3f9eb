//! Requests for webhooks and their deliveries.

use api::{
    CHANGE_WEBHOOK, CREATE_WEBHOOK, DELETE_WEBHOOK, ErrorCode, GET_WEBHOOK, LIST_DELIVERIES, LIST_WEBHOOKS, REDELIVER,
    RESET_WEBHOOK_CIRCUIT, ROTATE_WEBHOOK_SECRET, TEST_WEBHOOK,
};

use super::PlacedRow;

const OWN: &str = "One of the company's webhooks";
const FOREIGN: &str = "A webhook of another company";
const UNKNOWN: &str = "A webhook that does not exist";
const NO_ID: &str = "What is no id";

const VALIDATION_FAILED: Option<ErrorCode> = Some(ErrorCode::ValidationFailed);
const ACCESS_DENIED: Option<ErrorCode> = Some(ErrorCode::ResourceAccessDenied);
const NOT_FOUND: Option<ErrorCode> = Some(ErrorCode::ResourceNotFound);

pub(crate) const WEBHOOKS: &[PlacedRow] = &[
    (
        CREATE_WEBHOOK,
        "shortest",
        "As short as can be",
        None,
        "/webhooks",
        Some(r#"{"url": "https://example.com/greenroom", "events": ["interview.completed", "analysis.completed"]}"#),
    ),
    (
        CREATE_WEBHOOK,
        "every_field",
        "Every field; the company is the key's own",
        None,
        "/webhooks",
        Some(
            r#"{
            "url": "https://hooks.example.com/greenroom?tenant=17",
            "events": ["INTERVIEW_COMPLETED", "INTERVIEW_FAILED", "ANALYSIS_COMPLETED", "ANALYSIS_FAILED"],
            "name": "Data warehouse",
            "description": "Loads results every night.\nAsk the data team.",
            "headers": [{"name": "Authorization", "value": "Bearer warehouse-token"}],
            "companyId": "COMPANY"
        }"#,
        ),
    ),
    (
        CREATE_WEBHOOK,
        "several_mistakes",
        "All broken rules are named at once",
        VALIDATION_FAILED,
        "/webhooks",
        Some(
            r#"{
            "url": "http://example.com/greenroom",
            "events": ["interview.ended"],
            "headers": [{"name": "Content-Type", "value": "text/plain"}],
            "secret": "s"
        }"#,
        ),
    ),
    (
        CREATE_WEBHOOK,
        "another_company",
        "A company that is not the key's",
        ACCESS_DENIED,
        "/webhooks",
        Some(r#"{"url": "https://example.com/greenroom", "events": ["ping"], "companyId": "OTHER_COMPANY"}"#),
    ),
    (LIST_WEBHOOKS, "all", "All of the company's webhooks", None, "/webhooks", None),
    (GET_WEBHOOK, "own", OWN, None, "/webhooks/WEBHOOK", None),
    (GET_WEBHOOK, "failing", "A webhook whose endpoint has failed for long", None, "/webhooks/FAILING_WEBHOOK", None),
    (GET_WEBHOOK, "foreign", FOREIGN, ACCESS_DENIED, "/webhooks/FOREIGN_WEBHOOK", None),
    (GET_WEBHOOK, "unknown", UNKNOWN, NOT_FOUND, "/webhooks/UNKNOWN_WEBHOOK", None),
    (GET_WEBHOOK, "no_id", NO_ID, VALIDATION_FAILED, "/webhooks/17", None),
    (
        CHANGE_WEBHOOK,
        "pause",
        "Nothing is announced from now on",
        None,
        "/webhooks/WEBHOOK",
        Some(r#"{"isActive": false}"#),
    ),
    (
        CHANGE_WEBHOOK,
        "resume",
        "Goes on, its failures forgotten",
        None,
        "/webhooks/FAILING_WEBHOOK",
        Some(r#"{"isActive": true}"#),
    ),
    (
        CHANGE_WEBHOOK,
        "every_field",
        "Another endpoint, other events, other headers",
        None,
        "/webhooks/WEBHOOK",
        Some(
            r#"{
            "url": "https://hooks.example.com/v2",
            "events": ["interview.started", "interview.failed"],
            "name": "Second version",
            "description": "",
            "headers": [{"name": "X-Team", "value": "north"}, {"name": "X-Token", "value": "another-token"}],
            "companyId": "COMPANY",
            "isActive": true
        }"#,
        ),
    ),
    (
        CHANGE_WEBHOOK,
        "same_header_twice",
        "No two headers of one name",
        VALIDATION_FAILED,
        "/webhooks/WEBHOOK",
        Some(r#"{"headers": [{"name": "X-Team", "value": "north"}, {"name": "x-team", "value": "south"}]}"#),
    ),
    (
        CHANGE_WEBHOOK,
        "no_event",
        "At least one event",
        VALIDATION_FAILED,
        "/webhooks/WEBHOOK",
        Some(r#"{"events": []}"#),
    ),
    (CHANGE_WEBHOOK, "foreign", FOREIGN, ACCESS_DENIED, "/webhooks/FOREIGN_WEBHOOK", Some(r#"{"name": "Mine"}"#)),
    (CHANGE_WEBHOOK, "unknown", UNKNOWN, NOT_FOUND, "/webhooks/UNKNOWN_WEBHOOK", Some(r#"{"name": "Mine"}"#)),
    (DELETE_WEBHOOK, "own", OWN, None, "/webhooks/WEBHOOK", None),
    (DELETE_WEBHOOK, "foreign", FOREIGN, ACCESS_DENIED, "/webhooks/FOREIGN_WEBHOOK", None),
    (DELETE_WEBHOOK, "unknown", UNKNOWN, NOT_FOUND, "/webhooks/UNKNOWN_WEBHOOK", None),
    (DELETE_WEBHOOK, "no_id", NO_ID, VALIDATION_FAILED, "/webhooks/17", None),
    (TEST_WEBHOOK, "taken", "The endpoint takes the ping", None, "/webhooks/WEBHOOK/test", None),
    (TEST_WEBHOOK, "unreachable", "Nobody answers", None, "/webhooks/FAILING_WEBHOOK/test", None),
    (TEST_WEBHOOK, "foreign", FOREIGN, ACCESS_DENIED, "/webhooks/FOREIGN_WEBHOOK/test", None),
    (TEST_WEBHOOK, "unknown", UNKNOWN, NOT_FOUND, "/webhooks/UNKNOWN_WEBHOOK/test", None),
    (TEST_WEBHOOK, "no_id", NO_ID, VALIDATION_FAILED, "/webhooks/17/test", None),
    (ROTATE_WEBHOOK_SECRET, "own", OWN, None, "/webhooks/WEBHOOK/rotate-secret", None),
    (ROTATE_WEBHOOK_SECRET, "foreign", FOREIGN, ACCESS_DENIED, "/webhooks/FOREIGN_WEBHOOK/rotate-secret", None),
    (ROTATE_WEBHOOK_SECRET, "unknown", UNKNOWN, NOT_FOUND, "/webhooks/UNKNOWN_WEBHOOK/rotate-secret", None),
    (ROTATE_WEBHOOK_SECRET, "no_id", NO_ID, VALIDATION_FAILED, "/webhooks/17/rotate-secret", None),
    (
        RESET_WEBHOOK_CIRCUIT,
        "failing",
        "A webhook whose endpoint is well again",
        None,
        "/webhooks/FAILING_WEBHOOK/reset-circuit",
        None,
    ),
    (RESET_WEBHOOK_CIRCUIT, "foreign", FOREIGN, ACCESS_DENIED, "/webhooks/FOREIGN_WEBHOOK/reset-circuit", None),
    (RESET_WEBHOOK_CIRCUIT, "unknown", UNKNOWN, NOT_FOUND, "/webhooks/UNKNOWN_WEBHOOK/reset-circuit", None),
    (RESET_WEBHOOK_CIRCUIT, "no_id", NO_ID, VALIDATION_FAILED, "/webhooks/17/reset-circuit", None),
    (LIST_DELIVERIES, "newest", "The newest deliveries", None, "/webhooks/WEBHOOK/deliveries", None),
    (
        LIST_DELIVERIES,
        "first_page",
        "A page of one, and where the next begins",
        None,
        "/webhooks/WEBHOOK/deliveries?limit=1",
        None,
    ),
    (
        LIST_DELIVERIES,
        "next_page",
        "What comes after a delivery",
        None,
        "/webhooks/WEBHOOK/deliveries?cursor=DELIVERY",
        None,
    ),
    (
        LIST_DELIVERIES,
        "too_many",
        "More than a page can have",
        VALIDATION_FAILED,
        "/webhooks/WEBHOOK/deliveries?limit=101",
        None,
    ),
    (LIST_DELIVERIES, "foreign", FOREIGN, ACCESS_DENIED, "/webhooks/FOREIGN_WEBHOOK/deliveries", None),
    (LIST_DELIVERIES, "unknown", UNKNOWN, NOT_FOUND, "/webhooks/UNKNOWN_WEBHOOK/deliveries", None),
    (
        REDELIVER,
        "failed",
        "A delivery that was given up",
        None,
        "/webhooks/WEBHOOK/deliveries/FAILED_DELIVERY/redeliver",
        None,
    ),
    (
        REDELIVER,
        "foreign",
        FOREIGN,
        ACCESS_DENIED,
        "/webhooks/FOREIGN_WEBHOOK/deliveries/FAILED_DELIVERY/redeliver",
        None,
    ),
    (
        REDELIVER,
        "unknown",
        "A delivery that does not exist, or is forgotten",
        NOT_FOUND,
        "/webhooks/WEBHOOK/deliveries/UNKNOWN_DELIVERY/redeliver",
        None,
    ),
    (REDELIVER, "no_id", NO_ID, VALIDATION_FAILED, "/webhooks/WEBHOOK/deliveries/17/redeliver", None),
];
