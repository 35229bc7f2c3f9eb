//! Refusals, as RFC 9457 problem documents.

use std::error::Error;
use std::sync::Arc;

use domain::allowance::ChargeRefusal;
use domain::api_key::{ApiKeyRefusal, Scope};
use domain::candidate::CANDIDATE_JOBS_MAX;
use domain::interview::{InterviewRefusal, InterviewStatus};
use domain::job::JobId;
use domain::limits::{RateLimited, Window};
use domain::resource::{AccessError, Resource, ResourceType};
use domain::time::Timestamp;
use serde::Serialize;
use uuid::Uuid;
use validation::{BodyError, Issue, IssueList};

use crate::error::ErrorCode;

/// Largest body. In ASCII and without escapes, a webhook with every field at its limit needs less than nine tenths of it,
/// nearly all for its headers; any other request less than a third.
pub const BODY_MAX_BYTES: usize = 256 * 1024;

/// Seconds after which a request that met a passing failure may be repeated.
pub(crate) const RETRY_AFTER_SECONDS: u32 = 1;

/// A refused request: the answer to the caller and, apart from it, the cause for the log.
#[derive(Debug, Clone)]
pub struct Problem {
    pub(crate) code: ErrorCode,
    pub(crate) detail: String,
    pub(crate) details: Details,
    /// The cause, for the log only.
    pub(crate) cause: Option<Arc<dyn Error + Send + Sync>>,
}

/// The members of a problem document that only some codes have.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged, rename_all_fields = "camelCase")]
pub enum Details {
    /// None.
    None {},
    /// Where JSON ended to be JSON; both count from 1, the column in bytes.
    Position {
        /// The line.
        line: usize,
        /// The place on it.
        column: usize,
    },
    /// Every broken rule, up to a limit.
    Errors(IssueList),
    /// What the candidate could be interviewed for.
    Jobs {
        /// The candidate's jobs.
        job_ids: Vec<JobId>,
    },
    /// About a suspended key.
    Suspension {
        /// Since when.
        #[serde(skip_serializing_if = "Option::is_none")]
        suspended_at: Option<Timestamp>,
        /// Why.
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// About the allowance.
    Allowance {
        /// What the interview needs.
        required_minutes: u64,
        /// What is left, in whole minutes.
        remaining_minutes: u64,
        /// When minutes are granted anew.
        #[serde(skip_serializing_if = "Option::is_none")]
        resets_at: Option<Timestamp>,
    },
    /// About scopes.
    Scopes {
        /// What the route needs.
        required_scopes: Vec<Scope>,
        /// What the key lacks of it.
        missing_scopes: Vec<Scope>,
    },
    /// About a named resource.
    Resource {
        /// What kind it is.
        resource_type: ResourceType,
        /// The id by which it was named.
        resource_id: Uuid,
    },
    /// About the status of a resource.
    State {
        /// How far the resource is.
        resource_status: InterviewStatus,
    },
    /// About a number that is bounded.
    Limit {
        /// The most that there may be at a time.
        limit: usize,
    },
    /// About a limit of use.
    Rate {
        /// The most that there may be in the while.
        limit: u32,
        /// What is left of it.
        remaining: u32,
        /// When requests are taken again.
        resets_at: Timestamp,
    },
    /// About methods.
    Methods {
        /// What the route has, for the header `Allow`.
        #[serde(skip)]
        allow: Vec<&'static str>,
    },
}

/// A problem document (RFC 9457), as the caller of the API gets it.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ProblemDocument<'a> {
    /// What kind of problem it is: a name for each `code`.
    r#type: String,
    /// What the code means.
    title: &'static str,
    /// The status of the answer.
    status: u16,
    /// What happened, for people. The words may change.
    detail: &'a str,
    /// What happened, for programs.
    code: ErrorCode,
    /// Names this request alone; also in the header `X-Request-Id`.
    request_id: &'a str,
    #[serde(flatten)]
    #[cfg_attr(feature = "schema", schemars(skip))]
    details: &'a Details,
}

impl ProblemDocument<'_> {
    /// The code.
    pub fn code(&self) -> ErrorCode {
        self.code
    }
}

impl Problem {
    /// The problem document, as the caller gets it.
    pub fn document<'a>(&'a self, request_id: &'a str) -> ProblemDocument<'a> {
        ProblemDocument {
            r#type: self.code.type_uri(),
            title: self.code.title(),
            status: self.code.status().as_u16(),
            detail: &self.detail,
            code: self.code,
            request_id,
            details: &self.details,
        }
    }

    fn new(code: ErrorCode, detail: impl Into<String>, details: Details) -> Self {
        Self { code, detail: detail.into(), details, cause: None }
    }

    /// A defect of ours. The cause is for the log.
    pub fn internal(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        let detail = "The request could not be carried out. Tell us its requestId if this goes on.";
        Self { cause: Some(Arc::from(cause.into())), ..Self::new(ErrorCode::Internal, detail, Details::None {}) }
    }

    /// A passing failure of something that we depend on. The cause is for the log.
    pub fn temporarily_unavailable(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        let detail = "The request could not be carried out now, and may or may not have taken effect. Repeat it with \
                      the same Idempotency-Key after the time in Retry-After.";
        Self {
            cause: Some(Arc::from(cause.into())),
            ..Self::new(ErrorCode::TemporarilyUnavailable, detail, Details::None {})
        }
    }

    /// A failure of something that we depend on. The cause is for the log.
    pub fn failure(cause: impl Into<Box<dyn Error + Send + Sync>>, is_passing: bool) -> Self {
        if is_passing { Self::temporarily_unavailable(cause) } else { Self::internal(cause) }
    }

    /// No route has this path. The URL is that of the OpenAPI document, if it is published.
    pub fn route_not_found(document_url: Option<&str>) -> Self {
        // Nothing behind the URL, which programs and terminals find in the text.
        let end = document_url.map_or_else(|| ".".to_owned(), |url| format!(": {url}"));
        let detail = format!("No route has this path. The routes are listed in the OpenAPI document{end}");
        Self::new(ErrorCode::RouteNotFound, detail, Details::None {})
    }

    /// The path has other methods than this.
    pub fn method_not_allowed(allow: Vec<&'static str>) -> Self {
        let detail = format!("This path takes {}.", allow.join(", "));
        Self::new(ErrorCode::MethodNotAllowed, detail, Details::Methods { allow })
    }

    /// The idempotency key belongs to another request.
    pub fn idempotency_key_reused() -> Self {
        let detail =
            "This idempotency key created something from a different request. Use a new key for a new request.";
        Self::new(ErrorCode::IdempotencyKeyReused, detail, Details::None {})
    }

    /// A key that is used too often.
    pub fn rate_limited(window: Window) -> Self {
        let Window { limit, remaining, resets_at } = window;
        let detail = format!("The key's {limit} requests are used up until {resets_at}. Nothing was done.");
        Self::new(ErrorCode::RateLimited, detail, Details::Rate { limit, remaining, resets_at })
    }

    /// A key that is missing or not valid.
    pub fn invalid_api_key() -> Self {
        let detail = "Send a valid key as `Authorization: Bearer sk_…`.";
        Self::new(ErrorCode::InvalidApiKey, detail, Details::None {})
    }

    /// The key acts for several companies, and none is named.
    pub fn company_id_required() -> Self {
        let detail = "This key acts for several companies: name one by the query parameter companyId.";
        Self::new(ErrorCode::CompanyIdRequired, detail, Details::None {})
    }

    /// A key that acts for one company, where only those of systems are of use. No scope would help.
    pub fn system_key_required() -> Self {
        let detail = "This route is for keys of applicant tracking systems; yours acts for one company.";
        let details = Details::Scopes { required_scopes: Vec::new(), missing_scopes: Vec::new() };
        Self::new(ErrorCode::InsufficientPermissions, detail, details)
    }

    /// A limit that is reached: at most `limit` of `what` may exist.
    pub fn limit_reached(what: &str, limit: usize) -> Self {
        let detail = format!("There may be at most {limit} {what} at a time.");
        Self::new(ErrorCode::LimitReached, detail, Details::Limit { limit })
    }

    /// The resource is not of a version that `If-Match` names.
    pub fn precondition_failed() -> Self {
        let detail =
            "The resource has changed: If-Match names no version that it has now. Read it again, and decide again.";
        Self::new(ErrorCode::PreconditionFailed, detail, Details::None {})
    }

    /// The interview's status does not allow the change.
    pub fn invalid_state(resource_status: InterviewStatus) -> Self {
        let detail = format!("An interview that is {resource_status} can't be changed like this.");
        Self::new(ErrorCode::InvalidState, detail, Details::State { resource_status })
    }

    /// The body is too large.
    pub fn payload_too_large() -> Self {
        let detail = format!("The body may have at most {BODY_MAX_BYTES} bytes.");
        Self::new(ErrorCode::PayloadTooLarge, detail, Details::None {})
    }

    /// The body is not declared as JSON, or is declared as compressed.
    pub fn unsupported_media_type() -> Self {
        let detail = "Send the body as `Content-Type: application/json`, in UTF-8 and without `Content-Encoding`.";
        Self::new(ErrorCode::UnsupportedMediaType, detail, Details::None {})
    }

    /// Every broken rule of the request.
    pub fn validation_failed(issues: impl Into<IssueList>) -> Self {
        let issues = issues.into();
        let detail = match issues.len() {
            listed if issues.is_truncated() => {
                format!("More rules are broken than errors lists, which has the first {listed}.")
            }
            1 => "One rule is broken; see errors.".to_owned(),
            listed => format!("{listed} rules are broken; see errors."),
        };
        Self::new(ErrorCode::ValidationFailed, detail, Details::Errors(issues))
    }

    /// A request that a webhook of ours made.
    pub fn loop_detected() -> Self {
        let detail =
            "The request is a post of a webhook, which must not lead to the API itself: change the webhook's url.";
        Self::new(ErrorCode::LoopDetected, detail, Details::None {})
    }

    /// An event that is no request.
    pub fn invalid_event() -> Self {
        Self::one_rule("", "event", "must be a request as the gateway sends it")
    }

    /// A query that can't stand in a request's first line.
    pub fn invalid_query() -> Self {
        let message = "must have no space, no control character and none of \"#<>: write them as %20, %22 and so on";
        Self::one_rule("?", "query", message)
    }

    /// A body that is declared as base64 and is not.
    pub fn invalid_base64() -> Self {
        Self::one_rule("", "base64", "must be base64, as which it is declared")
    }

    fn one_rule(pointer: &str, rule: &'static str, message: &str) -> Self {
        Self::validation_failed(Issue { pointer: pointer.to_owned(), rule, message: message.to_owned() })
    }

    /// Both values, or the problem: broken rules of both at once, any other problem alone.
    pub fn both<A, B>(one: Result<A, Self>, other: Result<B, Self>) -> Result<(A, B), Self> {
        match (one, other) {
            (Ok(one), Ok(other)) => Ok((one, other)),
            (Err(problem), Ok(_)) | (Ok(_), Err(problem)) => Err(problem),
            (Err(one), Err(other)) => Err(match (&one.details, &other.details) {
                (Details::Errors(first), Details::Errors(then)) => {
                    Self::validation_failed(first.clone().then(then.clone()))
                }
                (Details::Errors(_), _) => other,
                (_, _) => one,
            }),
        }
    }

    fn about(code: ErrorCode, detail: &str, resource: Resource) -> Self {
        Self::new(code, detail, Details::Resource { resource_type: resource.r#type, resource_id: resource.id })
    }
}

impl From<BodyError> for Problem {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::Malformed { line, column } => {
                let detail = format!("The body must be a JSON object; see line {line}, column {column}.");
                Self::new(ErrorCode::MalformedJson, detail, Details::Position { line, column })
            }
            BodyError::Invalid(issues) => Self::validation_failed(issues),
        }
    }
}

impl From<AccessError> for Problem {
    fn from(denied: AccessError) -> Self {
        match denied {
            AccessError::Forbidden(resource) => {
                Self::about(ErrorCode::ResourceAccessDenied, "The resource belongs to another company.", resource)
            }
            AccessError::NotFound(resource) => {
                Self::about(ErrorCode::ResourceNotFound, "There is no resource of this type and id.", resource)
            }
        }
    }
}

impl From<ApiKeyRefusal> for Problem {
    fn from(refusal: ApiKeyRefusal) -> Self {
        match refusal {
            ApiKeyRefusal::Invalid => Self::invalid_api_key(),
            ApiKeyRefusal::Suspended { at: suspended_at, reason } => {
                let details = Details::Suspension { suspended_at, reason };
                Self::new(ErrorCode::ApiKeySuspended, "The key does not work until it is activated again.", details)
            }
            ApiKeyRefusal::IpNotAllowed => {
                let detail = "The key has a list of addresses that it may be used from, and yours is not on it.";
                Self::new(ErrorCode::IpNotAllowed, detail, Details::None {})
            }
            ApiKeyRefusal::ScopeMissing(scope) => {
                let details = Details::Scopes { required_scopes: vec![scope], missing_scopes: vec![scope] };
                Self::new(ErrorCode::InsufficientPermissions, format!("This route needs the scope {scope}."), details)
            }
        }
    }
}

impl From<InterviewRefusal> for Problem {
    fn from(refusal: InterviewRefusal) -> Self {
        let plain = |code, detail: &str| Self::new(code, detail, Details::None {});
        match refusal {
            InterviewRefusal::GenericAgentNeedsUnassignedCandidate => plain(
                ErrorCode::GenericAgentNeedsUnassignedCandidate,
                "The agent's focus is GENERIC: the candidate must have no job, and the request must name none.",
            ),
            InterviewRefusal::JobRequired => plain(
                ErrorCode::JobRequired,
                "Give jobId, job or candidate.jobId, or use an agent whose focus is GENERIC.",
            ),
            InterviewRefusal::JobSelectionRequired(job_ids) => Self::new(
                ErrorCode::JobSelectionRequired,
                "The candidate is assigned to several jobs: choose one of jobIds as jobId.",
                Details::Jobs { job_ids },
            ),
            InterviewRefusal::CandidatePhoneNumberRequired => plain(
                ErrorCode::CandidatePhoneNumberRequired,
                "The agent's type is PHONE, and the candidate has no phoneNumber.",
            ),
            InterviewRefusal::TooManyJobs => Self::validation_failed(Issue {
                pointer: String::new(),
                rule: "maxCandidateJobs",
                message: format!("would assign the candidate to more than {CANDIDATE_JOBS_MAX} jobs"),
            }),
        }
    }
}

impl From<RateLimited> for Problem {
    fn from(RateLimited { what, limit, resets_at }: RateLimited) -> Self {
        let detail = format!("There may be at most {limit} {what}. There is room again at resetsAt at the latest.");
        Self::new(ErrorCode::RateLimited, detail, Details::Rate { limit, remaining: 0, resets_at })
    }
}

impl From<ChargeRefusal> for Problem {
    fn from(refusal: ChargeRefusal) -> Self {
        match refusal {
            ChargeRefusal::SubscriptionInactive => Self::new(
                ErrorCode::SubscriptionInactive,
                "The company's subscription must be active; test interviews need none.",
                Details::None {},
            ),
            ChargeRefusal::LimitExceeded { required, remaining, period } => Self::new(
                ErrorCode::BillingLimitExceeded,
                "The agent's duration is longer than what is left of this month's minutes.",
                Details::Allowance {
                    required_minutes: required.whole_minutes(),
                    remaining_minutes: remaining.whole_minutes(),
                    resets_at: period.end(),
                },
            ),
        }
    }
}
