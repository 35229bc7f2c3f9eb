//! Telephone numbers that a company calls from.

use serde::{Deserialize, Serialize};

use crate::company::CompanyId;
use crate::contact::E164;
use crate::id::id;
use crate::time::Timestamp;

id! {
    /// A number that a company calls from.
    PhoneNumberId
}

/// A number that a company's agents call from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PhoneNumber {
    pub id: PhoneNumberId,
    pub company_id: CompanyId,
    pub number: E164,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}
