//! Allowances, charges to them, and what is given back.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::allowance::{Allowance, Charge, SubscriptionStatus};
use domain::company::CompanyId;
use domain::interview::BooksChange;
use domain::resource::Resource;
use domain::time::{Period, Timestamp};

use crate::entity::{Entity, EntityId, Item, entity, n, s};
use crate::error::StoreError;
use crate::key::PrimaryKey;
use crate::period::{closed_periods, period_key};
use crate::session::Session;
use crate::write::Write;

impl Entity for Allowance {
    const TYPE: &'static str = "Allowance";
}

/// The place of a company's allowance, beside the company.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AllowanceOf(pub CompanyId);

impl From<AllowanceOf> for Resource {
    fn from(AllowanceOf(id): AllowanceOf) -> Self {
        id.into()
    }
}

impl EntityId for AllowanceOf {
    type Entity = Allowance;

    fn key(self) -> PrimaryKey {
        allowance_key(self.0, 0)
    }
}

/// The key of an allowance's shard. The shards lie beside their company, in the order of their numbers.
pub(crate) fn allowance_key(company_id: CompanyId, shard: u8) -> PrimaryKey {
    company_id.key().beside(format!("ALLOWANCE#{shard:02}"))
}

/// Reserves time of an allowance, if it bears the charge.
pub(crate) fn charge(company_id: CompanyId, charge: &Charge, now: Timestamp) -> Write {
    let key = allowance_key(company_id, 0);
    let write = match charge {
        Charge::Draw { period, .. } => Write::update(
            key,
            "SET #remainingSeconds = #remainingSeconds - :cost, #reservedSeconds = #reservedSeconds + :cost, \
             #version = #version + :one, #updatedAt = :now",
            "#subscription = :active AND #period = :period AND (#remainingSeconds >= :cost OR #overageAllowed = :true)",
        )
        .value(":period", s(period)),
        Charge::OpenPeriod { read, to, .. } => Write::update(
            key,
            "SET #remainingSeconds = #grantedSeconds - :cost, #reservedSeconds = :cost, #usedSeconds = :zero, \
             #period = :to, #version = #version + :one, #updatedAt = :now REMOVE #mendedPeriods",
            "#subscription = :active AND #version = :read AND (#grantedSeconds >= :cost OR #overageAllowed = :true)",
        )
        .value(":zero", n(0))
        .value(":read", n(read))
        .value(":to", s(to)),
    };
    write
        .value(":active", s(SubscriptionStatus::Active))
        .value(":true", AttributeValue::Bool(true))
        .value(":cost", n(charge.cost()))
        .value(":one", n(1))
        .value(":now", s(now))
}

/// The place where the time of a reservation is accounted for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ReservationPlace {
    /// The allowance: the month of the reservation is the current one, or was taken over by it.
    Allowance,
    /// The books of a month that is closed.
    Closed(Period),
    /// Nowhere: the month was over before closed months were kept. The version of the allowance that knows nothing of it.
    Nowhere(u64),
}

/// Gives reserved time back and counts used time where the month of both is accounted for, if it is accounted for there. What was
/// used beyond the reservation is taken from what remains, which may end below zero.
pub(crate) fn settle(company_id: CompanyId, change: &BooksChange, place: &ReservationPlace, now: Timestamp) -> Write {
    let key = match place {
        ReservationPlace::Allowance => allowance_key(company_id, 0),
        ReservationPlace::Closed(period) => period_key(company_id, period),
        ReservationPlace::Nowhere(version) => return Write::guard_version(allowance_key(company_id, 0), *version),
    };
    let update = "SET #remainingSeconds = #remainingSeconds + :freed, #reservedSeconds = #reservedSeconds - :returned, \
                  #usedSeconds = #usedSeconds + :used, #version = #version + :one, #updatedAt = :now";
    Write::update(key, update, "#period = :period OR contains(#mendedPeriods, :period)")
        .value(":freed", n(change.returned - change.used))
        .value(":returned", n(change.returned))
        .value(":used", n(change.used))
        .value(":period", s(&change.period))
        .value(":one", n(1))
        .value(":now", s(now))
}

impl Session {
    /// The place of a month that the allowance, as a failed condition showed it, does not account for.
    pub(crate) async fn place_beyond(
        &mut self,
        company_id: CompanyId,
        change: &BooksChange,
        allowance: Option<Item>,
    ) -> Result<ReservationPlace, StoreError> {
        let allowance = allowance.ok_or_else(|| StoreError::unknown("TransactWriteItems", "no allowance"))?;
        let allowance = entity::<Allowance>(allowance)?;
        let closed = closed_periods(self, company_id).await?;
        let place = closed
            .into_iter()
            .map(|closed| closed.value.books)
            .find(|books| books.period == change.period || books.mended_periods.contains(&change.period));
        Ok(place.map_or(ReservationPlace::Nowhere(allowance.version), |books| ReservationPlace::Closed(books.period)))
    }
}
