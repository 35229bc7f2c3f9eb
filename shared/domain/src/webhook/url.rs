//! Addresses that events are posted to.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use url::{Host, Url};

use super::WebhookPorts;
use crate::Violation;
use crate::contact::{NO_SPACES, VALID_HOST, WEB_URL_MAX_CHARACTERS};

/// The addresses that a deployment posts to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Targets {
    /// Public ones, and by https only.
    Public,
    /// Public ones, and this machine itself, also by plain http: for development.
    PublicAndLoopback,
}

/// The text is neither `public` nor `public-and-loopback`.
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

impl WebhookUrl {
    /// Reads an address. Where it may lead is decided when it is posted to, from what its name stands for then.
    pub fn parse(text: &str, targets: Targets) -> Result<Self, Violation> {
        if text.chars().count() > WEB_URL_MAX_CHARACTERS {
            return Err(Violation::too_long(WEB_URL_MAX_CHARACTERS));
        }
        let not_https = || Violation::new("https", "must be an https address, for example https://example.com/hooks");
        if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(Violation::new("url", NO_SPACES));
        }
        if !text.starts_with("https://") && !text.starts_with("http://") {
            return Err(not_https());
        }
        if text.contains('\\') {
            return Err(Violation::new("url", "must have no backslash: write / between steps, and else %5C"));
        }
        // Where it is empty, the path's first step would be taken for the host.
        let authority = text.split(['/', '?', '#']).nth(2).unwrap_or_default();
        let url = Url::parse(text).ok().filter(|_| !authority.is_empty());
        let url = url.ok_or_else(|| Violation::new("url", VALID_HOST))?;
        if url.scheme() != "https" && !(targets == Targets::PublicAndLoopback && is_loopback(&url)) {
            return Err(not_https());
        }
        if authority.contains('@') {
            // They would end up in logs, and a header can carry them.
            let message = "must have no user name or password; send a header instead";
            return Err(Violation::new("credentials", message));
        }
        if url.fragment().is_some() {
            // It would never be sent.
            return Err(Violation::new("fragment", "must have no fragment (#…)"));
        }
        Ok(Self(text.to_owned()))
    }

    /// Refuses an address with a port that is none of these. This machine's own may be any, where it is posted to.
    pub fn at_port(self, ports: &WebhookPorts, targets: Targets) -> Result<Self, Violation> {
        let allowed = |url: &Url| {
            let here = targets == Targets::PublicAndLoopback && is_loopback(url);
            here || url.port_or_known_default().is_some_and(|port| ports.include(port))
        };
        let violation = || Violation::new("port", format!("must have one of the ports {ports}"));
        if Url::parse(&self.0).is_ok_and(|url| allowed(&url)) { Ok(self) } else { Err(violation()) }
    }

    /// Refuses an address that leads to the deployment itself.
    pub fn outside(self, own: &OwnHosts) -> Result<Self, Violation> {
        let leads_inside = Url::parse(&self.0).is_ok_and(|url| own.include(&url));
        let violation = || Violation::new("ownHost", "must not lead to this API itself");
        if leads_inside { Err(violation()) } else { Ok(self) }
    }

    /// The address as it was sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The hosts and ports by which a deployment is reached. Its webhooks must not lead there: it would be its own caller.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OwnHosts {
    /// Names or addresses, with the port if it is not the scheme's own.
    pub authorities: Vec<String>,
    /// The id of the API at API Gateway, by which each API has a host in every region's `execute-api`.
    pub api_id: Option<String>,
}

impl OwnHosts {
    fn include(&self, url: &Url) -> bool {
        let host = url.host_str().unwrap_or_default();
        let gateway_s =
            |id: &String| host.strip_prefix(id.as_str()).is_some_and(|rest| rest.starts_with(".execute-api."));
        self.api_id.as_ref().is_some_and(gateway_s) || self.authorities.iter().any(|own| is_at(url, own))
    }
}

/// True if an address is at that host and port. All names of this machine itself are one host.
fn is_at(url: &Url, authority: &str) -> bool {
    let Ok(own) = Url::parse(&format!("{}://{authority}/", url.scheme())) else { return false };
    let name = |url: &Url| url.host_str().unwrap_or_default().trim_end_matches('.').to_owned();
    let same_host = name(url) == name(&own) || (is_loopback(url) && is_loopback(&own));
    same_host && url.port_or_known_default() == own.port_or_known_default()
}

/// True if an address names this machine itself.
fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
