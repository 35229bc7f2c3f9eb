//! Changing an interview.

use serde::Serialize;

use crate::metadata::Metadata;
use crate::time::Timestamp;

use super::{Interview, InterviewStatus};

/// The part of an interview that a caller can change.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ChangedInterview {
    /// The time at which it is due.
    pub schedule_time: Timestamp,
    /// The caller's own data, without the mark of a test.
    pub metadata: Option<Metadata>,
}

impl Interview {
    /// The part that a caller can change, as it is.
    pub fn changeable(&self) -> ChangedInterview {
        let metadata = self.metadata.as_ref();
        let metadata = if self.is_test { metadata.and_then(Metadata::without_test_mark) } else { metadata.cloned() };
        ChangedInterview { schedule_time: self.scheduled_at, metadata }
    }

    /// The interview with another such part; none if it stays as it is.
    ///
    /// # Errors
    /// The status of an interview that is not SCHEDULED any more and would be due at another time, or of one whose content is
    /// erased and would get new.
    pub fn changed(&self, change: &ChangedInterview, now: Timestamp) -> Result<Option<Self>, InterviewStatus> {
        let before = self.changeable();
        let moves = change.schedule_time != before.schedule_time;
        if moves && self.status != InterviewStatus::Scheduled {
            return Err(self.status);
        }
        if *change == before {
            return Ok(None);
        }
        if self.erased_at.is_some() {
            return Err(self.status);
        }
        let own = change.metadata.as_ref();
        let metadata = if self.is_test { Some(Metadata::marked_as_test(own)) } else { own.cloned() };
        Ok(Some(Self { scheduled_at: change.schedule_time, metadata, updated_at: now, ..self.clone() }))
    }
}
