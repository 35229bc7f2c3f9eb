//! The writes that transactions are made of.

use aws_sdk_dynamodb::types::builders::UpdateBuilder;
use aws_sdk_dynamodb::types::{
    AttributeValue, ConditionCheck, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};
use domain::Versioned;
use domain::allowance::{Charge, SubscriptionStatus};
use domain::candidate::Candidate;
use domain::company::{Company, CompanyId};
use domain::idempotency::Fingerprint;
use domain::job::JobId;
use domain::time::Timestamp;

use crate::error::StoreError;
use crate::item::{COMPANY_ID, Entity, FINGERPRINT, Item, REQUEST_ID, VERSION, new_item};
use crate::key::Key;

pub(crate) const OLD_IMAGE: ReturnValuesOnConditionCheckFailure = ReturnValuesOnConditionCheckFailure::AllOld;

fn built<T, E>(built: Result<T, E>) -> Result<T, StoreError>
where
    E: std::error::Error + Send + Sync + 'static,
{
    built.map_err(|error| StoreError::unknown("build", error))
}

/// A change of one item, as a transaction takes it.
pub(crate) fn update(update: UpdateBuilder) -> Result<TransactWriteItem, StoreError> {
    Ok(TransactWriteItem::builder().update(built(update.build())?).build())
}

pub(crate) fn s(text: impl ToString) -> AttributeValue {
    AttributeValue::S(text.to_string())
}

pub(crate) fn n(number: impl ToString) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

/// Who writes, and by what right: kept with what the request creates.
#[derive(Debug, Clone)]
pub struct Origin<'a> {
    /// The company acted for.
    pub company_id: CompanyId,
    /// The company's item, where the right to act for it was read there (an applicant tracking system's key).
    pub managed: Option<Versioned<Company>>,
    /// The HTTP request, by an id that no other request has.
    pub request_id: &'a str,
    /// What was asked, if it may be asked again.
    pub fingerprint: Option<&'a Fingerprint>,
    /// When.
    pub now: Timestamp,
}

impl<'a> Origin<'a> {
    pub(crate) fn record(&self) -> Record<'a> {
        Record { request_id: self.request_id, fingerprint: self.fingerprint }
    }
}

/// The request that creates something: kept with it, so that a repeat is known.
#[derive(Debug, Clone, Copy)]
pub struct Record<'a> {
    /// The HTTP request, by an id that no other request has.
    pub request_id: &'a str,
    /// What was asked, if it may be asked again.
    pub fingerprint: Option<&'a Fingerprint>,
}

/// Creates an entity where there is none.
pub(crate) fn create<E: Entity>(table: &str, key: Key, entity: &E) -> Result<TransactWriteItem, StoreError> {
    create_item(table, new_item(key, entity)?)
}

/// Creates the entity that a request is for, which is also the record of that request.
pub(crate) fn create_recorded<E: Entity>(
    table: &str,
    key: Key,
    entity: &E,
    record: Record<'_>,
) -> Result<TransactWriteItem, StoreError> {
    let mut item = new_item(key, entity)?;
    item.insert(REQUEST_ID.to_owned(), s(record.request_id));
    if let Some(fingerprint) = record.fingerprint {
        item.insert(
            FINGERPRINT.to_owned(),
            serde_dynamo::to_attribute_value(fingerprint).map_err(|error| StoreError::unknown("encode", error))?,
        );
    }
    create_item(table, item)
}

fn create_item(table: &str, item: Item) -> Result<TransactWriteItem, StoreError> {
    let put = Put::builder()
        .table_name(table)
        .set_item(Some(item))
        .condition_expression("attribute_not_exists(PK)")
        .return_values_on_condition_check_failure(OLD_IMAGE);
    Ok(TransactWriteItem::builder().put(built(put.build())?).build())
}

/// Puts an item in the place of the one that was read, unless that has changed.
pub(crate) fn replace_item(table: &str, item: Item, version: u64) -> Result<TransactWriteItem, StoreError> {
    let put = Put::builder()
        .table_name(table)
        .set_item(Some(item))
        .condition_expression("#version = :version")
        .expression_attribute_names("#version", VERSION)
        .expression_attribute_values(":version", n(version))
        .return_values_on_condition_check_failure(OLD_IMAGE);
    Ok(TransactWriteItem::builder().put(built(put.build())?).build())
}

/// Writes what differs between an entity as it was read and as it shall be, unless it has changed since.
pub(crate) fn change<E: Entity>(
    table: &str,
    key: Key,
    old: &Versioned<E>,
    new: &E,
) -> Result<TransactWriteItem, StoreError> {
    let (before, after) = (new_item(key.clone(), &old.value)?, new_item(key.clone(), new)?);
    let mut update = Update::builder()
        .table_name(table)
        .set_key(Some(key.into_attributes()))
        .condition_expression("#version = :version")
        .expression_attribute_names("#version", VERSION)
        .expression_attribute_values(":version", n(old.version))
        .expression_attribute_values(":next", n(old.version + 1))
        .return_values_on_condition_check_failure(OLD_IMAGE);
    let mut set = vec!["#version = :next".to_owned()];
    let mut remove = Vec::new();
    let differing = after.iter().filter(|(name, value)| before.get(*name) != Some(value));
    for (index, (name, value)) in differing.enumerate() {
        set.push(format!("#set{index} = :set{index}"));
        update = update
            .expression_attribute_names(format!("#set{index}"), name)
            .expression_attribute_values(format!(":set{index}"), value.clone());
    }
    for (index, name) in before.keys().filter(|name| !after.contains_key(*name)).enumerate() {
        remove.push(format!("#remove{index}"));
        update = update.expression_attribute_names(format!("#remove{index}"), name);
    }
    let mut expression = format!("SET {}", set.join(", "));
    if !remove.is_empty() {
        expression = format!("{expression} REMOVE {}", remove.join(", "));
    }
    self::update(update.update_expression(expression))
}

/// Demands that an item still is the company's, at the version that was read.
pub(crate) fn guard(
    table: &str,
    key: Key,
    company_id: CompanyId,
    version: u64,
) -> Result<TransactWriteItem, StoreError> {
    let check = ConditionCheck::builder()
        .table_name(table)
        .set_key(Some(key.into_attributes()))
        .condition_expression("#companyId = :companyId AND #version = :version")
        .expression_attribute_names("#companyId", COMPANY_ID)
        .expression_attribute_names("#version", VERSION)
        .expression_attribute_values(":companyId", s(company_id))
        .expression_attribute_values(":version", n(version))
        .return_values_on_condition_check_failure(OLD_IMAGE);
    Ok(TransactWriteItem::builder().condition_check(built(check.build())?).build())
}

/// Demands that a company is still managed as it was when that was read.
pub(crate) fn guard_company(table: &str, company: &Versioned<Company>) -> Result<TransactWriteItem, StoreError> {
    let check = ConditionCheck::builder()
        .table_name(table)
        .set_key(Some(Key::company(company.value.id).into_attributes()))
        .condition_expression("#version = :version")
        .expression_attribute_names("#version", VERSION)
        .expression_attribute_values(":version", n(company.version))
        .return_values_on_condition_check_failure(OLD_IMAGE);
    Ok(TransactWriteItem::builder().condition_check(built(check.build())?).build())
}

/// Assigns a candidate to a further job, unless the candidate has changed.
pub(crate) fn assign(
    table: &str,
    candidate: &Versioned<Candidate>,
    job_id: JobId,
    now: Timestamp,
) -> Result<TransactWriteItem, StoreError> {
    let update = Update::builder()
        .table_name(table)
        .set_key(Some(Key::candidate(candidate.value.id).into_attributes()))
        .condition_expression("#companyId = :companyId AND #version = :version")
        .update_expression(
            "SET #jobIds = list_append(if_not_exists(#jobIds, :none), :job), #version = :next, #updatedAt = :now",
        )
        .expression_attribute_names("#companyId", COMPANY_ID)
        .expression_attribute_names("#version", VERSION)
        .expression_attribute_names("#jobIds", "jobIds")
        .expression_attribute_names("#updatedAt", "updatedAt")
        .expression_attribute_values(":companyId", s(candidate.value.company_id))
        .expression_attribute_values(":version", n(candidate.version))
        .expression_attribute_values(":next", n(candidate.version + 1))
        .expression_attribute_values(":none", AttributeValue::L(Vec::new()))
        .expression_attribute_values(":job", AttributeValue::L(vec![s(job_id)]))
        .expression_attribute_values(":now", s(now))
        .return_values_on_condition_check_failure(OLD_IMAGE);
    self::update(update)
}

/// Reserves time of an allowance, if it bears the charge.
pub(crate) fn charge(
    table: &str,
    company_id: CompanyId,
    charge: &Charge,
    now: Timestamp,
) -> Result<TransactWriteItem, StoreError> {
    let update = Update::builder()
        .table_name(table)
        .set_key(Some(Key::allowance(company_id, 0).into_attributes()))
        .expression_attribute_names("#subscription", "subscription")
        .expression_attribute_names("#period", "period")
        .expression_attribute_names("#remaining", "remainingSeconds")
        .expression_attribute_names("#reserved", "reservedSeconds")
        .expression_attribute_names("#overage", "overageAllowed")
        .expression_attribute_names("#version", VERSION)
        .expression_attribute_names("#updatedAt", "updatedAt")
        .expression_attribute_values(":active", s(SubscriptionStatus::Active))
        .expression_attribute_values(":true", AttributeValue::Bool(true))
        .expression_attribute_values(":cost", n(charge.cost()))
        .expression_attribute_values(":one", n(1))
        .expression_attribute_values(":now", s(now))
        .return_values_on_condition_check_failure(OLD_IMAGE);
    let update = match charge {
        Charge::Draw { period, .. } => update
            .condition_expression(
                "#subscription = :active AND #period = :period AND (#remaining >= :cost OR #overage = :true)",
            )
            .update_expression(
                "SET #remaining = #remaining - :cost, #reserved = #reserved + :cost, #version = #version + :one, \
                 #updatedAt = :now",
            )
            .expression_attribute_values(":period", s(period)),
        Charge::OpenPeriod { from, to, .. } => update
            .condition_expression(
                "#subscription = :active AND #period = :from AND (#granted >= :cost OR #overage = :true)",
            )
            .update_expression(
                "SET #remaining = #granted - :cost, #reserved = :cost, #used = :zero, #period = :to, \
                 #version = #version + :one, #updatedAt = :now",
            )
            .expression_attribute_names("#granted", "grantedSeconds")
            .expression_attribute_names("#used", "usedSeconds")
            .expression_attribute_values(":zero", n(0))
            .expression_attribute_values(":from", s(from))
            .expression_attribute_values(":to", s(to)),
    };
    self::update(update)
}
