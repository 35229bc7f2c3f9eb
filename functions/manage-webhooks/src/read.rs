//! `GET /webhooks` and `GET /webhooks/{id}`.

use api::{Content, Problem, Reply, RequestContext, WebhookListResponse, WebhookResponse};
use domain::company::Owner;
use domain::webhook::WebhookId;
use store::Session;

pub(crate) async fn list(context: &mut RequestContext<'_>, session: &mut Session) -> Result<Reply, Problem> {
    let (admission, ()) = context.admit::<Owner, _>(session, |_| Content::none()).await?;
    let webhooks = session.webhooks(admission.caller.tenant).await?;
    Reply::ok(&WebhookListResponse { webhooks: webhooks.iter().map(WebhookResponse::from).collect() })
}

pub(crate) async fn get(context: &mut RequestContext<'_>, session: &mut Session) -> Result<Reply, Problem> {
    let (admission, id) = context.admit::<Owner, _>(session, |reader| reader.path_reference::<WebhookId>("id")).await?;
    Reply::resource(&WebhookResponse::from(&admission.get(id)?.value))
}
