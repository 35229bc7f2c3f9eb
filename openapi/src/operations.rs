//! What each route takes and gives.

use anyhow::bail;
use api::{ErrorCode, Route};
use domain::api_key::Scope;
use validation::{AgentShape, ChangeWebhookShape, InterviewShape, Shape as _, WebhookShape};

/// What a route takes and gives.
pub(crate) struct Operation {
    pub route: Route,
    /// What a key needs for it.
    pub scope: Scope,
    /// The schema of its body; none: it takes none.
    pub body: Option<&'static str>,
    /// How it answers when it is carried out.
    pub success: Success,
    /// How it refuses, besides [`ANY`].
    refusals: &'static [&'static [ErrorCode]],
}

/// The answer of an operation that was carried out.
pub(crate) struct Success {
    pub status: u16,
    /// The schema of its body; none: it has none.
    pub schema: Option<&'static str>,
    pub description: &'static str,
    /// Besides those of every answer.
    pub headers: &'static [&'static str],
}

/// Refusals of every route.
const ANY: &[ErrorCode] = &[
    ErrorCode::InvalidApiKey,
    ErrorCode::ApiKeySuspended,
    ErrorCode::InsufficientPermissions,
    ErrorCode::IpNotAllowed,
    ErrorCode::Internal,
    ErrorCode::TemporarilyUnavailable,
];
/// Of those that read a body.
const BODY: &[ErrorCode] = &[
    ErrorCode::MalformedJson,
    ErrorCode::ValidationFailed,
    ErrorCode::PayloadTooLarge,
    ErrorCode::UnsupportedMediaType,
];
/// Of those that have parameters with rules.
const PARAMETERS: &[ErrorCode] = &[ErrorCode::ValidationFailed];
/// Of those that act for one company, which the query may name.
const FOR_A_COMPANY: &[ErrorCode] = &[ErrorCode::CompanyIdRequired];
/// Of those that name something that exists.
const NAMED: &[ErrorCode] = &[ErrorCode::ResourceAccessDenied, ErrorCode::ResourceNotFound];
/// Of those that take an idempotency key.
const REPEATABLE: &[ErrorCode] = &[ErrorCode::IdempotencyKeyReused];
/// Of those that make one more of what is limited.
const LIMITED: &[ErrorCode] = &[ErrorCode::LimitReached];
/// Of an interview's rules and price.
const OF_INTERVIEWS: &[ErrorCode] = &[
    ErrorCode::GenericAgentNeedsUnassignedCandidate,
    ErrorCode::JobRequired,
    ErrorCode::JobSelectionRequired,
    ErrorCode::CandidatePhoneNumberRequired,
    ErrorCode::BillingLimitExceeded,
    ErrorCode::SubscriptionInactive,
];

const CREATED: &[&str] = &["Location", "Idempotent-Replayed"];
const CREATED_WITH_A_SECRET: &[&str] = &["Location", "Idempotent-Replayed", "Cache-Control"];

impl Operation {
    /// What a route takes and gives.
    pub fn of(route: Route) -> anyhow::Result<Self> {
        let (scope, body, refusals): (_, _, &[&[ErrorCode]]) = match route {
            Route::CreateAgent => {
                (Scope::WriteAgents, Some(AgentShape::NAME), &[BODY, FOR_A_COMPANY, NAMED, REPEATABLE])
            }
            Route::CreateInterview => (
                Scope::WriteInterviews,
                Some(InterviewShape::NAME),
                &[BODY, FOR_A_COMPANY, NAMED, REPEATABLE, OF_INTERVIEWS],
            ),
            Route::CreateWebhook => {
                (Scope::WriteWebhooks, Some(WebhookShape::NAME), &[BODY, NAMED, REPEATABLE, LIMITED])
            }
            Route::ListWebhooks => (Scope::ReadWebhooks, None, &[]),
            Route::GetWebhook | Route::ListDeliveries => (Scope::ReadWebhooks, None, &[PARAMETERS, NAMED]),
            Route::ChangeWebhook => (Scope::WriteWebhooks, Some(ChangeWebhookShape::NAME), &[BODY, NAMED]),
            Route::DeleteWebhook | Route::TestWebhook | Route::ResetWebhookCircuit | Route::Redeliver => {
                (Scope::WriteWebhooks, None, &[PARAMETERS, NAMED])
            }
            Route::RotateWebhookSecret => (Scope::WriteWebhooks, None, &[PARAMETERS, NAMED, LIMITED]),
            other => bail!("say what {} takes", other.entry().key),
        };
        Ok(Self { route, scope, body, success: Success::of(route)?, refusals })
    }

    /// Whether it may be refused so.
    pub fn refuses(&self, code: ErrorCode) -> bool {
        ANY.contains(&code) || self.refusals.iter().any(|codes| codes.contains(&code))
    }
}

impl Success {
    fn of(route: Route) -> anyhow::Result<Self> {
        let (status, schema, headers, description): (_, _, &[&str], _) = match route {
            Route::CreateAgent => {
                let description = "The agent was created, by this request or by one that it repeats.";
                (201, Some("AgentResponse"), CREATED, description)
            }
            Route::CreateInterview => {
                let description = "The interview was created, by this request or by one that it repeats.";
                (201, Some("InterviewResponse"), CREATED, description)
            }
            Route::CreateWebhook => {
                let description = "The webhook was created, by this request or by one that it repeats. This is the \
                                   only answer with its `signingSecret`; a repeat has it too, until it is replaced.";
                (201, Some("WebhookResponse"), CREATED_WITH_A_SECRET, description)
            }
            Route::ListWebhooks => {
                (200, Some("WebhookListResponse"), &[], "All webhooks that the key's owner manages.")
            }
            Route::GetWebhook => (200, Some("WebhookResponse"), &[], "The webhook."),
            Route::ChangeWebhook => (200, Some("WebhookResponse"), &[], "The webhook after the change."),
            Route::DeleteWebhook => (204, None, &[], "The webhook is deleted."),
            Route::TestWebhook => (200, Some("TestResponse"), &[], "How the try went, well or not."),
            Route::RotateWebhookSecret => {
                (200, Some("RotatedSecretResponse"), &["Cache-Control"], "The new secret, shown this once.")
            }
            Route::ResetWebhookCircuit => (200, Some("WebhookResponse"), &[], "The webhook, its failures forgotten."),
            Route::ListDeliveries => (200, Some("DeliveryListResponse"), &[], "A page of deliveries."),
            Route::Redeliver => (202, Some("DeliveryResponse"), &[], "The delivery, which begins anew."),
            other => bail!("say what {} gives", other.entry().key),
        };
        Ok(Self { status, schema, description, headers })
    }
}
