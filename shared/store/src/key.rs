//! Where each item lives in the table. No key is formatted anywhere else.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::agent::AgentId;
use domain::api_key::{ApiKeyHash, ApiKeyId};
use domain::candidate::CandidateId;
use domain::company::{AtsId, CompanyId, Owner};
use domain::delivery::DeliveryId;
use domain::interview::InterviewId;
use domain::job::JobId;
use domain::phone_number::PhoneNumberId;
use domain::time::Timestamp;
use domain::webhook::WebhookId;

/// The primary key of an item.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pk: String,
    sk: String,
}

pub(crate) const PK: &str = "PK";
pub(crate) const SK: &str = "SK";

impl Key {
    fn of(kind: &str, id: impl std::fmt::Display) -> Self {
        Self { pk: format!("{kind}#{id}"), sk: kind.to_owned() }
    }

    pub fn api_key(hash: &ApiKeyHash) -> Self {
        Self::of("KEY", hash.as_str())
    }

    pub fn company(id: CompanyId) -> Self {
        Self::of("COMPANY", id)
    }

    /// Shards of an allowance lie beside their company, in the order of their numbers.
    pub fn allowance(company_id: CompanyId, shard: u8) -> Self {
        Self { sk: format!("ALLOWANCE#{shard:02}"), ..Self::company(company_id) }
    }

    pub fn ats(id: AtsId) -> Self {
        Self::of("ATS", id)
    }

    pub fn phone_number(id: PhoneNumberId) -> Self {
        Self::of("PHONE", id)
    }

    pub fn agent(id: AgentId) -> Self {
        Self::of("AGENT", id)
    }

    pub fn job(id: JobId) -> Self {
        Self::of("JOB", id)
    }

    pub fn candidate(id: CandidateId) -> Self {
        Self::of("CANDIDATE", id)
    }

    pub fn interview(id: InterviewId) -> Self {
        Self::of("INTERVIEW", id)
    }

    pub fn webhook(id: WebhookId) -> Self {
        Self::of("WEBHOOK", id)
    }

    /// Deliveries lie beside their webhook, in the order of their events.
    pub fn delivery(webhook_id: WebhookId, id: DeliveryId) -> Self {
        Self { sk: format!("{}{id}", Self::DELIVERIES), ..Self::webhook(webhook_id) }
    }

    /// How the sort keys of deliveries begin.
    pub const DELIVERIES: &str = "DELIVERY#";

    /// The register of an owner's webhooks.
    pub fn register(owner: Owner) -> Self {
        let pk = match owner {
            Owner::Company(id) => format!("WEBHOOKS#COMPANY#{id}"),
            Owner::Ats(id) => format!("WEBHOOKS#ATS#{id}"),
        };
        Self { pk, sk: "REGISTER".to_owned() }
    }

    /// The address of nothing: read to open a connection before the first caller needs it.
    pub fn nothing() -> Self {
        Self::of("NOTHING", "0")
    }

    /// Reads the key of an item or of an index entry.
    pub fn from_item(item: &HashMap<String, AttributeValue>) -> Option<Self> {
        let text = |name| item.get(name)?.as_s().ok().cloned();
        Some(Self { pk: text(PK)?, sk: text(SK)? })
    }

    /// The partition that the item lies in.
    pub fn partition(&self) -> &str {
        &self.pk
    }

    pub fn into_attributes(self) -> HashMap<String, AttributeValue> {
        HashMap::from([(PK.to_owned(), AttributeValue::S(self.pk)), (SK.to_owned(), AttributeValue::S(self.sk))])
    }
}

/// An item's place in a secondary index.
pub(crate) struct IndexKey {
    pub partition_attribute: &'static str,
    pub sort_attribute: &'static str,
    pub partition: String,
    pub sort: String,
}

/// GSI1: lists, oldest first.
pub(crate) struct Listing;

impl Listing {
    pub const INDEX: &'static str = "GSI1";
    pub const PARTITION: &'static str = "GSI1PK";

    /// A company's resources of one kind.
    pub fn of_company(company_id: CompanyId, kind: &str) -> String {
        format!("COMPANY#{company_id}#{kind}")
    }

    /// The keys of an applicant tracking system.
    pub fn of_ats(ats_id: AtsId, kind: &str) -> String {
        format!("ATS#{ats_id}#{kind}")
    }

    /// Every company.
    pub fn of_companies() -> String {
        "COMPANIES".to_owned()
    }

    pub fn key(partition: String, created_at: Timestamp, id: impl std::fmt::Display) -> IndexKey {
        let sort = format!("{created_at}#{id}");
        IndexKey { partition_attribute: Self::PARTITION, sort_attribute: "GSI1SK", partition, sort }
    }
}

/// GSI2: sparse, for what is looked for by something else than its key.
pub(crate) struct SparseIndex;

impl SparseIndex {
    pub const INDEX: &'static str = "GSI2";
    pub const PARTITION: &'static str = "GSI2PK";

    fn key(partition: String, sort: String) -> IndexKey {
        IndexKey { partition_attribute: Self::PARTITION, sort_attribute: "GSI2SK", partition, sort }
    }

    /// An API key by its public id.
    pub fn api_key(id: ApiKeyId) -> IndexKey {
        Self::key(format!("KEYID#{id}"), "KEY".to_owned())
    }

    /// Interviews that are still due, in the order of their times, spread over 16 partitions: one would bound
    /// everybody's creates to the write rate of a single partition.
    pub fn due_interview(id: InterviewId, scheduled_at: Timestamp) -> IndexKey {
        let shard = id.uuid().as_bytes()[15] % 16;
        Self::key(format!("DUE#{shard:02}"), format!("{scheduled_at}#{id}"))
    }
}
