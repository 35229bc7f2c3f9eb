//! `key …`

use clap::{Args, Subcommand};
use domain::api_key::{ApiKey, ApiKeyId, ApiKeySecret, ApiKeyStatus, Scope};
use domain::company::{AtsId, CompanyId, Owner};
use domain::text::SingleLine;
use domain::time::Timestamp;
use ipnet::IpNet;
use serde::Serialize;
use uuid::Uuid;

use crate::error::CommandError;
use crate::show::{NOTHING, Show, words};
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
    /// Makes a key useless until it is activated again
    Suspend {
        /// The key's id, not the key itself
        id: ApiKeyId,
        /// Reason; those who use the key are told
        #[arg(long, value_parser = argument::line)]
        reason: Option<SingleLine<1, 255>>,
    },
    /// Makes a suspended key work again
    Activate {
        /// The key's id, not the key itself
        id: ApiKeyId,
    },
    /// Makes a key useless for good
    Revoke {
        /// The key's id, not the key itself
        id: ApiKeyId,
    },
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
    #[arg(long, value_parser = argument::line)]
    name: Option<SingleLine<1, 255>>,
}

/// The company or applicant tracking system that a key acts for.
#[derive(Args)]
#[group(required = true, multiple = false)]
pub struct KeyOwner {
    /// The id of the company that it acts for
    #[arg(long, value_name = "ID")]
    company: Option<CompanyId>,
    /// The id of the applicant tracking system whose companies it acts for
    #[arg(long, value_name = "ID")]
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
    let (id, status, reason) = match command {
        Command::Create(arguments) => return create(arguments, context).await,
        Command::List { owner } => return list(owner.id()?, context).await,
        Command::Suspend { id, reason } => (id, ApiKeyStatus::Suspended, reason),
        Command::Activate { id } => (id, ApiKeyStatus::Active, None),
        Command::Revoke { id } => (id, ApiKeyStatus::Revoked, None),
    };
    let key = context.store.set_api_key_status(id, status, reason, context.now).await?;
    Ok(context.output.one(&ApiKeyView::from(key))?)
}

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
        valid_until: expires_at,
        allowed_ips: allow_ip,
        created_at: context.now,
        updated_at: context.now,
    };
    let secret = ApiKeySecret::generate()?;
    context.store.create_api_key(&key, &secret.hash()).await?;
    context.output.one(&NewApiKeyView { secret: secret.reveal(), key: key.into() })?;
    Ok(context.output.note("Keep the key now: it is shown this once, and stored only as a hash.")?)
}

async fn list(owner: Owner, context: &Context) -> Result<(), CommandError> {
    let keys: Vec<ApiKeyView> = context.store.api_keys(owner).await?.into_iter().map(ApiKeyView::from).collect();
    if keys.is_empty() {
        // An owner without keys, or a mistyped id.
        match owner {
            Owner::Company(id) => drop(context.store.company(id).await?),
            Owner::Ats(id) => drop(context.store.ats(id).await?),
        }
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
            created_at: key.created_at,
            updated_at: key.updated_at,
        }
    }
}

impl Show for ApiKeyView {
    fn fields(&self) -> Vec<(&'static str, String)> {
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

fn list_of(values: &[impl ToString]) -> String {
    values.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}
