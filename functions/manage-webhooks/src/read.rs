//! `GET /webhooks` and `GET /webhooks/{id}`.

use api::{Problem, Reply, RequestContext, WebhookResponse, shown};
use domain::company::Owner;
use domain::webhook::WebhookId;
use store::Session;

pub(crate) async fn list(context: &mut RequestContext<'_>, session: &mut Session) -> Result<Reply, Problem> {
    let (admission, page) = context.admit::<Owner, _>(session, |reader| reader.page()).await?;
    let list = context.list(admission.caller.tenant, &());
    let page = session.webhooks_page(admission.caller.tenant, &list.page(&page)?).await?;
    list.reply(page, |webhook| shown(&WebhookResponse::from(webhook)))
}

pub(crate) async fn get(context: &mut RequestContext<'_>, session: &mut Session) -> Result<Reply, Problem> {
    let (admission, id) = context.admit::<Owner, _>(session, |reader| reader.path_reference::<WebhookId>("id")).await?;
    Reply::resource(&WebhookResponse::from(&admission.get(id)?.value))
}
