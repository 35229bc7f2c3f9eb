//! Where each error code is answered, and an example of it, made by the code that answers it.

use api::{CREATE_AGENT, CREATE_INTERVIEW, ErrorCode, Problem, Route};
use domain::{ApiKeyRefusal, ChargeRefusal, Denied, InterviewRefusal, Period, Resource, Scope, Seconds};
use validation::{AgentShape, BodyError, check_body};

use crate::world;

/// The routes that answer with a code; none: what is answered where there is no route.
pub(crate) fn routes(code: ErrorCode) -> &'static [Route] {
    match code {
        ErrorCode::MalformedJson
        | ErrorCode::ValidationFailed
        | ErrorCode::CompanyIdRequired
        | ErrorCode::InvalidApiKey
        | ErrorCode::ApiKeySuspended
        | ErrorCode::InsufficientPermissions
        | ErrorCode::IpNotAllowed
        | ErrorCode::ResourceAccessDenied
        | ErrorCode::ResourceNotFound
        | ErrorCode::PayloadTooLarge
        | ErrorCode::UnsupportedMediaType
        | ErrorCode::IdempotencyKeyReused
        | ErrorCode::Internal
        | ErrorCode::TemporarilyUnavailable => &[CREATE_AGENT, CREATE_INTERVIEW],
        ErrorCode::GenericAgentNeedsUnassignedCandidate
        | ErrorCode::JobRequired
        | ErrorCode::JobSelectionRequired
        | ErrorCode::CandidatePhoneNumberRequired
        | ErrorCode::BillingLimitExceeded
        | ErrorCode::SubscriptionInactive => &[CREATE_INTERVIEW],
        ErrorCode::RouteNotFound | ErrorCode::MethodNotAllowed => &[],
    }
}

/// A problem of that code.
pub(crate) fn example(code: ErrorCode) -> anyhow::Result<Problem> {
    let now = world::now()?;
    Ok(match code {
        ErrorCode::MalformedJson => BodyError::Malformed { line: 3, column: 14 }.into(),
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
        ErrorCode::InsufficientPermissions => ApiKeyRefusal::ScopeMissing(Scope::WriteAgents).into(),
        ErrorCode::IpNotAllowed => ApiKeyRefusal::IpNotAllowed.into(),
        ErrorCode::ResourceAccessDenied => Denied::Foreign(Resource::from(world::FOREIGN_AGENT)).into(),
        ErrorCode::ResourceNotFound => Denied::Missing(Resource::from(world::UNKNOWN_JOB)).into(),
        ErrorCode::RouteNotFound => Problem::route_not_found(),
        ErrorCode::MethodNotAllowed => Problem::method_not_allowed(Route::methods_of(CREATE_AGENT.path)),
        ErrorCode::PayloadTooLarge => Problem::payload_too_large(),
        ErrorCode::UnsupportedMediaType => Problem::unsupported_media_type(),
        ErrorCode::IdempotencyKeyReused => Problem::idempotency_key_reused(),
        ErrorCode::Internal => Problem::internal("an example"),
        ErrorCode::TemporarilyUnavailable => Problem::temporarily_unavailable("an example"),
    })
}
