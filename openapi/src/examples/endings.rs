//! Requests that end interviews.

use api::{ErrorCode, Route};

use super::PlacedRow;

const FOREIGN: &str = "An interview of another company";
const UNKNOWN: &str = "An interview that does not exist";

pub(crate) const ENDINGS: &[PlacedRow] = &[
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
];
