//! `key …`

use std::io::{self, BufRead as _, IsTerminal as _, Read as _, Write as _};
use std::net::IpAddr;
use std::time::Duration;

use clap::{Args, Subcommand};
use domain::api_key::{ApiKey, ApiKeyId, ApiKeySecret, ApiKeyStatus, ROTATION_GRACE, RotatedApiKey, Scope};
use domain::company::{AtsId, CompanyId, Owner};
use domain::key_use::{HoursOfUse, KeyUse, SOURCES_LISTED_MAX, SourceUse};
use domain::limits::{KeyLimits, UseLimits};
use domain::text::SingleLine;
use domain::time::Timestamp;
use ipnet::IpNet;
use serde::Serialize;
use store::UseOfKey;
use uuid::Uuid;

use crate::error::CommandError;
use crate::show::{NOTHING, Show, list_of, words};
use crate::webhook::WebhookView;
use crate::{Context, argument};

#[derive(Subcommand)]
pub enum Command {
    /// Creates a key and shows it, this once
    Create(Create),
    /// Lists the keys of a company or of an applicant tracking system, oldest first
    List {
        #[command(flatten)]
        owner: KeyOwner,
    },
    /// Shows a key with its owner, the last day of its use and where it was used from
    ///
    /// Of the last 62 days, and without any address: a source of requests is shown as a pseudonym, which is another each
    /// month.
    Show {
        #[command(flatten)]
        key: KeyArgument,
        /// Address to look for among those that the key was used from; of an IPv6 address the first 64 bits count
        #[arg(long, value_name = "IP")]
        address: Option<IpAddr>,
    },
    /// Shows the key that standard input holds, for whoever has a key and not its id
    Find,
    /// Replaces a key by a new one with the same rights; the old one ends after a grace time
    ///
    /// The new key has the owner, name, scopes, addresses and end of the old one, and is shown this once.
    Rotate {
        #[command(flatten)]
        key: KeyArgument,
        /// Time for which the old key goes on working, such as 30m, 24h or 7d; 0 ends it at once [default: 24h]
        #[arg(long, value_name = "TIME", value_parser = argument::grace)]
        grace: Option<Duration>,
    },
    /// Sets the limits of use of a key, in place of its company's
    SetLimits {
        #[command(flatten)]
        key: KeyArgument,
        #[command(flatten)]
        limits: argument::Limits,
    },
    /// Makes a key useless until it is activated again, and names the webhooks that it has created
    Suspend {
        #[command(flatten)]
        key: KeyArgument,
        /// Reason; those who use the key are told
        #[arg(long, value_parser = argument::line::<1, 255>)]
        reason: Option<SingleLine<1, 255>>,
        #[command(flatten)]
        webhooks: WebhooksOfKeyArgument,
    },
    /// Makes a suspended key work again
    Activate {
        #[command(flatten)]
        key: KeyArgument,
    },
    /// Makes a key useless for good, and names the webhooks that it has created
    Revoke {
        #[command(flatten)]
        key: KeyArgument,
        #[command(flatten)]
        webhooks: WebhooksOfKeyArgument,
    },
}

impl Command {
    pub fn changes(&self) -> bool {
        match self {
            Self::List { .. } | Self::Show { .. } | Self::Find => false,
            Self::Create(_)
            | Self::Rotate { .. }
            | Self::SetLimits { .. }
            | Self::Suspend { .. }
            | Self::Activate { .. }
            | Self::Revoke { .. } => true,
        }
    }
}

/// A key that is named by its id.
#[derive(Args)]
pub struct KeyArgument {
    /// The key's id, not the key itself
    #[arg(value_parser = argument::id::<ApiKeyId>)]
    id: ApiKeyId,
}

/// The fate of the webhooks that a key has created, or one that it replaced.
#[derive(Args)]
pub struct WebhooksOfKeyArgument {
    /// Pause the webhooks that the key has created, or one that it replaced; otherwise they go on getting events
    #[arg(long)]
    pause_webhooks: bool,
}

#[derive(Args)]
pub struct Create {
    #[command(flatten)]
    owner: KeyOwner,
    /// Scopes of the key: write:agents, write:interviews, read:webhooks, write:webhooks
    #[arg(long, required = true, value_delimiter = ',', value_parser = argument::scope)]
    scopes: Vec<Scope>,
    /// Time of the key's expiry, for example 2027-01-01T00:00:00Z; not given: never
    #[arg(long, value_name = "TIME", value_parser = argument::future)]
    expires_at: Option<Timestamp>,
    /// Address or block that the key may be used from, may be given several times; not given: any
    #[arg(long, value_name = "CIDR", value_parser = argument::address_block)]
    allow_ip: Vec<IpNet>,
    /// The key's name, for people
    #[arg(long, value_parser = argument::line::<1, 255>)]
    name: Option<SingleLine<1, 255>>,
}

/// The company or applicant tracking system that a key acts for.
#[derive(Args)]
#[group(required = true, multiple = false)]
pub struct KeyOwner {
    /// The id of the company that it acts for
    #[arg(long, value_name = "ID", value_parser = argument::id::<CompanyId>)]
    company: Option<CompanyId>,
    /// The id of the applicant tracking system whose companies it acts for
    #[arg(long, value_name = "ID", value_parser = argument::id::<AtsId>)]
    ats: Option<AtsId>,
}

impl KeyOwner {
    fn id(self) -> Result<Owner, CommandError> {
        match (self.company, self.ats) {
            (Some(id), None) => Ok(Owner::Company(id)),
            (None, Some(id)) => Ok(Owner::Ats(id)),
            (Some(_), Some(_)) | (None, None) => Err(CommandError::Usage("give one of --company and --ats")),
        }
    }
}

pub async fn run(command: Command, context: &Context) -> Result<(), CommandError> {
    match command {
        Command::Create(arguments) => create(arguments, context).await,
        Command::List { owner } => list(owner.id()?, context).await,
        Command::Show { key, address } => show_use(key.id, address, context).await,
        Command::Find => {
            let secret = read_secret()?;
            let key = context.store.api_key_by_secret(&secret.hash()).await?;
            show_use(key.id, None, context).await
        }
        Command::Rotate { key, grace } => rotate(key.id, grace.unwrap_or(ROTATION_GRACE), context).await,
        Command::SetLimits { key, limits } => {
            show(context.store.set_key_limits(key.id, limits.get(), context.now).await?, context)
        }
        Command::Suspend { key, reason, webhooks } => {
            stop(key.id, ApiKeyStatus::Suspended, reason, webhooks.pause_webhooks, context).await
        }
        Command::Activate { key } => {
            show(context.store.set_api_key_status(key.id, ApiKeyStatus::Active, None, context.now).await?, context)
        }
        Command::Revoke { key, webhooks } => {
            stop(key.id, ApiKeyStatus::Revoked, None, webhooks.pause_webhooks, context).await
        }
    }
}

/// Stops a key, and pauses the webhooks that it has created, if that is asked for: one after another, those that are paused
/// already being left as they are, so that the same command goes on where it failed. What was done is shown either way.
async fn stop(
    id: ApiKeyId,
    status: ApiKeyStatus,
    reason: Option<SingleLine<1, 255>>,
    pause_webhooks: bool,
    context: &Context,
) -> Result<(), CommandError> {
    let Context { store, output, now, .. } = context;
    let key = store.set_api_key_status(id, status, reason, *now).await?;
    let found = store.webhooks_of_key(&key).await;
    let mut of_key = match found {
        Ok(of_key) => of_key,
        Err(error) => {
            show(key, context)?;
            return Err(CommandError::WebhooksOfKey(error));
        }
    };
    let mut failure = None;
    if pause_webhooks {
        let count = of_key.webhooks.len();
        for (place, webhook) in of_key.webhooks.iter_mut().enumerate() {
            match store.set_webhook_active(webhook.id, Some(webhook.owner), false, *now).await {
                Ok(paused) => *webhook = paused,
                Err(error) => {
                    failure = Some(CommandError::Webhook { id: webhook.id, left: count - place - 1, error });
                    break;
                }
            }
        }
    }
    let active = of_key.webhooks.iter().filter(|webhook| webhook.is_active()).count();
    let webhooks = of_key.webhooks.into_iter().map(WebhookView::from).collect();
    output.one(&StoppedKeyView { key: key.into(), webhooks, webhooks_of_unknown_keys: of_key.of_unknown_keys })?;
    if let Some(failure) = failure {
        return Err(failure);
    }
    if active > 0 {
        output.note(&format!(
            "Webhooks that it has created and that still get events: {active}. To pause them, give --pause-webhooks too."
        ))?;
    }
    if of_key.of_unknown_keys > 0 {
        output.note(&format!(
            "Webhooks of its owner that do not tell which key created them, since they are older than that: {}. See \
             `webhook list --key {id}`.",
            of_key.of_unknown_keys
        ))?;
    }
    Ok(())
}

fn show(key: ApiKey, context: &Context) -> Result<(), CommandError> {
    Ok(context.output.one(&ApiKeyView::from(key))?)
}

async fn show_use(id: ApiKeyId, address: Option<IpAddr>, context: &Context) -> Result<(), CommandError> {
    let UseOfKey { key, uses, from_address } = context.store.use_of_key(id, address, context.now).await?;
    let of_others = uses.requests_of_others;
    let address = address.map(|_| AddressUseView { seen: from_address.is_some(), hours: from_address });
    context.output.one(&UsedKeyView { key: key.into(), uses, address })?;
    if of_others > 0 {
        context.output.note(&format!(
            "Requests whose source is not among these: {of_others}. Of an hour {SOURCES_LISTED_MAX} sources are listed, and \
             none for an owner without a secret: see `company set-id-secret` and `ats set-id-secret`."
        ))?;
    }
    Ok(())
}

/// The key on the first line of standard input.
fn read_secret() -> Result<ApiKeySecret, CommandError> {
    /// Longest line that is read. A key has 52 characters.
    const LINE_MAX_BYTES: u64 = 1_024;
    if io::stdin().is_terminal() {
        write!(io::stderr(), "Key: ")?;
    }
    let mut line = Vec::new();
    io::stdin().lock().take(LINE_MAX_BYTES).read_until(b'\n', &mut line)?;
    let text = str::from_utf8(&line).unwrap_or_default();
    ApiKeySecret::parse(text.trim()).ok_or(CommandError::NoKey)
}

async fn rotate(id: ApiKeyId, grace: Duration, context: &Context) -> Result<(), CommandError> {
    let (new_id, secret) = (ApiKeyId::new(Uuid::new_v4()), ApiKeySecret::generate()?);
    let rotated = context.store.rotate_api_key(id, new_id, &secret.hash(), grace, context.now).await?;
    let RotatedApiKey { old, new } = rotated;
    let old_key = OldKeyView { id: old.id, expires_at: old.valid_until };
    context.output.one(&RotatedKeyView { secret: secret.reveal(), key: new.into(), old_key })?;
    Ok(context.output.note(KEEP_IT)?)
}

const KEEP_IT: &str = "Keep the key now: it is shown this once, and stored only as a hash.";

async fn create(arguments: Create, context: &Context) -> Result<(), CommandError> {
    let Create { owner, mut scopes, expires_at, allow_ip, name } = arguments;
    scopes.sort_unstable();
    scopes.dedup();
    let key = ApiKey {
        id: ApiKeyId::new(Uuid::new_v4()),
        owner: owner.id()?,
        name,
        scopes,
        status: ApiKeyStatus::Active,
        suspended_at: None,
        suspension_reason: None,
        replaced_by: None,
        valid_until: expires_at,
        allowed_ips: allow_ip,
        limits: KeyLimits::default(),
        created_at: context.now,
        updated_at: context.now,
    };
    let secret = ApiKeySecret::generate()?;
    let key = context.store.create_api_key(&key, &secret.hash()).await?;
    context.output.one(&NewApiKeyView { secret: secret.reveal(), key: key.into() })?;
    Ok(context.output.note(KEEP_IT)?)
}

async fn list(owner: Owner, context: &Context) -> Result<(), CommandError> {
    let keys: Vec<ApiKeyView> = context.store.api_keys(owner).await?.into_iter().map(ApiKeyView::from).collect();
    if keys.is_empty() {
        // An owner without keys, or a mistyped id.
        context.owner_exists(owner).await?;
    }
    Ok(context.output.all(&keys, "no keys")?)
}

/// A key in the words of the command line.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ApiKeyView {
    id: ApiKeyId,
    #[serde(flatten)]
    owner: Owner,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<SingleLine<1, 255>>,
    scopes: Vec<Scope>,
    status: ApiKeyStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    suspended_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    suspension_reason: Option<SingleLine<1, 255>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<Timestamp>,
    allowed_ips: Vec<IpNet>,
    /// The limits that apply.
    limits: UseLimits,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl From<ApiKey> for ApiKeyView {
    fn from(key: ApiKey) -> Self {
        Self {
            id: key.id,
            owner: key.owner,
            name: key.name,
            scopes: key.scopes,
            status: key.status,
            suspended_at: key.suspended_at,
            suspension_reason: key.suspension_reason,
            expires_at: key.valid_until,
            allowed_ips: key.allowed_ips,
            limits: key.limits.effective(),
            created_at: key.created_at,
            updated_at: key.updated_at,
        }
    }
}

impl Show for ApiKeyView {
    fn fields(&self) -> Vec<(&'static str, String)> {
        let mut fields = self.row();
        fields.push(("limits", self.limits.to_string()));
        fields.push(match self.owner {
            Owner::Company(id) => ("company", id.to_string()),
            Owner::Ats(id) => ("ats", id.to_string()),
        });
        fields
    }

    fn row(&self) -> Vec<(&'static str, String)> {
        vec![
            ("id", self.id.to_string()),
            ("name", words(self.name.as_ref())),
            ("status", self.status.to_string().to_lowercase()),
            ("scopes", list_of(&self.scopes)),
            ("expires", words(self.expires_at)),
            ("addresses", if self.allowed_ips.is_empty() { "any".to_owned() } else { list_of(&self.allowed_ips) }),
            ("created", self.created_at.to_string()),
            ("suspended", words(self.suspended_at)),
            ("reason", words(self.suspension_reason.as_ref())),
        ]
    }
}

/// A key that was stopped, with the webhooks that it has created.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StoppedKeyView {
    #[serde(flatten)]
    key: ApiKeyView,
    webhooks: Vec<WebhookView>,
    webhooks_of_unknown_keys: usize,
}

impl Show for StoppedKeyView {
    fn fields(&self) -> Vec<(&'static str, String)> {
        let webhook = |webhook: &WebhookView| ("webhook", webhook.in_a_line());
        self.key.fields().into_iter().chain(self.webhooks.iter().map(webhook)).collect()
    }
}

/// A key with its use in the last 62 days.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct UsedKeyView {
    #[serde(flatten)]
    key: ApiKeyView,
    #[serde(flatten)]
    uses: KeyUse,
    /// The use from the address that was asked about.
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<AddressUseView>,
}

/// The use of a key from one address.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AddressUseView {
    /// True if the address is among the sources.
    seen: bool,
    #[serde(flatten)]
    hours: Option<HoursOfUse>,
}

/// Most sources that are shown to people. JSON has all of them.
const SOURCES_SHOWN_MAX: usize = 50;

impl Show for UsedKeyView {
    fn fields(&self) -> Vec<(&'static str, String)> {
        let KeyUse { last_used_on, sources, requests_of_others } = &self.uses;
        let hours = |hours: &HoursOfUse| format!("hours from {} to {}", hours.first_hour, hours.last_hour);
        let source = |source: &SourceUse| ("source", format!("{}  {}", source.pseudonym, hours(&source.hours)));
        let mut fields = self.key.fields();
        fields.push(("last used on", words(*last_used_on)));
        fields.push(("sources", sources.len().to_string()));
        fields.extend(sources.iter().take(SOURCES_SHOWN_MAX).map(source));
        fields.push(("requests of others", requests_of_others.to_string()));
        if let Some(address) = &self.address {
            fields.push(("address", address.hours.as_ref().map_or_else(|| "not among the sources".to_owned(), hours)));
        }
        fields
    }
}

/// A new key with its secret, which is shown this once.
#[derive(Serialize)]
struct NewApiKeyView<'a> {
    #[serde(rename = "key")]
    secret: &'a str,
    #[serde(flatten)]
    key: ApiKeyView,
}

impl Show for NewApiKeyView<'_> {
    fn fields(&self) -> Vec<(&'static str, String)> {
        let mut fields = vec![("key", self.secret.to_owned())];
        fields.extend(self.key.fields().into_iter().filter(|(_, value)| value != NOTHING));
        fields
    }
}

/// The new key of a rotation with its secret, which is shown this once, and what becomes of the old one.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RotatedKeyView<'a> {
    #[serde(rename = "key")]
    secret: &'a str,
    #[serde(flatten)]
    key: ApiKeyView,
    old_key: OldKeyView,
}

/// The end of a key that was replaced.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OldKeyView {
    id: ApiKeyId,
    expires_at: Option<Timestamp>,
}

impl Show for RotatedKeyView<'_> {
    fn fields(&self) -> Vec<(&'static str, String)> {
        let mut fields = vec![("key", self.secret.to_owned())];
        fields.extend(self.key.fields().into_iter().filter(|(_, value)| value != NOTHING));
        fields.extend([("old key", self.old_key.id.to_string()), ("old key ends", words(self.old_key.expires_at))]);
        fields
    }
}
