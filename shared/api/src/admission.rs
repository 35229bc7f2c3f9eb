//! Admission: the caller, and the tenant that it acts for.

use std::net::IpAddr;

use domain::Versioned;
use domain::allowance::Allowance;
use domain::api_key::{ApiKey, ApiKeyHash, ApiKeyId, ApiKeyRefusal, ApiKeySecret};
use domain::company::{AtsId, Company, CompanyId, Owner};
use domain::delivery::{Delivery, DeliveryId};
use domain::idempotency::IdSecret;
use domain::key_use::Source;
use domain::limits::UseStatus;
use domain::resource::{AccessError, Resource};
use domain::time::Timestamp;
use domain::webhook::Webhook;
use lambda_http::http::HeaderMap;
use lambda_http::http::header::AUTHORIZATION;
use store::{EntityId, Lookup, LookupError, Owned, References, Scoped, Session};
use validation::{Issue, IssueList};

use crate::content::{Content, ContentReader};
use crate::problem::Problem;
use crate::request::RequestContext;
use crate::route::{ActsFor, Route};

const COMPANY_ID: &str = "companyId";

/// An admitted caller.
#[derive(Debug, Clone)]
pub struct Caller<T> {
    /// The key's public id.
    pub key_id: ApiKeyId,
    /// The tenant that it acts for.
    pub tenant: T,
    /// The company's item, if the right to act for the company, or to be told of its events, was read from it.
    pub managed: Option<Versioned<Company>>,
}

/// An admitted request: its caller, and the entities that it names as the caller's tenant sees them.
pub struct Admission<T> {
    /// The caller.
    pub caller: Caller<T>,
    api_key: ApiKeyHash,
    named_company: NamedCompany,
    references: References,
    following: Option<Following>,
    scoped: Scoped,
    /// The secret that the tenant's ids are derived with, as it was when the caller was admitted.
    pub(crate) id_secret: Option<IdSecret>,
    /// The time of the request.
    now: Timestamp,
}

/// Tells what else has to be read, from what was read.
type Following = Box<dyn Fn(&Scoped) -> Result<References, LookupError> + Send + Sync>;

/// A tenant that requests act for: a company, the owner of the key, a system, or some companies.
pub trait Tenant: Copy + Into<Owner> + Send + Sync {
    /// The kind of tenant, as the entries of routes state it.
    const ACTS_FOR: ActsFor;

    /// Decides for whom an admitted key acts. `company` is the one that the request names, if it exists.
    fn settle(key: &ApiKey, named: NamedCompany, company: Option<Versioned<Company>>) -> Result<Caller<Self>, Problem>;
}

/// The company that a request names, by its query or in its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NamedCompany {
    /// No company is named.
    Absent,
    /// A company is named, but several times, or not by an id.
    Invalid,
    /// A company is named by its id.
    Given(CompanyId),
}

impl NamedCompany {
    fn id(self) -> Option<CompanyId> {
        match self {
            Self::Given(id) => Some(id),
            Self::Absent | Self::Invalid => None,
        }
    }
}

impl Tenant for CompanyId {
    const ACTS_FOR: ActsFor = ActsFor::Company;

    fn settle(key: &ApiKey, named: NamedCompany, company: Option<Versioned<Company>>) -> Result<Caller<Self>, Problem> {
        let ats_id = match key.owner {
            Owner::Company(tenant) => return Ok(Caller { key_id: key.id, tenant, managed: None }),
            Owner::Ats(ats_id) => ats_id,
        };
        let tenant = match named {
            NamedCompany::Absent => return Err(Problem::company_id_required()),
            NamedCompany::Invalid => {
                let message = "must be given once, as a UUID".to_owned();
                let issue = Issue { pointer: format!("?{COMPANY_ID}"), rule: "uuid", message };
                return Err(Problem::validation_failed(issue));
            }
            NamedCompany::Given(id) => id,
        };
        Ok(Caller { key_id: key.id, tenant, managed: Some(managed(company, ats_id, tenant)?) })
    }
}

impl Tenant for Owner {
    const ACTS_FOR: ActsFor = ActsFor::Owner;

    fn settle(key: &ApiKey, named: NamedCompany, company: Option<Versioned<Company>>) -> Result<Caller<Self>, Problem> {
        let managed = match (key.owner, named.id()) {
            (_, None) => None,
            (Owner::Company(own), Some(id)) if own == id => None,
            (Owner::Company(_), Some(id)) => return Err(AccessError::Forbidden(Resource::from(id)).into()),
            (Owner::Ats(ats_id), Some(id)) => Some(managed(company, ats_id, id)?),
        };
        Ok(Caller { key_id: key.id, tenant: key.owner, managed })
    }
}

impl Tenant for AtsId {
    const ACTS_FOR: ActsFor = ActsFor::Ats;

    fn settle(key: &ApiKey, _: NamedCompany, _: Option<Versioned<Company>>) -> Result<Caller<Self>, Problem> {
        match key.owner {
            Owner::Ats(tenant) => Ok(Caller { key_id: key.id, tenant, managed: None }),
            Owner::Company(_) => Err(Problem::system_key_required()),
        }
    }
}

/// Companies that a request is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Companies {
    /// One company: the key's own, or one that the key's system manages.
    One(CompanyId),
    /// All companies that the key's system manages.
    ManagedBy(AtsId),
}

impl From<Companies> for Owner {
    fn from(companies: Companies) -> Self {
        match companies {
            Companies::One(id) => Self::Company(id),
            Companies::ManagedBy(id) => Self::Ats(id),
        }
    }
}

impl Tenant for Companies {
    const ACTS_FOR: ActsFor = ActsFor::Companies;

    fn settle(key: &ApiKey, named: NamedCompany, company: Option<Versioned<Company>>) -> Result<Caller<Self>, Problem> {
        match (key.owner, named) {
            (Owner::Ats(id), NamedCompany::Absent) => {
                Ok(Caller { key_id: key.id, tenant: Self::ManagedBy(id), managed: None })
            }
            (Owner::Company(_), _) | (Owner::Ats(_), NamedCompany::Invalid | NamedCompany::Given(_)) => {
                let Caller { key_id, tenant, managed } = CompanyId::settle(key, named, company)?;
                Ok(Caller { key_id, tenant: Self::One(tenant), managed })
            }
        }
    }
}

/// The company, if the system manages it. A caller is not told whether a company exists that its system does not
/// manage.
fn managed(company: Option<Versioned<Company>>, ats_id: AtsId, id: CompanyId) -> Result<Versioned<Company>, Problem> {
    let company = company.filter(|company| company.value.ats_id == Some(ats_id));
    company.ok_or_else(|| AccessError::Forbidden(Resource::from(id)).into())
}

impl RequestContext<'_> {
    /// Admits the caller in the documented order: the form of the key; then the content is read, for the ids in it; one
    /// read of the key and of everything that the request names; the caller, the limits of its use, address and scope, the
    /// tenant; whether what the path names is the tenant's; only then what is wrong with the request's content.
    pub async fn admit<T: Tenant, C>(
        &mut self,
        session: &mut Session,
        read_content: impl FnOnce(&ContentReader<'_>) -> Content<C>,
    ) -> Result<(Admission<T>, C), Problem> {
        let route = self.route.filter(|route| route.entry().acts_for == T::ACTS_FOR);
        let route = route.ok_or_else(|| Problem::internal("a route that acts for another kind of tenant"))?;
        let api_key = bearer(self.request.headers()).ok_or_else(Problem::invalid_api_key)?.hash();
        let content = read_content(&ContentReader::new(self));
        let named_company = match T::ACTS_FOR {
            ActsFor::Company | ActsFor::Companies => self.company_parameter(),
            ActsFor::Owner => content.company.map_or(NamedCompany::Absent, NamedCompany::Given),
            ActsFor::Ats => NamedCompany::Absent,
        };
        let references = content.references.clone();
        let source_ip = self.source_ip();
        let source = source_ip.map(Source::from);
        let (Lookup { api_key: key, company, owner_secret, company_secret, unscoped }, uses) =
            session.look_up_and_count(&api_key, named_company.id(), &references, source, self.now).await?;
        let key = key.ok_or_else(Problem::invalid_api_key)?;
        let admitted = key.admit(self.now, source_ip, route.entry().scope);
        if let Err(ApiKeyRefusal::Invalid | ApiKeyRefusal::Suspended { .. }) = admitted {
            session.forget_key(&api_key);
            admitted.clone()?;
        }
        self.count(session.use_key(&api_key, key.limits, owner_secret, uses, self.now))?;
        admitted?;
        // Elsewhere the tenant may be another one, which is not known yet.
        match T::ACTS_FOR {
            ActsFor::Company => {}
            ActsFor::Owner | ActsFor::Ats | ActsFor::Companies => self.caller = Some((key.id, key.owner)),
        }
        let caller = T::settle(&key, named_company, company)?;
        self.caller = Some((key.id, caller.tenant.into()));
        // A tenant that does not own the key is the company that was read.
        let id_secret = if caller.tenant.into() == key.owner { owner_secret } else { company_secret };
        let scoped = unscoped.scope(caller.tenant.into(), self.now);
        scoped.check(&content.subjects)?;
        let ((), content) = self.known_parameters(route).and(content).open()?;
        let now = self.now;
        Ok((Admission { caller, api_key, named_company, references, following: None, scoped, id_secret, now }, content))
    }

    /// Notes the use of the key, for the headers of the answer. Refuses the request if nothing is left.
    fn count(&mut self, used: Result<UseStatus, UseStatus>) -> Result<(), Problem> {
        let (Ok(status) | Err(status)) = used;
        self.used = Some(status);
        match used {
            Ok(_) => Ok(()),
            Err(status) => Err(Problem::rate_limited(status.used_up().unwrap_or_else(|| status.minute()))),
        }
    }

    /// Nothing, unless the query has parameters that the route does not take.
    fn known_parameters(&self, route: Route) -> Content<()> {
        let query = route.entry().query;
        let mut unknown = self.request.query_parameter_names();
        unknown.retain(|name| name != COMPANY_ID && !query.contains(&name.as_ref()));
        if unknown.is_empty() {
            return Content::none();
        }
        let company: &[&str] = match route.entry().acts_for {
            ActsFor::Company | ActsFor::Companies => &[COMPANY_ID],
            // Taken, but it means nothing.
            ActsFor::Owner | ActsFor::Ats => &[],
        };
        let known = match [company, query].concat().as_slice() {
            [] => "none".to_owned(),
            known => known.join(", "),
        };
        let message = format!("there is no such query parameter; this route takes {known}");
        let issue = |name| Issue { pointer: format!("?{name}"), rule: "unknown", message: message.clone() };
        Content::new(Err(Problem::validation_failed(unknown.into_iter().map(issue).collect::<IssueList>())))
    }

    /// The address that the request came from, as the gateway saw it.
    fn source_ip(&self) -> Option<IpAddr> {
        self.request.source_ip()?.parse().ok()
    }

    /// The query parameter `companyId`.
    fn company_parameter(&self) -> NamedCompany {
        match self.request.query_parameter(COMPANY_ID).as_slice() {
            [] => NamedCompany::Absent,
            [id] => id.parse().map_or(NamedCompany::Invalid, NamedCompany::Given),
            [_, _, ..] => NamedCompany::Invalid,
        }
    }
}

impl<T: Tenant> Admission<T> {
    /// A named entity, if it is the tenant's.
    pub fn get<I: EntityId<Entity: Owned>>(&self, id: I) -> Result<Versioned<I::Entity>, LookupError> {
        self.scoped.get(id)
    }

    /// The allowance of a company that is the tenant's, named beside it.
    pub fn allowance(&self, company: &Company) -> Result<Versioned<Allowance>, Problem> {
        Ok(self.scoped.allowance(company)?)
    }

    /// A named delivery to a webhook, which is the tenant's.
    pub fn delivery(&self, webhook: &Webhook, id: DeliveryId) -> Result<Versioned<Delivery>, LookupError> {
        self.scoped.delivery(webhook, id)
    }

    /// Reads what follows from what was read, now and with every reload: one more request, if anything follows.
    pub async fn follow(
        &mut self,
        session: &mut Session,
        following: impl Fn(&Scoped) -> Result<References, LookupError> + Send + Sync + 'static,
    ) -> Result<(), Problem> {
        self.following = Some(Box::new(following));
        self.read_following(session).await
    }

    async fn read_following(&mut self, session: &mut Session) -> Result<(), Problem> {
        let Some(following) = &self.following else { return Ok(()) };
        let references = following(&self.scoped)?;
        Ok(session.look_up_more(&references, &mut self.scoped).await?)
    }

    /// Reads everything again, because something has changed. A caller stays admitted for this request, unless it has
    /// lost its right to act for its tenant.
    pub async fn reload(&mut self, session: &mut Session) -> Result<(), Problem> {
        let company = self.caller.managed.as_ref().and(self.named_company.id());
        let Lookup { api_key, company, unscoped, .. } =
            session.look_up_again(&self.api_key, company, &self.references).await?;
        let key = api_key.ok_or_else(Problem::invalid_api_key)?;
        self.caller = T::settle(&key, self.named_company, company)?;
        self.scoped = unscoped.scope(self.caller.tenant.into(), self.now);
        self.read_following(session).await
    }
}

/// The key of an `Authorization: Bearer …` header. The scheme's case does not matter.
fn bearer(headers: &HeaderMap) -> Option<ApiKeySecret> {
    let mut values = headers.get_all(AUTHORIZATION).into_iter();
    let (Some(value), None) = (values.next(), values.next()) else { return None };
    let (scheme, key) = value.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| ApiKeySecret::parse(key.trim()))?
}
