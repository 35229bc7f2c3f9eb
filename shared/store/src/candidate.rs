//! Candidates.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::Versioned;
use domain::candidate::{Candidate, CandidateId};
use domain::company::Owner;
use domain::job::JobId;
use domain::time::Timestamp;

use crate::company::list_of;
use crate::entity::{Entity, EntityId, Owned, n, s};
use crate::erasure::due;
use crate::key::{IndexKey, PrimaryKey};
use crate::write::Write;

impl Entity for Candidate {
    const TYPE: &'static str = "Candidate";

    fn index_keys(&self) -> Vec<IndexKey> {
        let listed = IndexKey::listed(list_of(self.company_id, "CANDIDATE"), self.created_at, self.id);
        [listed].into_iter().chain(self.profile.kept_until().map(|end| due(self.id, end))).collect()
    }
}

impl Owned for Candidate {}

impl EntityId for CandidateId {
    type Entity = Candidate;

    fn key(self) -> PrimaryKey {
        PrimaryKey::of("CANDIDATE", self)
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
