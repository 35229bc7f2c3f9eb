//! `PATCH` and `DELETE /webhooks/{id}`, and the changes that have routes of their own.

use api::{Problem, Reply, RequestContext, RotatedSecretResponse, ValidRequest, WebhookResponse};
use domain::company::Owner;
use domain::webhook::{
    ChangeWebhook, Circuit, LIVE_SECRETS_MAX, ROTATION_OVERLAP, Sealed, SigningSecret, TooManySecrets, Webhook,
    WebhookId, WebhookSecrets,
};
use store::{Session, Updated};
use validation::ChangeWebhookShape;

use crate::{App, sealing_failed};

pub(crate) async fn change(
    app: &App,
    context: &mut RequestContext<'_>,
    session: &mut Session,
) -> Result<Reply, Problem> {
    let own_hosts = context.own_hosts(app.domain_name.as_deref());
    let shape =
        ChangeWebhookShape { targets: app.webhook_client.targets(), ports: app.webhook_client.ports(), own_hosts };
    let (mut admission, (id, ValidRequest { command, .. })) = context
        .admit::<Owner, _>(session, |reader| {
            let body = reader.body(&shape).naming_company(|request| request.command.company_id);
            reader.path_reference::<WebhookId>("id").and(body)
        })
        .await?;
    loop {
        let old = admission.get(id)?;
        let sealed = sealed(app, &command, &old.value).await?;
        let changed = Webhook { sealed, ..command.apply(&old.value, context.now) };
        match session.change_webhook(&old, &changed, admission.caller.managed.as_ref()).await? {
            Updated::Applied => return Reply::ok(&WebhookResponse::from(&changed)),
            Updated::Outdated => admission.reload(session).await?,
        }
    }
}

/// The secrets after the change, encrypted: the same, unless other headers are given.
async fn sealed(app: &App, command: &ChangeWebhook, webhook: &Webhook) -> Result<Sealed, Problem> {
    let Some(headers) = &command.headers else { return Ok(webhook.sealed.clone()) };
    let secrets = delivery::open(&app.vault, webhook).await.map_err(sealing_failed)?;
    let secrets = WebhookSecrets { headers: headers.clone(), ..secrets };
    delivery::seal(&app.vault, webhook.id, &secrets).await.map_err(sealing_failed)
}

pub(crate) async fn delete(context: &mut RequestContext<'_>, session: &mut Session) -> Result<Reply, Problem> {
    let (mut admission, id) =
        context.admit::<Owner, _>(session, |reader| reader.path_reference::<WebhookId>("id")).await?;
    loop {
        match session.delete_webhook(&admission.get(id)?, context.now).await? {
            Updated::Applied => return Ok(Reply::no_content()),
            Updated::Outdated => admission.reload(session).await?,
        }
    }
}

pub(crate) async fn reset_circuit(context: &mut RequestContext<'_>, session: &mut Session) -> Result<Reply, Problem> {
    let (mut admission, id) =
        context.admit::<Owner, _>(session, |reader| reader.path_reference::<WebhookId>("id")).await?;
    loop {
        let old = admission.get(id)?;
        let changed = Webhook { circuit: Circuit::default(), updated_at: context.now, ..old.value.clone() };
        match session.change_webhook(&old, &changed, None).await? {
            Updated::Applied => return Reply::ok(&WebhookResponse::from(&changed)),
            Updated::Outdated => admission.reload(session).await?,
        }
    }
}

pub(crate) async fn rotate_secret(
    app: &App,
    context: &mut RequestContext<'_>,
    session: &mut Session,
) -> Result<Reply, Problem> {
    let (mut admission, id) =
        context.admit::<Owner, _>(session, |reader| reader.path_reference::<WebhookId>("id")).await?;
    let secret = SigningSecret::generate().map_err(Problem::internal)?;
    let now = context.now;
    loop {
        let old = admission.get(id)?;
        let mut secrets = delivery::open(&app.vault, &old.value).await.map_err(sealing_failed)?;
        // True after a reload, if the write took effect and only its answer was lost.
        let written = secrets.live(now).next() == Some(&secret);
        if !written {
            secrets
                .rotate(secret.clone(), now)
                .map_err(|TooManySecrets| Problem::limit_reached("live secrets", LIVE_SECRETS_MAX))?;
            let sealed = delivery::seal(&app.vault, id, &secrets).await.map_err(sealing_failed)?;
            let changed = Webhook { sealed, updated_at: now, ..old.value.clone() };
            if session.change_webhook(&old, &changed, None).await? == Updated::Outdated {
                admission.reload(session).await?;
                continue;
            }
        }
        let response = RotatedSecretResponse {
            webhook_id: id,
            signing_secret: secret.reveal(),
            previous_secret_expires_at: now.saturating_add(ROTATION_OVERLAP),
        };
        return Ok(Reply::ok(&response)?.secret());
    }
}
