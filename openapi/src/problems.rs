//! An example of each error code, made by the api's own constructors.

use api::{ErrorCode, Function, Problem, Route};
use domain::allowance::{ChargeRefusal, Seconds};
use domain::api_key::{ApiKeyRefusal, Scope};
use domain::company::CREATED_COMPANIES_MAX;
use domain::id::invalid_id;
use domain::interview::{InterviewRefusal, InterviewStatus};
use domain::limits::Window;
use domain::resource::{AccessError, Resource, ResourceType};
use domain::time::Period;
use domain::webhook::{LIVE_SECRETS_MAX, WEBHOOKS_MAX};
use validation::{AgentShape, BodyError, Issue, check_body};

use crate::ids;

/// A problem of that code, as the route answers it; without a route, any of that code.
pub(crate) fn example(code: ErrorCode, by: Option<Route>) -> anyhow::Result<Problem> {
    let now = ids::now()?;
    let (foreign, unknown) = resources(by.and_then(named_kind))?;
    Ok(match code {
        ErrorCode::MalformedJson => BodyError::Malformed { line: 3, column: 14 }.into(),
        ErrorCode::ValidationFailed
            if by.is_some_and(|route| route.entry().request.is_none() && route.entry().names.is_empty()) =>
        {
            Problem::validation_failed(Issue {
                pointer: "?page".to_owned(),
                rule: "unknown",
                message: "there is no such query parameter; this route takes none".to_owned(),
            })
        }
        ErrorCode::ValidationFailed if by.is_none() => Problem::invalid_query(),
        ErrorCode::ValidationFailed if by.is_some_and(|route| route.entry().request.is_none()) => {
            Problem::validation_failed(Issue {
                pointer: "path:id".to_owned(),
                rule: "uuid",
                message: invalid_id().message,
            })
        }
        ErrorCode::ValidationFailed => {
            let body = br#"{"name": "S", "type": "PHONE", "focus": "SCREENING", "langauge": "SK", "duration": 200}"#;
            check_body(&AgentShape, body).err().map(Problem::from).ok_or_else(|| anyhow::anyhow!("no rule broken"))?
        }
        ErrorCode::CompanyIdRequired => Problem::company_id_required(),
        ErrorCode::GenericAgentNeedsUnassignedCandidate => {
            InterviewRefusal::GenericAgentNeedsUnassignedCandidate.into()
        }
        ErrorCode::JobRequired => InterviewRefusal::JobRequired.into(),
        ErrorCode::JobSelectionRequired => {
            InterviewRefusal::JobSelectionRequired(vec![ids::JOB, ids::OTHER_JOB]).into()
        }
        ErrorCode::CandidatePhoneNumberRequired => InterviewRefusal::CandidatePhoneNumberRequired.into(),
        ErrorCode::InvalidApiKey => Problem::invalid_api_key(),
        ErrorCode::ApiKeySuspended => {
            ApiKeyRefusal::Suspended { at: Some(now), reason: Some("Found in a public repository".into()) }.into()
        }
        ErrorCode::BillingLimitExceeded => ChargeRefusal::LimitExceeded {
            required: Seconds::from_minutes(30),
            remaining: Seconds::from_minutes(12),
            period: Period::of(now),
        }
        .into(),
        ErrorCode::SubscriptionInactive => ChargeRefusal::SubscriptionInactive.into(),
        ErrorCode::InsufficientPermissions => {
            ApiKeyRefusal::ScopeMissing(by.map_or(Scope::WriteAgents, |route| route.entry().scope)).into()
        }
        ErrorCode::IpNotAllowed => ApiKeyRefusal::IpNotAllowed.into(),
        ErrorCode::ResourceAccessDenied => AccessError::Forbidden(foreign).into(),
        ErrorCode::ResourceNotFound => AccessError::NotFound(unknown).into(),
        ErrorCode::RouteNotFound => Problem::route_not_found(Some("https://api.example.com/openapi.yaml")),
        ErrorCode::MethodNotAllowed => Problem::method_not_allowed(Route::methods_of(Route::CreateAgent.entry().path)),
        ErrorCode::InvalidState => Problem::invalid_state(InterviewStatus::Completed),
        ErrorCode::LimitReached if by == Some(Route::RotateWebhookSecret) => {
            Problem::limit_reached("live secrets", LIVE_SECRETS_MAX)
        }
        ErrorCode::LimitReached if by == Some(Route::CreateCompany) => {
            Problem::limit_reached("companies that a system has created", CREATED_COMPANIES_MAX)
        }
        ErrorCode::LimitReached => Problem::limit_reached("webhooks", WEBHOOKS_MAX),
        ErrorCode::PreconditionFailed => Problem::precondition_failed(),
        ErrorCode::PayloadTooLarge => Problem::payload_too_large(),
        ErrorCode::UnsupportedMediaType => Problem::unsupported_media_type(),
        ErrorCode::IdempotencyKeyReused => Problem::idempotency_key_reused(),
        ErrorCode::RateLimited => Problem::rate_limited(Window { limit: 120, remaining: 0, resets_at: now }),
        ErrorCode::Internal => Problem::internal("an example"),
        ErrorCode::TemporarilyUnavailable => Problem::temporarily_unavailable("an example"),
        ErrorCode::LoopDetected => Problem::loop_detected(),
    })
}

/// The kind of thing that the examples of a route's problems name.
fn named_kind(route: Route) -> Option<ResourceType> {
    match route.function() {
        Function::ManageWebhooks => Some(ResourceType::Webhook),
        Function::CreateAgent
        | Function::CreateInterview
        | Function::Read
        | Function::ManageInterviews
        | Function::ManageResources => route.entry().names.first().copied(),
    }
}

/// A resource of another company and one that does not exist, of that kind; without a kind, such as bodies name.
fn resources(kind: Option<ResourceType>) -> anyhow::Result<(Resource, Resource)> {
    let Some(kind) = kind else { return Ok((ids::FOREIGN_AGENT.into(), ids::UNKNOWN_JOB.into())) };
    let named = |prefix: &str| {
        let name = format!("{prefix}_{kind}");
        let id = ids::ALL.iter().find(|(known, _)| *known == name).map(|(_, id)| *id);
        let id = id.ok_or_else(|| anyhow::anyhow!("a path names {kind}: add {name} to ids.rs"))?;
        anyhow::Ok(Resource { r#type: kind, id })
    };
    Ok((named("FOREIGN")?, named("UNKNOWN")?))
}
