//! `PATCH` and `DELETE /webhooks/{id}`, and the changes that have routes of their own.

use api::{
    Content, ContentReader, IfMatch, Problem, Reply, RequestContext, RotatedSecretResponse, ValidRequest,
    WebhookResponse,
};
use domain::Versioned;
use domain::company::{Company, Owner};
use domain::webhook::{
    Circuit, LIVE_SECRETS_MAX, ROTATION_OVERLAP, SigningSecret, TooManySecrets, Webhook, WebhookHeader, WebhookId,
    WebhookSecrets,
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
    let (mut admission, ((id, ValidRequest { command, .. }), if_match)) = context
        .admit::<Owner, _>(session, |reader| {
            let body = reader.body(&shape).naming_company(|request| request.command.company_id);
            reader.path_reference::<WebhookId>("id").and(body).and(reader.if_match())
        })
        .await?;
    loop {
        let old = admission.get(id)?;
        if_match.check(&WebhookResponse::from(&old.value))?;
        let changed = app.address_proof.after_change(&old.value, command.apply(&old.value, context.now));
        let managed = admission.caller.managed.as_ref();
        let updated = match &command.headers {
            None => session.change_webhook(&old, &changed, managed, context.now).await?,
            Some(headers) => change_headers(app, session, &old, &changed, headers, managed).await?,
        };
        match updated {
            Updated::Applied => return Reply::resource(&WebhookResponse::from(&changed)),
            Updated::Outdated => admission.reload(session).await?,
        }
    }
}

/// Changes a webhook and the headers among its secrets.
async fn change_headers(
    app: &App,
    session: &mut Session,
    old: &Versioned<Webhook>,
    changed: &Webhook,
    headers: &[WebhookHeader],
    managed: Option<&Versioned<Company>>,
) -> Result<Updated, Problem> {
    let Some(read) = session.webhook_secrets(&old.value).await? else { return Ok(Updated::Outdated) };
    let secrets = delivery::open(&app.vault, changed.id, &read.sealed).await.map_err(sealing_failed)?;
    let secrets = WebhookSecrets { headers: headers.to_vec(), ..secrets };
    let sealed = delivery::seal(&app.vault, changed.id, &secrets).await.map_err(sealing_failed)?;
    Ok(session.change_webhook_with_secrets(old, changed, &read, sealed, managed, changed.updated_at).await?)
}

/// The webhook of the path, and the version on which the change rests.
fn webhook(reader: &ContentReader<'_>) -> Content<(WebhookId, IfMatch)> {
    reader.path_reference("id").and(reader.if_match())
}

pub(crate) async fn delete(context: &mut RequestContext<'_>, session: &mut Session) -> Result<Reply, Problem> {
    let (mut admission, (id, if_match)) = context.admit::<Owner, _>(session, webhook).await?;
    loop {
        let old = admission.get(id)?;
        if_match.check(&WebhookResponse::from(&old.value))?;
        match session.delete_webhook(&old, context.now).await? {
            Updated::Applied => return Ok(Reply::no_content()),
            Updated::Outdated => admission.reload(session).await?,
        }
    }
}

pub(crate) async fn reset_circuit(context: &mut RequestContext<'_>, session: &mut Session) -> Result<Reply, Problem> {
    let (mut admission, (id, if_match)) = context.admit::<Owner, _>(session, webhook).await?;
    loop {
        let old = admission.get(id)?;
        if_match.check(&WebhookResponse::from(&old.value))?;
        let changed = Webhook { circuit: Circuit::default(), updated_at: context.now, ..old.value.clone() };
        match session.change_webhook(&old, &changed, None, context.now).await? {
            Updated::Applied => return Reply::resource(&WebhookResponse::from(&changed)),
            Updated::Outdated => admission.reload(session).await?,
        }
    }
}

pub(crate) async fn rotate_secret(
    app: &App,
    context: &mut RequestContext<'_>,
    session: &mut Session,
) -> Result<Reply, Problem> {
    let (mut admission, (id, if_match)) = context.admit::<Owner, _>(session, webhook).await?;
    let secret = SigningSecret::generate().map_err(Problem::internal)?;
    let now = context.now;
    loop {
        let old = admission.get(id)?;
        let Some(read) = session.webhook_secrets(&old.value).await? else {
            admission.reload(session).await?;
            continue;
        };
        let mut secrets = delivery::open(&app.vault, id, &read.sealed).await.map_err(sealing_failed)?;
        // True after a reload, if the write took effect and only its answer was lost.
        let written = secrets.live(now).next() == Some(&secret);
        if !written {
            if_match.check(&WebhookResponse::from(&old.value))?;
            secrets
                .rotate(secret.clone(), now)
                .map_err(|TooManySecrets| Problem::limit_reached("live secrets", LIVE_SECRETS_MAX))?;
            let sealed = delivery::seal(&app.vault, id, &secrets).await.map_err(sealing_failed)?;
            let changed = Webhook { updated_at: now, ..old.value.clone() };
            let updated = session.change_webhook_with_secrets(&old, &changed, &read, sealed, None, now).await?;
            if updated == Updated::Outdated {
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
