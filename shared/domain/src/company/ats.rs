//! Applicant tracking systems, which manage companies.

use serde::{Deserialize, Serialize};

use crate::company::CompanyId;
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
    /// The time of its creation.
    pub created_at: Timestamp,
    /// The time of its last change.
    pub updated_at: Timestamp,
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
