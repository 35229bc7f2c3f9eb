//! Companies, and the systems that manage them.

mod ats;

use serde::{Deserialize, Serialize};

use crate::allowance::Seconds;
use crate::id::id;
use crate::limits::UseLimits;
use crate::metadata::Metadata;
use crate::string_enum::string_enum;
use crate::text::{MultiLine, SingleLine};
use crate::time::Timestamp;

pub use ats::*;

id! {
    /// A company: the tenant that owns every other resource.
    CompanyId
}

string_enum! {
    /// What a company pays for: how many minutes of interviews each month.
    pub enum Plan {
        Trial = "TRIAL",
        Starter = "STARTER",
        Business = "BUSINESS",
        Scale = "SCALE",
        Enterprise = "ENTERPRISE",
    }
}

impl Plan {
    /// The plan's monthly minutes; none for a plan whose minutes are agreed with each company.
    pub fn monthly_minutes(self) -> Option<u32> {
        match self {
            Self::Trial => Some(60),
            Self::Starter => Some(600),
            Self::Business => Some(3_000),
            Self::Scale => Some(12_000),
            Self::Enterprise => None,
        }
    }

    /// The monthly grant: the agreed minutes if there are any, else the plan's own. None if neither is known.
    pub fn grant(self, agreed_minutes: Option<u32>) -> Option<Seconds> {
        agreed_minutes.or(self.monthly_minutes()).map(Seconds::from_minutes)
    }
}

/// A company's name, for people; not unique.
pub type CompanyName = SingleLine<2, 100>;

/// A company's description: 1–1,000 characters.
pub type CompanyDescription = MultiLine<1, 1_000>;

/// The part of a company that the system which manages it chooses.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CompanyProfile {
    /// The name.
    pub name: CompanyName,
    /// For people: what else is to be said of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<CompanyDescription>,
    /// The system's own data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Metadata>,
}

/// A tenant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Company {
    /// The identity.
    pub id: CompanyId,
    #[serde(flatten)]
    pub profile: CompanyProfile,
    /// The plan that it pays for.
    pub plan: Plan,
    /// The applicant tracking system whose keys may act for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ats_id: Option<AtsId>,
    /// The limits of each of its keys that an operator has set in place of the plan's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<UseLimits>,
    /// The time of its creation.
    pub created_at: Timestamp,
    /// The time of its last change.
    pub updated_at: Timestamp,
}

impl Company {
    /// A new company, of which only the name is known.
    pub fn new(id: CompanyId, name: CompanyName, plan: Plan, ats_id: Option<AtsId>, now: Timestamp) -> Self {
        let profile = CompanyProfile { name, description: None, metadata: None };
        Self { id, profile, plan, ats_id, limits: None, created_at: now, updated_at: now }
    }

    /// The limits of the use of each of its keys.
    pub fn key_limits(&self) -> UseLimits {
        self.limits.unwrap_or(self.plan.limits())
    }
}
