//! Jobs.

use std::convert::Infallible;

use domain::candidate::Candidate;
use domain::company::Owner;
use domain::job::{Job, JobId};

use crate::company::list_of;
use crate::create::{Create, Creation, WriteContext};
use crate::entity::{Entity, EntityId, Owned, is_owned_by};
use crate::error::StoreError;
use crate::key::{IndexKey, PrimaryKey};
use crate::session::{Commit, Session};
use crate::write::Transaction;

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

/// A job to be created.
#[derive(Debug, Clone, PartialEq)]
pub struct NewJob(pub Job);

enum JobWrite {
    Job,
    Company,
}

impl Create for NewJob {
    type Entity = Job;
    type Refusal = Infallible;

    async fn create(
        &self,
        session: &mut Session,
        context: &WriteContext<'_>,
    ) -> Result<Creation<Job, Infallible>, StoreError> {
        let Self(job) = self;
        let mut transaction = Transaction::of(JobWrite::Job, context.create(job.id, job)?);
        if let Some(guard) = context.guard_managed() {
            transaction.add(JobWrite::Company, guard);
        }
        match session.commit(transaction).await? {
            Commit::Done => Ok(Creation::Created(job.clone())),
            Commit::Failed(JobWrite::Job, item) => context.existing(item),
            Commit::Failed(JobWrite::Company, _) => Ok(Creation::Changed),
        }
    }
}

impl Session {
    /// The jobs that a candidate is assigned to, without deleted ones, in the order of assignment.
    pub async fn assigned_jobs(&mut self, candidate: &Candidate) -> Result<Vec<JobId>, StoreError> {
        if candidate.job_ids.is_empty() {
            return Ok(Vec::new());
        }
        let jobs = self.get(candidate.job_ids.iter().map(|id| id.key()).collect()).await?;
        let owner = Owner::Company(candidate.company_id);
        let is_there = |id: &&JobId| jobs.get(&id.key()).is_some_and(|job| is_owned_by(job, owner));
        Ok(candidate.job_ids.iter().filter(is_there).copied().collect())
    }
}
