//! Jobs.

use std::collections::HashSet;

use domain::company::{CompanyId, Owner};
use domain::job::{Job, JobId};

use crate::company::list_of;
use crate::entity::{Entity, EntityId, Owned, is_owned_by};
use crate::error::StoreError;
use crate::key::{IndexKey, PrimaryKey};
use crate::session::Session;

impl Entity for Job {
    const TYPE: &'static str = "Job";

    fn index_keys(&self) -> Vec<IndexKey> {
        vec![IndexKey::listed(list_of(self.company_id, "JOB"), self.created_at, self.id)]
    }
}

impl Owned for Job {}

impl EntityId for JobId {
    type Entity = Job;

    fn key(self) -> PrimaryKey {
        PrimaryKey::of("JOB", self)
    }
}

impl Session {
    /// Those of the jobs that exist: one request for each hundred, none without jobs.
    pub async fn existing_jobs(
        &mut self,
        company_id: CompanyId,
        ids: impl IntoIterator<Item = JobId>,
    ) -> Result<HashSet<JobId>, StoreError> {
        let mut ids: HashSet<JobId> = ids.into_iter().collect();
        let jobs = self.get(ids.iter().map(|id| id.key()).collect()).await?;
        let is_there = |id: &JobId| jobs.get(&id.key()).is_some_and(|job| is_owned_by(job, Owner::Company(company_id)));
        ids.retain(is_there);
        Ok(ids)
    }
}
