//! The error codes, each with its status and its title.

use lambda_http::http::StatusCode;
use serde::Serialize;

macro_rules! error_codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $status:ident, $title:literal;)*) => {
        /// What went wrong, for programs to tell apart.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        pub enum ErrorCode {
            $($(#[$doc])* #[serde(rename = $code)] $name,)*
        }

        impl ErrorCode {
            /// Every code, by status.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The code's one spelling.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// The status of every answer with this code.
            pub fn status(self) -> StatusCode {
                match self { $(Self::$name => StatusCode::$status,)* }
            }

            /// The code's meaning, in a few words that are the same each time.
            pub fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)* }
            }
        }
    };
}

error_codes! {
    /// The body is not JSON, or not an object.
    MalformedJson = "MALFORMED_JSON", BAD_REQUEST, "The body is not a JSON object";
    /// A rule on a field, or between fields, is broken.
    ValidationFailed = "VALIDATION_FAILED", BAD_REQUEST, "The request breaks one or more rules";
    /// The key acts for several companies, and the request does not say for which.
    CompanyIdRequired = "COMPANY_ID_REQUIRED", BAD_REQUEST, "The query parameter companyId is required";
    /// A GENERIC agent with a candidate who has a job or would get one.
    GenericAgentNeedsUnassignedCandidate = "GENERIC_AGENT_NEEDS_UNASSIGNED_CANDIDATE", BAD_REQUEST,
        "A GENERIC agent interviews candidates without a job only";
    /// No job from any source.
    JobRequired = "JOB_REQUIRED", BAD_REQUEST, "The interview needs a job";
    /// Several jobs, none chosen.
    JobSelectionRequired = "JOB_SELECTION_REQUIRED", BAD_REQUEST, "The candidate has several jobs";
    /// A PHONE agent, and a candidate without a telephone number.
    CandidatePhoneNumberRequired = "CANDIDATE_PHONE_NUMBER_REQUIRED", BAD_REQUEST,
        "The candidate has no telephone number";
    /// No key that works.
    InvalidApiKey = "INVALID_API_KEY", UNAUTHORIZED, "The API key is missing or not valid";
    /// A key that does not work now.
    ApiKeySuspended = "API_KEY_SUSPENDED", UNAUTHORIZED, "The API key is suspended";
    /// Less is left of the allowance than is needed.
    BillingLimitExceeded = "BILLING_LIMIT_EXCEEDED", PAYMENT_REQUIRED, "The company's minutes are used up";
    /// The subscription is not active.
    SubscriptionInactive = "SUBSCRIPTION_INACTIVE", PAYMENT_REQUIRED, "The company's subscription is not active";
    /// The key's scopes do not include what the route needs.
    InsufficientPermissions = "INSUFFICIENT_PERMISSIONS", FORBIDDEN, "The API key lacks a scope";
    /// The caller's address is not on the key's list.
    IpNotAllowed = "IP_NOT_ALLOWED", FORBIDDEN, "The API key may not be used from this address";
    /// It is somebody else's.
    ResourceAccessDenied = "RESOURCE_ACCESS_DENIED", FORBIDDEN, "The resource belongs to another company";
    /// There is none of that id.
    ResourceNotFound = "RESOURCE_NOT_FOUND", NOT_FOUND, "The resource does not exist";
    /// There is no such path.
    RouteNotFound = "ROUTE_NOT_FOUND", NOT_FOUND, "There is no such route";
    /// The path has other methods.
    MethodNotAllowed = "METHOD_NOT_ALLOWED", METHOD_NOT_ALLOWED, "The route has no such method";
    /// The status of a resource that does not allow it.
    InvalidState = "INVALID_STATE", CONFLICT, "The resource's status does not allow this";
    /// There are as many as there may be.
    LimitReached = "LIMIT_REACHED", CONFLICT, "There are as many of these as there may be";
    /// The resource has changed since the version that the caller knows.
    PreconditionFailed = "PRECONDITION_FAILED", PRECONDITION_FAILED, "The resource has another version";
    /// The body is too large.
    PayloadTooLarge = "PAYLOAD_TOO_LARGE", PAYLOAD_TOO_LARGE, "The body is too large";
    /// The body is not declared as JSON, or is declared as compressed.
    UnsupportedMediaType = "UNSUPPORTED_MEDIA_TYPE", UNSUPPORTED_MEDIA_TYPE, "The type or encoding of the body is not taken";
    /// The idempotency key was used for something else.
    IdempotencyKeyReused = "IDEMPOTENCY_KEY_REUSED", UNPROCESSABLE_ENTITY,
        "The idempotency key was used for a different request";
    /// A limit of use is exceeded.
    RateLimited = "RATE_LIMITED", TOO_MANY_REQUESTS, "Too many requests in this time";
    /// A defect of ours.
    Internal = "INTERNAL", INTERNAL_SERVER_ERROR, "Something went wrong on our side";
    /// Something that we depend on does not answer now.
    TemporarilyUnavailable = "TEMPORARILY_UNAVAILABLE", SERVICE_UNAVAILABLE, "The service is busy";
    /// The request is a post of one of our own webhooks.
    LoopDetected = "LOOP_DETECTED", LOOP_DETECTED, "The request was made by a webhook's delivery";
}

impl ErrorCode {
    /// The identity of the problem type (RFC 9457, `type`).
    pub fn type_uri(self) -> String {
        format!("urn:greenroom:problem:{}", self.as_str().to_lowercase().replace('_', "-"))
    }
}
