//! Allowances, and charges to them.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::allowance::{Allowance, Charge, SubscriptionStatus};
use domain::company::CompanyId;
use domain::time::Timestamp;

use crate::entity::{Entity, EntityId, n, s};
use crate::key::PrimaryKey;
use crate::write::Write;

impl Entity for Allowance {
    const TYPE: &'static str = "Allowance";
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
