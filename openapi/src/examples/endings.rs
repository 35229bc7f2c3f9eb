//! Requests that change or end interviews, and that delete candidates.

use api::{ErrorCode, Route};

use super::PlacedRow;

const FOREIGN: &str = "An interview of another company";
const UNKNOWN: &str = "An interview that does not exist";

pub(crate) const ENDINGS: &[PlacedRow] = &[
    (
        Route::ChangeInterview,
        "another_time",
        "At another time, with a note",
        None,
        "/interviews/MOVED_INTERVIEW",
        Some(r#"{"scheduleTime": "2026-12-03T14:00:00+01:00", "metadata": {"note": "asked for the afternoon"}}"#),
    ),
    (
        Route::ChangeInterview,
        "metadata",
        "Of an interview that is over, only metadata can be changed",
        None,
        "/interviews/INTERVIEW",
        Some(r#"{"metadata": {"reviewed": true}}"#),
    ),
    (
        Route::ChangeInterview,
        "completed",
        "The time of an interview that is over",
        Some(ErrorCode::InvalidState),
        "/interviews/INTERVIEW",
        Some(r#"{"scheduleTime": "2026-12-03T14:00:00+01:00"}"#),
    ),
    (
        Route::ChangeInterview,
        "several_mistakes",
        "All broken rules are named at once",
        Some(ErrorCode::ValidationFailed),
        "/interviews/MOVED_INTERVIEW",
        Some(r#"{"scheduleTime": null, "metadata": "none", "status": "CANCELLED"}"#),
    ),
    (
        Route::ChangeInterview,
        "foreign",
        FOREIGN,
        Some(ErrorCode::ResourceAccessDenied),
        "/interviews/FOREIGN_INTERVIEW",
        Some(r#"{"metadata": {"reviewed": true}}"#),
    ),
    (
        Route::ChangeInterview,
        "unknown",
        UNKNOWN,
        Some(ErrorCode::ResourceNotFound),
        "/interviews/UNKNOWN_INTERVIEW",
        Some(r#"{"metadata": {"reviewed": true}}"#),
    ),
    (
        Route::CancelInterview,
        "scheduled",
        "An interview that is still to come: its minutes return",
        None,
        "/interviews/SCHEDULED_INTERVIEW/cancel",
        None,
    ),
    (
        Route::CancelInterview,
        "completed",
        "An interview that has ended",
        Some(ErrorCode::InvalidState),
        "/interviews/INTERVIEW/cancel",
        None,
    ),
    (
        Route::CancelInterview,
        "foreign",
        FOREIGN,
        Some(ErrorCode::ResourceAccessDenied),
        "/interviews/FOREIGN_INTERVIEW/cancel",
        None,
    ),
    (
        Route::CancelInterview,
        "unknown",
        UNKNOWN,
        Some(ErrorCode::ResourceNotFound),
        "/interviews/UNKNOWN_INTERVIEW/cancel",
        None,
    ),
    (
        Route::DeleteInterview,
        "scheduled",
        "An interview that is still to come",
        None,
        "/interviews/OTHER_SCHEDULED_INTERVIEW",
        None,
    ),
    (
        Route::DeleteInterview,
        "foreign",
        FOREIGN,
        Some(ErrorCode::ResourceAccessDenied),
        "/interviews/FOREIGN_INTERVIEW",
        None,
    ),
    (
        Route::DeleteInterview,
        "unknown",
        UNKNOWN,
        Some(ErrorCode::ResourceNotFound),
        "/interviews/UNKNOWN_INTERVIEW",
        None,
    ),
    (
        Route::DeleteCandidate,
        "own",
        "A candidate who no longer wants to be known",
        None,
        "/candidates/LEAVING_CANDIDATE",
        None,
    ),
    (
        Route::DeleteCandidate,
        "foreign",
        "A candidate of another company",
        Some(ErrorCode::ResourceAccessDenied),
        "/candidates/FOREIGN_CANDIDATE",
        None,
    ),
    (
        Route::DeleteCandidate,
        "unknown",
        "A candidate that does not exist",
        Some(ErrorCode::ResourceNotFound),
        "/candidates/UNKNOWN_CANDIDATE",
        None,
    ),
];
