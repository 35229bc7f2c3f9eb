//! API keys: what a key may do.

mod scope;
mod secret;

use std::collections::BTreeSet;
use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use crate::company::Owner;
use crate::id::id;
use crate::limits::KeyLimits;
use crate::string_enum::string_enum;
use crate::text::SingleLine;
use crate::time::Timestamp;

pub use scope::*;
pub use secret::*;

id! {
    /// The public identity of an API key; says nothing of its secret.
    ApiKeyId
}

string_enum! {
    /// The status of a key.
    pub enum ApiKeyStatus {
        /// The key works.
        Active = "ACTIVE",
        /// The key does not work now, and may be activated again.
        Suspended = "SUSPENDED",
        /// Never again.
        Revoked = "REVOKED",
    }
}

/// An API key, without its secret.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ApiKey {
    /// The public id.
    pub id: ApiKeyId,
    /// The company or the system that the key acts for.
    #[serde(flatten)]
    pub owner: Owner,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<SingleLine<1, 255>>,
    pub scopes: Vec<Scope>,
    pub status: ApiKeyStatus,
    /// The time since which it is suspended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suspended_at: Option<Timestamp>,
    /// The reason of a suspension, for the owner to read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suspension_reason: Option<SingleLine<1, 255>>,
    /// The first instant at which it works no more. (Not `expiresAt`, by which the table deletes items.)
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Timestamp>,
    /// The key that has replaced it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replaced_by: Option<ApiKeyId>,
    /// The addresses that it may be used from; none given: any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allowed_ips: Vec<IpNet>,
    /// The limits of its use.
    #[serde(flatten)]
    pub limits: KeyLimits,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// The reason why a key is not admitted, in the order of the checks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ApiKeyRefusal {
    /// Revoked or expired: to its bearer the same as unknown.
    Invalid,
    /// Suspended.
    Suspended {
        /// The time of the suspension.
        at: Option<Timestamp>,
        /// The reason, in the operator's words.
        reason: Option<String>,
    },
    /// Used from elsewhere than its list allows.
    IpNotAllowed,
    /// The scope that the route needs is missing.
    ScopeMissing(Scope),
}

/// The time for which a key that is replaced goes on working, unless the operator says otherwise. As long as the overlap
/// of a webhook's secrets: a day is enough to change a setting, and not much for whoever has found a key.
pub const ROTATION_GRACE: Duration = Duration::from_secs(24 * 60 * 60);

/// Longest such time. Whoever needs longer has two keys, and says so by creating the second.
pub const ROTATION_GRACE_MAX: Duration = Duration::from_secs(90 * 24 * 60 * 60);

/// The reason why a key can't be replaced by another with the same rights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RotationRefusal {
    /// The key is suspended: its successor would work.
    Suspended,
    /// The key is revoked or has expired: it has no rights.
    Over,
    /// The key was replaced by this one: its end is that of its grace time, and not one that a successor should have.
    Replaced(ApiKeyId),
}

impl fmt::Display for RotationRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Suspended => f.write_str("the key is suspended; activate it first, or create another"),
            Self::Over => f.write_str("the key is revoked or has expired, and has no rights; create another"),
            Self::Replaced(by) => write!(f, "the key was replaced by {by}; rotate that one, or create another"),
        }
    }
}

/// A key that was replaced, and the one that replaces it.
#[derive(Debug, Clone, PartialEq)]
pub struct RotatedApiKey {
    /// The old key, which ends after the grace time.
    pub old: ApiKey,
    /// The new key, with the rights of the old one.
    pub new: ApiKey,
}

impl ApiKey {
    /// Replaces the key by another with its owner, name, scopes, addresses and end. The key itself works for the grace
    /// time more, or until the end that it has already, if that is sooner.
    pub fn rotate(&self, new_id: ApiKeyId, grace: Duration, now: Timestamp) -> Result<RotatedApiKey, RotationRefusal> {
        if self.is_over(now) {
            return Err(RotationRefusal::Over);
        }
        if self.status == ApiKeyStatus::Suspended {
            return Err(RotationRefusal::Suspended);
        }
        if let Some(by) = self.replaced_by {
            return Err(RotationRefusal::Replaced(by));
        }
        let grace_end = now.saturating_add(grace);
        let end = self.valid_until.map_or(grace_end, |end| end.min(grace_end));
        Ok(RotatedApiKey {
            old: Self { valid_until: Some(end), replaced_by: Some(new_id), updated_at: now, ..self.clone() },
            new: Self { id: new_id, created_at: now, updated_at: now, ..self.clone() },
        })
    }

    /// True if the key is revoked or has expired.
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.status == ApiKeyStatus::Revoked || self.valid_until.is_some_and(|end| end <= now)
    }

    /// Decides whether the key may be used now, from there, for that.
    pub fn admit(&self, now: Timestamp, from: Option<IpAddr>, scope: Scope) -> Result<(), ApiKeyRefusal> {
        if self.is_over(now) {
            return Err(ApiKeyRefusal::Invalid);
        }
        if self.status == ApiKeyStatus::Suspended {
            return Err(ApiKeyRefusal::Suspended {
                at: self.suspended_at,
                reason: self.suspension_reason.as_ref().map(ToString::to_string),
            });
        }
        let from = from.map(|address| address.to_canonical());
        let listed = |from: IpAddr| self.allowed_ips.iter().any(|block| block.contains(&from));
        if !self.allowed_ips.is_empty() && !from.is_some_and(listed) {
            return Err(ApiKeyRefusal::IpNotAllowed);
        }
        if !self.scopes.contains(&scope) {
            return Err(ApiKeyRefusal::ScopeMissing(scope));
        }
        Ok(())
    }
}

/// A key with all that it has replaced, one after another. `keys` are those of its owner, in any order.
pub fn with_predecessors(id: ApiKeyId, keys: &[ApiKey]) -> BTreeSet<ApiKeyId> {
    let mut found = BTreeSet::from([id]);
    let is_replaced = |key: &&ApiKey, by: &BTreeSet<_>| key.replaced_by.is_some_and(|id| by.contains(&id));
    // No rotation makes a circle, and each round but the last finds a further key.
    for _ in keys {
        let before: Vec<_> = keys.iter().filter(|key| is_replaced(key, &found)).map(|key| key.id).collect();
        let known = found.len();
        found.extend(before);
        if found.len() == known {
            break;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::company::CompanyId;

    #[test]
    fn a_generated_secret_is_read_back_and_each_is_new() {
        let secret = ApiKeySecret::generate().unwrap();
        assert_eq!(secret.reveal().len(), 3 + 43 + 6);
        assert!(ApiKeySecret::parse(secret.reveal()) == Some(secret.clone()));
        assert!(secret != ApiKeySecret::generate().unwrap());
        assert_eq!(secret.hash().as_str().len(), 64);
    }

    #[test]
    fn any_one_mistyped_character_is_noticed() {
        let secret = ApiKeySecret::generate().unwrap();
        for at in 0..secret.reveal().len() {
            let mut text = secret.reveal().as_bytes().to_vec();
            text[at] = if text[at] == b'x' { b'y' } else { b'x' };
            assert!(ApiKeySecret::parse(std::str::from_utf8(&text).unwrap()).is_none(), "position {at}");
        }
    }

    #[test]
    fn what_is_not_of_a_key_s_form_is_refused() {
        let secret = ApiKeySecret::generate().unwrap();
        let text = secret.reveal();
        for wrong in
            ["", "sk_", &text[1..], &text[..51], &format!("{text}0"), &format!(" {text}"), &text.replace("sk_", "pk_")]
        {
            assert!(ApiKeySecret::parse(wrong).is_none(), "{wrong}");
        }
        assert!(ApiKeySecret::parse(&format!("sk_{}", "é".repeat(24))).is_none());
    }

    fn key() -> ApiKey {
        let now: Timestamp = "2026-11-22T00:00:00Z".parse().unwrap();
        ApiKey {
            id: ApiKeyId::new(uuid::Uuid::nil()),
            owner: Owner::Company(CompanyId::new(uuid::Uuid::nil())),
            name: None,
            scopes: vec![Scope::WriteAgents],
            status: ApiKeyStatus::Active,
            suspended_at: None,
            suspension_reason: None,
            valid_until: None,
            replaced_by: None,
            allowed_ips: Vec::new(),
            limits: KeyLimits::default(),
            created_at: now,
            updated_at: now,
        }
    }

    #[test]
    fn the_first_reason_in_the_documented_order_is_the_answer() {
        let now: Timestamp = "2026-11-22T00:00:00Z".parse().unwrap();
        let from = Some("192.0.2.1".parse().unwrap());
        let mut key = ApiKey {
            status: ApiKeyStatus::Suspended,
            valid_until: Some(now),
            allowed_ips: vec!["198.51.100.0/24".parse().unwrap()],
            ..key()
        };
        let scope = Scope::WriteInterviews;
        assert_eq!(key.admit(now, from, scope), Err(ApiKeyRefusal::Invalid));
        key.valid_until = now.checked_add(chrono::TimeDelta::milliseconds(1));
        assert_eq!(key.admit(now, from, scope), Err(ApiKeyRefusal::Suspended { at: None, reason: None }));
        key.status = ApiKeyStatus::Active;
        assert_eq!(key.admit(now, from, scope), Err(ApiKeyRefusal::IpNotAllowed));
        assert_eq!(key.admit(now, None, scope), Err(ApiKeyRefusal::IpNotAllowed));
        let inside = Some("::ffff:198.51.100.255".parse().unwrap());
        assert_eq!(key.admit(now, inside, scope), Err(ApiKeyRefusal::ScopeMissing(scope)));
        assert_eq!(key.admit(now, inside, Scope::WriteAgents), Ok(()));
        key.status = ApiKeyStatus::Revoked;
        assert_eq!(key.admit(now, inside, Scope::WriteAgents), Err(ApiKeyRefusal::Invalid));
    }

    #[test]
    fn a_key_that_was_replaced_works_to_the_end_of_the_grace_time_and_its_successor_on() {
        let now: Timestamp = "2026-11-22T00:00:00Z".parse().unwrap();
        let name = SingleLine::parse("Office").ok();
        let key = ApiKey { name, allowed_ips: vec!["192.0.2.0/24".parse().unwrap()], ..key() };
        let later = now.saturating_add(Duration::from_secs(60));
        let new_id = ApiKeyId::new(uuid::Uuid::max());
        let RotatedApiKey { old, new } = key.rotate(new_id, Duration::from_secs(3_600), later).unwrap();
        let end = later.saturating_add(Duration::from_secs(3_600));
        assert_eq!(old, ApiKey { valid_until: Some(end), replaced_by: Some(new_id), updated_at: later, ..key.clone() });
        assert_eq!(new, ApiKey { id: new_id, created_at: later, updated_at: later, ..key });

        let from = Some("192.0.2.1".parse().unwrap());
        let just_before = end.checked_add(chrono::TimeDelta::milliseconds(-1)).unwrap();
        for (time, old_works) in [(just_before, true), (end, false)] {
            assert_eq!(old.admit(time, from, Scope::WriteAgents).is_ok(), old_works);
            assert_eq!(new.admit(time, from, Scope::WriteAgents), Ok(()));
        }
        // No grace: the old one ends at once.
        let RotatedApiKey { old, .. } = new.rotate(new_id, Duration::ZERO, later).unwrap();
        assert_eq!(old.admit(later, from, Scope::WriteAgents), Err(ApiKeyRefusal::Invalid));
    }

    #[test]
    fn a_grace_time_moves_no_end_further_away() {
        let now: Timestamp = "2026-11-22T00:00:00Z".parse().unwrap();
        let end = now.checked_add(chrono::TimeDelta::hours(1));
        let key = ApiKey { valid_until: end, ..key() };
        let rotated = key.rotate(ApiKeyId::new(uuid::Uuid::max()), Duration::from_secs(3_601), now).unwrap();
        assert_eq!((rotated.old.valid_until, rotated.new.valid_until), (end, end));
    }

    #[test]
    fn only_a_key_that_works_is_replaced() {
        let now: Timestamp = "2026-11-22T00:00:00Z".parse().unwrap();
        let rotate = |key: ApiKey| key.rotate(ApiKeyId::new(uuid::Uuid::max()), ROTATION_GRACE, now).map(drop);
        let ends_at = |end: Timestamp| ApiKey { valid_until: Some(end), ..key() };
        assert_eq!(rotate(ends_at(now)), Err(RotationRefusal::Over));
        assert_eq!(rotate(ends_at(now.checked_add(chrono::TimeDelta::milliseconds(1)).unwrap())), Ok(()));
        assert_eq!(rotate(ApiKey { status: ApiKeyStatus::Revoked, ..key() }), Err(RotationRefusal::Over));
        assert_eq!(rotate(ApiKey { status: ApiKeyStatus::Suspended, ..key() }), Err(RotationRefusal::Suspended));
        let both = ApiKey { status: ApiKeyStatus::Suspended, ..ends_at(now) };
        assert_eq!(rotate(both), Err(RotationRefusal::Over));
        // Its successor would inherit the end of the grace time.
        let by = ApiKeyId::new(uuid::Uuid::nil());
        assert_eq!(rotate(ApiKey { replaced_by: Some(by), ..key() }), Err(RotationRefusal::Replaced(by)));
    }

    #[test]
    fn a_key_stands_for_all_that_it_has_replaced_and_for_no_successor() {
        let id = |number| ApiKeyId::new(uuid::Uuid::from_u128(number));
        let rotated = |number, by: Option<u128>| ApiKey { id: id(number), replaced_by: by.map(id), ..key() };
        let keys = [rotated(1, Some(2)), rotated(2, Some(3)), rotated(3, Some(4)), rotated(4, None), rotated(5, None)];
        assert_eq!(with_predecessors(id(3), &keys), BTreeSet::from([id(1), id(2), id(3)]));
        assert_eq!(with_predecessors(id(1), &keys), BTreeSet::from([id(1)]));
        assert_eq!(with_predecessors(id(9), &keys), BTreeSet::from([id(9)]));
    }
}
