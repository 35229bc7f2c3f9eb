//! The use of an API key: on which day it was last used, and from where, without keeping anybody's address.
//!
//! Whoever finds a key gone wants to know who had it. An address can identify a person, so none is stored: what is kept
//! of it is a pseudonym, a hash that is keyed with a secret of the key's owner and with the month. Who knows an address
//! can ask whether it is among them; two months, or two owners, can't be compared.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use chrono::NaiveDate;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Serialize, Serializer};
use sha2::Sha256;

use crate::api_key::hex;
use crate::idempotency::IdSecret;
use crate::time::{Period, Timestamp};

/// The time that the use of a key is kept: as long as any two months that follow each other. A key that got out is mostly
/// noticed by what was done with it in this month or in the last.
pub const KEY_USE_KEPT: Duration = Duration::from_secs(62 * 24 * 60 * 60);

/// Most sources that are listed of a key's hour. An integration has a few; with more, the item that counts the hour would
/// outgrow the kilobyte that one write unit writes.
pub const SOURCES_LISTED_MAX: usize = 16;

/// The origin of a request, as far as origins are told apart: an IPv4 address, or the first 64 bits of an IPv6 address. One
/// subscriber has all the addresses of these, and his machines change among them by themselves (RFC 8981).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// An IPv4 address, also one that is written as IPv6.
    V4([u8; 4]),
    /// A network of IPv6.
    V6([u8; 8]),
}

impl From<IpAddr> for Source {
    fn from(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self::V4(address.octets()),
            IpAddr::V6(address) => {
                let [a, b, c, d, e, f, g, h, ..] = address.octets();
                Self::V6([a, b, c, d, e, f, g, h])
            }
        }
    }
}

/// The stand-in for a source: the first 64 bits of its HMAC-SHA-256 under the month's key, which is that of the month's name
/// under the owner's secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pseudonym([u8; 8]);

impl Pseudonym {
    /// The stand-in for a source in a month, with the owner of the key.
    pub fn of(source: Source, secret: IdSecret, month: &Period) -> Self {
        let month_key = keyed_hash(&secret.bytes(), format!("sources {month}").as_bytes());
        let hash = match source {
            Source::V4(address) => keyed_hash(&month_key, &address),
            Source::V6(network) => keyed_hash(&month_key, &network),
        };
        let [a, b, c, d, e, f, g, h, ..] = hash;
        Self([a, b, c, d, e, f, g, h])
    }

    /// The stored bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Reads stored bytes; none if they are not of that form.
    pub fn from_stored(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }
}

impl fmt::Display for Pseudonym {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl Serialize for Pseudonym {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

fn keyed_hash(key: &[u8], text: &[u8]) -> [u8; 32] {
    // A key that is shorter than a block is filled up with zeros, so that a block can be no key of a wrong size.
    let mut block = [0; 64];
    block.iter_mut().zip(key).for_each(|(place, byte)| *place = *byte);
    Hmac::<Sha256>::new(&block.into()).chain_update(text).finalize().into_bytes().into()
}

/// The use of a key in an hour of the clock.
#[derive(Debug, Clone, PartialEq)]
pub struct HourOfUse {
    /// The beginning of the hour.
    pub began_at: Timestamp,
    /// The sources of its requests, as far as they are listed.
    pub sources: Vec<Pseudonym>,
    /// Requests of other sources.
    pub requests_of_others: u64,
}

/// The use of a key in the last 62 days ([`KEY_USE_KEPT`]).
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct KeyUse {
    /// The last day (UTC) of use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_used_on: Option<NaiveDate>,
    /// The sources, those first that were used last. One that was used in two months is there twice.
    pub sources: Vec<SourceUse>,
    /// Requests whose source is not among them: from the seventeenth source of an hour on, and of keys whose owner has no
    /// secret.
    pub requests_of_others: u64,
}

/// The use of a key from one source, in one month.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SourceUse {
    pub month: Period,
    /// The source's stand-in in that month.
    pub pseudonym: Pseudonym,
    #[serde(flatten)]
    pub hours: HoursOfUse,
}

/// The first and the last hour of a use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HoursOfUse {
    /// The beginning of the first hour.
    pub first_hour: Timestamp,
    /// The beginning of the last hour.
    pub last_hour: Timestamp,
}

impl HoursOfUse {
    fn and(self, other: Self) -> Self {
        Self { first_hour: self.first_hour.min(other.first_hour), last_hour: self.last_hour.max(other.last_hour) }
    }
}

impl KeyUse {
    /// The use that a key's hours tell, in any order.
    pub fn of(hours: &[HourOfUse]) -> Self {
        let mut sources: BTreeMap<(Period, Pseudonym), HoursOfUse> = BTreeMap::new();
        for hour in hours {
            let this = HoursOfUse { first_hour: hour.began_at, last_hour: hour.began_at };
            for pseudonym in &hour.sources {
                let key = (Period::of(hour.began_at), *pseudonym);
                sources.entry(key).and_modify(|hours| *hours = hours.and(this)).or_insert(this);
            }
        }
        let source = |((month, pseudonym), hours)| SourceUse { month, pseudonym, hours };
        let mut sources: Vec<_> = sources.into_iter().map(source).collect();
        sources.sort_by_key(|source| std::cmp::Reverse(source.hours.last_hour));
        Self {
            last_used_on: hours.iter().map(|hour| hour.began_at.date()).max(),
            sources,
            requests_of_others: hours.iter().map(|hour| hour.requests_of_others).sum(),
        }
    }

    /// The hours of use from a source, in whatever month; none if it is not listed.
    pub fn from_source(&self, source: Source, secret: IdSecret) -> Option<HoursOfUse> {
        let is_it = |entry: &&SourceUse| entry.pseudonym == Pseudonym::of(source, secret, &entry.month);
        self.sources.iter().filter(is_it).map(|entry| entry.hours).reduce(HoursOfUse::and)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: IdSecret = IdSecret::from_bytes([7; 16]);

    fn source(address: &str) -> Source {
        address.parse::<IpAddr>().unwrap().into()
    }

    fn pseudonym(address: &str, secret: IdSecret, month: &str) -> Pseudonym {
        Pseudonym::of(source(address), secret, &month.parse().unwrap())
    }

    fn hour(began_at: &str, addresses: &[&str], requests_of_others: u64) -> HourOfUse {
        let began_at: Timestamp = began_at.parse().unwrap();
        let month = Period::of(began_at);
        let sources = addresses.iter().map(|address| Pseudonym::of(source(address), SECRET, &month)).collect();
        HourOfUse { began_at, sources, requests_of_others }
    }

    #[test]
    fn an_ipv6_source_is_a_network_of_64_bits_and_an_ipv4_source_one_address() {
        assert_eq!(source("2001:db8:0:1::1"), source("2001:db8:0:1:ffff::"));
        assert_ne!(source("2001:db8:0:1::1"), source("2001:db8:0:2::1"));
        assert_ne!(source("203.0.113.7"), source("203.0.113.8"));
        assert_eq!(source("::ffff:203.0.113.7"), source("203.0.113.7"));
    }

    #[test]
    fn a_pseudonym_is_another_with_each_address_secret_and_month() {
        let one = pseudonym("203.0.113.7", SECRET, "2026-11");
        assert_eq!(one, pseudonym("203.0.113.7", SECRET, "2026-11"));
        for other in [
            pseudonym("203.0.113.8", SECRET, "2026-11"),
            pseudonym("203.0.113.7", IdSecret::from_bytes([8; 16]), "2026-11"),
            pseudonym("203.0.113.7", SECRET, "2026-12"),
            pseudonym("cb00:7107::", SECRET, "2026-11"),
        ] {
            assert_ne!(one, other);
        }
        assert_eq!(Pseudonym::from_stored(one.as_bytes()), Some(one));
        assert_eq!(Pseudonym::from_stored(&one.as_bytes()[1..]), None);
    }

    /// Stored pseudonyms are compared with those of later versions. The value is that of Python's `hmac`.
    #[test]
    fn a_pseudonym_is_hmac_sha_256_under_a_key_of_the_month() {
        assert_eq!(pseudonym("203.0.113.7", SECRET, "2026-11").to_string(), "c7f3b2cd4f5f4c5a");
        assert_eq!(pseudonym("2001:db8:0:1::1", SECRET, "2026-11").to_string(), "917e4e6a18cfd1aa");
    }

    #[test]
    fn hours_become_days_and_sources() {
        let hours = [
            hour("2026-11-30T23:00:00Z", &["203.0.113.7", "203.0.113.8"], 3),
            hour("2026-11-02T09:00:00Z", &["203.0.113.7"], 0),
            hour("2026-12-01T00:00:00Z", &["203.0.113.7"], 4),
        ];
        let used = KeyUse::of(&hours);
        assert_eq!(used.last_used_on, NaiveDate::from_ymd_opt(2026, 12, 1));
        assert_eq!((used.sources.len(), used.requests_of_others), (3, 7));
        assert_eq!(used.sources[0].month.as_str(), "2026-12");
        let from = |address| used.from_source(source(address), SECRET);
        let hours = |first: &str, last: &str| {
            Some(HoursOfUse { first_hour: first.parse().unwrap(), last_hour: last.parse().unwrap() })
        };
        assert_eq!(from("203.0.113.7"), hours("2026-11-02T09:00:00Z", "2026-12-01T00:00:00Z"));
        assert_eq!(from("203.0.113.8"), hours("2026-11-30T23:00:00Z", "2026-11-30T23:00:00Z"));
        assert_eq!(from("203.0.113.9"), None);
        assert_eq!(used.from_source(source("203.0.113.7"), IdSecret::from_bytes([8; 16])), None);
    }

    #[test]
    fn a_key_that_was_not_used_was_used_on_no_day() {
        let used = KeyUse::of(&[]);
        assert_eq!((used.last_used_on, used.sources.len(), used.requests_of_others), (None, 0, 0));
    }
}
