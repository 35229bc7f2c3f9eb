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
    pub id: AtsId,
    /// The name for people; not unique.
    pub name: SingleLine<1, 255>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// The owner of a webhook, and the party that a key acts for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Owner {
    /// A company.
    #[serde(rename = "companyId")]
    Company(CompanyId),
    /// An applicant tracking system, for any company that it manages, one a request.
    #[serde(rename = "atsId")]
    Ats(AtsId),
}
