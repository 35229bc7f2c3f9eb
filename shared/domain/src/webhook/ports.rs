//! Ports that events are posted to.

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

/// The ports of addresses that a deployment posts to, this machine's own aside.
///
/// By default the usual ones of https, and those that any program of an endpoint's machine may listen on: below 1024 are
/// the services of networks, such as mail and remote shells, which nobody but their owner has any business to talk to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookPorts(Vec<RangeInclusive<u16>>);

/// The text is no list of ports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidPorts;

impl WebhookPorts {
    /// Every port that any deployment can allow.
    pub fn all() -> Self {
        Self(vec![1..=u16::MAX])
    }

    /// True if a port is one of them.
    pub fn include(&self, port: u16) -> bool {
        self.0.iter().any(|ports| ports.contains(&port))
    }
}

impl Default for WebhookPorts {
    fn default() -> Self {
        Self(vec![443..=443, 8443..=8443, 1024..=u16::MAX])
    }
}

impl FromStr for WebhookPorts {
    type Err = InvalidPorts;

    /// Ports and ranges of ports, with commas between: `443, 8443, 1024-65535`.
    fn from_str(text: &str) -> Result<Self, InvalidPorts> {
        let port = |text: &str| text.trim().parse().ok().filter(|port| *port != 0);
        let range = |text: &str| {
            let (first, last) = text.split_once('-').unwrap_or((text, text));
            let range = port(first)?..=port(last)?;
            (!range.is_empty()).then_some(range)
        };
        text.split(',').map(range).collect::<Option<Vec<_>>>().map(Self).ok_or(InvalidPorts)
    }
}

impl fmt::Display for WebhookPorts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, ports) in self.0.iter().enumerate() {
            let comma = if place == 0 { "" } else { ", " };
            match (ports.start(), ports.end()) {
                (first, last) if first == last => write!(f, "{comma}{first}")?,
                (first, last) => write!(f, "{comma}{first}-{last}")?,
            }
        }
        Ok(())
    }
}

impl fmt::Display for InvalidPorts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("must be ports and ranges of ports, such as 443, 8443, 1024-65535")
    }
}

impl std::error::Error for InvalidPorts {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_ports_and_all_that_no_service_has_for_itself() {
        let ports = WebhookPorts::default();
        for port in [443, 1024, 8080, 8443, 65_535] {
            assert!(ports.include(port), "{port}");
        }
        for port in [0, 1, 22, 25, 80, 442, 444, 993, 1023] {
            assert!(!ports.include(port), "{port}");
        }
    }

    #[test]
    fn a_list_says_the_same_when_it_is_written_out() {
        let ports: WebhookPorts = "443,8443 , 1024-65535".parse().unwrap();
        assert_eq!(ports, WebhookPorts::default());
        assert_eq!(ports.to_string(), "443, 8443, 1024-65535");
        let only: WebhookPorts = "443".parse().unwrap();
        assert!(only.include(443) && !only.include(8443));
        for text in ["", "0", "443,", "https", "65536", "2-1", "1-2-3", "-5", "0-10"] {
            assert_eq!(text.parse::<WebhookPorts>(), Err(InvalidPorts), "{text}");
        }
    }
}
