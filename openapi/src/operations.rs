//! What each route takes and gives.

use anyhow::bail;
use api::{
    CHANGE_WEBHOOK, CREATE_AGENT, CREATE_INTERVIEW, CREATE_WEBHOOK, DELETE_WEBHOOK, ErrorCode, GET_WEBHOOK,
    LIST_DELIVERIES, LIST_WEBHOOKS, REDELIVER, RESET_WEBHOOK_CIRCUIT, ROTATE_WEBHOOK_SECRET, Route, TEST_WEBHOOK,
};
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
            CREATE_AGENT => (Scope::WriteAgents, Some(AgentShape::NAME), &[BODY, FOR_A_COMPANY, NAMED, REPEATABLE]),
            CREATE_INTERVIEW => (
                Scope::WriteInterviews,
                Some(InterviewShape::NAME),
                &[BODY, FOR_A_COMPANY, NAMED, REPEATABLE, OF_INTERVIEWS],
            ),
            CREATE_WEBHOOK => (Scope::WriteWebhooks, Some(WebhookShape::NAME), &[BODY, NAMED, REPEATABLE, LIMITED]),
            LIST_WEBHOOKS => (Scope::ReadWebhooks, None, &[]),
            GET_WEBHOOK | LIST_DELIVERIES => (Scope::ReadWebhooks, None, &[PARAMETERS, NAMED]),
            CHANGE_WEBHOOK => (Scope::WriteWebhooks, Some(ChangeWebhookShape::NAME), &[BODY, NAMED]),
            DELETE_WEBHOOK | TEST_WEBHOOK | RESET_WEBHOOK_CIRCUIT | REDELIVER => {
                (Scope::WriteWebhooks, None, &[PARAMETERS, NAMED])
            }
            ROTATE_WEBHOOK_SECRET => (Scope::WriteWebhooks, None, &[PARAMETERS, NAMED, LIMITED]),
            other => bail!("say what {} takes", other.key),
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
            CREATE_AGENT => {
                let description = "The agent was created, by this request or by one that it repeats.";
                (201, Some("AgentResponse"), CREATED, description)
            }
            CREATE_INTERVIEW => {
                let description = "The interview was created, by this request or by one that it repeats.";
                (201, Some("InterviewResponse"), CREATED, description)
            }
            CREATE_WEBHOOK => {
                let description = "The webhook was created, by this request or by one that it repeats. This is the \
                                   only answer with its `signingSecret`; a repeat has it too, until it is replaced.";
                (201, Some("WebhookResponse"), CREATED_WITH_A_SECRET, description)
            }
            LIST_WEBHOOKS => (200, Some("WebhookListResponse"), &[], "All webhooks that the key's owner manages."),
            GET_WEBHOOK => (200, Some("WebhookResponse"), &[], "The webhook."),
            CHANGE_WEBHOOK => (200, Some("WebhookResponse"), &[], "The webhook after the change."),
            DELETE_WEBHOOK => (204, None, &[], "The webhook is deleted."),
            TEST_WEBHOOK => (200, Some("TestResponse"), &[], "How the try went, well or not."),
            ROTATE_WEBHOOK_SECRET => {
                (200, Some("RotatedSecretResponse"), &["Cache-Control"], "The new secret, shown this once.")
            }
            RESET_WEBHOOK_CIRCUIT => (200, Some("WebhookResponse"), &[], "The webhook, its failures forgotten."),
            LIST_DELIVERIES => (200, Some("DeliveryListResponse"), &[], "A page of deliveries."),
            REDELIVER => (202, Some("DeliveryResponse"), &[], "The delivery, which begins anew."),
            other => bail!("say what {} gives", other.key),
        };
        Ok(Self { status, schema, description, headers })
    }
}
