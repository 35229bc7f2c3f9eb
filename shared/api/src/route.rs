//! The routes of the API: one entry each, with everything that is known of a route.
//!
//! Everything else that knows routes is derived from this table or compared with it by a test: the gateway in front of
//! `local`, the OpenAPI document, the template, the tests of callers and of statuses. `docs/adding-a-route.md` says the
//! steps.

use domain::api_key::Scope;
use domain::resource::ResourceType;
use lambda_http::http::StatusCode;
use validation::{
    AgentPatch, AgentShape, CandidatePatch, CompanyPatch, CompanyShape, CreateCandidateShape, InterviewPatch,
    InterviewShape, JobPatch, JobShape, Shape as _, WebhookPatch, WebhookShape,
};

use crate::error::ErrorCode;
use crate::error::ErrorCode::{
    ApiKeySuspended, BillingLimitExceeded, CandidatePhoneNumberRequired, CompanyIdRequired,
    GenericAgentNeedsUnassignedCandidate, IdempotencyKeyReused, InsufficientPermissions, Internal, InvalidApiKey,
    InvalidState, IpNotAllowed, JobRequired, JobSelectionRequired, LimitReached, LoopDetected, MalformedJson,
    PayloadTooLarge, PreconditionFailed, RateLimited, ResourceAccessDenied, ResourceNotFound, SubscriptionInactive,
    TemporarilyUnavailable, UnsupportedMediaType, ValidationFailed,
};

/// The entry of a route: everything that the table says of it.
#[derive(Debug)]
pub struct Entry {
    /// The method, as HTTP spells it.
    pub method: &'static str,
    /// The path from the root of the API, without the stage. A segment in braces stands for any one segment.
    pub path: &'static str,
    /// Method and path, as API Gateway names the route.
    pub key: &'static str,
    /// The kinds of things that the braces stand for. The first one is the tenant's, each other one belongs to that.
    pub names: &'static [ResourceType],
    /// The query parameters that it takes, besides `companyId`, which every route takes and most ignore.
    pub query: &'static [&'static str],
    /// The tenant that a request acts for.
    pub acts_for: ActsFor,
    /// The scope that a key needs.
    pub scope: Scope,
    /// The name of the schema of the request's body; absent if the route reads no body.
    pub request: Option<&'static str>,
    /// The kind of answer to a request that was carried out.
    pub success: Success,
    /// The name of the schema of that answer's body; absent if the answer has no body.
    pub response: Option<&'static str>,
    /// True if that answer shows one resource, and so has an `ETag`.
    pub has_etag: bool,
    /// True if that answer may show a secret, so that no cache may store it.
    pub shows_secret: bool,
    /// The codes of the problems that the route may answer, in groups, besides those of every route with such a tenant and
    /// such a path.
    pub problems: &'static [&'static [ErrorCode]],
}

/// The tenant that a request acts for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActsFor {
    /// One company: the key's own, or the one that the query parameter `companyId` names.
    Company,
    /// The key's owner, a company or an applicant tracking system.
    Owner,
    /// The applicant tracking system that owns the key. Keys of companies are refused.
    Ats,
    /// The key's own company; or all companies that the key's system manages, or the one of them that the query parameter
    /// `companyId` names.
    Companies,
}

/// The kind of answer to a request that was carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Success {
    /// The request created something, or repeats one that did.
    Created,
    /// The request is done.
    Ok,
    /// The request will be done.
    Accepted,
    /// The request is done, and there is nothing to say of it.
    NoContent,
}

impl Success {
    /// The status of the answer.
    pub fn status(self) -> StatusCode {
        match self {
            Self::Created => StatusCode::CREATED,
            Self::Ok => StatusCode::OK,
            Self::Accepted => StatusCode::ACCEPTED,
            Self::NoContent => StatusCode::NO_CONTENT,
        }
    }

    /// The name of the outcome in logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "CREATED",
            Self::Ok => "OK",
            Self::Accepted => "ACCEPTED",
            Self::NoContent => "NO_CONTENT",
        }
    }
}

/// Problems of every request, which are told before anybody looks for its route.
pub const EDGE: &[ErrorCode] = &[LoopDetected, ValidationFailed];
/// Problems of every route.
const ANY: &[ErrorCode] = &[
    InvalidApiKey,
    ApiKeySuspended,
    RateLimited,
    InsufficientPermissions,
    IpNotAllowed,
    ValidationFailed,
    Internal,
    TemporarilyUnavailable,
];
/// Problems of routes that read a body.
const BODY: &[ErrorCode] = &[MalformedJson, ValidationFailed, PayloadTooLarge, UnsupportedMediaType];
/// Problems of routes that name something in their path.
const PATH: &[ErrorCode] = &[ValidationFailed, ResourceAccessDenied, ResourceNotFound];
/// Problems of routes that name a company in their path: one that does not exist is refused like somebody else's.
const COMPANY_PATH: &[ErrorCode] = &[ValidationFailed, ResourceAccessDenied];
/// Problems of routes that act for a company, which the query may name.
const COMPANY: &[ErrorCode] = &[CompanyIdRequired, ValidationFailed, ResourceAccessDenied];
/// Problems of routes that act for companies, one of which the query may name.
const COMPANIES: &[ErrorCode] = &[ValidationFailed, ResourceAccessDenied];
/// Problems of routes that name something in their body.
const NAMED: &[ErrorCode] = &[ResourceAccessDenied, ResourceNotFound];
/// Problems of routes that take an idempotency key.
const REPEATABLE: &[ErrorCode] = &[IdempotencyKeyReused];
/// Problems of routes that change something, which may rest on a version of it.
const VERSIONED: &[ErrorCode] = &[PreconditionFailed];
/// Problems of routes whose idempotency key may be that of something that was deleted.
const DELETABLE: &[ErrorCode] = &[ResourceNotFound];
/// Problems of routes that make one more of what is limited.
const LIMITED: &[ErrorCode] = &[LimitReached];
/// Problems of routes that only some statuses allow.
const STATE: &[ErrorCode] = &[InvalidState];
/// Problems of routes that may be used so often in a while.
const RATED: &[ErrorCode] = &[RateLimited];
/// Problems of an interview's rules and price.
const INTERVIEW: &[ErrorCode] = &[
    GenericAgentNeedsUnassignedCandidate,
    JobRequired,
    JobSelectionRequired,
    CandidatePhoneNumberRequired,
    BillingLimitExceeded,
    SubscriptionInactive,
];

/// Declares the routes, grouped by the function that answers them. A row has the method and the path, the kinds of things
/// that the path names, the query parameters, the tenant, the scope, the shape of the body, the kind and the type of the answer, and the groups of
/// further problems.
///
/// For each function there is an enum of just its routes, so that its `match` is exhaustive and knows no other.
macro_rules! routes {
    ($(
        $(#[$function_doc:meta])* $function:ident: $function_routes:ident {
            $(
                $(#[$doc:meta])*
                $route:ident = $method:literal $path:literal $([$($names:ident),+])? $(query($($parameter:literal),+))?, $acts_for:ident, $scope:ident,
                ($($shape:ident)?) -> $success:ident($($response:ident)? $(, etag = $etag:literal)? $(, shows_secret = $secret:literal)?), [$($problems:ident),*];
            )*
        }
    )*) => {
        /// A route of the API.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Route { $($($(#[$doc])* $route,)*)* }

        impl Route {
            /// Every route.
            pub const ALL: &'static [Self] = &[$($(Self::$route,)*)*];

            /// The entry of the route.
            pub fn entry(self) -> &'static Entry {
                match self {
                    $($(Self::$route => &Entry {
                        method: $method,
                        path: $path,
                        key: concat!($method, " ", $path),
                        names: &[$($(ResourceType::$names),+)?],
                        query: &[$($($parameter),+)?],
                        acts_for: ActsFor::$acts_for,
                        scope: Scope::$scope,
                        request: [$(Some($shape::NAME),)? None][0],
                        success: Success::$success,
                        response: [$(Some(stringify!($response)),)? None][0],
                        has_etag: [$($etag,)? false][0],
                        shows_secret: [$($secret,)? false][0],
                        problems: &[$($problems),*],
                    },)*)*
                }
            }

            /// The function that answers the route.
            pub fn function(self) -> Function {
                match self { $($(Self::$route => Function::$function,)*)* }
            }
        }

        /// A function behind the gateway.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Function { $($(#[$function_doc])* $function,)* }

        $(
            #[doc = concat!("The routes of [`Function::", stringify!($function), "`].")]
            #[derive(Debug, Clone, Copy, PartialEq, Eq)]
            pub enum $function_routes { $($(#[$doc])* $route,)* }

            impl $function_routes {
                /// The route, if it is one of the function's.
                pub fn of(route: Route) -> Option<Self> {
                    [$((Route::$route, Self::$route),)*].into_iter().find_map(|(own, this)| (own == route).then_some(this))
                }
            }
        )*
    };
}

routes! {
    /// Creates agents.
    CreateAgent: CreateAgentRoute {
        /// Creates an agent.
        CreateAgent = "POST" "/agents", Company, WriteAgents,
            (AgentShape) -> Created(AgentResponse, etag = true), [BODY, NAMED, REPEATABLE];
    }
    /// Creates interviews.
    CreateInterview: CreateInterviewRoute {
        /// Creates an interview.
        CreateInterview = "POST" "/interviews", Company, WriteInterviews,
            (InterviewShape) -> Created(InterviewResponse, etag = true), [BODY, NAMED, REPEATABLE, INTERVIEW, RATED];
    }
    /// Shows what there is, and changes nothing.
    Read: ReadRoute {
        /// Lists agents.
        ListAgents = "GET" "/agents" query("limit", "cursor", "focus", "type"), Company, ReadAgents,
            () -> Ok(AgentResponseList), [];
        /// Shows an agent.
        GetAgent = "GET" "/agents/{id}" [Agent], Company, ReadAgents,
            () -> Ok(AgentResponse, etag = true), [];
        /// Lists candidates.
        ListCandidates = "GET" "/candidates" query("limit", "cursor", "jobId", "status", "search"),
            Company, ReadCandidates,
            () -> Ok(CandidateResponseList), [NAMED];
        /// Shows a candidate.
        GetCandidate = "GET" "/candidates/{id}" [Candidate], Company, ReadCandidates,
            () -> Ok(CandidateResponse, etag = true), [];
        /// Lists jobs.
        ListJobs = "GET" "/jobs" query("limit", "cursor", "status"), Company, ReadJobs,
            () -> Ok(JobResponseList), [];
        /// Shows a job.
        GetJob = "GET" "/jobs/{id}" [Job], Company, ReadJobs,
            () -> Ok(JobResponse, etag = true), [];
        /// Lists interviews.
        ListInterviews = "GET" "/interviews"
            query("limit", "cursor", "candidateId", "jobId", "agentId", "status", "isTest", "from", "to"),
            Company, ReadInterviews,
            () -> Ok(InterviewResponseList), [NAMED];
        /// Shows an interview.
        GetInterview = "GET" "/interviews/{id}" [Interview], Company, ReadInterviews,
            () -> Ok(InterviewResponse, etag = true), [];
        /// Shows an interview's transcript.
        GetTranscript = "GET" "/interviews/{id}/transcript" [Interview], Company, ReadInterviews,
            () -> Ok(TranscriptResponse, etag = true), [];
        /// Lists telephone numbers.
        ListPhoneNumbers = "GET" "/phone-numbers" query("limit", "cursor"), Company, ReadPhoneNumbers,
            () -> Ok(PhoneNumberResponseList), [];
        /// Shows the company.
        GetCompany = "GET" "/company", Company, ReadCompanies,
            () -> Ok(CompanyResponse, etag = true), [];
        /// Lists the companies that a system manages.
        ListCompanies = "GET" "/companies" query("limit", "cursor"), Ats, ReadCompanies,
            () -> Ok(CompanyResponseList), [];
        /// Tells what companies used.
        GetUsage = "GET" "/billing/usage" query("limit", "cursor", "start", "end"), Companies, ReadBilling,
            () -> Ok(UsageResponse), [];
        /// Shows a company that a system manages.
        GetManagedCompany = "GET" "/companies/{id}" [Company], Ats, ReadCompanies,
            () -> Ok(CompanyResponse, etag = true), [];
    }
    /// Manages candidates, jobs and companies, and agents that exist.
    ManageResources: ResourceRoute {
        /// Changes an agent.
        ChangeAgent = "PATCH" "/agents/{id}" [Agent], Company, WriteAgents,
            (AgentPatch) -> Ok(AgentResponse, etag = true), [BODY, NAMED, VERSIONED];
        /// Deletes an agent.
        DeleteAgent = "DELETE" "/agents/{id}" [Agent], Company, DeleteAgents,
            () -> NoContent(), [VERSIONED];
        /// Creates a candidate.
        CreateCandidate = "POST" "/candidates", Company, WriteCandidates,
            (CreateCandidateShape) -> Created(CandidateResponse, etag = true), [BODY, NAMED, REPEATABLE];
        /// Changes a candidate.
        ChangeCandidate = "PATCH" "/candidates/{id}" [Candidate], Company, WriteCandidates,
            (CandidatePatch) -> Ok(CandidateResponse, etag = true), [BODY, NAMED, VERSIONED];
        /// Deletes a candidate, and has erased what is known of it.
        DeleteCandidate = "DELETE" "/candidates/{id}" [Candidate], Company, DeleteCandidates,
            () -> NoContent(), [VERSIONED];
        /// Creates a job.
        CreateJob = "POST" "/jobs", Company, WriteJobs,
            (JobShape) -> Created(JobResponse, etag = true), [BODY, REPEATABLE, DELETABLE];
        /// Changes a job.
        ChangeJob = "PATCH" "/jobs/{id}" [Job], Company, WriteJobs,
            (JobPatch) -> Ok(JobResponse, etag = true), [BODY, VERSIONED];
        /// Deletes a job.
        DeleteJob = "DELETE" "/jobs/{id}" [Job], Company, DeleteJobs,
            () -> NoContent(), [VERSIONED];
        /// Creates a company that the system manages.
        CreateCompany = "POST" "/companies", Ats, WriteCompanies,
            (CompanyShape) -> Created(CompanyResponse, etag = true), [BODY, REPEATABLE, LIMITED];
        /// Changes a company that the system manages.
        ChangeCompany = "PATCH" "/companies/{id}" [Company], Ats, WriteCompanies,
            (CompanyPatch) -> Ok(CompanyResponse, etag = true), [BODY, VERSIONED];
    }
    /// Changes interviews that exist.
    ManageInterviews: InterviewRoute {
        /// Changes an interview.
        ChangeInterview = "PATCH" "/interviews/{id}" [Interview], Company, WriteInterviews,
            (InterviewPatch) -> Ok(InterviewResponse, etag = true), [BODY, STATE, VERSIONED];
        /// Cancels an interview.
        CancelInterview = "POST" "/interviews/{id}/cancel" [Interview], Company, WriteInterviews,
            () -> Ok(InterviewResponse, etag = true), [STATE, VERSIONED];
        /// Deletes an interview.
        DeleteInterview = "DELETE" "/interviews/{id}" [Interview], Company, DeleteInterviews,
            () -> NoContent(), [VERSIONED];
    }
    /// Manages webhooks.
    ManageWebhooks: WebhookRoute {
        /// Creates a webhook.
        CreateWebhook = "POST" "/webhooks", Owner, WriteWebhooks,
            (WebhookShape) -> Created(WebhookResponse, etag = true, shows_secret = true), [BODY, NAMED, REPEATABLE, LIMITED];
        /// Lists webhooks.
        ListWebhooks = "GET" "/webhooks" query("limit", "cursor"), Owner, ReadWebhooks,
            () -> Ok(WebhookResponseList), [];
        /// Shows a webhook.
        GetWebhook = "GET" "/webhooks/{id}" [Webhook], Owner, ReadWebhooks,
            () -> Ok(WebhookResponse, etag = true), [];
        /// Changes a webhook.
        ChangeWebhook = "PATCH" "/webhooks/{id}" [Webhook], Owner, WriteWebhooks,
            (WebhookPatch) -> Ok(WebhookResponse, etag = true), [BODY, VERSIONED];
        /// Deletes a webhook.
        DeleteWebhook = "DELETE" "/webhooks/{id}" [Webhook], Owner, WriteWebhooks,
            () -> NoContent(), [VERSIONED];
        /// Tries a webhook.
        TestWebhook = "POST" "/webhooks/{id}/test" [Webhook], Owner, WriteWebhooks,
            () -> Ok(TestResponse), [RATED];
        /// Gives a webhook another signing secret.
        RotateWebhookSecret = "POST" "/webhooks/{id}/rotate-secret" [Webhook], Owner, WriteWebhooks,
            () -> Ok(RotatedSecretResponse, shows_secret = true), [LIMITED, VERSIONED];
        /// Closes a webhook's circuit and forgets its failures.
        ResetWebhookCircuit = "POST" "/webhooks/{id}/reset-circuit" [Webhook], Owner, WriteWebhooks,
            () -> Ok(WebhookResponse, etag = true), [VERSIONED];
        /// Lists a webhook's deliveries.
        ListDeliveries = "GET" "/webhooks/{id}/deliveries" [Webhook] query("limit", "cursor"), Owner, ReadWebhooks,
            () -> Ok(DeliveryResponseList), [];
        /// Delivers once more.
        Redeliver = "POST" "/webhooks/{id}/deliveries/{deliveryId}/redeliver" [Webhook, Delivery], Owner, WriteWebhooks,
            () -> Accepted(DeliveryResponse), [];
    }
}

/// The name of the route of requests that no other route takes.
pub const DEFAULT_KEY: &str = "$default";

impl Route {
    /// The route with that name in API Gateway.
    pub fn of_key(key: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|route| route.entry().key == key)
    }

    /// The route that takes a method and a path.
    pub fn of(method: &str, path: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|route| route.entry().method == method && route.takes(path))
    }

    /// The methods that a path takes; none if there is no such path.
    pub fn methods_of(path: &str) -> Vec<&'static str> {
        Self::ALL.iter().filter(|route| route.takes(path)).map(|route| route.entry().method).collect()
    }

    /// The segments of a path that the braces of this route stand for, by their names.
    pub fn parameters(self, path: &str) -> Vec<(&'static str, &str)> {
        let name = |segment: &'static str| segment.strip_prefix('{')?.strip_suffix('}');
        let segments = self.entry().path.split('/').zip(path.split('/'));
        segments.filter_map(|(own, given)| Some((name(own)?, given))).collect()
    }

    /// True if the route may answer with a problem of that code.
    pub fn refuses(self, code: ErrorCode) -> bool {
        let Entry { acts_for, names, problems, .. } = self.entry();
        let of_tenant = match acts_for {
            ActsFor::Company => COMPANY,
            ActsFor::Companies => COMPANIES,
            ActsFor::Owner | ActsFor::Ats => &[],
        };
        let of_path = match names {
            [] => &[],
            [ResourceType::Company] => COMPANY_PATH,
            [_, ..] => PATH,
        };
        [EDGE, ANY, of_tenant, of_path].iter().chain(*problems).any(|codes| codes.contains(&code))
    }

    fn takes(self, path: &str) -> bool {
        let own = self.entry().path;
        let fits = |(own, given): (&str, &str)| own == given || (own.starts_with('{') && !given.is_empty());
        own.split('/').count() == path.split('/').count() && own.split('/').zip(path.split('/')).all(fits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_taken_segment_by_segment() {
        let table = [
            ("GET", "/webhooks", Some(Route::ListWebhooks)),
            ("GET", "/webhooks/1", Some(Route::GetWebhook)),
            ("POST", "/webhooks/1/test", Some(Route::TestWebhook)),
            ("POST", "/webhooks/1/deliveries/2/redeliver", Some(Route::Redeliver)),
            ("GET", "/webhooks/", None),
            ("GET", "/webhooks/1/", None),
            ("POST", "/webhooks//test", None),
            ("PUT", "/webhooks/1", None),
            ("GET", "/Webhooks", None),
        ];
        for (method, path, route) in table {
            assert_eq!(Route::of(method, path), route, "{method} {path}");
        }
        assert_eq!(Route::methods_of("/webhooks/1"), ["GET", "PATCH", "DELETE"]);
        assert_eq!(Route::methods_of("/webhooks/1/2"), [""; 0]);
    }

    #[test]
    fn parameters_are_what_stands_in_place_of_the_braces() {
        let path = "/webhooks/a/deliveries/b/redeliver";
        assert_eq!(Route::Redeliver.parameters(path), [("id", "a"), ("deliveryId", "b")]);
        assert_eq!(Route::ListWebhooks.parameters("/webhooks"), []);
    }

    /// Each route is found by its own key and by its own path, and by no other's.
    #[test]
    fn no_two_routes_are_taken_for_each_other() {
        for route in Route::ALL {
            assert_eq!(Route::of_key(route.entry().key), Some(*route));
            assert_eq!(Route::of(route.entry().method, route.entry().path), Some(*route));
            let braces = route.parameters(route.entry().path).len();
            assert_eq!(route.entry().names.len(), braces, "a kind of thing for each brace of {}", route.entry().key);
        }
        assert_eq!(Route::of_key(DEFAULT_KEY), None);
    }
}
