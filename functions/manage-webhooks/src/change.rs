//! `PATCH` and `DELETE /webhooks/{id}`, and the changes that have routes of their own.

use api::{
    Asked, CHANGE_WEBHOOK, Call, DELETE_WEBHOOK, Problem, RESET_WEBHOOK_CIRCUIT, ROTATE_WEBHOOK_SECRET, Reply,
    RotatedSecretResponse, WebhookResponse,
};
use domain::api_key::Scope;
use domain::webhook::{
    ChangeWebhook, Circuit, LIVE_SECRETS_MAX, ROTATION_OVERLAP, Sealed, SigningSecret, TooManySecrets, Webhook,
    WebhookSecrets,
};
use store::{Changed, Named, Session};
use validation::ChangeWebhookShape;

use crate::{Addressed, App, sealing_failed};

const SCOPE: Scope = Scope::WriteWebhooks;

pub(crate) async fn change(app: &App, call: &mut Call<'_>, session: &mut Session) -> Result<Reply, Problem> {
    let asked = call.check(&ChangeWebhookShape { targets: app.webhook_client.targets() });
    let company_id = asked.as_ref().ok().and_then(|asked| asked.command.company_id);
    let (mut addressed, Asked { command, untimely: _, idempotency: _ }) =
        Addressed::read_for(call, session, CHANGE_WEBHOOK, SCOPE, Named::default(), company_id, asked).await?;
    loop {
        let old = &addressed.webhook;
        let changed =
            Webhook { sealed: sealed(app, &command, &old.value).await?, ..command.apply(&old.value, call.now) };
        match session.change_webhook(old, &changed, addressed.caller.managed.as_ref()).await? {
            Changed::Done => return Reply::ok(&WebhookResponse::from(&changed)),
            Changed::Outdated => addressed.read_again(call, session).await?,
        }
    }
}

/// What is sealed after the change: the same, unless other headers are given.
async fn sealed(app: &App, command: &ChangeWebhook, webhook: &Webhook) -> Result<Sealed, Problem> {
    let Some(headers) = &command.headers else { return Ok(webhook.sealed.clone()) };
    let secrets = delivery::open(&app.vault, webhook).await.map_err(sealing_failed)?;
    let secrets = WebhookSecrets { headers: headers.clone(), ..secrets };
    delivery::seal(&app.vault, webhook.id, &secrets).await.map_err(sealing_failed)
}

pub(crate) async fn delete(call: &mut Call<'_>, session: &mut Session) -> Result<Reply, Problem> {
    let mut addressed = Addressed::read(call, session, DELETE_WEBHOOK, SCOPE, Named::default()).await?;
    loop {
        match session.delete_webhook(&addressed.webhook, call.now).await? {
            Changed::Done => return Ok(Reply::no_content()),
            Changed::Outdated => addressed.read_again(call, session).await?,
        }
    }
}

pub(crate) async fn reset_circuit(call: &mut Call<'_>, session: &mut Session) -> Result<Reply, Problem> {
    let mut addressed = Addressed::read(call, session, RESET_WEBHOOK_CIRCUIT, SCOPE, Named::default()).await?;
    loop {
        let old = &addressed.webhook;
        let changed = Webhook { circuit: Circuit::default(), updated_at: call.now, ..old.value.clone() };
        match session.change_webhook(old, &changed, None).await? {
            Changed::Done => return Reply::ok(&WebhookResponse::from(&changed)),
            Changed::Outdated => addressed.read_again(call, session).await?,
        }
    }
}

pub(crate) async fn rotate_secret(app: &App, call: &mut Call<'_>, session: &mut Session) -> Result<Reply, Problem> {
    let mut addressed = Addressed::read(call, session, ROTATE_WEBHOOK_SECRET, SCOPE, Named::default()).await?;
    let secret = SigningSecret::generate().map_err(Problem::internal)?;
    loop {
        let old = &addressed.webhook;
        let mut secrets = delivery::open(&app.vault, &old.value).await.map_err(sealing_failed)?;
        // After an answer that was lost, what is read again is what was written.
        let written = secrets.live(call.now).next() == Some(&secret);
        if !written {
            secrets
                .rotate(secret.clone(), call.now)
                .map_err(|TooManySecrets| Problem::limit_reached("live secrets", LIVE_SECRETS_MAX))?;
            let sealed = delivery::seal(&app.vault, old.value.id, &secrets).await.map_err(sealing_failed)?;
            let changed = Webhook { sealed, updated_at: call.now, ..old.value.clone() };
            if session.change_webhook(old, &changed, None).await? == Changed::Outdated {
                addressed.read_again(call, session).await?;
                continue;
            }
        }
        let response = RotatedSecretResponse {
            webhook_id: old.value.id,
            signing_secret: secret.reveal(),
            previous_secret_expires_at: call.now.saturating_add(ROTATION_OVERLAP),
        };
        return Ok(Reply::ok(&response)?.secret());
    }
}
