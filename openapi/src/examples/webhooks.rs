//! Requests for webhooks and their deliveries.

use api::{ErrorCode, Route};

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
        Route::CreateWebhook,
        "shortest",
        "As short as can be",
        None,
        "/webhooks",
        Some(r#"{"url": "https://hooks.example.com/events", "events": ["interview.completed", "analysis.completed"]}"#),
    ),
    (
        Route::CreateWebhook,
        "every_field",
        "Every field; the company is the key's own",
        None,
        "/webhooks",
        Some(
            r#"{
            "url": "https://hooks.example.com/greenroom?tenant=17",
            "events": ["interview.completed", "interview.failed", "analysis.completed", "analysis.failed"],
            "name": "Data warehouse",
            "description": "Loads results every night.\nAsk the data team.",
            "headers": [{"name": "Authorization", "value": "Bearer warehouse-token"}],
            "companyId": "COMPANY"
        }"#,
        ),
    ),
    (
        Route::CreateWebhook,
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
        Route::CreateWebhook,
        "another_company",
        "A company that is not the key's",
        ACCESS_DENIED,
        "/webhooks",
        Some(r#"{"url": "https://example.com/greenroom", "events": ["ping"], "companyId": "OTHER_COMPANY"}"#),
    ),
    (Route::ListWebhooks, "all", "All of the company's webhooks", None, "/webhooks", None),
    (Route::GetWebhook, "own", OWN, None, "/webhooks/WEBHOOK", None),
    (
        Route::GetWebhook,
        "failing",
        "A webhook whose endpoint has failed for long",
        None,
        "/webhooks/FAILING_WEBHOOK",
        None,
    ),
    (Route::GetWebhook, "foreign", FOREIGN, ACCESS_DENIED, "/webhooks/FOREIGN_WEBHOOK", None),
    (Route::GetWebhook, "unknown", UNKNOWN, NOT_FOUND, "/webhooks/UNKNOWN_WEBHOOK", None),
    (Route::GetWebhook, "no_id", NO_ID, VALIDATION_FAILED, "/webhooks/17", None),
    (
        Route::ChangeWebhook,
        "pause",
        "Nothing is announced from now on",
        None,
        "/webhooks/WEBHOOK",
        Some(r#"{"isActive": false}"#),
    ),
    (
        Route::ChangeWebhook,
        "resume",
        "Goes on, if it was paused; else nothing changes",
        None,
        "/webhooks/FAILING_WEBHOOK",
        Some(r#"{"isActive": true}"#),
    ),
    (
        Route::ChangeWebhook,
        "every_field",
        "Another endpoint, other events, other headers",
        None,
        "/webhooks/FAILING_WEBHOOK",
        Some(
            r#"{
            "url": "https://hooks.example.com/v2",
            "events": ["interview.started", "interview.failed"],
            "name": "Second version",
            "description": "Takes over from the first.",
            "headers": [{"name": "X-Team", "value": "north"}, {"name": "X-Token", "value": "another-token"}],
            "companyId": "COMPANY",
            "isActive": true
        }"#,
        ),
    ),
    (
        Route::ChangeWebhook,
        "plain",
        "Without a name, a description and headers of its own",
        None,
        "/webhooks/WEBHOOK",
        Some(r#"{"name": null, "description": null, "headers": null}"#),
    ),
    (
        Route::ChangeWebhook,
        "no_address",
        "What is required can't be removed",
        VALIDATION_FAILED,
        "/webhooks/WEBHOOK",
        Some(r#"{"url": null, "events": null}"#),
    ),
    (
        Route::ChangeWebhook,
        "same_header_twice",
        "No two headers of one name",
        VALIDATION_FAILED,
        "/webhooks/WEBHOOK",
        Some(r#"{"headers": [{"name": "X-Team", "value": "north"}, {"name": "x-team", "value": "south"}]}"#),
    ),
    (
        Route::ChangeWebhook,
        "no_event",
        "At least one event",
        VALIDATION_FAILED,
        "/webhooks/WEBHOOK",
        Some(r#"{"events": []}"#),
    ),
    (Route::ChangeWebhook, "foreign", FOREIGN, ACCESS_DENIED, "/webhooks/FOREIGN_WEBHOOK", Some(r#"{"name": "Mine"}"#)),
    (Route::ChangeWebhook, "unknown", UNKNOWN, NOT_FOUND, "/webhooks/UNKNOWN_WEBHOOK", Some(r#"{"name": "Mine"}"#)),
    (Route::DeleteWebhook, "retired", "A webhook that is no longer needed", None, "/webhooks/RETIRED_WEBHOOK", None),
    (Route::DeleteWebhook, "foreign", FOREIGN, ACCESS_DENIED, "/webhooks/FOREIGN_WEBHOOK", None),
    (Route::DeleteWebhook, "unknown", UNKNOWN, NOT_FOUND, "/webhooks/UNKNOWN_WEBHOOK", None),
    (Route::DeleteWebhook, "no_id", NO_ID, VALIDATION_FAILED, "/webhooks/17", None),
    (Route::TestWebhook, "taken", "The endpoint takes the ping", None, "/webhooks/WEBHOOK/test", None),
    (Route::TestWebhook, "unreachable", "Nobody answers", None, "/webhooks/FAILING_WEBHOOK/test", None),
    (Route::TestWebhook, "foreign", FOREIGN, ACCESS_DENIED, "/webhooks/FOREIGN_WEBHOOK/test", None),
    (Route::TestWebhook, "unknown", UNKNOWN, NOT_FOUND, "/webhooks/UNKNOWN_WEBHOOK/test", None),
    (Route::TestWebhook, "no_id", NO_ID, VALIDATION_FAILED, "/webhooks/17/test", None),
    (Route::RotateWebhookSecret, "own", OWN, None, "/webhooks/WEBHOOK/rotate-secret", None),
    (Route::RotateWebhookSecret, "foreign", FOREIGN, ACCESS_DENIED, "/webhooks/FOREIGN_WEBHOOK/rotate-secret", None),
    (Route::RotateWebhookSecret, "unknown", UNKNOWN, NOT_FOUND, "/webhooks/UNKNOWN_WEBHOOK/rotate-secret", None),
    (Route::RotateWebhookSecret, "no_id", NO_ID, VALIDATION_FAILED, "/webhooks/17/rotate-secret", None),
    (
        Route::ResetWebhookCircuit,
        "failing",
        "A webhook whose endpoint is well again",
        None,
        "/webhooks/FAILING_WEBHOOK/reset-circuit",
        None,
    ),
    (Route::ResetWebhookCircuit, "foreign", FOREIGN, ACCESS_DENIED, "/webhooks/FOREIGN_WEBHOOK/reset-circuit", None),
    (Route::ResetWebhookCircuit, "unknown", UNKNOWN, NOT_FOUND, "/webhooks/UNKNOWN_WEBHOOK/reset-circuit", None),
    (Route::ResetWebhookCircuit, "no_id", NO_ID, VALIDATION_FAILED, "/webhooks/17/reset-circuit", None),
    (Route::ListDeliveries, "newest", "The newest deliveries", None, "/webhooks/WEBHOOK/deliveries", None),
    (
        Route::ListDeliveries,
        "first_page",
        "A page of one, and where the next begins",
        None,
        "/webhooks/WEBHOOK/deliveries?limit=1",
        None,
    ),
    (
        Route::ListDeliveries,
        "next_page",
        "What comes after a delivery",
        None,
        "/webhooks/WEBHOOK/deliveries?cursor=AFTER_DELIVERY",
        None,
    ),
    (
        Route::ListDeliveries,
        "too_many",
        "More than a page can have",
        VALIDATION_FAILED,
        "/webhooks/WEBHOOK/deliveries?limit=101",
        None,
    ),
    (Route::ListDeliveries, "foreign", FOREIGN, ACCESS_DENIED, "/webhooks/FOREIGN_WEBHOOK/deliveries", None),
    (Route::ListDeliveries, "unknown", UNKNOWN, NOT_FOUND, "/webhooks/UNKNOWN_WEBHOOK/deliveries", None),
    (
        Route::Redeliver,
        "failed",
        "A delivery that was given up",
        None,
        "/webhooks/WEBHOOK/deliveries/FAILED_DELIVERY/redeliver",
        None,
    ),
    (
        Route::Redeliver,
        "foreign",
        FOREIGN,
        ACCESS_DENIED,
        "/webhooks/FOREIGN_WEBHOOK/deliveries/FAILED_DELIVERY/redeliver",
        None,
    ),
    (
        Route::Redeliver,
        "unknown",
        "A delivery that does not exist, or is forgotten",
        NOT_FOUND,
        "/webhooks/WEBHOOK/deliveries/UNKNOWN_DELIVERY/redeliver",
        None,
    ),
    (Route::Redeliver, "no_id", NO_ID, VALIDATION_FAILED, "/webhooks/WEBHOOK/deliveries/17/redeliver", None),
];
