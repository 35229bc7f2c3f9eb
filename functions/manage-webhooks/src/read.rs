//! `GET /webhooks` and `GET /webhooks/{id}`.

use api::{Call, GET_WEBHOOK, Problem, Reply, WebhookListResponse, WebhookResponse};
use domain::api_key::Scope;
use store::{Named, Session};

use crate::Addressed;

pub(crate) async fn list(call: &mut Call<'_>, session: &mut Session) -> Result<Reply, Problem> {
    let (caller, _) = call.authenticate_for_webhooks(session, Scope::ReadWebhooks, Named::default(), None).await?;
    let webhooks = session.webhooks(caller.owner).await?;
    Reply::ok(&WebhookListResponse { webhooks: webhooks.iter().map(WebhookResponse::from).collect() })
}

pub(crate) async fn get(call: &mut Call<'_>, session: &mut Session) -> Result<Reply, Problem> {
    let addressed = Addressed::read(call, session, GET_WEBHOOK, Scope::ReadWebhooks, Named::default()).await?;
    Reply::ok(&WebhookResponse::from(&addressed.webhook.value))
}
