//! Candidates.

use std::convert::Infallible;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::Versioned;
use domain::candidate::{Candidate, CandidateId};
use domain::company::Owner;
use domain::job::JobId;
use domain::time::Timestamp;

use crate::create::{Create, Creation, WriteContext};
use crate::due::CANDIDATES;
use crate::entity::{ENTITY_TYPE, Entity, EntityId, Item, Owned, entity, n, s, text};
use crate::error::StoreError;
use crate::key::{IndexKey, PrimaryKey};
use crate::search::{candidates_of, search_keys};
use crate::session::{Commit, Session};
use crate::write::{Transaction, Write};

impl Entity for Candidate {
    const TYPE: &'static str = "Candidate";

    fn index_keys(&self) -> Vec<IndexKey> {
        let listed = IndexKey::listed(candidates_of(self.company_id), self.created_at, self.id);
        let due = self.profile.kept_until().map(|end| CANDIDATES.place(self.id.uuid(), end));
        [listed].into_iter().chain(due).chain(search_keys(self)).collect()
    }
}

impl Owned for Candidate {}

impl EntityId for CandidateId {
    type Entity = Candidate;

    fn key(self) -> PrimaryKey {
        PrimaryKey::of("CANDIDATE", self)
    }
}

/// True if an item is a candidate whose data may not be kept any longer: nobody is shown it.
pub(crate) fn is_expired(item: &Item, now: Timestamp) -> bool {
    text(item, ENTITY_TYPE) == Some(Candidate::TYPE)
        && entity::<Candidate>(item.clone()).is_ok_and(|candidate| candidate.value.profile.is_expired(now))
}

/// A candidate to be created, with the jobs that it is assigned to.
#[derive(Debug, Clone, PartialEq)]
pub struct NewCandidate(pub Candidate);

enum CandidateWrite {
    Candidate,
    Job,
    Company,
}

impl Create for NewCandidate {
    type Entity = Candidate;
    type Refusal = Infallible;

    async fn create(
        &self,
        session: &mut Session,
        context: &WriteContext<'_>,
    ) -> Result<Creation<Candidate, Infallible>, StoreError> {
        let Self(candidate) = self;
        let mut transaction = Transaction::of(CandidateWrite::Candidate, context.create(candidate.id, candidate)?);
        for id in &candidate.job_ids {
            transaction.add(CandidateWrite::Job, Write::owned(context.tenant, id.key()));
        }
        if let Some(guard) = context.guard_managed() {
            transaction.add(CandidateWrite::Company, guard);
        }
        match session.commit(transaction).await? {
            Commit::Done => Ok(Creation::Created(candidate.clone())),
            Commit::Failed(CandidateWrite::Candidate, item) => context.existing(item),
            Commit::Failed(CandidateWrite::Job | CandidateWrite::Company, _) => Ok(Creation::Changed),
        }
    }
}

/// Assigns a candidate to a further job, unless the candidate has changed.
pub(crate) fn assign(candidate: &Versioned<Candidate>, job_id: JobId, now: Timestamp) -> Write {
    let update = "SET #jobIds = list_append(if_not_exists(#jobIds, :none), :job), #version = :next, #updatedAt = :now";
    Write::update(candidate.value.id.key(), update, "")
        .owned_by(Owner::Company(candidate.value.company_id), candidate.version)
        .value(":next", n(candidate.version + 1))
        .value(":none", AttributeValue::L(Vec::new()))
        .value(":job", AttributeValue::L(vec![s(job_id)]))
        .value(":now", s(now))
}
