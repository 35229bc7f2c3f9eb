//! Requests that a route carries out, whichever it is.

use api::Route;
use domain::api_key::Scope;
use domain::delivery::{Delivery, DeliveryJob};
use domain::event::Event;
use domain::webhook::WebhookId;
use reqwest::Method;
use serde_json::{Value, json};

use crate::body;
use crate::document;
use crate::request::Request;
use crate::server::TestServer;

/// A request that a route carries out once at least, if its caller may ask for it.
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
    /// A request for the owner of that key, with all that its path names: made for it alone.
    pub async fn accepted(&self, route: Route, key: &str) -> Accepted {
        let mut path = route.entry().path.to_owned();
        if path.contains("{id}") {
            let webhook = self.webhook_of(key).await;
            path = path.replace("{id}", &webhook);
            if path.contains("{deliveryId}") {
                path = path.replace("{deliveryId}", &self.delivery_to(&webhook).await);
            }
        }
        Accepted { route, path, body: body_of(route) }
    }

    /// The id of a new webhook of the key's owner, which nobody answers for.
    pub async fn webhook_of(&self, key: &str) -> String {
        self.post(Route::CreateWebhook.entry().path).key(key).json(&body::webhook()).answered(201).await.id()
    }

    /// The id of a new delivery to a webhook: a ping that was given up.
    pub async fn delivery_to(&self, webhook: &str) -> String {
        let webhook: WebhookId = webhook.parse().expect("an id");
        let ping = Event::ping(webhook, self.id(), self.now()).expect("an event");
        let order = DeliveryJob::new(&ping, webhook);
        let delivery = Delivery::new(&order, self.now()).given_up(self.now());
        self.store().session().write_delivery(None, &delivery).await.expect("a delivery");
        delivery.id.to_string()
    }
}

impl Accepted {
    /// The request, without a key.
    pub fn request(&self, server: &TestServer) -> Request {
        let request = self.bare(server);
        match &self.body {
            Some(body) => request.json(body),
            None => request,
        }
    }

    /// The same without a body.
    pub fn bare(&self, server: &TestServer) -> Request {
        self.at(server, "")
    }

    /// The same with a query, and without a body.
    pub fn at(&self, server: &TestServer, query: &str) -> Request {
        server.request(method(self.route), &format!("{}{query}", self.path))
    }

    /// The body of a route that takes one.
    pub fn body(&self) -> &Value {
        self.body.as_ref().unwrap_or_else(|| panic!("{} takes no body", self.route.entry().key))
    }

    /// The status of its answer.
    pub fn status(&self) -> u16 {
        document::success(self.route)
    }
}

/// The method of a route.
pub fn method(route: Route) -> Method {
    route.entry().method.parse().expect("a method")
}

/// The scope that a route needs.
pub fn scope(route: Route) -> Scope {
    match route {
        Route::CreateAgent => Scope::WriteAgents,
        Route::CreateInterview => Scope::WriteInterviews,
        Route::ListWebhooks | Route::GetWebhook | Route::ListDeliveries => Scope::ReadWebhooks,
        Route::CreateWebhook
        | Route::ChangeWebhook
        | Route::DeleteWebhook
        | Route::TestWebhook
        | Route::RotateWebhookSecret
        | Route::ResetWebhookCircuit
        | Route::Redeliver => Scope::WriteWebhooks,
        other => panic!("name the scope of {}", other.entry().key),
    }
}

fn body_of(route: Route) -> Option<Value> {
    match route {
        Route::CreateAgent | Route::CreateInterview | Route::CreateWebhook => Some(body::accepted(route)),
        Route::ChangeWebhook => Some(json!({"name": "Another name"})),
        Route::ListWebhooks
        | Route::GetWebhook
        | Route::DeleteWebhook
        | Route::TestWebhook
        | Route::RotateWebhookSecret
        | Route::ResetWebhookCircuit
        | Route::ListDeliveries
        | Route::Redeliver => None,
        other => panic!("say what {} takes", other.entry().key),
    }
}
