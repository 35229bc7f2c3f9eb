//! `POST /webhooks`.

use api::{Problem, Reply, RequestContext, ValidRequest, WebhookResponse};
use domain::company::Owner;
use domain::webhook::{Circuit, SigningSecret, Webhook, WebhookId, WebhookSecrets};
use store::{NewWebhook, Session};
use validation::WebhookShape;

use crate::{App, sealing_failed};

pub(crate) async fn create(
    app: &App,
    context: &mut RequestContext<'_>,
    session: &mut Session,
) -> Result<Reply, Problem> {
    let own_hosts = context.own_hosts(app.domain_name.as_deref());
    let shape = WebhookShape { targets: app.webhook_client.targets(), ports: app.webhook_client.ports(), own_hosts };
    let (mut admission, request) = context
        .admit::<Owner, _>(session, |reader| reader.body(&shape).naming_company(|request| request.command.company_id))
        .await?;
    let ValidRequest { command, expired: _, idempotency } = request;
    let now = context.now;
    let id = WebhookId::new(context.id_source(&admission, idempotency.as_ref()).id("webhook"));
    let secret = SigningSecret::generate().map_err(Problem::internal)?;
    let secrets = WebhookSecrets::new(secret, command.headers.clone(), now);
    let sealed = delivery::seal(&app.vault, id, &secrets).await.map_err(sealing_failed)?;
    let (webhook, replayed) = context
        .create(session, &mut admission, idempotency.as_ref(), id, |admission| {
            let webhook = Webhook {
                id,
                owner: admission.caller.tenant,
                only_company_id: admission.caller.managed.as_ref().map(|company| company.value.id),
                url: command.url.clone(),
                events: command.events.clone(),
                name: command.name.clone().filter(|name| !name.as_str().is_empty()),
                description: command.description.clone().filter(|description| !description.as_str().is_empty()),
                header_names: command.headers.iter().map(|header| header.name.clone()).collect(),
                paused: app.address_proof.first_pause(),
                circuit: Circuit::default(),
                sealed_within: None,
                created_by_key_id: Some(admission.caller.key_id),
                created_at: now,
                updated_at: now,
            };
            Ok(NewWebhook { webhook, sealed: sealed.clone() })
        })
        .await?;
    // A replay shows the secret too, since the first answer may have been lost; but not once the secret has been
    // replaced, and not for longer than a caller goes on repeating a request.
    let secrets = if replayed { stored_secrets(app, session, &webhook).await? } else { Some(secrets) };
    let secret = secrets.as_ref().and_then(|secrets| secrets.first(&webhook, now));
    let response = WebhookResponse::with_secret(&webhook, secret);
    Ok(Reply::created(format!("/webhooks/{id}"), &response, replayed)?.secret())
}

async fn stored_secrets(
    app: &App,
    session: &mut Session,
    webhook: &Webhook,
) -> Result<Option<WebhookSecrets>, Problem> {
    let Some(stored) = session.webhook_secrets(webhook).await? else { return Ok(None) };
    let secrets = delivery::open(&app.vault, webhook.id, &stored.sealed).await.map_err(sealing_failed)?;
    Ok(Some(secrets))
}
