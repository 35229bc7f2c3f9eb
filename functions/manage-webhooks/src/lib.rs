//! `/webhooks` and everything below: the endpoints that events are announced to, and their deliveries.
//!
//! One function for all of it: these routes are called rarely, and one that is warm for any of them is warm for all.

mod change;
mod create;
mod deliveries;
mod read;

use api::{Event, Problem, Processing, RequestContext, Response, WebhookRoute, answer};
use delivery::{SealingError, WebhookClient};
use domain::webhook::AddressProof;
use queue::Queue;
use runtime::Runtime;
use store::{Session, Store};
use vault::Vault;

/// The surroundings of the function.
#[derive(Clone)]
pub struct App {
    /// Clock, ids and log.
    pub runtime: Runtime,
    /// The table.
    pub store: Store,
    /// The vault of secrets.
    pub vault: Vault,
    /// The queue of deliveries.
    pub queue: Queue,
    /// The client that posts when a webhook is tried.
    pub webhook_client: WebhookClient,
    /// The option that addresses have to be proven.
    pub address_proof: AddressProof,
    /// The API's own domain, if it has one besides its host at API Gateway.
    pub domain_name: Option<String>,
}

/// Answers one request.
pub async fn handle(app: &App, event: Event) -> Response {
    answer(&app.runtime, &app.store, event, WebhookRoute::of, |route, context, session| {
        process(app, route, context, session)
    })
    .await
}

fn process<'a>(
    app: &'a App,
    route: WebhookRoute,
    context: &'a mut RequestContext<'_>,
    session: &'a mut Session,
) -> Processing<'a> {
    match route {
        WebhookRoute::CreateWebhook => Box::pin(create::create(app, context, session)),
        WebhookRoute::ListWebhooks => Box::pin(read::list(context, session)),
        WebhookRoute::GetWebhook => Box::pin(read::get(context, session)),
        WebhookRoute::ChangeWebhook => Box::pin(change::change(app, context, session)),
        WebhookRoute::DeleteWebhook => Box::pin(change::delete(context, session)),
        WebhookRoute::RotateWebhookSecret => Box::pin(change::rotate_secret(app, context, session)),
        WebhookRoute::ResetWebhookCircuit => Box::pin(change::reset_circuit(context, session)),
        WebhookRoute::TestWebhook => Box::pin(deliveries::test(app, context, session)),
        WebhookRoute::ListDeliveries => Box::pin(deliveries::list(context, session)),
        WebhookRoute::Redeliver => Box::pin(deliveries::redeliver(app, context, session)),
    }
}

fn sealing_failed(error: SealingError) -> Problem {
    let is_passing = error.is_passing();
    Problem::failure(error, is_passing)
}
