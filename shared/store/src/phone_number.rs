//! Telephone numbers.

use domain::company::CompanyId;
use domain::phone_number::{PhoneNumber, PhoneNumberId};

use crate::Store;
use crate::company::list_of;
use crate::entity::{Entity, EntityId, Owned};
use crate::key::{IndexKey, PrimaryKey};
use crate::operator::OperatorError;
use crate::write::{Transaction, Write};

impl Entity for PhoneNumber {
    const TYPE: &'static str = "PhoneNumber";

    fn index_keys(&self) -> Vec<IndexKey> {
        vec![IndexKey::listed(list_of(self.company_id, "PHONE"), self.created_at, self.id)]
    }
}

impl Owned for PhoneNumber {}

impl EntityId for PhoneNumberId {
    type Entity = PhoneNumber;

    fn key(self) -> PrimaryKey {
        PrimaryKey::of("PHONE", self)
    }
}

impl Store {
    /// Adds a telephone number to a company that exists.
    pub async fn add_phone_number(&self, number: &PhoneNumber) -> Result<(), OperatorError> {
        let changed = OperatorError::Changed;
        let mut transaction = Transaction::of(changed, Write::create(number.id.key(), number)?);
        transaction.add(OperatorError::NotFound("company"), Write::exists(number.company_id.key()));
        self.commit(transaction).await
    }

    /// The telephone numbers of a company, oldest first.
    pub async fn phone_numbers(&self, company_id: CompanyId) -> Result<Vec<PhoneNumber>, OperatorError> {
        self.list(list_of(company_id, "PHONE")).await
    }
}
