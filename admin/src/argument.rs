//! Words of the command line that become values of the domain. Types with one spelling everywhere have a parser of
//! their own.

use std::fmt::Display;
use std::net::IpAddr;

use domain::StringEnum;
use domain::api_key::Scope;
use domain::company::Plan;
use domain::contact::WebUrl;
use domain::text::SingleLine;
use domain::time::Timestamp;
use ipnet::IpNet;

pub fn endpoint_url(text: &str) -> Result<String, &'static str> {
    match WebUrl::parse(text) {
        Ok(url) => Ok(url.as_str().to_owned()),
        Err(_) => Err("must be an http or https address, for example http://127.0.0.1:8000"),
    }
}

/// A name or a reason.
pub fn line(text: &str) -> Result<SingleLine<1, 255>, String> {
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
    let found = E::ACCEPTED.iter().find(|value| spelling(**value) == text);
    found.copied().ok_or_else(|| {
        let spellings: Vec<_> = E::ACCEPTED.iter().map(|value| spelling(*value)).collect();
        format!("must be one of {}", spellings.join(", "))
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
    fn plans_are_written_in_lower_case() {
        for (text, plan_meant) in [("trial", Plan::Trial), ("enterprise", Plan::Enterprise)] {
            assert_eq!(plan(text), Ok(plan_meant));
        }
        for text in ["", "TRIAL", "gold"] {
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
        assert!(line("Žltý kôň, s.r.o.").is_ok());
        assert!(line(&"ž".repeat(255)).is_ok());
        for text in [String::new(), "  ".to_owned(), "ž".repeat(256), "a\nb".to_owned()] {
            assert!(line(&text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn an_expiry_lies_in_the_future() {
        assert!(future("9999-12-31T23:59:59Z").is_ok());
        assert_eq!(future("2020-01-01T00:00:00Z").unwrap_err(), "must lie in the future");
        assert!(future("2099-01-01").unwrap_err().contains("RFC 3339"));
    }
}
