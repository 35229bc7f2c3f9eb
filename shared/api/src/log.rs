//! The one log line of a request, which is at the same time its metrics (CloudWatch embedded metric format).

use std::error::Error;
use std::time::Duration;

use domain::api_key::ApiKeyId;
use domain::company::{AtsId, CompanyId};
use domain::time::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};
use store::Cost;

use crate::caller::Identity;
use crate::error::ErrorCode;
use crate::problem::Problem;
use crate::reply::Reply;
use crate::route::CREATE_INTERVIEW;

const NAMESPACE: &str = "Greenroom";

/// What is known of a request at its end. Holds no body, no header and no personal data.
pub(crate) struct RequestLog<'a> {
    pub time: Timestamp,
    pub request_id: &'a str,
    pub route: &'a str,
    pub caller: Option<Identity>,
    pub outcome: &'a Result<Reply, Problem>,
    pub duration: Duration,
    pub cost: Cost,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Fields<'a> {
    #[serde(rename = "_aws")]
    aws: Value,
    level: &'static str,
    time: Timestamp,
    request_id: &'a str,
    route: &'a str,
    status: u16,
    code: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    company_id: Option<CompanyId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ats_id: Option<AtsId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_id: Option<ApiKeyId>,
    duration_ms: f64,
    dynamodb: DynamoDb,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(rename = "Requests")]
    requests: u32,
    #[serde(rename = "InterviewsCreated", skip_serializing_if = "Option::is_none")]
    interviews_created: Option<u32>,
    #[serde(rename = "BillingRefused", skip_serializing_if = "Option::is_none")]
    billing_refused: Option<u32>,
    #[serde(rename = "TransactionConflicts")]
    transaction_conflicts: u32,
    #[serde(rename = "StoreRetries")]
    store_retries: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DynamoDb {
    requests: u32,
    read_units: f64,
    write_units: f64,
    conflicts: u32,
    retries: u32,
    duration_ms: f64,
}

impl RequestLog<'_> {
    pub fn to_json(&self) -> String {
        let (status, code, error) = match self.outcome {
            Ok(reply) => (reply.kind.status().as_u16(), reply.kind.as_str(), None),
            Err(problem) => (
                problem.code.status().as_u16(),
                problem.code.as_str(),
                problem.cause.as_deref().map(|cause| chain(cause)),
            ),
        };
        let creates_interviews = self.route == CREATE_INTERVIEW.key;
        let fields = Fields {
            aws: self.metrics(creates_interviews),
            level: if status >= 500 { "ERROR" } else { "INFO" },
            time: self.time,
            request_id: self.request_id,
            route: self.route,
            status,
            code,
            company_id: self.caller.and_then(|caller| caller.company_id),
            ats_id: self.caller.and_then(|caller| caller.ats_id),
            key_id: self.caller.map(|caller| caller.key_id),
            duration_ms: milliseconds(self.duration),
            dynamodb: DynamoDb {
                requests: self.cost.requests,
                read_units: self.cost.read_units,
                write_units: self.cost.write_units,
                conflicts: self.cost.conflicts,
                retries: self.cost.retries,
                duration_ms: milliseconds(self.cost.time),
            },
            error,
            requests: 1,
            interviews_created: creates_interviews.then_some(u32::from(code == "CREATED")),
            billing_refused: creates_interviews.then_some(u32::from(self.is_billing_refusal())),
            transaction_conflicts: self.cost.conflicts,
            store_retries: self.cost.retries,
        };
        // Strings and numbers: there is nothing in a line that JSON can't hold.
        serde_json::to_string(&fields).unwrap_or_default()
    }

    fn is_billing_refusal(&self) -> bool {
        let code = self.outcome.as_ref().err().map(|problem| problem.code);
        matches!(code, Some(ErrorCode::BillingLimitExceeded | ErrorCode::SubscriptionInactive))
    }

    /// Which fields are metrics, and by what they are told apart.
    fn metrics(&self, creates_interviews: bool) -> Value {
        let count = |name: &str| json!({"Name": name, "Unit": "Count"});
        let mut by_route = vec![count("TransactionConflicts"), count("StoreRetries")];
        if creates_interviews {
            by_route.extend([count("InterviewsCreated"), count("BillingRefused")]);
        }
        json!({
            "Timestamp": self.time.epoch_ms(),
            "CloudWatchMetrics": [
                {"Namespace": NAMESPACE, "Dimensions": [["route", "code"]], "Metrics": [count("Requests")]},
                {"Namespace": NAMESPACE, "Dimensions": [["route"]], "Metrics": by_route},
            ],
        })
    }
}

fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e3
}

/// An error with all its causes, outermost first: for logs.
pub fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
