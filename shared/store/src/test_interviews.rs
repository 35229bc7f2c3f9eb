//! Test interviews: so many a day for each company.

use domain::company::CompanyId;
use domain::limits::{DAY, RateLimited, TEST_INTERVIEWS_PER_DAY};
use domain::time::Timestamp;

use crate::entity::{COMPANY_ID, ENTITY_TYPE, EntityId, n, s};
use crate::write::Write;

/// Time for which a day's count is kept after the last test interview.
const KEPT_SECONDS: i64 = 2 * 24 * 60 * 60;

/// Counts a test interview of the company's day, which lies beside the company, unless the day has all that it may have.
pub(crate) fn count(company_id: CompanyId, now: Timestamp) -> Write {
    let update = format!(
        "SET #count = if_not_exists(#count, :zero) + :one, #version = if_not_exists(#version, :zero) + :one, \
         #{ENTITY_TYPE} = :type, #{COMPANY_ID} = :company, #createdAt = if_not_exists(#createdAt, :now), \
         #updatedAt = :now, #expiresAt = :expiresAt"
    );
    let key = company_id.key().beside(format!("TESTS#{}", now.date()));
    Write::update(key, update, "attribute_not_exists(PK) OR #count < :max")
        .value(":zero", n(0))
        .value(":one", n(1))
        .value(":type", s("TestInterviews"))
        .value(":company", s(company_id))
        .value(":now", s(now))
        .value(":expiresAt", n(now.epoch_seconds() + KEPT_SECONDS))
        .value(":max", n(TEST_INTERVIEWS_PER_DAY))
}

/// The refusal of one more.
pub(crate) fn too_many(now: Timestamp) -> RateLimited {
    RateLimited {
        what: "test interviews of a company in a day",
        limit: TEST_INTERVIEWS_PER_DAY,
        resets_at: now.start_of(DAY).saturating_add(DAY),
    }
}
