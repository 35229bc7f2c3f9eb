//! Words of the command line that become values of the domain. Types with one spelling everywhere have a parser of
//! their own.

use std::fmt::Display;
use std::net::IpAddr;
use std::str::FromStr;
use std::time::Duration;

use clap::Args;
use domain::StringEnum;
use domain::Violation;
use domain::api_key::{ROTATION_GRACE_MAX, Scope};
use domain::company::Plan;
use domain::contact::WebUrl;
use domain::limits::UseLimits;
use domain::text::SingleLine;
use domain::time::{Period, Timestamp};
use ipnet::IpNet;

use crate::secret::has_secret;

pub fn endpoint_url(text: &str) -> Result<String, &'static str> {
    match WebUrl::parse(text) {
        // Errors name the address.
        Ok(url) if url.as_str().contains('@') => Err("must have no user and no password in it"),
        Ok(url) => Ok(url.as_str().to_owned()),
        Err(_) => Err("must be an http or https address, for example http://127.0.0.1:8000"),
    }
}

/// The id of something.
pub fn id<T: FromStr<Err = Violation>>(text: &str) -> Result<T, String> {
    if has_secret(text) {
        return Err(
            "is a secret, not an id; the id of a key is told by `key find`, which reads the key from standard \
                    input"
                .to_owned(),
        );
    }
    text.parse().map_err(text_of)
}

/// A name or a reason.
pub fn line<const MIN: usize, const MAX: usize>(text: &str) -> Result<SingleLine<MIN, MAX>, String> {
    if has_secret(text) {
        return Err("must have no secret in it: it is shown to others".to_owned());
    }
    if text.is_empty() {
        return Err("must not be blank".to_owned());
    }
    SingleLine::parse(text).map_err(text_of)
}

pub fn plan(text: &str) -> Result<Plan, String> {
    one_of(text, |plan: Plan| plan.as_str().to_lowercase())
}

pub fn scope(text: &str) -> Result<Scope, String> {
    one_of(text, |scope: Scope| scope.as_str().to_owned())
}

fn one_of<E: StringEnum>(text: &str, spelling: impl Fn(E) -> String) -> Result<E, String> {
    let found = E::ACCEPTED.iter().find(|value| spelling(**value).eq_ignore_ascii_case(text));
    found.copied().ok_or_else(|| {
        let spellings: Vec<_> = E::ACCEPTED.iter().map(|value| spelling(*value)).collect();
        format!("must be one of {}", spellings.join(", "))
    })
}

/// A time for which a key goes on working: a number with its unit (m, h or d), or 0.
pub fn grace(text: &str) -> Result<Duration, String> {
    const SECONDS: [(&str, u64); 3] = [("m", 60), ("h", 60 * 60), ("d", 24 * 60 * 60)];
    let number = |digits: &str| digits.parse::<u32>().ok().filter(|_| digits.bytes().all(|byte| byte.is_ascii_digit()));
    let seconds = SECONDS.iter().find_map(|(unit, seconds)| Some((text.strip_suffix(unit)?, seconds)));
    let seconds = match seconds {
        Some((digits, seconds)) => number(digits).map(|number| u64::from(number) * seconds),
        None => number(text).filter(|number| *number == 0).map(u64::from),
    };
    let grace = seconds.map(Duration::from_secs).filter(|grace| *grace <= ROTATION_GRACE_MAX);
    grace.ok_or_else(|| {
        "must be a number of minutes, hours or days up to 90 days, for example 30m, 24h or 7d".to_owned()
    })
}

/// An instant that is still to come.
pub fn future(text: &str) -> Result<Timestamp, String> {
    let instant: Timestamp = text.parse().map_err(text_of)?;
    if instant <= Timestamp::new(chrono::Utc::now()) {
        return Err("must lie in the future".to_owned());
    }
    Ok(instant)
}

/// A month.
pub fn month(text: &str) -> Result<Period, String> {
    text.parse().map_err(text_of)
}

/// An address, or a block of addresses with its prefix.
pub fn address_block(text: &str) -> Result<IpNet, String> {
    if let Ok(address) = text.parse::<IpAddr>() {
        return Ok(address.to_canonical().into());
    }
    let block: IpNet =
        text.parse().map_err(|_| "must be an address or a block, for example 203.0.113.0/24".to_owned())?;
    if block.addr() != block.network() {
        // The operator's meaning decides who gets in, so it is not guessed.
        return Err(format!("has bits beyond its prefix: write {}, or {} alone", block.trunc(), block.addr()));
    }
    if block.addr().to_canonical() != block.addr() {
        return Err("must be written as an IPv4 block, because callers' addresses are".to_owned());
    }
    Ok(block)
}

fn text_of(error: impl Display) -> String {
    error.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plans_and_scopes_are_taken_in_any_case() {
        for plan_meant in Plan::ACCEPTED {
            for text in [plan_meant.to_string(), plan_meant.to_string().to_lowercase()] {
                assert_eq!(plan(&text), Ok(*plan_meant));
            }
        }
        assert_eq!(scope("write:agents"), Ok(Scope::WriteAgents));
        assert_eq!(scope("WRITE:AGENTS"), Ok(Scope::WriteAgents));
        for text in ["", "gold"] {
            assert_eq!(plan(text).unwrap_err(), "must be one of trial, starter, business, scale, enterprise", "{text}");
        }
    }

    #[test]
    fn addresses_and_blocks() {
        for (text, meant) in [
            ("203.0.113.7", "203.0.113.7/32"),
            ("203.0.113.0/24", "203.0.113.0/24"),
            ("0.0.0.0/0", "0.0.0.0/0"),
            ("2001:db8::1", "2001:db8::1/128"),
            ("2001:db8::/32", "2001:db8::/32"),
            // Callers' addresses are compared in this form.
            ("::ffff:203.0.113.7", "203.0.113.7/32"),
        ] {
            assert_eq!(address_block(text).unwrap().to_string(), meant, "{text}");
        }
        for text in ["", "203.0.113", "203.0.113.0/33", "localhost", "::ffff:203.0.113.0/120"] {
            assert!(address_block(text).is_err(), "{text}");
        }
        let vague = address_block("203.0.113.7/24").unwrap_err();
        assert_eq!(vague, "has bits beyond its prefix: write 203.0.113.0/24, or 203.0.113.7 alone");
    }

    #[test]
    fn names_are_one_line_of_at_most_255_characters() {
        assert!(line::<1, 255>("Žltý kôň, s.r.o.").is_ok());
        assert!(line::<1, 255>(&"ž".repeat(255)).is_ok());
        for text in ["", "  ", &"ž".repeat(256), "a\nb", "key sk_1", "leaked:sk_1", "(sk_1)", "\"whsec_1\""] {
            assert!(line::<1, 255>(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_key_is_no_id() {
        use domain::api_key::ApiKeyId;
        for text in ["sk_123", "Bearer sk_123"] {
            assert!(id::<ApiKeyId>(text).unwrap_err().contains("`key find`"));
        }
        assert!(id::<ApiKeyId>("123").unwrap_err().contains("must be a UUID"));
        assert!(id::<ApiKeyId>("00000000-0000-4000-8000-00000000000A").is_ok());
    }

    #[test]
    fn a_grace_time_has_a_unit_and_an_end() {
        for (text, seconds) in
            [("0", 0), ("0d", 0), ("30m", 1_800), ("24h", 86_400), ("7d", 604_800), ("90d", 7_776_000)]
        {
            assert_eq!(grace(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for text in ["", "d", "1", "-1d", "+1d", "1.5h", "91d", "2161h", "129601m", "4294967296d", "1w", "1 d", "1D"] {
            assert!(grace(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_expiry_lies_in_the_future() {
        assert!(future("9999-12-31T23:59:59Z").is_ok());
        assert_eq!(future("2020-01-01T00:00:00Z").unwrap_err(), "must lie in the future");
        assert!(future("2099-01-01").unwrap_err().contains("RFC 3339"));
    }
}

/// The limits of use of a key, or of each key of a company.
#[derive(Debug, Clone, Copy, Args)]
#[group(required = true, multiple = true)]
pub struct Limits {
    /// Requests in a minute
    #[arg(long, value_name = "N", requires = "hour", value_parser = clap::value_parser!(u32).range(1..))]
    minute: Option<u32>,
    /// Requests in an hour
    #[arg(long, value_name = "N", requires = "minute", value_parser = clap::value_parser!(u32).range(1..))]
    hour: Option<u32>,
    /// No limits of its own: the plan's, for a key its company's, apply again
    #[arg(long, conflicts_with_all = ["minute", "hour"])]
    default: bool,
}

impl Limits {
    /// The limits; none for the default ones.
    pub fn get(self) -> Option<UseLimits> {
        self.minute.zip(self.hour).map(|(minute, hour)| UseLimits { minute, hour })
    }
}
