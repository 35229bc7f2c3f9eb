//! An example of each error code, made by the code that answers it.

use api::{CREATE_AGENT, CREATE_INTERVIEW, ErrorCode, Problem, ROTATE_WEBHOOK_SECRET, Route};
use domain::allowance::{ChargeRefusal, Seconds};
use domain::api_key::{ApiKeyRefusal, Scope};
use domain::id::invalid_id;
use domain::interview::InterviewRefusal;
use domain::resource::{AccessError, Resource};
use domain::time::Period;
use domain::webhook::{LIVE_SECRETS_MAX, WEBHOOKS_MAX};
use validation::{AgentShape, BodyError, check_body};

use crate::examples::parameter_issue;
use crate::operations::Operation;
use crate::world;

/// A problem of that code, as the operation answers it.
pub(crate) fn example(code: ErrorCode, by: Option<&Operation>) -> anyhow::Result<Problem> {
    let now = world::now()?;
    let route = by.map_or(CREATE_INTERVIEW, |operation| operation.route);
    let of_webhooks = route.path.starts_with("/webhooks");
    Ok(match code {
        ErrorCode::MalformedJson => BodyError::Malformed { line: 3, column: 14 }.into(),
        ErrorCode::ValidationFailed if of_webhooks && by.is_some_and(|operation| operation.body.is_none()) => {
            Problem::validation_failed(vec![parameter_issue("path:id".to_owned(), "uuid", invalid_id())])
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
            InterviewRefusal::JobSelectionRequired(vec![world::JOB, world::OTHER_JOB]).into()
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
            ApiKeyRefusal::ScopeMissing(by.map_or(Scope::WriteAgents, |operation| operation.scope)).into()
        }
        ErrorCode::IpNotAllowed => ApiKeyRefusal::IpNotAllowed.into(),
        ErrorCode::ResourceAccessDenied if of_webhooks => {
            AccessError::Forbidden(Resource::from(world::FOREIGN_WEBHOOK)).into()
        }
        ErrorCode::ResourceAccessDenied => AccessError::Forbidden(Resource::from(world::FOREIGN_AGENT)).into(),
        ErrorCode::ResourceNotFound if of_webhooks => {
            AccessError::NotFound(Resource::from(world::UNKNOWN_WEBHOOK)).into()
        }
        ErrorCode::ResourceNotFound => AccessError::NotFound(Resource::from(world::UNKNOWN_JOB)).into(),
        ErrorCode::RouteNotFound => Problem::route_not_found(),
        ErrorCode::MethodNotAllowed => Problem::method_not_allowed(Route::methods_of(CREATE_AGENT.path)),
        ErrorCode::LimitReached if route == ROTATE_WEBHOOK_SECRET => {
            Problem::limit_reached("live secrets", LIVE_SECRETS_MAX)
        }
        ErrorCode::LimitReached => Problem::limit_reached("webhooks", WEBHOOKS_MAX),
        ErrorCode::PayloadTooLarge => Problem::payload_too_large(),
        ErrorCode::UnsupportedMediaType => Problem::unsupported_media_type(),
        ErrorCode::IdempotencyKeyReused => Problem::idempotency_key_reused(),
        ErrorCode::Internal => Problem::internal("an example"),
        ErrorCode::TemporarilyUnavailable => Problem::temporarily_unavailable("an example"),
    })
}
