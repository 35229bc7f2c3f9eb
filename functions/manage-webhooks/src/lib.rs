//! `/webhooks` and everything below: where events are announced to, and how that went.
//!
//! One function for all of it: these routes are called rarely, and one that is warm for any of them is warm for all.

mod change;
mod create;
mod deliveries;
mod read;

use std::pin::Pin;

use api::{
    Body, CHANGE_WEBHOOK, CREATE_WEBHOOK, Call, DELETE_WEBHOOK, GET_WEBHOOK, LIST_DELIVERIES, LIST_WEBHOOKS, Problem,
    REDELIVER, RESET_WEBHOOK_CIRCUIT, ROTATE_WEBHOOK_SECRET, Reply, Request, Response, Route, Runtime, TEST_WEBHOOK,
    WebhookCaller,
};
use delivery::{SealingError, WebhookClient};
use domain::Versioned;
use domain::api_key::Scope;
use domain::company::CompanyId;
use domain::webhook::{Webhook, WebhookId};
use queue::Queue;
use store::{Cost, Named, OpenedWebhooks, Session, Store};
use vault::Vault;

/// What the function is built from.
#[derive(Clone)]
pub struct App {
    /// Time, ids, log.
    pub runtime: Runtime,
    /// The table.
    pub store: Store,
    /// Keeps secrets.
    pub vault: Vault,
    /// Where orders to deliver go.
    pub queue: Queue,
    /// Posts when a webhook is tried.
    pub webhook_client: WebhookClient,
}

/// Answers one request.
pub async fn handle(app: &App, request: Request) -> Response<Body> {
    let Some(route) = Call::route_of(&request) else {
        return Call::begin_without_route(&app.runtime, request).end(Err(Problem::route_not_found()), Cost::default());
    };
    let mut call = Call::begin(&app.runtime, route, request);
    let mut session = app.store.session();
    let outcome = carry_out(app, route, &mut call, &mut session).await;
    call.end(outcome, session.cost())
}

/// What a route does, on the heap: all of them in one future would make each as large as the largest.
type Work<'a> = Pin<Box<dyn Future<Output = Result<Reply, Problem>> + Send + 'a>>;

fn carry_out<'a>(app: &'a App, route: Route, call: &'a mut Call<'_>, session: &'a mut Session) -> Work<'a> {
    match route {
        CREATE_WEBHOOK => Box::pin(create::create(app, call, session)),
        LIST_WEBHOOKS => Box::pin(read::list(call, session)),
        GET_WEBHOOK => Box::pin(read::get(call, session)),
        CHANGE_WEBHOOK => Box::pin(change::change(app, call, session)),
        DELETE_WEBHOOK => Box::pin(change::delete(call, session)),
        ROTATE_WEBHOOK_SECRET => Box::pin(change::rotate_secret(app, call, session)),
        RESET_WEBHOOK_CIRCUIT => Box::pin(change::reset_circuit(call, session)),
        TEST_WEBHOOK => Box::pin(deliveries::test(app, call, session)),
        LIST_DELIVERIES => Box::pin(deliveries::list(call, session)),
        REDELIVER => Box::pin(deliveries::redeliver(app, call, session)),
        // Routes of the other functions, which the gateway does not send here.
        _ => Box::pin(async { Err(Problem::route_not_found()) }),
    }
}

/// A caller and the webhook that its request names.
struct Addressed {
    caller: WebhookCaller,
    opened: OpenedWebhooks,
    webhook: Versioned<Webhook>,
    named: Named,
}

impl Addressed {
    /// Admits the caller, and reads the webhook that the path names and whatever else the request does.
    async fn read(
        call: &mut Call<'_>,
        session: &mut Session,
        route: Route,
        scope: Scope,
        other: Named,
    ) -> Result<Self, Problem> {
        let (addressed, ()) = Self::read_for(call, session, route, scope, other, None, Ok(())).await?;
        Ok(addressed)
    }

    /// The same for a request that asks for something besides; `company_id` is a company that it names, which a webhook
    /// is to be confined to. What is wrong with the request itself comes at once, and before what is stored.
    async fn read_for<T>(
        call: &mut Call<'_>,
        session: &mut Session,
        route: Route,
        scope: Scope,
        other: Named,
        company_id: Option<CompanyId>,
        asked: Result<T, Problem>,
    ) -> Result<(Self, T), Problem> {
        // Whoever is not admitted is not told what is wrong with the path.
        let id = call.path_id::<WebhookId>(route, "id");
        let named = Named { webhook: id.as_ref().ok().copied(), ..other };
        let (caller, mut opened) = call.authenticate_for_webhooks(session, scope, named, company_id).await?;
        let (id, asked) = Problem::both(id, asked)?;
        let webhook = opened.webhook(id)?;
        Ok((Self { caller, opened, webhook, named }, asked))
    }

    /// Reads the webhook again, because it has changed.
    async fn read_again(&mut self, call: &Call<'_>, session: &mut Session) -> Result<(), Problem> {
        self.opened = call.read_webhooks_again(session, &mut self.caller, self.named).await?;
        self.webhook = self.opened.webhook(self.webhook.value.id)?;
        Ok(())
    }
}

fn sealing_failed(error: SealingError) -> Problem {
    let is_passing = error.is_passing();
    failed(error, is_passing)
}

/// A failure of something else than the table.
fn failed(error: impl std::error::Error + Send + Sync + 'static, is_passing: bool) -> Problem {
    if is_passing { Problem::temporarily_unavailable(error) } else { Problem::internal(error) }
}
