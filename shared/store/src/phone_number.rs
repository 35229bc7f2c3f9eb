//! Telephone numbers.

use domain::company::CompanyId;
use domain::history::HistoryAction;
use domain::phone_number::{PhoneNumber, PhoneNumberId};
use domain::time::Timestamp;

use crate::Store;
use crate::company::list_of;
use crate::entity::{Entity, EntityId, Owned, entity};
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
    /// Adds a telephone number to a company that exists. One that was removed before may come again.
    pub async fn add_phone_number(&self, number: &PhoneNumber) -> Result<(), OperatorError> {
        let new = Write::create_again(number.id.key(), number)?;
        let mut transaction = Transaction::of(OperatorError::Changed, new);
        transaction.add(OperatorError::NotFound("company"), Write::exists(number.company_id.key()));
        let owner = Some(number.company_id.into());
        let entry = self.entry(HistoryAction::AddPhoneNumber, number.id, owner, number.created_at);
        self.commit(transaction, entry.value("number", None, Some(number.number.as_str()))).await
    }

    /// Removes a telephone number. Agents that call from it keep its id.
    pub async fn remove_phone_number(&self, id: PhoneNumberId, now: Timestamp) -> Result<PhoneNumber, OperatorError> {
        let item = self.session().get_one(id.key()).await?.ok_or(OperatorError::NotFound("telephone number"))?;
        let old = entity::<PhoneNumber>(item)?;
        let owner = Some(old.value.company_id.into());
        let entry = self.entry(HistoryAction::RemovePhoneNumber, id, owner, now);
        let entry = entry.value("number", Some(old.value.number.as_str()), None);
        let removal = Write::delete(id, &old, now)?;
        self.commit(Transaction::of(OperatorError::Changed, removal), entry).await?;
        Ok(old.value)
    }

    /// The telephone numbers of a company, oldest first.
    pub async fn phone_numbers(&self, company_id: CompanyId) -> Result<Vec<PhoneNumber>, OperatorError> {
        self.list(list_of(company_id, "PHONE")).await
    }
}
