//! A request for each route, which the route carries out.

use api::{ErrorCode, Route};
use domain::delivery::{Delivery, DeliveryJob};
use domain::event::Event;
use domain::webhook::WebhookId;
use reqwest::Method;
use serde_json::{Value, json};

use crate::body;
use crate::faults::{Fault, Operation};
use crate::request::Request;
use crate::server::TestServer;

/// The facts about a route that its common tests need and the table of routes does not say.
pub struct Sample {
    /// The things that the path names.
    pub named: Named,
    /// A body that the route accepts, if it takes one.
    pub body: Option<Value>,
    /// Members of a body that name something by an unknown id, and the refusal of that.
    pub unknown: Option<(Value, ErrorCode)>,
    /// The route's request to the table once the caller is admitted, and a passing failure of it.
    pub later: Option<(Operation, Fault)>,
}

/// The things that a path names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// A path without ids.
    Nothing,
    /// A webhook.
    Webhook,
    /// A webhook, and a delivery to it.
    Delivery,
}

impl Sample {
    /// The sample of a route. A new route has its entry here; `unknown` is an id that nothing has.
    pub fn of(route: Route, unknown: uuid::Uuid) -> Self {
        let put = Some((Operation::PutItem, Fault::Throttled));
        let update = Some((Operation::UpdateItem, Fault::Throttled));
        let transaction = Some((Operation::TransactWriteItems, Fault::ConflictAt(0)));
        let names = |members: Value, code| Some((members, code));
        let webhook = Self { named: Named::Webhook, body: None, unknown: None, later: None };
        match route {
            Route::CreateAgent => Self {
                named: Named::Nothing,
                body: Some(body::agent()),
                unknown: names(json!({"companyPhoneNumberId": unknown}), ErrorCode::ResourceNotFound),
                later: put,
            },
            Route::CreateInterview => Self {
                named: Named::Nothing,
                body: Some(body::interview()),
                unknown: names(json!({"candidate": null, "candidateId": unknown}), ErrorCode::ResourceNotFound),
                later: transaction,
            },
            Route::CreateWebhook => Self {
                named: Named::Nothing,
                body: Some(body::webhook()),
                unknown: names(json!({"companyId": unknown}), ErrorCode::ResourceAccessDenied),
                later: transaction,
            },
            Route::ListWebhooks => {
                Self { named: Named::Nothing, later: Some((Operation::GetItem, Fault::Throttled)), ..webhook }
            }
            Route::GetWebhook => webhook,
            Route::ChangeWebhook => Self {
                body: Some(json!({"name": "Another name"})),
                unknown: names(json!({"companyId": unknown}), ErrorCode::ResourceAccessDenied),
                later: update,
                ..webhook
            },
            Route::DeleteWebhook => Self { later: transaction, ..webhook },
            Route::TestWebhook => Self { later: put, ..webhook },
            Route::RotateWebhookSecret | Route::ResetWebhookCircuit => Self { later: update, ..webhook },
            Route::ListDeliveries => Self { later: Some((Operation::Query, Fault::Throttled)), ..webhook },
            Route::Redeliver => Self { named: Named::Delivery, later: put, ..webhook },
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
        let Sample { named, body, .. } = Sample::of(route, self.id());
        let path = route.entry().path.to_owned();
        let path = match named {
            Named::Nothing => path,
            Named::Webhook => path.replace("{id}", &self.webhook_of(key).await),
            Named::Delivery => {
                let webhook = self.webhook_of(key).await;
                let delivery = self.delivery_to(&webhook).await;
                path.replace("{id}", &webhook).replace("{deliveryId}", &delivery)
            }
        };
        Accepted { route, path, body }
    }

    /// The id of a new webhook of the key's owner, whose endpoint does not answer.
    pub async fn webhook_of(&self, key: &str) -> String {
        self.post("/webhooks").key(key).json(&body::webhook()).answered(201).await.id()
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

/// Members of a body of the route that name something by that unknown id, and the refusal of that.
pub fn unknown_in(route: Route, id: uuid::Uuid) -> (Value, ErrorCode) {
    Sample::of(route, id).unknown.unwrap_or_else(|| panic!("a body of {} names nothing", route.entry().key))
}
