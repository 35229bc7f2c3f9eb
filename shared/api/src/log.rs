//! The one log line of a request. Holds no body, no header and no personal data.

use std::time::Duration;

use domain::company::Owner;
use lambda_http::http::StatusCode;
use runtime::{LogLine, chain, milliseconds};
use serde::Serialize;

use crate::error::ErrorCode;
use crate::problem::Problem;
use crate::reply::Reply;
use crate::request::RequestContext;
use crate::route::Route;

/// The cost of a request at the table; by default zero.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TableCost {
    requests: u32,
    read_units: f64,
    write_units: f64,
    conflicts: u32,
    retries: u32,
    count_failures: u32,
    duration_ms: f64,
}

#[cfg(feature = "admission")]
impl From<store::Cost> for TableCost {
    fn from(cost: store::Cost) -> Self {
        Self {
            requests: cost.requests,
            read_units: cost.read_units,
            write_units: cost.write_units,
            conflicts: cost.conflicts,
            retries: cost.retries,
            count_failures: cost.count_failures,
            duration_ms: milliseconds(cost.time),
        }
    }
}

const BY_ROUTE: &[&str] = &["route"];

pub(crate) fn log_line(
    context: &RequestContext<'_>,
    outcome: &Result<Reply, Problem>,
    duration: Duration,
    cost: &TableCost,
) -> LogLine {
    let (status, code, cause) = match outcome {
        Ok(reply) => (reply.status(), reply.outcome(), None),
        Err(problem) => {
            (problem.code.status(), problem.code.as_str(), problem.cause.as_deref().map(|cause| chain(cause)))
        }
    };
    let (company_id, ats_id) = match context.caller {
        Some((_, Owner::Company(id))) => (Some(id), None),
        Some((_, Owner::Ats(id))) => (None, Some(id)),
        None => (None, None),
    };
    let line = LogLine::new(context.now)
        .field("requestId", &context.request_id)
        .field("traceId", context.trace_id)
        .field("route", context.route_key())
        .field("status", status.as_u16())
        .field("code", code)
        .field("companyId", company_id)
        .field("atsId", ats_id)
        .field("keyId", context.caller.map(|(key_id, _)| key_id))
        .field("durationMs", milliseconds(duration))
        .field("dynamodb", cost)
        .field("error", cause)
        .count(&["route", "code"], "Requests", 1)
        .count(BY_ROUTE, "TransactionConflicts", cost.conflicts.into())
        .count(BY_ROUTE, "StoreRetries", cost.retries.into())
        .count(BY_ROUTE, "RateCountFailures", cost.count_failures.into());
    // A loop is a webhook's fault, not a failure of ours.
    let is_failure = status.is_server_error() && status != StatusCode::LOOP_DETECTED;
    let line = if is_failure { line.failed() } else { line };
    if context.route != Some(Route::CreateInterview) {
        return line;
    }
    let refusal = outcome.as_ref().err().map(|problem| problem.code);
    let billing_refused = matches!(refusal, Some(ErrorCode::BillingLimitExceeded | ErrorCode::SubscriptionInactive));
    line.count(BY_ROUTE, "InterviewsCreated", (code == "CREATED").into()).count(
        BY_ROUTE,
        "BillingRefused",
        billing_refused.into(),
    )
}
