//! The proof that an address wants to be posted to.

use std::fmt;
use std::str::FromStr;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::{PauseReason, Webhook};
use crate::api_key::{RandomnessError, hex};

/// The option of a deployment that addresses have to be proven before events are announced to them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AddressProof {
    /// Each address is believed.
    #[default]
    Off,
    /// A webhook is paused until a test of it has proven its address.
    On,
}

impl AddressProof {
    /// The pause of a new webhook.
    pub fn first_pause(self) -> Option<PauseReason> {
        match self {
            Self::Off => None,
            Self::On => Some(PauseReason::Unproven),
        }
    }

    /// A webhook after its owner's change: an address that is new, or was not proven before, is unproven, whatever else was
    /// asked for.
    pub fn after_change(self, old: &Webhook, changed: Webhook) -> Webhook {
        let is_proven = changed.url == old.url && old.paused != Some(PauseReason::Unproven);
        match self {
            Self::On if !is_proven => Webhook { paused: self.first_pause(), ..changed },
            Self::On | Self::Off => changed,
        }
    }
}

/// A text that is neither `off` nor `on`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidAddressProof;

impl fmt::Display for InvalidAddressProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("must be off or on")
    }
}

impl std::error::Error for InvalidAddressProof {}

impl FromStr for AddressProof {
    type Err = InvalidAddressProof;

    fn from_str(text: &str) -> Result<Self, InvalidAddressProof> {
        match text {
            "off" => Ok(Self::Off),
            "on" => Ok(Self::On),
            _ => Err(InvalidAddressProof),
        }
    }
}

/// A random text of 128 bits, which is posted to an address once. Who answers with it has read the post.
#[derive(Clone)]
pub struct Challenge(String);

impl Challenge {
    /// Draws a new one from the operating system's randomness.
    pub fn generate() -> Result<Self, RandomnessError> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes)?;
        Ok(Self(hex(&bytes)))
    }

    /// The 32 hexadecimal digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// True if that is the body of an answer which is the challenge and nothing else, white space around it aside: an
    /// address that sends back whatever it gets proves nothing.
    pub fn is_answered_by(&self, body: &str) -> bool {
        // Hashes compare in constant time.
        let hash = |text: &str| Hmac::<Sha256>::new(&[0; 64].into()).chain_update(text).finalize();
        hash(body.trim_ascii()) == hash(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_alone_is_its_answer() {
        let challenge = Challenge::generate().unwrap();
        let text = challenge.as_str();
        assert_eq!(text.len(), 32);
        assert_ne!(text, Challenge::generate().unwrap().as_str());
        for right in [text.to_owned(), format!(" {text}\r\n")] {
            assert!(challenge.is_answered_by(&right), "{right:?}");
        }
        for wrong in [
            String::new(),
            text[1..].to_owned(),
            format!("{text}0"),
            format!("{text} {text}"),
            format!("\"{text}\""),
            format!("{{\"data\":{{\"challenge\":\"{text}\"}}}}"),
            text.to_uppercase().replace(|c: char| c.is_ascii_digit(), "G"),
        ] {
            assert!(!challenge.is_answered_by(&wrong), "{wrong:?}");
        }
    }

    #[test]
    fn the_option_is_off_or_on() {
        assert_eq!("off".parse(), Ok(AddressProof::Off));
        assert_eq!("on".parse(), Ok(AddressProof::On));
        for text in ["", "ON", "true"] {
            assert_eq!(text.parse::<AddressProof>(), Err(InvalidAddressProof), "{text}");
        }
    }
}
