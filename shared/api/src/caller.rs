//! Who is calling, and for which company.

use domain::Versioned;
use domain::api_key::{ApiKey, ApiKeyId};
use domain::company::{AtsId, CompanyId, Owner};
use domain::resource::{AccessError, Resource};
use store::Found;
use validation::Issue;

use crate::problem::Problem;

/// An admitted caller: a key, and the company that it acts for in this request.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The key's public id.
    pub key_id: ApiKeyId,
    /// The company acted for.
    pub company_id: CompanyId,
    /// The company's item, if the right to act for it was read there.
    pub managed: Option<Versioned<domain::company::Company>>,
}

/// An admitted caller who manages webhooks: a key, and whom it acts for.
#[derive(Debug, Clone)]
pub struct WebhookCaller {
    /// The key's public id.
    pub key_id: ApiKeyId,
    /// Who manages the webhooks.
    pub owner: Owner,
    /// The company that a system's webhook is to be confined to, if the request names one.
    pub managed: Option<Versioned<domain::company::Company>>,
}

impl WebhookCaller {
    /// Settles whether the company that the request names, if any, is one whose events the caller may hear of.
    pub(crate) fn settle(key: &ApiKey, company_id: Option<CompanyId>, found: &Found) -> Result<Self, Problem> {
        let managed = match (key.owner, company_id) {
            (_, None) => None,
            (Owner::Company(own), Some(id)) if own == id => None,
            (Owner::Company(_), Some(id)) => return Err(AccessError::Forbidden(Resource::from(id)).into()),
            (Owner::Ats(ats_id), Some(id)) => Some(managed(found, ats_id, id)?),
        };
        Ok(Self { key_id: key.id, owner: key.owner, managed })
    }
}

/// The company, if the system manages it. Whether a company that it does not manage exists is not the caller's to know.
fn managed(found: &Found, ats_id: AtsId, id: CompanyId) -> Result<Versioned<domain::company::Company>, Problem> {
    let company = found.company.clone().filter(|company| company.value.ats_id == Some(ats_id));
    company.ok_or_else(|| AccessError::Forbidden(Resource::from(id)).into())
}

/// Who called, for the log.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Identity {
    pub key_id: ApiKeyId,
    pub company_id: Option<CompanyId>,
    pub ats_id: Option<AtsId>,
}

impl From<&Caller> for Identity {
    fn from(caller: &Caller) -> Self {
        Self { key_id: caller.key_id, company_id: Some(caller.company_id), ats_id: None }
    }
}

impl Identity {
    /// Whom a key is of.
    pub fn of(key: &ApiKey) -> Self {
        let (company_id, ats_id) = match key.owner {
            Owner::Company(id) => (Some(id), None),
            Owner::Ats(id) => (None, Some(id)),
        };
        Self { key_id: key.id, company_id, ats_id }
    }
}

/// The query parameter `companyId`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CompanyParameter {
    /// Not given.
    Absent,
    /// Given, but not once or not as an id.
    Invalid,
    /// Given.
    Given(CompanyId),
}

impl CompanyParameter {
    pub fn id(self) -> Option<CompanyId> {
        match self {
            Self::Given(id) => Some(id),
            Self::Absent | Self::Invalid => None,
        }
    }
}

impl Caller {
    /// Settles which company an admitted key acts for.
    pub(crate) fn settle(key: &ApiKey, parameter: CompanyParameter, found: &Found) -> Result<Self, Problem> {
        let ats_id = match key.owner {
            Owner::Company(company_id) => return Ok(Self { key_id: key.id, company_id, managed: None }),
            Owner::Ats(ats_id) => ats_id,
        };
        let company_id = match parameter {
            CompanyParameter::Absent => return Err(Problem::company_id_required()),
            CompanyParameter::Invalid => {
                let message = "must be given once, as a UUID".to_owned();
                return Err(Problem::validation_failed(vec![Issue {
                    pointer: "?companyId".into(),
                    rule: "uuid",
                    message,
                }]));
            }
            CompanyParameter::Given(id) => id,
        };
        let managed = Some(managed(found, ats_id, company_id)?);
        Ok(Self { key_id: key.id, company_id, managed })
    }
}
