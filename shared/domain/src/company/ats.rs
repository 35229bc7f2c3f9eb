//! Applicant tracking systems, which manage companies.

use serde::{Deserialize, Serialize};

use crate::allowance::{Allowance, Seconds};
use crate::company::{Company, CompanyId, CompanyProfile, Plan};
use crate::id::id;
use crate::text::SingleLine;
use crate::time::Timestamp;

id! {
    /// A partner's applicant tracking system, which manages companies.
    AtsId
}

/// A partner's applicant tracking system.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Ats {
    /// The identity.
    pub id: AtsId,
    /// For people; not unique.
    pub name: SingleLine<1, 255>,
    /// The plan of the companies that it creates; none until an operator has set one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_plan: Option<DefaultPlan>,
    /// The time of its creation.
    pub created_at: Timestamp,
    /// The time of its last change.
    pub updated_at: Timestamp,
}

/// Most companies that a system creates. A key that got out makes no more of them, which on the plan trial have 60,000
/// minutes a month together; a partner with more customers talks to the operator, who may create any number for it.
pub const CREATED_COMPANIES_MAX: usize = 1_000;

/// The plan of each company that a system creates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DefaultPlan {
    pub plan: Plan,
    /// The time that each company is granted a month.
    pub granted_seconds: Seconds,
}

/// The plan trial, the least that a company may have.
impl Default for DefaultPlan {
    fn default() -> Self {
        Self { plan: Plan::Trial, granted_seconds: Plan::Trial.grant(None).unwrap_or_default() }
    }
}

impl Ats {
    /// A new system, without a plan for the companies that it creates.
    pub fn new(id: AtsId, name: SingleLine<1, 255>, now: Timestamp) -> Self {
        Self { id, name, default_plan: None, created_at: now, updated_at: now }
    }

    /// A new company that the system manages, with the allowance of its plan, which has no overage.
    pub fn new_company(&self, id: CompanyId, profile: CompanyProfile, now: Timestamp) -> (Company, Allowance) {
        let DefaultPlan { plan, granted_seconds } = self.default_plan.unwrap_or_default();
        let company =
            Company { id, profile, plan, ats_id: Some(self.id), limits: None, created_at: now, updated_at: now };
        let allowance = Allowance { plan: Some(plan), ..Allowance::new(id, granted_seconds, false, now) };
        (company, allowance)
    }
}

/// For whom a key acts, and who manages a webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Owner {
    /// For one company.
    #[serde(rename = "companyId")]
    Company(CompanyId),
    /// For any company that the system manages, one a request.
    #[serde(rename = "atsId")]
    Ats(AtsId),
}

impl From<CompanyId> for Owner {
    fn from(id: CompanyId) -> Self {
        Self::Company(id)
    }
}

impl From<AtsId> for Owner {
    fn from(id: AtsId) -> Self {
        Self::Ats(id)
    }
}
