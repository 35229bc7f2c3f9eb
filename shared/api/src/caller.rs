//! Who is calling, and for which company.

use domain::{ApiKey, ApiKeyId, Owner, CompanyId, Denied, Resource, Versioned};
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
    pub managed: Option<Versioned<domain::Company>>,
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
        // Whether a company that the system does not manage exists is not the caller's to know.
        let managed = found.company.clone().filter(|company| company.value.ats_id == Some(ats_id));
        let managed = managed.ok_or(Denied::Foreign(Resource::from(company_id)))?;
        Ok(Self { key_id: key.id, company_id, managed: Some(managed) })
    }
}
