//! Telephone numbers that a company calls from.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::company::CompanyId;
use crate::contact::E164;
use crate::id::id;
use crate::time::Timestamp;

id! {
    /// A number that a company calls from.
    PhoneNumberId
}

/// The namespace of ids that follow from a company and a number.
const NAMESPACE: Uuid = Uuid::from_u128(0x5f1d_0b7e_6c3a_4c8e_9d20_7a41_3be8_52c6);

impl PhoneNumberId {
    /// The id of a company's number, which follows from both: so that no company has the same number twice.
    pub fn of(company_id: CompanyId, number: &E164) -> Self {
        Self(Uuid::new_v5(&NAMESPACE, format!("{company_id}\n{}", number.as_str()).as_bytes()))
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_follows_from_company_and_number() {
        let (company, other) = (CompanyId::new(Uuid::nil()), CompanyId::new(Uuid::max()));
        let (number, another) = (E164::parse("+421901234567").unwrap(), E164::parse("+421901234568").unwrap());
        let id = PhoneNumberId::of(company, &number);
        assert_eq!(id, PhoneNumberId::of(company, &number));
        assert_ne!(id, PhoneNumberId::of(other, &number));
        assert_ne!(id, PhoneNumberId::of(company, &another));
    }
}
