//! Erasing what is known of a candidate.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Candidate, CandidateId};
use crate::company::CompanyId;
use crate::string_enum::string_enum;
use crate::time::Timestamp;

/// The time after a deletion from which on an index shows every interview that was created before it. Indexes of DynamoDB
/// follow the table within a fraction of a second, mostly.
const INDEX_IS_SETTLED: Duration = Duration::from_secs(60);
/// The time after which a pass that did not go on is begun anew.
const STALLED: Duration = Duration::from_secs(10 * 60);

string_enum! {
    /// The step of an erasure.
    pub enum ErasureStatus {
        /// A pass over the candidate's interviews is under way.
        Running = "RUNNING",
        /// A pass is over, and the last one is still to come.
        Waiting = "WAITING",
    }
}

/// The remains of a deleted candidate until its interviews are erased.
///
/// One pass over the interviews begins at once. Another one begins when the index shows every interview that was created
/// before the deletion; the erasure ends with that.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Erasure {
    pub candidate_id: CandidateId,
    pub company_id: CompanyId,
    /// The step.
    #[serde(rename = "erasure")]
    pub status: ErasureStatus,
    /// The time at which the last pass began.
    pub pass_began_at: Timestamp,
    /// The time at which the next pass begins, unless the erasure has ended.
    pub due_at: Timestamp,
    /// The time of the deletion.
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl Erasure {
    /// The erasure that begins with a candidate's deletion.
    pub fn new(candidate: &Candidate, now: Timestamp) -> Self {
        Self {
            candidate_id: candidate.id,
            company_id: candidate.company_id,
            status: ErasureStatus::Running,
            pass_began_at: now,
            due_at: now.saturating_add(STALLED),
            created_at: now,
            updated_at: now,
        }
    }

    /// The erasure when a pass begins anew.
    pub fn resumed(&self, now: Timestamp) -> Self {
        Self { pass_began_at: now, ..self.advanced(now) }
    }

    /// The erasure when a part of a pass is done and the next one is to follow.
    pub fn advanced(&self, now: Timestamp) -> Self {
        let due_at = now.saturating_add(STALLED);
        Self { status: ErasureStatus::Running, due_at, updated_at: now, ..self.clone() }
    }

    /// The erasure when a pass is over; none if it has ended with that.
    pub fn passed(&self, now: Timestamp) -> Option<Self> {
        let settled_at = self.created_at.saturating_add(INDEX_IS_SETTLED);
        (self.pass_began_at < settled_at).then(|| Self {
            status: ErasureStatus::Waiting,
            due_at: settled_at.max(now),
            updated_at: now,
            ..self.clone()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: u32) -> Timestamp {
        let beginning: Timestamp = "2026-11-22T10:00:00Z".parse().unwrap();
        beginning.saturating_add(Duration::from_secs(second.into()))
    }

    fn erasure() -> Erasure {
        let (candidate_id, company_id) =
            (CandidateId::new(uuid::Uuid::from_u128(1)), CompanyId::new(uuid::Uuid::from_u128(2)));
        let (status, due_at) = (ErasureStatus::Running, at(600));
        Erasure { candidate_id, company_id, status, pass_began_at: at(0), due_at, created_at: at(0), updated_at: at(0) }
    }

    #[test]
    fn a_pass_that_began_before_the_index_was_settled_is_followed_by_another() {
        let waiting = erasure().passed(at(5)).unwrap();
        assert_eq!((waiting.status, waiting.due_at), (ErasureStatus::Waiting, at(60)));
        assert_eq!(erasure().passed(at(300)).unwrap().due_at, at(300));
        assert_eq!(erasure().resumed(at(59)).passed(at(70)).unwrap().due_at, at(70));
        assert_eq!(waiting.resumed(at(60)).passed(at(61)), None);
    }

    #[test]
    fn a_pass_that_does_not_go_on_is_due_after_ten_minutes() {
        let advanced = erasure().advanced(at(30));
        assert_eq!((advanced.due_at, advanced.pass_began_at), (at(630), at(0)));
        let resumed = advanced.resumed(at(630));
        assert_eq!((resumed.due_at, resumed.pass_began_at), (at(1_230), at(630)));
    }
}
