//! The one loop by which resources are changed and deleted.

use domain::Versioned;
use store::{EntityId, Owned, Session, Updated, Uses};
use validation::PatchError;

use crate::admission::{Admission, Tenant};
use crate::problem::Problem;
use crate::request::RequestContext;

/// An entity as it shall be.
pub struct Changed<E> {
    /// The entity.
    pub entity: E,
    /// The entities that it uses, which must be the tenant's when it is written.
    pub uses: Uses,
}

impl RequestContext<'_> {
    /// Changes an entity that the path names, as `decide` says from what was read; none: it stays as it is. Returns the entity
    /// as it stands.
    ///
    /// Reads and decides again if anything has changed since it was read, for as long as the session has time.
    pub async fn change<T: Tenant, I>(
        &self,
        session: &mut Session,
        admission: &mut Admission<T>,
        id: I,
        decide: impl Fn(&Admission<T>, &I::Entity) -> Result<Option<Changed<I::Entity>>, Problem> + Send + Sync,
    ) -> Result<I::Entity, Problem>
    where
        I: EntityId<Entity: Owned + PartialEq + Send + Sync> + Send + Sync,
    {
        let mut written: Option<I::Entity> = None;
        loop {
            let old = admission.get(id)?;
            // The write took effect, and its answer was lost.
            if written.as_ref() == Some(&old.value) {
                return Ok(old.value);
            }
            let Some(Changed { entity, uses }) = decide(admission, &old.value)? else { return Ok(old.value) };
            let context = self.write_context(admission, None);
            match session.change(&context, id, &old, &entity, &uses).await? {
                Updated::Applied => return Ok(entity),
                Updated::Outdated => {
                    written = Some(entity);
                    admission.reload(session).await?;
                }
            }
        }
    }

    /// Deletes an entity that the path names and that interviews may name as well, if `demand` allows it as it stands.
    pub async fn hide<T: Tenant, I>(
        &self,
        session: &mut Session,
        admission: &mut Admission<T>,
        id: I,
        demand: impl Fn(&I::Entity) -> Result<(), Problem> + Send + Sync,
    ) -> Result<(), Problem>
    where
        I: EntityId<Entity: Owned + Send + Sync> + Send + Sync,
    {
        loop {
            let old: Versioned<I::Entity> = admission.get(id)?;
            demand(&old.value)?;
            let context = self.write_context(admission, None);
            match session.hide(&context, id, &old).await? {
                Updated::Applied => return Ok(()),
                Updated::Outdated => admission.reload(session).await?,
            }
        }
    }
}

impl From<PatchError> for Problem {
    fn from(error: PatchError) -> Self {
        match error {
            PatchError::Invalid(issues) => Self::validation_failed(issues),
            PatchError::Stored(error) => Self::internal(error),
        }
    }
}
