//! Candidates.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::Versioned;
use domain::candidate::{Candidate, CandidateId};
use domain::company::Owner;
use domain::job::JobId;
use domain::time::Timestamp;

use crate::company::list_of;
use crate::entity::{ENTITY_TYPE, Entity, EntityId, Item, Owned, entity, n, s, text};
use crate::key::{IndexKey, PrimaryKey};
use crate::write::Write;

impl Entity for Candidate {
    const TYPE: &'static str = "Candidate";

    fn index_keys(&self) -> Vec<IndexKey> {
        vec![IndexKey::listed(list_of(self.company_id, "CANDIDATE"), self.created_at, self.id)]
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
