//! `POST /webhooks`.

use api::{Asked, Call, Problem, Reply, WebhookResponse};
use domain::api_key::Scope;
use domain::resource::AccessError;
use domain::webhook::{Circuit, SigningSecret, WEBHOOKS_MAX, Webhook, WebhookId, WebhookSecrets};
use store::{Creation, Named, RegisterFull, Session};
use validation::WebhookShape;

use crate::{App, sealing_failed};

pub(crate) async fn create(app: &App, call: &mut Call<'_>, session: &mut Session) -> Result<Reply, Problem> {
    let asked = call.check(&WebhookShape { targets: app.webhook_client.targets() });
    let company_id = asked.as_ref().ok().and_then(|asked| asked.command.company_id);
    let named = Named::default();
    let (mut caller, _) = call.authenticate_for_webhooks(session, Scope::WriteWebhooks, named, company_id).await?;
    let Asked { command, untimely: _, idempotency } = asked?;

    let id = WebhookId::new(call.id_source(caller.owner, idempotency.as_ref()).id("webhook"));
    let secret = SigningSecret::generate().map_err(Problem::internal)?;
    let secrets = WebhookSecrets::new(secret, command.headers.clone(), call.now);
    let sealed = delivery::seal(&app.vault, id, &secrets).await.map_err(sealing_failed)?;
    loop {
        let only = caller.managed.as_ref();
        let webhook = Webhook {
            id,
            owner: caller.owner,
            only_company_id: only.map(|company| company.value.id),
            url: command.url.clone(),
            events: command.events.clone(),
            name: command.name.clone().filter(|name| !name.as_str().is_empty()),
            description: command.description.clone().filter(|description| !description.as_str().is_empty()),
            header_names: command.headers.iter().map(|header| header.name.clone()).collect(),
            paused: None,
            circuit: Circuit::default(),
            sealed: sealed.clone(),
            created_at: call.now,
            updated_at: call.now,
        };
        let record = call.record(idempotency.as_ref());
        let refusal = match (session.create_webhook(webhook, only, record).await?, &idempotency) {
            (Creation::Created(webhook), _) => return reply(app, &webhook, false).await,
            (Creation::Exists(recorded), Some(idempotency)) => {
                return reply(app, &idempotency.replay(recorded)?, true).await;
            }
            (Creation::Exists(_), None) => return Err(Problem::internal("a fresh id was taken")),
            (Creation::Deleted, _) => return Err(AccessError::NotFound(id.into()).into()),
            (Creation::Refused(RegisterFull), _) => Problem::limit_reached("webhooks", WEBHOOKS_MAX),
            (Creation::Changed, _) => match call.read_webhooks_again(session, &mut caller, named).await {
                Ok(_) => continue,
                Err(refusal) => refusal,
            },
        };
        // A repeat outranks a refusal: the same request may have been carried out before.
        let Some(idempotency) = &idempotency else { return Err(refusal) };
        let Some(recorded) = session.recorded_webhook(caller.owner, id).await? else { return Err(refusal) };
        return reply(app, &idempotency.replay(recorded)?, true).await;
    }
}

/// The answer, with the secret: also when it is given again, since the first one may have been lost, but not once the
/// secret has been replaced.
async fn reply(app: &App, webhook: &Webhook, replayed: bool) -> Result<Reply, Problem> {
    let secrets = delivery::open(&app.vault, webhook).await.map_err(sealing_failed)?;
    let response = WebhookResponse::with_secret(webhook, secrets.first(webhook));
    Ok(Reply::created(format!("/webhooks/{}", webhook.id), &response, replayed)?.secret())
}
