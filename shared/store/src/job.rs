//! Jobs.

use domain::job::{Job, JobId};

use crate::company::list_of;
use crate::entity::{Entity, EntityId, Owned};
use crate::key::{IndexKey, PrimaryKey};

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
