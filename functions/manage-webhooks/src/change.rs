//! `PATCH` and `DELETE /webhooks/{id}`, and the changes that have routes of their own.

use api::{Content, ContentReader, IfMatch, Problem, Reply, RequestContext, RotatedSecretResponse, WebhookResponse};
use domain::company::Owner;
use domain::webhook::{
    ChangedWebhook, Circuit, LIVE_SECRETS_MAX, ROTATION_OVERLAP, SigningSecret, TooManySecrets, Webhook, WebhookId,
    WebhookSecrets,
};
use store::{Session, Updated};
use validation::{ChangedWebhookShape, WebhookShape};

use crate::{App, sealing_failed};

pub(crate) async fn change(
    app: &App,
    context: &mut RequestContext<'_>,
    session: &mut Session,
) -> Result<Reply, Problem> {
    let (mut admission, ((id, patch), if_match)) = context
        .admit::<Owner, _>(session, |reader| {
            let patch = reader.patch().naming_company(|patch| patch.ids("companyId", 0).pop());
            reader.path_reference::<WebhookId>("id").and(patch).and(reader.if_match())
        })
        .await?;
    let own_hosts = context.own_hosts(app.domain_name.as_deref());
    let shape = ChangedWebhookShape(if patch.names("url") {
        WebhookShape { targets: app.webhook_client.targets(), ports: app.webhook_client.ports(), own_hosts }
    } else {
        WebhookShape::of_stored_address()
    });
    let now = context.now;
    let mut written: Option<Webhook> = None;
    loop {
        let old = admission.get(id)?;
        let result = patch.apply(&shape, &ChangedWebhook::of(&old.value))?;
        // Else the write took effect, and its answer was lost.
        if written.as_ref() != Some(&old.value) {
            if_match.check(&WebhookResponse::from(&old.value))?;
        }
        let Some((form, headers)) = result else { return Reply::resource(&WebhookResponse::from(&old.value)) };
        let headers = patch.names("headers").then_some(headers);
        let changed = app.address_proof.after_change(&old.value, form.apply(&old.value, headers.as_deref(), now));
        let is_same = old.value == Webhook { updated_at: old.value.updated_at, ..changed.clone() };
        let managed = admission.caller.managed.as_ref();
        let updated = match headers {
            None if is_same => return Reply::resource(&WebhookResponse::from(&old.value)),
            None => session.change_webhook(&old, &changed, managed, now).await?,
            Some(headers) => {
                let Some(read) = session.webhook_secrets(&old.value).await? else {
                    admission.reload(session).await?;
                    continue;
                };
                let secrets = delivery::open(&app.vault, id, &read.sealed).await.map_err(sealing_failed)?;
                if is_same && secrets.headers == headers {
                    return Reply::resource(&WebhookResponse::from(&old.value));
                }
                let secrets = WebhookSecrets { headers, ..secrets };
                let sealed = delivery::seal(&app.vault, id, &secrets).await.map_err(sealing_failed)?;
                session.change_webhook_with_secrets(&old, &changed, &read, sealed, managed, now).await?
            }
        };
        match updated {
            Updated::Applied => return Reply::resource(&WebhookResponse::from(&changed)),
            Updated::Outdated => {
                // Its secrets lie beside it from then on.
                written = Some(Webhook { sealed_within: None, ..changed });
                admission.reload(session).await?;
            }
        }
    }
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
