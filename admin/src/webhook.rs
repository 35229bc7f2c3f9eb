//! `webhook …`

use clap::{Args, Subcommand};
use domain::api_key::ApiKeyId;
use domain::company::{AtsId, CompanyId, Owner};
use domain::event::EventType;
use domain::time::Timestamp;
use domain::webhook::{Circuit, CircuitState, PauseReason, Webhook, WebhookId};
use serde::Serialize;
use store::OperatorError;

use crate::error::CommandError;
use crate::show::{Show, list_of, words};
use crate::{Context, argument};

#[derive(Subcommand)]
pub enum Command {
    /// Lists the webhooks of a company, of an applicant tracking system, or of whoever has a key, oldest first
    List {
        #[command(flatten)]
        owner: WebhookOwner,
    },
    /// Shows a webhook
    Show {
        #[command(flatten)]
        webhooks: Selection,
    },
    /// Stops announcing events to a webhook, or to all of an owner; its owner sees that, and can undo it
    Pause {
        #[command(flatten)]
        webhooks: Selection,
    },
    /// Undoes `pause`; what failed before is forgotten
    Resume {
        #[command(flatten)]
        webhooks: Selection,
    },
    /// Deletes a webhook, or all of an owner, for good
    Delete {
        #[command(flatten)]
        webhooks: Selection,
    },
}

impl Command {
    pub fn changes(&self) -> bool {
        match self {
            Self::List { .. } | Self::Show { .. } => false,
            Self::Pause { .. } | Self::Resume { .. } | Self::Delete { .. } => true,
        }
    }
}

/// The owner of webhooks.
#[derive(Args)]
#[group(multiple = false)]
pub struct WebhookOwner {
    /// The id of the company that has them
    #[arg(long, value_name = "ID", value_parser = argument::id::<CompanyId>)]
    company: Option<CompanyId>,
    /// The id of the applicant tracking system that has them
    #[arg(long, value_name = "ID", value_parser = argument::id::<AtsId>)]
    ats: Option<AtsId>,
    /// The id of a key: the webhooks are those that the key can manage
    #[arg(long, value_name = "ID", value_parser = argument::id::<ApiKeyId>)]
    key: Option<ApiKeyId>,
}

/// One webhook, or all of an owner. With both, the webhook must be the owner's.
#[derive(Args)]
pub struct Selection {
    /// The webhook's id
    #[arg(value_parser = argument::id::<WebhookId>)]
    id: Option<WebhookId>,
    #[command(flatten)]
    owner: WebhookOwner,
}

impl WebhookOwner {
    /// The owner, if one is given.
    async fn find(self, context: &Context) -> Result<Option<Owner>, CommandError> {
        Ok(match (self.company, self.ats, self.key) {
            (Some(id), _, _) => Some(Owner::Company(id)),
            (None, Some(id), _) => Some(Owner::Ats(id)),
            (None, None, Some(id)) => Some(context.store.api_key(id).await?.owner),
            (None, None, None) => None,
        })
    }
}

impl Selection {
    /// The webhooks, as they are.
    async fn find(self, context: &Context) -> Result<Vec<Webhook>, CommandError> {
        let owner = self.owner.find(context).await?;
        match (self.id, owner) {
            (Some(id), owner) => Ok(vec![context.store.webhook(id, owner).await?]),
            (None, Some(owner)) => all_of(owner, context).await,
            (None, None) => Err(CommandError::Usage("give a webhook, or one of --company, --ats and --key")),
        }
    }
}

async fn all_of(owner: Owner, context: &Context) -> Result<Vec<Webhook>, CommandError> {
    let webhooks = context.store.webhooks(owner).await?;
    if webhooks.is_empty() {
        // An owner without webhooks, or a mistyped id.
        context.owner_exists(owner).await?;
    }
    Ok(webhooks)
}

pub async fn run(command: Command, context: &Context) -> Result<(), CommandError> {
    let Context { store, now, .. } = context;
    match command {
        Command::List { owner } => {
            let owner = owner.find(context).await?;
            let owner = owner.ok_or(CommandError::Usage("give one of --company, --ats and --key"))?;
            show_all(all_of(owner, context).await?, context)
        }
        Command::Show { webhooks } => show(webhooks.id.is_some(), webhooks.find(context).await?, context),
        Command::Pause { webhooks } => set_active(webhooks, false, context).await,
        Command::Resume { webhooks } => set_active(webhooks, true, context).await,
        Command::Delete { webhooks } => {
            change(webhooks, context, async |webhook| store.remove_webhook(webhook.id, Some(webhook.owner), *now).await)
                .await
        }
    }
}

async fn set_active(webhooks: Selection, is_active: bool, context: &Context) -> Result<(), CommandError> {
    let Context { store, now, .. } = context;
    change(webhooks, context, async |webhook| {
        store.set_webhook_active(webhook.id, Some(webhook.owner), is_active, *now).await
    })
    .await
}

/// Changes the webhooks one after another, and shows those that were changed even if a later one could not be.
async fn change(
    webhooks: Selection,
    context: &Context,
    change_one: impl AsyncFn(&Webhook) -> Result<Webhook, OperatorError>,
) -> Result<(), CommandError> {
    let is_one = webhooks.id.is_some();
    let found = webhooks.find(context).await?;
    let mut changed = Vec::new();
    for (place, webhook) in found.iter().enumerate() {
        match change_one(webhook).await {
            Ok(webhook) => changed.push(webhook),
            Err(error) if is_one => return Err(error.into()),
            Err(error) => {
                if context.output.json || !changed.is_empty() {
                    show_all(changed, context)?;
                }
                let left = found.len() - place - 1;
                return Err(CommandError::Webhook { id: webhook.id, left, error });
            }
        }
    }
    show(is_one, changed, context)
}

/// Shows the one webhook that was asked for, or a list.
fn show(is_one: bool, webhooks: Vec<Webhook>, context: &Context) -> Result<(), CommandError> {
    match webhooks.as_slice() {
        [webhook] if is_one => Ok(context.output.one(&WebhookView::from(webhook.clone()))?),
        _ => show_all(webhooks, context),
    }
}

fn show_all(webhooks: Vec<Webhook>, context: &Context) -> Result<(), CommandError> {
    let webhooks: Vec<_> = webhooks.into_iter().map(WebhookView::from).collect();
    Ok(context.output.all(&webhooks, "no webhooks")?)
}

/// A webhook in the words of the API, with its owner and without its secrets.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WebhookView {
    id: WebhookId,
    #[serde(flatten)]
    owner: Owner,
    #[serde(skip_serializing_if = "Option::is_none")]
    only_company_id: Option<CompanyId>,
    url: String,
    events: Vec<EventType>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    header_names: Vec<String>,
    is_active: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pause_reason: Option<PauseReason>,
    circuit: CircuitView,
    #[serde(skip_serializing_if = "Option::is_none")]
    created_by_key_id: Option<ApiKeyId>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// The failures of a webhook's endpoint, with the state that follows from them.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CircuitView {
    state: CircuitState,
    #[serde(flatten)]
    circuit: Circuit,
}

impl From<Webhook> for WebhookView {
    fn from(webhook: Webhook) -> Self {
        Self {
            id: webhook.id,
            owner: webhook.owner,
            only_company_id: webhook.only_company_id,
            url: webhook.url.as_str().to_owned(),
            is_active: webhook.is_active(),
            events: webhook.events,
            name: webhook.name.map(|name| name.to_string()),
            description: webhook.description.map(|description| description.to_string()),
            header_names: webhook.header_names.iter().map(|name| name.as_str().to_owned()).collect(),
            pause_reason: webhook.paused,
            circuit: CircuitView { state: webhook.circuit.state(), circuit: webhook.circuit },
            created_by_key_id: webhook.created_by_key_id,
            created_at: webhook.created_at,
            updated_at: webhook.updated_at,
        }
    }
}

impl WebhookView {
    /// The webhook where other things are shown as well.
    pub fn in_a_line(&self) -> String {
        format!("{} {} {}", self.id, self.status(), self.url)
    }

    fn status(&self) -> String {
        match self.pause_reason {
            None => "active".to_owned(),
            Some(reason) => format!("paused ({})", reason.to_string().to_lowercase()),
        }
    }
}

impl Show for WebhookView {
    fn fields(&self) -> Vec<(&'static str, String)> {
        let (company, ats) = match self.owner {
            Owner::Company(id) => (Some(id), None),
            Owner::Ats(id) => (None, Some(id)),
        };
        vec![
            ("id", self.id.to_string()),
            ("company", words(company)),
            ("ats", words(ats)),
            ("only company", words(self.only_company_id)),
            ("name", words(self.name.as_ref())),
            ("url", self.url.clone()),
            ("events", list_of(&self.events)),
            ("headers", list_of(&self.header_names)),
            ("status", self.status()),
            ("circuit", self.circuit.state.to_string().to_lowercase()),
            ("failures", self.circuit.circuit.consecutive_failures.to_string()),
            ("next try", words(self.circuit.circuit.next_probe_at)),
            ("created", self.created_at.to_string()),
            ("created by", words(self.created_by_key_id)),
        ]
    }

    fn row(&self) -> Vec<(&'static str, String)> {
        vec![
            ("id", self.id.to_string()),
            ("name", words(self.name.as_ref())),
            ("status", self.status()),
            ("circuit", self.circuit.state.to_string().to_lowercase()),
            ("created", self.created_at.to_string()),
            ("url", self.url.clone()),
        ]
    }
}
