//! The one loop by which everything is created.

use std::convert::Infallible;

use domain::company::CREATED_COMPANIES_MAX;
use domain::idempotency::{Fingerprint, IdSource};
use domain::interview::InterviewRefusal;
use domain::resource::AccessError;
use domain::webhook::WEBHOOKS_MAX;
use store::{
    Create, CreatedCompaniesFull, Creation, Earlier, EntityId, IdempotencyRecord, InterviewLimit, LookupError,
    RegistryFull, Session, StoreError, WriteContext,
};

use crate::admission::{Admission, Tenant};
use crate::idempotency::Idempotency;
use crate::problem::Problem;
use crate::request::RequestContext;

impl RequestContext<'_> {
    /// The source of the ids of everything that the request creates.
    pub fn id_source<'b, T: Tenant>(
        &'b self,
        admission: &Admission<T>,
        idempotency: Option<&'b Idempotency>,
    ) -> IdSource<'b> {
        match idempotency {
            Some(Idempotency { key, .. }) => IdSource::Derived {
                owner: admission.caller.tenant.into(),
                secret: admission.id_secret,
                route: self.route_key(),
                key,
            },
            None => IdSource::Fresh(self.runtime.ids.as_ref()),
        }
    }

    /// The tenant for whom the request writes, and the request itself.
    pub(crate) fn write_context<'b, T: Tenant>(
        &'b self,
        admission: &Admission<T>,
        fingerprint: Option<&'b Fingerprint>,
    ) -> WriteContext<'b> {
        WriteContext {
            tenant: admission.caller.tenant.into(),
            managed: admission.caller.managed.clone(),
            record: IdempotencyRecord { request_id: &self.request_id, fingerprint },
            trace_id: self.trace_id,
            now: self.now,
        }
    }

    /// Creates something in one transaction, whose parts `decide` puts together from what was read. Returns the entity
    /// as it stands, and true if the request is a replay.
    ///
    /// Reads and decides again if anything has changed since it was read. A repeat outranks a refusal: the same request
    /// may have been carried out before.
    pub async fn create<T: Tenant, I, N>(
        &self,
        session: &mut Session,
        admission: &mut Admission<T>,
        idempotency: Option<&Idempotency>,
        id: I,
        decide: impl Fn(&Admission<T>) -> Result<N, Problem> + Send + Sync,
    ) -> Result<(N::Entity, bool), Problem>
    where
        I: EntityId<Entity = N::Entity> + Send + Sync,
        N: Create + Send,
        Problem: From<N::Refusal>,
    {
        let fingerprint = idempotency.map(|idempotency| &idempotency.fingerprint);
        let refusal = loop {
            let new = match decide(admission) {
                Ok(new) => new,
                Err(refusal) => break refusal,
            };
            let context = self.write_context(admission, fingerprint);
            match (new.create(session, &context).await?, idempotency) {
                (Creation::Created(entity), _) => return Ok((entity, false)),
                (Creation::Exists(existing), Some(idempotency)) => return Ok((idempotency.replay(existing)?, true)),
                (Creation::Exists(_), None) => return Err(Problem::internal("a fresh id was taken")),
                (Creation::Deleted(first), Some(idempotency)) => {
                    return Err(idempotency.deleted(first.as_ref(), id.into()));
                }
                (Creation::Deleted(_), None) => return Err(AccessError::NotFound(id.into()).into()),
                (Creation::Changed, _) => match admission.reload(session).await {
                    Ok(()) => {}
                    Err(refusal) => break refusal,
                },
                (Creation::Refused(refusal), _) => break refusal.into(),
            }
        };
        match idempotency {
            Some(idempotency) if !refusal.code.status().is_server_error() => {
                match session.earlier(admission.caller.tenant.into(), id).await? {
                    Some(Earlier::Exists(existing)) => Ok((idempotency.replay(existing)?, true)),
                    Some(Earlier::Deleted(first)) => Err(idempotency.deleted(first.as_ref(), id.into())),
                    None => Err(refusal),
                }
            }
            Some(_) | None => Err(refusal),
        }
    }
}

impl From<LookupError> for Problem {
    fn from(error: LookupError) -> Self {
        match error {
            LookupError::Access(error) => error.into(),
            LookupError::Store(error) => error.into(),
        }
    }
}

impl From<InterviewLimit> for Problem {
    fn from(limit: InterviewLimit) -> Self {
        match limit {
            InterviewLimit::Charge(refusal) => refusal.into(),
            InterviewLimit::OnlyJobDeleted => InterviewRefusal::JobRequired.into(),
            InterviewLimit::Tests(refusal) => refusal.into(),
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        let is_passing = error.is_passing();
        Self::failure(error, is_passing)
    }
}

impl From<RegistryFull> for Problem {
    fn from(RegistryFull: RegistryFull) -> Self {
        Self::limit_reached("webhooks", WEBHOOKS_MAX)
    }
}

impl From<CreatedCompaniesFull> for Problem {
    fn from(CreatedCompaniesFull: CreatedCompaniesFull) -> Self {
        Self::limit_reached("companies that a system has created", CREATED_COMPANIES_MAX)
    }
}

impl From<Infallible> for Problem {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}
