//! A request for each route, which the route carries out.

use api::{ErrorCode, Route};
use domain::delivery::{Delivery, DeliveryJob};
use domain::event::Event;
use domain::resource::ResourceType;
use domain::webhook::WebhookId;
use reqwest::Method;
use serde_json::{Value, json};

use crate::body;
use crate::faults::{Fault, Operation};
use crate::request::Request;
use crate::server::TestServer;

/// The facts about a route that its common tests need and the table of routes does not say.
pub struct Sample {
    /// A body that the route accepts, if it takes one.
    pub body: Option<Value>,
    /// Members of a body that name something by an unknown id, and the refusal of that.
    pub unknown: Option<(Value, ErrorCode)>,
    /// The route's request to the table once the caller is admitted, and a passing failure of it.
    pub later: Option<(Operation, Fault)>,
}

impl Sample {
    /// The sample of a route. A new route has its entry here; `unknown` is an id that nothing has.
    pub fn of(route: Route, unknown: uuid::Uuid) -> Self {
        let put = Some((Operation::PutItem, Fault::Throttled));
        let update = Some((Operation::UpdateItem, Fault::Throttled));
        let transaction = Some((Operation::TransactWriteItems, Fault::ConflictAt(0)));
        let names = |members: Value, code| Some((members, code));
        let no_body = Self { body: None, unknown: None, later: None };
        match route {
            Route::CreateAgent => Self {
                body: Some(body::agent()),
                unknown: names(json!({"companyPhoneNumberId": unknown}), ErrorCode::ResourceNotFound),
                later: put,
            },
            Route::CreateInterview => Self {
                body: Some(body::interview()),
                unknown: names(json!({"candidate": null, "candidateId": unknown}), ErrorCode::ResourceNotFound),
                later: transaction,
            },
            Route::GetAgent
            | Route::GetJob
            | Route::GetInterview
            | Route::GetTranscript
            | Route::GetCompany
            | Route::GetManagedCompany => no_body,
            Route::CreateCompany => Self { body: Some(body::company()), unknown: None, later: transaction },
            Route::ChangeCompany => Self { body: Some(json!({"name": "Another name"})), unknown: None, later: update },
            Route::ListAgents
            | Route::ListCandidates
            | Route::GetCandidate
            | Route::ListJobs
            | Route::ListInterviews
            | Route::ListPhoneNumbers
            | Route::ListCompanies
            | Route::GetUsage => Self { later: Some((Operation::Query, Fault::Throttled)), ..no_body },
            Route::ChangeInterview => Self { body: Some(json!({"metadata": {"round": 2}})), later: update, ..no_body },
            Route::CancelInterview => Self { later: transaction, ..no_body },
            Route::DeleteInterview => Self { later: transaction, ..no_body },
            Route::ChangeAgent => Self {
                body: Some(json!({"name": "Another name"})),
                unknown: names(json!({"companyPhoneNumberId": unknown}), ErrorCode::ResourceNotFound),
                later: update,
            },
            Route::CreateCandidate => Self {
                body: Some(body::candidate()),
                unknown: names(json!({"jobIds": [unknown]}), ErrorCode::ResourceNotFound),
                later: put,
            },
            Route::ChangeCandidate => Self {
                body: Some(json!({"status": "IN_PROCESS"})),
                unknown: names(json!({"jobIds": [unknown]}), ErrorCode::ResourceNotFound),
                later: update,
            },
            Route::CreateJob => Self { body: Some(body::job()), unknown: None, later: put },
            Route::ChangeJob => Self { body: Some(json!({"title": "Another title"})), unknown: None, later: update },
            Route::DeleteAgent | Route::DeleteCandidate | Route::DeleteJob => Self { later: update, ..no_body },
            Route::CreateWebhook => Self {
                body: Some(body::webhook()),
                unknown: names(json!({"companyId": unknown}), ErrorCode::ResourceAccessDenied),
                later: transaction,
            },
            Route::ListWebhooks => Self { later: Some((Operation::GetItem, Fault::Throttled)), ..no_body },
            Route::GetWebhook => no_body,
            Route::ChangeWebhook => Self {
                body: Some(json!({"name": "Another name"})),
                unknown: names(json!({"companyId": unknown}), ErrorCode::ResourceAccessDenied),
                later: update,
            },
            Route::DeleteWebhook | Route::RotateWebhookSecret => Self { later: transaction, ..no_body },
            Route::Redeliver => Self { later: put, ..no_body },
            Route::TestWebhook | Route::ResetWebhookCircuit => Self { later: update, ..no_body },
            Route::ListDeliveries => Self { later: Some((Operation::Query, Fault::Throttled)), ..no_body },
        }
    }
}

/// A request that a route carries out at least once, if its caller may ask for it.
#[derive(Debug, Clone)]
pub struct Accepted {
    /// The route.
    pub route: Route,
    /// The path, with ids of what exists.
    pub path: String,
    /// The body, if the route takes one.
    pub body: Option<Value>,
}

impl TestServer {
    /// A request for the owner of that key, with everything that its path names, which is created for this request
    /// alone.
    pub async fn accepted(&self, route: Route, key: &str) -> Accepted {
        self.accepted_for(route, key, "").await
    }

    /// The same for the tenant that the key acts for with that query.
    pub async fn accepted_for(&self, route: Route, key: &str, query: &str) -> Accepted {
        let mut path = route.entry().path.to_owned();
        let mut first = None;
        for ((name, _), kind) in route.parameters(route.entry().path).into_iter().zip(route.entry().names) {
            let id = match route {
                // Only an interview that is over has one.
                Route::GetTranscript => self.test_interview(key, query).await,
                _ => self.new_thing(*kind, first.as_deref(), key, query).await,
            };
            path = path.replace(&format!("{{{name}}}"), &id);
            first = first.or(Some(id));
        }
        Accepted { route, path, body: Sample::of(route, self.id()).body }
    }

    /// The id of a new thing of that kind for the tenant that the key acts for with that query; it belongs to the first
    /// thing of its path, if there is one.
    pub async fn new_thing(&self, kind: ResourceType, first: Option<&str>, key: &str, query: &str) -> String {
        let created = async |path: &str, body: &Value| {
            self.post(&format!("{path}{query}")).key(key).json(body).answered(201).await
        };
        match kind {
            ResourceType::Agent => created("/agents", &body::agent()).await.id(),
            ResourceType::Candidate => {
                created("/interviews", &body::interview()).await.text_of("candidateId").to_owned()
            }
            ResourceType::Job => {
                let interview = json!({"candidate": body::candidate(), "agent": body::agent(), "job": body::job()});
                created("/interviews", &interview).await.text_of("jobId").to_owned()
            }
            ResourceType::Interview => created("/interviews", &body::interview()).await.id(),
            ResourceType::Webhook => created("/webhooks", &body::webhook()).await.id(),
            ResourceType::Delivery => self.delivery_to(first.expect("the webhook of a delivery")).await,
            ResourceType::PhoneNumber => self.phone_number_of(key, query).await,
            ResourceType::Company => created("/companies", &body::company()).await.id(),
            ResourceType::Transcript => {
                panic!("a path names {kind}: say here how a test gets a new one")
            }
        }
    }

    /// The id of a new test interview of the company that the key acts for with that query.
    async fn test_interview(&self, key: &str, query: &str) -> String {
        let body = body::with(body::interview(), json!({"isTest": true}));
        self.post(&format!("/interviews{query}")).key(key).json(&body).answered(201).await.id()
    }

    /// The id of a new telephone number of that company.
    async fn phone_number_of(&self, key: &str, query: &str) -> String {
        let company = self.post(&format!("/agents{query}")).key(key).json(&body::agent()).answered(201).await;
        let company_id = company.text_of("companyId").parse().expect("an id");
        self.new_phone_number(company_id).await
    }

    /// The id of a new webhook of the key's owner, whose endpoint does not answer.
    pub async fn webhook_of(&self, key: &str) -> String {
        self.new_thing(ResourceType::Webhook, None, key, "").await
    }

    /// The id of a new delivery to a webhook: a ping that was given up.
    pub async fn delivery_to(&self, webhook: &str) -> String {
        let webhook: WebhookId = webhook.parse().expect("an id");
        let ping = Event::ping(webhook, self.id(), self.now()).expect("an event");
        let job = DeliveryJob::new(&ping, webhook);
        let delivery = Delivery::new(&job, self.now()).given_up(self.now());
        self.store().session().write_delivery(None, &delivery).await.expect("a delivery");
        delivery.id.to_string()
    }
}

impl Accepted {
    /// The request, without a key.
    pub fn request(&self, server: &TestServer) -> Request {
        self.with_body(self.bare(server))
    }

    /// The request without a key and without a body.
    pub fn bare(&self, server: &TestServer) -> Request {
        self.at(server, "")
    }

    /// The request with a query, without a key and without a body.
    pub fn at(&self, server: &TestServer, query: &str) -> Request {
        self.by(server, &format!("{}{query}", self.path))
    }

    /// A request by the same method to another path, without a key and without a body.
    pub fn by(&self, server: &TestServer, path: &str) -> Request {
        server.request(method(self.route), path)
    }

    /// The request with the body, if the route takes one.
    pub fn with_body(&self, request: Request) -> Request {
        match &self.body {
            Some(body) => request.json(body),
            None => request,
        }
    }

    /// The body of a route that takes one.
    pub fn body(&self) -> &Value {
        self.body.as_ref().unwrap_or_else(|| panic!("{} takes no body", self.route.entry().key))
    }

    /// The status of the answer.
    pub fn status(&self) -> u16 {
        self.route.entry().success.status().as_u16()
    }
}

/// The method of a route.
pub fn method(route: Route) -> Method {
    route.entry().method.parse().expect("a method")
}

/// A body that the route accepts, which takes one.
pub fn body_of(route: Route) -> Value {
    let body = Sample::of(route, uuid::Uuid::nil()).body;
    body.unwrap_or_else(|| panic!("{} takes no body", route.entry().key))
}

/// Members of a body of the route that name something by that unknown id, and the refusal of that, if the body names
/// anything.
pub fn unknown_in(route: Route, id: uuid::Uuid) -> Option<(Value, ErrorCode)> {
    Sample::of(route, id).unknown
}
