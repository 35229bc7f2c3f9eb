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
    /// Its identity.
    pub id: PhoneNumberId,
    /// Whose it is.
    pub company_id: CompanyId,
    /// What is dialled.
    pub number: E164,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}
