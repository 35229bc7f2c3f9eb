//! Webhooks: where events are announced to, and what is known of how that went.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use url::{Host, Url};

use crate::string_enum::string_enum;
use crate::{
    AttemptOutcome, CompanyId, EventType, Line, Owner, Pace, RandomnessError, Text, Timestamp, WEB_URL_MAX_CHARACTERS,
    WebhookId,
};

/// Most webhooks of a company or of an applicant tracking system. Each is a message for each event, so the number
/// bounds what one interview can cause.
pub const WEBHOOKS_MAX: usize = 50;
/// Most headers that a webhook adds. With every one at its limit, the item stays at about half of DynamoDB's 400 KB.
pub const WEBHOOK_HEADERS_MAX: usize = 50;
/// Most characters of a header's name.
pub const HEADER_NAME_MAX_CHARACTERS: usize = 255;
/// Most characters of a header's value.
pub const HEADER_VALUE_MAX_CHARACTERS: usize = 4_096;
/// Most secrets that sign at a time. Each is a signature in every post.
pub const LIVE_SECRETS_MAX: usize = 5;
/// How long a secret that was replaced goes on signing.
pub const ROTATION_OVERLAP: Duration = Duration::from_secs(24 * 60 * 60);

/// What a webhook is called, for people.
pub type WebhookName = Line<0, 255>;
/// What a webhook is for, for people.
pub type WebhookDescription = Text<0, 1_000>;

/// Which addresses a deployment posts to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Targets {
    /// Public ones, and by https only.
    Public,
    /// Besides, this machine itself, also by plain http: for development.
    PublicAndLoopback,
}

/// Neither `public` nor `public-and-loopback`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidTargets;

impl fmt::Display for InvalidTargets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("must be public or public-and-loopback")
    }
}

impl std::error::Error for InvalidTargets {}

impl FromStr for Targets {
    type Err = InvalidTargets;

    fn from_str(text: &str) -> Result<Self, InvalidTargets> {
        match text {
            "public" => Ok(Self::Public),
            "public-and-loopback" => Ok(Self::PublicAndLoopback),
            _ => Err(InvalidTargets),
        }
    }
}

/// The address that events are posted to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WebhookUrl(String);

/// Which rule an address breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebhookUrlError {
    /// More than [`WEB_URL_MAX_CHARACTERS`] characters.
    TooLong,
    /// Not an https address with a host.
    NotHttps,
    /// It has a user name or a password, which would end up in logs; a header can carry them.
    Credentials,
    /// It has a fragment, which is never sent.
    Fragment,
}

impl WebhookUrl {
    /// Reads an address. Where it may lead is decided when it is posted to, from what its name stands for then.
    pub fn parse(text: &str, targets: Targets) -> Result<Self, WebhookUrlError> {
        if text.chars().count() > WEB_URL_MAX_CHARACTERS {
            return Err(WebhookUrlError::TooLong);
        }
        let plain = text.starts_with("https://") || text.starts_with("http://");
        if !plain || text.chars().any(|c| c.is_whitespace() || c.is_control() || c == '\\') {
            return Err(WebhookUrlError::NotHttps);
        }
        let url = Url::parse(text).map_err(|_| WebhookUrlError::NotHttps)?;
        let loopback = targets == Targets::PublicAndLoopback && is_loopback(&url);
        // Where it is empty, the path's first step would be taken for the host.
        let authority = text.split(['/', '?', '#']).nth(2).unwrap_or_default();
        if authority.is_empty() || (url.scheme() != "https" && !loopback) {
            return Err(WebhookUrlError::NotHttps);
        }
        if authority.contains('@') {
            return Err(WebhookUrlError::Credentials);
        }
        if url.fragment().is_some() {
            return Err(WebhookUrlError::Fragment);
        }
        Ok(Self(text.to_owned()))
    }

    /// The address as it was sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether an address names this machine itself.
fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// A header that is sent with each post.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookHeader {
    /// Its name.
    pub name: HeaderName,
    /// Its value, which may be a secret.
    pub value: HeaderValue,
}

/// A header's name: an RFC 9110 token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
#[serde(transparent)]
pub struct HeaderName(String);

/// Which rule a header's name breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeaderNameError {
    /// Empty.
    TooShort,
    /// More than [`HEADER_NAME_MAX_CHARACTERS`] characters.
    TooLong,
    /// A character that no header's name has.
    NotAToken,
    /// Decided by us: how the message is framed, what it holds, and its signature.
    Reserved,
}

/// Names that a webhook can't set. What begins with `webhook-` or `proxy-` besides.
pub const RESERVED_HEADERS: [&str; 17] = [
    "accept-encoding",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "date",
    "expect",
    "forwarded",
    "host",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "via",
    "x-forwarded-for",
];
/// Beginnings of names that a webhook can't set.
pub const RESERVED_HEADER_PREFIXES: [&str; 2] = ["webhook-", "proxy-"];

impl HeaderName {
    /// Reads a name. Its case is kept and does not matter.
    pub fn parse(text: &str) -> Result<Self, HeaderNameError> {
        let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        if text.is_empty() {
            return Err(HeaderNameError::TooShort);
        }
        if text.chars().count() > HEADER_NAME_MAX_CHARACTERS {
            return Err(HeaderNameError::TooLong);
        }
        if !text.bytes().all(is_token) {
            return Err(HeaderNameError::NotAToken);
        }
        let lower = text.to_ascii_lowercase();
        let reserved = RESERVED_HEADERS.contains(&lower.as_str())
            || RESERVED_HEADER_PREFIXES.iter().any(|prefix| lower.starts_with(prefix));
        if reserved { Err(HeaderNameError::Reserved) } else { Ok(Self(text.to_owned())) }
    }

    /// The name as it was sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A header's value: visible ASCII characters, with spaces and tabs between them. Not in `Debug`: it may be a secret.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct HeaderValue(String);

/// Which rule a header's value breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeaderValueError {
    /// Empty.
    TooShort,
    /// More than [`HEADER_VALUE_MAX_CHARACTERS`] characters.
    TooLong,
    /// A character that a header's value can't hold, or white space around it.
    NotAValue,
}

impl HeaderValue {
    /// Reads a value.
    pub fn parse(text: &str) -> Result<Self, HeaderValueError> {
        if text.is_empty() {
            return Err(HeaderValueError::TooShort);
        }
        if text.chars().count() > HEADER_VALUE_MAX_CHARACTERS {
            return Err(HeaderValueError::TooLong);
        }
        let fits = |byte: u8| byte.is_ascii_graphic() || matches!(byte, b' ' | b'\t');
        let padded = text.starts_with([' ', '\t']) || text.ends_with([' ', '\t']);
        if padded || !text.bytes().all(fits) { Err(HeaderValueError::NotAValue) } else { Ok(Self(text.to_owned())) }
    }

    /// The value, for the wire only.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for HeaderValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HeaderValue(…)")
    }
}

impl fmt::Debug for WebhookHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: …", self.name.as_str())
    }
}

const SECRET_PREFIX: &str = "whsec_";
const SECRET_BYTES: usize = 32;

/// What a webhook's posts are signed with: 32 random bytes, written as Standard Webhooks does.
///
/// Neither `Debug` nor `Display` exists, so that it can't reach a log by accident.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SigningSecret(String);

impl SigningSecret {
    /// Draws a new secret from the operating system's randomness.
    pub fn generate() -> Result<Self, RandomnessError> {
        let mut bytes = [0_u8; SECRET_BYTES];
        getrandom::fill(&mut bytes)?;
        Ok(Self(format!("{SECRET_PREFIX}{}", STANDARD.encode(bytes))))
    }

    /// `whsec_` and the bytes in base64: to be shown once, and to sign with.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

/// A secret, and how long it signs.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LiveSecret {
    /// The secret.
    pub secret: SigningSecret,
    /// Since when it signs.
    pub created_at: Timestamp,
    /// Until when, if it was replaced.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retires_at: Option<Timestamp>,
}

/// What of a webhook is kept encrypted.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WebhookSecrets {
    /// What its posts are signed with, newest first.
    pub signing: Vec<LiveSecret>,
    /// What its posts carry besides.
    pub headers: Vec<WebhookHeader>,
}

/// [`LIVE_SECRETS_MAX`] secrets sign already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooManySecrets;

impl WebhookSecrets {
    /// A new webhook's.
    pub fn new(secret: SigningSecret, headers: Vec<WebhookHeader>, now: Timestamp) -> Self {
        Self { signing: vec![LiveSecret { secret, created_at: now, retires_at: None }], headers }
    }

    /// The secrets that sign now, newest first.
    pub fn live(&self, now: Timestamp) -> impl Iterator<Item = &SigningSecret> {
        let lives = move |secret: &&LiveSecret| secret.retires_at.is_none_or(|end| now < end);
        self.signing.iter().filter(lives).map(|live| &live.secret)
    }

    /// Signs with a new secret from now on, and with those of before for [`ROTATION_OVERLAP`] more.
    pub fn rotate(&mut self, secret: SigningSecret, now: Timestamp) -> Result<(), TooManySecrets> {
        self.signing.retain(|live| live.retires_at.is_none_or(|end| now < end));
        if self.signing.len() >= LIVE_SECRETS_MAX {
            return Err(TooManySecrets);
        }
        for live in &mut self.signing {
            live.retires_at.get_or_insert(now.saturating_add(ROTATION_OVERLAP));
        }
        self.signing.insert(0, LiveSecret { secret, created_at: now, retires_at: None });
        Ok(())
    }

    /// The secret that was shown when the webhook was created, unless another one has taken its place.
    pub fn first(&self, webhook: &Webhook) -> Option<&SigningSecret> {
        match self.signing.as_slice() {
            [only] if only.created_at == webhook.created_at => Some(&only.secret),
            [] | [_] | [_, _, ..] => None,
        }
    }
}

/// Encrypted bytes: what a webhook keeps of its secrets.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed(Vec<u8>);

impl Sealed {
    /// Takes what was encrypted.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// What was encrypted.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed({} bytes)", self.0.len())
    }
}

impl Serialize for Sealed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Sealed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes;
        impl<'de> serde::de::Visitor<'de> for Bytes {
            type Value = Vec<u8>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("bytes")
            }

            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Vec<u8>, E> {
                Ok(bytes.to_vec())
            }

            fn visit_byte_buf<E>(self, bytes: Vec<u8>) -> Result<Vec<u8>, E> {
                Ok(bytes)
            }
        }
        deserializer.deserialize_byte_buf(Bytes).map(Self)
    }
}

string_enum! {
    /// Why a webhook is paused.
    pub enum PauseReason {
        /// Somebody asked for it.
        Requested = "REQUESTED",
        /// The endpoint answered 410: nobody is there any more.
        Gone = "GONE",
    }
}

string_enum! {
    /// Whether attempts are made at all.
    pub enum CircuitState {
        /// They are.
        Closed = "CLOSED",
        /// The endpoint has failed for long: it is only tried out, four times an hour.
        Open = "OPEN",
    }
}

/// How an endpoint has been doing, and whether it is spared.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Circuit {
    /// Attempts that failed since the last one that succeeded, counted up to [`Circuit::FAILURES`].
    pub consecutive_failures: u32,
    /// When the first of them was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failing_since: Option<Timestamp>,
    /// Since when the circuit is open, if it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opened_at: Option<Timestamp>,
    /// When the endpoint is tried out next, if the circuit is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_probe_at: Option<Timestamp>,
}

/// Whether an attempt may be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Gate {
    /// It may.
    Open,
    /// It may, as the one that tries the endpoint out: whoever first writes the circuit down like this.
    Probe(Circuit),
    /// Not before then.
    ClosedUntil(Timestamp),
}

impl Circuit {
    /// Failures in a row after which an endpoint is spared, if they last for [`Pace::circuit_opens_after`] too.
    pub const FAILURES: u32 = 20;

    /// Whether attempts are made.
    pub fn state(&self) -> CircuitState {
        if self.opened_at.is_some() { CircuitState::Open } else { CircuitState::Closed }
    }

    /// Whether an attempt may be made now.
    pub fn gate(&self, now: Timestamp, pace: &Pace) -> Gate {
        match (self.opened_at, self.next_probe_at) {
            (None, _) => Gate::Open,
            (Some(_), Some(at)) if now < at => Gate::ClosedUntil(at),
            (Some(_), _) => {
                Gate::Probe(Self { next_probe_at: Some(now.saturating_add(pace.probe_every)), ..self.clone() })
            }
        }
    }

    /// The circuit after an attempt at that time.
    pub fn after(&self, outcome: AttemptOutcome, now: Timestamp, pace: &Pace) -> Self {
        if outcome == AttemptOutcome::Delivered {
            return Self::default();
        }
        let failing_since = self.failing_since.unwrap_or(now);
        // More of them decide nothing. Not to count them spares the item a write for each, and the attempts that end at
        // the same time their quarrel about it.
        let consecutive_failures = self.consecutive_failures.saturating_add(1).min(Self::FAILURES);
        let opens =
            consecutive_failures >= Self::FAILURES && now.saturating_since(failing_since) >= pace.circuit_opens_after;
        match self.opened_at {
            Some(_) => Self { consecutive_failures, ..self.clone() },
            None => Self {
                consecutive_failures,
                failing_since: Some(failing_since),
                opened_at: opens.then_some(now),
                next_probe_at: opens.then(|| now.saturating_add(pace.probe_every)),
            },
        }
    }
}

/// Where the events of a company, or of the companies that a system manages, are announced to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Webhook {
    /// Its identity.
    pub id: WebhookId,
    /// Who manages it.
    #[serde(flatten)]
    pub owner: Owner,
    /// The one company of a system's webhook; none: all that the system manages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub only_company_id: Option<CompanyId>,
    /// Where events are posted to.
    pub url: WebhookUrl,
    /// Which events.
    pub events: Vec<EventType>,
    /// For people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<WebhookName>,
    /// For people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<WebhookDescription>,
    /// The headers that each post carries, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub header_names: Vec<HeaderName>,
    /// Why it is paused; none: it is active.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paused: Option<PauseReason>,
    /// How its endpoint has been doing.
    #[serde(default)]
    pub circuit: Circuit,
    /// Its [`WebhookSecrets`], encrypted.
    pub sealed: Sealed,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed by its owner, or paused.
    pub updated_at: Timestamp,
}

impl Webhook {
    /// Whether events are announced to it.
    pub fn is_active(&self) -> bool {
        self.paused.is_none()
    }

    /// What the publisher needs to know of it.
    pub fn subscription(&self) -> Subscribed {
        Subscribed { events: self.events.clone(), is_active: self.is_active(), only_company_id: self.only_company_id }
    }
}

/// What the publisher needs to know of a webhook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Subscribed {
    /// Which events it gets.
    pub events: Vec<EventType>,
    /// Whether it gets any.
    pub is_active: bool,
    /// The one company of a system's webhook.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub only_company_id: Option<CompanyId>,
}

impl Subscribed {
    /// Whether it gets an event of that kind from that company.
    pub fn wants(&self, event: EventType, company_id: CompanyId) -> bool {
        self.is_active && self.events.contains(&event) && self.only_company_id.is_none_or(|only| only == company_id)
    }
}

/// What a caller asks for.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CreateWebhook {
    /// Where events are posted to.
    pub url: WebhookUrl,
    /// Which events, each once.
    pub events: Vec<EventType>,
    /// For people.
    pub name: Option<WebhookName>,
    /// For people.
    pub description: Option<WebhookDescription>,
    /// What each post carries besides.
    pub headers: Vec<WebhookHeader>,
    /// Whose events; none: those of the key's company, or of all that the key's system manages.
    pub company_id: Option<CompanyId>,
}

/// A change of a webhook. What is not given stays as it is.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ChangeWebhook {
    /// Where events are posted to.
    pub url: Option<WebhookUrl>,
    /// Which events, each once.
    pub events: Option<Vec<EventType>>,
    /// For people.
    pub name: Option<WebhookName>,
    /// For people.
    pub description: Option<WebhookDescription>,
    /// What each post carries besides: all of it.
    pub headers: Option<Vec<WebhookHeader>>,
    /// Whose events.
    pub company_id: Option<CompanyId>,
    /// Whether events are announced to it.
    pub is_active: Option<bool>,
}

impl ChangeWebhook {
    /// The webhook after the change, but for what is sealed. To go on after a pause is to begin anew, and so is another
    /// address: what the endpoint's failures were is forgotten.
    pub fn apply(&self, webhook: &Webhook, now: Timestamp) -> Webhook {
        let headers = self.headers.as_ref();
        let names = headers.map(|headers| headers.iter().map(|header| header.name.clone()).collect());
        let paused = match self.is_active {
            Some(true) => None,
            Some(false) => webhook.paused.or(Some(PauseReason::Requested)),
            None => webhook.paused,
        };
        let resumes = webhook.paused.is_some() && paused.is_none();
        let moves = self.url.as_ref().is_some_and(|url| *url != webhook.url);
        let circuit = if resumes || moves { Circuit::default() } else { webhook.circuit.clone() };
        Webhook {
            url: self.url.clone().unwrap_or_else(|| webhook.url.clone()),
            events: self.events.clone().unwrap_or_else(|| webhook.events.clone()),
            name: self.name.clone().or_else(|| webhook.name.clone()).filter(|name| !name.as_str().is_empty()),
            description: self
                .description
                .clone()
                .or_else(|| webhook.description.clone())
                .filter(|description| !description.as_str().is_empty()),
            header_names: names.unwrap_or_else(|| webhook.header_names.clone()),
            only_company_id: match webhook.owner {
                Owner::Company(_) => None,
                Owner::Ats(_) => self.company_id.or(webhook.only_company_id),
            },
            paused,
            circuit,
            updated_at: now,
            ..webhook.clone()
        }
    }
}

#[cfg(test)]
mod tests;
