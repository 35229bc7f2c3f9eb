//! Naming a resource to a caller, when it can't be used.

use uuid::Uuid;

use crate::agent::AgentId;
use crate::candidate::CandidateId;
use crate::company::CompanyId;
use crate::delivery::DeliveryId;
use crate::interview::InterviewId;
use crate::job::JobId;
use crate::phone_number::PhoneNumberId;
use crate::string_enum::string_enum;
use crate::webhook::WebhookId;

string_enum! {
    /// What kind of thing an id stands for.
    pub enum ResourceType {
        Company = "COMPANY",
        Candidate = "CANDIDATE",
        Agent = "AGENT",
        Job = "JOB",
        PhoneNumber = "PHONE_NUMBER",
        Interview = "INTERVIEW",
        Transcript = "TRANSCRIPT",
        Webhook = "WEBHOOK",
        Delivery = "DELIVERY",
    }
}

/// A resource by kind and id, whether it exists or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resource {
    pub r#type: ResourceType,
    pub id: Uuid,
}

macro_rules! resource_from {
    ($($id:ident => $kind:ident),* $(,)?) => {$(
        impl From<$id> for Resource {
            fn from(id: $id) -> Self {
                Self { r#type: ResourceType::$kind, id: id.uuid() }
            }
        }
    )*};
}

resource_from! {
    CompanyId => Company,
    CandidateId => Candidate,
    AgentId => Agent,
    JobId => Job,
    PhoneNumberId => PhoneNumber,
    InterviewId => Interview,
    WebhookId => Webhook,
    DeliveryId => Delivery,
}

/// The reason why a named resource can't be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccessError {
    /// The resource belongs to somebody else.
    Forbidden(Resource),
    /// There is no such resource.
    NotFound(Resource),
}

impl AccessError {
    /// The refusal of a resource that does not exist. Only who manages a company learns that it exists.
    pub fn absent(resource: Resource) -> Self {
        match resource.r#type {
            ResourceType::Company => Self::Forbidden(resource),
            ResourceType::Candidate
            | ResourceType::Agent
            | ResourceType::Job
            | ResourceType::PhoneNumber
            | ResourceType::Interview
            | ResourceType::Transcript
            | ResourceType::Webhook
            | ResourceType::Delivery => Self::NotFound(resource),
        }
    }
}
